"""Each file is read in a process of its own and loaded, or refused in a sentence."""

import json
import os
import subprocess
import sys
import time
import zipfile

import numpy as np
import pytest

from dtwin_plugin.errors import Cancelled
from dtwin_plugin.sources import __main__ as command
from dtwin_plugin.sources import describe as describing
from dtwin_plugin.sources.describe import describe_files, python_program, walk
from dtwin_plugin.sources.describe_one import describe_one, plain
from dtwin_plugin.sources.registry import SOURCES

KEYS = {"file", "status", "source", "message", "warnings", "seconds", "peak_mb"}


def run(root, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "dtwin_plugin.sources", *map(str, arguments)],
        cwd=root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


@pytest.fixture
def hanging(monkeypatch, tmp_path):
    """A package whose reader never ends, in place of ours."""
    package = tmp_path / "stuck"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(describing, "_PACKAGE", "stuck")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def test_rows_come_in_the_order_of_the_paths(shared):
    names = ["cjio/delft_1b.json", "val3dity/completely_empty.json", "cjdb/vienna.jsonl"]
    rows = describe_files([shared / "cityjson" / name for name in names])
    assert [row["status"] for row in rows] == ["loaded", "refused", "loaded"]
    assert [os.path.basename(row["file"]) for row in rows] == [os.path.basename(name) for name in names]
    assert rows[2]["facts"]["types"] == {"BuildingPart": 443, "Building": 149}
    assert all(set(row) >= KEYS for row in rows)
    json.dumps(rows, allow_nan=False)


def test_a_folder_is_searched_and_a_zip_is_one_file(tmp_path):
    (tmp_path / "deep/er").mkdir(parents=True)
    for name in (
        "a.json",
        "deep/er/b.zip",
        "deep/c.shp",
        "deep/c.dbf",
        "deep/c.shx",
        "d.tif",
        "d.tif.aux.xml",
        ".hidden",
    ):
        (tmp_path / name).write_bytes(b"x")
    found = [str(path.relative_to(tmp_path)).replace(os.sep, "/") for path in walk([tmp_path])]
    assert found == ["a.json", "d.tif", "deep/c.shp", "deep/er/b.zip"]


def test_coordinates_that_cannot_be_placed_are_a_warning(shared):
    row = describe_one(shared / "cityjson/cjio/cube.json")
    assert row["status"] == "loaded"
    assert any("assume_crs" in warning for warning in row["warnings"])


def test_a_fault_that_only_reading_finds_refuses_the_file(shared):
    row = describe_one(shared / "cityjson/val3dity/invalid_schema_cityjson_2.json")
    assert row["status"] == "refused"
    assert "city object id-1" in row["message"]


def test_an_absent_file_is_refused(tmp_path):
    (row,) = describe_files([tmp_path / "absent.json"])
    assert row["status"] == "refused"
    assert "does not exist" in row["message"]
    assert not row.get("crashed")


def test_a_reader_that_hangs_is_killed(hanging, tmp_path):
    begin = time.perf_counter()
    (row,) = describe_files([tmp_path / "a.json"], timeout=0.5)
    assert time.perf_counter() - begin < 10
    assert (row["status"], row["crashed"]) == ("refused", False)
    assert "0.5 s" in row["message"]


def test_a_reader_that_crashes_takes_no_other_down(hanging, tmp_path):
    (tmp_path / "stuck/__main__.py").write_text("import os\nos.abort()\n")
    (row,) = describe_files([tmp_path / "a.json"])
    assert (row["status"], row["crashed"]) == ("refused", True)
    assert "a.json ended with code" in row["message"]


def test_the_user_can_stop_it(hanging, tmp_path, cancelling):
    begin = time.perf_counter()
    with pytest.raises(Cancelled):
        describe_files([tmp_path / "a.json"], timeout=30, progress=cancelling(after=1))
    assert time.perf_counter() - begin < 10


def test_too_much_memory_is_refused_in_a_sentence(tmp_path, root):
    pytest.importorskip("resource")
    path = tmp_path / "a.city.json"
    path.write_text(
        '{"type":"CityJSON","version":"2.0","CityObjects":{},"vertices":[' + "[0,0,0]," * 4_000_000 + "[0,0,0]]}"
    )
    code = (
        "import sys\nfrom dtwin_plugin.sources import describe_one as one\n"
        "import dtwin_plugin.sources.cityjson\n"
        "pages = int(open('/proc/self/statm').read().split()[0])\n"
        "one.limit_memory(pages * 4096 + (60 << 20))\nprint(one.describe_one(sys.argv[1])['message'])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=root, capture_output=True, text=True, timeout=60)
    assert "memory" in done.stdout


def test_the_command_writes_a_table_and_ends_well(shared, root):
    done = run(
        root, "describe", shared / "cityjson/cjio/delft_1b.json", shared / "cityjson/val3dity/completely_empty.json"
    )
    assert done.returncode == 0, done.stderr
    assert "CityJSON 1.1, 1 objects, CRS EPSG:7415" in done.stdout
    assert "is empty" in done.stdout
    assert done.stdout.rstrip().endswith("1 loaded, 1 refused")


def test_the_command_writes_json(shared, root):
    done = run(root, "describe", "--json", shared / "cityjson/cjdb")
    rows = json.loads(done.stdout)
    assert [row["status"] for row in rows] == ["loaded", "loaded", "refused", "loaded", "loaded"]


def test_a_crash_makes_the_command_fail(hanging, tmp_path, capsys):
    (tmp_path / "stuck/__main__.py").write_text("raise SystemExit(3)\n")
    assert command.main(["describe", str(tmp_path / "a.json")]) == 1
    assert "0 loaded, 1 refused" in capsys.readouterr().out


def test_python_is_found_when_the_program_is_qgis(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "QGIS.exe"))
    assert os.path.basename(python_program()).startswith("python")


def test_facts_are_plain_json():
    facts = {"a": np.float32(1.5), "b": {1}, "c": np.array([np.nan, 2.0]), "d": (None, True), 5: object}
    assert plain(facts) == {"a": 1.5, "b": [1], "c": [None, 2.0], "d": [None, True], "5": str(object)}


def test_a_zip_of_logs_in_two_formats_says_what_its_facts_leave_out(tmp_path):
    path = tmp_path / "logs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "a.gef",
            "#REPORTCODE= GEF-CPT-Report, 1, 1, 2\n#COLUMNINFO= 1, m, length, 1\n#COLUMNINFO= 2, MPa, cone, 2\n"
            "#XYID= 31000, 84000, 447000\n#ZID= 31000, 1\n#EOH=\n1 2\n2 3\n",
        )
        archive.writestr(
            "b.csv",
            "Locatie,X-coordinaat,Y-coordinaat\nP1,84000,447000\n\n"
            "Locatie,Peildatum,Stand (cm t.o.v. NAP)\nP1,01-01-2000,5\n",
        )
    row = describe_one(path)
    assert row["status"] == "loaded" and row["count"] == 1
    other = SOURCES["dino" if row["source"] == "gef" else "gef"].title
    told = f"logs.zip also holds {other}; these are not in the facts, and are loaded with it."
    assert [text for text in row["warnings"] if "also holds" in text] == [told]
