"""A finished network: as a carrier, and as the layers of links, nodes and turns that other models read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries, Network
from dtwin_plugin.data import columns as joined

from .network_checks import ALL
from .osm_values import BOTH
from .road_classes import CONNECTOR, Table
from .zone_shares import SHARE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .network_build import Roads
    from .network_findings import Finding
    from .network_zones import Connectors

UNITS = {
    "speed": "km h-1", "capacity_forward": "h-1", "capacity_backward": "h-1", "length": "m",
    "free_time_forward": "min", "free_time_backward": "min", "penalty": "min",
}  # fmt: skip
_MINUTES = 0.06  # of a metre at 1 km/h
_LEAST = 1.0  # m: a zone on a node still has a connector that is not free


@dataclass(frozen=True)
class Built:
    """What was made of a layer of roads.

    Attributes
    ----------
    network : Network
        Nodes of zones first; link n has the number n + 1.
    turns : dict
        `from_link`, `via_node`, `to_link`, `penalty` [min, NaN for a ban], by numbers of the network.
    findings : list of Finding
        What was left out, and what should be looked at.
    zones : Features or None
        The areas of the zones, with the names that the nodes have.
    skipped : int
        Rows of the layer that are no road for cars.
    kind : str
        What the layer was taken for.
    """

    network: Network
    turns: dict[str, list[Any]]
    findings: list[Finding]
    zones: Features | None
    skipped: int
    kind: str


def network_of(
    roads: Roads,
    columns: dict[str, NDArray[Any]],
    connectors: Connectors | None,
    names: NDArray[Any],
    table: Table,
    speed: float,
    crs: str,
) -> Network:
    """Return roads and connectors as one network, the nodes of zones first.

    Parameters
    ----------
    names : ndarray
        Of the zones.
    speed : float
        On connectors [km/h].
    """
    count = 0 if connectors is None else len(connectors.xy)
    xy = roads.nodes if connectors is None else np.concatenate([connectors.xy, roads.nodes])
    start, end = (roads.ends + count).T if len(roads.ends) else (np.empty(0, np.int64),) * 2
    lines, links = roads.lines.geometries(), columns
    if connectors is not None and len(connectors.zone):
        pair = np.stack([connectors.xy[connectors.zone], roads.nodes[connectors.node]], axis=1)
        start, end = np.concatenate([start, connectors.zone]), np.concatenate([end, connectors.node + count])
        lines = Geometries.concatenate([lines, Geometries.build("line", [[[line]] for line in pair])])
        more = _connector_columns(np.hypot(*(pair[:, 1] - pair[:, 0]).T), table, speed)
        if np.isfinite(connectors.share).any():
            more[SHARE] = connectors.share
        links = joined.concatenate([columns, more], [len(roads.ends), len(pair)])
    numbers = {
        "link": np.arange(1, len(start) + 1),
        "from_node": start.astype(np.int64) + 1,
        "to_node": end.astype(np.int64) + 1,
    }
    zone = np.full(len(xy), None, object)
    zone[:count] = names[:count]
    nodes = {"node": np.arange(1, len(xy) + 1), "zone": zone, "through": np.arange(len(xy)) >= count}
    units = {name: unit for name, unit in UNITS.items() if name in links}
    return Network(xy, start.astype(np.int64), end.astype(np.int64), lines, nodes, {**numbers, **links}, units, crs)


def links_of(network: Network) -> Features:
    """Return the links of a network as lines."""
    return Features(network.lines, network.link_columns, network.units, network.crs, "links")


def nodes_of(network: Network) -> Features:
    """Return the nodes of a network as points."""
    return Features(Geometries.points(network.nodes), network.node_columns, {}, network.crs, "nodes")


def turns_of(network: Network, turns: dict[str, list[Any]]) -> Features:
    """Return bans on turning as points at their junctions."""
    places = network.nodes[np.array(turns["via_node"], np.int64) - 1].reshape(-1, 2)
    columns = {name: joined.column(values) for name, values in turns.items() if name != "penalty"}
    columns["penalty"] = np.array(turns["penalty"], float)
    return Features(Geometries.points(places), columns, {"penalty": "min"}, network.crs, "turns")


def _connector_columns(length: NDArray[np.float64], table: Table, speed: float) -> dict[str, NDArray[Any]]:
    row, count = table[CONNECTOR], len(length)
    length = np.maximum(length, _LEAST)
    same = {"speed": speed, "bpr_b": row.bpr_b, "bpr_power": row.bpr_power, "level": 0.0}
    made: dict[str, NDArray[Any]] = {
        "class": np.full(count, CONNECTOR, object), "direction": np.full(count, BOTH, object), "length": length,
        **{name: np.full(count, value) for name, value in same.items()}, "reach": np.full(count, ALL, object),
    }  # fmt: skip
    for side in ("forward", "backward"):
        made[f"lanes_{side}"] = np.full(count, row.lanes)
        made[f"capacity_{side}"] = np.full(count, row.lanes * row.capacity_lane)
        made[f"free_time_{side}"] = _MINUTES * length / speed
    return made
