"""Shadows beside exact ones: of a box and a courtyard, of poles and slopes, through crowns and without data."""

import numpy as np
import pytest

from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.models.sunlight.position import Sun, sun_position
from dtwin_plugin.models.sunlight.shadow import FILTERED, LIT, SHADOW, Surface
from dtwin_plugin.models.sunlight.site import site_of
from dtwin_plugin.progress import Silent

SIZE, CELL = 160, 0.5  # cells and m
OUTER, INNER = (34.0, 46.0, 30.0, 44.0), (38.0, 42.0, 35.0, 40.0)  # m: left, right, bottom, top
HEIGHT = 6.0
ELEVATIONS = np.tile([8.0, 17.0, 29.0, 45.0, 62.0], 10)
AZIMUTHS = np.arange(50) * 7.2 + 1.3  # all round


def centres():
    x = (np.arange(SIZE) + 0.5) * CELL
    return np.meshgrid(x, SIZE * CELL - x)


def within(x, y, box):
    return (x >= box[0]) & (x < box[1]) & (y >= box[2]) & (y < box[3])


def crossed(x, y, way, length, box):
    """Where along a way from each place, up to a length, a box is entered and left; entered after left if it is not."""
    enter, leave = np.zeros_like(x), np.full_like(x, length)
    for place, step, low, high in ((x, way[0], box[0], box[1]), (y, way[1], box[2], box[3])):
        with np.errstate(divide="ignore", invalid="ignore"):
            one, two = (low - place) / step, (high - place) / step
        enter, leave = np.maximum(enter, np.minimum(one, two)), np.minimum(leave, np.maximum(one, two))
    return enter, leave


def exact(x, y, courtyard, elevation, azimuth):
    """Whether the light to places on the ground is cut off by the walls: exact, without cells."""
    way = np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))
    length = HEIGHT / np.tan(np.radians(elevation))
    enter, leave = crossed(x, y, way, length, OUTER)
    shaded = enter < leave
    if courtyard:  # the part of the way over the courtyard cuts nothing off
        in_, out = crossed(x, y, way, length, INNER)
        hole = np.where(in_ < out, out - in_, 0.0)
        shaded &= (leave - enter) - hole > 1e-9
    return shaded


@pytest.mark.parametrize("courtyard", [False, True])
def test_the_edge_of_a_shadow_lies_within_a_cell_of_the_exact_one_at_fifty_positions(courtyard):
    x, y = centres()
    solid = within(x, y, OUTER)
    if courtyard:
        solid &= ~within(x, y, INNER)
    found = Surface(np.where(solid, HEIGHT - 2.0, -2.0), CELL).light(Sun(ELEVATIONS, AZIMUTHS))
    wrong = 0
    for light, elevation, azimuth in zip(found, ELEVATIONS, AZIMUTHS):
        shaded = light == SHADOW
        assert not shaded[solid].any()  # the roof
        near = [exact(x, y, courtyard, elevation, azimuth)]
        for turn in np.arange(0, 360, 15):  # a cell around in all directions
            dx, dy = CELL * np.sin(np.radians(turn)), CELL * np.cos(np.radians(turn))
            near.append(exact(x + dx, y + dy, courtyard, elevation, azimuth))
        never, always = ~np.any(near, axis=0), np.all(near, axis=0)
        assert not (shaded & never & ~solid).any(), (elevation, azimuth)
        assert not (~shaded & always & ~solid).any(), (elevation, azimuth)
        wrong += (shaded != near[0])[~solid].mean()
    assert wrong / len(found) < 0.005  # and where it is a cell off, it is a matter of edges


def test_a_pole_throws_as_long_a_shadow_as_it_should_in_all_directions():
    """Of 10 m at 30 degrees: 17.3 m, to half a cell along the way."""
    heights = np.zeros((101, 101))
    heights[50, 50] = 10.0
    for azimuth in range(0, 360, 9):
        light = Surface(heights, 1.0).light(Sun(np.array([30.0]), np.array([float(azimuth)])))[0]
        rows, columns = np.nonzero(light == SHADOW)
        away = np.hypot(rows - 50, columns - 50)
        assert away.max() == pytest.approx(17.32, abs=1.0)
        k = np.argmax(away)
        assert np.degrees(np.arctan2(50 - columns[k], rows[k] - 50)) % 360 == pytest.approx(azimuth, abs=3) or (
            azimuth == 0 and np.degrees(np.arctan2(50 - columns[k], rows[k] - 50)) % 360 > 357
        )


def test_a_slope_away_from_a_low_sun_is_dark_and_one_towards_it_is_not():
    y = np.arange(50)[:, None] * np.ones((1, 20))
    for slope, dark in ((0.3, False), (-0.3, True)):  # rising to the south, or falling
        light = Surface(y * slope, 1.0).light(Sun(np.array([10.0]), np.array([0.0])))[0]
        assert (light == SHADOW)[1:].all() if dark else (light == LIT).all()


def test_the_night_is_dark_and_the_datum_does_not_matter():
    rng = np.random.default_rng(3)
    heights = rng.uniform(0, 8, (60, 70))
    sun = Sun(np.array([-3.0, 20.0]), np.array([10.0, 215.0]))
    light = Surface(heights, 1.0).light(sun)
    assert (light[0] == SHADOW).all() and 0.2 < (light[1] == LIT).mean() < 0.9
    for datum in (-6.7, 320.0):  # below NAP, and on the Vaalserberg
        assert (Surface(heights + datum, 1.0).light(sun) == light).mean() > 0.9999  # but where rounding decides


def test_turning_and_mirroring_the_world_turns_and_mirrors_the_shadow():
    rng = np.random.default_rng(5)
    heights = np.where(rng.uniform(0, 1, (80, 80)) > 0.9, 9.0, 0.0)
    seen = Surface(heights, 1.0).light(Sun(np.array([25.0]), np.array([20.0])))[0]
    mirrored = Surface(heights[:, ::-1], 1.0).light(Sun(np.array([25.0]), np.array([340.0])))[0]
    assert (mirrored[:, ::-1] == seen).mean() > 0.995  # half columns are rounded to one side
    turned = Surface(np.rot90(heights, -1), 1.0).light(Sun(np.array([25.0]), np.array([110.0])))[0]
    assert (np.rot90(turned) == seen).mean() > 0.995


def test_no_data_throws_no_shadow():
    heights = np.zeros((9, 9))
    heights[4, 3:6] = np.nan
    light = Surface(heights, 1.0).light(Sun(np.array([15.0]), np.array([180.0])))[0]
    assert (light[np.isfinite(heights)] == LIT).all()
    with pytest.raises(InputError, match="no heights"):
        Surface(np.full((3, 3), np.nan), 1.0)


def test_crowns_filter_the_light_and_walls_take_it():
    heights, crowns = np.zeros((20, 9)), np.full((20, 9), np.nan)
    crowns[15, 2] = 5.0
    heights[15, 6], crowns[13, 6] = 5.0, 9.0  # a wall, and a tree behind it in its shadow
    light = Surface(heights, 1.0, crowns).light(Sun(np.array([45.0]), np.array([180.0])))[0]
    assert light[15, 2] == FILTERED and (light[11:15, 2] == FILTERED).all() and light[9, 2] == LIT
    assert (light[11:15, 6] == SHADOW).all()
    assert (light[6:10, 6] == FILTERED).all()  # of the tree alone, beyond the shadow of the wall


def test_counts_are_the_sum_of_moments_for_any_number_of_threads():
    rng = np.random.default_rng(11)
    heights = np.where(rng.uniform(0, 1, (70, 90)) > 0.93, rng.uniform(3, 20, (70, 90)), 0.0)
    crowns = np.where(rng.uniform(0, 1, (70, 90)) > 0.97, 6.0, np.nan)
    times = np.arange("2025-02-19T06:00", "2025-02-19T18:00", np.timedelta64(10, "m"), dtype="datetime64[s]")
    sun = sun_position(times, 52.0, 5.0)
    for given in (None, crowns):
        surface = Surface(heights, 1.0, given)
        light = surface.light(sun)
        for threads in (1, 2):
            direct, filtered = surface.counts(sun, threads=threads)
            np.testing.assert_array_equal(direct, (light == LIT).sum(axis=0))
            np.testing.assert_array_equal(filtered, (light == FILTERED).sum(axis=0))


def test_a_user_may_stop_it():
    class Stopped(Silent):
        def is_cancelled(self):
            return True

    with pytest.raises(Cancelled):
        Surface(np.zeros((5, 5)), 1.0).counts(Sun(np.array([30.0]), np.array([90.0])), progress=Stopped())


def test_north_of_the_map_is_not_true_north():
    """In Enschede the map is turned by 1.2 degrees: a shadow of 100 m falls 2 m beside."""
    site = site_of(257_900.0, 471_200.0)
    assert (site.latitude, site.longitude) == pytest.approx((52.2201, 6.8945), abs=2e-3)
    assert site.convergence == pytest.approx(1.19, abs=0.02)
    heights = np.zeros((130, 61))
    heights[120, 30] = 100.0
    sun = Sun(np.array([45.0]), np.array([180.0]))
    far = [Surface(heights, 1.0, convergence=turn).light(sun)[0, 25] == SHADOW for turn in (0.0, site.convergence)]
    assert [np.flatnonzero(row).tolist() for row in far] == [[30], [28]]


def test_the_dam_in_amsterdam_lies_where_it_does():
    """From the transformation of NSGI in `sources.crs`."""
    site = site_of(121_000.0, 487_000.0)
    assert (site.latitude, site.longitude) == pytest.approx((52.3698263, 4.8879700), abs=1e-5)
