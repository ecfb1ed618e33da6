import hashlib
import json
import math
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest

from dtwin_plugin.paths import version
from dtwin_plugin.twin import InputRecord, RunRecord, checksum


@pytest.fixture
def record():
    return RunRecord("flood", "1.0.0", "Flooding", purpose="Advice on the square", parameters={"rain": 70.0})


def test_the_checksum_is_that_of_the_whole_file(tmp_path):
    content = bytes(range(256)) * 10_000  # more than a block
    (tmp_path / "a").write_bytes(content)
    assert checksum(tmp_path / "a") == hashlib.sha256(content).hexdigest()


def test_the_checksum_stops_when_the_user_does(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    assert checksum(tmp_path / "a", lambda: True) == ""


def test_an_input_file_is_known_by_path_time_and_checksum(tmp_path):
    path = tmp_path / "terrain.tif"
    path.write_bytes(b"x")
    found = InputRecord.of_file("terrain", path)
    assert (found.name, found.source, found.sha256) == ("terrain", str(path), checksum(path))
    assert datetime.fromisoformat(found.modified).timestamp() == pytest.approx(path.stat().st_mtime, abs=1)


def test_a_record_knows_the_version_that_made_it(record):
    assert record.software["dtwin"] == version()
    assert {"dtwin", "python"} <= set(record.software)


def test_more_software_stands_beside_that():
    software = RunRecord("a", "1", "A", software={"qgis": "3.40"}).software
    assert set(software) == {"dtwin", "python", "qgis"}


def test_each_run_has_an_id_of_its_own(record):
    assert record.id != RunRecord("flood", "1.0.0", "Flooding").id


def test_the_times_are_in_utc_and_in_order(record):
    record.end()
    started, ended = datetime.fromisoformat(record.started), datetime.fromisoformat(record.ended)
    assert started.utcoffset() == timezone.utc.utcoffset(None) and started <= ended


def test_json_holds_the_whole_record(record):
    record.inputs.append(InputRecord("terrain", "a.tif"))
    text = json.loads(record.as_json())
    (used,) = text["inputs"]
    assert {name: value for name, value in used.items() if value} == {"name": "terrain", "source": "a.tif"}
    assert (text["model"], text["parameters"], text["purpose"]) == ("flood", {"rain": 70.0}, "Advice on the square")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (math.nan, None),
        (math.inf, None),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (Path("a.tif"), "a.tif"),
        (datetime(2025, 1, 2), "2025-01-02 00:00:00"),
        ((1, [math.nan]), [1, [None]]),
    ],
)
def test_every_value_has_a_place_in_strict_json(record, value, expected):
    record.parameters["value"] = value

    def refuse(constant):
        raise AssertionError(constant)

    assert json.loads(record.as_json(), parse_constant=refuse)["parameters"]["value"] == expected


def test_a_written_record_is_read_back(record, tmp_path):
    record.inputs.append(InputRecord("terrain", "hoogte \u00e9\udcff.tif"))  # a file name that is no UTF-8
    record.write(tmp_path / "run.json")
    assert json.loads((tmp_path / "run.json").read_text("utf-8"))["inputs"][0]["source"] == "hoogte \u00e9\udcff.tif"


def test_the_history_names_purpose_inputs_parameters_and_warnings(record):
    record.inputs += [InputRecord("terrain", "a.tif", "2025-01-01", "0123456789abcdef99"), InputRecord("area", "drawn")]
    record.warnings.append("DT010 Terrain has no data in 3% of its cells.")
    lines = record.lines()
    assert record.id in lines[0]
    assert "Purpose: Advice on the square" in lines
    assert "Input terrain: a.tif (sha256 0123456789abcdef…, 2025-01-01)" in lines
    assert "Input area: drawn" in lines
    assert 'Parameters {"rain": 70.0}' in lines
    assert lines[-1] == "Warning: DT010 Terrain has no data in 3% of its cells."


def test_without_a_purpose_there_is_no_line_for_it():
    assert not [line for line in RunRecord("a", "1", "A").lines() if line.startswith("Purpose")]
