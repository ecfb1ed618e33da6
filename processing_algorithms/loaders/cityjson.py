"""CityJSON files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

from .common import ASSUME_CRS, EXTENT, GROUP, LOD, SURFACE_OUTPUTS, TYPES, city_objects


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.cityjson import CityJsonSource

    return city_objects(CityJsonSource, values, progress)


LOAD_CITYJSON = Model(
    id="loadcityjson",
    version="1.0.0",
    title="Load CityJSON",
    group=GROUP,
    summary="Buildings and other objects of a CityJSON 1.0, 1.1 or 2.0 file or sequence, also in gz or zip, "
    "as surfaces in space and as footprints.",
    inputs=(
        Field("file", "CityJSON file", "file", doc="A .json, .jsonl, .gz or .zip file."),
        EXTENT,
        LOD,
        TYPES,
        replace(ASSUME_CRS, doc=mark("For example EPSG:7415 (RD New with NAP).")),
    ),
    outputs=SURFACE_OUTPUTS,
    run=_run,
    references=("CityJSON Specifications 2.0.1, https://www.cityjson.org/specs/2.0.1/",),
)
