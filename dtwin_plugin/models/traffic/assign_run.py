"""One period of an assignment: from layers and trips to the engine, and from its flows back to links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .assign_checks import MARKS, Setup, listed_in
from .assign_demand import in_order
from .assign_layers import PeriodFlows
from .link_columns import both_ways, ids_of, number_of, texts_of
from .road_graph import RoadGraph, road_graph
from .zone_shares import Parts, in_parts, parts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.progress import Progress

    from ..base import Values
    from .tables import Period

    Floats = NDArray[np.float64]


class Roads(NamedTuple):
    """What all periods have in common.

    Attributes
    ----------
    graph : Graph
        Of the engine.
    closed : dict
        By class of vehicles bool, shape (arcs,).
    fixed : dict
        By class of vehicles float64, shape (arcs,): tolls and length [min].
    preload : ndarray
        float64, shape (arcs,) [pcu h-1].
    parts : Parts
        Of the zones that the graph has.
    """

    roads: RoadGraph
    graph: Any
    closed: dict[str, NDArray[np.bool_]]
    fixed: dict[str, Floats]
    preload: Floats
    parts: Parts


class Found(NamedTuple):
    """What was found for one period: flows on links, and the assignment itself with its paths."""

    flows: PeriodFlows
    assignment: Any


def roads_of(values: Values, setup: Setup) -> Roads:
    """Return the arcs of the network, and what they are to each class of vehicles."""
    from .graph import graph_of

    links, bans = values["links"], values["turn_bans"]
    moved, nodes, parts = in_parts(links, values["nodes"])
    roads = road_graph(moved, nodes, bans.columns if bans is not None and len(bans) else None)
    graph = graph_of(roads.tail, roads.head, roads.nodes, roads.zones, roads.first_through)
    words = texts_of(links.columns.get("class", np.full(len(links), "", object)))
    closed, fixed = {}, {}
    for name in dict.fromkeys(kind for kind, _ in setup.sources):
        vehicle = setup.vehicles[name]
        weight = values["toll_weight"]
        minutes = 60.0 / vehicle.value_of_time if weight is None else weight
        closed[name] = roads.closed_to(words, vehicle.closed_on)
        fixed[name] = minutes * roads.toll + values["length_weight"] * roads.length
    column = (values["preload"] or "").strip()
    there = np.nan_to_num(both_ways(links, column)) if column else np.zeros((len(links), 2))
    return Roads(roads, graph, closed, fixed, roads.of_arcs(there), parts_of(roads.zone_names, parts))


def run_period(values: Values, setup: Setup, common: Roads, period: Period, progress: Progress) -> Found:
    """Assign the trips of an hour of one period."""
    from .assign import Options, TripClass, assign
    from .costs import Costs

    roads, parts = common.roads, common.parts
    trips = in_order(setup.demand, parts.zones).trips[period.name]
    classes = tuple(
        TripClass(name, parts.divided(trips[name]), setup.vehicles[name].pcu, common.fixed[name], common.closed[name])
        for name in common.fixed
    )
    costs = Costs(roads.free_time, roads.capacity, roads.bpr_b, roads.bpr_power, values["cost_function"])
    options = Options(
        method=values["method"],
        gap=values["target_gap"],
        iterations=values["iterations"],
        increments=values["increments"],
        threads=values["threads"] or None,
    )
    found = assign(common.graph, costs, classes, options, progress, common.preload)
    count = len(values["links"])
    flows = {kind.name: roads.of_links(flow, count) for kind, flow in zip(classes, found.flows)}
    preload = np.nan_to_num(roads.of_links(common.preload, count))
    return Found(PeriodFlows(period, flows, roads.of_links(found.times, count), preload), found)


def selected_arcs(values: Values, roads: RoadGraph) -> NDArray[np.int64]:
    """Return the arcs of the links that a user selected by number or on the map, in the directions that were asked."""
    numbers = ids_of(values["links"].columns["link"])
    rows = {int(number): row for row, number in enumerate(numbers)}
    chosen = np.zeros((len(values["links"]), 2), bool)
    for part in listed_in(values["select_links"]):
        row = rows[int(number_of(part.rstrip(MARKS)))]
        chosen[row] |= [not part.endswith("-"), not part.endswith("+")]
    if values["select_layer"] is not None:
        chosen[np.isin(numbers, ids_of(values["select_layer"].columns["link"]))] = True
    real = roads.link >= 0
    found = np.zeros(len(roads.link), bool)
    found[real] = chosen[roads.link[real], roads.way[real]]
    return np.flatnonzero(found)


def selected_zones(values: Values, parts: Parts) -> NDArray[np.int64]:
    """Return the zones that a user selected, as nodes of the graph."""
    chosen = [parts.zones.index(name) for name in listed_in(values["select_zones"])]
    return np.flatnonzero(np.isin(parts.of, chosen))
