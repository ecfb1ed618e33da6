"""What leaves, soil and sewer cost beside the flow of water: milliseconds of one look at all cells.

.venv/bin/python scripts/bench/flood_surface.py [cells on a side, 1000] [threads, 2]
"""

from __future__ import annotations

import sys
import time

import numpy as np

from dtwin_plugin.models.flood.solvers.solver import InertialSolver
from dtwin_plugin.models.flood.surface.soil_laws import GreenAmpt, Horton
from dtwin_plugin.models.flood.surface.surface import Sewer, Surface

RAIN = 0.070 / 3600  # m/s
HELD = 0.002  # m


def surfaces(side: int) -> dict[str, Surface]:
    """Return one of each kind, on so many cells by as many."""
    shape = (side, side)
    random = np.random.default_rng(1)
    rate = random.random(shape) * 6e-6
    y, x = np.mgrid[0:side, 0:side] * 4 // side
    return {
        "a rate alone": Surface(shape),
        "leaves and puddles": Surface(shape, interception=HELD),
        "Horton": Surface(shape, interception=HELD, law=Horton(shape, rate, 3 * rate, 2 / 3600)),
        "Green-Ampt": Surface(shape, interception=HELD, law=GreenAmpt(shape, rate, 0.06 * random.random(shape))),
        "16 sewer districts": Surface(shape, interception=HELD, sewer=Sewer(rate, 1 + x + 4 * y, 500.0, 0.01)),
    }


def measured(surface: Surface, side: int, threads: int) -> tuple[float, float, float]:
    """Return milliseconds of a look and of a time step, and the error of the balance, after 25 minutes of rain."""
    y, x = np.mgrid[0:side, 0:side]
    terrain = 0.5 * np.sin(x / 60) * np.cos(y / 45) + 0.02 * np.random.default_rng(2).random(x.shape)
    solver = InertialSolver(terrain, 1.0, 0.03, threads=threads)
    solver.surface = surface
    infiltration = 5e-6 if surface.law is None else None
    solver.advance(1500, RAIN, infiltration)
    looks: list[float] = []
    take = surface.take

    def timed(*given: object) -> tuple[float, float]:
        began = time.perf_counter()
        made = take(*given)  # type: ignore[arg-type]
        looks.append(time.perf_counter() - began)
        return made

    surface.take = timed  # type: ignore[assignment]
    steps, began = solver.steps, time.perf_counter()
    solver.advance(60, RAIN, infiltration)
    flow = time.perf_counter() - began - sum(looks)
    return 1e3 * float(np.median(looks)), 1e3 * flow / (solver.steps - steps), solver.volumes.error


def main() -> None:
    """Print a line for each kind of surface."""
    side = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    for name, surface in surfaces(side).items():
        look, step, error = measured(surface, side, threads)
        print(f"{name:20} look {look:6.1f} ms, time step {step:5.2f} ms, balance {error:.1e}")


if __name__ == "__main__":
    main()
