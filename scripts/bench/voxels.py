"""How fast voxels become a layer, against QGIS's own writer of features with the same columns."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import json, sys, time
from pathlib import Path
import numpy as np
from qgis.core import QgsApplication
app = QgsApplication([], False); app.initQgis()
sys.path.insert(0, sys.argv[2])
from dtwin_plugin.data import Features, Voxels
from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.data.voxel_cells import cells_of
from dtwin_plugin.layers.voxels import _squares, write_voxels
from dtwin_plugin.layers.write import write_features
from dtwin_plugin.progress import Silent
random = np.random.default_rng(1)
shape, names = (40, 25, 100), tuple(LITHOCLASSES.values())
chances = random.dirichlet(np.ones(10), shape).astype(np.float32)
layers = {"stratigraphy": random.integers(1, 7000, shape).astype(np.int16),
          "uncertainty": random.random(shape).astype(np.float32)}
voxels = Voxels(chances.argmax(-1).astype(np.int16), chances, 139_500.0, 454_700.0, -50.0, (100.0, 100.0, 0.5), names,
                layers=layers)
folder = Path(sys.argv[1])
def timed(run):
    begin = time.perf_counter(); run(); return time.perf_counter() - begin
own = min(timed(lambda: write_voxels(voxels, folder / f"own{n}.gpkg", "voxels", Silent())) for n in range(3))
places, columns = cells_of(voxels)
features = Features(_squares(voxels, places), columns, crs=voxels.crs)
plain = timed(lambda: write_features(features, folder / "plain.gpkg", "voxels", Silent()))
from dtwin_plugin.data.voxel_shell import bodies_of, faces_of
soil = np.repeat(np.repeat(random.integers(0, 10, (10, 5, 20)), 4, 0), 5, 1).repeat(5, 2)  # bodies of 4 x 5 x 5 cells
mesh = min(timed(lambda: bodies_of(faces_of(soil), (0, 0, 0), (100, 100, 0.5))) for n in range(3))
faces = len(faces_of(soil).label)
print(json.dumps({"count": len(places), "own": own, "plain": plain, "mesh": mesh, "faces": faces}))
"""


def rows() -> list[dict]:
    """Voxels a second to a layer with all chances and a spatial index."""
    with tempfile.TemporaryDirectory() as folder:
        variables = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "XDG_RUNTIME_DIR": folder,
            "QGIS_CUSTOM_CONFIG_PATH": folder,
        }
        command = [sys.executable, "-c", RUN, folder, str(ROOT)]
        done = subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    own, plain = found["count"] / found["own"], found["count"] / found["plain"]
    return [
        {
            "name": f"{found['count']:,} voxels to a layer (baseline: QGIS's writer)",
            "value": own,
            "unit": "voxels/s",
            "baseline": plain,
            "ratio": own / plain,
            "target": "> 3",
        },
        {
            "name": f"{found['count']:,} voxels to bodies of {found['faces']:,} faces (baseline: six each)",
            "value": found["count"] / found["mesh"],
            "unit": "voxels/s",
            "baseline": None,
            "ratio": 6 * found["count"] / found["faces"],
            "target": "> 5",
        },
    ]
