"""Points on roofs, and what stands around them: courts, walls and trees with an exact answer."""

import numpy as np
import pytest

from dtwin_plugin.data import Geometries, Grid
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.models.sunlight.climate import DE_BILT
from dtwin_plugin.models.sunlight.radiation import mean_year, on_planes
from dtwin_plugin.models.sunlight.roof_points import RoofPoints, roof_points
from dtwin_plugin.models.sunlight.roofs import with_roofs
from dtwin_plugin.models.sunlight.site import Site
from dtwin_plugin.models.sunlight.solar import received
from dtwin_plugin.progress import Silent

X, Y, CELL = 140_000.0, 456_000.0, 0.5
YEAR = mean_year(DE_BILT, Site(52.1, 5.18, 0.0))


def ground(side=100.0, height=0.0, cell=CELL):
    count = round(side / cell)
    return Grid(np.full((count, count), height), X, Y + side, cell, unit="m")


def built(grid, inside, height):
    """The grid raised where a function of x and y in m from its south-west corner says so."""
    rows, columns = grid.shape
    x, y = (np.arange(columns) + 0.5) * grid.cell_size, (rows - 0.5 - np.arange(rows)) * grid.cell_size
    return grid.like(np.where(inside(x[None, :], y[:, None]), height, grid.values), "m", "Surface")


def flat(left, bottom, right, top, z, high=None):
    """A roof in m from the corner; its north side at `high`."""
    high = z if high is None else high
    ring = [
        (X + left, Y + bottom, z),
        (X + right, Y + bottom, z),
        (X + right, Y + top, high),
        (X + left, Y + top, high),
    ]
    return Geometries.build("polygon", [[[[*ring, ring[0]]]]])


def at(x, y, z=0.0):
    return RoofPoints(np.array([[X + x, Y + y, z]]), np.array([[0.0, 0.0, 1.0]]), np.ones(1), np.zeros(1, np.int64))


def test_points_fill_a_roof_and_stand_on_it():
    points = roof_points(flat(10, 10, 22, 18, 5.0, 11.0), 0.5)
    assert points.areas.sum() == pytest.approx(12 * 10) and points.areas.max() <= 0.5
    assert np.ptp(points.normals, axis=0).max() == 0 and points.normals[0] == pytest.approx([0, -0.6, 0.8])
    x, y, z = (points.places - [X, Y, 0]).T
    assert z == pytest.approx(5 + 0.75 * (y - 10), abs=1e-6)
    # each quarter has its share of the points, to the few that lie on its edges
    counts, _, _ = np.histogram2d(x, y, bins=[[10, 16, 22], [10, 14, 18]])
    assert counts == pytest.approx(np.full((2, 2), len(points) / 4), rel=0.1)


def test_walls_and_slivers_get_no_point_and_faces_that_look_down_are_turned():
    wall = [(X, Y, 0), (X + 5, Y, 0), (X + 5, Y, 3), (X, Y, 3), (X, Y, 0)]
    line = [(X, Y, 1), (X + 5, Y, 1), (X + 9, Y, 1), (X, Y, 1)]
    down = [(X, Y, 3), (X, Y + 2, 3), (X + 2, Y + 2, 3), (X + 2, Y, 3), (X, Y, 3)]
    points = roof_points(Geometries.build("polygon", [[[wall]], [[line]], [[down]]]))
    assert set(points.roofs) == {2} and points.normals[0].tolist() == [0, 0, 1]
    with pytest.raises(InputError, match="without heights"):
        roof_points(Geometries.build("polygon", [[[[(0, 0), (1, 0), (1, 1), (0, 0)]]]]))


def test_each_part_of_a_roof_has_its_own_slope():
    south = [(X, Y, 3), (X + 8, Y, 3), (X + 8, Y + 4, 6), (X, Y + 4, 6), (X, Y, 3)]
    north = [(X, Y + 4, 6), (X + 8, Y + 4, 6), (X + 8, Y + 8, 3), (X, Y + 8, 3), (X, Y + 4, 6)]
    points = roof_points(Geometries.build("polygon", [[[south], [north]]]))
    faces = {tuple(normal) for normal in points.normals.round(3)}
    assert faces == {(0.0, -0.6, 0.8), (0.0, 0.6, 0.8)} and set(points.roofs) == {0}


def test_open_ground_and_an_own_roof_take_nothing():
    found = received(roof_points(flat(40, 40, 60, 60, 0.0)), ground(), YEAR)
    np.testing.assert_allclose(found.shaded, np.tile(DE_BILT, (len(found.shaded), 1)), rtol=1e-9)
    for roof in (flat(40, 40, 60, 60, 5.0, 25.0), flat(40, 40, 60, 48, 15.0, 5.0)):
        surface = with_roofs(ground(), [roof])
        made = received(roof_points(roof), surface, YEAR)
        # the sky is summed in 48 sectors, which is right to 0.1 percent
        np.testing.assert_allclose(made.shaded, made.free, rtol=2e-3)


def test_a_round_court_leaves_the_sky_above_its_wall():
    """Seen from the middle the wall stands at 45 degrees: half of an even sky is left, and no sun in winter."""

    def wall(x, y):
        far = np.hypot(x - 50, y - 50)
        return (far >= 20) & (far < 30)

    found = received(at(50, 50), built(ground(), wall, 20.0), YEAR).shaded[0]
    # the wall begins up to half a cell's diagonal nearer: 45.5 degrees at most
    winter = [0, 1, 10, 11]  # noon below 30 degrees
    assert found[winter] == pytest.approx(YEAR.sky[winter] / 2, rel=0.02)
    high = YEAR.directions[:, 2] > np.sin(np.radians(45.25))
    sun = np.bincount(YEAR.months, YEAR.normal * YEAR.directions[:, 2] * high, 12)
    assert found[5] == pytest.approx(sun[5] + YEAR.sky[5] / 2, rel=0.03)  # a step of the sun in the morning and evening


def test_a_long_wall_in_the_south_takes_the_sun_below_it():
    """A wall of 10 m at 10 m; what passes is told by the slope of each ray across it."""
    side = 600.0
    surface = built(ground(side, cell=1.0), lambda x, y: (y >= 280) & (y < 290) & (x > -1), 10.0)
    found = received(at(300.5, 299.999), surface, YEAR).shaded[0]
    south = -YEAR.directions[:, 1]
    free = (south <= 0) | (YEAR.directions[:, 2] > south * 10 / 10)
    sun = np.bincount(YEAR.months, YEAR.normal * YEAR.directions[:, 2] * free, 12)
    # exact for a wall without ends: half of the sky is whole, and of the other the cosine of 45 degrees
    sky = YEAR.sky * (1 + np.cos(np.radians(45))) / 2
    # 48 directions, between which the horizon is drawn straight: a step of the sun or so
    assert found.sum() == pytest.approx((sun + sky).sum(), rel=0.02)
    assert found == pytest.approx(sun + sky, rel=0.08)


def test_crowns_let_through_their_share():
    surface = ground()
    crowns = built(surface.like(np.full(surface.shape, np.nan), "m", ""), lambda x, y: np.abs(y - 40) < 5, 12.0)
    points = at(50, 52)
    solid = received(points, surface.like(np.fmax(surface.values, crowns.values), "m", ""), YEAR).shaded
    none, half, all_ = (received(points, surface, YEAR, crowns, share).shaded for share in (0.0, 0.5, 1.0))
    np.testing.assert_allclose(none, solid, rtol=1e-9)
    np.testing.assert_allclose(all_, received(points, surface, YEAR).shaded, rtol=1e-9)
    np.testing.assert_allclose(half, (none + all_) / 2, rtol=1e-9)
    assert none.sum() < 0.9 * all_.sum()


def test_what_is_near_and_what_is_far_is_found_in_all_directions():
    """A tower at each of 12 turns, at three distances: the horizon is the same as by looking at each cell."""
    from dtwin_plugin.models.sunlight import solar

    surface = ground(400.0, cell=1.0)
    values = surface.values.copy()
    rng = np.random.default_rng(5)
    rows, columns = rng.integers(0, 400, (2, 60))
    values[rows, columns] = rng.uniform(5, 60, 60)
    surface = surface.like(values, "m", "")
    point = at(201.3, 187.6, 1.0)
    found = solar._Around.of(surface, point).horizons(point, slice(None), 1)[0]
    expected = np.zeros(solar.SECTORS)
    for sector in range(solar.SECTORS):
        turn = 2 * np.pi * sector / solar.SECTORS
        far = np.arange(0.5, 300, 0.002)  # m: every cell along the way, the first of it counts
        i, j = np.floor(201.3 + far * np.sin(turn)), np.floor(400 - 187.6 - far * np.cos(turn))
        inside = (i >= 0) & (i < 400) & (j >= 0) & (j < 400)
        seen = values[j[inside].astype(int), i[inside].astype(int)] - 1.0
        expected[sector] = max(0.0, np.arctan2(seen, far[inside])[seen > solar.SPARE].max(initial=0.0))
    np.testing.assert_allclose(found, expected, atol=2e-3)  # rad: steps of 2 mm, and corners that they miss
    assert (found > 0).sum() > 4


def test_beside_the_surface_nothing_is_known_and_threads_change_nothing():
    surface = built(ground(), lambda x, y: (x > 60) & (y < 40), 15.0)
    points = roof_points(flat(40, 20, 58, 58, 3.0, 8.0))
    one, two = (received(points, surface, YEAR, threads=threads).shaded for threads in (1, 2))
    np.testing.assert_array_equal(one, two)
    assert np.isnan(received(at(-20, 10), surface, YEAR).shaded).all()
    assert (one <= on_planes(YEAR, points.normals[:1]) * 1.002).all()


def test_work_is_stopped_when_asked():
    class Stop(Silent):
        def is_cancelled(self):
            return True

    with pytest.raises(Cancelled):
        received(at(50, 50), ground(), YEAR, progress=Stop())
