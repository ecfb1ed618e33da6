"""Settlement, building pits, water in the soil and the suitability of the ground, held against closed forms.

Each function yields a case, a quantity, what is expected, what is found, and by how much it may differ.
"""

import numpy as np
from scipy.stats import multivariate_normal, norm

from dtwin_plugin.data import Features, Geometries, Grid, Voxels
from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.models.subsurface.criteria import Criterion
from dtwin_plugin.models.subsurface.excavation_model import EXCAVATION
from dtwin_plugin.models.subsurface.ground_models import INFILTRATION, SETTLEMENT
from dtwin_plugin.models.subsurface.settlement import Columns, bjerrum_strain, effective_stress, koppejan_strain
from dtwin_plugin.models.subsurface.soil_table import COLUMNS, soil_table
from dtwin_plugin.models.subsurface.suitability import Ground, suitability
from dtwin_plugin.progress import Silent

CLAY, SAND = 2, 6
FLAT = Grid(np.zeros((40, 40)), -20.0, 20.0, 1.0)  # ground at NAP
DRAWS = 4000
# A share of DRAWS draws lies within 4 standard errors of its mean, and so, with the kurtosis of a few layers, does a
# standard deviation within 5 percent; the seed is fixed, so that this cannot change by chance.
ERROR, SPREAD = 4 * 0.5 / DRAWS**0.5, 0.05


def run(model, **values):
    defaults = {item.name: item.default for item in model.inputs}
    return model.run({**defaults, "terrain": FLAT, **values}, Silent())


def soil(layers, thickness=0.5):
    """Return 4 x 4 columns that are all alike; layers from the top, which is at NAP."""
    classes = np.broadcast_to(np.array(layers[::-1], np.int16), (4, 4, len(layers))).copy()
    names = tuple(LITHOCLASSES.values())
    return Voxels(classes, None, -20.0, -20.0, -thickness * len(layers), (10.0, 10.0, thickness), names)


def square(low, high):
    return Features(Geometries.build("polygon", [[[[(low, low), (high, low), (high, high), (low, high), (low, low)]]]]))


def strains():
    """Strains by hand arithmetic."""
    one = np.ones(1)
    found = 4 * bjerrum_strain(120 * one, 180 * one, 1e4, 0.30 / 1.90 * one, 0 * one, 0 * one, one)[0]
    yield "4 m of clay, 120 to 180 kPa, CR 0.30/1.90", "settlement [m]", 0.1112, found, 5e-5  # to four decimals
    by_hand = 0.02 * np.log10(80 / 50) + 0.15 * np.log10(100 / 80)
    found = bjerrum_strain(50 * one, 100 * one, 1.0, 0.15 * one, 0.02 * one, 0 * one, 1.6 * one)[0]
    yield "over the preconsolidation stress of 80 kPa", "strain", by_hand, found, 1e-12
    by_norm = 0.03 * np.log10(1.3) + 0.15 * np.log10(120 / 65) + 0.006 * np.log10(1e4)
    found = bjerrum_strain(50 * one, 120 * one, 1e4, 0.15 * one, 0.03 * one, 0.006 * one, 1.3 * one)[0]
    yield "isotaches beside the formula of the norm", "strain", by_norm, found, 5e-5 * 0.006  # Ca lg(1 + tau / t)
    by_hand = (1 / 7.5 + 4 / 30) * np.log(2)
    found = koppejan_strain(20 * one, 40 * one, 1e4, (30 * one, 7.5 * one), (120 * one, 30 * one), one)[0]
    yield "Koppejan, peat from 20 to 40 kPa, 10,000 days", "strain", by_hand, found, 1e-12


def settling():
    """Stresses and settlement of a whole column."""
    sand = Columns(np.full((1, 4), SAND), np.array([-0.5, -1.5, -2.5, -3.5]), 1.0, np.array([0.0]))
    found = effective_stress(sand, soil_table(), np.array([-1.5]), 10.0)[0, 3]
    yield "sand, water at 1.5 m, 10 kPa on it", "stress at 3.5 m [kPa]", 10 + 27 + 40 - 2 * 9.81, found, 1e-9
    weight, load, depth, cr = 20.0, 20.0, 8.0, 0.2
    rows = {name: [1.0] * 10 for name in COLUMNS}
    rows.update({"lithoclass": list(range(10)), "weight": [weight] * 10, "cr": [cr] * 10, "ca": [0.0] * 10})
    a = load / weight  # the integral of CR lg(1 + a / z) over the depth
    closed = cr / np.log(10) * ((depth + a) * np.log(depth + a) - a * np.log(a) - depth * np.log(depth))
    for thickness in (0.5, 0.1):
        ground = soil([CLAY] * round(depth / thickness), thickness)
        found = run(SETTLEMENT, soil=ground, soils=rows, load=load, groundwater=100.0)["most"]
        # a / z is steep in the first 0.1 m, of which the middle counts: 0.011 of the whole, however thick layers are
        yield f"8 m of dry clay in layers of {thickness} m", "settlement [m]", closed, found, 0.015 * closed


def pits():
    """Volumes of pits."""
    side, deep, slope = 10.03, 3.0, 1.5
    outline = square(-5.0, 5.03)
    found = run(EXCAVATION, outline=outline, bottom=-deep)["volume"]
    yield "box of 10.03 x 10.03 x 3 m", "volume [m3]", deep * side**2, found, 1e-6 * found
    closed = side**2 * deep + 4 * side * slope * deep**2 / 2 + np.pi * slope**2 * deep**3 / 3
    for cell in (0.5, 0.25):
        found = run(EXCAVATION, outline=outline, bottom=-deep, slope=slope, cell_size=cell)["volume"]
        yield f"sides 1:{slope}, cells of {cell} m", "volume [m3]", closed, found, 1e-3 * closed
    tilted = Grid(np.tile(np.arange(40) * 0.05, (40, 1)), -20.0, 20.0, 1.0)  # 0.975 m NAP at x = 0
    found = run(EXCAVATION, outline=square(-5.0, 5.0), bottom=-deep, terrain=tilted)["volume"]
    yield "box below a plane of 1:20", "volume [m3]", 100 * (deep + 0.975), found, 1e-6 * found
    found = run(EXCAVATION, outline=square(-5.0, 5.0), bottom=-deep, slope=1.0, soil=soil([CLAY] * 2 + [SAND] * 6))
    below, all_of_it = (100 * d + 40 * d**2 / 2 + np.pi * d**3 / 3 for d in (2.0, 3.0))
    clay = dict(zip(found["balance"]["lithoclass"], found["balance"]["volume"]))[CLAY]
    yield "the upper metre is clay", "volume of clay [m3]", all_of_it - below, clay, 1e-3 * clay
    yield (
        "the upper metre is clay",
        "filled back and left over [m3]",
        found["volume"],
        (found["backfill"] + found["surplus"]),
        1e-6 * found["volume"],
    )


def water():
    """Capacity and storage of two layers."""
    found = run(INFILTRATION, soil=soil([SAND, CLAY]), groundwater=1.0)
    rate = 1.0 / (0.5 / 10.0 + 0.5 / 0.005) * 1000 / 24
    case = "half a metre of sand over half a metre of clay"
    yield case, "capacity [mm/h]", rate, float(found["capacity"].values[0, 0]), 1e-6  # results are float32
    yield case, "storage [mm]", 500 * 0.35 + 500 * 0.45, float(found["storage"].values[0, 0]), 1e-3
    found = run(INFILTRATION, soil=soil([SAND, CLAY]), groundwater=0.0)
    yield "groundwater at the ground", "capacity [mm/h]", 0.0, float(found["capacity"].values.max()), 0.0
    yield "groundwater at the ground", "storage [mm]", 0.0, float(found["storage"].values.max()), 0.0


def suits():
    """Means and deviations of 4 m in 8 layers that are sand with a probability of 0.3."""
    chance, layers = 0.3, 8
    must_be_sand = Criterion("soil", False, 0.0, 1.0, 1.0, 0.0, 4.0, (SAND,))
    probability = np.zeros((1, layers, 10))
    probability[:, :, SAND], probability[:, :, CLAY] = chance, 1 - chance
    ground = Ground(probability, (np.arange(layers)[None] + 0.5) * 0.5, 0.5, {"slope": np.array([5.0])})
    for reach, case in ((0.0, "layers by themselves"), (2.0, "range of 2 m"), (1e9, "one layer")):
        found = suitability(ground, [must_be_sand], 0.99, DRAWS, reach)
        yield case, "mean", chance, float(found.mean[0]), ERROR
        expected = _deviation(chance, layers, 0.5, reach)
        yield case, "standard deviation", expected, float(found.deviation[0]), SPREAD * expected
    yield "one layer", "chance of sand all over", chance, float(found.chance[0]), ERROR
    certain = Ground(np.where(probability == chance, 1.0, 0.0), ground.depth, 0.5, ground.values)
    found = suitability(certain, [must_be_sand, Criterion("slope", False, 10.0, 0.0, 3.0)], 0.5, 10, 2.0)
    yield "weights 1 and 3, scores 1 and 0.5", "mean", (1 * 1 + 3 * 0.5) / 4, float(found.mean[0]), 1e-12
    found = suitability(certain, [must_be_sand, Criterion("slope", True, np.nan, 4.0)], 0.5, 10, 2.0)
    yield "knock-out by the slope", "mean", 0.0, float(found.mean[0]), 0.0


def _deviation(chance, layers, thickness, reach):
    """Return that of the share of layers: the mean of the covariances of all pairs, by the bivariate normal."""
    limit, total = norm.ppf(chance), 0.0
    for i in range(layers):
        for j in range(layers):
            rho = np.exp(-abs(i - j) * thickness / reach) if reach > 0 else float(i == j)
            both = chance if rho > 1 - 1e-6 else multivariate_normal.cdf([limit, limit], cov=[[1, rho], [rho, 1]])
            total += both - chance**2
    return float(np.sqrt(total) / layers)
