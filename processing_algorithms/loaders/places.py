"""Addresses and places as points, and what lies nearest to a point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import number_of
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

from .common import GROUP, transport

if TYPE_CHECKING:
    from dtwin_plugin.sources.places import Place

_TYPES = {
    "any": mark("All"),
    "adres": mark("Address"),
    "weg": mark("Street"),
    "postcode": mark("Postcode"),
    "woonplaats": mark("Town or village"),
    "gemeente": mark("Municipality"),
    "buurt": mark("Neighbourhood"),
    "wijk": mark("District"),
    "perceel": mark("Cadastral parcel"),
    "hectometerpaal": mark("Hectometre post"),
}


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.places import Locatieserver
    from dtwin_plugin.sources.places.typed import typed_point

    text, kind, rows = values["text"].strip(), values["type"], values["most"]
    if not text:
        raise InputError("No text is given.", hint="Write an address, a place, or coordinates in RD.")
    server = Locatieserver(transport(), progress=progress)
    point = typed_point(text)
    if point is None and values["reverse"]:
        raise InputError(
            "{text} is no point.", hint="Write x and y in RD, such as 121000, 487000, or a latitude and a longitude.",
            text=text[:100],
        )  # fmt: skip
    if point is None:
        found = server.free(text, types=() if kind == "any" else (kind,), rows=rows)
    else:
        found = server.reverse(*point, type="adres" if kind == "any" else kind, rows=rows)
    placed = [place for place in found if place.point is not None]
    if not placed:
        raise InputError("The place search finds nothing for {text}.", hint="Write it otherwise.", text=text[:100])
    return {"places": _features(placed), "found": len(placed)}


def _features(places: Sequence[Place]) -> Features:
    points = np.array([place.point for place in places], float)
    distances = [number_of(place.properties.get("afstand")) for place in places]
    columns = {
        "name": np.array([place.name for place in places], object),
        "type": np.array([place.type for place in places], object),
        "score": np.array([place.score for place in places]),
        "distance": np.array(distances),
        "municipality": np.array([place.properties.get("gemeentenaam") or None for place in places], object),
        "id": np.array([place.id for place in places], object),
    }
    return Features(Geometries.points(points), columns, {"distance": "m"}, name="places")


FIND_ADDRESS = Model(
    id="findaddress",
    version="1.0.0",
    title="Find address or place",
    group=GROUP,
    summary="Addresses, streets, places and parcels by name from the place search of PDOK (Locatieserver), or what "
    "lies nearest to a point. The text is sent to PDOK.",
    inputs=(
        Field(
            "text",
            "Address, place or coordinates",
            "text",
            doc="Such as: Dam 1, Amsterdam; 2611GS 87; or x and y in RD, of which the nearest address is given.",
        ),
        Field("type", "Kind of place", "choice", default="any", choices=_TYPES, doc="Only places of this kind."),
        Field("most", "Places at most", "integer", default=10, minimum=1, maximum=100, doc="The best ones first."),
        Field(
            "reverse",
            "Only what lies nearest to coordinates",
            "boolean",
            default=False,
            advanced=True,
            doc="Refuses a text that is no pair of coordinates.",
        ),
    ),
    outputs=(
        Field(
            "places",
            "Places",
            "features",
            geometry="point",
            doc="A point for each place, with its name, kind, score and distance.",
        ),
        Field("found", "Found", "integer", doc="Number of places."),
    ),
    run=_run,
)
