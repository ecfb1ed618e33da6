"""What an assignment tells in numbers: sums, convergence, trips without a route."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .link_columns import both_ways, column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    from .assign_checks import Setup
    from .assign_run import Found
    from .tables import Vehicle
    from .zone_shares import Parts

    Floats = NDArray[np.float64]

Table = dict[str, list[Any]]


def summary_of(links: Features, found: Sequence[Found], setup: Setup) -> Table:
    """Return the sums of each period."""
    made: Table = {"period": [], "term": [], "value": [], "unit": []}
    for one in found:
        sums = sums_of(links, one, setup.vehicles)
        trips = setup.demand.trips[one.flows.period.name]
        rows = [(f"trips of {name}", float(values.sum()), "h-1") for name, values in trips.items()]
        rows += [
            ("trips", float(sum(values.sum() for values in trips.values())), "h-1"),
            ("trips inside a zone", float(sum(np.trace(values) for values in trips.values())), "h-1"),
            ("trips without a route", lost_of(one), "h-1"),
            ("vehicle kilometres", sums["km"], "km h-1"),
            ("vehicle hours", sums["hours"], "h"),
            ("vehicle hours of delay", sums["delay"], "h"),
            ("mean speed", sums["km"] / sums["hours"] if sums["hours"] else 0.0, "km h-1"),
            ("length of direction beyond capacity", sums["beyond"], "km"),
            ("gap", gap_of(one), "1"),
            ("iterations", float(len(one.assignment.iterations)), "1"),
        ]
        for term, value, unit in [*rows, *class_rows(links, one)]:
            for name, cell in zip(made, (one.flows.period.name, term, value, unit)):
                made[name].append(cell)
    return made


def class_rows(links: Features, found: Found) -> list[tuple[str, float, str]]:
    """Return how far the vehicles of each class drive in an hour, where there are more classes than one."""
    length = column(links, "length", 0.0) / 1000.0
    flows = found.flows.flows if len(found.flows.flows) > 1 else {}
    return [(f"vehicle kilometres of {name}", float(np.nansum(flow * length[:, None])), "km h-1")
            for name, flow in flows.items()]  # fmt: skip


def sums_of(links: Features, found: Found, vehicles: Mapping[str, Vehicle]) -> dict[str, float]:
    """Return vehicle kilometres and hours, the hours of delay, and the length beyond capacity [km], of an hour."""
    flow, length = found.flows.total(), column(links, "length", 0.0)[:, None] / 1000.0
    capacity, free = both_ways(links, "capacity"), both_ways(links, "free_time")
    with np.errstate(invalid="ignore"):
        beyond = (capacity > 0) & (found.flows.room(vehicles) > capacity)
    return {
        "km": float(np.nansum(flow * length)),
        "hours": float(np.nansum(flow * found.flows.times) / 60.0),
        "delay": float(np.nansum(flow * (found.flows.times - free)) / 60.0),
        "beyond": float((beyond * length).sum()),
    }


def gap_of(found: Found) -> float:
    """Return the gap, 0 where rounding leaves less."""
    return max(0.0, float(found.assignment.gap))


def convergence_of(found: Sequence[Found]) -> Table:
    """Return the gap after each round of each period."""
    rows = [
        (one.flows.period.name, int(number), float(gap)) for one in found for number, gap in one.assignment.iterations
    ]
    return {name: [row[k] for row in rows] for k, name in enumerate(("period", "iteration", "gap"))}


def unassigned_of(found: Sequence[Found], parts: Parts) -> Table:
    """Return the trips of each period and pair of zones that no route was found for."""
    lost: Counter[tuple[str, str, str, str]] = Counter()
    for one in found:
        for kind, origin, destination, trips in one.assignment.unreachable:
            pair = (parts.zones[parts.of[node]] for node in (origin, destination))
            lost[(one.flows.period.name, kind, *pair)] += trips
    rows = [(*key, float(trips)) for key, trips in lost.items()]
    return {name: [row[k] for row in rows]
            for k, name in enumerate(("period", "class", "origin", "destination", "trips"))}  # fmt: skip


def lost_of(found: Found) -> float:
    """Return how many trips of an hour have no route."""
    return float(sum(trips for *_, trips in found.assignment.unreachable))
