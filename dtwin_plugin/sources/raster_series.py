"""All bands of a raster as one grid with a time axis: radar, and what this plugin writes for results through time."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, Grid
from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.progress import Progress, Silent

from .raster import RasterSource
from .raster_open import opened

if TYPE_CHECKING:
    from numpy.typing import NDArray

_UNITS = {"second": "s", "minute": "m", "hour": "h", "day": "D"}
_SINCE = re.compile(r"(second|minute|hour|day)s? since (\d{4}-\d{1,2}-\d{1,2})(?:[T ](\d{1,2}:\d{2}(?::\d{2})?))?")


def read_series(
    path: str | Path,
    extent: Extent | None = None,
    assume_crs: str | None = None,
    progress: Progress | None = None,
    frame: str = RD,
) -> Grid:
    """Return all bands of a raster that touch an area (None = all), shape (bands, rows, cols).

    The times are those of the bands' descriptions (ISO 8601) or of a netCDF file's time axis; None where a band has
    none. A band without data in the area is all NaN.

    Raises
    ------
    InputError
        If the area lies outside the raster, or no band has data in it.
    SourceError, FormatError, CrsError
        As `RasterSource.read`.
    Cancelled
        If the user stops it.
    """
    progress = progress or Silent()
    dataset, _ = opened(path, 1)
    count = dataset.RasterCount
    found: list[Grid | None] = []
    fault: InputError | None = None
    for band in range(1, count + 1):
        if progress.is_cancelled():
            raise Cancelled
        try:
            found.append(next(RasterSource(path, band=band, assume_crs=assume_crs, frame=frame).read(extent, Silent())))
        except InputError as error:  # without data here, or beside the area; told apart by whether any band has some
            found.append(None)
            fault = error
        progress.report(band / count)
    first = next((grid for grid in found if grid is not None), None)
    if first is None:
        raise fault or InputError("{file} has no bands.", file=Path(path).name)
    values = [np.full(first.shape, np.nan, np.float32) if grid is None else grid.values for grid in found]
    return replace(first, values=np.stack(values), times=times_of(dataset), name=Path(path).stem)


def times_of(dataset: Any) -> NDArray[np.datetime64] | None:
    """Return the time of each band of an open raster, datetime64[s]; None where a band has none."""
    since = _SINCE.match(dataset.GetMetadataItem("time#units") or "")
    times = []
    for number in range(1, dataset.RasterCount + 1):
        band = dataset.GetRasterBand(number)
        since_then = band.GetMetadataItem("NETCDF_DIM_time")
        time = _after(since, since_then) if since and since_then else _moment(band.GetDescription())
        if time is None:
            return None
        times.append(time)
    return np.array(times, "datetime64[s]")


def _after(since: re.Match[str], count: str) -> np.datetime64:
    unit, day, clock = since.groups()
    year, month, date = (int(part) for part in day.split("-"))
    start = np.datetime64(f"{year:04d}-{month:02d}-{date:02d}T{(clock or '00:00').zfill(5)}", "s")
    seconds = float(count) * float(np.timedelta64(1, _UNITS[unit]) / np.timedelta64(1, "s"))
    return start + np.timedelta64(round(seconds), "s")


def _moment(text: str) -> np.datetime64 | None:
    """Return the moment that a description is.

    >>> _moment("2011-06-28T20:05:00Z"), _moment("Band 1")
    (numpy.datetime64('2011-06-28T20:05:00'), None)
    """
    if not re.match(r"\d{4}-\d{2}-\d{2}", text or ""):
        return None
    try:
        return np.datetime64(text.strip().rstrip("Z").replace(" ", "T"), "s")
    except ValueError:
        return None
