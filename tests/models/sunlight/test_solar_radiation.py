"""Radiation on planes of a mean year: beside the textbook, the diagram of the Netherlands, and exact sums."""

import numpy as np
import pytest

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.sunlight.climate import DE_BILT, parsed_months, written
from dtwin_plugin.models.sunlight.radiation import (
    MeanYear,
    best,
    diffuse_share,
    hour_weight,
    mean_year,
    on_planes,
    plane,
    split_light,
)
from dtwin_plugin.models.sunlight.site import site_of

UTRECHT = site_of(140_000, 456_000)


@pytest.fixture(scope="module")
def year():
    return mean_year(DE_BILT, UTRECHT)


def yearly(year, tilt, azimuth):
    return on_planes(year, plane(tilt, azimuth)).sum(axis=1)


def test_the_horizontal_gets_what_was_given_in_each_month(year):
    # exact but for rounding: the steps are scaled to the sum of the month
    np.testing.assert_allclose(on_planes(year, [[0, 0, 1]])[0], DE_BILT, rtol=1e-12)
    coarse = mean_year(DE_BILT, UTRECHT, 60.0)
    np.testing.assert_allclose(on_planes(coarse, [[0, 0, 1]])[0], DE_BILT, rtol=1e-12)


def test_the_best_plane_gets_what_the_dutch_diagram_and_pvgis_say(year):
    """Best at 35 to 38 degrees to the south, with 1.15 to 1.20 times the horizontal."""
    slopes = yearly(year, np.arange(91), 180.0)
    assert 35 <= slopes.argmax() <= 38
    assert 1.15 < best(year) / sum(DE_BILT) < 1.20


@pytest.mark.parametrize(
    "tilt, azimuth, least, most",
    [
        (36, 180, 0.995, 1.0),  # the diagram is 100 percent here
        (36, 270, 0.78, 0.82),  # and 80 percent, read to 2
        (36, 90, 0.78, 0.82),
        (35, 0, 0.50, 0.60),  # between the lines of 50 and 60 percent
    ],
)
def test_planes_get_their_share_in_the_dutch_diagram(year, tilt, azimuth, least, most):
    assert least <= yearly(year, tilt, azimuth)[0] / best(year) <= most


def test_a_slight_slope_to_the_north_gets_what_a_steep_one_to_the_east_does(year):
    """As a published table of Dutch roofs has it: 10 degrees to the north beside 40 to the east; its steps are 2."""
    assert yearly(year, 10, 0)[0] / yearly(year, 40, 90)[0] == pytest.approx(1.0, abs=0.02)


def test_east_and_west_get_alike_and_south_more_than_north(year):
    # the sun's day is not in step with the clock's: half a step of 20 min
    assert yearly(year, 45, 90)[0] == pytest.approx(yearly(year, 45, 270)[0], rel=0.005)
    assert (yearly(year, [20, 45, 90], 180.0) > yearly(year, [20, 45, 90], 0.0)).all()


def test_the_mean_over_all_directions_is_a_quarter_of_the_rays_and_half_of_the_sky(year):
    number = np.arange(20_000) + 0.5
    up, turn = 1 - 2 * number / 20_000, np.pi * (1 + 5**0.5) * number
    across = np.sqrt(1 - up**2)
    mean = on_planes(year, np.column_stack([across * np.cos(turn), across * np.sin(turn), up]), 0.2).mean(axis=0)
    rays = np.bincount(year.months, year.normal, 12)
    expected = rays / 4 + year.sky / 2 + 0.2 * year.horizontal / 2
    np.testing.assert_allclose(mean, expected, rtol=1e-3)  # of a sum over 20,000 directions


def test_an_hour_of_the_textbook():
    """Duffie and Beckman, example 2.15.1: 60 degrees to the south at 40 N, 9 to 10 h on 20 February, 1.17 MJ/m2."""
    phi, declination, hour = np.radians([40.0, -11.6, -37.5])
    rise = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour)
    east = -np.cos(declination) * np.sin(hour)
    north = np.cos(phi) * np.sin(declination) - np.sin(phi) * np.cos(declination) * np.cos(hour)
    beam, diffuse, total = 0.244, 0.796, 1.04
    one, none = np.eye(12)[0], np.zeros(1, np.int64)
    hour_only = MeanYear(np.array([[east, north, rise]]), none, np.array([beam / rise]), one * diffuse, one * total,
                         one * diffuse)  # fmt: skip
    assert on_planes(hour_only, plane(60, 180), 0.6)[0, 0] == pytest.approx(1.17, abs=0.005)  # as printed
    # example 2.16.1 of the same hour: an index of 0.104
    normal, sky = split_light(np.array([beam]), np.array([diffuse]), np.array([2.34]), np.array([rise]))
    assert 1 - sky[0] / diffuse == pytest.approx(0.104, abs=0.0005)
    assert normal[0] * rise + sky[0] == pytest.approx(total, rel=1e-12)


def test_light_is_split_within_its_bounds(year):
    share = year.diffuse / year.horizontal
    assert (share[[5, 6]] < share[[0, 11]]).all() and (share > 0.4).all() and (share < 0.75).all()
    assert (year.normal >= 0).all() and (year.sky > 0).all() and (year.sky < year.diffuse).all()
    assert (diffuse_share([0.0, 0.99], [90.0, 90.0]) <= 1).all()
    # a whole day of hours gives back the day, eq. 2.13.1, on an equinox: the fit is right to 1 percent
    hours = np.linspace(-90, 90, 2001)
    fraction = np.pi / 24 * hour_weight(hours, 90.0) * np.cos(np.radians(hours))
    assert fraction.mean() * 12 == pytest.approx(1.0, abs=0.01)


def test_no_beam_and_no_sun_make_no_numbers():
    normal, sky = split_light(np.zeros(2), np.array([0.1, 0.0]), np.zeros(2), np.array([0.0, 0.1]))
    assert normal.tolist() == [0, 0] and sky.tolist() == [0.1, 0]


def test_a_map_that_is_turned_turns_the_sun():
    turned = mean_year(DE_BILT, UTRECHT._replace(convergence=10.0))
    straight = mean_year(DE_BILT, UTRECHT._replace(convergence=0.0))
    # what faces 170 degrees on that map faces 180 on the earth
    assert yearly(turned, 40, 170)[0] == pytest.approx(yearly(straight, 40, 180)[0], rel=1e-9)


@pytest.mark.parametrize("text", [written(), "20,3 36,8 77,4 124,1 153,7 158,1 156,5 130,7 90,8 53,8 23,9 15,4",
                                  ", ".join(str(month) for month in DE_BILT)])  # fmt: skip
def test_months_are_read_as_people_write_them(text):
    assert parsed_months(text).tolist() == list(DE_BILT)


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "0 numbers"),
        ("1 " * 11, "11 numbers"),
        ("10; " * 11 + "much", "no number"),
        ("10 " * 11 + "nan", "lies between"),
        ("10 " * 11 + "-3", "lies between"),
        ("7308 " * 12, "lies between"),  # J/cm2
    ],
)
def test_months_that_are_none_are_refused(text, reason):
    with pytest.raises(InputError, match=reason):
        parsed_months(text)
