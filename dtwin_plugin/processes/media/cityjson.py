"""Surfaces as CityJSON 2.0 (OGC 20-072r5)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Surfaces
from dtwin_plugin.data.surfaces import UNKNOWN
from dtwin_plugin.errors import FormatError
from dtwin_plugin.models.base import Field
from dtwin_plugin.progress import Progress

from .feature_json import cell
from .formats import CITYJSON
from .plain import crs_uri
from .value import Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GIVEN = ("id", "type", "lod", "parent")
_MOST = 2.0**53  # integers up to here are exact in the JSON of everybody
_FINEST = 40  # steps of 2**-40 m, 1e-12 m: finer is of no use


def encoded(surfaces: Surfaces, progress: Progress) -> Value:
    """Return surfaces as CityJSON, in the finest steps that an integer of JSON holds: 6e-11 m in RD New."""
    scale = _steps(surfaces.geometries.coordinates)
    vertices, number = np.unique(
        np.rint(surfaces.geometries.coordinates / scale).astype(np.int64), axis=0, return_inverse=True
    )
    number = number.reshape(-1)
    objects: dict[str, Any] = {}
    for row in range(surfaces.object_count):
        identifier, parent = str(surfaces.columns["id"][row]), surfaces.columns["parent"][row]
        attributes = {name: cell(_item(values[row])) for name, values in surfaces.columns.items() if name not in _GIVEN}
        found = objects.setdefault(
            identifier, {"type": str(surfaces.columns["type"][row]), "attributes": attributes, "geometry": []}
        )
        if parent is not None:
            found["parents"] = [str(parent)]
        geometry = _geometry(surfaces, np.flatnonzero(surfaces.objects == row), number)
        if geometry:
            found["geometry"].append({**geometry, "lod": str(surfaces.columns["lod"][row]) or "0"})
    for identifier, found in list(objects.items()):
        for parent in found.get("parents", ()):
            objects.setdefault(parent, {"type": found["type"].removesuffix("Part"), "geometry": []})
            objects[parent].setdefault("children", []).append(identifier)
    document = {
        "type": "CityJSON",
        "version": "2.0",
        "transform": {"scale": scale.tolist(), "translate": [0.0, 0.0, 0.0]},
        "metadata": {"referenceSystem": crs_uri(surfaces.crs).replace("http://", "https://")},
        "CityObjects": objects,
        "vertices": vertices.tolist(),
    }
    return Value(document, CITYJSON)


def _steps(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the finest power of two on each axis with which the largest coordinate is an exact integer.

    A power of two, so that what was written and read once is written the same again.
    """
    largest = np.maximum(np.abs(coordinates).max(axis=0, initial=0.0), 1.0)
    return np.exp2(-np.minimum(np.floor(np.log2(_MOST / largest)), _FINEST))


def _geometry(surfaces: Surfaces, chosen: NDArray[np.int64], number: NDArray[np.int64]) -> dict[str, Any] | None:
    """Return the surfaces of an object at a level of detail as a MultiSurface with their semantics."""
    if not len(chosen):
        return None
    shapes, boundaries, members, values = surfaces.geometries, [], [], []
    for surface in chosen.tolist():
        about: dict[str, Any] = {"type": str(surfaces.semantics[surface])}
        for name, column in surfaces.surface_columns.items():
            about[name] = cell(_item(column[surface]))
        plain = about == {"type": UNKNOWN}
        if not plain:
            members.append(about)
        for part in range(int(shapes.features[surface]), int(shapes.features[surface + 1])):
            boundaries.append(
                [
                    # a ring of CityJSON is not closed
                    number[shapes.rings[ring] : shapes.rings[ring + 1] - 1].tolist()
                    for ring in range(int(shapes.parts[part]), int(shapes.parts[part + 1]))
                ]
            )
            values.append(None if plain else len(members) - 1)
    found: dict[str, Any] = {"type": "MultiSurface", "boundaries": boundaries}
    return {**found, "semantics": {"surfaces": members, "values": values}} if members else found


def _item(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def decoded(item: Field, value: Value, to_rd: bool, progress: Progress) -> Surfaces:
    """Return the surfaces of a CityJSON document or sequence, in RD New and m NAP.

    Raises
    ------
    FormatError
        If it is no CityJSON.
    CrsError
        If it cannot be placed in RD New.
    """
    from dtwin_plugin.sources.cityjson import CityJsonSource

    data = value.as_bytes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "value.city.json"
        path.write_bytes(data)
        pieces = list(CityJsonSource(path).read(None, progress))
    if not pieces:
        raise FormatError("{field} has no surfaces.", field=item.title)
    return Surfaces.concatenate(pieces)
