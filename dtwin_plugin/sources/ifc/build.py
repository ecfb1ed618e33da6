"""Shapes and attributes to a carrier."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any, Callable

import numpy as np

from dtwin_plugin.data import Geometries, Surfaces
from dtwin_plugin.data.columns import column, from_rows
from dtwin_plugin.data.offsets import offsets_of

from .elements import whole_of
from .semantics import surface_kind
from .shapes import Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FARTHEST = 1e7  # m; a coordinate beyond is a fault


class Builder:
    """Makes carriers of shapes.

    Parameters
    ----------
    place : callable
        Coordinates [m] in the model, shape (n, 3), to RD New and m NAP.
    describe : callable
        What the file says of an element, by column.

    Attributes
    ----------
    counts : Counter
        "faces" and "elements" that were left out because they hold no usable coordinates.
    """

    def __init__(
        self,
        model: Any,
        place: Callable[[NDArray[np.float64]], NDArray[np.float64]],
        describe: Callable[[Any], dict[str, Any]],
        name: str,
    ) -> None:
        self._model, self._place, self._describe, self._name = model, place, describe, name
        self.counts: Counter[str] = Counter()

    def build(self, shapes: list[Shape]) -> Surfaces | None:
        """Return the surfaces of some elements, None if there are none."""
        coordinates: list[NDArray[np.float64]] = []
        rings: list[int] = []
        parts: list[int] = []
        owners: list[int] = []
        kept: list[Any] = []
        for shape in shapes:
            faces = self._faces(shape)
            if not faces:
                self.counts["elements"] += 1
                continue
            flat = list(chain.from_iterable(faces))
            closed = [(*ring, ring[0]) for ring in flat]
            coordinates.append(shape.vertices[np.fromiter(chain.from_iterable(closed), np.int64)])
            rings += map(len, closed)
            parts += map(len, faces)
            owners += [len(kept)] * len(faces)
            kept.append(self._model.by_id(shape.step))
        if not kept:
            return None
        xyz = self._place(np.concatenate(coordinates))
        one = np.arange(len(parts) + 1, dtype=np.int64)
        shapes_of = Geometries("polygon", xyz, offsets_of(rings), offsets_of(parts), one)
        return self._surfaces(shapes_of, np.array(owners, np.int64), kept)

    def _faces(self, shape: Shape) -> list[list[tuple[int, ...]]]:
        """Return the faces that have an outline, each ring with three corners at least."""
        if not len(shape.vertices):
            return []
        sound = (np.isfinite(shape.vertices) & (np.abs(shape.vertices) < _FARTHEST)).all(axis=1)
        whole = bool(sound.all())
        faces = []
        for face in shape.faces:
            found = [tuple(ring) for ring in face if len(ring) >= 3]
            if not found or len(face[0]) < 3 or not (whole or all(sound[i] for ring in found for i in ring)):
                self.counts["faces"] += 1
                continue
            faces.append(found)
        return faces

    def _surfaces(self, shapes: Geometries, owners: NDArray[np.int64], elements: list[Any]) -> Surfaces:
        wholes = [whole_of(element) for element in elements]
        kinds = [surface_kind(element, whole) for element, whole in zip(elements, wholes)]
        parents = [getattr(whole, "GlobalId", None) if whole is not None and whole.is_a("IfcElement") else None
                   for whole in wholes]  # fmt: skip
        rows = [self._describe(element) for element in elements]
        base = {
            "id": _texts([element.GlobalId or f"#{element.id()}" for element in elements]),
            "type": _texts([element.is_a() for element in elements]),
            "lod": _texts([""] * len(elements)),
            "parent": _texts(parents),
        }
        more = from_rows(rows)
        if "storey_elevation" in more:
            more["storey_elevation"] = column([row.get("storey_elevation") for row in rows]).astype(float)
        semantics = _texts(kinds)[owners]
        return Surfaces(shapes, semantics, owners, {**base, **more}, {}, {"storey_elevation": "m"}, name=self._name)


def _texts(values: list[Any]) -> NDArray[Any]:
    result = np.empty(len(values), object)
    result[:] = values
    return result
