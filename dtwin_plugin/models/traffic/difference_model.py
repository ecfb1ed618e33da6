"""The description of the difference between two assignments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..base import Field, Model, Values
from ..problem import WARNING, Problem
from ..term_table import TERMS, term_table
from .difference import BOTH, change_columns, compared, rows_of, trips_of

if TYPE_CHECKING:
    from dtwin_plugin.data import Features
    from dtwin_plugin.progress import Progress

_FLOWS = ("link", "flow_forward", "flow_backward")


def check(values: Values) -> Iterator[Problem]:
    """Yield what keeps two layers from being two results of assignments."""
    for name in ("before", "after"):
        layer: Features = values[name]
        missing = [one for one in _FLOWS if one not in layer.columns]
        if missing:
            text = "The layer has no column {missing}; choose Traffic flows, a result of Traffic assignment."
            yield Problem("DT350", name, text, {"missing": ", ".join(missing)})
            return
        numbers = layer.columns["link"].tolist()
        if len(set(numbers)) < len(numbers):
            text = (
                "The layer has links more than once, as Flows by period has; choose Traffic flows, or select the rows "
                "of one period."
            )
            yield Problem("DT351", name, text)
            return
    periods = [sorted({str(one) for one in values[name].columns.get("period", ())}) for name in ("before", "after")]
    if periods[0] != periods[1]:
        text = "The result before is of the period {before} and the one after of {after}; choose two of one period."
        yield Problem(
            "DT358", "after", text, {"before": ", ".join(periods[0]), "after": ", ".join(periods[1])}, WARNING
        )
    if values["same"] >= values["much"]:
        text = "The limit of no change is {same} and that of much is {much}; the first must be smaller."
        yield Problem("DT002", "same", text, {"same": values["same"], "much": values["much"]})


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Compare; see `TRAFFIC_DIFFERENCE` for what goes in and out."""
    pair = compared(values["before"], values["after"])
    columns, units = change_columns(pair, values["same"], values["much"])
    apart = int((pair.links.columns["status"] != BOTH).sum())
    if apart:
        text = "{count} links are in one of both results alone; their flow counts as 0 in the other."
        progress.warn(text, count=apart)
    rows = rows_of(pair, columns["change"])
    was, now = trips_of(pair)
    if now < was - values["same"]:
        text = (
            "After, {count:.1f} trips an hour fewer come onto the network than before: they have no route there, or "
            "the matrices differ. Some of what is less on roads comes of that."
        )
        progress.warn(text, count=was - now)
    found = {term: value for term, value, _ in rows}
    return {
        "difference": pair.links.with_columns(columns, units),
        "statistics": term_table(rows),
        "vehicle_km": found["vehicle kilometres change"],
        "vehicle_hours": found["vehicle hours change"],
    }


TRAFFIC_DIFFERENCE = Model(
    id="trafficdifference",
    version="1.0.0",
    title="Difference between two traffic assignments",
    group="Traffic",
    summary="Where is there less or more traffic? Of two results, by direction, also where roads are new or closed.",
    inputs=(
        Field("before", "Flows before", "features", geometry="line", doc="Traffic flows of the run to compare with."),
        Field("after", "Flows after", "features", geometry="line", doc="Traffic flows of the other run; links are the "
              "same where they have one number and place, or lie within 5 m of each other."),
        Field("same", "Limit of no change", "number", "h-1", 10.0, 0.0, 10_000.0, doc="Up to this a change of the "
              "vehicles an hour of a direction is none; choose more than what the gap of both runs leaves open."),
        Field("much", "Limit of much", "number", "h-1", 100.0, 1.0, 100_000.0, doc="From this change on there is much "
              "more or much less traffic."),
    ),
    outputs=(
        Field("difference", "Difference of traffic", "features", geometry="line", style="traffic_difference",
              doc="Flow before, after and its change [veh/h], by direction and in all, with the class of the change."),
        Field("statistics", "Statistics", "table", columns=TERMS,
              doc="Vehicle kilometres, hours and trips before and after, and the length of roads by change."),
        Field("vehicle_km", "Change of vehicle kilometres", "number", "km h-1", doc="After less before, of an hour."),
        Field("vehicle_hours", "Change of vehicle hours", "number", "h", doc="After less before, of an hour."),
    ),
    run=run,
    check=check,
    beside=True,
    any_crs=True,
    references=(
        "Ortúzar, J. de D. & Willumsen, L.G. (2011). Modelling Transport, 4th edition, chapter 10. Wiley.",
    ),
    validity="For two runs of one period with the same settings, whose gap is so small that it is not the gap that "
    "differs: 1E-6 or less. A change below what the gap leaves open says nothing.",
)  # fmt: skip
