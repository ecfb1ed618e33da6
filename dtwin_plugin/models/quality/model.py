"""`checkquality`: a layer of surfaces held against the rules, as a model of the socket."""

from __future__ import annotations

from typing import Any

import numpy as np

from dtwin_plugin.data import Features, Geometries, Surfaces
from dtwin_plugin.data.surfaces import UNKNOWN
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress

from ..base import Field, Model, Values
from .codes import Tolerances
from .report import SUMMARY, assess, findings_layer, summary_table

_DEFAULTS = Tolerances()
_LAYER_IDS = ("id", "identificatie")


def surfaces_of(features: Features) -> Surfaces:
    """Return the surfaces of a layer with a row for each object, level of detail and semantics ("surface").

    Raises
    ------
    InputError
        If the layer has no heights or no id.
    """
    shapes = features.geometries
    name = next((name for name in _LAYER_IDS if name in features.columns), None)
    if name is None:
        raise InputError(
            "The layer has no field {field}; found {found}.",
            hint="Choose a layer of surfaces, as a load of 3D buildings makes it.",
            field="id",
            found=", ".join(features.columns) or "-",
        )
    if len(shapes.coordinates) and not shapes.has_z:
        raise InputError(
            "The polygons of the layer have no heights.",
            hint="Choose a layer of surfaces, as a load of 3D buildings makes it.",
        )
    count = len(features)
    lods = features.columns.get("lod", np.full(count, "", object))
    rows: dict[tuple[str, str], int] = {}
    first: list[int] = []
    of_feature = np.empty(count, np.int64)
    for row, key in enumerate(zip(map(str, features.columns[name]), map(str, lods))):
        if key not in rows:
            rows[key] = len(rows)
            first.append(row)
        of_feature[row] = rows[key]
    parts = np.diff(shapes.features)
    single = np.arange(len(shapes.parts), dtype=np.int64)
    columns = {key: values[first] for key, values in features.columns.items()}
    columns.update(id=_texts([key[0] for key in rows]), lod=_texts([key[1] for key in rows]))
    for missing, value in (("type", ""), ("parent", None)):
        columns.setdefault(missing, _texts([value] * len(rows)))
    semantics = features.columns.get("surface", np.full(count, UNKNOWN, object))
    return Surfaces(
        Geometries("polygon", shapes.coordinates, shapes.rings, shapes.parts, single),
        np.repeat(semantics, parts),
        np.repeat(of_feature, parts),
        columns,
        name=features.name,
    )


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


def _texts(values: list[Any]) -> np.ndarray[Any, Any]:
    result = np.empty(len(values), object)
    result[:] = values
    return result


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
)
