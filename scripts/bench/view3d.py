"""How soon the 3D view of the real QGIS shows a town, and what it takes, each in a QGIS of its own on a virtual screen.

Baseline of each row is the same layer as QGIS draws polygons by itself: one symbol, its own division in tiles. Ours are
the layer as a load writes it, and the same buildings as 3D Tiles. A picture is whole when nothing is loaded any more
and nothing has changed on the screen; the seconds are those until the last change.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import numpy as np

from scripts.build import NAME, assemble
from scripts.town import STEP, X, Y, town

from .flood import row
from .qgis import ROOT, environment

sys.path.append(str(ROOT / "tests" / "servers"))

COUNTS = {1_000: 1.0, 10_000: 3.0, 50_000: 7.0}  # buildings, and seconds to beat
SCREEN = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24 +extension GLX"]
CELLS, STEPS = 200, 3  # of the water
PICTURE = (1600, 900)
LAYER = """
import sys
from scripts.town import main
from qgis.core import QgsApplication
app = QgsApplication([], False); app.initQgis()
main(int(sys.argv[1]), sys.argv[2])
import os; sys.stdout.flush(); os._exit(0)
"""
WATER = """
import sys
from scripts.bench.view3d import write_water
from qgis.core import QgsApplication
app = QgsApplication([], False); app.initQgis()
write_water(sys.argv[1])
import os; sys.stdout.flush(); os._exit(0)
"""


def rows():
    """Yield the rows; the whole takes some minutes."""
    for tool in ("qgis", "xvfb-run"):
        if shutil.which(tool) is None:
            raise SystemExit(f"bench view3d: {tool} is not installed")
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as name:
        folder = Path(name)
        for count, seconds in COUNTS.items():
            layer = folder / f"{count}.gpkg"
            _python(LAYER, folder, str(count), str(layer))
            tiles, writing = _tiles(count, folder / f"tiles{count}")
            yield row(
                f"{count:,} buildings, 3D Tiles written ({_megabytes(tiles.parent):.0f} MB)", count / writing, "1/s"
            )
            files = {"plain": layer, "ours": layer, "tiles": tiles}
            found = {kind: _opened(kind, file, _extent(count), folder) for kind, file in files.items()}
            yield from _compared(count, found, seconds)
        yield from _pictures(folder)
        water = folder / "water.nc"
        _python(WATER, folder, str(water))
        found = _opened("water", water, (X, Y, X + 2 * CELLS, Y + 2 * CELLS), folder)
        yield row(f"water of {CELLS**2:,} cells in 3D, another moment", found["frame"], "s")


def _compared(count, found, target):
    """Yield a row for each way of drawing and each thing that was measured, beside the plain layer of QGIS."""
    names = {"ours": "by surface", "tiles": "3D Tiles"}
    things = {
        "first": ("first picture", "s"),
        "cpu": ("processor until then", "s"),  # of a busy machine the only figure that says something
        "moved": ("after a move", "s"),
        "memory": ("memory", "MB"),
    }
    for thing, (text, unit) in things.items():
        base = found["plain"][thing]
        for kind, label in names.items():
            value = found[kind][thing]
            ratio = value / base if base and value is not None else None
            goal = f"<= {target:g}" if thing == "first" else None
            note = "" if base else " (QGIS's own: given up)"
            yield row(f"{count:,} buildings {label}, {text}{note}", value, unit, base, ratio, goal)


def _pictures(folder):
    """Yield the seconds of a picture of a project with 10,000 buildings, with the start of QGIS in it."""
    project, picture = folder / "town.qgz", folder / "town.png"
    assemble(folder / "plugins" / NAME)
    variables = {**environment(str(folder)), "QGIS_PLUGINPATH": str(folder / "plugins")}
    run = ["qgis_process", "run"]
    subprocess.run(["qgis_process", "plugins", "enable", "dtwin_plugin"], env=variables, capture_output=True)
    make = [*run, "dtwin:makeproject", "--", f"layers={folder}/10000.gpkg|layername=surfaces", f"project={project}"]
    subprocess.run(make, env=variables, capture_output=True, check=True)
    width, height = PICTURE
    command = [*SCREEN, *run, "dtwin:picture3d", "--", f"project={project}", f"picture={picture}", f"width={width}",
               f"height={height}"]  # fmt: skip
    begin = time.perf_counter()
    subprocess.run(command, env={**variables, "QT_QPA_PLATFORM": "xcb"}, capture_output=True, check=True, timeout=300)
    seconds = time.perf_counter() - begin
    assert picture.stat().st_size > 50_000, "the picture is empty"
    yield row(f"10,000 buildings to a picture of {width} x {height} by qgis_process", seconds, "s")


def _opened(kind, file, extent, folder):
    """Open a layer in a QGIS of its own and return what it tells."""
    place = Path(tempfile.mkdtemp(dir=folder))
    task = {"kind": kind, "file": str(file), "extent": extent, "height": _height()}
    (place / "task.json").write_text(json.dumps(task))
    command = [*SCREEN, sys.executable, "-m", "scripts.bench.view3d", str(place)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400)
    if not (place / "found.json").is_file():
        raise SystemExit(f"bench view3d: {kind} {file.name}: {done.stdout[-1000:]}{done.stderr[-2000:]}")
    found = json.loads((place / "found.json").read_text())
    if "error" in found:
        raise SystemExit(f"bench view3d: {kind} {file.name}: {found['error']}")
    if keep := os.environ.get("DTWIN_PICTURES"):
        for picture in place.glob("*.png"):
            shutil.copy(picture, Path(keep) / f"view3d-{kind}-{file.parent.name}-{file.stem}-{picture.name}")
    return found


def _tiles(count, folder):
    """Write 3D Tiles of a town; return the tileset, and the seconds of it."""
    from dtwin_plugin.progress import Silent
    from dtwin_plugin.sources.tiles3d.write import write_tileset
    from dtwin_plugin.sources.tiles3d.write_paint import by_kind

    houses = town(count)
    colours = {"GroundSurface": "#6e6a64", "WallSurface": "#dccdb4", "RoofSurface": "#b5563c", "Unknown": "#cfc8bb"}
    with tempfile.TemporaryDirectory() as grids, import_module("proj_grids").stand_in(grids):
        begin = time.perf_counter()
        write_tileset(houses, by_kind(houses.semantics, colours), folder, "Town", Silent())
    return folder / "tileset.json", time.perf_counter() - begin


def _height():
    """Height of NAP above the ellipsoid by the grids that stand in [m]."""
    from dtwin_plugin.sources.tiles3d.datum import KNOWN

    return KNOWN


def write_water(path):
    """Write water that rises over a slope, as the flood model writes it."""
    from dtwin_plugin.data import Grid
    from dtwin_plugin.data.mesh_series import mesh_of_cells
    from dtwin_plugin.models.base import Field
    from dtwin_plugin.progress import Silent
    from dtwin_plugin.twin import RunRecord
    from processing_algorithms.writers import write_output

    rows_, columns = np.mgrid[0:CELLS, 0:CELLS]
    ground = Grid((0.01 * (rows_ + columns)).astype(np.float32), X, Y + 2 * CELLS, 2.0, unit="m")
    depth = [np.maximum(0.2 + 0.3 * step + 0 * ground.values, 0.01) for step in range(STEPS)]
    times = np.datetime64("2026-01-01T12:00:00") + 600 * np.arange(STEPS).astype("timedelta64[s]")
    still = np.zeros((CELLS, CELLS, 2), np.float32)
    values = {"depth": depth, "level": [ground.values + step for step in depth], "velocity": [still] * STEPS}
    units = {"depth": "m", "level": "m", "velocity": "m s-1"}
    titles = {"depth": "Water depth", "level": "Water level", "velocity": "Velocity of the water"}
    mesh = mesh_of_cells(ground, np.ones((CELLS, CELLS), bool), times, values, units, titles)
    field = Field("water", "Water", "mesh", style="water_mesh")
    write_output(field, mesh, Path(path), RunRecord("water", "1", "Water"), Silent())


def _extent(count):
    side = STEP * np.ceil(np.sqrt(count))
    return (X - STEP, Y - STEP, float(X + side), float(Y + side))


def _megabytes(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _python(script, folder, *arguments):
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(str(folder)), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])


if __name__ == "__main__":
    from scripts import real_qgis

    real_qgis.run(ROOT / "scripts" / "pace_trial.py", Path(sys.argv[1]), timeout=380, PYTHONPATH=str(ROOT))
