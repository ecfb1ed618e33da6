"""Surfaces from the rows of a layer, as loads of 3D objects make it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError

from .features import Features
from .geometries import Geometries
from .surfaces import UNKNOWN, Surfaces

if TYPE_CHECKING:
    from numpy.typing import NDArray

_IDS = ("id", "identificatie")


def surfaces_of(features: Features) -> Surfaces:
    """Return the surfaces of a layer with a row for each object, level of detail and semantics ("surface").

    Raises
    ------
    InputError
        If the layer has no heights or no id.
    """
    shapes = features.geometries
    name = next((name for name in _IDS if name in features.columns), None)
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


def _texts(values: list[Any]) -> NDArray[Any]:
    result = np.empty(len(values), object)
    result[:] = values
    return result
