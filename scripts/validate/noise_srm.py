"""The Dutch methods 1 and 2 beside the tables of the law, and beside each other on an endless road."""

import numpy as np

from dtwin_plugin.models.noise.bands import BANDS, total
from dtwin_plugin.models.noise.scene import Raster, scene_of
from dtwin_plugin.models.noise.srm1 import losses
from dtwin_plugin.models.noise.srm2_kernels import screened
from dtwin_plugin.models.noise.srm2_road_kernels import transfer_2
from dtwin_plugin.models.noise.srm_emission import emission_1, emission_2
from dtwin_plugin.models.noise.srm_table import AIR, HEIGHT

KINDS = ("lv", "mv", "zv", "moped", "motorcycle")
EXACT = 1e-9  # dB: a table is the same or it is not
STEP = 0.004  # dB: coefficients of table 2.7 have three decimals
# Mean of method 2 less method 1 that an independent calculation found, and how far its single cases lay apart [dB].
# That calculation had a road without end and its own choice of places: so the spread is what may differ.
APART = {"lv": (-0.2, 0.5), "mv": (-0.4, 0.6), "zv": (-0.4, 0.6)}
LONG = 4000.0  # m to either side: at 150 m that leaves out 0.1 dB
PLACES = [(away, high) for away in (7.5, 15.0, 30.0, 60.0, 100.0, 150.0) for high in (1.5, 5.0)]


def tables(case):
    """Yield quantity, expected, found and tolerance of the tables in the law."""
    given = case["srm2"]
    alpha, beta, start = (given["emission"][name] for name in ("alpha", "beta", "v0_kmh"))
    for number, kind in enumerate(KINDS):
        flows = np.eye(len(KINDS))[number] * 100.0
        first = start.get(kind, start["moped_tram"])
        worst = 0.0
        for speed in (30.0, 50.0, 80.0):
            expected = (
                np.array(alpha[kind]) + np.array(beta[kind]) * np.log10(speed / first) + 10 * np.log10(100 / speed)
            )
            worst = max(worst, float(np.abs(emission_2(flows, [speed] * len(KINDS)) - expected).max()))
        yield f"emission of {kind}, largest difference of a band [dB]", 0.0, worst, EXACT
    worst = float(np.abs(np.array(given["air_db_per_m"]["delta"]) - AIR).max())
    yield "air, largest difference of a band [dB/m]", 0.0, worst, EXACT
    for number, takes in ((-0.314, 0.0), (-0.0016, 5.0), (0.0016, 5.0), (1.0, 12.909), (16.1845, 25.0)):
        beside = [screened(number * (1.0 + step)) for step in (-1e-6, 1e-6)]
        worst = max(abs(one - takes) for one in beside)
        yield f"screen at a Fresnel number of {number}, largest step [dB]", 0.0, worst, STEP


def endless():
    """Yield the mean of method 2 less method 1, by kind of vehicle, at 50 and 80 km/h."""
    for number, (kind, (mean, spread)) in enumerate(APART.items()):
        apart = []
        for soft in (0.0, 0.5, 1.0):
            gains = np.array([_gains(away, high, soft) for away, high in PLACES])
            lost = [losses(float(np.hypot(away, high - HEIGHT)), high, 0.0, soft) for away, high in PLACES]
            for speed in (50.0, 80.0):
                flows, speeds = np.eye(len(KINDS))[number] * 1000.0, [speed] * len(KINDS)
                two = total(emission_2(flows, speeds) + 10.0 * np.log10(gains))
                apart.append(two - (emission_1(flows, speeds) - lost))
        yield f"method 2 less method 1 on an endless road, {kind}, mean [dB]", mean, float(np.mean(apart)), spread


def _gains(away, high, soft):
    flat = [Raster(np.full((2, 2), value, np.float32), -1e4, 1e4, 1e4) for value in (0.0, soft)]
    scene = scene_of((), (), *flat)
    receivers, energy = np.array([[0.0, away, high, 0.0]]), np.zeros((1, 2, len(BANDS)))
    given = np.array([0]), np.array([0, 1]), receivers
    road = np.array([[-LONG, 0.0, LONG, 0.0]])
    transfer_2(scene, road, *given, (2 * LONG, 0.25, np.radians(2.0)), AIR, 0.0, 0, energy, np.zeros(1, np.int64))
    return energy[0, 0]
