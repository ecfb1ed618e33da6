"""Placing a model in RD."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data.placement import Placement, from_two_points, rotation_of
from dtwin_plugin.errors import InputError

metres = st.floats(-500, 500)


def test_a_model_is_scaled_turned_and_shifted():
    placed = Placement(84_000, 447_000, 2, rotation=90, scale=0.001).apply([[0, 1000, 500], [1000, 0, 0]])
    assert placed == pytest.approx(np.array([[84_001, 447_000, 2.5], [84_000, 446_999, 2]]))


def test_up_y_lays_what_comes_to_the_viewer_to_the_south():
    assert Placement(up="y").apply([[1, 2, 3]]).tolist() == [[1, -3, 2]]


@given(metres, metres, metres, metres, st.floats(-180, 180), metres)
def test_two_points_give_back_the_placement(x1, y1, x2, y2, rotation, z):
    if np.hypot(x2 - x1, y2 - y1) < 1:
        return
    true = Placement(84_000, 447_000, z, rotation)
    local = [(x1, y1), (x2, y2)]
    world = true.apply([(*point, 0) for point in local])[:, :2]
    fit = from_two_points(local, world, z)
    assert fit.residual == pytest.approx(0, abs=1e-6) and fit.ratio == pytest.approx(1)
    probe = np.array([[17.0, -3.0, 4.0]])
    assert fit.placement.apply(probe) == pytest.approx(true.apply(probe), abs=1e-4)


def test_points_that_do_not_fit_leave_a_residual_on_both():
    fit = from_two_points([(0, 0), (10, 0)], [(84_000, 447_000), (84_010.2, 447_000)])
    assert fit.residual == pytest.approx(0.1) and fit.ratio == pytest.approx(1.02)
    assert fit.placement.apply([[0, 0, 0], [10, 0, 0]])[:, 0] == pytest.approx([84_000.1, 84_010.1])


@pytest.mark.parametrize("local", [[(1, 1), (1, 1)], [(0, 0), (float("nan"), 1)]])
def test_points_that_give_no_direction_are_refused(local):
    with pytest.raises(InputError, match="two points"):
        from_two_points(local, [(84_000, 447_000), (84_010, 447_000)])


@pytest.mark.parametrize("wrong", [{"scale": 0}, {"x": float("inf")}, {"up": "x"}])
def test_nonsense_is_refused(wrong):
    with pytest.raises(InputError):
        Placement(**wrong)


def test_rotation_is_clockwise_from_north():
    assert rotation_of(1, 0) == 0 and rotation_of(0, -1) == pytest.approx(90)
