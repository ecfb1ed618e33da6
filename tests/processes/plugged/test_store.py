"""Models of somebody else are copied whole, and run only as a person has seen them."""

import os
import zipfile

import pytest

from dtwin_plugin.errors import FormatError, InputError
from dtwin_plugin.processes.plugged import store
from dtwin_plugin.processes.plugged.store import add, added, one, remove
from dtwin_plugin.processes.plugged.trust import digest, is_trusted, require_trusted, trust


@pytest.fixture
def root(tmp_path):
    return tmp_path / "models"


def zipped(folder, path, prefix=""):
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, prefix + file.name)
    return path


@pytest.mark.parametrize("prefix", ["", "scale-1.2/"])
def test_a_folder_and_a_zip_of_it_give_the_same_model(delivered, root, tmp_path, prefix):
    folder = delivered()
    first, problems = add(folder, root)
    assert not problems
    checksum = digest(first.folder)
    second, _ = add(zipped(folder, tmp_path / "scale.zip", prefix), root)
    assert digest(second.folder) == checksum
    assert [plugged.id for plugged in added(root)] == ["scale"]
    assert sorted(path.name for path in root.iterdir()) == ["scale"]


def test_nothing_is_kept_of_a_model_with_mistakes(delivered, root):
    plugged, problems = add(delivered(id="No!"), root)
    assert plugged is None and problems[0].code == "DT305"
    assert not list(root.iterdir())


def test_no_model_takes_the_name_of_ours(delivered, root):
    plugged, problems = add(delivered(id="flood"), root, frozenset({"flood"}))
    assert plugged is None and "already" in problems[-1].text()


def test_a_model_is_trusted_by_its_checksum_until_one_byte_changes(delivered, root):
    plugged, _ = add(delivered(), root)
    with pytest.raises(InputError, match="has not been trusted"):
        require_trusted(root, plugged)
    with pytest.raises(InputError, match="not the one that was given"):
        trust(root, plugged, "0" * 64)
    trust(root, plugged, digest(plugged.folder))
    require_trusted(root, plugged)
    with (plugged.folder / "run.py").open("a") as stream:
        stream.write("\n")
    assert not is_trusted(root, plugged)


def test_a_new_version_must_be_trusted_anew(delivered, root):
    plugged, _ = add(delivered(), root)
    trust(root, plugged, digest(plugged.folder))
    newer, _ = add(delivered(version="1.3"), root)
    assert newer.version == one(root, "scale").version == "1.3"
    assert not is_trusted(root, newer)


def test_a_removed_model_is_gone(delivered, root):
    add(delivered(), root)
    remove(root, "scale")
    assert not list(added(root))
    with pytest.raises(InputError, match="There is no model of others scale"):
        one(root, "scale")


@pytest.mark.parametrize("name", ["../evil.py", "/etc/evil.py", "a/../../evil.py", "C:/evil.py", "a\\evil.py"])
def test_a_zip_that_writes_outside_its_folder_is_refused(delivered, root, tmp_path, name):
    path = zipped(delivered(), tmp_path / "scale.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "x")
    with pytest.raises(FormatError, match="is refused"):
        add(path, root)
    assert not list(root.iterdir()) and not (tmp_path / "evil.py").exists()


def test_a_link_in_a_zip_or_a_folder_is_refused(delivered, root, tmp_path):
    path = zipped(delivered(), tmp_path / "scale.zip")
    with zipfile.ZipFile(path, "a") as archive:
        entry = zipfile.ZipInfo("link")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(FormatError, match="is refused"):
        add(path, root)
    folder = delivered()
    os.symlink("/etc/passwd", folder / "link")
    with pytest.raises(FormatError, match="is refused"):
        add(folder, root)


def test_a_zip_bomb_is_refused(delivered, root, tmp_path):
    path = zipped(delivered(), tmp_path / "scale.zip")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * (50 << 20))
    with pytest.raises(FormatError, match="grows without measure"):
        add(path, root)


def test_too_many_files_are_refused(delivered, root, monkeypatch):
    monkeypatch.setattr(store, "MOST_FILES", 1)
    with pytest.raises(InputError, match="holds 2 files"):
        add(delivered(), root)


def test_what_is_no_zip_is_refused(root, tmp_path):
    path = tmp_path / "scale.zip"
    path.write_bytes(b"PK\x03\x04 no more")
    with pytest.raises(FormatError, match="no zip file"):
        add(path, root)
    with pytest.raises(InputError, match="no folder and no zip"):
        add(tmp_path / "nothing", root)
