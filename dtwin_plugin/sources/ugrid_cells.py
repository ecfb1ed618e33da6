"""The values on the faces of a mesh, brought to square cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Extent, Geometries, Grid
from dtwin_plugin.data.crs import RD, in_rd_bounds
from dtwin_plugin.data.offsets import offsets_of
from dtwin_plugin.data.rasterise import labels
from dtwin_plugin.errors import CrsError, InputError
from dtwin_plugin.progress import Progress

from . import crs as policy
from .raster_resample import target_cells
from .stop import stop_if_asked
from .ugrid import Mesh

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CHUNK = 2000  # faces between looks at whether the user wants to stop


def grid_of(mesh: Mesh, extent: Extent | None, cell_size: float | None, most: int, progress: Progress) -> Grid:
    """Return the first variable of a mesh on square cells: that of the face in which the centre of a cell lies.

    Raises
    ------
    InputError
        If the area lies outside it or has too many cells, or the mesh has no values.
    CrsError
        If it states no CRS and its numbers are not in RD, or the grids are missing.
    """
    if not mesh.variables:
        raise InputError("{file} has a mesh without values on it.", file=mesh.name)
    nodes, crs = mesh.nodes, mesh.crs
    if not crs and not in_rd_bounds(*nodes.min(axis=0).tolist(), *nodes.max(axis=0).tolist()):
        raise CrsError("{file} states no coordinate reference system.", hint="Say which one it is in.", file=mesh.name)
    nodes = policy.to_rd(nodes, crs) if crs and crs != RD else nodes
    shapes = _polygons(nodes, mesh.faces)
    covered = shapes.extent()
    area = covered.intersection(extent) if covered and extent else covered
    if covered is None or area is None:
        raise InputError(
            "The area {area} lies outside the raster, which covers {covered}.",
            hint="Choose an area within the raster.",
            area=extent.bounds if extent else None,
            covered=covered.bounds if covered else None,
        )
    size = cell_size or max(0.01, round(float(np.sqrt(covered.area / len(mesh.faces)) / 2), 2))
    cells = target_cells(area, size)
    if cells.rows * cells.columns > most:
        raise InputError(
            "The area {area} has {rows} x {columns} cells, more than the {limit} that are read at once.",
            hint="Choose a smaller area or a larger cell size.",
            area=area.bounds,
            rows=cells.rows,
            columns=cells.columns,
            limit=most,
        )
    name, found = next(iter(mesh.variables.items()))
    blank = np.full((cells.rows, cells.columns), np.nan, np.float32)
    grid = Grid(blank, cells.x_min, cells.y_max, size, RD, mesh.units.get(name) or "m", name=name)
    for chosen in _touching(shapes, area):
        stop_if_asked(progress)
        part = shapes.take(chosen)
        box = part.extent()
        rows, columns = _window(grid, box) if box else (slice(0, 0), slice(0, 0))
        window = blank[rows, columns]
        if not window.size:
            continue
        left, top = grid.x_min + columns.start * size, grid.y_max - rows.start * size
        face = labels(part, Grid(window, left, top, size))
        np.copyto(window, found[chosen].astype(np.float32)[face - 1], where=face > 0)
    return grid


def _polygons(nodes: NDArray[np.float64], faces: NDArray[np.int64]) -> Geometries:
    """Return the faces as polygons, each closed."""
    counts = (faces >= 0).sum(axis=1)
    order = np.argsort(faces < 0, axis=1, kind="stable")  # the nodes of a face first
    packed = np.take_along_axis(faces, order, axis=1)
    closed = np.concatenate([packed, packed[:, :1]], axis=1)
    closed[np.arange(len(faces)), counts] = packed[:, 0]
    keep = np.arange(closed.shape[1]) <= counts[:, None]
    rings = offsets_of(keep.sum(axis=1))
    steps = np.arange(len(faces) + 1, dtype=np.int64)
    return Geometries("polygon", nodes[closed[keep]], rings, steps, steps)


def _touching(shapes: Geometries, area: Extent) -> Iterator[NDArray[np.int64]]:
    """Yield the faces whose box touches an area, some at a time."""
    box = shapes.bounds()
    inside = (box[:, :2] <= (area.x_max, area.y_max)) & (box[:, 2:] >= (area.x_min, area.y_min))
    chosen = np.flatnonzero(inside.all(axis=1))
    for start in range(0, len(chosen), _CHUNK):
        yield chosen[start : start + _CHUNK]


def _window(grid: Grid, box: Extent) -> tuple[slice, slice]:
    rows, columns = grid.shape
    top = max(0, int((grid.y_max - box.y_max) // grid.cell_size))
    bottom = min(rows, int((grid.y_max - box.y_min) // grid.cell_size) + 1)
    left = max(0, int((box.x_min - grid.x_min) // grid.cell_size))
    right = min(columns, int((box.x_max - grid.x_min) // grid.cell_size) + 1)
    return slice(top, max(top, bottom)), slice(left, max(left, right))
