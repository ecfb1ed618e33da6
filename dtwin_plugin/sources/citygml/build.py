"""City objects to a carrier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Geometries, Surfaces
from dtwin_plugin.data.columns import from_rows

from .objects import CityObject

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Place = Callable[[NDArray[np.float64], str | None], NDArray[np.float64]]

_OWN = ("id", "type", "lod", "parent")


def build(found: Sequence[tuple[CityObject, str]], place: Place, name: str) -> Surfaces | None:
    """Return the surfaces of objects at a level of detail each, None if there are none.

    Parameters
    ----------
    place : callable
        Coordinates (n, 3) in the CRS that is written with them, to RD New and m NAP.
    """
    rows = [(item, lod) for item, lod in found if item.surfaces.get(lod)]
    if not rows:
        return None
    coordinates, rings, parts, owners, kinds = [], [0], [0], [], []
    for number, (item, lod) in enumerate(rows):
        flat = [ring for surface in item.surfaces[lod] for ring in surface.rings]
        coordinates.append(place(np.concatenate(flat), item.srs))
        for surface in item.surfaces[lod]:
            for ring in surface.rings:
                rings.append(rings[-1] + len(ring))
            parts.append(len(rings) - 1)
            owners.append(number)
            kinds.append(surface.kind)
    shapes = Geometries(
        "polygon",
        np.concatenate(coordinates),
        np.array(rings, np.int64),
        np.array(parts, np.int64),
        np.arange(len(parts), dtype=np.int64),
    )
    own = {
        "id": texts([item.id for item, _ in rows]),
        "type": texts([item.type for item, _ in rows]),
        "lod": texts([lod for _, lod in rows]),
        "parent": texts([item.parent for item, _ in rows]),
    }
    more = from_rows([{key if key not in _OWN else f"{key}_": v for key, v in item.attributes.items()}
                      for item, _ in rows])  # fmt: skip
    return Surfaces(shapes, texts(kinds), np.array(owners, np.int64), {**own, **more}, name=name)


def texts(values: Sequence[Any]) -> NDArray[Any]:
    """Return texts as an array of objects."""
    result = np.empty(len(values), object)
    result[:] = values
    return result
