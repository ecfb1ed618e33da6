"""`checkquality`: a layer of surfaces held against the rules, as a model of the socket."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.data.surface_rows import surfaces_of
from dtwin_plugin.progress import Progress

from ..base import Field, Model, Values
from .codes import Tolerances
from .report import SUMMARY, assess, findings_layer, summary_table

_DEFAULTS = Tolerances()


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Examine the layer."""
    tolerances = Tolerances(values["snap"], values["plane"], values["fold"], values["overlap"])
    features = values["surfaces"]
    assessment = assess(features.name, surfaces_of(features), values["extent"], tolerances, progress)
    return {
        "findings": findings_layer([assessment]),
        "summary": summary_table([assessment]),
        "invalid": assessment.summary["invalid"],
    }


CHECK_QUALITY = Model(
    id="checkquality",
    version="1.0.0",
    title="Check data quality",
    group="Quality",
    summary=(
        "What is wrong with 3D objects: rings and polygons that cross or are not flat, shells that are not closed or "
        "face inwards, parts that overlap, heights that are missing. Codes are those of val3dity."
    ),
    inputs=(
        Field(
            "surfaces",
            "Surfaces",
            "features",
            geometry="polygon",
            doc="Polygons in space with the fields id, lod and surface, as a load of 3D buildings makes them.",
        ),
        Field("extent", "Area", "extent", optional=True, doc="Objects outside it are reported; default no test."),
        Field(
            "plane",
            "Distance to plane",
            "number",
            "m",
            _DEFAULTS.plane,
            0.0,
            10.0,
            doc="A polygon is flat if all its points lie nearer to its plane than this; val3dity takes 0.01 too.",
        ),
        Field(
            "fold",
            "Fold",
            "number",
            "degree",
            _DEFAULTS.fold,
            0.0,
            180.0,
            advanced=True,
            doc="Angle that a triangle of a polygon may lean away from its plane; val3dity takes 20 too.",
        ),
        Field(
            "snap",
            "Snapping distance",
            "number",
            "m",
            _DEFAULTS.snap,
            0.0,
            1.0,
            advanced=True,
            doc="Points of one object nearer than this count as one; files hold millimetres.",
        ),
        Field(
            "overlap",
            "Overlap allowed",
            "number",
            "m",
            _DEFAULTS.overlap,
            0.0001,
            10.0,
            advanced=True,
            doc="Parts of a building may go into each other this far; party walls seldom match to the millimetre.",
        ),
    ),
    outputs=(
        Field(
            "findings",
            "Findings",
            "features",
            geometry="point",
            style="quality",
            doc="A point at each fault, with the object, the code and what it means.",
        ),
        Field("summary", "Summary", "table", columns=SUMMARY, doc="Counts of the layer, one row."),
        Field("invalid", "Invalid objects", "integer", doc="Number of objects with a fault in their geometry."),
    ),
    run=run,
    references=(
        "Ledoux, H. (2018). val3dity: validation of 3D GIS primitives according to the international standards. "
        "Open Geospatial Data, Software and Standards 3(1), 1.",
        "ISO 19107:2019, Geographic information - Spatial schema.",
    ),
    validity=(
        "Objects that bound a body with flat polygons. A layer does not tell solids from loose surfaces: an object "
        "with ground, walls and a roof counts as one solid."
    ),
    twin_kind="awareness",
)
