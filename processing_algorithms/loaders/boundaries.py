"""Boundaries of municipalities, provinces and the country."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .common import EXTENT, GROUP, transport
from .features import by_kind, require_some


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin import catalogue
    from dtwin_plugin.sources.features_service import OgcFeaturesSource

    source = OgcFeaturesSource(catalogue.url_of("bestuurlijke-gebieden"), values["level"], transport=transport())
    areas = by_kind(source.read(values["extent"], progress)).get("polygon")
    require_some(areas, "Bestuurlijke gebieden")
    return {"boundaries": areas, "objects": len(areas or ())}


LOAD_BOUNDARIES = Model(
    id="loadboundaries",
    version="1.0.0",
    title="Load administrative boundaries",
    group=GROUP,
    summary="Municipalities, provinces or the country, whole, as far as they touch the area. "
    "Source: Bestuurlijke gebieden, Kadaster, CC0.",
    inputs=(
        EXTENT,
        Field(
            "level",
            "Level",
            "choice",
            default="gemeentegebied",
            choices={"gemeentegebied": "Municipalities", "provinciegebied": "Provinces", "landgebied": "Country"},
            doc="The column identificatie holds the code, such as GM0503.",
        ),
    ),
    outputs=(
        Field(
            "boundaries",
            "Administrative boundaries",
            "features",
            geometry="polygon",
            style="boundaries",
            doc="Whole areas with their names and codes.",
        ),
        Field("objects", "Areas", "integer", doc="Number of areas that were read."),
    ),
    run=_run,
)
