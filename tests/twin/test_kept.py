"""What a project keeps as text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.twin.kept import MOST, list_of_texts, named_rows, texts_of

ANY = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["name", "note", "x"]), inner),
    max_leaves=15,
)


@given(ANY)
def test_any_json_gives_named_rows_or_none(value):
    found = named_rows(json.dumps(value))
    wanted = value if isinstance(value, list) else []
    assert found == [row for row in wanted if isinstance(row, dict) and isinstance(row.get("name"), str)]


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "NaN", "null", '"name"'])
def test_what_is_no_list_gives_no_rows(text):
    assert named_rows(text) == []


def test_no_more_than_a_thousand_rows_and_texts_are_taken():
    many = json.dumps([{"name": str(number)} for number in range(5 * MOST)])
    assert [row["name"] for row in named_rows(many)] == [str(number) for number in range(MOST)]
    assert len(list_of_texts(["a"] * (5 * MOST))) == MOST


@given(ANY)
def test_a_list_of_texts_holds_nothing_else(value):
    assert all(isinstance(text, str) for text in list_of_texts(value))
    if not isinstance(value, list):
        assert list_of_texts(value) == ()


def test_only_texts_of_the_wanted_names_are_taken():
    assert texts_of({"a": "1", "b": 2, "c": "3"}, ("a", "b", "d")) == {"a": "1"}
