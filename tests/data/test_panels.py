"""Upright panels that stand for points on walls."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data.panels import GAP, facing, panels


def corners(made):
    return made.coordinates.reshape(-1, 5, 3)


@given(st.floats(0, 360), st.floats(0.2, 20), st.floats(0, 3), st.floats(0.1, 3), st.floats(0, 1))
def test_a_panel_stands_upright_before_its_wall(way, width, below, above, off):
    normal = np.array([np.sin(np.radians(way)), np.cos(np.radians(way))])
    place = np.array([84_310.0, 447_650.0, -1.5])
    found = corners(panels([place], [normal], [width], below, above, off))[0]
    away = (found[:, :2] - place[:2]) @ normal
    # micrometres: 5 digits of a national coordinate leave 1e-11 of a metre
    assert away == pytest.approx(off, abs=1e-6)
    assert np.hypot(*(found[1] - found[0])[:2]) == pytest.approx(GAP * width, abs=1e-6)
    assert found[:4, 2] == pytest.approx([-1.5 - below, -1.5 - below, -1.5 + above, -1.5 + above], abs=1e-9)
    assert np.array_equal(found[0], found[4])


@given(st.floats(0, 360))
def test_its_face_looks_away_from_the_wall(way):
    normal = np.array([np.sin(np.radians(way)), np.cos(np.radians(way)), 0.0])
    a, b, c = corners(panels([[0.0, 0.0, 5.0]], [normal[:2]], [2.0], 1.0, 1.0))[0][:3]
    face = np.cross(b - a, c - b)
    assert face / np.linalg.norm(face) == pytest.approx(normal, abs=1e-9)


def test_each_point_has_its_own_panel():
    made = panels(np.zeros((3, 3)), [[0, 1], [1, 0], [0, -1]], [1.0, 2.0, 4.0], [0.0, 0.5, 1.0], 1.0)
    assert len(made) == 3 and made.has_z and made.kind == "polygon"
    found = corners(made)
    assert (found[:, 2, 2] - found[:, 0, 2]).tolist() == [1.0, 1.5, 2.0]
    widths = np.linalg.norm(found[:, 1] - found[:, 0], axis=1)
    assert widths == pytest.approx(GAP * np.array([1.0, 2.0, 4.0]))


def test_no_points_are_no_panels():
    assert len(panels(np.empty((0, 3)), np.empty((0, 2)), [], 1.0, 1.0)) == 0


@pytest.mark.parametrize("way", [0.0, 45.0, 179.5, 270.0, 359.9])
def test_the_way_a_wall_faces_is_that_of_a_compass(way):
    normal = [np.sin(np.radians(way)), np.cos(np.radians(way))]
    assert facing([normal])[0] == pytest.approx(way, abs=1e-9)


def test_a_hair_west_of_north_is_not_360_degrees():
    assert facing([[-1e-18, 1.0]])[0] == 0.0
