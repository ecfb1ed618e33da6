"""The flood model beside itzi and landlab in the same run: an hour of heavy rain on a million cells of 1 m.

Ours is calculated in full, from a dry start. The others take a stated number of steps from the depth that ours has
after 20 minutes, and their hour is extrapolated with our number of steps. FLOOD_FULL=1 also calculates the large case
with held waves in full, which is extrapolated otherwise.
"""

import math
import os
import time
from functools import partial

import numpy as np

from dtwin_plugin.models.flood.scheme import HELD
from dtwin_plugin.models.flood.solvers.solver import InertialSolver
from dtwin_plugin.models.flood.solvers.volume_solver import VolumeSolver

from . import flood_machine, flood_peers

RAIN, ROUGHNESS = 70e-3 / 3600, 0.035  # m s-1, s m-1/3
HOUR, EARLY = 3600.0, 1200.0  # s
ITZI_STEPS, LANDLAB_STEPS, LARGE_STEPS, OTHER_STEPS = 60, 20, 40, 60
TRAFFIC = 40  # bytes a cell and step at least: six arrays of four bytes read, four written
SPEED_TARGETS = {1: ">= 2.5e8", 2: ">= 4.8e8"}
WALL_TARGETS = {1: "<= 60", 2: "<= 25"}
ROLLING = flood_peers.ROOT.parent / "shared" / "data" / "flood_validation" / "bench" / "rolling_1m_dem.tif"


def rolling():
    """Rolling ground: that of the validation set where it is there, else a formula much like it."""
    if ROLLING.is_file():
        from osgeo import gdal

        gdal.UseExceptions()
        return gdal.Open(str(ROLLING)).ReadAsArray()
    return waves(1000, 1.0)


def waves(cells, cell_size):
    y, x = np.mgrid[0:cells, 0:cells] * cell_size
    return 1.2 * np.sin(x / 37) * np.cos(y / 51) + 0.3 * np.sin(x / 11 + y / 7)


def town():
    """A town: gentle relief, streets every 40 m that lie 0.15 m lower, and buildings of 5 m high in every block."""
    y, x = np.mgrid[0:1000, 0:1000]
    ground = 0.002 * x + 0.6 * np.sin(x / 90) * np.cos(y / 70) + 0.05 * np.sin(x / 5 + y / 9)
    street = (x % 40 < 8) | (y % 40 < 8)
    built = (x % 40 > 14) & (x % 40 < 34) & (y % 40 > 12) & (y % 40 < 26)
    return ground - 0.15 * street + 5.0 * built


def ours(ground, threads):
    """Return wall time [s] and steps of the hour, the solver at its end, and the depth after 20 minutes."""
    InertialSolver(ground[:200, :200], 1.0, ROUGHNESS, threads=threads).advance(1, rain=RAIN)  # compiled
    solver = InertialSolver(ground, 1.0, ROUGHNESS, threads=threads)
    begin = time.perf_counter()
    solver.advance(EARLY, rain=RAIN)
    early = solver.depth
    solver.advance(HOUR - EARLY, rain=RAIN)
    return time.perf_counter() - begin, solver, early


def row(name, value, unit, baseline=None, ratio=None, target=None):
    return {"name": name, "value": value, "unit": unit, "baseline": baseline, "ratio": ratio, "target": target}


def beside(label, threads, peer, found, speed, target):
    """Return the row of a peer: our speed, its speed and how many times as fast ours is."""
    name = f"{label} vs {peer} {threads} thread{'s' if threads > 1 else ''}"
    return row(name, speed, "cell/s", found[0] if found else None, speed / found[0] if found else None, target)


def compared(label, ground, threads, landlab):
    """Yield the rows of one ground on some threads."""
    wall, solver, early = ours(ground, threads)
    speed = ground.size * solver.steps / wall
    case = {"ground": ground, "depth": early, "cell": 1.0, "n": ROUGHNESS, "rain": RAIN}
    itzi = flood_peers.measured(flood_peers.ITZI, threads, ITZI_STEPS, case)
    yield beside(label, threads, "itzi", itzi, speed, ">= 10 times")
    if landlab:
        found = flood_peers.measured(flood_peers.LANDLAB, threads, LANDLAB_STEPS, case)
        yield beside(label, threads, "landlab", found, speed, ">= 8 times")
        yield row(f"{label}, cell updates, {threads} threads", speed, "cell/s", None, None, SPEED_TARGETS[threads])
    extrapolated = ground.size * solver.steps / itzi[0] if itzi else None
    yield row(
        f"{label}, hour, {threads} threads (itzi {itzi[2] if itzi else '-'} by {ITZI_STEPS} steps)",
        wall,
        "s",
        extrapolated,
        extrapolated / wall if itzi else None,
        WALL_TARGETS[threads],
    )
    yield row(f"{label}, steps of the hour, {threads} threads", solver.steps, "1")
    yield row(
        f"{label}, mass error, {threads} threads", max(solver.volumes.error, math.ulp(1.0)), "1", target="<= 1e-6"
    )
    bandwidth = flood_machine.triad(threads)
    yield row(
        f"{label}, memory traffic, {threads} threads (baseline: triad)",
        speed * TRAFFIC,
        "B/s",
        bandwidth,
        speed * TRAFFIC / bandwidth,
    )


def other_equations(ground):
    """Yield cell updates per second of the other equations on the same ground, wet all over."""
    makers = {"with momentum": partial(InertialSolver, advection=True), "finite volumes": VolumeSolver}
    for label, make in makers.items():
        for threads in (1, 2):
            solver = make(ground, 1.0, ROUGHNESS, initial_depth=0.005, threads=threads)
            solver.advance(2, rain=RAIN)
            before, begin = solver.steps, time.perf_counter()
            while solver.steps - before < OTHER_STEPS:
                solver.advance(5, rain=RAIN)
            speed = ground.size * (solver.steps - before) / (time.perf_counter() - begin)
            yield row(f"flood {label}, cell updates, {threads} threads", speed, "cell/s")


def large(waves_held):
    """1 km2 at 0.5 m for two hours on two threads, by the steps that two hours at 2 m take, four times as many."""
    more = {"fastest_wave": HELD} if waves_held else {}
    solver = InertialSolver(waves(2000, 0.5), 0.5, ROUGHNESS, initial_depth=0.005, threads=2, **more)
    solver.advance(2, rain=RAIN)
    before, begin = solver.steps, time.perf_counter()
    name = f"flood, 1 km2 at 0.5 m, 2 h, 2 threads{', waves held' if waves_held else ''}"
    if waves_held and os.environ.get("FLOOD_FULL"):
        solver.advance(HOUR, rain=RAIN)
        solver.advance(HOUR)
        return row(f"{name}, in full", time.perf_counter() - begin, "s", target="<= 360")
    while solver.steps - before < LARGE_STEPS:
        solver.advance(5, rain=RAIN)
    seconds = (time.perf_counter() - begin) / (solver.steps - before)
    coarse = InertialSolver(waves(500, 2.0), 2.0, ROUGHNESS, threads=2, **more)  # cheap, for the number of steps
    coarse.advance(HOUR, rain=RAIN)
    coarse.advance(HOUR)
    return row(f"{name}, by {solver.steps - before} steps", seconds * coarse.steps * 4, "s", target="<= 360")


def rows():
    ground = rolling()
    for threads in (1, 2):
        yield from compared("flood", ground, threads, landlab=True)
    yield from compared("flood, town", town(), 2, landlab=False)
    yield from other_equations(ground)
    most, later = flood_machine.bytes_a_cell()
    yield row("flood, memory at most", most, "B/cell", target="<= 60")
    yield row("flood, memory as it runs", later, "B/cell", target="<= 60")
    for waves_held in (False, True):
        yield large(waves_held)
