import numpy as np
import pytest

from dtwin_plugin.data import Extent, Features, Geometries
from dtwin_plugin.errors import InputError


def places(count, **columns):
    """Return points at (0, 0), (10, 0), (20, 0), ..."""
    xy = np.column_stack([np.arange(count) * 10.0, np.zeros(count)])
    return Features(Geometries.points(xy), columns, {"height": "m"}, name="places")


def test_a_column_of_another_length_is_refused():
    with pytest.raises(InputError, match="Column height has 1 values for 2 features"):
        places(2, height=np.zeros(1))


def test_take_takes_geometries_and_values_together():
    taken = places(3, height=np.array([1, 2, 3])).take(np.array([2, 0]))
    assert taken.geometries.coordinates[:, 0].tolist() == [20, 0]
    assert taken.columns["height"].tolist() == [3, 1]


def test_within_gives_what_touches_the_area():
    assert places(3, n=np.arange(3)).within(Extent(10, 0, 20, 5)).columns["n"].tolist() == [1, 2]


def test_an_empty_feature_lies_within_no_area():
    features = Features(Geometries.build("polygon", [[]]), {})
    assert len(features.within(Extent(-1e6, -1e6, 1e6, 1e6))) == 0


def test_columns_are_added_and_replaced_on_a_copy():
    before = places(1, height=np.array([1]))
    after = before.with_columns({"height": np.array([2]), "depth": np.array([3])}, {"depth": "m"})
    assert {name: values.tolist() for name, values in after.columns.items()} == {"height": [2], "depth": [3]}
    assert after.units == {"height": "m", "depth": "m"}
    assert before.columns["height"].tolist() == [1]


def test_pieces_with_other_columns_join():
    joined = Features.concatenate([places(1, a=np.array([1])), places(2, b=np.array(["x", "y"], object))])
    assert len(joined) == 3
    np.testing.assert_array_equal(joined.columns["a"], [1, np.nan, np.nan])
    assert joined.columns["b"].tolist() == [None, "x", "y"]
    assert (joined.units, joined.name) == ({"height": "m"}, "places")


def test_no_features_have_no_extent():
    assert Features(Geometries.build("line", [])).extent is None
