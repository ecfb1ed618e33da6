"""A host of 3D Tiles on this machine, with the quirks of those in the world, and faults by tile.

    with serve(Tiles(field(4))) as host:
        Tiles3dSource(f"{host.url}/t/tileset.json", transport=..., placement=...)
        host.paths()  # what was asked

Keys and sessions are in the address as Google and Cesium have them; bodies are packed with or without a word of it;
what is not there is a page of HTML; and a tile may have no end.
"""

from __future__ import annotations

import gzip
import json
import struct
import time
from urllib.parse import parse_qsl, unquote, urlsplit

import numpy as np
import serving

STEP, HALF = 100.0, 5.0  # m between the middles of tiles, and half of the square in each
AMSTERDAM = (4.888, 52.370)  # degrees
RD_AMSTERDAM = (121_000.0, 487_000.0)  # m, of about that place
_METRE = 111_320.0 * np.cos(np.radians(AMSTERDAM[1])), 111_270.0  # m in a degree of longitude and latitude there


class Tiles:
    """The state: files by path, what was asked, and what is odd about them.

    Attributes
    ----------
    asked : list of (path, parameters, headers)
    faults : dict of path to list
        For the requests to come: (status, headers), (status, headers, body), "slow", "closed", "half",
        "half unannounced".
    kinds : dict of path to str
        The Content-Type said, if not that of a tile.
    packed : dict of path to bool
        Files sent as gzip, and whether the answer says so.
    moved : dict of path to str
        Where a path redirects to.
    required : dict of str to str
        Parameters without which nothing is given.
    endless : dict of path to (int or None)
        Bytes announced (None: not) of tiles that go on until the client leaves.
    """

    def __init__(self, files=None):
        self.files, self.asked, self.faults, self.url, self.delay = dict(files or {}), [], {}, "", 10.0
        self.kinds, self.packed, self.moved, self.required, self.endless = {}, {}, {}, {}, {}

    def paths(self):
        return [path for path, _, _ in self.asked]


class Handler(serving.Handler):
    kind = "application/octet-stream"

    def do_GET(self):
        state, parts = self.server.state, urlsplit(self.path)
        path, query = unquote(parts.path), dict(parse_qsl(parts.query))
        state.asked.append((path, query, dict(self.headers)))
        fault = self.fault(state.faults.get(path, []))
        if fault == "closed":
            return
        if isinstance(fault, tuple):
            status, headers, *body = fault
            self.send(status, body[0] if body else b"no", headers)
        elif any(query.get(name) != value for name, value in state.required.items()):
            self.send(401, b'{"error": "no key"}', {"Content-Type": "application/json"})
        elif path in state.moved:
            self.send(302, b"", {"Location": state.moved[path]})
        elif path in state.endless:
            self.endless(state.endless[path])
        elif path not in state.files:
            self.send(404, b"<!DOCTYPE html><html>Not here</html>", {"Content-Type": "text/html"})
        else:
            self.file(path, fault)

    def file(self, path, fault):
        state = self.server.state
        body = state.files[path]
        headers = {"Content-Type": state.kinds.get(path, self.kind)}
        if path in state.packed:
            body = gzip.compress(body)
            headers |= {"Content-Encoding": "gzip"} if state.packed[path] else {}
        self.send(200, body, headers, half=fault == "half", silent=fault == "half unannounced")

    def endless(self, announced):
        self.send(200, b"", {} if announced is None else {"Content-Length": str(announced)}, silent=announced is None)
        try:
            for _ in range(10_000):
                self.write(bytes(serving.BLOCK))
                time.sleep(0.001)  # as fast as a good network, not as memory: QGIS looks ten times a second
        except OSError:  # the client has seen enough
            pass


serve = serving.server(Handler)


def glb(x=0.0, y=0.0, z=3.0):
    """A tile with a level square of 10 m around a point, z up."""
    places = [(-HALF, -HALF), (HALF, -HALF), (HALF, HALF), (-HALF, HALF)]
    corners = np.array([(x + dx, z, -(y + dy)) for dx, dy in places], "<f4").tobytes()  # glTF has y up
    index = np.array([0, 1, 2, 0, 2, 3], "<u2").tobytes()
    binary = corners + index
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
    return b"glTF" + struct.pack("<II", 2, 12 + len(body)) + body


def box(x0, y0, x1, y1):
    """A bounding volume from 0 to 10 m high."""
    middle, half = ((x0 + x1) / 2, (y0 + y1) / 2, 5.0), ((x1 - x0) / 2, (y1 - y0) / 2, 5.0)
    return {"box": [*middle, half[0], 0, 0, 0, half[1], 0, 0, 0, half[2]]}


def tile(column, row, uri=None, **more):
    """A tile of the field without finer ones."""
    x, y = column * STEP, row * STEP
    content = {"content": {"uri": uri}} if uri else {}
    return {"boundingVolume": box(x - HALF, y - HALF, x + HALF, y + HALF), "geometricError": 0, **content, **more}


def tileset(*children, version="1.1", **more):
    """A tileset whose root is around everything and has nothing to show."""
    root = {"boundingVolume": box(-1e4, -1e4, 1e4, 1e4), "geometricError": 100, "refine": "ADD",
            "children": list(children), **more}  # fmt: skip
    return json.dumps({"asset": {"version": version}, "geometricError": 500, "root": root}).encode()


def field(side, uri="tiles/{column}/{row}.glb", **more):
    """Files of a tileset of side x side tiles, 100 m apart, the first around the zero point."""
    places = [(column, row) for row in range(side) for column in range(side)]
    files = {f"/t/tiles/{column}/{row}.glb": glb(column * STEP, row * STEP) for column, row in places}
    tiles = [tile(column, row, uri.format(column=column, row=row)) for column, row in places]
    return {"/t/tileset.json": tileset(*tiles, **more), **files}


def at_amsterdam(height=46.0):
    """A transform that lays x to the east and y to the north from `AMSTERDAM`, at a height above the ellipsoid."""
    lon, lat = np.radians(AMSTERDAM)
    a, e2 = 6_378_137.0, 6.69437999014e-3  # WGS 84
    n = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
    flat, up = (n + height) * np.cos(lat), (n * (1 - e2) + height) * np.sin(lat)
    east, north = [-np.sin(lon), np.cos(lon), 0], [-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)]
    above = [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    return [*east, 0, *north, 0, *above, 0, flat * np.cos(lon), flat * np.sin(lon), up, 1]


def about_rd(degrees, crs):
    """RD and NAP near Amsterdam within a metre in a km: in the place of `crs.to_rd` where the grids are not there."""
    x, y, z = np.asarray(degrees, float).T
    return np.column_stack(
        [
            RD_AMSTERDAM[0] + (x - AMSTERDAM[0]) * _METRE[0],
            RD_AMSTERDAM[1] + (y - AMSTERDAM[1]) * _METRE[1],
            z - 43.0,
        ]
    )
