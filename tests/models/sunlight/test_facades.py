"""Sun on facades: in a street canyon beside the analytic answer, by storey, and not into the house next door."""

import numpy as np
import pytest

from dtwin_plugin.data import Geometries, Grid
from dtwin_plugin.models.sunlight.facades import FacadePoints, facade_points, sun_on
from dtwin_plugin.models.sunlight.position import Sun, sun_position

CELL, X, Y = 0.5, 120_000.0, 486_000.0


def grid(values):
    return Grid(np.asarray(values, float), X, Y, CELL, unit="m")


def square(left, bottom, right, top):
    """A ring in m from the south-west corner of a grid of 40 m, counter-clockwise."""
    corners = [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
    return [(X + x, Y - 40.0 + y) for x, y in corners]


def built(*boxes, ground=0.0):
    """Terrain and surface of 40 x 40 m with boxes: left, bottom, right, top, height."""
    terrain = np.full((80, 80), ground)
    surface = terrain.copy()
    x = (np.arange(80) + 0.5) * CELL
    y = 40.0 - x
    for left, bottom, right, top, height in boxes:
        inside = ((y >= bottom) & (y < top))[:, None] & ((x >= left) & (x < right))
        surface[inside] = ground + height
    return grid(terrain), grid(surface)


@pytest.mark.parametrize("height", [0.75, 6.75, 12.75])
@pytest.mark.parametrize("date", ["2025-02-19", "2025-04-21", "2025-06-21"])
def test_a_wall_in_a_street_canyon_has_its_sun_within_one_time_step(height, date):
    """A wall at a street of 12 m, opposite a row of 15 m: lit while tan(h) / cos(a) is above (15 - z) / 12.

    The street runs for a kilometre, and the light is followed from 0.35 m before the wall, which the width is less by.
    """
    step, width, row = 5, 12.0, 15.0
    surface = np.zeros((120, 2000))
    surface[80:] = row  # the row to the south; what it shades stands at the north side of the street
    places = np.array([[X + 500.0, Y - 80 * CELL + width, height]])
    points = FacadePoints(places, np.array([[0.0, -1.0]]), np.zeros(1, np.int64), np.zeros(1, np.int64))
    day = np.datetime64(date)
    moments = np.arange(day, day + 1, np.timedelta64(step, "m"), dtype="datetime64[s]")
    sun = sun_position(moments, 52.37, 4.89)
    found = sun_on(points, grid(surface), sun, np.zeros(len(moments), np.int64))[0, 0] * step
    fine = np.arange(day, day + 1, np.timedelta64(2, "s"), dtype="datetime64[s]")
    exact = sun_position(fine, 52.37, 4.89)
    across = np.cos(np.radians(exact.azimuth - 180))
    with np.errstate(divide="ignore"):
        over = np.tan(np.radians(exact.elevation)) / across > (row - height) / (width - 0.7072 * CELL)
    minutes = ((across > 0) & (exact.elevation > 0) & over).sum() / 30
    # counted twice: it may come and go in the morning and in the afternoon, each within a step
    edges = np.abs(np.diff(((across > 0) & (exact.elevation > 0) & over).astype(int))).sum()
    assert found == pytest.approx(minutes, abs=step * max(edges / 2, 1))


def test_points_stand_at_sills_on_all_storeys_with_normals_outwards():
    terrain, surface = built((10, 10, 22, 18, 7.0), ground=-2.0)
    points = facade_points(Geometries.build("polygon", [[[square(10, 10, 22, 18)]]]), terrain, surface)
    assert set(points.storeys) == {0, 1} and len(points) == 2 * (6 + 4 + 6 + 4)
    assert sorted(set(points.places[:, 2].round(6))) == [-1.25, 1.75]
    middle = np.array([X + 16.0, Y - 40.0 + 14.0])
    assert (((points.places[:, :2] - middle) * points.normals).sum(axis=1) > 0).all()
    assert np.allclose(np.hypot(*points.normals.T), 1)
    clockwise = Geometries.build("polygon", [[[square(10, 10, 22, 18)[::-1]]]])
    again = facade_points(clockwise, terrain, surface)
    assert sorted(map(tuple, again.normals.round(6))) == sorted(map(tuple, points.normals.round(6)))


def test_a_courtyard_has_facades_that_look_into_it():
    terrain, surface = built((5, 5, 35, 35, 10.0))
    surface.values[30:50, 30:50] = 0.0
    ring = Geometries.build("polygon", [[[square(5, 5, 35, 35), square(15, 15, 25, 25)]]])
    points = facade_points(ring, terrain, surface)
    inner = np.abs(points.places[:, :2] - (X + 20, Y - 20)).max(axis=1) < 6
    assert inner.sum() == 3 * 4 * 5
    to_middle = ((X + 20, Y - 20) - points.places[inner, :2]) * points.normals[inner]
    assert (to_middle.sum(axis=1) > 0).all()


def test_no_windows_look_into_the_house_next_door():
    """Two houses wall to wall, of 6 and 12 m: only the higher looks out over the other."""
    terrain, surface = built((10, 10, 20, 20, 6.0), (20, 10, 30, 20, 12.0))
    both = Geometries.build("polygon", [[[square(10, 10, 20, 20)]], [[square(20, 10, 30, 20)]]])
    points = facade_points(both, terrain, surface)
    shared = np.abs(points.places[:, 0] - (X + 20)) < 0.01
    assert set(points.buildings[shared]) == {1} and set(points.storeys[shared]) == {2, 3}
    assert (points.places[shared, 2] > 6).all()


def test_a_wall_turned_from_the_sun_and_one_behind_a_wall_have_none_and_low_sun_may_not_count():
    terrain, surface = built((10, 20, 30, 26, 9.0))
    points = facade_points(Geometries.build("polygon", [[[square(10, 20, 30, 26)]]]), terrain, surface)
    noon = Sun(np.array([8.0, 25.0]), np.array([180.0, 180.0]))
    groups = np.array([0, 1])
    counted = sun_on(points, surface, noon, groups)
    south = points.normals[:, 1] < -0.5
    assert (counted[south] == 1).all() and (counted[points.normals[:, 1] > 0.5] == 0).all()
    assert sun_on(points, surface, noon, groups, lowest=10.0)[south].tolist() == [[0, 1]] * south.sum()
    screened = surface.values.copy()
    screened[60:62, :] = 20.0  # 10 m to the south, 20 m high: 8 and 25 degrees do not pass
    assert (sun_on(points, grid(screened), noon, groups)[south] == 0).all()


def test_no_data_throws_no_shadow_and_threads_change_nothing():
    terrain, surface = built((10, 20, 30, 26, 9.0), (5, 5, 35, 10, 14.0))
    points = facade_points(Geometries.build("polygon", [[[square(10, 20, 30, 26)]]]), terrain, surface)
    sun = sun_position(
        np.arange("2025-02-19T06", "2025-02-19T18", np.timedelta64(10, "m"), dtype="datetime64[s]"), 52.4, 4.9
    )
    groups = np.zeros(len(sun.elevation), np.int64)
    one, two = (sun_on(points, surface, sun, groups, threads=threads) for threads in (1, 2))
    np.testing.assert_array_equal(one, two)
    holes = surface.values.copy()
    holes[60:70] = np.nan
    assert (sun_on(points, grid(holes), sun, groups) >= one).all()
    assert (sun_on(points, grid(holes), sun, groups) > one).any()
