"""Measured rain of the KNMI as a rain series for the flood model."""

from __future__ import annotations

from typing import Any

import numpy as np

from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .common import GROUP


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.knmi_rain import read_rain

    series = read_rain(values["file"], values["station"] or "")
    gaps = int(np.isnan(series.rain).sum())
    if gaps:
        progress.warn(
            "{count} of the {all} steps of the series were not measured; periods with one of them do not count.",
            count=gaps,
            all=series.rain.size,
        )
    chosen = series.wettest(values["hours"])
    rain, ends = series.rain[chosen], series.ends[chosen]
    minutes = np.arange(rain.size + 1) * series.step / 60
    start = ends[0] - np.timedelta64(round(series.step), "s")
    return {
        "rain_series": {
            "minutes": minutes.tolist(),
            "rain": [0.0, *rain.tolist()],
            "time": [str(start), *(str(end) for end in ends)],
        },
        "total": round(float(rain.sum()), 3),
        "start_time": str(start),
    }


LOAD_RAIN = Model(
    id="loadrain",
    version="1.0.0",
    title="Load measured rain",
    group=GROUP,
    summary="The period with the most rain of a station of the KNMI, from its text of hours (uurgeg) or of days "
    "(neerslaggeg), as a rain series for the flood model.",
    inputs=(
        Field("file", "Rain file of the KNMI", "file", doc="As the KNMI gives it: uurgeg_….txt or neerslaggeg_….txt."),
        Field(
            "hours",
            "Length of the period",
            "number",
            "h",
            24.0,
            1,
            240,
            doc="The most rain in so many hours, in whole steps of the file.",
        ),
        Field(
            "station",
            "Station",
            "text",
            optional=True,
            advanced=True,
            doc="The number of the station, where the file has more than one.",
        ),
    ),
    outputs=(
        Field(
            "rain_series",
            "Rain series",
            "table",
            columns={"minutes": "min", "rain": "mm", "time": "1"},
            doc="Rain in the step that ends at each minute; the time is UTC.",
        ),
        Field("total", "Rain in the period", "number", "mm", doc="The sum of the series."),
        Field("start_time", "Start of the period", "text", doc="In UTC."),
    ),
    run=_run,
    references=("KNMI: hourly data of weather stations and daily data of rain stations, 2026.",),
    validity="Steps of an hour or a day are too long for streets that flood within minutes: rain falls evenly in each.",
)
