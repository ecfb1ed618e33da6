"""What servers send to do harm, or by mistake: refused in one sentence, and never another number than was sent."""

import json

import pytest

from dtwin_plugin.errors import FormatError
from dtwin_plugin.processes.json_text import parsed
from dtwin_plugin.processes.remote import Registered, models_of
from dtwin_plugin.processes.remote.schema import shape_of


@pytest.mark.parametrize("text", [b'{"a": 1e999}', b"[-1e400]", b"1" * 309, b'{"a": [' + b"9" * 4000 + b"]}"])
def test_a_number_that_no_float_holds_is_refused(text):
    with pytest.raises(FormatError, match="larger than a number can be"):
        parsed(text, "the answer")


def test_the_largest_numbers_are_read():
    assert parsed(b"[1.7976931348623157e308, " + b"9" * 308 + b"]", "x") == [1.7976931348623157e308, 10**308 - 1]


def test_half_a_character_can_be_kept_in_a_file():
    found = parsed(rb'{"message": "a \ud800 b", "c": "\ud83d\ude00"}', "x")
    assert found == {"message": "a ? b", "c": "😀"} and json.dumps(found, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize(
    "inner",
    [
        {"type": "array", "items": {"$ref": "#/a"}},
        {"allOf": [{"type": "array", "items": {"$ref": "#/a"}}, {"oneOf": [{"$ref": "#/a"}]}]},
        {"oneOf": [{"$ref": "#/a"}, {"type": "array", "items": {"anyOf": [{"$ref": "#/a"}, {"$ref": "#/a"}]}}]},
    ],
)
def test_a_list_of_itself_is_json(inner):
    shape = shape_of({"$ref": "#/a"}, {"a": inner})
    assert (shape.kind, shape.is_json) == ("text", True)


def test_one_description_does_not_take_the_others_with_it():
    good = {"outputs": {"b": {"schema": {"type": "number"}}}, "inputs": {}}
    bad = {"inputs": {"a": {"schema": {"type": "number", "minimum": 10**400}}}, "outputs": {}}  # in a file of a profile
    models, left_out = models_of(Registered("x", "X", "https://a.nl", processes={"bad": bad, "good": good}), None)
    assert [*models] == ["x_good"] and [*left_out] == ["bad"]
