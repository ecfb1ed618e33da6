"""What is wrong with the layers of a road network, before anything is calculated on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.matrices import listed

from ..problem import WARNING, Problem
from .link_columns import NONE, OPEN, both_ways, columns_of, ids_of, number_of, open_ways, texts_of
from .zone_shares import SHARE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    Floats = NDArray[np.float64]

_SPEEDS = (5.0, 150.0)  # km/h, between which the mean of a network for cars lies
_LINKS = ("link", "from_node", "to_node")


def check_links(links: Features, nodes: Features | None) -> Iterator[Problem]:
    """Yield what keeps links and nodes from being a network; what comes after needs that there is nothing."""
    if not len(links):
        yield Problem("DT350", "links", "The layer has no links; nobody can drive anywhere.")
        return
    for name, layer, wanted in (("links", links, _LINKS), ("nodes", nodes, ("node",))):
        missing = [] if layer is None else [column for column in wanted if column not in layer.columns]
        if layer is not None and name == "links" and not {"free_time", "free_time_forward"} & set(layer.columns):
            missing.append("free_time_forward")
        if layer is not None and missing:
            yield Problem(
                "DT350",
                name,
                "The layer has no column {missing}; expected a road network, with {found}. Make one with Road network.",
                {"missing": ", ".join(missing), "found": listed(list(layer.columns))},
            )
            return
    numbers = ids_of(links.columns["link"])
    if wrong := _twice(numbers):
        yield Problem("DT351", "links", "Links {names} have no whole number, or one that others have too.",
                      {"names": wrong})  # fmt: skip
    ends = np.stack([ids_of(links.columns[name]) for name in _LINKS[1:]], axis=1)
    if nodes is not None:
        known = ids_of(nodes.columns["node"])
        if wrong := _twice(known):
            yield Problem("DT351", "nodes", "Nodes {names} have no whole number, or one that others have too.",
                          {"names": wrong})  # fmt: skip
        zones = [zone for zone in texts_of(nodes.columns.get("zone", np.empty(0))) if zone]
        double = sorted(zone for zone, count in Counter(zones).items() if count > 1)
        if double:
            yield Problem("DT351", "nodes", "The zones {names} have more nodes than one.", {"names": listed(double)})
        lost = ~np.isin(ends, known).all(axis=1)
    else:
        lost = (ends == NONE).any(axis=1)
    if lost.any():
        text = "Links {names} name a node that is not in the layer of nodes."
        yield Problem("DT352", "links", text, {"names": _names(numbers, lost)})
    words = texts_of(links.columns.get("direction", np.empty(0)))
    strange = sorted({word for word in words if word.lower() not in OPEN})
    if strange:
        text = "Directions {words} are not known; expected {known}. Links with them count as closed."
        yield Problem("DT352", "links", text, {"words": listed(strange), "known": ", ".join(OPEN)}, WARNING)


def check_amounts(links: Features) -> Iterator[Problem]:
    """Yield which open links have times, capacities, tolls or lengths that cannot be."""
    numbers, way = ids_of(links.columns["link"]), open_ways(links)
    time, capacity = both_ways(links, "free_time"), both_ways(links, "capacity")
    b, power = both_ways(links, "bpr_b", 0.15), both_ways(links, "bpr_power", 4.0)
    toll, length, share = (both_ways(links, name, 0.0) for name in ("toll", "length", SHARE))
    with np.errstate(invalid="ignore"):
        full = (way & ~(capacity > 0) & (np.nan_to_num(b) != 0) & (time > 0)).any(axis=1)
        wrong = [(np.isfinite(values) & (values < 0)).any(axis=1) for values in (b, power, toll, length, share)]
        instant = (way & (time == 0)).any(axis=1)
    yield from check_times(links)
    if full.any():
        text = (
            "Links {names} have no capacity above 0 in a direction that is open: nothing tells how slow traffic makes "
            "them; give a capacity, or bpr_b = 0 where traffic does not slow down."
        )
        yield Problem("DT354", "links", text, {"names": _names(numbers, full)})
    unmeasured = (way & ~(length > 0) & ~(length < 0) & (time > 0)).any(axis=1)
    if unmeasured.any():
        text = "Links {names} have no length: vehicle kilometres and speeds leave them out."
        yield Problem("DT353", "links", text, {"names": _names(numbers, unmeasured)}, WARNING)
    below = np.any(wrong, axis=0)
    if below.any():
        text = "Links {names} have a length, toll, bpr_b, bpr_power or zone_share below 0."
        yield Problem("DT353", "links", text, {"names": _names(numbers, below)})
    yield from _check_speed(way, time, length)
    roads = instant & ~np.isin(texts_of(links.columns.get("class", np.full(len(links), ""))), ("connector",))
    if roads.any():
        text = "Links {names} are driven in no time at all, and are no connectors; look at their length and speed."
        yield Problem("DT353", "links", text, {"names": _names(numbers, roads)}, WARNING)


def check_times(links: Features) -> Iterator[Problem]:
    """Yield which open links have no time: who looks for shortest paths would take them for free."""
    time = both_ways(links, "free_time")
    with np.errstate(invalid="ignore"):
        untimed = (open_ways(links) & ~((time >= 0) & np.isfinite(time))).any(axis=1)
    if untimed.any():
        text = "Links {names} have no time without traffic of 0 min or more in a direction that is open."
        yield Problem("DT353", "links", text, {"names": _names(ids_of(links.columns["link"]), untimed)})


def check_conical(links: Features) -> Iterator[Problem]:
    """Yield which open links do not slow down at all in a conical function, whose alpha is above 1 (Spiess 1990)."""
    numbers, time, capacity = ids_of(links.columns["link"]), both_ways(links, "free_time"), both_ways(links, "capacity")
    b, power = both_ways(links, "bpr_b", 0.15), both_ways(links, "bpr_power", 4.0)
    with np.errstate(invalid="ignore"):
        slows = open_ways(links) & (b > 0) & (time > 0) & np.isfinite(capacity)
        flat = (slows & (power > 0) & (power <= 1)).any(axis=1)
    if flat.any():
        text = (
            "Links {names} have a bpr_power of 1 or less: as alpha of a conical function it must be more, and so they "
            "take the same time at any flow."
        )
        yield Problem("DT354", "cost_function", text, {"names": _names(numbers, flat)}, WARNING)


def _check_speed(way: NDArray[np.bool_], time: Floats, length: Floats) -> Iterator[Problem]:
    """Yield whether all roads together are driven at a speed that tells of another unit of length or time."""
    with np.errstate(invalid="ignore"):
        known = way & (time > 0) & (length > 0) & np.isfinite(time) & np.isfinite(length)
    if not known.any():
        return
    speed = float(length[known].sum() / 1000.0 / (time[known].sum() / 60.0))
    if not _SPEEDS[0] <= speed <= _SPEEDS[1]:
        text = (
            "Without traffic the links are driven at {speed:.0f} km/h on average; look whether length is in m and "
            "free_time in min. Flows do not change by it, vehicle kilometres and speeds do."
        )
        yield Problem("DT353", "links", text, {"speed": speed}, WARNING)


def check_bans(bans: Mapping[str, Any], links: Features) -> Iterator[Problem]:
    """Yield which turn bans do nothing, as they name links that are not there or do not meet at their node."""
    names = ("from_link", "via_node", "to_link")
    given = [columns_of(bans, name) for name in names]
    if any(not column for column in given) and any(bans.values()):
        yield Problem("DT357", "turn_bans", "Turn bans need the columns {names}; found {found}.",
                      {"names": ", ".join(names), "found": listed(list(bans))})  # fmt: skip
        return
    numbers = ids_of(links.columns["link"])
    ends = np.stack([ids_of(links.columns[name]) for name in _LINKS[1:]], axis=1)
    at = {int(number): set(pair) for number, pair in zip(numbers, ends.tolist())}
    first, via, last = (ids_of(column).tolist() for column in given)
    idle = [f"{a} - {node} - {b}" for a, node, b in zip(first, via, last)
            if node not in at.get(a, ()) or node not in at.get(b, ())]  # fmt: skip
    if idle:
        text = "Turn bans {names} do nothing: their links are not there, or do not meet at that node."
        yield Problem("DT357", "turn_bans", text, {"names": listed(idle)}, WARNING)
    below = [value for value in columns_of(bans, "penalty") if number_of(value) < 0]
    if below:
        yield Problem("DT357", "turn_bans", "Turn bans have a penalty of {found} min; expected 0 or more, or none.",
                      {"found": float(number_of(below[0]))})  # fmt: skip


def _names(numbers: NDArray[np.int64], wrong: NDArray[np.bool_]) -> str:
    return listed([str(number) for number in numbers[wrong]])


def _twice(numbers: NDArray[np.int64]) -> str:
    """Return the numbers that are none or stand more than once; "" where there are no such."""
    values, counts = np.unique(numbers, return_counts=True)
    wrong = values[(counts > 1) | (values == NONE)]
    return listed(["-" if value == NONE else str(value) for value in wrong]) if len(wrong) else ""
