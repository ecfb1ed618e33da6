"""What the machine has to give: memory bandwidth, and what a cell of the flood model takes of the memory."""

import subprocess
import sys
import time

import numpy as np

from dtwin_plugin.models.parallel import load_numba

numba = load_numba("measure the machine")
NUMBERS = 32_000_000  # of four bytes in each of the three arrays: far more than any cache holds
RUNS = 5

# the most memory that a process has had, and what it has left; of two sizes, the difference is that of the cells alone
MEMORY = """
import sys
import numpy as np
from dtwin_plugin.models.flood.solvers.solver import InertialSolver
cells = int(sys.argv[1])
side = np.arange(cells, dtype=np.float32)
ground = np.sin(side / 37) * np.cos(side[:, None] / 51)
solver = InertialSolver(ground, 1.0, 0.035, threads=1)
solver.advance(1, rain=2e-5)
with open("/proc/self/status") as status:
    numbers = dict(line.split(":") for line in status if line.startswith("Vm"))
print(*(numbers[name].split()[0] for name in ("VmHWM", "VmRSS")))
"""


@numba.njit(parallel=True, fastmath=True)
def _triad(a, b, c):
    for i in numba.prange(a.size):
        a[i] = b[i] + np.float32(3) * c[i]


def triad(threads):
    """Return the memory bandwidth that McCalpin's triad reaches on some threads [bytes s-1]."""
    a, b, c = (np.full(NUMBERS, value, np.float32) for value in (0, 1, 2))
    before = numba.get_num_threads()
    numba.set_num_threads(min(threads, before))
    _triad(a, b, c)
    seconds = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        _triad(a, b, c)
        seconds.append(time.perf_counter() - begin)
    numba.set_num_threads(before)
    return 12 * NUMBERS / min(seconds)


def bytes_a_cell(small=2800, big=4000):
    """Return the memory that a cell takes at most, while a run is made, and as it goes on [bytes].

    From two runs of different size, each a process of its own. Both are so large that what is freed is given back.
    """

    def used(cells):
        done = subprocess.run([sys.executable, "-c", MEMORY, str(cells)], capture_output=True, text=True, check=True)
        return np.array(done.stdout.split(), float) * 1024

    return (used(big) - used(small)) / (big**2 - small**2)
