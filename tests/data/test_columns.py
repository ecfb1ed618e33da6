import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data.columns import column, concatenate, flatten, from_rows, number_of, number_with_comma, numbers_of

whole = st.integers(-(2**70), 2**70)
cells = st.one_of(st.none(), st.booleans(), whole, st.floats(allow_nan=False), st.text(max_size=5))


def back(values):
    """Return cells as they went in: NaN is None again."""
    return [None if isinstance(value, float) and math.isnan(value) else value for value in values.tolist()]


@given(st.lists(cells))
def test_a_column_loses_no_value(values):
    assert back(column(values)) == values


@given(st.lists(st.one_of(st.none(), whole)))
def test_a_column_of_whole_numbers_is_exact(values):
    assert [None if v is None else int(v) for v in back(column(values))] == values


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([True, False], "bool"),
        ([1, -2], "int64"),
        ([2**63 - 1], "int64"),
        ([1, 2.5], "float64"),
        ([1, None], "float64"),
        ([2**63], "object"),
        ([2**53 + 1, None], "object"),
        ([2**53 + 1, 0.5], "object"),
        ([True, None], "object"),
        ([True, 1], "object"),
        (["a"], "object"),
        ([None], "object"),
        ([], "object"),
    ],
)
def test_a_column_has_the_narrowest_type_that_keeps_all(values, kind):
    assert column(values).dtype == kind


def test_a_boolean_among_numbers_stays_a_boolean():
    assert [type(value) for value in column([True, 1, 1.5])] == [bool, int, float]


def test_lists_and_mappings_become_json():
    values = [[1, "é"], {"a": None}, None]
    assert [value and json.loads(value) for value in column(values)] == values


def test_flatten_joins_names_with_a_dot():
    assert flatten({"a": {"b": {"c": 1}}, "d": 2}) == {"a.b.c": 1, "d": 2}


def test_flatten_keeps_an_empty_mapping():
    assert flatten({"a": {}}) == {"a": {}}


@given(st.lists(st.dictionaries(st.sampled_from("abc"), cells), max_size=5))
def test_rows_come_back_from_their_columns(rows):
    table = {name: back(values) for name, values in from_rows(rows).items()}
    assert set(table) == {name for row in rows for name in row}
    for index, row in enumerate(rows):
        assert {name: values[index] for name, values in table.items()} == {name: row.get(name) for name in table}


@given(st.lists(st.lists(st.dictionaries(st.sampled_from("ab"), cells), max_size=4), min_size=1, max_size=4))
def test_pieces_of_a_table_join_to_the_table(pieces):
    joined = concatenate([from_rows(piece) for piece in pieces], [len(piece) for piece in pieces])
    expected = from_rows([row for piece in pieces for row in piece])
    assert {name: back(values) for name, values in joined.items()} == {n: back(v) for n, v in expected.items()}


def test_a_piece_without_a_column_has_none_there():
    joined = concatenate([{"a": np.array([1])}, {"b": np.array(["x"], object)}], [1, 1])
    assert (back(joined["a"]), back(joined["b"])) == ([1, None], [None, "x"])


def test_an_empty_piece_changes_no_type():
    joined = concatenate([{"a": np.array([], object)}, {"a": np.array([1, 2])}, {}], [0, 2, 0])
    assert joined["a"].dtype == np.int64


def test_a_column_of_numbers_that_are_all_unknown_stays_of_numbers():
    joined = concatenate([{"height": np.array([np.nan])}, {}], [1, 1])
    assert joined["height"].dtype == np.float64


def test_whole_and_broken_numbers_join_to_numbers():
    joined = concatenate([{"a": np.array([1])}, {"a": np.array([0.5, np.nan])}], [1, 2])
    np.testing.assert_array_equal(joined["a"], [1.0, 0.5, np.nan])


def test_a_cell_that_is_no_number_leaves_the_others_of_its_column():
    found = numbers_of({"depth": column([1, "deep", "2.5", None])}, "depth", 4)
    np.testing.assert_array_equal(found, [1.0, np.nan, 2.5, np.nan])


@pytest.mark.parametrize("value", [10**400, "2,5", "", "1.250,5", [1]])
def test_what_is_no_number_is_nan(value):
    assert math.isnan(number_of(value)) and math.isnan(number_with_comma(value)) == (value != "2,5")
