"""The quick modes of the flood model beside the fine one: how much faster, how near, and what 25 and 100 km2 take.

Quick are cells taken together, and waves in deep water that are held. All get the hour of rain of the flood bench and
half an hour after it, on one thread each. Compared are the largest depths, and the depths at the end of the rain, when
most water is still under way. COARSE_LARGE=1 adds 100 million cells.
"""

import os
import resource
import time
from functools import partial

import numpy as np

from dtwin_plugin.models.flood.scheme import HELD
from dtwin_plugin.models.flood.solvers.solver import InertialSolver
from dtwin_plugin.models.flood.solvers.subgrid_solver import SubgridSolver

from . import flood

FACTORS = (20, 10, 5)
AFTER = 1800.0  # s
THRESHOLD = 0.10  # m


def calculated(make):
    """Return wall time [s], depth at the end of the rain, largest depth and mass error."""
    begin = time.perf_counter()
    solver = make()
    solver.advance(flood.HOUR, rain=flood.RAIN)
    depth = solver.depth
    solver.advance(AFTER)
    return time.perf_counter() - begin, depth, solver.max_depth, solver.volumes.error


def nearness(depth, reference):
    """Return the intersection over union of wet places and the RMSE over them [cm]."""
    one, other = depth > THRESHOLD, reference > THRESHOLD
    wet = one | other
    return (one & other).sum() / wet.sum(), 100 * float(np.sqrt(np.mean((depth - reference)[wet] ** 2)))


def compared(name, ground):
    fine_wall, fine_depth, fine_largest, _ = calculated(lambda: InertialSolver(ground, 1.0, flood.ROUGHNESS, threads=1))
    yield {"name": f"floodcoarse {name}, fine, 1.5 h", "value": fine_wall, "unit": "s"}
    modes = {f"factor {factor}": partial(SubgridSolver, factor=factor) for factor in FACTORS}
    modes["waves held"] = partial(InertialSolver, fastest_wave=HELD)
    for mode, make in modes.items():
        wall, depth, largest, error = calculated(lambda make=make: make(ground, 1.0, flood.ROUGHNESS, threads=1))
        label = f"floodcoarse {name}, {mode}"
        yield {"name": f"{label}, 1.5 h", "value": wall, "unit": "s", "baseline": fine_wall, "ratio": fine_wall / wall}
        for what, ours, theirs in (("largest", largest, fine_largest), ("end of rain", depth, fine_depth)):
            overlap, rmse = nearness(ours, theirs)
            yield {"name": f"{label}, {what}, IoU 0.10 m", "value": float(overlap), "unit": "1"}
            yield {"name": f"{label}, {what}, RMSE", "value": rmse, "unit": "cm"}
        yield {"name": f"{label}, mass error", "value": error, "unit": "1", "target": "< 1e-6"}


def large(side, factor=20):
    """An hour on side x side km2 at 1 m."""
    ground = np.tile(flood.town().astype(np.float32), (side, side))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.perf_counter()
    solver = SubgridSolver(ground, 1.0, flood.ROUGHNESS, factor=factor, threads=1, boundary="open")
    built = time.perf_counter() - begin
    solver.advance(flood.HOUR, rain=flood.RAIN)
    solver.max_depth  # noqa: B018  (the map counts)
    label = f"floodcoarse {side * side} km2 at 1 m, factor {factor}"
    yield {"name": f"{label}, tables", "value": built, "unit": "s"}
    yield {"name": f"{label}, the hour", "value": time.perf_counter() - begin, "unit": "s"}
    yield {"name": f"{label}, tables", "value": solver.table_bytes / ground.size, "unit": "B/cell"}
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    yield {"name": f"{label}, memory beside the terrain", "value": grown / ground.size, "unit": "B/cell"}


def rows():
    small = flood.town()[:200, :200]
    for solver in (InertialSolver(small, 1.0, 0.03, threads=1), SubgridSolver(small, 1.0, 0.03, factor=5, threads=1)):
        solver.advance(2, rain=flood.RAIN)  # compiled
    yield from large(5)
    if os.environ.get("COARSE_LARGE"):
        yield from large(10)
    for name, ground in (("town", flood.town()), ("rolling", flood.rolling())):
        yield from compared(name, ground)
