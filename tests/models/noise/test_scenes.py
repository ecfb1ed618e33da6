"""The published cases, from their scenes: relief, zones, buildings and walls."""

import numpy as np
import pytest

from dtwin_plugin.models.noise.lateral_kernels import around
from dtwin_plugin.models.noise.profile_kernels import ROOM, ground_at
from dtwin_plugin.models.noise.reflection_kernels import reflection_point
from dtwin_plugin.models.noise.route_kernels import direct, unfolded
from dtwin_plugin.models.noise.scene import (
    NO_RASTER,
    WALL,
    Raster,
    buildings_of,
    index_of,
    pieces_of,
    scene_of,
)
from scripts.validate import noise

from .cases import read

AIR = np.zeros(8)


def test_all_paths_of_all_cases(shared):
    rows = list(noise.cases(shared / "noise"))
    assert len(rows) >= 150 and all(row["ok"] for row in rows), [row for row in rows if not row["ok"]]


def test_a_term_that_is_off_is_told_though_the_level_is_right(shared):
    case = read(shared / "noise" / "tc08.json")
    case["expected"]["paths"]["direct"]["F"]["Delta_ground_OR"]["v"][3] += 0.05  # its tolerance is 0.02 dB
    wrong = [row for row in noise.scene(case) if not row["ok"]]
    assert len(wrong) == 1 and "(Delta_ground_OR)" in wrong[0]["quantity"]


def test_a_case_is_missed_when_its_scene_is_another(shared):
    case = read(shared / "noise" / "tc07.json")
    case["barriers"][0]["points"] = [[x, y, 5.0] for x, y, _ in case["barriers"][0]["points"]]
    assert not all(row["ok"] for row in noise.scene(case))


def house(top=9.0):
    return buildings_of([[(40, -10), (60, -10), (60, 10), (40, 10)]], [top])


def cut(scene, a=(0.0, 0.0), b=(100.0, 0.0)):
    legs = np.array([a, b])
    return unfolded(scene, legs, 2, np.zeros(2), 0.5)


def test_a_house_is_gone_into_and_out_of():
    points, edges = cut(scene_of([house()], np.ones((1, 8))))
    assert points[:, :2] == pytest.approx(np.array([(0, 0), (40, 0), (40, 9), (60, 9), (60, 0), (100, 0)]))
    assert points[[0, 2, 4], 2].tolist() == [0.5, 0, 0.5]  # a roof is hard
    assert edges == pytest.approx(np.array([(40, 9, 1, 2), (60, 9, 3, 4)]))


def test_a_path_over_a_corner_goes_in_as_often_as_out():
    scene = scene_of([house()], np.ones((1, 8)))
    for y in (-10.0, 10.0):
        _, edges = cut(scene, (0.0, y), (100.0, y))
        assert len(edges) in (0, 2)
    _, edges = cut(scene, (10.0, -40.0), (90.0, 40.0))  # along a diagonal, through two corners
    assert len(edges) % 2 == 0


def test_a_road_under_a_house_is_heard_as_if_it_were_not_there():
    scene = scene_of([house(), buildings_of([[(70, -5), (80, -5), (80, 5), (70, 5)]], [6.0], owner=1)], np.ones((2, 8)))
    points, edges = cut(scene, (50.0, 0.0), (100.0, 0.0))
    assert points[:, 1].max() == 6 and edges[:, 0].tolist() == pytest.approx([20, 30])
    points, edges = cut(scene, (100.0, 0.0), (50.0, 0.0))  # and the other way
    assert points[:, 1].max() == 6 and len(edges) == 2


def test_houses_that_stand_in_each_other_are_one_roof():
    inner = buildings_of([[(45, -5), (55, -5), (55, 5), (45, 5)]], [15.0], owner=1)
    points, _ = cut(scene_of([house(), inner], np.ones((2, 8))))
    assert points[:, 1].max() == 15 and points[np.isclose(points[:, 0], 55)][:, 1].tolist() == [15, 9]


def test_a_wall_stands_on_the_ground_of_a_raster():
    y, x = np.mgrid[0:60, 0:200]
    ground = Raster((0.1 * x + 0 * y).astype(np.float32), 0.0, 30.0, 1.0)  # m: 0.1 up for each metre east
    scene = scene_of([pieces_of(WALL, [[(50, -20, 9), (50, 20, 9)]], 0)], np.ones((1, 8)), ground)
    ends = np.array([ground_at(scene, 5.5, 0.0), ground_at(scene, 150.5, 0.0)])
    assert ends == pytest.approx([0.5, 15.0])
    points, edges = unfolded(scene, np.array([(5.5, 0.0), (150.5, 0.0)]), 2, ends, 0.5)
    assert points[:, :2] == pytest.approx(
        np.array([(0, 0.5), (44.5, 4.95), (44.5, 9), (44.5, 4.95), (145, 15)]), abs=1e-4
    )
    assert len(edges) == 1


def test_softness_of_a_raster_changes_where_its_cells_do():
    soft = Raster(np.repeat([[0.0, 1.0]], 50, axis=1).astype(np.float32).reshape(1, 100), 0.0, 50.0, 1.0)
    points, _ = unfolded(scene_of([], softness=soft), np.array([(0.5, 0.0), (99.5, 0.0)]), 2, np.zeros(2), 0.0)
    assert points[1].tolist() == pytest.approx([49.5, 0, 1], abs=0.51)  # a step of the walk is a cell


@pytest.mark.parametrize("many, is_held", [(300, True), (ROOM // 4 + 44, False)])
def test_more_walls_than_a_profile_can_hold_are_told(many, is_held):
    walls = [[(x, -1, 2), (x, 1, 2)] for x in np.linspace(1, 99, many)]
    found = np.full((2, 8), np.nan)
    scene = scene_of([pieces_of(WALL, walls, 0)], np.ones((many, 8)))
    a, b = np.array((0, 0, 1.0)), np.array((100, 0, 1.0))
    assert direct(scene, a, b, np.zeros(2), 0.0, AIR, found) == is_held
    assert np.isfinite(found).all() == is_held


def test_the_shortest_way_around_a_u():
    corners = np.array([(197, 36), (179, 36), (179, 15), (197, 15), (197, 21), (187, 21), (187, 30), (197, 30.0)])
    a, b = np.array((10, 10, 1.0)), np.array((187.05, 25, 14.0))
    for side, expected in ((1, [(179, 36), (197, 36), (197, 30)]), (-1, [(197, 15), (197, 21)])):
        chain = np.empty((9, 2))
        many = around(a, b, corners, len(corners), side, chain)
        assert chain[:many].tolist() == [list(corner) for corner in expected]


def test_a_wall_reflects_where_its_angles_are_equal():
    wall = np.array((0, 10, 100, 10, 8, 8.0))
    x, y, z, top = reflection_point(wall, np.array((20, 0, 1.0)), np.array((60, 0, 3.0)))
    assert (x, z, top) == pytest.approx((40, 2, 8)) and y == pytest.approx(10, abs=0.02)
    assert reflection_point(wall, np.array((20, 0, 1.0)), np.array((60, 20, 3.0)))[3] == -np.inf  # behind it
    assert reflection_point(wall, np.array((120, 0, 1.0)), np.array((160, 0, 3.0)))[3] == -np.inf  # beside it
    assert reflection_point(wall, np.array((20, 0, 9.0)), np.array((60, 0, 9.0)))[3] == -np.inf  # over it


def test_every_piece_is_in_the_cells_that_it_touches():
    pieces = pieces_of(WALL, [[(0, 0, 1), (100, 50, 1)], [(5, 90, 1), (6, 91, 1)]]).pieces
    index = index_of(pieces)
    assert index.members.size == index.starts[-1] and set(index.members) == {0, 1}
    assert scene_of([]).cells.columns == 0 and NO_RASTER.values.size == 0
