import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data import Geometries
from dtwin_plugin.errors import InputError

_coordinate = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
_part = st.lists(st.lists(_coordinate, min_size=1, max_size=4), min_size=1, max_size=3)
polygons = st.lists(st.lists(_part, max_size=3), max_size=5)


def nested(shapes):
    """Return the nested lists that geometries were built of."""
    return [
        [
            [
                [tuple(xyz) for xyz in shapes.coordinates[shapes.rings[r] : shapes.rings[r + 1]].tolist()]
                for r in range(shapes.parts[p], shapes.parts[p + 1])
            ]
            for p in range(shapes.features[f], shapes.features[f + 1])
        ]
        for f in range(len(shapes))
    ]


def line(*coordinates):
    return Geometries.build("line", [[[list(coordinates)]]])


@given(polygons)
def test_nothing_of_what_is_built_is_lost(features):
    assert nested(Geometries.build("polygon", features)) == features


@given(polygons, st.data())
def test_take_gives_the_features_in_the_order_asked(features, data):
    chosen = data.draw(st.lists(st.integers(0, len(features) - 1), max_size=6)) if features else []
    taken = Geometries.build("polygon", features).take(np.array(chosen, np.int64))
    assert nested(taken) == [features[index] for index in chosen]


@given(st.lists(polygons, min_size=1, max_size=4))
def test_concatenate_keeps_the_features_of_all_pieces(pieces):
    joined = Geometries.concatenate([Geometries.build("polygon", piece) for piece in pieces])
    assert nested(joined) == [feature for piece in pieces for feature in piece]


@given(polygons)
def test_bounds_are_those_of_the_coordinates_of_each_feature(features):
    bounds = Geometries.build("polygon", features).bounds()
    for feature, found in zip(features, bounds):
        xy = [coordinate for part in feature for ring in part for coordinate in ring]
        expected = [*np.min(xy, axis=0), *np.max(xy, axis=0)] if xy else [np.nan] * 4
        np.testing.assert_array_equal(found, expected)


def test_bounds_of_no_features_have_no_rows():
    assert Geometries.build("polygon", []).bounds().shape == (0, 4)


def test_points_are_a_feature_each():
    points = Geometries.points(np.array([[0, 1, 2], [3, 4, 5]]))
    assert nested(points) == [[[[(0, 1, 2)]]], [[[(3, 4, 5)]]]]


def test_the_extent_is_around_all():
    assert Geometries.points(np.array([[0, 5], [3, 4]])).extent("EPSG:7415").bounds == (0, 4, 3, 5)


def test_without_a_coordinate_there_is_no_extent():
    assert Geometries.build("line", [[], []]).extent() is None


def test_heights_are_known_from_the_coordinates():
    assert line((0, 0, 1), (1, 1, 1)).has_z
    assert not line((0, 0), (1, 1)).has_z


def test_pieces_without_a_coordinate_join_those_with_heights():
    joined = Geometries.concatenate([Geometries.build("line", [[]]), line((0, 0, 1), (1, 1, 1))])
    assert (len(joined), joined.has_z) == (2, True)


@pytest.mark.parametrize("other", [line((0, 0, 1), (1, 1, 1)), Geometries.points(np.zeros((1, 2)))])
def test_pieces_of_another_kind_or_dimension_are_refused(other):
    with pytest.raises(InputError, match="one kind and dimension"):
        Geometries.concatenate([line((0, 0), (1, 1)), other])


@pytest.mark.parametrize(
    "offsets",
    [
        {"rings": [0, 1]},  # ends before the coordinates do
        {"rings": [1, 2]},  # does not begin at the first
        {"rings": []},
        {"parts": [0, 2]},  # ends behind the rings
        {"features": [0, 2, 1]},  # runs back
    ],
)
def test_offsets_that_do_not_fit_are_refused(offsets):
    levels = {name: np.array(offsets.get(name, [0, 2 if name == "rings" else 1])) for name in ("rings", "parts")}
    with pytest.raises(InputError, match="offsets"):
        Geometries("line", np.zeros((2, 2)), **levels, features=np.array(offsets.get("features", [0, 1])))


@pytest.mark.parametrize(("kind", "width"), [("solid", 3), ("line", 4)])
def test_an_unknown_kind_or_dimension_is_refused(kind, width):
    with pytest.raises(InputError, match="kind"):
        Geometries(kind, np.zeros((2, width)), np.array([0, 2]), np.array([0, 1]), np.array([0, 1]))
