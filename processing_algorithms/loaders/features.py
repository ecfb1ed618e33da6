"""Features of any service, and what the loaders of services share: joining pages by kind of geometry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import column
from dtwin_plugin.data.crs import RD_NAP
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .common import EXTENT, GROUP, transport

OUTPUT_OF = {"point": "points", "line": "lines", "polygon": "polygons"}
FEATURE_OUTPUTS = (
    Field("points", "Points", "features", geometry="point", optional=True, doc="Those with a point."),
    Field("lines", "Lines", "features", geometry="line", optional=True, doc="Those with a line."),
    Field("polygons", "Areas", "features", geometry="polygon", optional=True, doc="Those with an area."),
    Field("objects", "Objects", "integer", doc="Number of objects that were read."),
)
COLLECTION = Field(
    "collection",
    "Collection",
    "text",
    optional=True,
    doc="Name or title of the collection or type; left out where the service has one. A wrong name lists them all.",
)
MOMENT = Field(
    "datetime",
    "State at",
    "datetime",
    optional=True,
    advanced=True,
    doc="A moment in the past, where the service keeps history; default now.",
)


def by_kind(chunks: Iterable[Features]) -> dict[str, Features]:
    """Join chunks by their kind of geometry."""
    pieces: dict[str, list[Features]] = {}
    for chunk in chunks:
        if len(chunk):
            pieces.setdefault(chunk.geometries.kind, []).append(chunk)
    return {kind: Features.concatenate(_alike(found)) for kind, found in pieces.items()}


def marked(features: Features, **values: str) -> Features:
    """Return features with a column of one value each in front."""
    first = {name: column([value] * len(features)) for name, value in values.items()}
    return replace(features, columns={**first, **features.columns})


def outputs_of(found: dict[str, Features], what: str) -> dict[str, Any]:
    """Return features as outputs by kind of geometry; raises InputError where there are none."""
    require_some(found, what)
    return {**{OUTPUT_OF[kind]: made for kind, made in found.items()}, "objects": sum(map(len, found.values()))}


def require_some(found: Any, what: str) -> None:
    """Raise InputError where an area has nothing."""
    if not found:
        raise InputError("{what} has no objects for this area.", hint="Choose another area.", what=what)


def moment_of(value: datetime | None) -> str | None:
    """Return a moment as services take it (RFC 3339)."""
    if value is None:
        return None
    return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _alike(pieces: list[Features]) -> list[Features]:
    """Return pieces of one dimension: where some have heights, the others have unknown ones."""
    if len({piece.geometries.has_z for piece in pieces}) == 1:
        return pieces
    return [piece if piece.geometries.has_z else _with_heights(piece) for piece in pieces]


def _with_heights(piece: Features) -> Features:
    shapes = piece.geometries
    xyz = np.column_stack([shapes.coordinates, np.full(len(shapes.coordinates), np.nan)])
    return replace(
        piece, geometries=Geometries(shapes.kind, xyz, shapes.rings, shapes.parts, shapes.features), crs=RD_NAP
    )


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.features_service import source_of

    source = source_of(
        values["source"],
        (values["collection"] or "").strip() or None,
        transport=transport(),
        datetime=moment_of(values["datetime"]),
        current=bool(values["current"]) and values["datetime"] is None,
    )
    return outputs_of(by_kind(source.read(values["extent"], progress)), values["collection"] or values["source"])


LOAD_FEATURES = Model(
    id="loadfeatures",
    version="1.0.0",
    title="Load features of a service",
    group=GROUP,
    summary="Objects of any OGC API - Features or WFS 2.0 in RD New, by area: a source of the catalogue or an address "
    "of your own, with all attributes.",
    inputs=(
        Field(
            "source",
            "Source",
            "text",
            doc="An id of the catalogue, such as spoorwegen or nwb-wfs, or an address that starts with https://.",
        ),
        COLLECTION,
        EXTENT,
        MOMENT,
        Field(
            "current",
            "Only what is current",
            "boolean",
            default=True,
            advanced=True,
            doc="Leave out what has ended, where the objects say so (eind_registratie).",
        ),
    ),
    outputs=FEATURE_OUTPUTS,
    run=_run,
    references=("OGC API - Features 1.0, Parts 1 and 2 (17-069r4, 18-058r1); WFS 2.0.2 (09-025r2).",),
)
