"""Flows of an assignment as columns of links: by direction, by class, and as the noise of roads reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dtwin_plugin.data import Features

from ..noise.road_levels import NO_STREETS
from .link_columns import WAYS, both_ways, column, texts_of
from .tables import NOISE, PARTS, Period, Vehicle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DAY = np.datetime64("2024-01-16T00:00", "s")  # a Tuesday, of no meaning: periods are of an average day
_DIGITS = 4  # of flows: what enters a node is what leaves it within 0.001 vehicles


class PeriodFlows(NamedTuple):
    """What an assignment found for one period.

    Attributes
    ----------
    flows : dict
        By class of vehicles float64, shape (links, 2) [veh h-1], along and against the line; NaN where closed.
    times : ndarray
        float64, shape (links, 2) [min], with traffic.
    preload : ndarray
        float64, shape (links, 2) [pcu h-1]: what was there before.
    """

    period: Period
    flows: dict[str, Floats]
    times: Floats
    preload: Floats

    def total(self) -> Floats:
        """Return the vehicles of all classes, shape (links, 2)."""
        return np.sum(list(self.flows.values()), axis=0)

    def room(self, vehicles: Mapping[str, Vehicle]) -> Floats:
        """Return the passenger cars that take as much room, with what was there before, shape (links, 2) [pcu h-1]."""
        return np.sum([vehicles[name].pcu * flow for name, flow in self.flows.items()], axis=0) + self.preload


def flow_columns(
    links: Features, found: PeriodFlows, vehicles: Mapping[str, Vehicle]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the columns of one period and their units."""
    total, room = found.total(), found.room(vehicles)
    capacity, length = both_ways(links, "capacity"), column(links, "length")[:, None] / 1000.0
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(capacity > 0, room / capacity, np.nan)
        speed = np.where((found.times > 0) & (length > 0), length / (found.times / 60.0), np.nan)
    columns: dict[str, Any] = {"period": np.full(len(links), found.period.name, object)}
    units: dict[str, str] = {}

    def put(name: str, values: Floats, unit: str, digits: int) -> None:
        for way, one in zip(WAYS, values.T):
            columns[f"{name}_{way}"] = one.round(digits)
            units[f"{name}_{way}"] = unit

    put("flow", total, "h-1", _DIGITS)
    columns["flow"], units["flow"] = np.nansum(total, axis=1).round(_DIGITS), "h-1"
    if len(found.flows) > 1:
        for name, flow in found.flows.items():
            put(f"flow_{name}", flow, "h-1", _DIGITS)
    put("vc", ratio, "1", 4)
    columns["vc"] = np.fmax(*ratio.T).round(4)
    put("time", found.times, "min", 5)
    put("speed", speed, "km h-1", 2)
    return columns, units


def with_flows(links: Features, found: PeriodFlows, vehicles: Mapping[str, Vehicle]) -> Features:
    """Return the links with the columns of one period."""
    return links.with_columns(*flow_columns(links, found, vehicles))


def by_period(links: Features, found: Sequence[PeriodFlows], vehicles: Mapping[str, Vehicle]) -> Features:
    """Return a row for each link and period, with when it begins and ends."""
    pieces = []
    for one in found:
        begin = DAY + np.timedelta64(one.period.start - (24 if one.period.start > one.period.end else 0), "h")
        when = {"begin": begin, "end": begin + np.timedelta64(one.period.hours, "h")}
        columns = {name: np.full(len(links), moment) for name, moment in when.items()}
        pieces.append(with_flows(links, one, vehicles).with_columns(columns))
    return Features.concatenate(pieces)


def noise_columns(
    links: Features, found: Sequence[PeriodFlows], table: Mapping[str, Period], vehicles: Mapping[str, Vehicle]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return light, medium and heavy vehicles an hour of day, evening and night, both directions together.

    The flow of an hour of the clock is that of its period; where that was not assigned, the trips of a percent of the
    day, as the periods that were have them, times the share of that hour. Hours that the table does not have get evenly
    what its shares leave of a day. On connectors of zones and on ferries nothing is heard: they are no streets.
    """
    words = texts_of(links.columns.get("class", np.full(len(links), "", object)))
    silent = np.isin(words, NO_STREETS)
    shares = hourly_shares(table)
    assigned = sum(one.period.share for one in found)
    columns: dict[str, Any] = {}
    for number, kind in enumerate(NOISE):
        flows = [
            np.sum([vehicles[name].noise[number] * np.nansum(flow, axis=1) for name, flow in one.flows.items()], axis=0)
            for one in found
        ]
        percent = sum(flow * one.period.hours for flow, one in zip(flows, found)) / max(assigned, 1e-9)
        hours = [percent * shares[hour] for hour in range(24)]
        for flow, one in zip(flows, found):
            for hour in one.period.clock():
                hours[hour] = flow
        for part, (start, end) in PARTS.items():
            clock = Period(part, start, end, 0.0).clock()
            flow = np.mean([hours[hour] for hour in clock], axis=0).round(_DIGITS)
            columns[f"{kind}_{part}"] = np.where(silent, 0.0, flow)
    return columns, dict.fromkeys(columns, "h-1")


def hourly_shares(table: Mapping[str, Period]) -> list[float]:
    """Return the share of each hour of the clock in the trips of a day [percent].

    >>> shares = hourly_shares({"peak": Period("peak", 7, 9, 20.0)})
    >>> shares[7], round(shares[12], 4), round(sum(shares), 4)
    (10.0, 3.6364, 100.0)
    """
    found: list[float | None] = [None] * 24
    for period in table.values():
        for hour in period.clock():
            found[hour] = period.share / period.hours
    left = max(0.0, 100.0 - sum(share for share in found if share is not None))
    blank = sum(share is None for share in found)
    return [left / blank if share is None else share for share in found]
