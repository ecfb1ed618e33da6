"""Lengths, slopes and areas in space."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data.measure import area_of, legs, snapped

X, Y = 112_000.0, 460_000.0


def test_a_way_has_its_length_in_space_on_the_map_and_its_slope():
    first, second = legs([[X, Y, 1], [X + 30, Y + 40, 6], [X + 30, Y + 40, 2]])
    assert (first.length, first.horizontal, first.rise) == pytest.approx((math.sqrt(2525), 50, 5))
    assert first.slope == pytest.approx(0.1) and first.degrees == pytest.approx(5.7106, abs=1e-4)
    assert second.slope == -math.inf and second.degrees == -90
    assert math.isnan(legs([[1, 2, 3], [1, 2, 3]])[0].slope)
    assert legs([[1, 2, 3]]) == []


@given(st.integers(0, 10_000))
def test_the_area_of_a_turned_polygon_is_what_it_was(seed):
    """An L of 75 m2, turned and moved; on the map it is the area times the cosine of its tilt."""
    rng = np.random.default_rng(seed)
    shape = np.array([[0, 0, 0], [10, 0, 0], [10, 5, 0], [5, 5, 0], [5, 10, 0], [0, 10, 0.0]])
    axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    found = area_of(shape @ axes.T + [X, Y, 3])
    assert found.true == pytest.approx(75, rel=1e-9)
    assert found.horizontal == pytest.approx(75 * abs(axes[2, 2]), abs=1e-6)
    assert found.uneven == pytest.approx(0, abs=1e-6)


def test_sides_that_cross_have_no_area_and_corners_out_of_the_plane_are_told():
    assert area_of([[0, 0, 0], [4, 4, 0], [4, 0, 0], [0, 3, 0]]) is None
    assert area_of([[0, 0, 0], [4, 4, 0]]) is None
    bent = area_of([[0, 0, 0], [4, 0, 0], [4, 4, 0.5], [0, 4, 0]])
    assert 0.05 < bent.uneven < 0.5


def test_what_is_near_is_taken_a_corner_before_an_edge():
    edges = np.array([[[X, Y, 0], [X + 10, Y, 0]], [[X, Y, 0], [X, Y, 8]]])
    assert snapped([X + 0.3, Y, 0.4], edges, 0.6) == (X, Y, 0)
    assert snapped([X + 0.3, Y, 4], edges, 0.6) == (X, Y, 4)
    assert snapped([X + 3, Y + 3, 4], edges, 0.6) == (X + 3, Y + 3, 4)
    assert snapped([X, Y, 1], np.empty((0, 2, 3)), 5) == (X, Y, 1)
