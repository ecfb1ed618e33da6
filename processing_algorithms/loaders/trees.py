"""Trees and street furniture by area: of the BGT, or of a municipality's own management data (BOR)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dtwin_plugin.data import Features
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .common import GROUP, REQUIRED_EXTENT, transport
from .features import COLLECTION, by_kind, marked, require_some

_BGT = "bgt-ogcapi"
FURNITURE = (
    "bak",
    "bord",
    "installatie",
    "kast",
    "mast",
    "paal",
    "put",
    "sensor_punt",
    "straatmeubilair",
    "waterinrichtingselement_punt",
    "weginrichtingselement_punt",
)


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.progress import Part

    found = by_kind(_trees(values, Part(progress, 0.0, 0.4 if values["with_furniture"] else 1.0)))
    made: dict[str, Any] = {}
    for kind, name in {"point": "trees", "line": "rows", "polygon": "areas"}.items():
        if kind in found:
            made[name] = found[kind]
    if values["with_furniture"]:
        furniture = by_kind(_furniture(values, Part(progress, 0.4, 1.0))).get("point")
        made |= {"furniture": furniture} if furniture is not None else {}
    require_some(made, values["collection"] or values["source"])
    counts = {
        name: len(made.get(other, ())) for name, other in (("objects", "trees"), ("furniture_count", "furniture"))
    }
    return {**made, **counts}


def _trees(values: Values, progress: Progress) -> Iterator[Features]:
    from dtwin_plugin.sources.bgt_collections import bgt_from_service
    from dtwin_plugin.sources.features_service import source_of

    if values["source"] == _BGT and not values["collection"]:
        for name, features in bgt_from_service(values["extent"], ["vegetatieobject"], transport(), progress):
            yield marked(features, klasse=name)
        return
    source = source_of(values["source"], values["collection"] or None, transport=transport(), current=True)
    yield from source.read(values["extent"], progress)


def _furniture(values: Values, progress: Progress) -> Iterator[Features]:
    from dtwin_plugin.sources.bgt_collections import bgt_from_service

    for name, features in bgt_from_service(values["extent"], FURNITURE, transport(), progress):
        yield marked(features, klasse=name)


LOAD_TREES = Model(
    id="loadtrees",
    version="1.0.0",
    title="Load trees and street furniture",
    group=GROUP,
    summary="Trees, hedges and what stands in the street, from the BGT or from a service of your own management data "
    "(BOR). Source by default: BGT, CC0.",
    inputs=(
        REQUIRED_EXTENT,
        Field(
            "source",
            "Source of the trees",
            "text",
            default=_BGT,
            doc="An id of the catalogue, or the address of an OGC API or a WFS of your municipality.",
        ),
        COLLECTION,
        Field(
            "with_furniture",
            "Street furniture too",
            "boolean",
            default=True,
            doc="Poles, signs, cabinets, bins and benches of the BGT.",
        ),
    ),
    outputs=(
        Field("trees", "Trees", "features", geometry="point", style="trees", doc="A point for each; trees in 3D."),
        Field(
            "rows",
            "Hedges and rows of trees",
            "features",
            geometry="line",
            optional=True,
            style="tree_rows",
            doc="Those that are kept as a line.",
        ),  # fmt: skip
        Field(
            "areas",
            "Groups of trees",
            "features",
            geometry="polygon",
            optional=True,
            style="tree_areas",
            doc="Those that are kept as an area.",
        ),  # fmt: skip
        Field(
            "furniture",
            "Street furniture",
            "features",
            geometry="point",
            optional=True,
            style="furniture",
            doc="The column klasse holds the kind.",
        ),  # fmt: skip
        Field("objects", "Number of trees", "integer", doc="Number of trees that were read."),
        Field("furniture_count", "Number of pieces of furniture", "integer", doc="Number of objects that were read."),
    ),
    run=_run,
)
