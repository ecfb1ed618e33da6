"""Cell updates per second of the flood model on rolling ground, beside landlab's OverlandFlow in the same run."""

import math
import subprocess
import time
from pathlib import Path

import numpy as np

from dtwin_plugin.models.flood.solver import InertialSolver

ROOT = Path(__file__).resolve().parents[2]
PEER = ROOT / ".venv-peers" / "bin" / "python"
CELLS, STEPS = 1000, 300  # along a side; time steps
RAIN = 70e-3 / 3600  # m s-1
TARGETS = {1: ">= 1.4e8", 2: ">= 2.7e8"}

# The same ground, rain and roughness; half a dozen warm steps, then STEPS / 10 timed ones, for it is slower.
LANDLAB = """
import sys, time
import numpy as np
from landlab import RasterModelGrid
from landlab.components import OverlandFlow
cells, steps, rain = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
y, x = np.mgrid[0:cells, 0:cells]
grid = RasterModelGrid((cells, cells), xy_spacing=1.0)
ground = 1.2 * np.sin(x / 37) * np.cos(y / 51) + 0.3 * np.sin(x / 11 + y / 7)
grid.add_field("topographic__elevation", ground.ravel().astype(float), at="node")
grid.add_full("surface_water__depth", 0.005, at="node")
grid.set_closed_boundaries_at_grid_edges(True, True, True, True)
flow = OverlandFlow(grid, mannings_n=0.035, rainfall_intensity=rain)
for _ in range(6):
    flow.overland_flow()
begin = time.perf_counter()
for _ in range(steps):
    flow.overland_flow()
print(cells * cells * steps / (time.perf_counter() - begin))
"""


def ground():
    y, x = np.mgrid[0:CELLS, 0:CELLS]
    return 1.2 * np.sin(x / 37) * np.cos(y / 51) + 0.3 * np.sin(x / 11 + y / 7)


def ours(threads):
    """Return cell updates per second, all of a step included, and the mass error of the run."""
    solver = InertialSolver(ground(), 1.0, 0.035, initial_depth=0.005, threads=threads)
    solver.advance(20, rain=RAIN)
    before, begin = solver.steps, time.perf_counter()
    while solver.steps - before < STEPS:
        solver.advance(20, rain=RAIN)
    return CELLS**2 * (solver.steps - before) / (time.perf_counter() - begin), solver.volumes.error


def landlab(threads):
    """Return cell updates per second of landlab, or None where it is not installed."""
    if not PEER.exists():
        return None
    done = subprocess.run(
        [str(PEER), "-c", LANDLAB, str(CELLS), str(STEPS // 10), str(RAIN)],
        env={"OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "passive", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return float(done.stdout.split()[-1]) if done.returncode == 0 else None


def rows():
    found = []
    for threads in (1, 2):
        speed, error = ours(threads)
        peer = landlab(threads)
        plural = "" if threads == 1 else "s"
        found.append(
            {
                "name": f"flood, {threads} thread{plural} (baseline: landlab OverlandFlow)",
                "value": speed,
                "unit": "cell/s",
                "baseline": peer,
                "ratio": speed / peer if peer else None,
                "target": TARGETS[threads],
            }
        )
    error = max(error, math.ulp(1.0))
    found.append(
        {"name": "flood, mass error", "value": error, "unit": "1", "baseline": None, "ratio": None, "target": "<= 1e-6"}
    )
    return found
