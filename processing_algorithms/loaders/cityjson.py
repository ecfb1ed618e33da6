"""CityJSON files."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .common import EXTENT, GROUP, LOD, SURFACE_OUTPUTS, lod_option, surface_outputs


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.cityjson import CityJsonSource

    types = [name.strip() for name in (values["types"] or "").split(",") if name.strip()]
    source = CityJsonSource(
        values["file"], lod=lod_option(values["lod"]), types=types or None, assume_crs=values["assume_crs"] or None
    )
    return surface_outputs(source.read(values["extent"], progress), values["file"].name)


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
        Field(
            "types",
            "Object types",
            "text",
            optional=True,
            advanced=True,
            doc="Names as in the file, with commas between them (Building, Bridge); default all.",
        ),
        Field(
            "assume_crs",
            "Coordinate system if the file has none",
            "text",
            optional=True,
            advanced=True,
            doc="For example EPSG:7415 (RD New with NAP).",
        ),
    ),
    outputs=SURFACE_OUTPUTS,
    run=_run,
    references=("CityJSON Specifications 2.0.1, https://www.cityjson.org/specs/2.0.1/",),
)
