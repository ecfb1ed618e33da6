"""The same result is the same bytes in another process, where Qt sorts attributes otherwise and lots are drawn anew."""

import hashlib
import os
import subprocess
import sys

SCRIPT = """
import os, sys
from pathlib import Path
import numpy as np
from qgis.core import QgsApplication
application = QgsApplication([], False)
application.initQgis()
from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import column
from dtwin_plugin.models.base import Field
from dtwin_plugin.progress import Silent
from dtwin_plugin.twin import RunRecord
from processing_algorithms.writers import write_output
folder = Path(sys.argv[1])
moment = "2026-01-01T00:00:00+00:00"
record = RunRecord("m", "1", "M", id="run-1", started=moment, ended=moment)
square = [[[(0, 0, 1), (9, 0, 1), (9, 9, 1), (0, 0, 1)]]]
shapes = {"polygon": Geometries.build("polygon", [square]), "point": Geometries.build("point", [[[[(1, 2, 3)]]]])}
for style, kind in (("", "polygon"), ("building_depth", "polygon"), ("quality", "point")):
    columns = {name: column(["a"]) for name in ("id", "code", "severity", "water_class")}
    item = Field("layer", "Layer", "features", style=style)
    write_output(item, Features(shapes[kind], columns), folder / f"{style}-.gpkg", record, Silent())
sys.stdout.flush()
os._exit(0)
"""


def digests(folder, seed, root):
    folder.mkdir()
    subprocess.run([sys.executable, "-c", SCRIPT, str(folder)], cwd=root, check=True, capture_output=True, timeout=120,
                   env={**os.environ, "QT_HASH_SEED": seed, "PYTHONHASHSEED": seed})  # fmt: skip
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.gpkg"))}


def test_a_geopackage_of_another_process_is_the_same_bytes(tmp_path, root, qgis_app):
    first = digests(tmp_path / "a", "1", root)
    assert len(first) == 3 and first == digests(tmp_path / "b", "0", root)
