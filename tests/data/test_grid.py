import math

import numpy as np
import pytest

from dtwin_plugin.data import Extent, Grid
from dtwin_plugin.errors import InputError


def numbered(rows=3, columns=4, cell_size=2.0):
    """Return cells numbered from the north-west, with the south-west corner at (100, 200)."""
    return Grid(np.arange(rows * columns).reshape(rows, columns), 100, 200 + rows * cell_size, cell_size)


@pytest.mark.parametrize("shape", [(3,), (0, 2), (2, 0), (1, 1, 1, 1)])
def test_values_of_another_shape_are_refused(shape):
    with pytest.raises(InputError, match="shape"):
        Grid(np.zeros(shape), 0, 0, 1)


@pytest.mark.parametrize("cell_size", [0, -1, math.nan])
def test_a_cell_needs_a_size(cell_size):
    with pytest.raises(InputError, match="cell size"):
        Grid(np.zeros((1, 1)), 0, 0, cell_size)


@pytest.mark.parametrize("shape", [(2, 2), (3, 2, 2)])
def test_times_need_a_layer_each(shape):
    with pytest.raises(InputError, match="2 times"):
        Grid(np.zeros(shape), 0, 0, 1, times=np.array(["2025-01-01", "2025-01-02"], "datetime64[s]"))


def test_values_are_kept_in_single_precision():
    assert Grid(np.zeros((1, 1), np.int16), 0, 0, 1).values.dtype == np.float32


def test_the_extent_is_the_outer_edge():
    assert numbered().extent.bounds == (100, 200, 108, 206)


def test_a_cell_is_sampled_over_its_whole_area():
    assert numbered().sample([102, 103.99], [204, 205.99]).tolist() == [5, 1]  # west and south edge belong to the east


def test_points_outside_and_points_that_are_nowhere_have_no_value():
    found = numbered().sample([99.9, 108.1, 101, 101, np.nan, np.inf], [201, 201, 199.9, 206.1, 201, 1e300])
    assert np.isnan(found).all()


def test_every_time_is_sampled():
    grid = Grid(np.stack([np.zeros((2, 2)), np.ones((2, 2))]), 0, 2, 1)
    assert grid.sample([0.5, 1.5, 9], [0.5, 0.5, 9]).shape == (2, 3)


def test_cells_of_points_outside_are_no_cells():
    row, column, inside = numbered().cells([101, 0], [205, 0])
    assert (row.tolist(), column.tolist(), inside.tolist()) == ([0, -1], [0, -1], [True, False])


def test_other_values_stand_on_the_same_cells():
    other = numbered().like(np.ones((3, 4)), "m", "depth")
    assert (other.extent, other.unit, other.name) == (numbered().extent, "m", "depth")


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        ((100, 200, 108, 206), [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]),
        ((102, 202, 104, 204), [[5]]),
        ((103, 203, 105, 203.5), [[5, 6]]),
        ((103, 203, 103, 203), [[5]]),
        ((0, 0, 101, 201), [[8]]),
        ((108, 206, 110, 210), [[3]]),  # shares only a corner
        ((90, 190, 100, 200), [[8]]),
    ],
)
def test_a_window_is_the_cells_that_touch_the_area(area, expected):
    assert numbered().window(Extent(*area)).values.tolist() == expected


@pytest.mark.parametrize("area", [(103, 203, 105, 203.5), (108, 206, 110, 210)])
def test_a_window_stays_where_it_was(area):
    window = numbered().window(Extent(*area))
    x, y = window.extent.x_min + 1, window.extent.y_max - 1
    assert numbered().sample([x], [y])[0] == window.values[0, 0]


def test_rounding_adds_no_cells_to_a_window():
    grid = Grid(np.zeros((10, 10)), 0.1, 1.1, 0.1)
    assert grid.window(Extent(0.1 + 0.3, 0.1, 0.7, 1.1)).shape == (10, 3)


def test_an_area_elsewhere_is_refused():
    with pytest.raises(InputError, match="outside the raster"):
        numbered().window(Extent(0, 0, 50, 50))
