"""Where a line of sight meets the ground, against planes and hills that can be solved on paper."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data import Grid
from dtwin_plugin.data.relief import Relief

X, Y = 112_000.0, 460_000.0
DOWN = np.array([0.0, 0, -1])


def relief(height, cells=200, cell=1.0):
    """A relief of a function of x and y from the middle."""
    at = (np.arange(cells) + 0.5) * cell - cells * cell / 2
    values = height(*np.meshgrid(at, -at))
    return Relief(Grid(values, X - cells * cell / 2, Y + cells * cell / 2, cell))


def unit(*direction):
    return np.array(direction, float) / np.linalg.norm(direction)


@given(st.integers(0, 10_000))
def test_a_slope_is_met_where_the_plane_is(seed):
    rng = np.random.default_rng(seed)
    a, b, c = *rng.uniform(-0.3, 0.3, 2), rng.uniform(-5, 5)
    ground = relief(lambda x, y: a * x + b * y + c)
    aimed = np.array([*rng.uniform(-80, 80, 2), 0.0])
    aimed[2] = a * aimed[0] + b * aimed[1] + c
    normal, direction = np.array([-a, -b, 1.0]), unit(*rng.normal(size=3))
    if abs(normal @ direction) < 0.05:
        return  # along the slope
    distance = rng.uniform(1, 400)
    origin = aimed - distance * direction + [X, Y, 0]
    assert ground.met(origin, direction) == pytest.approx(distance, abs=1e-3)


def test_a_hill_hides_what_lies_behind_it_and_is_met_on_its_near_side():
    """A ball of 50 m sunk 30 m: of the two places where a ray goes through it, the near one."""
    ground = relief(lambda x, y: np.sqrt(np.maximum(2500 - x**2 - y**2, 0)) - 30, cell=0.5, cells=400)
    origin, direction = np.array([X - 90, Y, 25.0]), unit(1, 0, -0.2)
    centre = np.array([X, Y, -30.0])
    half = (origin - centre) @ direction
    expected = -half - np.sqrt(half**2 - ((origin - centre) @ (origin - centre) - 2500))
    assert ground.met(origin, direction) == pytest.approx(expected, abs=0.02)
    assert ground.met(origin + [180, 0, 0], direction) is None  # it leaves the map above the ground


def test_the_ground_is_seen_from_below_and_through_a_hole_one_looks_on():
    ground = relief(lambda x, y: np.where(np.hypot(x, y) < 10, np.nan, 2.0))
    assert ground.met(np.array([X + 50, Y + 50, -8.0]), -DOWN) == pytest.approx(10)
    assert ground.met(np.array([X, Y, 50.0]), DOWN) is None
    assert ground.met(np.array([X + 20, Y, 50.0]), DOWN) == pytest.approx(48)


@pytest.mark.parametrize("direction", [DOWN, unit(1, 0, 0), unit(0, 1, -1), unit(-1, -1, -0.01)])
def test_beside_the_map_there_is_no_ground(direction):
    ground = relief(lambda x, y: 0 * x)
    assert ground.met(np.array([X - 500, Y + 300, 9.0]), direction) is None


def test_of_no_heights_nothing_is_met_and_of_one_cell_its_height():
    nothing = Relief(Grid(np.full((4, 4), np.nan), X, Y, 1.0))
    assert nothing.met(np.array([X + 2, Y - 2, 9.0]), DOWN) is None
    one = Relief(Grid(np.array([[3.0]]), X, Y, 1.0))
    assert one.met(np.array([X + 0.2, Y - 0.9, 9.0]), DOWN) == pytest.approx(6)
