"""The description of traffic assignment: trips find their way over a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.progress import Part

from ..base import Model, Values, wanted
from .assign_checks import Setup, check, setup_of
from .assign_fields import EQUILIBRIUM, INPUTS, MSA, OUTPUTS
from .assign_layers import by_period, noise_columns, with_flows
from .assign_more import selected_of, skims_of, turning_of
from .assign_run import Found, roads_of, run_period
from .assign_tables import convergence_of, gap_of, lost_of, summary_of, sums_of, unassigned_of
from .link_columns import column
from .matrix_files import MatrixFile, read_matrices
from .tables import table_path, unconfirmed

if TYPE_CHECKING:
    from dtwin_plugin.data import Features
    from dtwin_plugin.progress import Progress

_MOST = 0.9  # of the progress: the rest is for layers


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Assign; see `ASSIGN_TRAFFIC` for what goes in and out."""
    links: Features = values["links"]
    progress.report(0.0, "Reading the trips")
    setup = setup_of(values, read_matrices(values["demand"]))
    common = roads_of(values, setup)
    found: list[Found] = []
    for number, period in enumerate(setup.chosen):
        begin, end = (_MOST * k / len(setup.chosen) for k in (number, number + 1))
        progress.report(begin, "Assigning the trips of {period}", period=period.name)
        found.append(run_period(values, setup, common, period, Part(progress, begin, end)))
    busy = _busiest(links, found, setup)
    layer = with_flows(links, busy.flows, setup.vehicles)
    layer = layer.with_columns(*noise_columns(links, [one.flows for one in found], setup.periods, setup.vehicles))
    sums = sums_of(links, busy, setup.vehicles)
    made: dict[str, Any] = {
        "flows": layer,
        "convergence": convergence_of(found),
        "summary": summary_of(links, found, setup),
        "gap": max(gap_of(one) for one in found),
        "converged": all(gap_of(one) <= values["target_gap"] for one in found),
        "vehicle_km": sums["km"],
        "vehicle_hours": sums["hours"],
        "without_route": max(lost_of(one) for one in found),  # flows of different hours do not add up
    }
    lost = unassigned_of(found, common.parts)
    if lost["trips"]:
        made["unassigned"] = lost
    if wanted(values, "flows_by_period"):
        made["flows_by_period"] = by_period(links, [one.flows for one in found], setup.vehicles)
    made |= selected_of(values, common, busy)
    if wanted(values, "turning_flows"):
        made["turning_flows"] = turning_of(values, common, busy)
    if wanted(values, "skims"):
        made["skims"] = MatrixFile(skims_of(values, common, found))
    _tell_of_gaps(values, found, progress)
    _tell_of_tables(values, setup, found, busy, progress)
    return made


def _busiest(links: Features, found: list[Found], setup: Setup) -> Found:
    """Return the period in which most is driven in an hour, the first of some that are alike."""
    length = column(links, "length", 0.0)[:, None]
    driven = [float(np.nansum(one.flows.room(setup.vehicles) * length)) for one in found]
    return found[int(np.argmax(driven))]


def _tell_of_gaps(values: Values, found: list[Found], progress: Progress) -> None:
    """Say how near each period is to an equilibrium, and what is in no flow."""
    for one in found:
        gap, period = gap_of(one), one.flows.period.name
        if values["method"] not in (EQUILIBRIUM, MSA):
            text = "{period}: this method seeks no equilibrium; {gap:.2%} of all time could be saved on other routes."
            progress.warn(text, period=period, gap=gap)
        elif gap > values["target_gap"]:
            text = (
                "{period} has not converged: the gap is {gap:.1e} after {count} rounds, and {target:.1e} was asked; "
                "allow more rounds or ask for less."
            )
            count = len(one.assignment.iterations)
            progress.warn(text, period=period, gap=gap, count=count, target=values["target_gap"])
        lost = lost_of(one)
        if lost:
            text = "{period}: {trips:.1f} trips an hour have no route and are in no flow; see the table of them."
            progress.warn(text, period=period, trips=lost)


def _tell_of_tables(values: Values, setup: Setup, found: list[Found], busy: Found, progress: Progress) -> None:
    """Say in one sentence of which hours the flows are, and in one which assumptions nobody has confirmed."""
    period = busy.flows.period
    missing = [name for name in setup.periods if name not in {one.flows.period.name for one in found}]
    text = "The flows are vehicles an hour of {period}, which has {hours} hours of a day."
    if missing:
        text = (
            "The flows are vehicles an hour of {period}, which has {hours} hours of a day; for the noise of roads the "
            "hours of {missing}, which were not assigned, are estimated by their shares of a day."
        )
    progress.warn(text, period=period.name, hours=period.hours, missing=", ".join(missing))
    kinds = dict.fromkeys(kind for kind, _ in setup.sources)
    unsure = [
        name
        for table, used in (("periods", list(setup.periods)), ("vehicles", list(kinds)))
        for name in unconfirmed(table_path(table, values[f"{table}_table"]), used)
    ]
    if unsure:
        text = "The tables of periods and vehicles hold assumptions that nobody has confirmed: {names}."
        progress.warn(text, names=", ".join(unsure))


ASSIGN_TRAFFIC = Model(
    id="assigntraffic",
    version="1.0.0",
    title="Traffic assignment",
    group="Traffic",
    summary="Which way do trips go over a network that others drive on too? Flows, flow over capacity and times of "
    "each direction, in a user equilibrium or by simpler methods, for classes of vehicles and periods of a day; with "
    "what the noise of roads reads.",
    inputs=INPUTS,
    outputs=OUTPUTS,
    run=run,
    check=check,
    beside=True,
    any_crs=True,
    references=(
        "Wardrop, J.G. (1952). Some theoretical aspects of road traffic research. Proceedings of the Institution of "
        "Civil Engineers 1(3), 325-362.",
        "Beckmann, M., McGuire, C.B. & Winsten, C.B. (1956). Studies in the economics of transportation. Yale "
        "University Press.",
        "Bureau of Public Roads (1964). Traffic assignment manual. U.S. Department of Commerce.",
        "Spiess, H. (1990). Conical volume-delay functions. Transportation Science 24(2), 153-158.",
    ),
    validity="Static: an hour in which flows do not change, so that a queue does not spill back and does not clear "
    "after it; where flow is over capacity it says that there is a problem and not how long the queue is. Everybody "
    "knows all times and takes the best route. Flows of links are unique, those of classes, routes, turns and selected "
    "links need not be.",
    uncertainty="Trips, capacities and the tables of periods and vehicles make most of it; compare with counts before "
    "a result is used.",
)
