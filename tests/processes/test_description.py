import json

import pytest

from dtwin_plugin.models import MODELS
from dtwin_plugin.models.base import KINDS, Field, Model
from dtwin_plugin.processes import process_description
from dtwin_plugin.processes.description import schema
from processing_algorithms.loaders import LOADERS

ALL = {**MODELS, **LOADERS}
OPTIONS = {"choice": {"choices": {"a": "A"}}, "table": {"columns": {"minutes": "min", "rain": "mm"}}}


@pytest.fixture(scope="session")
def jsonschema():
    return pytest.importorskip("jsonschema")


@pytest.fixture(scope="session")
def components(shared):
    """The schemas of OGC API - Processes, all in one file, so that none is fetched."""
    path = shared / "ogcapi" / "ogcapi_processes" / "ogcapi-processes.bundled.json"
    bundled = json.loads(path.read_text("utf-8"))["components"]
    # In bundling, the schema of a collection took the name of that of an input; one of its properties is like an input.
    schemas = bundled["schemas"]
    schemas["schema"] = schemas["schema"]["properties"]["properties"]["additionalProperties"]
    return bundled


def model_of(*inputs, outputs=()):
    return Model("m", "1.0.0", "M", "G", "S.", inputs, outputs, run=lambda values, progress: {})


def every_schema(description):
    return [item["schema"] for part in ("inputs", "outputs") for item in description[part].values()]


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_description_is_what_the_standard_asks(name, components, jsonschema):
    root = {"$ref": "#/components/schemas/process", "components": components}
    description = json.loads(json.dumps(process_description(ALL[name])))
    jsonschema.Draft202012Validator(root).validate(description)


def test_the_standard_refuses_a_description_without_an_id(components, jsonschema):
    root = {"$ref": "#/components/schemas/process", "components": components}
    description = process_description(model_of())
    del description["id"]
    assert not jsonschema.Draft202012Validator(root).is_valid(description)


@pytest.mark.parametrize("name", sorted(ALL))
def test_each_schema_is_a_json_schema(name, jsonschema):
    for item in every_schema(process_description(ALL[name])):
        jsonschema.Draft202012Validator.check_schema(item)


@pytest.mark.parametrize("name", sorted(ALL))
def test_each_default_fits_its_schema(name, jsonschema):
    for item in every_schema(process_description(ALL[name])):
        if "default" in item:
            jsonschema.Draft202012Validator(item).validate(item["default"])


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_field_has_a_schema(kind):
    found = schema(Field("a", "A", kind, **OPTIONS.get(kind, {})))
    assert {"type", "allOf", "oneOf"}.intersection(found)


def test_limits_of_zero_are_limits():
    found = schema(Field("a", "A", "number", default=0.0, minimum=0, maximum=0))
    assert (found["default"], found["minimum"], found["maximum"]) == (0, 0, 0)


def test_choices_become_an_enumeration():
    assert schema(Field("a", "A", "choice", choices={"x": "X", "y": "Y"}))["enum"] == ["x", "y"]


def test_columns_of_a_table_have_their_unit():
    found = schema(Field("a", "A", "table", **OPTIONS["table"]))["properties"]
    assert {name: item["x-ogc-unit"] for name, item in found.items()} == {"minutes": "min", "rain": "mm"}


def test_one_field_leaves_the_schema_of_another_alone():
    schema(Field("a", "A", "number", "m", 1.0, 0, 2))
    assert schema(Field("b", "B", "number")) == {"type": "number"}


@pytest.mark.parametrize(
    ("more", "expected"), [({}, 1), ({"optional": True}, 0), ({"default": 0.0}, 0), ({"default": 5.0}, 0)]
)
def test_an_input_may_be_left_out_if_it_is_optional_or_has_a_default(more, expected):
    assert process_description(model_of(Field("a", "A", "number", **more)))["inputs"]["a"]["minOccurs"] == expected


def test_an_output_has_no_count():
    found = process_description(model_of(outputs=(Field("a", "A", "number", doc="D."),)))["outputs"]["a"]
    assert found == {"title": "A", "description": "D.", "schema": {"type": "number"}}
