"""Nodes and the links between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dtwin_plugin.errors import InputError

from .crs import RD

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .geometries import Geometries


@dataclass(frozen=True)
class Network:
    """Nodes and directed links: roads, sewers, pipes.

    Attributes
    ----------
    nodes : ndarray
        float64, shape (nodes, 2) or (nodes, 3) [m].
    start, end : ndarray
        int64, shape (links,): node rows.
    lines : Geometries
        The line of each link.
    node_columns, link_columns : dict of str to ndarray
        Attributes per node and per link; names that end in "_forward" and "_backward" hold per direction.
    """

    nodes: NDArray[np.float64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    lines: Geometries
    node_columns: dict[str, NDArray[Any]] = field(default_factory=dict)
    link_columns: dict[str, NDArray[Any]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    crs: str = RD

    def __post_init__(self) -> None:
        if not len(self.start) == len(self.end) == len(self.lines):
            raise InputError("A network needs a start, an end and a line for each link.")
        for ends in (self.start, self.end):
            if len(ends) and not 0 <= int(ends.min()) <= int(ends.max()) < len(self.nodes):
                raise InputError("A link names a node that does not exist.")
        for columns, count in ((self.node_columns, len(self.nodes)), (self.link_columns, len(self.start))):
            for name, values in columns.items():
                if len(values) != count:
                    raise InputError("Column {name} needs {count} values.", name=name, count=count)
