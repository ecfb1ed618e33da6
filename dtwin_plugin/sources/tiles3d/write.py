"""Objects as 3D Tiles 1.1: a tileset with a GLB for each square, coarser where it is seen from afar.

Positions are geocentric (EPSG:4978) and heights ellipsoidal, as every viewer expects; they come from RD New and NAP by
RDNAPTRANS2018, so that `Tiles3dSource` gives back what was written.

References
----------
OGC 22-025r4, 3D Tiles 1.1.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Surfaces
from dtwin_plugin.data.png import png
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress

from .. import crs
from ..gltf.write import glb
from ..stop import stop_if_asked
from .earth import axes_at, from_degrees
from .write_blocks import blocks_of, volumes_of
from .write_mesh import Mesh, Town, town_of
from .write_paint import Paint
from .write_tree import Square, divided

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_FINE = 30_000  # triangles of a tile that shows its objects as they are
_COARSE = 120_000  # triangles of a tile of blocks: the largest, as many as fit
# A block is a storey off, and one that is left out a house; each level up twice that. Viewers show finer tiles where
# that is more than 16 pixels: within about 800 m in a view of 900 pixels.
_ERROR = 12.0  # m
_SHADES = 16
_SUN = np.array([-0.446, -0.496, 0.744])  # from the south-west, as in the pictures
_AMBIENT, _DIRECT = 0.45, 0.6  # as the materials of layers have it
_MARGIN = 2.0  # m around a box: the Earth bends between the points that it is made of


def write_tileset(surfaces: Surfaces, paint: Paint, folder: Path, title: str, progress: Progress) -> dict[str, int]:
    """Write a tileset to a new folder.

    Parameters
    ----------
    surfaces : Surfaces
        In RD New and m NAP.
    paint : Paint
        A colour for each surface.
    folder : Path
        Is made; `tileset.json` in it is what viewers open.
    title : str
        What the tiles show.

    Returns
    -------
    dict
        "objects", "tiles", "triangles" that were written, and "lost": surfaces without a shape.

    Raises
    ------
    InputError
        If nothing has a shape.
    CrsError
        If the grids of RDNAPTRANS2018 are missing, or objects do not lie in the Netherlands.
    Cancelled
        If the user stops it.
    """
    crs.require_grids()
    progress.report(0.0, "Triangles of {count} surfaces", count=len(surfaces))
    town = town_of(surfaces, paint, progress) if len(surfaces.geometries.coordinates) else None
    if town is None or not len(town.mesh.triangles):
        raise InputError("There are no surfaces with a shape.", hint="Choose a layer of 3D buildings.")
    stop_if_asked(progress)
    blocks = blocks_of(town, progress)
    low, high = _bounds(town.mesh)
    whole = divided((low[:, :2] + high[:, :2]) / 2, town.mesh.counts, _FINE)
    writer = _Writer(town, blocks, (low, high), folder, progress)
    (folder / "tiles").mkdir(parents=True)
    root = writer.tile(whole, np.zeros(3))
    stop_if_asked(progress)
    document = {
        "asset": {"version": "1.1", "generator": "Digital Twin", "extras": {"title": title, "legend": paint.legend}},
        "geometricError": 2 * max(root["geometricError"], _ERROR),
        "root": root,
    }
    (folder / "tileset.json").write_text(json.dumps(document), encoding="utf-8")
    lost = int((town.numbers < 0).sum())
    return {"objects": len(town.rows), "tiles": writer.done, "triangles": len(town.mesh.triangles), "lost": lost}


class _Writer:
    """Writes the tiles of a division."""

    def __init__(
        self, town: Town, blocks: Mesh, bounds: tuple[Floats, Floats], folder: Path, progress: Progress
    ) -> None:
        self._town, self._blocks, self._bounds = town, blocks, bounds
        self._folder, self._progress = folder, progress
        self._volumes = volumes_of(blocks)
        self._image = _palette(town.paint)
        self._objects = 0
        self.done = 0

    def tile(self, square: Square, above: Floats) -> dict[str, Any]:
        """Write the GLB of a square and those within, and return its entry; `above` is the place of the one around."""
        stop_if_asked(self._progress)
        low, high = (edge[square.objects] for edge in self._bounds)
        place, box = _placed(low.min(axis=0), high.max(axis=0))
        mesh = self._coarse(square) if square.quarters else self._town.mesh.take(square.objects)
        entry: dict[str, Any] = {
            "boundingVolume": {"box": box.reshape(-1).tolist()},
            "geometricError": _ERROR * 2 ** (square.height - 1) if square.quarters else 0.0,
            "refine": "REPLACE",
            "transform": [*np.eye(4).reshape(-1)[:12].tolist(), *(place - above).tolist(), 1.0],
        }
        if len(mesh.triangles):
            name = f"tiles/{square.name}.glb"
            (self._folder / name).write_bytes(self._glb(mesh, place))
            entry["content"] = {"uri": name}
            self.done += 1
        if square.quarters:
            entry["children"] = [self.tile(quarter, place) for quarter in square.quarters]
        else:
            self._objects += len(square.objects)
            self._progress.report(0.2 + 0.8 * self._objects / len(self._town.rows), "{count} tiles", count=self.done)
        return entry

    def _coarse(self, square: Square) -> Mesh:
        """Return the blocks of a square, the largest, as many as fit."""
        order = square.objects[np.argsort(-self._volumes[square.objects], kind="stable")]
        fits = np.cumsum(self._blocks.counts[order]) <= _COARSE
        return self._blocks.take(np.sort(order[fits]))

    def _glb(self, mesh: Mesh, place: Floats) -> bytes:
        lit = np.clip(_AMBIENT + _DIRECT * np.maximum(mesh.normals @ _SUN, 0.0), 0.0, 1.0)
        shade = np.minimum((lit * _SHADES).astype(np.int64), _SHADES - 1)
        texel = np.column_stack([mesh.colours, shade]) + 0.5
        places = texel / [len(self._town.paint.colours), _SHADES]
        return glb(_geocentric(mesh.xyz) - place, mesh.triangles, mesh.features, places, self._image, mesh.columns)


def _bounds(mesh: Mesh) -> tuple[Floats, Floats]:
    """Return the lowest and the highest x, y, z of each object."""
    corners = mesh.xyz[mesh.triangles]
    starts = mesh.objects[:-1]
    return np.minimum.reduceat(corners.min(axis=1), starts), np.maximum.reduceat(corners.max(axis=1), starts)


def _palette(paint: Paint) -> bytes:
    """Return a picture with a column for each colour and a row for each shade, dark above."""
    colours = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in paint.colours])
    light = (np.arange(_SHADES) + 0.5) / _SHADES
    return png(np.rint(colours[None] * light[:, None, None]).astype(np.uint8))


def _geocentric(xyz: Floats) -> Floats:
    """Return geocentric coordinates of RD New and m NAP.

    The height of NAP above the ellipsoid, and longitude and latitude, do not depend on the height (see `crs`): places
    that lie above each other, as the corners of a wall, are transformed once.
    """
    flat, of_point = np.unique(xyz[:, 0] + 1j * xyz[:, 1], return_inverse=True)
    degrees = crs.from_rd(np.column_stack([flat.real, flat.imag, np.zeros(len(flat))]), "EPSG:4979")
    found = degrees[of_point.reshape(-1)]
    found[:, 2] += xyz[:, 2]
    return from_degrees(found)


def _placed(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return the place of a tile, and the box around it: its middle as seen from there, and half its three edges."""
    grid = np.array([(x, y, z) for x in (0, 0.5, 1) for y in (0, 0.5, 1) for z in (0, 1)])
    middle = crs.from_rd([(low + high) / 2], "EPSG:4979")
    place, axes = from_degrees(middle)[0], axes_at(middle)[0]
    local = (_geocentric(low + grid * (high - low)) - place) @ axes
    first, last = local.min(axis=0) - _MARGIN, local.max(axis=0) + _MARGIN
    return place, np.vstack([axes @ ((first + last) / 2), ((last - first) / 2)[:, None] * axes.T])
