"""The form of a run record: published, and read with care."""

import json

import jsonschema
import pytest

from dtwin_plugin.errors import FormatError
from dtwin_plugin.twin import InputRecord, RunRecord
from dtwin_plugin.twin.record_schema import LARGEST, read_record, schema
from scripts.record_schema import SCHEMA, text

# what version 0.9 of the plugin wrote, without the fields that came later
OLD = {
    "model": "flood", "model_version": "1.0.0", "title": "Flooding", "purpose": "", "parameters": {"rain": 70.0},
    "inputs": [{"name": "terrain", "source": "/a.tif", "modified": "2026-01-01T00:00:00+00:00", "sha256": "ab"}],
    "outputs": {"depth": "/d.tif", "flooded_area": 3.5}, "software": {"dtwin": "0.9.0", "python": "3.11.2"},
    "warnings": [], "rights": [], "privacy": "", "keep_until": "", "id": "run-1",
    "started": "2026-01-01T00:00:00+00:00", "ended": "2026-01-01T00:01:00+00:00",
}  # fmt: skip


@pytest.fixture
def validator():
    jsonschema.Draft202012Validator.check_schema(schema())
    return jsonschema.Draft202012Validator(schema())


def test_the_published_schema_is_up_to_date():
    assert SCHEMA.read_text("utf-8") == text(), "run: python -m scripts.record_schema"


def test_every_field_is_described():
    found = schema()
    for part in (found, found["$defs"]["input"]):
        assert all(
            item.get("description") or "const" in item or "minimum" in item for item in part["properties"].values()
        )


def test_a_written_record_is_valid_and_read_back(validator, tmp_path):
    record = RunRecord("flood", "1", "F", parameters={"rain": 1.5}, outputs={"depth": "/a"}, checksums={"depth": "ab"})
    record.inputs.append(InputRecord("terrain", "/t.gpkg", layer="/t.gpkg|layername=t", licence="CC0"))
    record.end()
    record.write(tmp_path / "run.json")
    validator.validate(json.loads((tmp_path / "run.json").read_text()))
    assert read_record(tmp_path / "run.json") == record


def test_an_old_record_is_still_valid_and_read(validator, tmp_path):
    validator.validate(OLD)
    (tmp_path / "old.json").write_text(json.dumps(OLD))
    record = read_record(tmp_path / "old.json")
    assert (record.id, record.person, record.checksums, record.inputs[0].layer) == ("run-1", "", {}, "")
    assert record.software["dtwin"] == "0.9.0"  # the version that made it, not the one that reads it


@pytest.mark.parametrize(
    "change",
    [
        {"model": 3}, {"model": None}, {"inputs": [{"name": "a"}]}, {"inputs": "a"}, {"warnings": [1]},
        {"software": {"a": 1}}, {"format": "other"}, {"id": ["x"]}, {"format_version": True},
    ],
)  # fmt: skip
def test_a_record_with_a_wrong_field_is_refused_by_both(change, validator, tmp_path):
    wrong = {**OLD, **change}
    assert list(validator.iter_errors(wrong))
    (tmp_path / "a.json").write_text(json.dumps(wrong))
    with pytest.raises(FormatError, match="a.json is not a run record"):
        read_record(tmp_path / "a.json")


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"\xff\xfe", b"[" * 200_000, b'{"model": "flood"}', b" " * (LARGEST + 1)]
)
def test_another_file_is_refused_in_one_sentence(content, tmp_path):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(FormatError, match="a.json is not a run record"):
        read_record(tmp_path / "a.json")


def test_a_later_form_is_refused_and_unknown_fields_are_not(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({**OLD, "later": 1}))
    assert read_record(tmp_path / "a.json").id == "run-1"
    (tmp_path / "b.json").write_text(json.dumps({**OLD, "format_version": 2}))
    with pytest.raises(FormatError, match="version 2"):
        read_record(tmp_path / "b.json")
