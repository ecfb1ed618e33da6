"""How each mode uses the links of a road network: where, in which direction, and how fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dtwin_plugin.translate import mark

from ..graph import Graph, graph_of
from ..link_columns import both_ways, column, open_ways, texts_of
from ..road_classes import CONNECTOR, flags_of, shipped_table
from ..road_graph import RoadGraph, road_graph
from .lines import Lines, lines_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    from ...base import Values

    Floats = NDArray[np.float64]

CAR, EMERGENCY, BICYCLE, WALK = "car", "emergency", "bicycle", "walk"
MODES = {CAR: mark("Car"), EMERGENCY: mark("Emergency vehicle"), BICYCLE: mark("Bicycle"), WALK: mark("On foot")}
# m of water through which each goes: of vehicles as the consequences of a flood have them, of others an assumption
DEPTHS = {CAR: 0.15, EMERGENCY: 0.3, BICYCLE: 0.15, WALK: 0.3}
_FAST = ("motorway", "motorway_link", "trunk", "trunk_link")  # RVV 1990, articles 42 and 43: for motor vehicles alone
_MINUTES = 0.06  # of a metre at 1 km/h
FERRY = "ferry"


class Net(NamedTuple):
    """A road network as one mode sees it.

    Attributes
    ----------
    links : Features
        All links, those that the mode cannot use too.
    lines : Lines
    usable : ndarray
        bool, shape (links,).
    cost : ndarray
        float64, shape (arcs,) [min].
    arc : ndarray
        int64, shape (links, 2): the arc along the line and the one against it, -1 where there is none.
    """

    links: Features
    lines: Lines
    usable: NDArray[np.bool_]
    graph: Graph
    roads: RoadGraph
    cost: Floats
    arc: NDArray[np.int64]

    def closed(self, links: NDArray[np.bool_]) -> Floats:
        """Return the costs where some links are closed, shape (arcs,)."""
        return np.where(np.append(links, False)[self.roads.link], np.inf, self.cost)


def network_of(values: Values) -> Net:
    """Return the network of the chosen mode; the inputs are those of `fields.NETWORK` and `fields.MODE`."""
    links, mode = values["links"], values["mode"]
    lines = lines_of(links.geometries)
    ways, minutes = _ways_and_minutes(links, lines, values)
    minutes = np.where(ways & np.isfinite(minutes) & (minutes >= 0), minutes, np.inf)
    ways &= np.isfinite(minutes)
    words = np.array(["closed", "forward", "backward", "both"], object)[ways[:, 0] * 1 + ways[:, 1] * 2]
    columns = {name: links.columns[name] for name in ("link", "from_node", "to_node")}
    columns["direction"] = words
    columns["free_time_forward"], columns["free_time_backward"] = np.where(ways, minutes, 0.0).T
    plain = type(links)(links.geometries, columns, {}, links.crs)
    bans = values["turn_bans"]
    banned = bans is not None and len(bans) > 0 and mode not in (WALK, BICYCLE) and not _against(values)
    roads = road_graph(plain, values["nodes"], bans.columns if banned else None)
    graph = graph_of(roads.tail, roads.head, roads.nodes, roads.zones, roads.first_through)
    arc = np.full((len(links), 2), -1)
    real = np.flatnonzero(roads.link >= 0)
    arc[roads.link[real], roads.way[real]] = real
    usable = (arc >= 0).any(axis=1) & (np.diff(lines.start) > 1)  # nothing lies on a link without a line
    return Net(links, lines, usable, graph, roads, roads.free_time, arc)


def _against(values: Values) -> bool:
    return bool(values["mode"] == EMERGENCY and values["against"])


def _ways_and_minutes(links: Features, lines: Lines, values: Values) -> tuple[NDArray[np.bool_], Floats]:
    """Return in which directions the mode may use each link, and how long that takes [min], shape (links, 2) each."""
    mode = values["mode"]
    classes = np.array(texts_of(links.columns.get("class", np.full(len(links), "", object))), object)
    ways, driven = open_ways(links), both_ways(links, "free_time")
    never = classes == CONNECTOR  # stands for streets that are not there: nobody goes along it
    if mode in (CAR, EMERGENCY):
        table = shipped_table()
        cars = flags_of(table, classes, "cars") | ~np.isin(classes, list(table))
        if _against(values):
            some = ways.any(axis=1)
            driven = np.where(ways, driven, driven[:, ::-1])
            ways = np.repeat(some[:, None], 2, axis=1)
        factor = values["speed_factor"] if mode == EMERGENCY else 1.0
        return ways & (cars & ~never)[:, None], driven / np.where(classes == FERRY, 1.0, factor)[:, None]
    speed = values["walk_speed"] if mode == WALK else values["bicycle_speed"]
    length = column(links, "length")
    length = np.where(length > 0, length, lines.length)
    minutes = np.repeat((_MINUTES * length / speed)[:, None], 2, axis=1)
    ferry = (classes == FERRY)[:, None]
    minutes = np.where(ferry, np.where(np.isfinite(driven), driven, driven[:, ::-1]), minutes)
    allowed = ~never & ~np.isin(classes, _FAST)
    if mode == BICYCLE:
        allowed &= classes != "footway"
    return np.repeat(allowed[:, None], 2, axis=1), minutes


def columns_missing(links: Any) -> list[str]:
    """Return what a layer lacks to be the links of a network."""
    missing = [name for name in ("link", "from_node", "to_node") if name not in links.columns]
    if not {"free_time", "free_time_forward"} & set(links.columns):
        missing.append("free_time_forward")
    return missing
