"""The large-scale base map (BGT) from a GeoPackage with a layer for each class."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from dtwin_plugin.data import Features
from dtwin_plugin.data.columns import column
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .common import EXTENT, GROUP

# IMGeo 2.1.1 classes that cover the ground as polygons, in the order in which they are drawn.
CLASSES = (
    "begroeidterreindeel",
    "onbegroeidterreindeel",
    "waterdeel",
    "ondersteunendwaterdeel",
    "ondersteunendwegdeel",
    "wegdeel",
    "overbruggingsdeel",
    "pand",
)


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.vector import VectorSource

    file = values["file"]
    present = VectorSource(file).describe().facts["layers"]
    names = {name.lower().removeprefix("bgt_"): name for name in present}
    pieces: list[Features] = []
    for bgt_class in CLASSES:
        if bgt_class in names:
            source = VectorSource(file, layer=names[bgt_class])
            pieces += [_marked(piece, bgt_class) for piece in source.read(values["extent"], progress)]
    if not pieces:
        raise InputError(
            "{file} has no BGT polygons for this area; expected layers named {classes}.",
            hint="Choose another file or area.",
            file=file.name,
            classes=", ".join(CLASSES),
        )
    return {"bgt": _by_level(Features.concatenate(pieces))}


def _marked(features: Features, bgt_class: str) -> Features:
    """Return features with their class as a column, in two dimensions."""
    shapes = replace(features.geometries, coordinates=np.ascontiguousarray(features.geometries.coordinates[:, :2]))
    classes = column([bgt_class] * len(features))
    return replace(features, geometries=shapes, crs="EPSG:28992").with_columns({"klasse": classes})


def _by_level(features: Features) -> Features:
    """Return the features from the lowest level to the highest, so that a bridge is drawn over its water."""
    level = features.columns.get("relatieve_hoogteligging")
    if level is None or level.dtype.kind not in "if":
        return features
    return features.take(np.argsort(np.nan_to_num(level.astype(float)), kind="stable"))


LOAD_BGT = Model(
    id="loadbgt",
    version="1.0.0",
    title="Load BGT",
    group=GROUP,
    summary="The polygons of the large-scale base map (BGT) of a GeoPackage in one styled layer: roads, water, green, "
    "yards and buildings, with their functions and physical appearance.",
    inputs=(
        Field("file", "BGT file", "file", doc="A GeoPackage with a layer for each class (wegdeel, waterdeel, pand)."),
        EXTENT,
    ),
    outputs=(
        Field(
            "bgt",
            "BGT",
            "features",
            geometry="polygon",
            style="bgt",
            doc="All polygons, drawn by level; the column klasse holds the class.",
        ),
    ),
    run=_run,
    references=("Gegevenscatalogus IMGeo 2.1.1, Geonovum.",),
)
