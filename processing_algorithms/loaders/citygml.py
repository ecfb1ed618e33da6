"""CityGML files."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .cityjson import LOAD_CITYJSON
from .common import EXTENT, GROUP, LOD, SURFACE_OUTPUTS, TYPES, city_objects


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.citygml import CityGmlSource

    return city_objects(CityGmlSource, values, progress)


LOAD_CITYGML = Model(
    id="loadcitygml",
    version="1.0.0",
    title="Load CityGML",
    group=GROUP,
    summary="Buildings, bridges, roads, water, plants and terrain of a CityGML 1.0, 2.0 or 3.0 file, also in a zip, "
    "as surfaces in space and as footprints.",
    inputs=(
        Field("file", "CityGML file", "file", doc="A .gml or .xml file, or a zip of them."),
        EXTENT,
        LOD,
        TYPES,
        LOAD_CITYJSON.input("assume_crs"),
    ),
    outputs=SURFACE_OUTPUTS,
    run=_run,
    validity="Implicit geometries (copies of a prototype, such as trees) and references to other files are counted and "
    "left out.",
    references=("OGC 12-019 (CityGML 2.0) and OGC 20-010 (CityGML 3.0), https://www.ogc.org/standard/citygml/",),
)
