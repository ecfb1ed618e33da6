"""Nodes, ways and relations of OpenStreetMap as a file has them, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol, Union

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NODES, WAYS, RELATIONS = "nodes", "ways", "relations"


class Nodes(NamedTuple):
    """Nodes without their tags.

    Attributes
    ----------
    ids : ndarray
        int64, shape (n,).
    places : ndarray
        Longitude and latitude [degrees], shape (n, 2).
    """

    ids: NDArray[np.int64]
    places: NDArray[np.float64]


class Way(NamedTuple):
    """A way with the ids of its nodes, int64."""

    id: int
    tags: dict[str, str]
    refs: NDArray[np.int64]


class Relation(NamedTuple):
    """A relation with its members: "node", "way" or "relation", id and role."""

    id: int
    tags: dict[str, str]
    members: list[tuple[str, int, str]]


Piece = Union[Nodes, list[Way], list[Relation]]


class Reader(Protocol):
    """A file that is read from its begin as often as it takes."""

    def read(self, what: str) -> Iterator[Piece]:
        """Yield the nodes, the ways that are roads or ferries, or the relations that ban a turn."""


def is_road(tags: dict[str, str]) -> bool:
    """Tell whether the tags of a way are those of a line that traffic uses; areas are not.

    >>> is_road({"highway": "residential"}), is_road({"highway": "pedestrian", "area": "yes"}), is_road({})
    (True, False, False)
    """
    return ("highway" in tags or tags.get("route") == "ferry") and tags.get("area") != "yes"


def is_restriction(tags: dict[str, str]) -> bool:
    """Tell whether the tags of a relation are those of a ban on turning."""
    return tags.get("type") == "restriction" and any(key.startswith("restriction") for key in tags)
