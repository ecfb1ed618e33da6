"""Cadastral parcels by area."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .common import GROUP, REQUIRED_EXTENT, transport
from .features import by_kind, require_some


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin import catalogue
    from dtwin_plugin.sources.features_service import OgcFeaturesSource

    source = OgcFeaturesSource(catalogue.url_of("kadastrale-kaart"), "perceel", transport=transport())
    parcels = by_kind(source.read(values["extent"], progress)).get("polygon")
    require_some(parcels, "Kadastrale kaart")
    return {"parcels": parcels, "objects": len(parcels or ())}


LOAD_PARCELS = Model(
    id="loadparcels",
    version="1.0.0",
    title="Load cadastral parcels",
    group=GROUP,
    summary="Parcels of an area with their municipality, section and number. "
    "Source: Kadastrale kaart, Kadaster, CC BY 4.0. Whose they are is not in it.",
    inputs=(REQUIRED_EXTENT,),
    outputs=(
        Field(
            "parcels",
            "Cadastral parcels",
            "features",
            geometry="polygon",
            style="parcels",
            doc="Outlines, with the number as a label at large scales.",
        ),
        Field("objects", "Parcels", "integer", doc="Number of parcels that were read."),
    ),
    run=_run,
)
