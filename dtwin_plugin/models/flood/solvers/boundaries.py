"""What happens at the four edges of the area."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Union

import numpy as np

from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

EDGES = ("north", "east", "south", "west")  # the order that the kernels use
CLOSED, OPEN, LEVEL = 0, 1, 2

# "closed", "open", the edges that are open, or for each edge "closed", "open" or a fixed water level [m]
Boundary = Union[str, Collection[str], Mapping[str, Union[str, float]]]


def edge_kinds(boundary: Boundary) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the kind and the water level [m] (NaN where it has none) of the north, east, south and west edge.

    Raises
    ------
    InputError
        If an edge or a kind is not known.

    Examples
    --------
    >>> edge_kinds("open")[0].tolist(), edge_kinds({"south"})[0].tolist()
    ([1, 1, 1, 1], [0, 0, 1, 0])
    >>> edge_kinds({"east": 0.75, "west": "open"})[1].tolist()
    [nan, 0.75, nan, nan]
    """
    if isinstance(boundary, str):
        named: dict[str, str | float] = dict.fromkeys(EDGES, boundary)
    elif isinstance(boundary, Mapping):
        named = dict(boundary)
    else:
        named = dict.fromkeys(boundary, "open")
    kinds, levels = np.zeros(4, np.int64), np.full(4, np.nan)
    for edge, kind in named.items():
        if edge not in EDGES or (isinstance(kind, str) and kind not in ("open", "closed")):
            raise InputError(
                'The boundary must be "open", "closed" or a water level for "north", "east", "south" or "west"; '
                'found "{kind}" for "{edge}".',
                kind=kind,
                edge=edge,
            )
        place = EDGES.index(edge)
        if isinstance(kind, str):
            kinds[place] = OPEN if kind == "open" else CLOSED
        else:
            kinds[place], levels[place] = LEVEL, float(kind)
    return kinds, levels
