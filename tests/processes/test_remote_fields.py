"""Schemas of anybody to fields: each kind, what bends, and what is hostile."""

import json

import pytest

from dtwin_plugin.errors import FormatError
from dtwin_plugin.models import MODELS
from dtwin_plugin.processes import process_description
from dtwin_plugin.processes.client import Deviations
from dtwin_plugin.processes.remote import Registry, bindings_of
from dtwin_plugin.processes.remote.schema import shape_of


def fields(description):
    inputs, outputs = bindings_of(description, Deviations(), "p")
    return {one.name: one.field for one in (*inputs, *outputs)}


@pytest.fixture
def official(shared):
    """The official example, with the bracket that it lacks."""
    text = (shared / "ogcapi/ogcapi_processes/ProcessDescription.json").read_text("utf-8")
    return json.loads(text.replace('"stac-api"\n      }', '"stac-api"\n      ]'))


def test_the_official_example_has_the_kinds_that_it_describes(official):
    found = {name: item.kind for name, item in fields(official).items()}
    assert found == {
        "stringInput": "choice", "measureInput": "text", "dateInput": "datetime", "doubleInput": "number",
        "arrayInput": "text", "complexObjectInput": "text", "geometryInput": "features", "boundingBoxInput": "extent",
        "imagesInput": "grid", "featureCollectionInput": "features", "stringOutput": "text", "measureOutput": "text",
        "dateOutput": "datetime", "doubleOutput": "number", "arrayOutput": "text", "complexObjectOutput": "text",
        "geometryOutput": "features", "boundingBoxOutput": "extent", "imagesOutput": "grid",
        "featureCollectionOutput": "features",
    }  # fmt: skip
    double = fields(official)["doubleInput"]
    assert 0 < double.minimum < 1e-300 and (double.maximum, double.default) == (10, 5)  # 0 itself is excluded
    assert list(fields(official)["stringInput"].choices) == ["Value1", "Value2", "Value3"]


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_model_of_ours_read_back_has_the_fields_that_it_had(name):
    model = MODELS[name]
    inputs, outputs = bindings_of(json.loads(json.dumps(process_description(model))), Deviations(strict=True), name)
    for ours, theirs in zip(model.inputs, inputs):
        for part in ("name", "kind", "default", "minimum", "maximum", "unit", "columns", "geometry", "series"):
            assert getattr(theirs.field, part) == getattr(ours, part), (ours.name, part)
        assert list(theirs.field.choices) == list(ours.choices)


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": ["number", "null"]}, "number"), ({"type": "string", "format": "date"}, "datetime"),
        ({"$ref": "https://geojson.org/schema/FeatureCollection.json"}, "features"), ({"enum": [1, 2]}, "choice"),
        ({"oneOf": [{"type": "string"}, {"type": "string", "contentMediaType": "application/city+json"}]}, "surfaces"),
        ({"type": "string", "contentMediaType": "application/x-netcdf"}, "file"), ({"minimum": 3}, "number"),
        ({"type": "array", "items": {"type": "object", "contentMediaType": "application/geo+json"}}, "features"),
        ({"type": "string", "contentEncoding": "base64"}, "file"), (None, "text"), ({}, "text"), ("x", "text"),
        ({"type": "string", "contentMediaType": ["image/png", "image/tiff"]}, "grid"), ({"const": "a"}, "choice"),
        ({"$ref": "https://elsewhere.example/own.json"}, "text"),
    ],
)  # fmt: skip
def test_schemas_of_servers_become_kinds(schema, kind):
    assert shape_of(schema).kind == kind


def test_a_schema_that_refers_to_itself_ends():
    root = {
        "$defs": {"a": {"oneOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}, {"allOf": [{"$ref": "#/$defs/a"}]}]}}
    }
    assert shape_of({"$ref": "#/$defs/a"}, root).kind == "text"


def test_a_schema_within_the_description_is_followed():
    root = {"$defs": {"low": {"type": "integer", "minimum": 3}}}
    assert (shape_of({"$ref": "#/$defs/low"}, root).kind, shape_of({"$ref": "#/$defs/low"}, root).minimum) == (
        "integer",
        3,
    )


def test_names_are_made_ours_and_stay_apart():
    row = {"schema": {"type": "string"}}
    description = {"inputs": {"Name": row, "name": row, "purpose": row}, "outputs": {"name": row}}
    inputs, outputs = bindings_of(description, Deviations(), "p")
    assert [one.field.name for one in (*inputs, *outputs)] == ["name", "name_input", "purpose_input", "name_result"]


@pytest.mark.parametrize("default", [11, -1, "many", True, [1]])
def test_a_default_outside_its_own_limits_is_left_out_and_told(default):
    deviations = Deviations()
    schema = {"type": "number", "minimum": 0, "maximum": 10, "default": default}
    inputs, _ = bindings_of({"inputs": {"a": {"schema": schema}}, "outputs": {}}, deviations, "p")
    assert inputs[0].field.default is None
    assert [one.code for one in deviations.found] == ["OP16"]


def test_ten_thousand_inputs_are_refused():
    with pytest.raises(FormatError, match="10000 inputs"):
        fields({"inputs": {f"a{n}": {} for n in range(10_000)}, "outputs": {}})


def test_files_of_servers_that_are_none_are_passed_over(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"name": "b", "title": "B", "url": "https://b.nl", "processes": {}}))
    (tmp_path / "c.json").write_text(json.dumps({"name": "c", "title": "C", "url": "file:///etc", "processes": {}}))
    (tmp_path / "d.json").write_text("[" * 5000)
    assert Registry(tmp_path).all() == []


@pytest.mark.parametrize(
    ("schema", "limits"),
    [
        ({"type": "integer", "exclusiveMinimum": 0.5, "exclusiveMaximum": 2.5}, (1, 2)),
        ({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 3}, (2, 2)),
        ({"type": "number", "minimum": 5, "exclusiveMinimum": 2, "maximum": 6, "exclusiveMaximum": 9}, (5, 6)),
    ],
)
def test_limits_that_are_excluded_leave_what_lies_within(schema, limits):
    shape = shape_of(schema)
    assert (shape.minimum, shape.maximum) == limits
