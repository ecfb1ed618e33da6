"""What it costs to go from zone to zone: straight lines, times over a network, or a matrix; and within a zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.matrices import listed, rows_among
from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import mark

from ..link_columns import both_ways, column_pair, texts_of
from ..road_graph import RoadGraph, road_graph
from ..tables import vehicles_of
from ..zone_shares import in_parts, parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    Floats = NDArray[np.float64]

NEAREST, CIRCLE, GIVEN, NO_TRIPS = "nearest", "circle", "given", "none"
WITHIN = {
    NEAREST: mark("Half of that to the nearest zone"),
    CIRCLE: mark("Mean distance in a circle of its area"),
    GIVEN: mark("As the matrix has it"),
    NO_TRIPS: mark("No trips within a zone"),
}
# mean distance of two places in a circle, in its radii: 128 / (45 pi), Solomon, H. (1978), Geometric Probability, ch. 2
_IN_CIRCLE = 128.0 / (45.0 * np.pi)


def straight(places: Floats, factor: float = 1.0) -> Floats:
    """Return straight distances between places times a factor for the way around [km].

    >>> straight(np.array([[0.0, 0.0], [3000.0, 4000.0]]), 1.5).tolist()
    [[0.0, 7.5], [7.5, 0.0]]
    """
    x, y = places.T
    return np.hypot(x[:, None] - x, y[:, None] - y) * (factor / 1000.0)


def network_times(
    links: Features, nodes: Features, zones: Sequence[str], bans: Mapping[str, Any] | None = None
) -> Floats:
    """Return the shortest times between zones [min]; infinite where there is no way, 0 within a zone.

    Times are those of an assignment where the links have them (`time_forward`), else those of an empty road; where the
    connectors of a zone have shares, their mean by share.

    Raises
    ------
    InputError
        If the network does not have a zone.
    """
    from ..graph import graph_of
    from ..shortest import skims

    moved, nodes, named = in_parts(links, nodes)
    roads = road_graph(moved, nodes, bans)
    parts = parts_of(roads.zone_names, named)
    chosen, absent = rows_among(zones, parts.zones)
    if absent:
        raise InputError(
            "The network has no zone {zones}; it has {found}.",
            hint="Make the network with these zones, in Road network.",
            zones=listed(absent),
            found=listed(parts.zones),
        )
    cost = roads.free_time.copy()
    if column_pair(links, "time"):
        loaded = roads.of_arcs(both_ways(links, "time"))
        cost = np.where((roads.link >= 0) & np.isfinite(loaded), loaded, cost)
    cost[closed_to_cars(links, roads)] = np.inf
    graph = graph_of(roads.tail, roads.head, roads.nodes, roads.zones, roads.first_through)
    ends = np.arange(roads.zones)
    return parts.mean(skims(graph, cost, np.empty((0, len(cost))), ends, ends)[0])[np.ix_(chosen, chosen)]


def closed_to_cars(links: Features, roads: RoadGraph) -> NDArray[np.bool_]:
    """Return which arcs lie on roads of a class that cars may not use, shape (arcs,)."""
    words = texts_of(links.columns.get("class", np.full(len(links), "", object)))
    return roads.closed_to(words, vehicles_of()["car"].closed_on)


def with_own(cost: Floats, rule: str, areas: Floats | None = None, factor: float = 1.0) -> Floats:
    """Return costs with those within a zone by a rule; infinite = no trips.

    Parameters
    ----------
    rule : str
        A key of `WITHIN`.
    areas : ndarray, optional
        Of the zones [m2], for `CIRCLE`, whose costs are km.

    Raises
    ------
    InputError
        If a zone has no other zone that it can go to, and its own cost would be half of that.

    Examples
    --------
    >>> with_own(np.array([[0.0, 6.0], [4.0, 0.0]]), NEAREST).diagonal().tolist()
    [3.0, 2.0]
    """
    found = cost.copy()
    inside = np.arange(len(cost))
    if rule == NO_TRIPS:
        found[inside, inside] = np.inf
    elif rule == CIRCLE and areas is not None:
        found[inside, inside] = _IN_CIRCLE * np.sqrt(areas / np.pi) * (factor / 1000.0)
    elif rule == NEAREST:
        others = np.where(np.isfinite(cost) & (cost > 0), cost, np.inf)
        others[inside, inside] = np.inf
        half = others.min(axis=1, initial=np.inf) / 2
        found[inside, inside] = half
    return found


def expect_costs(cost: Floats, zones: Sequence[str], origins: Floats, destinations: Floats) -> None:
    """Raise InputError where a cost is 0 or below: nobody knows how willing people are to pay nothing."""
    used = (origins > 0)[:, None] & (destinations > 0)
    row, column = np.nonzero(used & ~(np.isnan(cost) | (cost > 0)))
    if len(row):
        raise InputError(
            "The cost from zone {origin} to zone {destination} is {cost}; expected more than 0.",
            hint="Choose another rule for trips within a zone, or mend the matrix.",
            origin=zones[row[0]],
            destination=zones[column[0]],
            cost=float(cost[row[0], column[0]]),
        )
