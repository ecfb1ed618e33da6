"""Rain radar of the KNMI as a rain series for the flood model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .common import GROUP


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.data import Grid
    from dtwin_plugin.sources.knmi_radar import read_radar
    from dtwin_plugin.sources.knmi_rain import RainSeries

    path = values["file"] or (Path(values["folder"]) if values["folder"] else None)
    if path is None:
        raise InputError("Neither a file nor a folder is given.", hint="Choose rain radar of the KNMI.")
    grid, step = read_radar(path, values["extent"], progress)
    assert grid.times is not None
    known = np.isfinite(grid.values)
    count = known.sum(axis=(1, 2))
    with np.errstate(invalid="ignore"):
        mean = np.where(count > 0, np.where(known, grid.values, 0).sum(axis=(1, 2), dtype=float) / count, np.nan)
    lost = int((np.diff(grid.times) > np.timedelta64(round(step), "s")).sum())
    if lost:
        progress.warn("Steps are missing at {count} places of the series; the flood model asks what to do there.",
                      count=lost)  # fmt: skip
    chosen = slice(None)
    if values["hours"] is not None:
        chosen = RainSeries("", grid.times, mean, step).wettest(values["hours"])
    ends, rain, mean = grid.times[chosen], grid.values[chosen], mean[chosen]
    start = ends[0] - np.timedelta64(round(step), "s")
    place = (grid.x_min, grid.y_max, grid.cell_size, grid.crs, "mm")
    total = np.where(np.isnan(rain).all(axis=0), np.nan, np.nansum(rain, axis=0))
    return {
        "rain_grid": Grid(rain, *place, ends, "rain"),
        "total": Grid(total, *place, None, "rain"),
        "series": {
            "time": [str(end) for end in ends],
            "rain": [None if np.isnan(m) else round(float(m), 4) for m in mean],
        },
        "mean_total": round(float(np.nansum(mean)), 3),
        "step": step / 60,
        "start_time": str(start),
    }


LOAD_RADAR = Model(
    id="loadradar",
    version="1.0.0",
    title="Load rain radar",
    group=GROUP,
    summary="Rain radar of the KNMI (HDF5) of an area as a raster series for the flood model: all of it, or the period "
    "with the most rain.",
    inputs=(
        Field(
            "file",
            "Rain radar of the KNMI",
            "file",
            optional=True,
            doc="As the KNMI gives it: an .h5 file with rain in mm, or a tar or zip of them.",
        ),
        Field("folder", "Folder of rain radar", "text", optional=True, doc="The path of a folder with .h5 files."),
        Field("extent", "Area", "extent", optional=True, doc="Cells of 1 km that touch it; default the whole country."),
        Field(
            "hours",
            "Length of the period",
            "number",
            "h",
            None,
            0.05,
            240,
            optional=True,
            doc="The most rain in so many hours, as the mean over the area; default all that is there.",
        ),
    ),
    outputs=(
        Field(
            "rain_grid",
            "Rain as rasters",
            "grid",
            "mm",
            style="rain",
            series=True,
            doc="Rain in each step, on cells of 1 km, for the flood model; the time of a band (UTC) ends its step.",
        ),
        Field("total", "Rain in the period", "grid", "mm", style="rain", doc="The sum of the steps."),
        Field(
            "series",
            "Mean rain of the area",
            "table",
            columns={"time": "1", "rain": "mm"},
            doc="Mean over the area of each step that ends at the time, in UTC.",
        ),
        Field("mean_total", "Mean rain in the period", "number", "mm", doc="The sum of the means."),
        Field("step", "Length of a step", "number", "min", doc="As the files state it."),
        Field("start_time", "Start of the period", "text", doc="In UTC."),
    ),
    run=_run,
    references=(
        "Roozekrans, H., Holleman, I. (2003). KNMI HDF5 data format specification. KNMI internal report IR 2003-05.",
    ),
    validity="Radar that is not corrected by rain gauges may be far too low or high: choose a corrected one (RTCOR, "
    "MFBS). Cells of 1 km do not show the core of a shower.",
)
