"""Clashes, what is taken and corridors, held against hand arithmetic, brute force and each other.

Each function yields a case, a quantity, what is expected, what is found, and by how much it may differ.
"""

import numpy as np

from dtwin_plugin.data import Extent, Features, Geometries, Grid
from dtwin_plugin.models.subsurface.claim_models import CLAIMS, CORRIDOR
from dtwin_plugin.models.subsurface.clash_model import CLASH
from dtwin_plugin.progress import Silent

from .subsurface_bodies import STEP, against_force, block, line, measured

AREA = Extent(0, 0, 12, 8)
FLAT = Grid(np.zeros((8, 12)), 0, 8, 1.0)  # ground at NAP
TABLE = {"planned": ["*"], "present": ["*"], "distance": [0.3]}
PAIRS = 16  # squared: 256 pairs
SQUARE = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]
BY_HAND = (
    ("pipes of 1.0 and 0.5 m that cross 3 m above each other", line((0, 0, 0), (10, 0, 0), diameter=1.0),
     line((5, -5, 3), (5, 5, 3), diameter=0.5), 2.25),
    ("ends that lie 3 and 4 m apart", line((0, 0, 0), (1, 0, 0)), line((4, 4, 0), (9, 9, 0)), 5.0),
    ("line 3 m beside and 4 m above a crate", line((7, 0, 6), (7, 4, 6)), block(SQUARE, 0, 2), 5.0),
    ("line through a crate", line((-5, 2, 1), (9, 2, 1)), block(SQUARE, 0, 2), 0.0),
    ("crates 3 m beside and 4 m above each other", block(SQUARE, 0, 2), block([(7, 0), (9, 0), (9, 9), (7, 0)], 6, 7),
     5.0),
    ("line 2.5 m from a round pile", block([(0, 0)], 0, 2, kind="point", radius=1.5), line((4, 0, 1), (4, 9, 1)), 2.5),
)  # fmt: skip


def run(model, **values):
    defaults = {item.name: item.default for item in model.inputs}
    return model.run({**defaults, "extent": AREA, "terrain": FLAT, **values}, Silent())


def texts(values):
    result = np.empty(len(values), object)
    result[:] = values
    return result


def cable(a, b, diameter, doubt_xy=0.0, doubt_z=0.0, source="measured"):
    columns = {"theme": ["water"], "diameter": [diameter], "xy_uncertainty": [doubt_xy], "z_uncertainty": [doubt_z]}
    columns["z_source"] = [source]
    return Features(Geometries.build("line", [[[[a, b]]]]), {name: texts(values) for name, values in columns.items()})


def crates(*found):
    """Return crates of x1, y1, x2, y2, bottom, top."""
    rings = [[[[(a, b), (c, b), (c, d), (a, d), (a, b)]]] for a, b, c, d, _, _ in found]
    columns = {name: np.array([float(one[k]) for one in found]) for name, k in (("bottom", 4), ("top", 5))}
    columns.update({"kind": texts(["crate"] * len(found))})
    columns.update({name: np.zeros(len(found)) for name in ("xy_uncertainty", "z_uncertainty")})
    return Features(Geometries.build("polygon", rings), columns)


def distances():
    """Distances by hand, and of random pairs by brute force."""
    for case, a, b, expected in BY_HAND:
        yield case, "distance [m]", expected, float(measured(a, b).drawn.min()), 1e-8  # of the golden section
    a = line((0, 0, 0), (10, 0, 0), doubt_xy=1.0, doubt_z=0.5)
    b = line((0, 4, 4.5), (10, 4, 4.5), doubt_z=0.5)
    yield (
        "uncertain lines 4 and 4.5 m apart",
        "least distance [m]",
        float(np.hypot(3.0, 3.5)),
        float(measured(a, b).least.min()),
        1e-8,
    )
    for name, more in zip(("as drawn", "at the least"), against_force(11, PAIRS)):
        case = f"{PAIRS**2} random pairs, {name}"
        yield case, "brute force shorter by [m]", 0.0, float(max(0.0, -more.min())), 1e-7
        yield case, "brute force longer by [m]", 0.0, float(more.max()), STEP  # of its samples


def outcomes():
    """Lines of assumed depth near a crate, wherever they are thought to lie; none may be called free."""
    random = np.random.default_rng(3)
    free = 0
    for source in ("assumed", "standard"):
        for height in random.uniform(-20, 0, 50):
            doubt = random.choice([0.0, np.nan, abs(height + 1.5) + 0.01])  # none stated, or one that reaches the crate
            present = cable((0, 4, height), (12, 4, height), 100.0, 0.0, float(doubt), source)
            free += run(CLASH, planned_areas=crates((4, 3, 6, 5, -2.0, -1.0)), present_lines=present)["free"]
    yield "100 lines of assumed depth that may reach a crate", "called free", 0, free, 0


def taken():
    """Volumes of what lies in the ground."""
    pipe = run(CLAIMS, present_lines=cable((0, 4, -1), (12, 4, -1), 600.0), depth=2.0, cell_size=0.5, samples=10)
    volume = np.pi * 0.3**2 * 12
    # Samples 0.05 m apart tell a circle of 0.6 m to 1 percent: its area is 113 samples with an error of about one.
    yield "pipe of 0.6 m", "volume [m3]", volume, pipe["taken"], 0.01 * volume
    long, ground = Extent(0, 0, 200, 8), Grid(np.zeros((8, 200)), 0, 8, 1.0)
    volume = np.pi * 0.055**2 * 200
    # That of 240 samples. Chance would be off by 6.5 percent; places that fill evenly do better.
    for height in (-0.5, -0.61):
        thin = cable((0, 4.1, height), (200, 4.1, height), 110.0)
        found = run(CLAIMS, extent=long, terrain=ground, present_lines=thin, depth=2.0)["taken"]
        yield f"pipe of 0.11 m at {-height} m, samples 0.2 m apart", "volume [m3]", volume, found, 0.05 * volume
    crate = run(CLAIMS, present_areas=crates((2, 2, 4, 4, -1.5, -0.5)), depth=2.0, samples=10)
    yield "crate of 2 x 2 x 1 m", "volume [m3]", 4.0, crate["taken"], 1e-5  # shares are float32
    unsure = cable((0, 4, -1), (12, 4, -1), 200.0, doubt_xy=0.5, doubt_z=0.3)
    volume = 12 * (1.0 * 0.6 + 2 * 0.1 * (1.0 + 0.6) + np.pi * 0.1**2)  # a rectangle with round corners
    found = run(CLAIMS, present_lines=unsure, depth=2.0, cell_size=0.5)["taken_most"]
    yield "pipe of 0.2 m, uncertain by 0.5 and 0.3 m", "volume at the most [m3]", volume, found, 0.1 * volume
    deep = cable((0, 4, np.nan), (12, 4, np.nan), 400.0, 0.0, np.nan)
    found = run(CLAIMS, present_lines=deep, depth=2.0, cell_size=0.5)
    yield "pipe of 0.4 m at an unknown depth", "volume [m3]", 0.0, found["taken"], 0.0
    yield "pipe of 0.4 m at an unknown depth", "volume at the most [m3]", 0.4 * 2 * 12, found["taken_most"], 0.1


def corridors():
    """A way through free ground, and ways past random crates that exact distances judge."""
    ends = Features(Geometries.points(np.array([(1.0, 4.0), (11.0, 4.0)])))
    wanted = {"distances": TABLE, "diameter": 200.0, "places": ends, "cover": 0.5, "deepest": 2.0}
    ways = run(CORRIDOR, **wanted, alternatives=1)["ways"]
    yield "through free ground", "length [m]", 10.0, float(ways.columns["length"][0]), 0.5  # two cells
    many, free = 0, 0
    for seed in range(4):
        random = np.random.default_rng(seed)
        places = random.random((6, 2)) * [8, 7] + [2, 0]
        there = crates(
            *((x, y, x + 0.6, y + 0.6, -3, -0.2 - random.random()) for x, y in places if not 3 < y + 0.3 < 5)
        )
        present = {"present_areas": there, "present_lines": cable((3, 0, -1.0), (4, 8, -0.6), 50.0)}
        ways = run(CORRIDOR, **wanted, **present)["ways"]
        sure = {"planned_xy": 0.0, "planned_z": 0.0, "present_xy": 0.0}
        free += run(CLASH, planned_lines=ways, **present, **sure, distances=TABLE)["free"]
        many += len(ways)
    yield f"{many} ways past crates and a cable", "free by exact distances", many, free, 0
