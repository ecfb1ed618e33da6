"""The description of trip generation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress

from ...attributes import numbers_of
from ...base import Field, Model, Values
from ...problem import WARNING, Problem, problem_of
from ...term_table import TERMS, Row, term_table
from ..network_zones import named_zones
from . import counting
from .fields import ZONE_COLUMN
from .generation import Trips, generate
from .rates import BALANCES, TO_PRODUCTIONS, Rates, rates_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    Floats = NDArray[np.float64]

EXAMPLE = "example, not for decisions"


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    zones: Features = values["zones"]
    try:
        named_zones(zones, values["zone_column"])
    except InputError as error:
        yield problem_of("DT363", "zone_column", error)
    try:
        rates = rates_of(values["rates"])
    except InputError as error:
        yield problem_of("DT361", "rates", error)
        return
    if rates.example:
        text = "The rates of trips are those of the example: invented round numbers, not for decisions. Give your own."
        yield Problem("DT362", "rates", text, {}, WARNING)
    if rates.one_way:
        text = (
            "In the table of rates trips of a day only leave or only come to {variables}: at the end of the day nobody "
            "is back. Give the way back rows of its own, or all periods their own rates: otherwise flows go the wrong "
            "way in half of the day."
        )
        yield Problem("DT369", "rates", text, {"variables": ", ".join(rates.one_way)[:200]}, WARNING)
    for variable in rates.variables:
        own = counting.own_column(zones, variable)
        if own is None and not _counted(variable, values):
            yield Problem(
                "DT361",
                "zones",
                "The table of rates has {variable}, of which the zones have no column; they have {found}.",
                {"variable": variable, "found": ", ".join(zones.columns)[:200] or "-"},
            )
        elif own is not None:
            yield from _check_numbers(zones, own)
    addresses = values["addresses"]
    if addresses is not None and not counting.dwellings_of(addresses)[2]:
        text = "The addresses have no column with their use: each counts as a dwelling. Load units (verblijfsobjecten)."
        yield Problem("DT364", "addresses", text, {}, WARNING)


def _counted(variable: str, values: Values) -> bool:
    """Tell whether a variable comes from another layer than that of the zones."""
    is_dwelling = variable.split("_")[0] == counting.DWELLINGS
    plan = values["plan"]
    return (
        is_dwelling
        and values["addresses"] is not None
        or (plan is not None and (is_dwelling or counting.own_column(plan, variable) is not None))
    )


def _check_numbers(zones: Features, name: str) -> Iterator[Problem]:
    numbers = numbers_of(zones, name)
    low, unknown = int((numbers < 0).sum()), int(np.isnan(numbers).sum())
    if low:
        text = "{count} zones have a number below 0 in the column {column}."
        yield Problem("DT363", "zones", text, {"count": low, "column": name})
    if unknown:
        text = "{count} zones have no number in the column {column}, and count as 0 there."
        yield Problem("DT363", "zones", text, {"count": unknown, "column": name}, WARNING)


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Count and multiply; see `TRIP_GENERATION` for what goes in and out."""
    zones, rates = named_zones(values["zones"], values["zone_column"]), rates_of(values["rates"])
    amounts = _amounts(zones, rates, values, progress)
    progress.report(0.7)
    found = generate(rates, amounts, values["balance"])
    columns: dict[str, Any] = {f"amount_{name}": amounts[name] for name in rates.variables}
    for part, trips in found.items():
        columns |= {f"production_{part}": trips.productions, f"attraction_{part}": trips.attractions}
    whole = [
        sum((getattr(trips, side) for trips in found.values()), np.zeros(len(zones))) for side in Trips._fields[:2]
    ]
    columns |= {"production": whole[0], "attraction": whole[1], "trips": whole[0] + whole[1]}
    note = EXAMPLE if rates.example else rates.file
    columns["rates"] = np.array([note] * len(zones), object)
    columns["counts"] = np.array([rates.counts] * len(zones), object)
    for part, trips in found.items():
        if np.isnan(trips.factor):
            progress.warn("Of {part} no trips arrive or none begin; both sums cannot be made equal.", part=part)
    units = {name: "d-1" for name in columns if name.startswith(("production", "attraction", "trips"))}
    return {
        "trip_ends": zones.with_columns(columns, units),
        "statistics": term_table(_rows(found, amounts, rates, note)),
        "productions": float(whole[0].sum()),
        "attractions": float(whole[1].sum()),
        "rates_used": f"{rates.counts}: {note}",
    }


def _amounts(zones: Features, rates: Rates, values: Values, progress: Progress) -> dict[str, Floats]:
    """Return how many of each variable there are in each zone."""
    amounts = {}
    for name in rates.variables:
        own = counting.own_column(zones, name)
        amounts[name] = np.zeros(len(zones)) if own is None else np.nan_to_num(numbers_of(zones, own))
    if values["addresses"] is not None:
        counted, outside = counting.counted_dwellings(zones, values["addresses"])
        amounts |= {name: counted.get(name, np.zeros(len(zones))) for name in _dwellings(rates)}
        if outside:
            progress.warn("{count} dwellings lie in no zone and make no trips.", count=outside)
        _tell_types(counted, rates, progress)
    progress.report(0.4)
    if values["plan"] is not None:
        added, beside = counting.planned(zones, values["plan"], rates.variables)
        for name in rates.variables:
            amounts[name] = amounts[name] + added.get(name, 0.0)
        if beside > 0.5:
            progress.warn("{count:.0f} dwellings of the plan lie in no zone and make no trips.", count=beside)
        _tell_types(added, rates, progress)
    return amounts


def _dwellings(rates: Rates) -> list[str]:
    return [name for name in rates.variables if name.split("_")[0] == counting.DWELLINGS]


def _tell_types(counted: dict[str, Floats], rates: Rates, progress: Progress) -> None:
    """Warn of dwellings that no rate counts: by type, where the table has no row for all."""
    if counting.DWELLINGS not in counted or counting.DWELLINGS in rates.variables:
        return
    known = sum((counted[name].sum() for name in _dwellings(rates) if name in counted), 0.0)
    lost = float(counted[counting.DWELLINGS].sum() - known)
    if lost > 0.5:
        progress.warn("{count:.0f} dwellings have a type without a rate and make no trips.", count=lost)


def _rows(found: dict[str, Trips], amounts: dict[str, Floats], rates: Rates, note: str) -> Iterator[Row]:
    yield f"rates: {note}, trips of {rates.counts}", float("nan"), "1"
    for name in rates.variables:
        yield f"{name} in all zones", float(amounts[name].sum()), "1"
    for part, trips in found.items():
        yield f"{part} productions before balance", trips.before[0], "d-1"
        yield f"{part} attractions before balance", trips.before[1], "d-1"
        yield f"{part} balance factor", trips.factor, "1"
        yield f"{part} trips", float(trips.productions.sum()), "d-1"


TRIP_GENERATION = Model(
    id="tripgeneration",
    version="1.1.0",
    title="Trip generation",
    group="Traffic",
    summary="How many trips begin and end in each zone? What stands there, and what a plan adds, times a table of "
    "rates that you can edit.",
    inputs=(
        Field("zones", "Zones", "features", geometry="polygon", doc="Districts, postcodes or cells, with a column for "
              "what the table of rates names, such as dwellings (woningen) or jobs (banen)."),
        ZONE_COLUMN,
        Field("rates", "Table of rates", "file", optional=True, doc="CSV with the columns purpose, variable, "
              "production, attraction, counts (persons or vehicles) and if you like period and balance; trips a day "
              "for one of the variable. Without it an example of invented numbers is used, which is not for "
              "decisions."),
        Field("addresses", "Addresses (BAG)", "features", geometry="point", optional=True, doc="Units "
              "(verblijfsobjecten) with use and status: dwellings in use are counted in each zone, in place of its "
              "column."),
        Field("plan", "Plan", "features", geometry="polygon", optional=True, doc="Areas or buildings with a column "
              "dwellings (woningen), or others that the rates name; added to the zones by area."),
        Field("balance", "Balance", "choice", default=TO_PRODUCTIONS, choices=BALANCES, doc="Which of both sums is "
              "kept, of each purpose; the other is multiplied, by a factor that the statistics tell. A column balance "
              "of the table of rates goes before it."),
    ),
    outputs=(
        Field("trip_ends", "Trips by zone", "features", geometry="polygon", style="trip_ends", doc="Productions and "
              "attractions of each zone, in all and by purpose, with the rates that were used."),
        Field("statistics", "Statistics", "table", columns=TERMS, doc="What was counted, and sums before and after "
              "balance by purpose."),
        Field("productions", "Trips that begin", "number", "d-1", doc="In all zones, of a day or the period."),
        Field("attractions", "Trips that end", "number", "d-1", doc="In all zones, of a day or the period."),
        Field("rates_used", "Rates used", "text", doc="What the trips are of, and the table they come from."),
    ),
    run=run,
    check=check,
    any_crs=True,
    beside=True,
    references=("Ortúzar, J. de D. & Willumsen, L.G. (2011). Modelling Transport, 4th edition, chapter 4. Wiley.",),
    validity="As good as the rates: they hold for the kind of place and the year that they were counted in. The rates "
    "that ship are invented round numbers to try it with.",
    uncertainty="Counted trips of one new district are often some tens of percent off those of a table of rates; "
    "calculate with a low and a high table.",
)  # fmt: skip
