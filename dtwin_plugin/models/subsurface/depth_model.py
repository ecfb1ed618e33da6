"""The description of giving depth to objects."""

from __future__ import annotations

from typing import Any

import numpy as np

from dtwin_plugin.data import Features
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

from .clash_model import KINDS
from .fields import numbers_of

DATUMS = {"ground": mark("Depth below the ground"), "nap": mark("Height in m NAP")}


def run(values: Values, _: Progress) -> dict[str, Any]:
    """Give all objects a top and bottom."""
    from .depth_bodies import body_surfaces, circles, heights_of

    pieces = []
    points, areas = values["points"], values["areas"]
    if points is not None and len(points):
        pieces.append(circles(points, numbers_of(points, values["radius_field"], values["radius"])))
    if areas is not None and len(areas):
        pieces.append(areas)
    if not pieces:
        raise InputError("There is nothing to give a depth to.", hint="Choose a layer with points or areas.")
    outlines = Features.concatenate(pieces)
    upper = numbers_of(outlines, values["top_field"], values["top"])
    lower = numbers_of(outlines, values["bottom_field"], values["bottom"])
    bottom, top = heights_of(outlines, upper, lower, values["datum"], values["terrain"])
    kind = np.full(len(outlines), values["kind"], object)
    found = outlines.columns.get("kind")
    if found is not None:
        kind = np.where([value is None or value == "" for value in found.tolist()], kind, found)
    outlines = outlines.with_columns({"kind": kind, "bottom": bottom, "top": top}, {"bottom": "m", "top": "m"})
    ids = [str(number + 1) for number in range(len(outlines))]
    return {"outlines": outlines, "bodies": body_surfaces(outlines, ids)}


def _field(name: str, title: str) -> Field:
    doc = "Name of a field with the value of each object; objects where it is empty get the number."
    return Field(name, title, "text", optional=True, advanced=True, doc=doc)


DEPTH_BODIES = Model(
    id="depthbodies",
    version="1.0.0",
    title="Give depth to objects",
    group="Subsurface",
    summary="Points and areas with a top and bottom become bodies in space: polluted soil, archaeology, explosives, "
    "roots, foundations, car parks, tunnels, protected zones. Of sloping ground the body holds the lowest and the "
    "highest place.",
    inputs=(
        Field(
            "points", "Points", "features", geometry="point", optional=True, doc="They get an outline by the radius."
        ),
        Field("areas", "Areas", "features", geometry="polygon", optional=True, doc="Outlines on the map."),
        Field(
            "kind",
            "What they are",
            "choice",
            default="other",
            choices=KINDS,
            doc="For objects without a field kind; it chooses the distance that the clash test requires.",
        ),
        Field(
            "datum",
            "Top and bottom are",
            "choice",
            default="ground",
            choices=DATUMS,
            doc="Depths count downwards from the terrain, heights upwards from NAP.",
        ),
        Field("top", "Top", "number", "m", 0.0, -500, 500, doc="Of objects without a value of their own."),
        Field("bottom", "Bottom", "number", "m", 1.0, -500, 500, doc="Of objects without a value of their own."),
        Field(
            "radius", "Radius of points", "number", "m", 1.0, 0.01, 1000, doc="Of points without a value of their own."
        ),
        Field(
            "terrain",
            "Terrain",
            "grid",
            "m",
            optional=True,
            doc="Heights of the ground in m NAP, needed for depths below it.",
        ),
        _field("top_field", mark("Field with the top")),
        _field("bottom_field", mark("Field with the bottom")),
        _field("radius_field", mark("Field with the radius")),
    ),
    outputs=(
        Field(
            "outlines",
            "Objects with a top and bottom",
            "features",
            geometry="polygon",
            style="depth_outlines",
            doc="Outlines with the fields bottom and top in m NAP, as the clash test takes them.",
        ),
        Field(
            "bodies",
            "Bodies",
            "surfaces",
            geometry="polygon",
            optional=True,
            style="surfaces",
            doc="Closed bodies in space.",
        ),
    ),
    run=run,
    references=("ISO 19107:2019, Geographic information - Spatial schema (solids).",),
    validity="Bodies are upright, with a flat top and bottom.",
)
