"""Events of several return periods, now and with measures: how often a place floods, as a model of the socket."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import ModelError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.translate import mark

from ...base import WANTED, Field, Model, Values, wanted
from ...executors import executor_of, scheduler_of
from ...problem import Problem
from .. import model as flood
from .. import results, saved_state
from .ensemble import Member, Outcome, outcomes, weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid

NOW, MEASURES = "now", "measures"
LIMITS = {"015": 0.15, "030": 0.30}  # m: a threshold is reached, a road is closed
WET = 0.05  # m
DEFAULT_EVENTS: dict[str, list[Any]] = {
    "event": ["70 mm in 1 h", "90 mm in 1 h", "160 mm in 2 h"],
    "rain": [70.0, 90.0, 160.0],
    "duration": [1.0, 1.0, 2.0],
    "return_period": [100.0, 250.0, 1000.0],
}
MOST_EVENTS = 100
# inputs of the flood that events give, or that belong to one run
_RAIN = {"event", "rain", "rain_duration", "rain_series", "event_table", "event_name"}
_OWN = (
    _RAIN
    | {"threads", "outer_depth"}
    | {item.name for item in (*results.INPUTS, *results.ADVANCED, *saved_state.ADVANCED)}
)
# inputs that measures may replace, as the model of measures gives them
_REPLACED = (
    "terrain", "buildings", "infiltration_capacity", "soil_storage", "interception_map", "landcover", "sewer_districts",
    "structures",
)  # fmt: skip
_TITLES = {
    "terrain": "Terrain with measures",
    "buildings": "Buildings with thresholds",
    "interception_map": "Storage on leaves and in puddles with measures",
    "infiltration_capacity": "Infiltration capacity with measures",
    "soil_storage": "Storage of the soil with measures",
    "landcover": "Land cover with measures",
    "sewer_districts": "Sewer districts with measures",
    "structures": "Structures with barriers",
}
_SHARED = tuple(
    item for item in flood.INPUTS if item.name not in _OWN and not item.name.startswith(("rain_grid", "rain_gaps"))
)
_NEW = tuple(
    replace(
        item,
        name=f"new_{item.name}",
        title=_TITLES[item.name],
        optional=True,
        advanced=False,
        doc=mark("For the runs."),
    )
    for item in flood.INPUTS
    if item.name in _REPLACED
)
INPUTS = (
    Field(
        "events",
        "Events",
        "table",
        columns={"event": "1", "rain": "mm", "duration": "h", "return_period": "1"},
        optional=True,
        doc="A row for each storm, with its return period in years; default the stress test of once in 100, 250 and "
        "1000 years.",
    ),
    *(item for item in _SHARED if not item.advanced),
    *_NEW,
    *(item for item in _SHARED if item.advanced),
    Field(
        "workers",
        "Runs at once",
        "integer",
        default=0,
        minimum=0,
        maximum=256,
        advanced=True,
        doc="Each takes one processor and the memory of a run; 0 = one for each processor.",
    ),
    Field(
        "cluster",
        "Dask cluster",
        "text",
        default="",
        optional=True,
        advanced=True,
        style="scheduler",
        doc="Address of its scheduler (tcp://host:8786), to run there in place of here. Its workers need this plugin.",
    ),
)


OUTPUTS = (
    Field(
        "depths",
        "Largest water depth in each run",
        "grid",
        "m",
        style="water_depth",
        optional=True,
        doc="A band for each run that was finished, in the order of the table of figures.",
    ),
    Field(
        "exceeds_015",
        "Times a year above 0.15 m",
        "grid",
        optional=True,
        doc="How many times a year water is deeper than 0.15 m, from the return periods of the events.",
    ),
    Field(
        "exceeds_030",
        "Times a year above 0.30 m",
        "grid",
        optional=True,
        doc="How many times a year water is deeper than 0.30 m, from the return periods of the events.",
    ),
    Field(
        "exceeds_015_measures",
        "Times a year above 0.15 m, with measures",
        "grid",
        optional=True,
        doc="How many times a year water is deeper than 0.15 m, from the return periods of the events.",
    ),
    Field(
        "exceeds_030_measures",
        "Times a year above 0.30 m, with measures",
        "grid",
        optional=True,
        doc="How many times a year water is deeper than 0.30 m, from the return periods of the events.",
    ),
    Field(
        "figures",
        "Figures of the runs",
        "table",
        columns={
            "run": "1",
            "event": "1",
            "scenario": "1",
            "band": "1",
            "return_period": "1",
            "weight": "1",
            "area_005": "m2",
            "area_015": "m2",
            "area_030": "m2",
            "rain": "m3",
            "stored": "m3",
            "outflow": "m3",
            "infiltration": "m3",
            "mass_error": "1",
            "seconds": "s",
            "failure": "1",
        },
        doc="A row for each run; one that failed says why. The weight is how many events a year the run stands for: "
        "the sum of weight times damage is the damage to expect in a year.",
    ),
    Field("expected_area", "Area flooded in a year", "number", "m2", doc="Expected, above 0.15 m, as it is now."),
    Field("failed", "Runs that failed", "integer", doc="The table of figures names them."),
)


@dataclass(frozen=True)
class _Plan:
    """A member's event, scenario and return period."""

    event: str
    scenario: str
    period: float


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with the events, and what is wrong with the runs."""
    events = _events(values)
    count = len(events["event"])
    sound = all(
        isinstance(value, (int, float)) and low < value <= high
        for name, low, high in (("rain", 0, 1000), ("duration", 0.01, 240), ("return_period", 0, 1e6))
        for value in events[name]
    )
    if not 1 <= count <= MOST_EVENTS or not sound:
        yield Problem(
            "DT203",
            "events",
            "Events must be 1 to {most} rows with rain of up to 1000 mm, a duration of 0.01 to 240 h and a return "
            "period above 0 years; found {count} rows, rain {rain}, duration {duration}, return period {periods}.",
            {
                "most": MOST_EVENTS,
                "count": count,
                "rain": events["rain"][:10],
                "duration": events["duration"][:10],
                "periods": events["return_period"][:10],
            },
        )
        return
    seen: set[tuple[str, str]] = set()
    for member, plan in {plan.scenario: (member, plan) for member, plan in _members(values)}.values():
        for problem in flood.check(member.values):
            field = problem.field
            if plan.scenario == MEASURES and values.get(f"new_{field}") is not None:
                field = f"new_{field}"
            if (problem.code, field) not in seen:
                seen.add((problem.code, field))
                yield replace(problem, field=field)


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Run every event, now and with measures, and put together what they say."""
    planned = _members(values)
    cluster = scheduler_of(values["cluster"] or "")
    # a process holds one SWMM network at a time
    workers = 1 if values.get("sewer_network") is not None else values["workers"]
    with executor_of(workers, cluster) as (executor, _):
        found = outcomes([member for member, _ in planned], run_member, executor, progress, here=not cluster)
    plans = [plan for _, plan in planned]
    for outcome in found:
        if outcome.failure:
            progress.warn("{member} failed: {reason}", member=outcome.member.name, reason=outcome.failure)
    if all(outcome.failure for outcome in found):
        raise ModelError("None of the {count} runs was finished: {reason}", count=len(found), reason=found[0].failure)
    return _together(values, plans, found)


def run_member(values: Values, progress: Progress | None) -> dict[str, Any]:
    """Run one member, here or on a worker of a cluster."""
    began = time.monotonic()
    result = flood.run(values, Silent() if progress is None else progress)
    depth: Grid = result["depth_max"]
    terms = dict(zip(result["balance"]["term"], result["balance"]["volume"]))
    cell = depth.cell_size**2
    return {
        "depth_max": depth,
        **{f"area_{int(limit * 100):03d}": float((depth.values > limit).sum() * cell) for limit in (WET, 0.15, 0.30)},
        **{name: float(terms[name]) for name in ("rain", "stored", "outflow", "infiltration")},
        "mass_error": float(result["mass_error"]),
        "seconds": time.monotonic() - began,
    }


def _events(values: Values) -> dict[str, list[Any]]:
    given: dict[str, list[Any]] | None = values["events"]
    return given or DEFAULT_EVENTS


def _members(values: Values) -> list[tuple[Member, _Plan]]:
    """Return the members: every event, now and, where anything of measures is given, with them."""
    events = _events(values)
    base = {item.name: item.default for item in flood.INPUTS}
    base.update({name: value for name, value in values.items() if name in base})
    base.update({"threads": 1, WANTED: {"depth_max", "balance", "flooded_area", "mass_error"}})
    new = {name: values.get(f"new_{name}") for name in _REPLACED}
    changed = {name: value for name, value in new.items() if value is not None}
    members = []
    for scenario in (NOW, MEASURES) if changed else (NOW,):
        for row, name in enumerate(events["event"]):
            storm = {"event": "own", "rain": events["rain"][row], "rain_duration": events["duration"][row]}
            inputs = {**base, **storm, **(changed if scenario == MEASURES else {})}
            inputs["interval"] = (inputs["rain_duration"] + inputs["after"]) * 60.0 + 1.0  # one map, at the end
            event = f"{name:g}" if isinstance(name, float) else str(name)  # a name of digits
            plan = _Plan(event, scenario, float(events["return_period"][row]))
            members.append((Member(f"{event}, {scenario}", inputs), plan))
    return members


def _together(values: Values, plans: Sequence[_Plan], found: Sequence[Outcome]) -> dict[str, Any]:
    """Return the outputs. The weights are those of the events that were finished, in each scenario."""
    finished = [k for k, outcome in enumerate(found) if not outcome.failure]
    weight = dict.fromkeys(range(len(found)), 0.0)
    for scenario in (NOW, MEASURES):
        members = [k for k in finished if plans[k].scenario == scenario]
        weight.update(zip(members, weights([plans[k].period for k in members]) if members else ()))
    made: dict[str, Any] = {"figures": _figures(plans, found, weight), "failed": len(found) - len(finished)}
    first: Grid = found[finished[0]].result["depth_max"]
    if wanted(values, "depths"):
        stack = np.stack([found[k].result["depth_max"].values for k in finished])
        made["depths"] = first.like(stack, "m", "Largest water depth")
    for scenario, ending in ((NOW, ""), (MEASURES, "_measures")):
        members = [k for k in finished if plans[k].scenario == scenario]
        for name, limit in LIMITS.items():
            output = f"exceeds_{name}{ending}"
            if members and wanted(values, output):
                total: NDArray[np.float64] = np.zeros(first.shape)
                for k in members:
                    depth = found[k].result["depth_max"].values
                    total += np.where(np.isnan(depth), np.nan, weight[k] * (depth > limit))
                made[output] = first.like(total, "1", f"Times a year above {limit:.2f} m")
    now = [k for k in finished if plans[k].scenario == NOW]
    made["expected_area"] = float(sum(weight[k] * found[k].result["area_015"] for k in now)) if now else float("nan")
    return made


def _figures(plans: Sequence[_Plan], found: Sequence[Outcome], weight: dict[int, float]) -> dict[str, list[Any]]:
    names = [item for item in OUTPUTS if item.name == "figures"][0].columns
    table: dict[str, list[Any]] = {name: [] for name in names}
    band = 0
    for k, (plan, outcome) in enumerate(zip(plans, found)):
        band += not outcome.failure
        row = {
            "run": outcome.member.name,
            "event": plan.event,
            "scenario": plan.scenario,
            "band": None if outcome.failure else float(band),
            "return_period": plan.period,
            "weight": None if outcome.failure else weight[k],
            "failure": outcome.failure,
        }
        for name in names:
            table[name].append(row[name] if name in row else (outcome.result or {}).get(name))
    return table


FLOOD_ENSEMBLE = Model(
    id="floodensemble",
    version="1.0.0",
    title="How often a place floods",
    group="Water",
    summary="How many times a year is a street deeper under water than a threshold? Storms of several return periods "
    "run at once, now and with measures, on this computer or on a Dask cluster.",
    inputs=INPUTS,
    outputs=OUTPUTS,
    run=run,
    check=check,
    references=(
        "Ward, P.J., de Moel, H., Aerts, J.C.J.H. (2011). How are flood risk estimates affected by the choice of "
        "return-periods? Natural Hazards and Earth System Sciences 11, 3181-3195. doi:10.5194/nhess-11-3181-2011",
    ),
    validity="As Flooding under extreme rain. Frequencies are only as good as the return periods; few events give "
    "steps, not a curve, and what is more frequent than the most frequent event counts as dry.",
)
