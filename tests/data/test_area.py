"""Areas: what touches them is what an exact geometry library says."""

from __future__ import annotations

import time

import numpy as np
import pytest

from dtwin_plugin.data import Extent, Geometries
from dtwin_plugin.data.area import Area, circle, rectangle
from dtwin_plugin.errors import CrsError

ogr = pytest.importorskip("osgeo.ogr")


def _star(rng, x, y, size, corners):
    """A polygon with one ring that never crosses itself."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radius = size * rng.uniform(0.2, 1, corners)
    xy = np.column_stack([x + radius * np.cos(angles), y + radius * np.sin(angles)])
    return np.vstack([xy, xy[:1]])


def _intersects(area: Geometries, geometries: Geometries) -> list[bool]:
    whole = ogr.CreateGeometryFromWkb(area.wkb(0))
    return [bool(whole.Intersects(ogr.CreateGeometryFromWkb(geometries.wkb(i)))) for i in range(len(geometries))]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["point", "line", "polygon"])
def test_features_that_touch_a_polygon_are_those_that_a_geometry_library_finds(seed, kind):
    rng = np.random.default_rng(seed)
    outer = _star(rng, 0, 0, 1000, (3, 5, 40, 400, 1000, 8)[seed])
    hole = outer * 0.15
    area = Area.of_polygon(Geometries.build("polygon", [[[outer, hole], [outer + (2500, 0)]]]))
    places = rng.uniform(-1500, 4000, (400, 2))
    sizes = rng.choice([1, 30, 300, 6000], 400, p=[0.4, 0.3, 0.2, 0.1])
    if kind == "point":
        shapes = Geometries.build(kind, [[[[place]], [[place + 40]]] for place in places])
    elif kind == "line":
        shapes = Geometries.build(kind, [[[rng.normal(place, size, (4, 2))]] for place, size in zip(places, sizes)])
    else:
        shapes = Geometries.build(kind, [[[_star(rng, *p, s, 7)]] for p, s in zip(places, sizes)])
    expected = _intersects(area.polygon, shapes)
    assert 0 < sum(expected) < len(expected)
    assert area.touching(shapes).tolist() == expected


def test_a_rectangle_counts_lines_exactly_and_not_by_their_boxes():
    area = Area(Extent(0, 0, 10, 10))
    lines = Geometries.build("line", [[[[(-5, 8), (8, 21)]]], [[[(-1, -1), (11, 11)]]], [[[(10, 12), (10, 10)]]]])
    assert area.touching(lines).tolist() == [False, True, True]
    assert area.touching(lines).tolist() == _intersects(rectangle(area.extent), lines)


def test_a_polygon_around_the_area_touches_it_and_one_with_the_area_in_its_hole_does_not():
    def square(size):
        return [(-size, -size), (size, -size), (size, size), (-size, size), (-size, -size)]

    shapes = Geometries.build("polygon", [[[square(100)]], [[square(100), square(50)]], [[square(0.5)]]])
    for area in (Area(Extent(-1, -1, 1, 1)), Area.of_polygon(circle(0, 0, 1))):
        assert area.touching(shapes).tolist() == [True, False, True]


def test_what_lies_in_a_hole_of_the_area_does_not_touch_it():
    area = Area.of_polygon(
        Geometries.build("polygon", [[[circle(0, 0, 100).coordinates, circle(0, 0, 50).coordinates]]])
    )
    assert area.touching(Geometries.points(np.array([[0.0, 0], [75, 0], [0, 101]]))).tolist() == [False, True, False]
    assert area.touching(circle(0, 0, 20)).tolist() == [False]


def test_empty_and_broken_geometries_touch_nothing():
    shapes = Geometries.build("polygon", [[], [[[(0, 0), (1, 0), (np.nan, 1), (0, 0)]]], [[[]]], [[[(0, 0)] * 4]]])
    assert Area(Extent(-5, -5, 5, 5)).touching(shapes).tolist() == [False, False, False, True]
    assert Area.of_polygon(circle(0, 0, 5)).touching(shapes).tolist() == [False, False, False, True]
    assert Area.of_polygon(Geometries.build("polygon", [[]])) is None


def test_overlapping_polygons_cover_what_any_of_them_covers():
    both = Geometries.concatenate([circle(0, 0, 10), circle(5, 0, 10)])
    assert Area.of_polygon(both).covers(np.array([2.5, 14.0, -12]), np.zeros(3)).tolist() == [True, True, False]


def test_the_key_is_that_of_the_place():
    area = Area(Extent(0, 0, 10, 10), "One")
    assert area == Area(Extent(0, 0, 10, 10.0001), "Two") and len({area, Area(Extent(0, 0, 10, 10))}) == 1
    assert area != Area(Extent(0, 0, 10, 10.1)) and area != Area(Extent(0, 0, 10, 10), polygon=circle(5, 5, 5))
    assert area.key() == "9a2b29dc206cc93257d3"  # the same on every machine: what a killed load goes on with
    assert area.buffered(5).extent.bounds == (-5, -5, 15, 15)


def test_an_area_is_in_rd():
    with pytest.raises(CrsError, match="EPSG:4326"):
        Area(Extent(4, 52, 5, 53, "EPSG:4326"))


def test_a_million_points_and_a_municipality_of_thousands_of_corners_take_seconds():
    rng = np.random.default_rng(0)
    angles = np.linspace(0, 2 * np.pi, 20_001)
    radius = 8000 + 1000 * np.sin(7 * angles) + 20 * np.sin(4000 * angles)
    area = Area.of_polygon(
        Geometries.build("polygon", [[[np.column_stack([radius * np.cos(angles), radius * np.sin(angles)])]]])
    )
    x, y = rng.uniform(-1e4, 1e4, (2, 1_000_000))
    start = time.perf_counter()
    inside = area.covers(x, y)
    assert inside.mean() == pytest.approx(np.pi * (8000**2 + 1000**2 / 2) / 2e4**2, abs=0.003)
    assert time.perf_counter() - start < 10
