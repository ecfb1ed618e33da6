import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import InputError

lengths = st.floats(0, 1e4, allow_nan=False)
starts = st.floats(-3e5, 7e5, allow_nan=False)


@pytest.mark.parametrize("bounds", [(1, 0, 0, 1), (0, 1, 1, 0), (0, 0, math.nan, 1), (0, 0, math.inf, 1)])
def test_what_is_no_rectangle_is_refused(bounds):
    with pytest.raises(InputError, match="is not a rectangle"):
        Extent(*bounds)


def test_a_point_is_a_rectangle():
    assert Extent(1, 2, 1, 2).area == 0


def test_rectangles_that_share_an_edge_intersect_in_it():
    assert Extent(0, 0, 2, 2).intersection(Extent(2, 0, 4, 1)).bounds == (2, 0, 2, 1)


def test_rectangles_apart_have_no_intersection():
    assert Extent(0, 0, 2, 2).intersection(Extent(2.1, 0, 4, 2)) is None


def test_an_intersection_lies_in_both():
    one, other = Extent(0, 0, 5, 5), Extent(3, -2, 9, 4)
    shared = one.intersection(other)
    assert one.contains(shared) and other.contains(shared)


def test_a_rectangle_contains_itself_but_nothing_that_sticks_out():
    area = Extent(0, 0, 5, 5)
    assert area.contains(area)
    assert not area.contains(Extent(1, 1, 5.01, 2))


def test_a_buffer_grows_every_side():
    assert Extent(0, 0, 5, 5).buffered(2).bounds == (-2, -2, 7, 7)


def test_derived_rectangles_keep_the_crs():
    area = Extent(0, 0, 10, 10, "EPSG:7415")
    derived = [area.buffered(1), area.intersection(area), *area.tiles(4)]
    assert {item.crs for item in derived} == {"EPSG:7415"}


@given(starts, starts, lengths, lengths, st.floats(500, 3000))
def test_tiles_cover_exactly(x, y, width, height, size):
    area = Extent(x, y, x + width, y + height)
    tiles = list(area.tiles(size))
    columns = sorted({(tile.x_min, tile.x_max) for tile in tiles})
    rows = sorted({(tile.y_min, tile.y_max) for tile in tiles})
    assert len(tiles) == len(columns) * len(rows)
    for pieces, start, stop in ((columns, area.x_min, area.x_max), (rows, area.y_min, area.y_max)):
        assert (pieces[0][0], pieces[-1][1]) == (start, stop)
        assert all(left[1] == right[0] for left, right in zip(pieces, pieces[1:]))


@given(starts, lengths, st.floats(500, 3000))
def test_no_tile_is_larger_than_asked(x, width, size):
    # rounding of national coordinates may add a ten-millionth of a metre
    assert max(tile.width for tile in Extent(x, 0, x + width, 1).tiles(size)) <= size + 1e-5


def test_rounding_makes_no_extra_tile():
    assert len(list(Extent(0.1, 0, 0.1 + 3 * 0.1, 0.1).tiles(0.1))) == 3


def test_tiles_run_row_by_row_from_the_south_west():
    corners = [tile.bounds[:2] for tile in Extent(0, 0, 20, 20).tiles(10)]
    assert corners == [(0, 0), (10, 0), (0, 10), (10, 10)]
