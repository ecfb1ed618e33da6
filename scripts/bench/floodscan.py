"""Cells per second of the quick scan of depressions on ten million cells, beside RichDEM in the same run.

RichDEM fills depressions (priority-flood) and knows no hierarchy in its Python package: it does less. Its filled
terrain is compared with the scan of rain without end, cell by cell.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
PEER = ROOT / ".venv-peers" / "bin" / "python"
CELLS = 3162  # along a side
TIMES = 3

RICHDEM = """
import sys, time
import numpy as np
import richdem
ground = np.load(sys.argv[1])
def data():
    return richdem.rdarray(ground.copy(), no_data=-9999.0)
best, route = np.inf, np.inf
for _ in range(int(sys.argv[2])):
    given = data(); begin = time.perf_counter()
    filled = richdem.fill_depressions(given, epsilon=False, in_place=False)
    best = min(best, time.perf_counter() - begin)
np.save(sys.argv[3], np.asarray(filled))
given = data(); begin = time.perf_counter()
richdem.fill_depressions(given, epsilon=True, in_place=True)
richdem.flow_accumulation(given, method="D8")
print(best, time.perf_counter() - begin)
"""
OURS = """
import resource, sys, time
import numpy as np
from dtwin_plugin.models.flood.scan.depressions import catchments, depressions_of, fill
warm = depressions_of(np.random.default_rng(0).random((50, 50)))
fill(warm, 0.1), catchments(warm)
ground = np.load(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
scan, route = np.inf, np.inf
for _ in range(int(sys.argv[2])):
    begin = time.perf_counter()
    found = depressions_of(ground)
    filled = fill(found, 0.05)
    middle = time.perf_counter()
    routes = catchments(found)
    scan, route = min(scan, middle - begin), min(route, time.perf_counter() - begin)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    error = filled.error
    del filled, routes
np.save(sys.argv[3], fill(found, 1e4).depth + ground)
print(scan, route, (peak - before) * 1024 / ground.size, error)
"""


def ground():
    """Return rolling ground with the noise of a laser scan [m]."""
    y, x = np.mgrid[0:CELLS, 0:CELLS].astype(np.float32)
    noise = np.random.default_rng(1).standard_normal((CELLS, CELLS), np.float32)
    z = 3 * np.sin(x / 370) * np.cos(y / 510) + 0.6 * np.sin(x / 37 + y / 51) + 0.2 * np.sin(x / 7) * np.cos(y / 9)
    return (z + 0.02 * noise).astype(np.float32)


def _timed(python, program, source, target, times):
    """Return the numbers on the last line that a program prints, or None where it cannot run."""
    command = [str(python), "-c", program, str(source), str(times), str(target)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return [float(item) for item in done.stdout.splitlines()[-1].split()] if done.returncode == 0 else None


def rows():
    """Return the speed of the scan, with and without catchments, its memory, and how far both agree."""
    with tempfile.TemporaryDirectory() as folder:
        source, own, other = (Path(folder) / f"{name}.npy" for name in ("ground", "own", "other"))
        np.save(source, ground())
        scan, route, memory, error = _timed(sys.executable, OURS, source, own, TIMES)
        peer = _timed(PEER, RICHDEM, source, other, TIMES) if PEER.exists() else None
        apart = float(np.abs(np.load(own) - np.load(other)).max()) if peer else None
    speeds = [CELLS**2 / seconds for seconds in (scan, route)]
    peers = [CELLS**2 / seconds for seconds in peer] if peer else [None, None]
    names = (
        "floodscan cells/s, all depressions and rain in them (baseline: RichDEM, fill only)",
        "floodscan cells/s, with catchments (baseline: RichDEM, fill and D8)",
    )
    found = [
        {
            "name": name,
            "value": speed,
            "unit": "cell/s",
            "baseline": baseline,
            "ratio": speed / baseline if baseline else None,
            "target": "> 1e6",
        }
        for name, speed, baseline in zip(names, speeds, peers)
    ]
    found.append({"name": "floodscan memory", "value": memory, "unit": "byte/cell", "target": "<= 60"})
    found.append({"name": "floodscan mass error", "value": error, "unit": "1", "target": "< 1e-6"})
    found.append({"name": "floodscan filled up, less RichDEM", "value": apart, "unit": "m", "target": "< 1e-5"})
    return found
