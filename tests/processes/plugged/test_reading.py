"""Descriptions of models of somebody else: read whole, and every mistake named with its line."""

import dataclasses
import json

import pytest

from dtwin_plugin.models.base import Field
from dtwin_plugin.processes.plugged.keys import FIELD_KEYS
from dtwin_plugin.processes.plugged.reading import description_in

from .conftest import description


def found(tmp_path, **changes):
    plugged, problems = description_in(json.dumps(description(**changes), indent=1).encode(), tmp_path)
    assert (plugged is None) == bool(problems)
    return plugged, [problem.text() for problem in problems]


def test_a_description_becomes_a_model_with_its_owner_and_limits(tmp_path):
    plugged, problems = found(tmp_path)
    assert not problems
    model = plugged.model(lambda values, progress: {})
    assert (model.id, model.version, model.owner, model.licence) == ("scale", "1.2", "Bureau Voorbeeld", "CC0-1.0")
    assert (model.input("factor").maximum, model.input("factor").default) == (10, 2.0)


def test_the_keys_of_a_field_are_those_of_the_description_of_our_own_models():
    assert set(FIELD_KEYS) == {item.name for item in dataclasses.fields(Field)}


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"id": "Scale-2"}, 'DT305 Line 4 of model.json: "id" is "Scale-2"'),
        ({"format": "other"}, 'DT305 Line 2 of model.json: "format" is "other"; expected "dtwin-model".'),
        ({"owner": 5}, 'DT303 Line 8 of model.json: "owner" is a number'),
        ({"privacy": "secret"}, '"privacy" is "secret"; expected open'),
        ({"outputs": []}, "at least one output"),
        ({"outputs": [{"name": "factor", "title": "F", "kind": "number"}]}, 'the name "factor" stands more than once'),
        ({"inputs": [{"name": "a", "title": "A", "kind": "voxels"}]}, '"kind" is "voxels"; expected grid'),
        ({"inputs": [{"name": "a", "title": "A", "kind": "choice"}]}, "choices of a choice"),
        ({"inputs": [{"name": "a", "title": "A", "kind": "number", "choices": {"a": "b"}}]}, "choices of a choice"),
        ({"inputs": [{"name": "a", "title": "A", "kind": "grid", "default": "x"}]}, "no default"),
        ({"inputs": [{"name": "a", "title": "A", "kind": "integer", "default": 1.5}]}, "a whole number"),
        ({"inputs": [{"name": "a", "title": "A", "kind": "number", "default": 9, "maximum": 3}]}, "its own limits"),
        (
            {"inputs": [{"name": "a", "title": "A", "kind": "number", "minimum": 4, "maximum": 3}]},
            "at least the minimum",
        ),
        ({"inputs": [{"name": "a"}]}, 'lacks the key "title"'),
        ({"inputs": [5]}, "an input is a number; expected an object"),
        ({"engine": {"kind": "spell"}}, '"kind" is "spell"; expected command, bmi, process'),
        ({"engine": {}}, 'lacks the key "kind"'),
        ({"engine": {"kind": "command", "command": ["{python}", "{rain}"]}}, 'names "{rain}"; expected one of'),
        ({"engine": {"kind": "command", "command": []}}, "a list of texts"),
        ({"engine": {"kind": "command", "command": {"amiga": ["x"]}}}, "linux, windows or macos"),
        ({"engine": {"kind": "command", "command": ["x"], "timeout": 0}}, "at most a week"),
        ({"engine": {"kind": "bmi", "module": "../heat.py", "class": "H", "outputs": {}}}, "a file in the folder"),
        ({"engine": {"kind": "process", "url": "file:///etc", "process": "p"}}, "a web address"),
    ],
)
def test_a_mistake_is_named(tmp_path, changes, expected):
    _, problems = found(tmp_path, **changes)
    assert any(expected in text for text in problems), problems


def test_ten_thousand_parameters_are_refused_at_once(tmp_path):
    row = {"title": "A", "kind": "number"}
    _, problems = found(tmp_path, inputs=[{"name": f"a{number}", **row} for number in range(10_000)])
    assert len(problems) == 1
    assert "10000" in problems[0] and "at most 200" in problems[0]


def test_a_description_that_nests_without_end_is_refused(tmp_path):
    _, problems = description_in(b'{"inputs":' + b"[" * 100_000, tmp_path)
    assert [problem.code for problem in problems] == ["DT301"]
