"""Road noise on a synthetic town of 1 km2: paths a second, minutes for a map, what short cuts cost, and a variant.

NOISE_FULL=1 makes the whole map on two cores, of which a tenth is made otherwise.
"""

import os
import time

import numpy as np

from .sunlight import best, row

SAMPLE, FINE = 400, 150  # receivers of the map that are calculated, and of those that are compared with 5 m
STEP = 2.0  # m, of the map
PART, COARSEST = 60, 16.0  # cells each way of the part that is calculated whole and finer where it matters, and m
SEED = 1
CUTOFFS = (0.1, 0.5)  # dB
SPECTRUM = np.array([70.0, 72, 74, 76, 80, 77, 70, 62])  # dB, of a street by octave band


def town():
    """16 % built, 15 km of road in 110 m blocks of 66 m, a terrain that waves by half a metre, hard and soft ground."""
    from dtwin_plugin.models.noise.roads import Roads
    from dtwin_plugin.models.noise.scene import Raster, buildings_of, scene_of

    rng = np.random.default_rng(SEED)
    corners = [(x + 12 + 20 * k, y + part) for x in range(0, 1000, 100) for y in range(0, 1000, 66)
               for k in range(4) for part in (12, 42)]  # fmt: skip
    rings = [[(x, y), (x + 16, y), (x + 16, y + 12), (x, y + 12)] for x, y in corners]
    y, x = np.mgrid[1000:0:-2, 0:1000:2].astype(float)
    ground = Raster((0.5 * np.sin(x / 90) * np.cos(y / 70)).astype(np.float32), 0.0, 1000.0, 2.0)
    soft = Raster(((np.sin(x / 13) * np.cos(y / 17)) > 0).astype(np.float32), 0.0, 1000.0, 2.0)
    scene = scene_of([buildings_of(rings, rng.uniform(6, 12, len(rings)))], np.full((len(rings), 8), 0.2), ground, soft)
    lines = [(x + 2, 0, 0.05, x + 2, 1000, 0.05) for x in range(0, 1001, 100)]
    lines += [(0, y + 2, 0.05, 1000, y + 2, 0.05) for y in range(0, 1000, 200)]
    return scene, Roads(np.array(lines, float), np.arange(len(lines)))


def receivers(scene, count):
    """Return so many of the points of a map, 4 m above the ground and outside buildings, and how many it has."""
    from dtwin_plugin.data import Grid
    from dtwin_plugin.models.noise.receivers import on_grid

    places, _ = on_grid(scene, Grid(np.zeros((500, 500)), 0.0, 1000.0, STEP), 4.0)
    return places[np.random.default_rng(SEED).permutation(len(places))[:count]], len(places)


def seconds(scene, roads, places, ratio=0.25, sideways=False, reach=0.0, loud=None):
    """Return the seconds of one core, how many paths there were, and the energy of each pair with its receiver."""
    from dtwin_plugin.models.noise import cutoff_kernels, level_kernels
    from dtwin_plugin.models.noise.air import absorption
    from dtwin_plugin.models.noise.transfer import _near

    starts, chosen = _near(roads.pieces, places, 500.0)
    energy, counts = np.zeros((len(chosen), 2, 8)), np.zeros(len(places), np.int64)
    pieces = (roads.pieces, roads.features, chosen, starts)
    given = (scene, pieces, places, (500.0, ratio, absorption(), sideways, reach, 1))
    begin = time.thread_time()
    if loud is None:
        level_kernels.transfer(*given, energy, counts)
    else:
        cutoff_kernels.transfer_loudest(*given, loud.weights, loud.share, energy, counts)
    return time.thread_time() - begin, int(counts.sum()), np.add.reduceat(energy.sum(axis=1), starts[:-1], axis=0)


def level(energy):
    """Return dB(A) of a street's spectrum."""
    from dtwin_plugin.models.noise.bands import weighted

    return weighted(10 * np.log10(energy) + SPECTRUM)


def rows(sample=SAMPLE, fine=FINE, part=PART):
    scene, roads = town()
    places, whole = receivers(scene, sample)
    for options in ({}, {"sideways": True}, {"reach": 50.0}):
        seconds(scene, roads, places[:2], **options)  # compiled
    used, paths, energy = min((seconds(scene, roads, places) for _ in range(3)), key=lambda found: found[0])
    yield row("paths of road noise a second on one core, both weathers", paths / used, "1/s", target="> 100,000")
    yield row(f"paths a receiver on a map of {STEP:g} m, 500 m", paths / len(places), "1")
    name = f"map of 1 km2 each {STEP:g} m ({whole:,} points, from {sample}), minutes of one core"
    yield row(name, used / len(places) * whole / 60, "min", target="< 10")
    for name, options in (("ways around buildings", {"sideways": True}), ("reflections of 50 m", {"reach": 50.0})):
        yield row(f"the same with {name}, times", seconds(scene, roads, places, **options)[0] / used, "1")
    yield on_two_cores(scene, roads, whole)
    yield from without(scene, roads, places, used, paths)
    yield from accuracy(scene, roads, places[:fine], energy[:fine])
    yield from finer(scene, roads, part)
    yield from variant(scene, roads, places)


def on_two_cores(scene, roads, whole):
    """Time the map as the model makes it, in two threads: a tenth of its points, or all with NOISE_FULL=1."""
    from dtwin_plugin.models.noise.air import absorption
    from dtwin_plugin.models.noise.transfer import Paths, chunks_of

    places, _ = receivers(scene, whole if os.environ.get("NOISE_FULL") else whole // 10)
    begin = time.perf_counter()
    done = sum(len(part) for part in chunks_of(scene, roads, places, absorption(), Paths(), threads=2))
    minutes = (time.perf_counter() - begin) / done * whole / 60
    return row(f"the same on two cores, from {done:,} points, minutes", minutes, "min", target="< 6")


def without(scene, roads, places, used, paths):
    """Leave out what cannot matter, where roads have 1 to 100 times the traffic of each other, beside all paths."""
    from dtwin_plugin.models.noise.transfer import audible

    more = np.random.default_rng(SEED).uniform(0.0, 20.0, len(roads.pieces))
    power = np.tile(SPECTRUM + more[:, None, None], (1, 3, 1))
    for cutoff in CUTOFFS:
        loud = audible(power, np.array([0.5, 0.75, 1.0]), cutoff)
        found = [seconds(scene, roads, places, loud=loud) for _ in range(3)]
        name = f"cut-off of {cutoff:g} dB"
        yield row(f"{name}: paths left out", 1 - found[0][1] / paths, "1")
        yield row(f"{name}: seconds (without)", min(each[0] for each in found), "s", used)


def cut(roads, length):
    """Return roads with a point each so many metres."""
    from dtwin_plugin.models.noise.roads import Roads

    made, owners = [], []
    for piece, feature in zip(roads.pieces, roads.features):
        count = int(np.hypot(piece[3] - piece[0], piece[4] - piece[1]) / length)
        points = piece[:3] + np.linspace(0, 1, count + 1)[:, None] * (piece[3:] - piece[:3])
        made.append(np.hstack([points[:-1], points[1:]]))
        owners.append(np.full(count, feature))
    return Roads(np.concatenate(made), np.concatenate(owners))


def accuracy(scene, roads, places, energy):
    """Compare with parts of 5 m, and roads with many points with the same as roads of two points each."""
    off = np.abs(level(energy) - level(seconds(scene, cut(roads, 5.0), places, ratio=1e-6)[2]))
    yield row(f"within 1 dB of parts of 5 m, {len(places)} points", float((off < 1).mean()), "1", target="> 0.99")
    yield row("largest difference to parts of 5 m", float(off.max()), "dB")
    many = cut(roads, 4.0)
    alone = many._replace(features=np.arange(len(many.pieces)))
    (used, _, one), (whole, _, other) = (seconds(scene, each, places) for each in (many, alone))
    name = "roads with a point each 4 m, short pieces taken together"
    off = np.abs(level(one) - level(other))
    yield row(f"{name}: seconds (each piece by itself)", used, "s", whole)
    yield row(f"{name}: within 1 dB of each by itself", float((off < 1).mean()), "1", target="> 0.99")
    yield row(f"{name}: largest difference", float(off.max()), "dB")


def finer(scene, roads, part):
    """Compare a map that is finer at roads and facades with the whole one, each on one core."""
    from dtwin_plugin.data import Grid
    from dtwin_plugin.models.noise.air import absorption
    from dtwin_plugin.models.noise.calculation import Site
    from dtwin_plugin.models.noise.map_levels import levels_on_map
    from dtwin_plugin.models.noise.receivers import on_grid
    from dtwin_plugin.models.noise.transfer import Paths, levels_of, transfer_of

    grid = Grid(np.zeros((part, part)), 450.0, 600.0, STEP)
    places, cells = on_grid(scene, grid, 4.0)
    site = Site(None, scene, roads, places, (), cells[:0], grid, cells)
    power, counts = np.tile(SPECTRUM, (len(roads.pieces), 3, 1)), []

    def of(some):
        counts.append(len(some))
        made = transfer_of(scene, roads, places[some], absorption(), Paths(), threads=1)
        return levels_of(made, power, np.array([0.5, 0.75, 1.0]))

    begin = time.process_time()
    whole = of(np.arange(len(places)))
    middle = time.process_time()
    found = levels_on_map(site, int(COARSEST / STEP), of)
    used = time.process_time() - middle
    off = np.abs(found - whole)[:, 0]
    name = f"map of {STEP:g} m at roads and facades, up to {COARSEST:g} m elsewhere"
    yield row(f"{name}: points (each {STEP:g} m)", sum(counts[1:]), "1", len(places))
    yield row(f"{name}: seconds of one core (each {STEP:g} m)", used, "s", middle - begin)
    yield row(f"{name}: within 1 dB of each {STEP:g} m", float((off < 1).mean()), "1", target="> 0.99")
    yield row(f"{name}: largest difference", float(off.max()), "dB")


def variant(scene, roads, places):
    """Time other traffic on stored paths, beside all paths anew."""
    from dtwin_plugin.models.noise.air import absorption
    from dtwin_plugin.models.noise.transfer import Paths, levels_of, transfer_of

    power, wind = np.full((len(roads.pieces), 3, 8), 80.0), np.array([0.5, 0.75, 1.0])
    begin = time.perf_counter()
    stored = transfer_of(scene, roads, places, absorption(), Paths())
    anew = time.perf_counter() - begin
    again = best(lambda: levels_of(stored, power, wind))
    yield row(f"other traffic for {len(places)} points of stored paths (all paths anew)", again, "s", anew, "< 1")
