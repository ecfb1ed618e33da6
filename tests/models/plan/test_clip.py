"""Triangles cut by areas and by heights: nothing is lost, nothing added."""

import numpy as np
import pytest
import shapely

from dtwin_plugin.models.plan.clip import below, fine, within
from tests.models.plan.street import BIG


def test_clipping_keeps_all_area_inside_and_none_outside():
    rng = np.random.default_rng(3)
    triangles = rng.uniform(0, 10, (200, 3, 3))
    area = shapely.Polygon([(2, 1), (8, 2), (7, 8), (5, 4), (1, 7)], [[(4, 2.5), (5, 2.5), (5, 3), (4, 3)]])
    parts, of = within(triangles, area)
    expected = shapely.area(shapely.intersection(shapely.polygons(triangles[:, :, :2]), area))
    got = np.bincount(of, shapely.area(shapely.polygons(parts[:, :, :2])), minlength=200)
    np.testing.assert_allclose(got, expected, atol=1e-9)  # both in 64 bits, of areas up to 50 m2
    normal = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    off = np.einsum("nkc,nc->nk", parts - triangles[of][:, :1], normal[of])
    assert np.abs(off).max() < 1e-9  # every part lies in the plane of its triangle


def test_parts_below_a_limit_and_small_parts_fill_the_whole():
    triangles = np.random.default_rng(4).uniform(0, 10, (100, 3, 3))

    def area(some):
        return np.linalg.norm(np.cross(some[:, 1] - some[:, 0], some[:, 2] - some[:, 0]), axis=1).sum() / 2

    low, _ = below(triangles, 4.0)
    high, _ = below(triangles * [1, 1, -1], -4.0)
    assert area(low) + area(high) == pytest.approx(area(triangles))
    assert low[:, :, 2].max() <= 4.0 + BIG
    small = fine(triangles, 1.0)
    side = small - np.roll(small, 1, axis=1)
    assert np.hypot(side[:, :, 0], side[:, :, 1]).max() <= 1.0
    assert area(small) == pytest.approx(area(triangles))
