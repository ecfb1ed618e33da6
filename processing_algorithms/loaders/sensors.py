"""Time series of sensors and counters, from files and from servers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import CrsError, InputError
from dtwin_plugin.models.base import Field, Model, Values, wanted
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.live.spoken import SPOKEN
from dtwin_plugin.translate import mark

from .common import AUTHENTICATION, GROUP
from .features import moment_of

if TYPE_CHECKING:
    from dtwin_plugin.data import Features, Series

_SPOKEN = {"auto": mark("As the catalogue or the address says"), **SPOKEN}


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.live.tabled import as_points, last_values, observations, within

    series = _series(values, progress)
    for remark in series.remarks:
        progress.warn(remark.message, **remark.values)
        if remark.times > 1:
            progress.warn("That holds {count} times more.", count=remark.times - 1)
    if values["extent"] is not None and values["file"] is not None:
        series = within(series, values["extent"])
    if not len(series.stations):
        raise InputError("There are no stations in this area.", hint="Choose another area or source.")
    stations = _placed(last_values(series), progress)
    kind = "stations" if stations.geometries.kind == "point" else "stretches"
    outputs: dict[str, Any] = {kind: stations, "observations_count": len(series), "stations_count": len(stations)}
    if wanted(values, "observations"):
        points = as_points(observations(series))
        outputs["observations"] = points if stations.crs == points.crs else _placed(points, Silent())
    return outputs


def _placed(features: Features, progress: Progress) -> Features:
    """Return features in RD New; where some lie elsewhere, or RD cannot be reached, in the system of the source."""
    from dtwin_plugin.sources.live.tabled import in_rd

    unknown = int((np.diff(features.geometries.coordinate_spans()) == 0).sum())
    if unknown:
        progress.warn("{count} stations have no place in the source.", count=unknown)
    try:
        found, outside = in_rd(features)
    except CrsError as error:
        progress.warn(error.message, **error.values)
        progress.warn("The stations stay in {crs}.", crs=features.crs)
        return features
    if outside > unknown:
        progress.warn("{count} stations lie outside the Netherlands; all stay in {crs}.", count=outside - unknown,
                      crs=features.crs)  # fmt: skip
        return features
    return found


def _series(values: Values, progress: Progress) -> Series:
    from dtwin_plugin.sources.live import ask, read_series

    file, source = values["file"], (values["source"] or "").strip()
    if (file is None) == (not source):
        raise InputError(
            "One of the two is needed: a file, or a source.",
            hint="Choose a file, or write the id of a source or an address.",
        )
    if file is not None:
        return read_series(Path(file), values["sites"])
    from dtwin_plugin.layers.network import transport

    since = moment_of(values["since"])
    return ask(
        transport((values["authentication"] or "").strip()),
        source,
        values["extent"],
        None if since is None else np.datetime64(since.rstrip("Z"), "ms"),
        spoken="" if values["spoken"] == "auto" else values["spoken"],
        progress=progress,
    )


LOAD_SENSORS = Model(
    id="loadsensors",
    version="1.0.0",
    title="Load sensors and counts",
    group=GROUP,
    summary="Time series of sensors: traffic of the NDW (DATEX II, CSV), SensorThings, NGSI-LD, air of Luchtmeetnet, "
    "weather of the KNMI, water levels and loggers, from a file or a server. Stations with their last values, and each "
    "observation with its time.",
    inputs=(
        Field(
            "file",
            "File",
            "file",
            optional=True,
            doc="JSON, XML, CSV or MON, also with gzip. What it is, is told by what is in it.",
        ),
        Field(
            "source",
            "Source",
            "text",
            optional=True,
            doc="Instead of a file: an id of the catalogue, such as ndw-speed, samenmeten or luchtmeetnet, or an "
            "address that starts with https://.",
        ),
        Field(
            "extent",
            "Area",
            "extent",
            optional=True,
            doc="Only stations in it; default all, which takes minutes with a national source.",
        ),
        Field(
            "since",
            "Since",
            "datetime",
            optional=True,
            doc="What was measured or became known from then on; default the last values. Longer takes more time.",
        ),
        Field(
            "spoken",
            "What the source speaks",
            "choice",
            default="auto",
            choices=_SPOKEN,
            advanced=True,
            doc="Where the address does not tell.",
        ),
        Field(
            "sites",
            "Table of measurement sites",
            "file",
            optional=True,
            advanced=True,
            doc="For a file of the NDW: measurement_current.xml.gz, which tells place, lane and class of vehicles; "
            "default the one beside the file.",
        ),
        AUTHENTICATION,
    ),
    outputs=(
        Field(
            "stations",
            "Stations",
            "features",
            geometry="point",
            optional=True,
            style="sensor_stations",
            doc="A point for each station, with its last values in a column for each quantity, and their time (UTC).",
        ),
        Field(
            "stretches",
            "Stretches",
            "features",
            geometry="line",
            optional=True,
            style="sensor_stretches",
            doc="Lines instead of points, where all are measured along a stretch, such as travel times.",
        ),
        Field(
            "observations",
            "Observations",
            "features",
            geometry="point",
            optional=True,
            style="sensor_observations",
            doc="A point for each value, with begin and end of its time (UTC), when it became known, its unit and "
            "quality; the time slider of QGIS shows them. Without a value means that the source has none.",
        ),
        Field("stations_count", "Number of stations", "integer", doc="Stations and stretches."),
        Field("observations_count", "Number of observations", "integer", doc="Values, with those that are not there."),
    ),
    run=_run,
    references=(
        "OGC 18-088, SensorThings API 1.1, 2021.",
        "ETSI GS CIM 009 V1.7.1, NGSI-LD API, 2023.",
        "CEN/TS 16157-5, DATEX II, 2020.",
    ),
    validity="Values are those of the source; nothing is filled in. What is judged suspect or not judged says so.",
)
