"""Zones whose trips are shared out over their connectors: each connector becomes a zone of its own for the routes.

Shortest paths use the connector of the fastest route alone, so that streets inside a zone carry nothing. With a share
for each connector the trips of a pair of zones are divided over all pairs of their connectors before routes are found,
and put together again afterwards: assignment from several points of a zone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dtwin_plugin.data.columns import column as column_of

from .link_columns import column, ids_of, open_ways, texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    Floats = NDArray[np.float64]
    Ids = NDArray[np.int64]

SHARE = "zone_share"  # column of links: of a connector the share of the trips of its zone
_PART = "\x1f"  # between the name of a zone and the number of its part; stands in no name that is typed


class Parts(NamedTuple):
    """The parts of zones, in the order of a graph.

    Attributes
    ----------
    zones : tuple of str
        Names of whole zones, in the order in which their first part comes.
    of : ndarray
        int64, shape (parts,): the zone of each part.
    share : ndarray
        float64, shape (parts,): its share of the trips of that zone; those of a zone add up to 1.
    """

    zones: tuple[str, ...]
    of: Ids
    share: Floats

    @property
    def whole(self) -> bool:
        """Whether each zone has one part, so that there is nothing to divide."""
        return len(self.zones) == len(self.of)

    def divided(self, trips: Floats) -> Floats:
        """Return trips between zones as trips between parts; those inside a zone of more parts are on no road.

        >>> parts = Parts(("a", "b"), np.array([0, 0, 1]), np.array([0.25, 0.75, 1.0]))
        >>> parts.divided(np.array([[9.0, 8.0], [4.0, 0.0]])).tolist()
        [[0.0, 0.0, 2.0], [0.0, 0.0, 6.0], [1.0, 3.0, 0.0]]
        """
        if self.whole:
            return trips
        found = trips[np.ix_(self.of, self.of)] * np.outer(self.share, self.share)
        many = np.bincount(self.of)[self.of] > 1
        found[(self.of[:, None] == self.of) & many] = 0.0
        return found

    def summed(self, trips: Floats) -> Floats:
        """Return trips between parts as trips between zones."""
        if self.whole:
            return trips
        rows = np.zeros((len(self.zones), len(self.of)))
        np.add.at(rows, self.of, trips)
        found = np.zeros((len(self.zones),) * 2)
        np.add.at(found.T, self.of, rows.T)
        return found

    def mean(self, costs: Floats) -> Floats:
        """Return costs between parts as the mean of those between zones, by share; a pair without a way counts nowhere.

        >>> parts = Parts(("a", "b"), np.array([0, 0, 1]), np.array([0.25, 0.75, 1.0]))
        >>> parts.mean(np.array([[0.0, 1.0, 4.0], [1.0, 0.0, 8.0], [np.inf, 3.0, 0.0]])).tolist()
        [[0.0, 7.0], [3.0, 0.0]]
        """
        if self.whole:
            return costs
        known = np.isfinite(costs)
        weight = self.summed(np.where(known, np.outer(self.share, self.share), 0.0))
        total = self.summed(np.where(known, costs * np.outer(self.share, self.share), 0.0))
        missing = np.nan if np.isnan(costs).any() else np.inf
        found = np.where(weight > 0, total / np.where(weight > 0, weight, 1.0), missing)
        np.fill_diagonal(found, 0.0)  # as a shortest path from a node to itself has it
        return found


def in_parts(links: Features, nodes: Features) -> tuple[Features, Features, dict[str, tuple[str, float]]]:
    """Return links and nodes in which each connector with a share begins at a node of its own.

    Parameters
    ----------
    links, nodes : Features
        Of a network whose layers have passed the checks. Links with a number above 0 in `zone_share` that are open both
        ways are connectors of the zone at one of their ends; of such a zone only those count.

    Returns
    -------
    links, nodes : Features
        As they came where no link has a share. Rows of links stay where they are.
    parts : dict
        By the name of a part that of its zone and its share.
    """
    share = np.nan_to_num(column(links, SHARE, 0.0))
    names = texts_of(nodes.columns.get("zone", np.empty(0)))
    numbers = ids_of(nodes.columns["node"])
    row_of = {int(number): row for row, (number, name) in enumerate(zip(numbers, names)) if name}
    ends = np.stack([ids_of(links.columns[name]) for name in ("from_node", "to_node")], axis=1)
    found: dict[int, list[tuple[int, int]]] = {}
    for link in np.flatnonzero((share > 0) & open_ways(links).all(axis=1)):
        side = next((side for side in (0, 1) if int(ends[link, side]) in row_of), None)
        if side is not None:
            found.setdefault(row_of[int(ends[link, side])], []).append((int(link), side))
    if not found:
        return links, nodes, {}
    rows = [row for row, pieces in found.items() for _ in pieces]
    parts: dict[str, tuple[str, float]] = {}
    first = int(numbers.max()) + 1
    for row, pieces in found.items():
        total = sum(share[link] for link, _ in pieces)
        for k, (link, side) in enumerate(pieces):
            ends[link, side] = first + len(parts)
            parts[f"{names[row]}{_PART}{k}"] = names[row], float(share[link] / total)
    kept = [None if row in found else name or None for row, name in enumerate(names)]
    more: dict[str, Any] = {
        "node": np.concatenate([numbers, np.arange(first, first + len(parts))]),
        "zone": column_of([*kept, *parts]),
    }
    whole = nodes.take(np.concatenate([np.arange(len(nodes)), np.array(rows, np.int64)])).with_columns(more)
    moved = links.with_columns({"from_node": ends[:, 0], "to_node": ends[:, 1]})
    return moved, whole, parts


def parts_of(names: Sequence[str], parts: dict[str, tuple[str, float]]) -> Parts:
    """Return the parts of the zones of a graph that was made of `in_parts`.

    >>> parts_of(["a0", "b", "a1"], {"a0": ("a", 0.25), "a1": ("a", 0.75)})
    Parts(zones=('a', 'b'), of=array([0, 1, 0]), share=array([0.25, 1.  , 0.75]))
    """
    told = [parts.get(name, (name, 1.0)) for name in names]
    zones = tuple(dict.fromkeys(zone for zone, _ in told))
    place = {zone: row for row, zone in enumerate(zones)}
    return Parts(zones, np.array([place[zone] for zone, _ in told], np.int64), np.array([part for _, part in told]))
