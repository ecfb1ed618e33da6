"""Rasters that GDAL reads: GeoTIFF, COG on a server, ASCII grid, netCDF, also packed; and meshes, as cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from dtwin_plugin.data import Extent, Grid
from dtwin_plugin.data.crs import RD, normalise
from dtwin_plugin.errors import Cancelled, CrsError, DtwinError, InputError
from dtwin_plugin.progress import Progress, Silent

from . import ugrid
from .base import SourceInfo
from .raster_open import Layout, opened, read_cells, with_crs
from .raster_resample import resampled, target_cells
from .ugrid_cells import grid_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_CELLS = 64_000_000  # of one chunk: 256 MB of float32
_BLOCK_ROWS = 512


class RasterSource:
    """One band of a raster, as a grid of square cells in RD New or in its own system.

    Parameters
    ----------
    path : str or path
        A file, or the http(s) address of a COG.
    band : int
        From 1.
    assume_crs : str, optional
        CRS of a raster that states none.
    cell_size : float, optional
        Side of the cells to give [m]: coarser than the raster's own is averaged, finer is interpolated bilinearly.
        Otherwise the raster's own cells are given as they are.
    unit : str
        Unit of the values.
    max_cells : int
        Cells of one chunk.
    tile_size : float, optional
        Give chunks of this size [m] instead of one.
    frame : str
        CRS of the cells to give: RD New, to which any raster is brought, or the one that the raster is in.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        band: int = 1,
        assume_crs: str | None = None,
        cell_size: float | None = None,
        unit: str = "m",
        max_cells: int = MAX_CELLS,
        tile_size: float | None = None,
        frame: str = RD,
    ) -> None:
        if cell_size is not None and not cell_size > 0:
            raise InputError("The cell size must be above 0 m; found {size}.", size=cell_size)
        self.path, self.band, self.assume_crs = path, band, assume_crs
        self.cell_size, self.unit, self.max_cells, self.tile_size = cell_size, unit, max_cells, tile_size
        self.frame = frame

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts; the values are looked at block by block.

        Raises
        ------
        SourceError, FormatError
            If it is absent, no raster, or broken.
        """
        mesh = self._mesh()
        if mesh is not None:
            return ugrid.describe(mesh)
        dataset, layout = opened(self.path, self.band, placed=False)
        try:
            layout = with_crs(layout, self.assume_crs)
        except CrsError as error:  # its facts can be told without
            layout = replace(layout, warnings=(*layout.warnings, error.text()))
        band = dataset.GetRasterBand(self.band)
        count, low, high = _statistics(dataset, layout, self.band, progress or Silent())
        facts = {
            "size": (layout.rows, layout.columns),
            "cell_size": layout.cell_size,
            "bands": dataset.RasterCount,
            "band_names": [dataset.GetRasterBand(n + 1).GetDescription() for n in range(dataset.RasterCount)],
            "dtype": layout.dtype,
            "nodata": band.GetNoDataValue(),
            "valid_cells": count,
            "minimum": low,
            "maximum": high,
            "unit": band.GetUnitType() or self.unit,
        }
        cells = layout.rows * layout.columns
        name = dataset.GetDriver().LongName
        return SourceInfo(name, "grid", layout.crs or None, layout.bounds, cells, facts, layout.warnings)

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Grid]:
        """Yield the cells that touch an area (None = all), one grid, or one a tile if `tile_size` was given.

        Raises
        ------
        InputError
            If the area lies outside the raster, has no data, or has more cells than `max_cells`.
        SourceError, FormatError, CrsError
            If it is absent, no raster, broken, or not on the map.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        mesh = self._mesh()
        if mesh is not None:
            yield grid_of(mesh, extent, self.cell_size, self.max_cells, progress)
            return
        dataset, layout = opened(self.path, self.band)
        layout = replace(with_crs(layout, self.assume_crs), frame=self.frame)
        for warning in layout.warnings:
            progress.warn(warning)
        area = _within(layout.extent(), extent)
        tiles = list(area.tiles(self.tile_size)) if self.tile_size else [area]
        found = False
        for number, tile in enumerate(tiles):
            if progress.is_cancelled():
                raise Cancelled
            grid = self._read(dataset, layout, tile, progress)
            if not np.isnan(grid.values).all():
                found = True
                yield grid
            progress.report((number + 1) / len(tiles))
        if not found:
            raise InputError(
                "{file} has no data in the area {area}.",
                hint="Choose another area or another raster.",
                file=layout.name,
                area=area.bounds,
            )

    def _mesh(self) -> ugrid.Mesh | None:
        """Return the mesh of a netCDF file that has one instead of a raster."""
        if urlsplit(str(self.path)).scheme in ("http", "https"):
            return None
        mesh = ugrid.mesh_of(self.path)
        return replace(mesh, crs=mesh.crs or normalise(self.assume_crs) or "") if mesh else None

    def _read(self, dataset: Any, layout: Layout, area: Extent, progress: Progress) -> Grid:
        band = dataset.GetRasterBand(self.band)
        unit, name = band.GetUnitType() or self.unit, band.GetDescription() or layout.name
        if layout.at_home and layout.is_plain and self.cell_size in (None, layout.cell_size):
            left, top, columns, rows = _window(layout, area)
            self._check_size(rows, columns, area)
            values = read_window(dataset, layout, self.band, left, top, columns, rows, progress)
            x_min, y_max = layout.corner(left, top)
            return Grid(values, x_min, y_max, layout.cell_size, self.frame, unit, name=name)
        cell_size = self.cell_size or layout.frame_cell_size()
        cells = target_cells(area, cell_size)
        self._check_size(cells.rows, cells.columns, area)
        values = resampled(dataset, self.band, layout, cells, progress)
        return Grid(values, cells.x_min, cells.y_max, cell_size, self.frame, unit, name=name)

    def _check_size(self, rows: int, columns: int, area: Extent) -> None:
        if rows * columns > self.max_cells:
            raise InputError(
                "The area {area} has {rows} x {columns} cells, more than the {limit} that are read at once.",
                hint="Choose a smaller area or a larger cell size.",
                area=area.bounds,
                rows=rows,
                columns=columns,
                limit=self.max_cells,
            )


def read_window(
    dataset: Any, layout: Layout, band: int, left: int, top: int, columns: int, rows: int, progress: Progress
) -> NDArray[np.float32]:
    """Return the values of a window of cells, by strips, so that the user can stop it."""
    values = np.empty((rows, columns), np.float32)
    for row in range(0, rows, _BLOCK_ROWS):
        if progress.is_cancelled():
            raise Cancelled
        count = min(_BLOCK_ROWS, rows - row)
        values[row : row + count] = read_cells(dataset, layout, band, left, top + row, columns, count)
    return values


def _within(covered: Extent, extent: Extent | None) -> Extent:
    """Return the part of an area that a raster covers; a shared edge alone is no area."""
    if extent is None:
        return covered
    area = covered.intersection(extent)
    if area is None or (not area.area and extent.area):
        raise InputError(
            "The area {area} lies outside the raster, which covers {covered}.",
            hint="Choose an area within the raster.",
            area=extent.bounds,
            covered=covered.bounds,
        )
    return area


def unit_in(path: str | Path) -> str:
    """Return the unit of the first band of a raster, "" where it names none or cannot be opened."""
    try:
        dataset, _ = opened(path, 1, placed=False)
    except DtwinError:
        return ""
    return str(dataset.GetRasterBand(1).GetUnitType())


def _window(layout: Layout, area: Extent) -> tuple[int, int, int, int]:
    """Return left, top, columns and rows of the cells that touch an area."""
    tiny = 1e-6  # of a cell: an edge that lies on a cell border belongs to the cell inside
    x_min, y_max = layout.corner(0, 0)
    size = layout.cell_size
    left = max(0, int(np.floor((area.x_min - x_min) / size + tiny)))
    right = min(layout.columns, int(np.ceil((area.x_max - x_min) / size - tiny)))
    top = max(0, int(np.floor((y_max - area.y_max) / size + tiny)))
    bottom = min(layout.rows, int(np.ceil((y_max - area.y_min) / size - tiny)))
    left, top = min(left, layout.columns - 1), min(top, layout.rows - 1)
    return left, top, max(1, right - left), max(1, bottom - top)


def _statistics(dataset: Any, layout: Layout, band: int, progress: Progress) -> tuple[int, float | None, float | None]:
    """Return the number of cells with data, and the lowest and highest value."""
    count, low, high = 0, np.inf, -np.inf
    for row in range(0, layout.rows, _BLOCK_ROWS):
        rows = min(_BLOCK_ROWS, layout.rows - row)
        values = read_window(dataset, layout, band, 0, row, layout.columns, rows, progress)
        values = values[np.isfinite(values)]
        if len(values):
            count, low, high = count + len(values), min(low, float(values.min())), max(high, float(values.max()))
        progress.report((row + rows) / layout.rows)
    return (count, low, high) if count else (0, None, None)
