"""A whole raster as a grid, without a cell changed: what `write_cog` wrote comes back as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dtwin_plugin.data import Grid
from dtwin_plugin.data.crs import is_rd
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.progress import Progress, Silent

from .raster import MAX_CELLS, RasterSource, read_window
from .raster_open import opened, with_crs
from .raster_series import read_series, times_of


def read_whole(path: str | Path, *, to_rd: bool = False, progress: Progress | None = None) -> Grid:
    """Return all bands of a raster in its own reference system, shape (rows, cols), or (bands, rows, cols) of more.

    Parameters
    ----------
    to_rd : bool
        Resample one that is not in RD New; otherwise only one whose cells are not square or not north up is.

    Raises
    ------
    InputError
        If it has more cells than are read at once, or no data.
    SourceError, FormatError, CrsError
        As `RasterSource.read`.
    Cancelled
        If the user stops it.
    """
    progress = progress or Silent()
    dataset, layout = opened(path, 1)
    layout = with_crs(layout, None)
    if not layout.is_plain or (to_rd and not is_rd(layout.crs)):
        if dataset.RasterCount > 1:
            return read_series(path, None, None, progress)
        return next(RasterSource(path).read(None, progress))
    count = dataset.RasterCount
    if count * layout.rows * layout.columns > MAX_CELLS:
        raise InputError(
            "{file} has {rows} x {columns} cells in {count} bands, more than the {limit} that are read at once.",
            hint="Choose a smaller area or a larger cell size.",
            file=layout.name,
            rows=layout.rows,
            columns=layout.columns,
            count=count,
            limit=MAX_CELLS,
        )
    bands = []
    for number in range(1, count + 1):
        if progress.is_cancelled():
            raise Cancelled
        bands.append(read_window(dataset, layout, number, 0, 0, layout.columns, layout.rows, progress))
    first, times = dataset.GetRasterBand(1), times_of(dataset)
    described = dataset.GetMetadataItem("TIFFTAG_IMAGEDESCRIPTION") or (
        "" if times is not None else first.GetDescription()
    )
    values = np.stack(bands) if count > 1 or times is not None else bands[0]
    x_min, width, _, y_max, _, _ = layout.transform
    return Grid(values, x_min, y_max, width, layout.crs, first.GetUnitType() or "1", times, described or "")
