"""Writing a grid as a Cloud Optimized GeoTIFF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from dtwin_plugin.data import Grid
from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import Cancelled, SourceError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.translate import mark

from .osgeo_scope import osgeo

IN_MEMORY = 500_000_000  # bytes; a larger grid is copied to a file first
_CREATION = ["COMPRESS=DEFLATE", "PREDICTOR=YES", "OVERVIEWS=IGNORE_EXISTING", "BIGTIFF=IF_SAFER", "NUM_THREADS=2"]


def write_cog(
    grid: Grid,
    path: str | Path,
    *,
    metadata: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write a grid as a COG: DEFLATE, overviews by averaging, NaN as no data, and return its path.

    A grid with times has a band a time, described by that time (ISO 8601). Unit and name are kept. Nothing is left
    half written.

    Parameters
    ----------
    metadata : mapping of str to str, optional
        Kept in the file ("run", "model", …).

    Raises
    ------
    SourceError
        If the file cannot be written.
    Cancelled
        If the user stops it.
    """
    path, progress = Path(path), progress or Silent()

    def watch(fraction: float, message: str, data: object) -> int:
        progress.report(float(fraction))
        return int(not progress.is_cancelled())

    try:
        with written_beside(path) as temporary, _beside(grid, temporary) as raw, osgeo() as lib:
            source = _copied(lib, grid, metadata or {}, raw)
            try:
                driver = lib.gdal.GetDriverByName("COG")
                options = [*_CREATION, "OVERVIEW_RESAMPLING=AVERAGE"]
                result = lib.call(driver.CreateCopy, str(temporary), source, options=options, callback=watch)
                if result is None:
                    raise RuntimeError(mark("the driver wrote nothing"))
                lib.call(result.FlushCache)
                del result  # closes the file, before it is renamed
            finally:
                source = None  # closes the file that it may be, before it is removed
    except (RuntimeError, OSError) as error:
        if progress.is_cancelled():
            raise Cancelled from error
        raise SourceError(
            "{file} cannot be written: {reason}.",
            hint="Check the folder and the space on the disk.",
            file=str(path),
            reason=str(error).rstrip("."),
        ) from error
    return path


@contextmanager
def _beside(grid: Grid, path: Path) -> Iterator[Path | None]:
    """Give a file for a grid that is too large to be copied in memory, removed at the end; None for others."""
    if grid.values.nbytes <= IN_MEMORY:
        yield None
        return
    raw = path.with_name(f"{path.stem}-raw.tif")
    try:
        yield raw
    finally:
        raw.unlink(missing_ok=True)


def _copied(lib: Any, grid: Grid, metadata: Mapping[str, str], raw: Path | None) -> Any:
    values = grid.values if grid.values.ndim == 3 else grid.values[np.newaxis]
    rows, columns = grid.shape
    driver, name = ("MEM", "") if raw is None else ("GTiff", str(raw))
    options = [] if raw is None else ["BIGTIFF=YES", "INTERLEAVE=BAND"]
    dataset = lib.gdal.GetDriverByName(driver).Create(
        name, columns, rows, len(values), lib.gdal.GDT_Float32, options=options
    )
    dataset.SetGeoTransform((grid.x_min, grid.cell_size, 0.0, grid.y_max, 0.0, -grid.cell_size))
    reference = lib.osr.SpatialReference()
    lib.call(reference.SetFromUserInput, grid.crs)
    dataset.SetProjection(reference.ExportToWkt())
    dataset.SetMetadata({**({"TIFFTAG_IMAGEDESCRIPTION": grid.name} if grid.name else {}), **metadata})
    for number, layer in enumerate(values):
        band = dataset.GetRasterBand(number + 1)
        band.SetNoDataValue(float("nan"))
        band.SetUnitType(grid.unit)
        time = None if grid.times is None else str(np.datetime64(grid.times[number], "s"))
        band.SetDescription(time or grid.name)
        if time:
            band.SetMetadata({"time": time})
        lib.call(band.WriteArray, layer)
    return dataset
