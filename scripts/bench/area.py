"""What an area of 10,000 buildings costs until it stands on the map, and what a sequence of 1 GB costs in memory.

The server of the tests plays 3DBAG; the baseline downloads the same pages and parses their JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .bag3d import ROOT
from .cityjson import write_sequence

BUILDINGS = 10_000
GIGABYTE = 1_000_000_000
SCREEN = """
import json, sys, time
from qgis.core import QgsApplication, QgsCoordinateReferenceSystem, QgsMapRendererParallelJob, QgsMapSettings
from qgis.PyQt.QtCore import QSize
app = QgsApplication([], False); app.initQgis()
sys.path.append(QgsApplication.pkgDataPath() + "/python/plugins")
sys.path.insert(0, ".")
import processing
from processing.core.Processing import Processing
Processing.initialize()
from processing_algorithms.provider import DtwinProvider
provider = DtwinProvider(); QgsApplication.processingRegistry().addProvider(provider)
from qgis.core import QgsVectorLayer
begin = time.perf_counter()
found = processing.run("dtwin:load3dbag", {"extent": "84000,86000,447000,449100 [EPSG:28992]", "lod": 3,
    "surfaces": sys.argv[1] + "/surfaces.gpkg", "footprints": sys.argv[1] + "/footprints.gpkg"})
layer = QgsVectorLayer(found["surfaces"], "buildings", "ogr")
layer.loadDefaultStyle()
settings = QgsMapSettings(); settings.setLayers([layer]); settings.setOutputSize(QSize(1200, 800))
settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:28992")); settings.setExtent(layer.extent())
job = QgsMapRendererParallelJob(settings); job.start(); job.waitForFinished()
assert not job.renderedImage().isNull()
print(json.dumps([found["objects"], time.perf_counter() - begin]))
del job, layer, provider
import os; sys.stdout.flush(); os._exit(0)
"""
MEMORY = """
import sys, time
sys.path.insert(0, ".")
from dtwin_plugin.data import Extent
from dtwin_plugin.sources.cityjson import CityJsonSource
from dtwin_plugin.sources.describe_one import peak_memory
before, begin, rows = peak_memory(), time.perf_counter(), 0
for chunk in CityJsonSource(sys.argv[1], lod="2.2").read(Extent(85000, 447000, 86000, 448000)):
    rows += chunk.object_count
print(peak_memory() - before, time.perf_counter() - begin)
"""


def rows() -> list[dict]:
    """Seconds to the screen, and megabytes of memory."""
    return [*_screen(), *_memory()]


def _screen() -> list[dict]:
    serve = [sys.executable, "-m", "scripts.bench.bag3d", "--serve", str(BUILDINGS)]
    server = subprocess.Popen(serve, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().strip()
        with tempfile.TemporaryDirectory() as folder:
            own = Path(folder) / "own.json"
            entries = json.loads((ROOT / "resources" / "catalogue" / "national.json").read_text(encoding="utf-8"))
            own.write_text(json.dumps([{**e, "url": url} for e in entries if e["id"] == "3dbag-api"]))
            variables = {
                **os.environ,
                "DTWIN_CATALOGUE": str(own),
                "QGIS_CUSTOM_CONFIG_PATH": folder,
                "QT_QPA_PLATFORM": "offscreen",
            }
            _run(SCREEN, folder, variables)  # the server makes its answers
            objects, seconds = json.loads(_run(SCREEN, folder, variables))
    finally:
        server.stdin.close()
        server.wait(10)
        server.stdout.close()
    return [
        {"name": f"{objects} buildings: asked of a server to drawn on the map", "value": seconds, "unit": "s"},
        {"name": "the same, as a rate", "value": objects / seconds, "unit": "buildings/s"},
    ]


def _memory() -> list[dict]:
    found = []
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        for size in (GIGABYTE // 10, GIGABYTE):
            path = Path(folder) / "sequence.city.jsonl"
            write_sequence(path, size)
            begin = time.perf_counter()
            grown, _ = map(float, _run(MEMORY, str(path), dict(os.environ)).split())
            speed = size / 1e6 / (time.perf_counter() - begin)
            found.append((grown, speed))
    (small, _), (large, speed) = found
    return [
        {
            "name": "memory of a sequence of 1 GB, read by area (baseline: one of 100 MB)",
            "value": large,
            "unit": "MB",
            "baseline": small,
            "ratio": large / small,
            "target": "constant",
        },
        {"name": "that sequence", "value": speed, "unit": "MB/s"},
    ]


def _run(script: str, argument: str, variables: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, argument],
        cwd=ROOT, env=variables, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(done.stderr[-2000:])
    return done.stdout.strip().splitlines()[-1]
