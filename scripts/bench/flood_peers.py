"""Other flood programs on the same ground, rain and roughness: cell updates per second of a stated number of steps."""

import subprocess
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
PEER = ROOT / ".venv-peers" / "bin" / "python"
TIMEOUT = 300  # s

# Both print: cell updates per second, model seconds that the timed steps took, version.
LANDLAB = """
import sys, time
from importlib.metadata import version
import numpy as np
from landlab import RasterModelGrid
from landlab.components import OverlandFlow
data, steps = np.load(sys.argv[1]), int(sys.argv[2])
ground, depth = data["ground"], data["depth"]
grid = RasterModelGrid(ground.shape, xy_spacing=float(data["cell"]))
grid.add_field("topographic__elevation", ground.ravel().astype(float), at="node")
grid.add_field("surface_water__depth", depth.ravel().astype(float), at="node")
grid.set_closed_boundaries_at_grid_edges(True, True, True, True)
flow = OverlandFlow(grid, mannings_n=float(data["n"]), rainfall_intensity=float(data["rain"]))
for _ in range(3):
    flow.overland_flow()
begin = time.perf_counter()
for _ in range(steps):
    flow.overland_flow()
print(ground.size * steps / (time.perf_counter() - begin), 0.0, version("landlab"))
"""

ITZI = """
import sys, time
from datetime import datetime, timedelta
from importlib.metadata import version
import numpy as np
from itzi_core import DomainData, SimulationBuilder, SimulationConfig, SurfaceFlowParameters, TemporalType
from itzi_core.providers.memory_input import MemoryRasterInputProvider
from itzi_core.providers.memory_output import MemoryMassBalanceOutputProvider, MemoryRasterOutputProvider
data, steps = np.load(sys.argv[1]), int(sys.argv[2])
ground = data["ground"].astype(np.float32)
rows, columns = ground.shape
cell = float(data["cell"])
arrays = {
    "ground_elevation": ground,
    "friction": np.full(ground.shape, data["n"], np.float32),
    "rainfall_rate": np.full(ground.shape, data["rain"], np.float32),
    "water_depth": data["depth"].astype(np.float32),
}
start = datetime(2000, 1, 1)
end = start + timedelta(hours=1)
domain = DomainData(
    north=rows * cell, south=0, east=columns * cell, west=0, rows=rows, cols=columns, crs_wkt=""
)
given = MemoryRasterInputProvider(
    {"domain_data": domain, "simulation_start_time": start, "simulation_end_time": end, "static_arrays": arrays}
)
config = SimulationConfig(
    start_time=start, end_time=end, record_step=timedelta(hours=1), temporal_type=TemporalType.RELATIVE,
    input_map_names={name: name for name in arrays}, output_map_names={"water_depth": "water_depth"},
    surface_flow_parameters=SurfaceFlowParameters(cfl=0.7, theta=0.9, max_error=1e9),
)
run = SimulationBuilder(config, np.zeros(ground.shape, bool)).with_input_provider(given)
run = run.with_raster_output_provider(MemoryRasterOutputProvider())
run = run.with_mass_balance_output_provider(MemoryMassBalanceOutputProvider()).build()
run.initialize()
for _ in range(3):
    run.update()
before, begin = run.sim_time, time.perf_counter()
for _ in range(steps):
    run.update()
wall = time.perf_counter() - begin
print(ground.size * steps / wall, (run.sim_time - before).total_seconds(), version("itzi-core"))
"""


def measured(script, threads, steps, case):
    """Return cell updates per second, model seconds and version of a peer, or None where it is not installed."""
    if not PEER.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.npz"
        np.savez(path, **case)
        done = subprocess.run(
            [str(PEER), "-c", script, str(path), str(steps)],
            env={"OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "passive", "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
        )
    if done.returncode:
        return None
    speed, seconds, version = done.stdout.split()[-3:]
    return float(speed), float(seconds), version
