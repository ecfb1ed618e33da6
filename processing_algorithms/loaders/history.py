"""Series of the history of live data, in equal steps, as models use them."""

from __future__ import annotations

from typing import Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .common import GROUP
from .features import moment_of

_MOST = 2_000_000  # values


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.twin.live.history import History
    from dtwin_plugin.twin.live.resample import Channel, channels

    step, least = values["step"] * 60.0, values["least"] / 100.0
    begin, end = (_moment(values[name]) for name in ("begin", "end"))
    rows: list[Channel] = []
    with History(values["file"]) as history:
        asked = channels(history, values["source"] or "", values["quantity"] or "", begin, end, step)
        for number, row in enumerate(asked):
            rows.append(row)
            progress.report(1 - 0.99**number)
            if sum(len(item.values) for item in rows) > _MOST:
                raise InputError(
                    "More than {count} values are asked for.", hint="Choose a time or a quantity.", count=_MOST
                )
        gaps = history.gaps(values["source"] or "")
    if not rows:
        raise InputError(
            "The history has no observations of this source and quantity.",
            hint="Leave both empty to have all.",
        )
    told = [np.where(row.share >= least, row.values, np.nan) for row in rows]
    points = Geometries.build("point", [[[[[row.x, row.y]]]] if row.x == row.x else [] for row in rows])
    columns: dict[str, Any] = {
        name: np.array([getattr(row, name) for row in rows], object)
        for name in ("source", "station", "name", "quantity", "part", "unit")
    }
    columns |= {
        "mean": np.array([_of(np.nanmean, item) for item in told]),
        "least": np.array([_of(np.nanmin, item) for item in told]),
        "most": np.array([_of(np.nanmax, item) for item in told]),
        "steps": np.array([int(np.isfinite(item).sum()) for item in told], np.int64),
        "share": np.array([float(row.share.mean()) for row in rows]),
    }
    if gaps:
        progress.warn("{count} times of this history are told as gaps: nothing was received then.", count=len(gaps))
    return {
        "stations": Features(points, columns, {"share": "1"}, name="stations"),
        "series": _series(rows, told, step),
        "count": len(rows),
    }


def _series(rows: list[Any], told: list[Any], step: float) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [] for name in ("source", "station", "quantity", "part")}
    for row in rows:
        for name in columns:
            columns[name] += [getattr(row, name)] * len(row.values)
    begins = np.concatenate([row.begins for row in rows])
    columns["begins"] = np.datetime_as_string(begins, unit="s").tolist()
    columns["ends"] = np.datetime_as_string(begins + np.timedelta64(round(step), "s"), unit="s").tolist()
    columns["value"] = np.concatenate(told).tolist()
    columns["share"] = np.concatenate([row.share for row in rows]).tolist()
    return columns


def _of(figure: Any, values: Any) -> float:
    return float(figure(values)) if np.isfinite(values).any() else np.nan


def _moment(given: Any) -> np.datetime64 | None:
    """Return a moment of the user, in UTC where no zone is told."""
    found = moment_of(given)
    return None if found is None else np.datetime64(found.rstrip("Z"), "ms")


SENSOR_HISTORY = Model(
    id="sensorhistory",
    version="1.0.0",
    title="Series of the history of live data",
    group=GROUP,
    summary="What live sources have given, as means of hours or other steps, with the share of each that was measured: "
    "as points with their means, and as a table.",
    inputs=(
        Field("file", "History", "file", doc="The GeoPackage that the panel Live keeps."),
        Field("source", "Source", "text", optional=True, doc="As in the history; default all."),
        Field("quantity", "Quantity", "text", optional=True, doc="Such as flow, speed or NO2; default all."),
        Field(
            "begin", "From", "datetime", optional=True, doc="In the time of your computer; default all that is kept."
        ),
        Field("end", "Until", "datetime", optional=True, doc="In the time of your computer; default all that is kept."),
        Field("step", "Step", "number", "min", 60.0, 1, 44_640, doc="Length of the steps of which means are taken."),
        Field(
            "least",
            "Least share",
            "number",
            "percent",
            75.0,
            0,
            100,
            doc="A step of which less was measured has no value; less of it fills gaps with means of little.",
        ),
    ),
    outputs=(
        Field(
            "stations",
            "Stations",
            "features",
            geometry="point",
            doc="A point for each quantity of a station: mean, least and most of its steps, and the share measured.",
        ),
        Field(
            "series",
            "Series",
            "table",
            columns={"value": "1", "share": "1"},
            doc="A row for each step of each quantity of a station; times are UTC.",
        ),
        Field("count", "Number of series", "integer", doc="Number of quantities of stations."),
    ),
    run=_run,
    references=("OGC 18-088 (2021), SensorThings API Part 1: Sensing 1.1: phenomenon time.",),
    validity="A mean of a step is weighted by time. It holds for what was measured of the step and not for the rest.",
)
