from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data import Grid
from dtwin_plugin.data.resample import aligned, coarsened
from dtwin_plugin.errors import InputError


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 5))
def test_coarsening_whole_blocks_keeps_the_mean(rows, columns, factor):
    values = np.random.default_rng(1).normal(size=(rows * factor, columns * factor))
    coarse = coarsened(Grid(values, 0, 0, 0.5), 0.5 * factor)
    assert coarse.shape == (rows, columns)
    assert coarse.values.mean() == pytest.approx(values.mean(), abs=1e-5)  # single precision


def test_cells_without_data_do_not_count():
    assert coarsened(Grid(np.array([[1, np.nan], [3, np.nan]]), 0, 0, 1), 2).values.tolist() == [[2]]


def test_a_block_without_data_has_none():
    coarse = coarsened(Grid(np.array([[1.0, 1, np.nan, np.nan]]), 0, 0, 1), 2)
    np.testing.assert_array_equal(coarse.values, [[1, np.nan]])


def test_a_rest_of_cells_makes_a_block_of_its_own_and_the_corner_stays():
    coarse = coarsened(Grid(np.ones((3, 5)), 10, 20, 1), 2)
    assert (coarse.shape, coarse.x_min, coarse.y_max, coarse.cell_size) == ((2, 3), 10, 20, 2)
    assert coarse.values.tolist() == np.ones((2, 3)).tolist()


def test_every_time_is_coarsened():
    times = np.array(["2025-01-01", "2025-01-02"], "datetime64[s]")
    coarse = coarsened(Grid(np.stack([np.zeros((2, 2)), np.ones((2, 2))]), 0, 0, 1, times=times), 2)
    assert coarse.values.tolist() == [[[0]], [[1]]]


def test_the_same_size_gives_the_same_grid():
    grid = Grid(np.ones((2, 2)), 0, 0, 0.5)
    assert coarsened(grid, 0.5) is grid


@pytest.mark.parametrize("cell_size", [0.25, 0.75, 0, -1])
def test_what_is_no_multiple_is_refused(cell_size):
    with pytest.raises(InputError, match="cannot be made from cells of 0.5 m"):
        coarsened(Grid(np.ones((2, 2)), 0, 0, 0.5), cell_size)


def test_aligned_takes_the_value_under_each_centre():
    fine = Grid(np.array([[1, 2], [3, 4]]), 0, 2, 1, unit="m", name="height")
    target = Grid(np.zeros((1, 3)), 0, 1.6, 1)
    found = aligned(fine, target)
    np.testing.assert_array_equal(found.values, [[1, 2, np.nan]])
    assert (found.extent, found.unit, found.name) == (target.extent, "m", "height")


def test_means_of_blocks_warn_in_no_thread():
    """Silencing a warning is for all threads at once: who works beside it was told of a block without data."""
    values = np.full((64, 64), np.nan, np.float32)
    values[::7, ::5] = 2.5
    grid = Grid(values, 0, 64, 1.0)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: coarsened(grid, 2.0).values, range(200)))
    expected = np.where(np.isnan(values), 0, values).reshape(32, 2, 32, 2).sum(axis=(1, 3))
    assert all(np.array_equal(np.nan_to_num(one), np.where(expected > 0, 2.5, 0)) for one in found)
