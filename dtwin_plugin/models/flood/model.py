"""Flooding under extreme rain, as a model of the socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dtwin_plugin.progress import Progress

from ..base import Field, Values, wanted
from ..problem import Problem
from . import exchanges, ground, results, saved_state, scheme
from .rainfall import rain
from .recording.recording import recording_of
from .simulation import simulate
from .surface import taking

_AFTER = (
    Field("after", "Time after the rain", "number", "h", 1.0, 0, 240, doc="Water still flows to its lowest place."),
)
INPUTS = (
    *ground.INPUTS,
    *rain.INPUTS,
    *_AFTER,
    *taking.INPUTS,
    *results.INPUTS,
    *exchanges.INPUTS,
    *taking.ADVANCED,
    *scheme.ADVANCED,
    *ground.ADVANCED,
    *exchanges.ADVANCED,
    *saved_state.ADVANCED,
    *results.ADVANCED,
)
OUTPUTS = (*results.OUTPUTS, *exchanges.OUTPUTS, *saved_state.OUTPUTS)
HOUR, MINUTE = 3600.0, 60.0  # s
EXPLAINED = 1e-6  # share of the water that came, above which the balance is told


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    for part in (rain, ground, scheme, taking, exchanges, saved_state, results):
        yield from part.check(values)


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Run the storm and the time after it; see `FLOOD` for what goes in and out."""
    values = {**values, "start": values["start"] or rain.start_of(values)}
    cells = exchanges.with_levees(values, ground.ground_of(values))
    taken = taking.taking_of(values, cells)
    solver = scheme.solver_of({**values, "roughness": taken.roughness}, cells, taken.storage)
    solver.surface = taken.surface
    recording = recording_of(values, cells, solver)
    with exchanges.exchanges_of(values, cells, progress) as exchanging:
        if values["start_state"] is not None:
            saved_state.restore(values["start_state"], solver, exchanging)
        maps = simulate(
            solver,
            rain.storm_of(values, cells.terrain),
            taken.infiltration,
            after=values["after"] * HOUR,
            interval=values["interval"] * MINUTE,
            exchanges=exchanging,
            keep=wanted(values, "depth", "mesh"),
            watch=recording.map,
            progress=progress,
        )
        tables = exchanges.tables_of(exchanging, solver)
    recording.warn(solver, progress)
    if solver.volumes.error > EXPLAINED:
        progress.warn(
            "The water balance leaves {share:.1e} of the water that came unexplained: deep water that moves is more "
            "than 32 bits hold.",
            share=solver.volumes.error,
        )
    if wanted(values, "state"):
        tables["state"] = saved_state.SavedState.of(solver, exchanging)
    made = {**results.results_of(values, cells, solver, maps, recording), **tables}
    return {**made, "balance": exchanges.balanced(made["balance"], exchanging, solver.volumes.inflow)}
