"""A road network as layers to directed arcs: one for each open direction of a link, and one for each turn at a ban."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dtwin_plugin.data.columns import number_of

from .link_columns import NONE, both_ways, column, columns_of, flags_of, ids_of, open_ways, texts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    Floats = NDArray[np.float64]
    Ids = NDArray[np.int64]
    Turns = dict[tuple[int, int, int], float]


@dataclass(frozen=True)
class RoadGraph:
    """Directed arcs of a road network.

    Nodes are numbered so that zones come first: those that may not be driven through, those that may, then the rest.

    Attributes
    ----------
    tail, head : ndarray
        int64, shape (arcs,): nodes.
    nodes, zones, first_through : int
        How many nodes and zones there are, and the first node that may be driven through.
    zone_names : tuple of str
        Of nodes 0 to zones - 1.
    places : ndarray
        int64, shape (nodes,): row of the layer of nodes, or the number of the node where there is none; -1 for the
        copies of a node that turns are made with.
    link : ndarray
        int64, shape (arcs,): row of the link, -1 for a turn.
    way : ndarray
        int64, shape (arcs,): 0 along the line of the link, 1 against it.
    turn_from, turn_to : ndarray
        int64, shape (arcs,): of a turn the arcs that it joins, -1 for others and where a trip begins or ends.
    free_time : ndarray
        float64, shape (arcs,) [min]; of a turn its penalty.
    capacity : ndarray
        float64, shape (arcs,) [veh h-1]; infinite where a turn, or a link without one.
    bpr_b, bpr_power : ndarray
        float64, shape (arcs,).
    length : ndarray
        float64, shape (arcs,) [km].
    toll : ndarray
        float64, shape (arcs,), in a unit of money.
    """

    tail: Ids
    head: Ids
    nodes: int
    zones: int
    first_through: int
    zone_names: tuple[str, ...]
    places: Ids
    link: Ids
    way: Ids
    turn_from: Ids
    turn_to: Ids
    free_time: Floats
    capacity: Floats
    bpr_b: Floats
    bpr_power: Floats
    length: Floats
    toll: Floats

    def of_links(self, values: Floats, links: int) -> Floats:
        """Return values of arcs as values of links by direction, shape (..., links, 2); NaN where a link is closed."""
        found = np.full((*values.shape[:-1], links, 2), np.nan)
        real = self.link >= 0
        found[..., self.link[real], self.way[real]] = values[..., real]
        return found

    def of_arcs(self, values: Floats) -> Floats:
        """Return values of links by direction, shape (links, 2), as values of arcs; 0 for turns."""
        real = self.link >= 0
        found = np.zeros(len(self.link))
        found[real] = values[self.link[real], self.way[real]]
        return found

    def closed_to(self, road_classes: Sequence[str], names: frozenset[str]) -> NDArray[np.bool_]:
        """Return which arcs lie on links of some classes, shape (arcs,).

        Parameters
        ----------
        road_classes : sequence of str
            Class of each link.
        """
        banned = np.array([name.lower() in names for name in road_classes] + [False], bool)  # the last: a turn's -1
        return banned[self.link]


class _Arcs(NamedTuple):
    """Arcs of links before turns: nodes by row of the layer of nodes."""

    tail: Ids
    head: Ids
    link: Ids
    way: Ids


def road_graph(links: Features, nodes: Features | None = None, bans: Mapping[str, Any] | None = None) -> RoadGraph:
    """Return the arcs of a network whose layers have passed the checks.

    Parameters
    ----------
    links : Features
        Lines with `link`, `from_node`, `to_node` and, by direction, `free_time` [min]; `direction`, `capacity`
        [veh h-1], `bpr_b`, `bpr_power`, `length` [m] and `toll` where there are any.
    nodes : Features, optional
        Points with `node`, `zone` and `through`; without it there are no zones, and nodes are numbered as they come.
    bans : mapping, optional
        Columns `from_link`, `via_node`, `to_link` and `penalty` [min]; a turn without a penalty is banned. At such a
        node and those next to it one does not turn back either, unless there is no other way on: nobody drives around
        a ban like that.

    Examples
    --------
    A line from 5 to 9 that is open both ways:

    >>> from dtwin_plugin.data import Features, Geometries
    >>> line = Geometries.build("line", [[[[(0, 0), (1, 0)]]]])
    >>> one = {"link": [3], "from_node": [5], "to_node": [9], "free_time": [2.0]}
    >>> graph = road_graph(Features(line, {name: np.array(values) for name, values in one.items()}))
    >>> graph.tail.tolist(), graph.head.tolist(), graph.way.tolist(), graph.free_time.tolist()
    ([0, 1], [1, 0], [0, 1], [2.0, 2.0])
    """
    ends = np.stack([ids_of(links.columns[name]) for name in ("from_node", "to_node")], axis=1)
    numbers = ids_of(nodes.columns["node"]) if nodes is not None else np.unique(ends)
    order = np.argsort(numbers, kind="stable")
    at = order[np.searchsorted(numbers[order], ends).clip(max=max(len(numbers) - 1, 0))] if len(numbers) else ends
    zones = texts_of(nodes.columns["zone"]) if nodes is not None and "zone" in nodes.columns else [""] * len(numbers)
    through = np.ones(len(numbers), bool)
    if nodes is not None and "through" in nodes.columns:
        through = flags_of(nodes.columns["through"])
    is_zone = np.array([zone != "" for zone in zones], bool)
    arcs = _arcs_of(links, at, through | is_zone)
    turns = _turns_of(bans, ids_of(links.columns["link"]), numbers)
    via = _nodes_to_split(arcs, {node for _, node, _ in turns}, through)
    apart = ~through
    apart[via] = True  # what begins or ends at a node with turns must not lead around them
    first = np.flatnonzero(is_zone & apart)
    second = np.flatnonzero(is_zone & ~apart)
    rest = np.flatnonzero(~is_zone)
    rank = np.empty(len(numbers), np.int64)
    rank[np.concatenate([first, second, rest])] = np.arange(len(numbers))
    tail, head, joined = _with_turns(arcs, via, turns, rank, is_zone)
    places = np.full(int(max(tail.max(initial=-1), head.max(initial=-1), len(numbers) - 1)) + 1, NONE)
    places[rank] = np.arange(len(numbers)) if nodes is not None else numbers
    names = tuple(zones[row] for row in (*first, *second))
    return RoadGraph(tail, head, len(places), len(names), len(first), names, places, **_amounts(links, arcs, joined))


def _arcs_of(links: Features, at: Ids, used: NDArray[np.bool_]) -> _Arcs:
    """Return an arc for each open direction; none at a node that is no zone and may not be driven through."""
    usable = open_ways(links) & used[at].all(axis=1)[:, None] if len(at) else np.zeros((0, 2), bool)
    link, way = (part.astype(np.int64) for part in np.nonzero(usable))
    return _Arcs(at[link, way], at[link, 1 - way], link, way)


def _turns_of(bans: Mapping[str, Any] | None, links: Ids, nodes: Ids) -> Turns:
    """Return the penalty of each turn [min], infinite for one that is banned, by rows of links and nodes."""
    if bans is None:
        return {}
    row_of_link = {int(number): row for row, number in enumerate(links)}
    row_of_node = {int(number): row for row, number in enumerate(nodes)}
    names = ("from_link", "via_node", "to_link")
    first, via, last = (ids_of(columns_of(bans, name)) for name in names)
    penalties = columns_of(bans, "penalty") or [None] * len(first)
    found: Turns = {}
    for one, node, other, penalty in zip(first.tolist(), via.tolist(), last.tolist(), penalties):
        if one in row_of_link and node in row_of_node and other in row_of_link:
            value = number_of(penalty)
            key = row_of_link[one], row_of_node[node], row_of_link[other]
            found[key] = max(found.get(key, 0.0), value if np.isfinite(value) else np.inf)
    return found


def _nodes_to_split(arcs: _Arcs, banned: set[int], through: NDArray[np.bool_]) -> list[int]:
    """Return nodes with turns and those next to them, where one else would turn back to drive around a ban."""
    at_ban = np.zeros(len(through), bool)
    at_ban[list(banned)] = True
    beside = arcs.head[at_ban[arcs.tail]]
    return sorted(node for node in {*banned, *beside.tolist()} if through[node])


class _Joined(NamedTuple):
    """Arcs of turns: which arcs they join, and their penalty [min]."""

    first: Ids
    last: Ids
    penalty: Floats


def _with_turns(
    arcs: _Arcs, via: Sequence[int], turns: Turns, rank: Ids, is_zone: NDArray[np.bool_]
) -> tuple[Ids, Ids, _Joined]:
    """Return tail and head of all arcs: at a node with turns each arc ends and begins at a copy of its own."""
    tail, head = rank[arcs.tail], rank[arcs.head]
    more: list[tuple[int, int, int, int, float]] = []  # tail, head, arc before, arc after, penalty
    count = len(rank)
    for node, into, out in zip(via, _at_nodes(arcs.head, via), _at_nodes(arcs.tail, via)):
        copies = {int(arc): count + k for k, arc in enumerate((*into, *(out + len(arcs.link))))}
        count += len(copies)
        for i in into.tolist():
            head[i] = copies[i]
            elsewhere = bool((arcs.link[out] != arcs.link[i]).any())
            for j in out.tolist():
                penalty = turns.get((int(arcs.link[i]), node, int(arcs.link[j])), 0.0)
                if np.isfinite(penalty) and not (elsewhere and arcs.link[i] == arcs.link[j]):
                    more.append((copies[i], copies[j + len(arcs.link)], i, j, penalty))
            if is_zone[node]:
                more.append((copies[i], int(rank[node]), NONE, NONE, 0.0))
        for j in out.tolist():
            tail[j] = copies[j + len(arcs.link)]
            if is_zone[node]:
                more.append((int(rank[node]), int(tail[j]), NONE, NONE, 0.0))
    new = np.array([row[:4] for row in more], np.int64).reshape(-1, 4)
    joined = _Joined(new[:, 2], new[:, 3], np.array([row[4] for row in more], float))
    return np.concatenate([tail, new[:, 0]]), np.concatenate([head, new[:, 1]]), joined


def _at_nodes(ends: Ids, nodes: Sequence[int]) -> list[Ids]:
    """Return the arcs with an end at each node."""
    order = np.argsort(ends, kind="stable")
    first, last = (np.searchsorted(ends[order], nodes, side=side) for side in ("left", "right"))
    return [order[a:b] for a, b in zip(first, last)]


def _amounts(links: Features, arcs: _Arcs, joined: _Joined) -> dict[str, Any]:
    """Return what each arc has: that of its link in its direction, or that of a turn."""
    none, turns = np.full(len(arcs.link), NONE), len(joined.first)
    at = arcs.link, arcs.way
    capacity = both_ways(links, "capacity")[at]
    length = column(links, "length", 0.0)[arcs.link] / 1000.0
    b, power = (both_ways(links, name, default)[at] for name, default in (("bpr_b", 0.15), ("bpr_power", 4.0)))
    with np.errstate(invalid="ignore"):
        capacity = np.where(capacity > 0, capacity, np.inf)  # the checks have told of it where that matters

    def extended(values: Floats, turn: float | Floats) -> Floats:
        return np.concatenate([np.nan_to_num(values, nan=0.0, posinf=np.inf), np.broadcast_to(turn, turns)])

    return {
        "link": np.concatenate([arcs.link, np.full(turns, NONE)]),
        "way": np.concatenate([arcs.way, np.zeros(turns, np.int64)]),
        "turn_from": np.concatenate([none, joined.first]),
        "turn_to": np.concatenate([none, joined.last]),
        "free_time": extended(both_ways(links, "free_time")[at], joined.penalty),
        "capacity": extended(capacity, np.inf),
        "bpr_b": extended(b, 0.0),
        "bpr_power": extended(power, 1.0),
        "length": extended(length, 0.0),
        "toll": extended(both_ways(links, "toll", 0.0)[at], 0.0),
    }
