"""A sewer network in SWMM, coupled to the surface at its manholes and inlets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..solvers.flow import FlowSolver, Sources
from ..structures.structures import depth_at, responding
from ..structures.structures_hydraulics import G
from .sewer_swmm import Swmm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

INTERVAL = 1.0  # s
WEIR = 1.66  # m1/2 s-1, over the edge of a grate (FHWA HEC-22)
ORIFICE = 0.67  # through a grate (FHWA HEC-22)
_HALF = 0.5  # of what would make both levels equal goes in one interval


@dataclass(frozen=True)
class Couplings:
    """Places where the surface and the network exchange water, shape (n,).

    Attributes
    ----------
    node : ndarray
        Number of the node in `names` of the network, int64.
    row, column : ndarray
        Cell, int64.
    bed, rim : ndarray
        Level of the ground in that cell, and of the rim of the node [m].
    length, area : ndarray
        Edge over which water falls [m] and opening [m2] of the inlets.
    above : ndarray
        Area of the water over the rim of the node [m2].
    """

    node: NDArray[np.int64]
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    bed: Floats
    rim: Floats
    length: Floats
    area: Floats
    above: Floats


def inlet_flow(head: Floats, length: Floats, area: Floats) -> Floats:
    """Return what an inlet lets through [m3 s-1], as a weir C_w P h^1.5 or an orifice C_o A sqrt(2 g h): the smaller.

    >>> inlet_flow(np.array([0.01, 0.5]), np.array([1.2]), np.array([0.06])).round(5).tolist()
    [0.00199, 0.12591]
    """
    h = np.maximum(head, 0.0)
    return np.minimum(WEIR * length * h**1.5, ORIFICE * area * np.sqrt(2.0 * G * h))


class SewerNetwork:
    """The exchange of a surface with a network.

    Parameters
    ----------
    swmm : Swmm
        Open, with a node for each name.
    names : list of str
        Names of the nodes.
    places : ndarray
        Where they are, shape (nodes, 2) [m].

    Attributes
    ----------
    taken, brought : ndarray
        What the network took from the surface and brought to it since the start, shape (nodes,) [m3].
    totals : ndarray
        The sums of both since the start of the storm [m3], shape (2,): a saved state has them.
    pending : ndarray
        What was taken and is not in the network yet, shape (nodes,) [m3]: SWMM steps by whole seconds.
    """

    interval = INTERVAL

    def __init__(self, swmm: Swmm, couplings: Couplings, names: list[str], places: Floats, cell_size: float) -> None:
        self._swmm, self._at, self._cell_size = swmm, couplings, cell_size
        self.names, self.places = names, places
        count = len(names)
        self.taken, self.brought, self.pending = np.zeros(count), np.zeros(count), np.zeros(count)
        self.totals = np.zeros(2)
        self._shares = np.bincount(couplings.node, minlength=count).astype(float)
        self._crest = np.maximum(couplings.bed, couplings.rim)
        self._reached: float | None = None  # s, to which the network went
        self._heads = swmm.heads()
        self._rim = np.full(count, np.inf)
        self._rim[couplings.node] = couplings.rim
        self.highest = self._heads.copy()
        self.over = np.zeros(count)  # s that the level stood above the rim
        self.account: dict[str, float] = {}

    def sources(self, solver: FlowSolver, seconds: float) -> Sources:
        """Return what each coupling takes (below 0) or brings, from the levels on both sides."""
        at = self._at
        self._reached = solver.time if self._reached is None else self._reached
        depth = depth_at(solver, at.row, at.column)
        level, head = at.bed + depth, self._heads[at.node]
        equal = self._equalising(level, head, depth, seconds)
        into = inlet_flow(np.minimum(level - head, depth), at.length, at.area)
        into = np.where(head > at.rim, np.minimum(into, equal), into)
        out = inlet_flow(head - np.maximum(level, self._crest), at.length, at.area)
        held = (head - self._crest) * at.above + self.pending[at.node]
        out = np.minimum(out, np.minimum(equal, np.maximum(held, 0.0) / self._shares[at.node] / seconds))
        where: Any = (at.row, at.column)
        return (*where, np.where(head > level, out, -into))

    def settle(self, solver: FlowSolver, given: Floats) -> None:
        """Give the network what was really taken, and let it go on by whole seconds."""
        node = self._at.node
        np.add.at(self.taken, node, np.maximum(-given, 0.0))
        np.add.at(self.brought, node, np.maximum(given, 0.0))
        np.subtract.at(self.pending, node, given)
        self.totals += (-np.minimum(given, 0.0).sum(), np.maximum(given, 0.0).sum())
        reached = self._reached or 0.0
        whole = int(solver.time - reached + 1e-6)
        if whole < 1:
            return
        self._swmm.step(self.pending / whole, whole)
        self.pending[:] = 0.0
        self._reached = reached + whole
        self._heads = self._swmm.heads()
        np.maximum(self.highest, self._heads, out=self.highest)
        self.over += whole * (self._heads > self._rim + 0.001)

    def kept_arrays(self) -> dict[str, Floats]:
        """Return what of it a saved state keeps: the balance of the surface; SWMM starts anew."""
        return {"totals": self.totals}

    @property
    def lost(self) -> dict[str, float]:
        """What the surface has less than it would have [m3], by term of the balance."""
        return {"sewer_network": float(self.totals[0] - self.totals[1])}

    def finish(self, solver: FlowSolver) -> None:
        """Keep the balance of the network, while it is open."""
        inside = self._swmm.account()
        came = inside["start"] + inside["inflow"] + inside["dry_weather"]
        went = inside["outfalls"] + inside["to_street"] + inside["flooding_elsewhere"] + inside["stored"]
        self.account = {
            "taken": float(self.taken.sum()),
            "brought": float(self.brought.sum()),
            "on_its_way": float(self.pending.sum()),
            **inside,
            "unexplained": came - went,
        }

    @property
    def unexplained(self) -> float:
        """What SWMM lost or made, as a share of all that came in."""
        came = sum(self.account.get(name, 0.0) for name in ("start", "inflow", "dry_weather"))
        return abs(self.account.get("unexplained", 0.0)) / came if came > 0 else 0.0

    def _equalising(self, level: Floats, head: Floats, depth: Floats, seconds: float) -> Floats:
        """Return the discharge that brings the levels half-way together in the coming seconds [m3 s-1]."""
        street = responding(depth, seconds, self._cell_size)
        together = self._at.above * street / (self._at.above + street)
        return _HALF * np.abs(level - head) * together / self._shares[self._at.node] / seconds
