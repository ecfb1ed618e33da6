"""A small layer of every kind that the plugin makes, written by the plugin as its algorithms write them.

python -m scripts.small_twin FOLDER      for trials of the 3D view: 80 m by 80 m, with some objects of each kind
"""

import json
import struct
import sys
from pathlib import Path

import numpy as np

from dtwin_plugin.data import Features, Geometries, Grid, Logs, PointCloud, Surfaces, Voxels
from dtwin_plugin.data.columns import column
from dtwin_plugin.data.mesh_series import mesh_of_cells
from dtwin_plugin.models.base import Field
from dtwin_plugin.models.subsurface import sticks
from dtwin_plugin.models.subsurface.tubes import tubes

X, Y, SIDE, CELL = 112_000.0, 460_000.0, 80.0, 2.0  # RD New [m]
TIMES = np.array(["2026-01-01T12:00", "2026-01-01T12:10", "2026-01-01T12:20"], "datetime64[s]")
HOUSES = 9


def main(folder):
    """Write all layers and a list of them: `kinds.json` has the file, the table and the class of each."""
    from dtwin_plugin.progress import Silent
    from dtwin_plugin.twin import RunRecord
    from processing_algorithms.writers import SUFFIXES, write_output

    kinds, record = {}, RunRecord("small", "1", "Small twin")
    tiles = Field("tiles", "3D Tiles", "layer"), _tiles(folder / "tiles")
    for field, carrier in [*carriers(), tiles]:
        path = folder / f"{field.name}{SUFFIXES[field.kind]}"
        write_output(field, carrier, path, record, Silent())
        kinds[field.name] = {"file": path.name, "kind": field.kind, "style": field.style}
    (folder / "kinds.json").write_text(json.dumps(kinds))
    return kinds


def carriers():
    """Return the description of each layer and what is in it."""
    corners, heights = _houses()
    ground = _ground()
    lines = _cables()
    logs = _borehole()
    sticked = sticks.sticks_of(logs, 1, "borehole")
    polygon = {"geometry": "polygon"}
    houses = _blocks(corners, heights)
    return [
        (Field("terrain", "Terrain", "grid", "m", style="terrain"), ground),
        (Field("depth", "Water depth", "grid", "m", style="water_depth"), _depth()),
        (Field("water", "Water through time", "mesh", style="water_mesh"), _water(ground)),
        (Field("base_map", "Base map", "features", **polygon, style="bgt"), _base_map()),
        (Field("surfaces", "Surfaces", "surfaces", **polygon, style="surfaces"), _surfaces(corners, heights)),
        (Field("footprints", "Footprints", "features", **polygon, style="footprints"), houses),
        (Field("results", "Results", "features", **polygon, style="building_depth"), houses),
        (Field("trees", "Trees", "features", geometry="point", style="trees"), _trees()),
        (Field("cables", "Cables", "features", geometry="line", style="klic_lines"), lines),
        (Field("tubes", "Tubes", "features", **polygon, style="klic_tubes"), tubes(lines)),
        (Field("columns", "Boreholes", "features", **polygon, style="log_columns"), sticks.columns_of(sticked, 4.0)),
        (Field("voxels", "Voxels", "voxels", style="voxels"), _voxels()),
        (Field("points", "Points", "points", style="points"), [_points(corners, heights)]),
    ]  # fmt: skip


def _houses():
    rng = np.random.default_rng(7)
    corners = [(X + 8 + 24 * (k % 3), Y + 8 + 24 * (k // 3)) for k in range(HOUSES)]
    return corners, rng.uniform(4, 15, HOUSES)


def _square(x, y, size, z=None):
    ring = [(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]
    return ring if z is None else [(*place, z) for place in ring]


def _ground():
    count = int(SIDE / CELL)
    rows, columns = np.mgrid[0:count, 0:count]
    return Grid(-0.5 + 0.01 * (rows + columns), X, Y + SIDE, CELL, unit="m")


def _depth():
    count = int(SIDE / CELL)
    rows, columns = np.mgrid[0:count, 0:count]
    bowl = np.clip(0.6 - 0.02 * np.hypot(rows - count / 2, columns - count / 2), 0, None)
    return Grid(np.stack([bowl * share for share in (0.2, 1.0, 0.5)]), X, Y + SIDE, CELL, unit="m", times=TIMES)


def _water(ground):
    depth = _depth().values
    still = np.zeros((*depth.shape[1:], 2), np.float32)
    names = {"depth": "Water depth", "level": "Water level", "velocity": "Velocity of the water"}
    shown = [np.where(step >= 0.01, step, np.nan) for step in depth]
    values = {"depth": shown, "level": [ground.values + step for step in shown], "velocity": [still] * len(shown)}
    units = {"depth": "m", "level": "m", "velocity": "m s-1"}
    return mesh_of_cells(ground, depth.max(axis=0) > 0.01, TIMES, values, units, names)


def _base_map():
    shapes = Geometries.build("polygon", [[[_square(X, Y, SIDE / 2)]], [[_square(X + SIDE / 2, Y, SIDE / 2)]]])
    return Features(shapes, {"klasse": column(["wegdeel", "onbegroeidterreindeel"])})


def _surfaces(corners, heights):
    shapes, semantics, objects = [], [], []
    for number, ((x, y), top) in enumerate(zip(corners, heights)):
        low, high = _square(x, y, 12.0, 0.0), _square(x, y, 12.0, top)
        sides = [[[a, b, (b[0], b[1], top), (a[0], a[1], top), a]] for a, b in zip(low[:-1], low[1:])]
        shapes += [[[low[::-1]]], [[high]], *([side] for side in sides)]
        semantics += ["GroundSurface", "RoofSurface", *["WallSurface"] * 4]
        objects += [number] * 6
    names = column([f"NL.IMBAG.Pand.{number:016d}" for number in range(len(corners))])
    plain = {"type": column(["Building"] * len(corners)), "lod": column(["2.2"] * len(corners))}
    columns = {"id": names, **plain, "parent": np.full(len(corners), None, object)}
    return Surfaces(Geometries.build("polygon", shapes), np.array(semantics), np.array(objects), columns)


def _blocks(corners, heights):
    columns = {
        "identificatie": column([f"NL.IMBAG.Pand.{number:016d}" for number in range(len(corners))]),
        "b3_h_maaiveld": np.zeros(len(corners)),
        "b3_h_70p": np.asarray(heights),
        "water_class": column([("dry", "wet", "damage")[number % 3] for number in range(len(corners))]),
    }
    return Features(Geometries.build("polygon", [[[_square(x, y, 12.0)]] for x, y in corners]), columns)


def _trees():
    places = np.array([(X + 4 + 12 * k, Y + 4.0) for k in range(6)])
    return Features(Geometries.points(places), {"soort": column(["Tilia"] * len(places))})


def _cables():
    lines = [[[[(X + 2, Y + 2 + 6 * k, -1.0 - 0.2 * k), (X + 70, Y + 6 + 6 * k, -1.2 - 0.2 * k)]]] for k in range(4)]
    columns = {
        "theme": column(["water", "gasLageDruk", "middenspanning", "rioolVrijverval"]),
        "type": column(["Waterleiding", "Gasleiding", "Elektriciteitskabel", "Rioolleiding"]),
        "z_source": column(["nap", "standard", "geometry", "assumed"]),
        "label": column(["a", "b", "c", "d"]),
        "description": column(["", "", "", ""]),
        "diameter": np.array([110.0, 63.0, 40.0, 400.0]),
        "depth": np.array([0.3, 0.9, 1.3, np.nan]),
        "xy_uncertainty": np.array([0.3, 0.5, 1.0, 1.0]),
    }
    return Features(Geometries.build("line", lines), columns)


def _borehole():
    places = np.array([[X + 40.0, Y + 40.0], [X + 60.0, Y + 20.0]])
    sites = Features(Geometries.points(places), {"id": column(["B1", "B2"]), "surface": np.array([0.0, 0.1])})
    rows = {
        "top": np.array([0.0, 1.0, 0.0]),
        "bottom": np.array([1.0, 4.0, 3.0]),
        "soil": column(["Kz", "Zf", "Vk"]),
        "lithoclass": np.array([3, 5, 1]),
    }
    return Logs("borehole", sites, np.array([0, 2, 3]), rows)


def _voxels():
    rng = np.random.default_rng(3)
    shape = (4, 4, 6)
    chances = rng.dirichlet(np.ones(2), shape).astype(np.float32)
    classes = chances.argmax(axis=-1).astype(np.int16)
    return Voxels(classes, chances, X, Y, -4.0, (20.0, 20.0, 0.5), ("klei", "zand"))


def _points(corners, heights):
    rng = np.random.default_rng(5)
    ground = rng.uniform(0, SIDE, (2000, 2))
    x, y, z, kind = [X + ground[:, 0]], [Y + ground[:, 1]], [np.zeros(2000)], [np.full(2000, 2)]
    for (left, low), top in zip(corners, heights):
        roof = rng.uniform(0, 12, (200, 2))
        x, y, z = [*x, left + roof[:, 0]], [*y, low + roof[:, 1]], [*z, np.full(200, top)]
        kind.append(np.full(200, 6))
    return PointCloud(*map(np.concatenate, (x, y, z)), np.concatenate(kind).astype(np.uint8))


def _tiles(folder):
    """Write a tileset of one square of 10 m, 5 m above the ground, and return what a loader makes of it."""
    from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsProject, QgsVector3D

    from dtwin_plugin.data import LayerReference

    systems = QgsCoordinateReferenceSystem("EPSG:28992"), QgsCoordinateReferenceSystem("EPSG:4978")
    onto = QgsCoordinateTransform(*systems, QgsProject.instance())
    corners = [(X + dx, Y + dy, 5.0) for dx, dy in ((60, 60), (70, 60), (70, 70), (60, 70))]
    places = np.array([[p.x(), p.y(), p.z()] for p in (onto.transform(QgsVector3D(*corner)) for corner in corners)])
    middle = places.mean(axis=0)
    east, north, up = (places - middle).T  # glTF has y up, and QGIS turns it back
    binary = np.column_stack([east, up, -north]).astype("<f4").tobytes() + np.array([0, 1, 2, 0, 2, 3], "<u2").tobytes()
    head = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"},
                      {"bufferView": 1, "componentType": 5123, "count": 6, "type": "SCALAR"}],
        "bufferViews": [{"buffer": 0, "byteLength": 48}, {"buffer": 0, "byteOffset": 48, "byteLength": 12}],
        "buffers": [{"byteLength": len(binary)}],
    }  # fmt: skip
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    tile = {
        "boundingVolume": {"sphere": [0, 0, 0, 10]}, "geometricError": 0, "content": {"uri": "square.glb"},
        "refine": "ADD", "transform": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, *middle, 1],
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "square.glb").write_bytes(b"glTF" + struct.pack("<II", 2, 12 + len(body)) + body)
    (folder / "tileset.json").write_text(json.dumps({"asset": {"version": "1.1"}, "geometricError": 100, "root": tile}))
    uri = f"url={(folder / 'tileset.json').absolute().as_uri()}"
    return LayerReference("tiledscene", "cesiumtiles", uri, "3D Tiles")


if __name__ == "__main__":
    from qgis.core import QgsApplication

    application = QgsApplication([], False)
    application.initQgis()
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    print(*main(Path(sys.argv[1])), sep="\n")
