"""Receivers on facades, on a grid and inside buildings; the scene of layers."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.models.noise.receivers import Placing, on_facades, on_grid, on_ground, roofs_over
from dtwin_plugin.models.noise.roads import roads_of
from dtwin_plugin.models.noise.surroundings import (
    barriers_on,
    ground_of,
    scene_from,
    softness_of,
    tops_of,
    walls_around,
)

from .sites import X, Y, box, houses, lines, terrain

NO_ROADS = roads_of(lines().geometries)


def scene(buildings, ground):
    tops, _, _ = tops_of(buildings, ground, 8.0)
    walls = walls_around(buildings.geometries, tops, np.isfinite(tops))
    return scene_from(ground, softness_of(ground, None, 0.5, NO_ROADS), walls, buildings=len(buildings)), tops


def test_every_storey_that_fits_has_points_before_the_wall():
    ground, buildings = ground_of(terrain(100)), houses((20, 20, 40, 30), height=[9.0])
    site, tops = scene(buildings, ground)
    points, receivers = on_facades(site, buildings.geometries, tops, ground, Placing(5.0, 3.0, 1.5, 0.1))
    # 9 m: floors at 0, 3 and 6 m; walls of 20, 10, 20 and 10 m have 4, 2, 4 and 2 points
    assert len(points) == 12 * 3 and sorted(set(points.storeys)) == [0, 1, 2]
    assert sorted(set(receivers[:, 2].round(6))) == [2.5, 5.5, 8.5] and (receivers[:, 3] == 1.0).all()
    outside = points.places[:, :2] - (X + 30, Y + 25)
    assert ((outside * points.normals).sum(axis=1) > 0).all()
    away = np.maximum(np.abs(outside[:, 0]) - 10, np.abs(outside[:, 1]) - 5)
    assert away == pytest.approx(0.1, abs=1e-6)  # national coordinates keep a micrometre
    assert points.widths.sum() == pytest.approx(60 * 3)


def test_a_shed_has_points_though_no_storey_fits():
    ground, buildings = ground_of(terrain(100)), houses((20, 20, 40, 30), height=[1.8])
    site, tops = scene(buildings, ground)
    points, _ = on_facades(site, buildings.geometries, tops, ground, Placing())
    assert len(points) and set(points.storeys) == {0}


def test_no_point_stands_in_the_house_next_door_but_above_its_roof():
    ground = ground_of(terrain(100))
    buildings = houses((20, 20, 30, 30), (30, 20, 40, 30), height=[9.0, 5.0])
    site, tops = scene(buildings, ground)
    points, _ = on_facades(site, buildings.geometries, tops, ground, Placing())
    shared = np.abs(points.places[:, 0] - (X + 30)) < 0.2
    assert set(points.buildings[shared]) == {0}
    assert (points.places[shared, 2] > 6.0).all() and shared.any()


def test_a_building_beyond_the_terrain_has_no_points_and_one_at_its_edge_only_within():
    ground = ground_of(terrain(100))
    buildings = houses((200, 20, 210, 30), (95, 20, 120, 30), height=[9.0, 9.0])
    site, tops = scene(buildings, ground)
    points, _ = on_facades(site, buildings.geometries, tops, ground, Placing())
    assert set(points.buildings) == {1} and points.places[:, 0].max() < X + 100


def test_places_in_buildings_are_found_and_those_in_courtyards_are_not():
    ground = ground_of(terrain(100))
    ring = Features(Geometries.build("polygon", [[[box(20, 20, 80, 80), box(40, 40, 60, 60)[::-1]]]]),
                    {"height": np.array([6.0])})  # fmt: skip
    site, _ = scene(ring, ground)
    at = np.array([(30, 30), (50, 50), (10, 10), (70, 50), (50, 20.5), (90, 90)], float) + (X, Y)
    assert roofs_over(site, at).tolist() == [7.0, -np.inf, -np.inf, 7.0, 7.0, -np.inf]


def test_places_in_line_with_corners_are_told_apart_too():
    ground, buildings = ground_of(terrain(100)), houses((20, 20, 40, 30), (50, 10, 70, 20), height=[6.0, 7.0])
    site, _ = scene(buildings, ground)
    rng = np.random.default_rng(1)
    at = np.round(rng.uniform(0, 100, (2000, 2)))  # many on the height of a wall or corner
    at = at[~(np.isin(at[:, 0], (20, 40, 50, 70)) | np.isin(at[:, 1], (10, 20, 30)))]
    one = (at[:, 0] > 20) & (at[:, 0] < 40) & (at[:, 1] > 20) & (at[:, 1] < 30)
    two = (at[:, 0] > 50) & (at[:, 0] < 70) & (at[:, 1] > 10) & (at[:, 1] < 20)
    assert (roofs_over(site, at + (X, Y)) == np.select([one, two], [7.0, 8.0], -np.inf)).all()


def test_a_grid_leaves_buildings_out():
    ground, buildings = ground_of(terrain(100)), houses((20, 20, 40, 40), height=[9.0])
    site, _ = scene(buildings, ground)
    cells = terrain(100, cell=5.0)
    receivers, numbers = on_grid(site, cells, 4.0)
    assert len(receivers) == 400 - 16 and (receivers[:, 2] == 5.0).all()
    row, column = np.divmod(numbers, 20)
    assert (receivers[:, 0] == X + 2.5 + 5 * column).all() and (receivers[:, 1] == Y + 97.5 - 5 * row).all()


def test_the_ground_is_coarser_without_holes_and_follows_the_terrain():
    grid = terrain(100, cell=0.5)
    grid.values[:] = 0.1 * np.arange(200)[::-1, None]
    grid.values[50:60, 50:60] = np.nan
    ground = ground_of(grid)
    assert ground.cell_size == 2.0 and ground.shape == (50, 50) and np.isfinite(ground.values).all()
    site = scene_from(ground, softness_of(ground, None, 0.5, NO_ROADS))
    at = on_ground(site, np.array([(X + 50.0, Y + 20.0), (X + 50.0, Y + 90.0)]), 4.0)
    # half a cell of 0.5 m below its edge, 0.1 m a cell
    assert at[:, 3] == pytest.approx([0.1 * 40 - 0.05, 0.1 * 180 - 0.05], abs=0.01)
    assert (at[:, 2] - at[:, 3]).tolist() == [4.0, 4.0]


def test_roofs_are_known_in_nap_or_above_the_ground():
    ground = ground_of(terrain(100, height=-2.0))
    boxes = [(10 * k, 10, 10 * k + 5, 15) for k in range(3)]
    buildings = houses(*boxes, b3_h_70p=[4.0, np.nan, np.nan], height=[99.0, 5.0, np.nan])
    tops, base, known = tops_of(buildings, ground, 8.0)
    assert tops.tolist() == [4.0, 3.0, 6.0] and known.tolist() == [True, True, False] and (base == -2.0).all()


def test_land_cover_is_soft_or_hard_and_roads_are_hard_in_any_case():
    ground = ground_of(terrain(100, cell=2.0))
    cover = houses((0, 0, 50, 100), (50, 0, 100, 50), (50, 50, 100, 100),
                   klasse=np.array(["begroeidterreindeel", "wegdeel", "buurt"], object))  # fmt: skip
    grid = softness_of(ground, cover, 0.3, roads_of(lines([(0, 90), (40, 90)]).geometries))
    found = grid.sample(X + np.array([20, 70, 70, 20.0]), Y + np.array([20, 20, 70, 90.0]))
    assert found.tolist() == pytest.approx([1.0, 0.0, 0.3, 0.0])


def test_barriers_stand_on_the_ground():
    ground = ground_of(terrain(100, height=2.0))
    pieces, rows = barriers_on(lines([(10, 10), (20, 10), (30, 10)], [(5, 5), (500, 5)], height=[3.0, 3.0]), ground, 7)
    assert pieces.pieces[:, 4:].tolist() == [[5.0, 5.0], [5.0, 5.0]] and pieces.owners.tolist() == [7, 7]
    assert rows.tolist() == [0]
