"""Contours of a grid: true to a cone, valid, without gap or overlap, with holes, and blind to what has no value."""

import time

import numpy as np
import pytest
import shapely

from dtwin_plugin.data import Grid
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.noise.contours import contours
from dtwin_plugin.models.noise.rings import area, polygons_of, rings_of

EDGES = (55.0, 60.0, 65.0, 70.0, 75.0)
X, Y = 120_000.0, 486_000.0


def shapes_of(features):
    return [shapely.from_wkb(features.geometries.wkb(k)) for k in range(len(features))]


def grid_of(values, cell=1.0):
    return Grid(np.asarray(values, float), X, Y, cell, unit="dB", name="Lden")


def cone(size=221, cell=1.0, top=80.0, slope=0.25):
    """Levels that fall by `slope` dB a metre from the middle."""
    middle = (np.arange(size) + 0.5) * cell
    away = np.hypot(*np.meshgrid(middle - middle.mean(), middle - middle.mean()))
    return grid_of(top - slope * away, cell)


def test_the_classes_of_a_cone_are_rings_of_its_radii():
    found = contours(cone(), EDGES)
    assert found.columns["low"][1:].tolist() == list(EDGES)
    for shape, low, high in zip(shapes_of(found), found.columns["low"], found.columns["high"]):
        inner = 0.0 if np.isnan(high) else (80.0 - high) / 0.25
        outer = (80.0 - low) / 0.25
        if np.isnan(low):
            continue  # what the square leaves
        # a line between points of 1 m lies within the circle by 1 / (8 r) m: 0.5 % at the smallest of 20 m
        assert shape.area == pytest.approx(np.pi * (outer**2 - inner**2), rel=0.005)
        assert len(shape.geoms) == 1 and len(shape.geoms[0].interiors) == (0 if np.isnan(high) else 1)
        away = shapely.get_coordinates(shape) - (X + 110.5, Y - 110.5)
        radii = np.hypot(*away.T)
        near = np.minimum(np.abs(radii - inner), np.abs(radii - outer))
        # the mean of four corners of a cone is off by some 1 / (4 r) of a cell of 1 m: 0.012 m at 20 m
        assert near.max() < 0.012


def test_areas_add_up_without_overlap_and_are_valid():
    rng = np.random.default_rng(8)
    values = 65.0 + 8.0 * rng.standard_normal((40, 50))
    values[rng.random(values.shape) < 0.2] = np.nan
    found = contours(grid_of(values, 2.5), EDGES)
    shapes = shapes_of(found)
    assert all(shapely.is_valid(shape) for shape in shapes)
    whole = np.isfinite(values).sum() * 2.5**2
    # areas of ten thousands of m2 at coordinates of 500 km: some 1e-6 m2 of digits
    assert sum(shape.area for shape in shapes) == pytest.approx(whole, abs=1e-4)
    assert shapely.union_all(shapes).area == pytest.approx(whole, abs=1e-3)


def test_each_cell_lies_in_the_class_of_its_middle():
    rng = np.random.default_rng(3)
    values = 65.0 + 8.0 * rng.standard_normal((20, 30))
    values[5:8, 10:14] = np.nan
    found = contours(grid_of(values), EDGES)
    x, y = np.meshgrid(X + np.arange(30) + 0.5, Y - np.arange(20) - 0.5)
    lows = np.append(-np.inf, EDGES)[np.digitize(values, EDGES)]
    for shape, low in zip(shapes_of(found), found.columns["low"]):
        inside = shapely.contains_xy(shape, x.ravel(), y.ravel()).reshape(x.shape)
        wanted = np.isfinite(values) & (np.isneginf(lows) if np.isnan(low) else lows == low)
        np.testing.assert_array_equal(inside, wanted)


def test_values_on_the_very_edges_belong_to_the_class_above_and_stay_valid():
    rng = np.random.default_rng(5)
    values = rng.choice([50.0, 55.0, 60.0, 62.5, 65.0], (30, 30))
    found = contours(grid_of(values), EDGES)
    assert all(shapely.is_valid(shape) for shape in shapes_of(found))
    assert sum(shape.area for shape in shapes_of(found)) == pytest.approx(900.0, abs=1e-4)
    flat = contours(grid_of(np.full((4, 6), 60.0)), EDGES)
    assert flat.columns["low"].tolist() == [60.0] and shapes_of(flat)[0].area == 24.0
    assert len(flat.geometries.coordinates) == 5  # straight sides have no points in between


def test_no_data_is_a_hole_and_cells_that_touch_at_a_corner_are_two_areas():
    values = np.full((5, 5), 57.0)
    values[2, 2] = np.nan
    (shape,) = shapes_of(contours(grid_of(values), EDGES))
    assert shape.area == 24.0 and len(shape.geoms[0].interiors) == 1
    for diagonal in ([[57.0, np.nan], [np.nan, 58.0]], [[np.nan, 57.0], [58.0, np.nan]]):
        (shape,) = shapes_of(contours(grid_of(diagonal), EDGES))
        assert shapely.is_valid(shape) and len(shape.geoms) == 2 and shape.area == 2.0
    holes = np.full((4, 4), 57.0)
    holes[1, 1] = holes[2, 2] = np.nan
    (shape,) = shapes_of(contours(grid_of(holes), EDGES))
    assert shapely.is_valid(shape) and shape.area == 14.0


def test_an_island_in_a_hole_in_an_area_has_the_right_owner():
    rings = [np.array(ring, float) for ring in (
        [(0, 0), (9, 0), (9, 9), (0, 9), (0, 0)], [(1, 1), (1, 8), (8, 8), (8, 1), (1, 1)],
        [(2, 2), (7, 2), (7, 7), (2, 7), (2, 2)], [(3, 3), (3, 4), (4, 4), (4, 3), (3, 3)],
    )]  # fmt: skip
    found = polygons_of(rings[::-1])
    assert sorted((area(one[0]), len(one) - 1, area(one[1])) for one in found) == [(25, 1, -1), (81, 1, -49)]


def test_silence_counts_as_very_quiet_and_no_data_at_all_is_refused():
    found = contours(grid_of([[-np.inf, 80.0]]), EDGES)
    assert sum(shape.area for shape in shapes_of(found)) == pytest.approx(2.0) and len(found) == 6
    with pytest.raises(InputError, match="no value"):
        contours(grid_of([[np.nan]]), EDGES)


@pytest.mark.parametrize("edges", [(), (60, 55), (55, 55), (np.nan,), (55, np.inf)])
def test_edges_that_do_not_rise_are_refused(edges):
    with pytest.raises(InputError, match="must rise"):
        contours(grid_of([[60.0]]), edges)


def test_points_of_a_ring_that_go_back_leave_nothing():
    places = np.array([(0, 0), (1, 0), (2, 0)], float)
    assert rings_of(np.arange(3), np.array([1, 2, 0]), places) == []


def test_a_map_of_a_square_kilometre_takes_seconds():
    y, x = np.mgrid[0:500, 0:500] / 10.0
    began = time.process_time()
    found = contours(grid_of(65.0 + 8.0 * np.sin(x) * np.cos(y) + 6.0 * np.sin(7 * x), 2.0), EDGES)
    # 4 s on one core here; a method that compares all with all takes minutes
    assert time.process_time() - began < 20 and len(found) == 6
