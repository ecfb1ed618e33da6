import shutil
import sqlite3
from contextlib import closing

import pytest

from dtwin_plugin.data.atomic import written_beside


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_file_appears_when_the_block_ends_well(tmp_path):
    target = tmp_path / "a.txt"
    with written_beside(target) as temporary:
        temporary.write_text("new")
        assert not target.exists()
    assert (names(tmp_path), target.read_text()) == (["a.txt"], "new")


def test_an_error_leaves_the_old_file_as_it_was(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(OSError, match="disk full"), written_beside(target) as temporary:
        temporary.write_text("ne")
        raise OSError("disk full")
    assert (names(tmp_path), target.read_text()) == (["a.txt"], "old")


def test_an_error_leaves_nothing_behind_where_nothing_was(tmp_path):
    with pytest.raises(KeyboardInterrupt), written_beside(tmp_path / "a.txt") as temporary:
        temporary.write_text("ne")
        raise KeyboardInterrupt
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ["a.gpkg", "depth [m].tif", "what?*.tif"])
def test_side_files_of_drivers_go_too(tmp_path, name):
    with written_beside(tmp_path / name) as temporary:
        temporary.write_text("new")
        temporary.with_name(temporary.name + "-wal").write_text("")
    assert names(tmp_path) == [name]


def test_what_a_dead_program_left_of_a_package_does_not_come_into_the_new_one(tmp_path):
    target = tmp_path / "a.gpkg"
    with closing(sqlite3.connect(tmp_path / "b.gpkg")) as old:
        old.execute("PRAGMA journal_mode = WAL")
        old.execute("CREATE TABLE old (x)")
        old.commit()
        for end in ("", "-wal", "-shm"):
            shutil.copy(tmp_path / f"b.gpkg{end}", f"{target}{end}")  # as a kill leaves them
    with written_beside(target) as temporary, closing(sqlite3.connect(temporary)) as new:
        new.execute("CREATE TABLE new (x)")
        new.commit()
    with closing(sqlite3.connect(target)) as found:
        assert found.execute("SELECT name FROM sqlite_master").fetchall() == [("new",)]


def test_files_of_others_stay(tmp_path):
    (tmp_path / "a.txt.bak").write_text("mine")
    with written_beside(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
    assert names(tmp_path) == ["a.txt", "a.txt.bak"]


def test_the_temporary_name_keeps_the_suffix(tmp_path):
    with written_beside(tmp_path / "a.tif") as temporary:
        temporary.write_text("")
        assert temporary.suffix == ".tif"


def test_a_folder_replaces_a_folder_whole(tmp_path):
    target = tmp_path / "tiles"
    target.mkdir()
    (target / "old").write_text("")
    with written_beside(target) as temporary:
        temporary.mkdir()
        (temporary / "new").write_text("")
    assert (names(tmp_path), names(target)) == (["tiles"], ["new"])


def test_a_folder_half_written_is_removed(tmp_path):
    with pytest.raises(ValueError, match="stop"), written_beside(tmp_path / "tiles") as temporary:
        temporary.mkdir()
        (temporary / "new").write_text("")
        raise ValueError("stop")
    assert names(tmp_path) == []


def test_missing_folders_are_made(tmp_path):
    with written_beside(tmp_path / "b" / "c" / "a.txt") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "b" / "c" / "a.txt").read_text() == "new"


def test_parts_of_a_file_go_with_it_and_go_when_it_fails(tmp_path):
    with written_beside(tmp_path / "a.shp", parts=(".dbf",)) as temporary:
        temporary.write_text("shapes")
        temporary.with_suffix(".dbf").write_text("columns")
    assert (names(tmp_path), (tmp_path / "a.dbf").read_text()) == (["a.dbf", "a.shp"], "columns")
    with pytest.raises(OSError, match="disk full"), written_beside(tmp_path / "b.shp", parts=(".dbf",)) as temporary:
        temporary.with_suffix(".dbf").write_text("columns")
        raise OSError("disk full")
    assert names(tmp_path) == ["a.dbf", "a.shp"]
