"""What is wrong with the inputs of reachability before a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from dtwin_plugin.data.matrices import listed
from dtwin_plugin.errors import InputError

from ...base import Values
from ...problem import WARNING, Problem, problem_of
from ..link_columns import NONE, both_ways, ids_of, open_ways
from .closing import numbered
from .modes import CAR, EMERGENCY, columns_missing
from .setting import layers_of


def check_network(values: Values, *places: str) -> Iterator[Problem]:
    """Yield what is wrong with the network, the places of a name and what closes links."""
    links = values["links"]
    missing = columns_missing(links)
    if missing or not len(links):
        text = "The links have no column {missing} or there are none; make a network of the roads with Road network."
        yield Problem("DT370", "links", text, {"missing": ", ".join(missing) or "-"})
        return
    numbers = ids_of(links.columns["link"])
    ends = np.concatenate([ids_of(links.columns[name]) for name in ("from_node", "to_node")])
    if (numbers == NONE).any() or (ends == NONE).any() or len(np.unique(numbers)) < len(numbers):
        text = (
            "Links or their nodes have no whole number, or one link has that of another; make them with Road network."
        )
        yield Problem("DT370", "links", text, {})
        return
    nodes = values["nodes"]
    if nodes is not None and ("node" not in nodes.columns or not np.isin(ends, ids_of(nodes.columns["node"])).all()):
        yield Problem(
            "DT370", "nodes", "Links name nodes that the layer of nodes does not have; use those of one network."
        )
    bans = values["turn_bans"]
    if bans is not None and not {"from_link", "via_node", "to_link"} <= set(bans.columns):
        yield Problem(
            "DT370", "turn_bans", "Bans on turning have no from_link, via_node or to_link; use those of the network."
        )
    yield from _check_times(links, numbers, values["mode"])
    if not layers_of(values, *places):
        text = "There are no places to travel from or to; give points or areas, in the area of the network."
        yield Problem("DT371", places[0], text)
    try:
        numbered(values["closed"], numbers)
    except InputError as error:
        yield problem_of("DT374", "closed", error)
    depth = values["depth"]
    if depth is not None and float(np.nanmin(depth.values)) < 0:
        yield Problem("DT375", "depth", "The water depth is below 0 m; choose a map of depths, and not of levels.")
    for name in ("flooded_roads", "flooded_lines"):
        yield from _check_closed(name, values[name])


def _check_times(links: Any, numbers: Any, mode: str) -> Iterator[Problem]:
    """Yield which open links have no time: what lies along them would be told to have no road."""
    time = both_ways(links, "free_time")
    with np.errstate(invalid="ignore"):
        wrong = (open_ways(links) & ~((time >= 0) & np.isfinite(time))).any(axis=1)
    if mode in (CAR, EMERGENCY) and wrong.any():
        text = "Links {names} are open and have no time of 0 min or more; nobody drives along them here."
        yield Problem("DT370", "links", text, {"names": listed([str(one) for one in numbers[wrong]])}, WARNING)


def _check_closed(name: str, roads: Any) -> Iterator[Problem]:
    if roads is not None and len(roads) and not {"passable", "passable_car", "passable_emergency"} & set(roads.columns):
        text = "The closed roads have no column passable: all {count} of them count as closed."
        yield Problem("DT374", name, text, {"count": len(roads)}, WARNING)
