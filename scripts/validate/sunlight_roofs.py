"""Radiation on roofs beside shares of Dutch planes, the textbook, and courts and walls with an exact answer."""

import numpy as np

from dtwin_plugin.data import Grid
from dtwin_plugin.models.sunlight.climate import DE_BILT
from dtwin_plugin.models.sunlight.radiation import MeanYear, best, mean_year, on_planes, plane
from dtwin_plugin.models.sunlight.roof_points import RoofPoints
from dtwin_plugin.models.sunlight.site import Site
from dtwin_plugin.models.sunlight.solar import received

YEAR = mean_year(DE_BILT, Site(52.1, 5.18, 0.0))
# slope, way it faces, share of the best plane and how finely it was read: the diagram that Dutch installers use
# ("instralingsdiagram", Ecofys), as olino.org (2006) and energiekennisbank.nl (2021) tell it
DIAGRAM = ((36, 180, 100.0, 0.5), (36, 270, 80.0, 2.0), (36, 90, 80.0, 2.0), (35, 0, 55.0, 5.0))


def rows():
    yield row("horizontal, each month, largest", "difference [kWh/m2]", 0.0,
              float(np.abs(on_planes(YEAR, [[0, 0, 1]])[0] - DE_BILT).max()), 1e-9)  # fmt: skip
    for tilt, azimuth, share, read in DIAGRAM:
        got = 100 * on_planes(YEAR, plane(tilt, azimuth)).sum() / best(YEAR)
        yield row(f"plane of {tilt} degrees facing {azimuth}", "of the best [%]", share, got, read)
    slopes = on_planes(YEAR, plane(np.arange(91), 180.0)).sum(axis=1)
    yield row("slope to the south with most", "slope [degree]", 36.0, float(slopes.argmax()), 2.0)
    yield textbook()
    yield court()
    yield wall()


def row(case, quantity, expected, got, tolerance):
    return {"model": "sunlight", "case": f"roofs: {case}", "quantity": quantity, "expected": expected, "got": got,
            "tolerance": tolerance, "ok": bool(abs(got - expected) <= tolerance)}  # fmt: skip


def textbook():
    """Duffie and Beckman, example 2.15.1: an hour on a plane of 60 degrees, beam 0.244 and diffuse 0.796 MJ/m2."""
    phi, declination, hour = np.radians([40.0, -11.6, -37.5])
    rise = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour)
    east = -np.cos(declination) * np.sin(hour)
    north = np.cos(phi) * np.sin(declination) - np.sin(phi) * np.cos(declination) * np.cos(hour)
    first, none = np.eye(12)[0], np.zeros(1, np.int64)
    one = MeanYear(np.array([[east, north, rise]]), none, np.array([0.244 / rise]), 0.796 * first, 1.04 * first,
                   0.796 * first)  # fmt: skip
    got = float(on_planes(one, plane(60, 180), 0.6)[0, 0])
    return row("Duffie and Beckman, example 2.15.1", "an hour [MJ/m2]", 1.17, got, 0.005)


def place(x, y):
    return RoofPoints(np.array([[x, y, 0.0]]), np.array([[0.0, 0.0, 1.0]]), np.ones(1), np.zeros(1, np.int64))


def court():
    """A round court whose wall stands at 45 degrees: half of the sky, and the sun above it."""
    middle = (np.arange(200) + 0.5) * 0.5
    far = np.hypot(*np.meshgrid(middle - 50, middle - 50))
    surface = Grid(np.where((far >= 20) & (far < 30), 20.0, 0.0), 0.0, 100.0, 0.5, unit="m")
    got = float(received(place(50, 50), surface, YEAR).shaded.sum())
    # the wall begins up to half the diagonal of a cell nearer, on the mean a quarter of a degree higher
    high = YEAR.directions[:, 2] > np.sin(np.radians(45.25))
    exact = (YEAR.normal * YEAR.directions[:, 2] * high).sum() + YEAR.sky.sum() / 2
    return row("round court, wall at 45 degrees", "a year [kWh/m2]", float(exact), got, 0.03 * exact)


def wall():
    """A long wall in the south at 45 degrees."""
    y = 600 - (np.arange(600) + 0.5)
    surface = Grid(np.where(((y >= 280) & (y < 290))[:, None], 10.0, np.zeros((600, 600))), 0.0, 600.0, 1.0, unit="m")
    got = float(received(place(300.5, 299.999), surface, YEAR).shaded.sum())
    south = -YEAR.directions[:, 1]
    free = (south <= 0) | (YEAR.directions[:, 2] > south)
    exact = (YEAR.normal * YEAR.directions[:, 2] * free).sum() + YEAR.sky.sum() * (1 + np.cos(np.pi / 4)) / 2
    return row("long wall in the south at 45 degrees", "a year [kWh/m2]", float(exact), got, 0.02 * exact)
