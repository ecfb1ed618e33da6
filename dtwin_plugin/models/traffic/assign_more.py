"""What an assignment gives to who asks for it: selected links and zones, turning flows, times between zones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.matrices import Matrices

from ..base import Values, wanted
from .assign_run import Found, Roads, selected_arcs, selected_zones
from .turn_lines import turn_lines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    Floats = NDArray[np.float64]

_SHOWN = ("link", "from_node", "to_node", "class", "name")
_LEAST = 1e-6  # trips an hour: less is what rounding leaves


def selected_of(values: Values, common: Roads, found: Found) -> dict[str, Any]:
    """Return the flows of those who use selected links, their trips, and the flows of selected zones."""
    made: dict[str, Any] = {}
    zones = common.parts.zones
    by_link = values["select_links"] or values["select_layer"] is not None
    if by_link and wanted(values, "selected_flows", "selected_trips"):
        flows, trips = found.assignment.select_links(selected_arcs(values, common.roads))
        made["selected_flows"] = _layer(values, common, flows)
        trips = common.parts.summed(trips)
        pairs = np.argwhere(trips > _LEAST)
        made["selected_trips"] = {
            "origin": [zones[pair] for pair in pairs[:, 0]],
            "destination": [zones[pair] for pair in pairs[:, 1]],
            "trips": trips[pairs[:, 0], pairs[:, 1]].tolist(),
        }
    if values["select_zones"] and wanted(values, "zone_flows"):
        flows = found.assignment.select_zones(selected_zones(values, common.parts))
        made["zone_flows"] = _layer(values, common, flows)
    return made


def _layer(values: Values, common: Roads, flows: Floats) -> Features:
    """Return the links with flows of arcs that some of the trips make."""
    from dtwin_plugin.data import Features

    links: Features = values["links"]
    both = common.roads.of_links(flows, len(links)).round(4)
    columns = {name: links.columns[name] for name in _SHOWN if name in links.columns}
    columns |= {"flow_forward": both[:, 0], "flow_backward": both[:, 1], "flow": np.nansum(both, axis=1)}
    return Features(
        links.geometries, columns, dict.fromkeys(("flow_forward", "flow_backward", "flow"), "h-1"), links.crs
    )


def turning_of(values: Values, common: Roads, found: Found) -> Features:
    """Return the turns that somebody makes, those over the copies of a node with bans as well."""
    roads = common.roads
    first, last, flows = found.assignment.turning()
    real = (roads.link[first] >= 0) & (roads.link[last] >= 0)
    made = np.flatnonzero(roads.turn_from >= 0)
    over = found.assignment.flows.sum(axis=0)[made]
    first = np.concatenate([first[real], roads.turn_from[made]])
    last = np.concatenate([last[real], roads.turn_to[made]])
    return turn_lines(roads, values["links"], first, last, np.concatenate([flows[real], over]))


def skims_of(values: Values, common: Roads, found: Sequence[Found]) -> Matrices:
    """Return time [min], length [km] and toll between zones on the best route, by period and class; NaN without one."""
    from .shortest import skims

    roads, parts, zones = common.roads, common.parts, np.arange(common.roads.zones)
    some = np.array([roads.length, roads.toll])
    made: dict[str, Floats] = {}
    for one in found:
        for name in one.flows.flows:
            cost = np.where(common.closed[name], np.inf, one.assignment.times + common.fixed[name])
            _, sums = skims(common.graph, cost, np.vstack([one.assignment.times, some]), zones, zones)
            for kind, values_of in zip(("time", "length", "toll"), sums):
                made[f"{kind}_{name}_{one.flows.period.name}"] = parts.mean(values_of)
    return Matrices(parts.zones, made)
