"""Polygons in triangles: areas add up, triangles stay inside, holes stay open."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data import Geometries
from dtwin_plugin.data.triangulate import triangles_of

NATIONAL = np.array([112_000.0, 460_000.0, 3.0])


def closed(ring):
    return [*ring, ring[0]]


def star(corners, dice):
    """A ring around its middle with corners near and far: simple, and seldom convex."""
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius = dice.uniform(2, 10, corners)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def in_space(rings, turn):
    """Rings in the plane, put into space by a rotation, far from its origin as national coordinates are."""
    axes, _ = np.linalg.qr(turn)
    return [closed((np.asarray(ring) @ axes[:2] + NATIONAL).tolist()) for ring in rings]


def areas(shapes):
    """Of each part the area of its triangles, and that of the sum of their normals: less where triangles overlap."""
    triangles, parts = triangles_of(shapes)
    a, b, c = (shapes.coordinates[triangles[:, corner]] for corner in range(3))
    normals, one = np.cross(b - a, c - a) / 2, np.zeros(len(shapes.parts) - 1)
    whole = np.zeros((len(one), 3))
    np.add.at(one, parts, np.linalg.norm(normals, axis=1))
    np.add.at(whole, parts, normals)
    return one, np.linalg.norm(whole, axis=1)


def ring_area(ring):
    x, y = np.asarray(ring).T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


@given(st.integers(3, 40), st.integers(0, 10_000), st.booleans())
def test_triangles_fill_a_ring_once(corners, seed, backwards):
    dice = np.random.default_rng(seed)
    ring = star(corners, dice)[:: -1 if backwards else 1]
    shapes = Geometries.build("polygon", [[in_space([ring], dice.normal(size=(3, 3)))]])
    triangles, parts = triangles_of(shapes)
    assert len(triangles) == corners - 2 and not parts.any()
    one, whole = areas(shapes)
    assert one == pytest.approx([ring_area(ring)], rel=1e-6) and whole == pytest.approx(one, rel=1e-6)


@given(st.integers(0, 10_000))
def test_holes_stay_open(seed):
    dice = np.random.default_rng(seed)
    outer = 12 * star(12, dice)
    holes = [0.2 * star(int(dice.integers(3, 9)), dice) + [9.0 * k - 9.0, 3.0 * (k % 2)] for k in range(3)]
    holes = [hole[::-1] if dice.uniform() < 0.5 else hole for hole in holes]  # whichever way they turn
    shapes = Geometries.build("polygon", [[in_space([outer, *holes], dice.normal(size=(3, 3)))]])
    one, whole = areas(shapes)
    assert one == pytest.approx([ring_area(outer) - sum(map(ring_area, holes))], rel=1e-6)
    assert whole == pytest.approx(one, rel=1e-6)


def test_corners_on_a_line_and_parts_of_several_features_are_told_apart():
    wall = [(0, 0, 0), (2, 0, 0), (4, 0, 0), (4, 0, 3), (0, 0, 3)]  # a neighbour's corner in the lower edge
    roof = [(0, 0, 3), (4, 0, 3), (4, 3, 3), (0, 3, 3)]
    shapes = Geometries.build("polygon", [[[closed(wall)], [closed(roof)]], [], [[closed(roof)]]])
    assert areas(shapes)[0].tolist() == pytest.approx([12, 12, 12])


def test_what_has_no_inside_gives_no_error():
    line = [(0, 0, 0), (4, 0, 0), (8, 0, 0), (4, 0, 0)]
    point = [(1, 1, 1)] * 3
    short = [(0, 0, 0), (1, 0, 0)]
    shapes = Geometries.build("polygon", [[[closed(ring)]] for ring in (line, point, short)])
    assert areas(shapes)[0].tolist() == [0, 0, 0]
    assert len(triangles_of(Geometries.build("polygon", []))[0]) == 0


def test_polygons_on_the_map_are_cut_too():
    square = [(0, 0), (4, 0), (4, 4), (0, 4)]
    triangles, _ = triangles_of(Geometries.build("polygon", [[[closed(square)]]]))
    assert triangles.tolist() == [[0, 1, 2], [0, 2, 3]]
