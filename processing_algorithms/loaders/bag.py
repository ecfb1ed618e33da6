"""Buildings and addresses of the BAG by area."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .common import GROUP, REQUIRED_EXTENT, transport
from .features import by_kind, require_some


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin import catalogue
    from dtwin_plugin.progress import Part
    from dtwin_plugin.sources.features_service import OgcFeaturesSource

    url, carrier = catalogue.url_of("bag-ogcapi"), transport()
    buildings = OgcFeaturesSource(url, "pand", transport=carrier)
    found = {"buildings": by_kind(buildings.read(values["extent"], Part(progress, 0.0, 0.5))).get("polygon")}
    if values["addresses_from"] != "none":
        addresses = OgcFeaturesSource(url, values["addresses_from"], transport=carrier)
        found["addresses"] = by_kind(addresses.read(values["extent"], Part(progress, 0.5, 1.0))).get("point")
    made: dict[str, Any] = {name: features for name, features in found.items() if features is not None}
    require_some(made, "BAG")
    return {**made, "objects": len(made.get("buildings", ())), "address_count": len(made.get("addresses", ()))}


LOAD_BAG = Model(
    id="loadbag",
    version="1.0.0",
    title="Load BAG buildings and addresses",
    group=GROUP,
    summary="Buildings (panden) and addresses of an area from the register of addresses and buildings. "
    "Source: BAG, Kadaster, Public Domain Mark.",
    inputs=(
        REQUIRED_EXTENT,
        Field(
            "addresses_from",
            "Addresses",
            "choice",
            default="adres",
            choices={
                "adres": "Addresses with street and postcode",
                "verblijfsobject": "Units with use and floor area",
                "none": "None",
            },
            doc="Units (verblijfsobjecten) have their use and floor area, addresses their street and postcode.",
        ),
    ),
    outputs=(
        Field(
            "buildings",
            "Buildings (BAG)",
            "features",
            geometry="polygon",
            style="footprints",
            doc="Outlines with year and status; the column identificatie links them to 3DBAG and to the addresses.",
        ),
        Field(
            "addresses",
            "Addresses (BAG)",
            "features",
            geometry="point",
            optional=True,
            style="addresses",
            doc="A point for each address or unit.",
        ),
        Field("objects", "Buildings", "integer", doc="Number of buildings that were read."),
        Field("address_count", "Addresses", "integer", doc="Number of addresses or units that were read."),
    ),
    run=_run,
    references=("Catalogus BAG 2018, Kadaster and the Ministry of the Interior.",),
)
