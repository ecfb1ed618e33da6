"""Objects that lie in several tiles, or in several tables of one: brought together by their id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Surfaces

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Piece:
    """The surfaces of a tile, and for each object row the key by which it is known in other tiles (None: it is not)."""

    surfaces: Surfaces
    keys: list[str | None]


def merged(pieces: Sequence[Piece]) -> Surfaces:
    """Return the surfaces of tiles, one object row for each key; a value that the first row lacks is taken from others.

    Parameters
    ----------
    pieces : sequence of Piece
        One or more.
    """
    whole = Surfaces.concatenate([piece.surfaces for piece in pieces])
    target = np.arange(whole.object_count)
    first: dict[str, int] = {}
    for row, key in enumerate(key for piece in pieces for key in piece.keys):
        if key is not None:
            target[row] = first.setdefault(key, row)
    twice = np.flatnonzero(target != np.arange(len(target)))
    if not len(twice):
        return whole
    columns = {name: _filled(values, target, twice) for name, values in whole.columns.items()}
    kept, rows = np.unique(target, return_inverse=True)
    return replace(
        whole,
        objects=rows.astype(np.int64).reshape(-1)[whole.objects],
        columns={name: values[kept] for name, values in columns.items()},
    )


def _filled(values: NDArray[Any], target: NDArray[np.int64], twice: NDArray[np.int64]) -> NDArray[Any]:
    if values.dtype.kind not in "fO":
        return values
    result = values.copy()
    for row in twice.tolist():
        to = target[row]
        if result[to] is None or result[to] != result[to]:
            result[to] = values[row]
    return result
