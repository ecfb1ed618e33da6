"""What is wrong with the input of an assignment: network, trips, classes and periods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.data.columns import number_of
from dtwin_plugin.data.matrices import listed
from dtwin_plugin.errors import DtwinError, InputError

from ..base import Values
from ..problem import ERROR, WARNING, Problem, problem_of
from .assign_demand import Demand, Sources, chosen_periods, demand_of, sources_of, trips_of_zones
from .link_checks import check_amounts, check_bans, check_conical, check_links
from .link_columns import both_ways, column_pair, ids_of, open_ways, texts_of
from .matrix_files import read_matrices
from .tables import Period, Vehicle, periods_of, vehicles_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data.matrices import Matrices

    Floats = NDArray[np.float64]

_MUCH = 3.0  # times what the roads of a zone can carry in an hour: then trips are of more than an hour
_SOME = 0.25  # share of the trips that must be so, before it is told
MARKS = "+-"


class Setup(NamedTuple):
    """What the texts, tables and matrices of a run say."""

    periods: dict[str, Period]
    chosen: list[Period]
    vehicles: dict[str, Vehicle]
    sources: Sources
    demand: Demand


def setup_of(values: Values, matrices: Matrices) -> Setup:
    """Return what the texts, tables and matrices of a run say; raises InputError."""
    periods, vehicles = periods_of(values["periods_table"]), vehicles_of(values["vehicles_table"])
    chosen = chosen_periods(values["periods"], periods)
    sources = sources_of(list(matrices.values), values["classes"], vehicles, periods)
    demand = demand_of(matrices, sources, chosen, values["demand_of"], values["factor"])
    if len(chosen) < len(periods) and not any(period.share for period in chosen):
        raise InputError(
            "The periods {periods} have 0 percent of the trips of a day; their flows tell nothing of other hours.",
            hint="Give them their share in the table of periods.",
            periods=listed([period.name for period in chosen]),
        )
    return Setup(periods, chosen, vehicles, sources, demand)


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    links, nodes, bans = values["links"], values["nodes"], values["turn_bans"]
    found = list(check_links(links, nodes))
    yield from found
    if any(problem.level == ERROR for problem in found):
        return
    yield from check_amounts(links)
    if values["cost_function"] == "conical":
        yield from check_conical(links)
    if bans is not None and len(bans):
        yield from check_bans(bans.columns, links)
    yield from _check_names(values)
    for name, read in (("periods_table", periods_of), ("vehicles_table", vehicles_of)):
        problem = _table_problem(name, read, values[name])
        if problem is not None:
            yield problem
            return
    try:
        matrices = read_matrices(values["demand"])
    except DtwinError as error:
        yield problem_of("DT356", "demand", error)
        return
    try:
        setup = setup_of(values, matrices)
    except InputError as error:
        yield problem_of("DT356", "classes", error)
        return
    yield from _check_demand(values, matrices, setup)


def _table_problem(name: str, read: object, path: Path | None) -> Problem | None:
    try:
        read(path)  # type: ignore[operator]
    except InputError as error:
        return problem_of("DT358", name, error)
    return None


def _check_cells(matrices: Matrices, names: Iterable[str]) -> Iterator[Problem]:
    """Yield which matrices have trips that cannot be; a cell that was left empty has none."""
    for name in names:
        cells = matrices.values[name]
        wrong = np.argwhere((cells < 0) | np.isinf(cells))
        if len(wrong):
            row, place = wrong[0]
            origin, destination, found = matrices.zones[row], matrices.zones[place], float(cells[row, place])
            text = "Matrix {name} has {found} trips from {origin} to {destination}; expected 0 or more everywhere."
            yield Problem(
                "DT356", "demand", text,
                {"name": name, "found": found, "origin": origin, "destination": destination},
            )  # fmt: skip


def _check_demand(values: Values, matrices: Matrices, setup: Setup) -> Iterator[Problem]:
    used = {name for names in setup.sources.values() for name in names}
    wrong = list(_check_cells(matrices, sorted(used)))
    yield from wrong
    if wrong:
        return
    idle = [name for name in matrices.values if name not in used]
    if idle:
        text = "The matrices {names} are used for no class; they do not count."
        yield Problem("DT356", "classes", text, {"names": listed(idle)}, WARNING)
    trips = trips_of_zones(setup.demand)
    zones = {zone for zone in texts_of(values["nodes"].columns.get("zone", np.empty(0))) if zone}
    lost = [(zone, number) for zone, number in zip(matrices.zones, trips) if number > 0 and zone not in zones]
    if lost:
        text = (
            "The zones {zones} have {trips:.1f} trips an hour and no node in the network: their trips would be lost; "
            "give nodes their names in the column zone. Zones of the network are {known}."
        )
        total = float(sum(number for _, number in lost))
        names = listed([zone for zone, _ in lost])
        yield Problem("DT355", "demand", text, {"zones": names, "trips": total, "known": listed(sorted(zones))})
        return
    if not trips.any():
        yield Problem("DT359", "demand", "The matrices hold no trips for these classes and periods.")
        return
    yield from _check_periods(setup)
    blank = sorted(zones - set(matrices.zones))
    if blank:
        text = "The zones {zones} of the network are not in the matrices: nobody comes from or goes to them."
        yield Problem("DT355", "nodes", text, {"zones": listed(blank)}, WARNING)
    yield from _check_hour(values, setup, trips)


def _check_periods(setup: Setup) -> Iterator[Problem]:
    """Yield which classes have trips in some of the chosen periods and none in others: their matrix may lack."""
    for kind in dict.fromkeys(kind for kind, _ in setup.sources):
        some = {name: bool(trips[kind].any()) for name, trips in setup.demand.trips.items()}
        empty = [name for name, found in some.items() if not found]
        if empty and len(empty) < len(some):
            text = "The class {kind} has no trips in {periods}; give a matrix such as {example}, or a share of the day."
            example = f"{kind}_{empty[0]}"
            yield Problem("DT359", "demand", text, {"kind": kind, "periods": listed(empty), "example": example},
                          WARNING)  # fmt: skip


def _check_hour(values: Values, setup: Setup, trips: Floats) -> Iterator[Problem]:
    """Yield whether many zones have more trips than their roads carry in an hour, as where they are of a day."""
    links, nodes = values["links"], values["nodes"]
    ends = np.stack([ids_of(links.columns[name]) for name in ("from_node", "to_node")], axis=1)
    capacity = np.where(open_ways(links), both_ways(links, "capacity", np.inf), 0.0)
    capacity = np.where(capacity > 0, capacity, np.where(open_ways(links), np.inf, 0.0))
    rows = {int(number): row for row, number in enumerate(ids_of(nodes.columns["node"]))}
    at = np.array([rows[int(number)] for number in ends.ravel()], np.int64)
    room = np.bincount(at, capacity.sum(axis=1).repeat(2), minlength=len(nodes))
    of_zone = {zone: float(room[row]) for row, zone in enumerate(texts_of(nodes.columns["zone"])) if zone}
    full = [(zone, number) for zone, number in zip(setup.demand.zones, trips)
            if number > _MUCH * of_zone.get(zone, np.inf)]  # fmt: skip
    if sum(number for _, number in full) > _SOME * trips.sum():
        text = (
            "The zones {zones} have over {times:g} times as many trips as their roads can carry in an hour; look "
            "whether the trips are of a whole day."
        )
        names = listed([zone for zone, _ in full])
        yield Problem("DT359", "demand_of", text, {"zones": names, "times": _MUCH}, WARNING)


def _check_names(values: Values) -> Iterator[Problem]:
    """Yield which names of columns, links and zones are not there."""
    links, name = values["links"], (values["preload"] or "").strip()
    if name and column_pair(links, name) is None:
        text = "The links have no column {name}, nor {name}_forward and {name}_backward; they have {found}."
        yield Problem("DT350", "preload", text, {"name": name, "found": listed(list(links.columns))})
    elif name and (np.nan_to_num(both_ways(links, name)) < 0).any():
        yield Problem("DT353", "preload", "The flow that is there in any case is below 0 on some link.")
    numbers = set(ids_of(links.columns["link"]).tolist())
    wrong = [part for part in listed_in(values["select_links"]) if number_of(part.rstrip(MARKS)) not in numbers]
    if wrong:
        yield Problem("DT351", "select_links", "There are no links {names}.", {"names": listed(wrong)})
    layer = values["select_layer"]
    if layer is not None and "link" not in layer.columns:
        text = "The links to select have no column link; choose the links of the network, with some selected."
        yield Problem("DT350", "select_layer", text)
    zones = set(texts_of(values["nodes"].columns.get("zone", np.empty(0))))
    wrong = [part for part in listed_in(values["select_zones"]) if part not in zones]
    if wrong:
        yield Problem("DT355", "select_zones", "There are no zones {names}.", {"names": listed(wrong)})


def listed_in(text: str | None) -> list[str]:
    """Return what stands between semicolons or commas.

    >>> listed_in("12; 13+,14-;")
    ['12', '13+', '14-']
    """
    return [part.strip() for part in (text or "").replace(",", ";").split(";") if part.strip()]
