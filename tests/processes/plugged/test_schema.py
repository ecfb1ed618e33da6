"""The published schema says what the reader says."""

import json

import jsonschema
import pytest

from dtwin_plugin.processes.plugged.reading import description_in
from dtwin_plugin.processes.plugged.schema import schema
from scripts.model_schema import SCHEMA, text

from .conftest import description

BMI = {"kind": "bmi", "module": "run.py", "class": "Heat", "inputs": {"terrain": "z"}, "outputs": {"scaled": "z"}}
PROCESS = {"kind": "process", "url": "https://example.org/api", "process": "scale"}


def test_the_schema_is_up_to_date_and_a_schema():
    assert SCHEMA.read_text("utf-8") == text(), "run `python -m scripts.model_schema`"
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("changes", [{}, {"engine": BMI}, {"engine": PROCESS}, {"references": ["A (2020)"]}])
def test_what_the_reader_takes_is_valid(delivered, changes):
    folder = delivered(**changes)
    content = (folder / "model.json").read_bytes()
    assert description_in(content, folder)[1] == []
    jsonschema.validate(json.loads(content), schema())


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "No"}, {"outputs": []}, {"owner": ""}, {"engine": {"kind": "command", "command": []}},
        {"inputs": [{"name": "a", "title": "A", "kind": "voxels"}]}, {"privacy": "secret"}, {"extra": 1},
        {"engine": {**PROCESS, "url": "file:///etc"}}, {"engine": {**BMI, "rows": "up"}},
    ],
)  # fmt: skip
def test_what_the_reader_refuses_is_not_valid(delivered, changes):
    folder = delivered(**changes)
    assert description_in((folder / "model.json").read_bytes(), folder)[0] is None
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(description(**changes), schema())
