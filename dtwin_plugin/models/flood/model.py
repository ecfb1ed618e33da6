"""Flooding under extreme rain, as a model of the socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dtwin_plugin.progress import Progress

from ..base import Field, Values
from ..problem import Problem
from . import ground, rain, results, scheme, soil
from .recording import recording_of
from .simulation import simulate

_AFTER = (
    Field("after", "Time after the rain", "number", "h", 1.0, 0, 240, doc="Water still flows to its lowest place."),
)
INPUTS = (
    *ground.INPUTS,
    *rain.INPUTS,
    *_AFTER,
    *soil.INPUTS,
    *results.INPUTS,
    *soil.ADVANCED,
    *scheme.ADVANCED,
    *ground.ADVANCED,
    *results.ADVANCED,
)
OUTPUTS = results.OUTPUTS
HOUR, MINUTE = 3600.0, 60.0  # s


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    for part in (rain, ground, soil, results):
        yield from part.check(values)


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Run the storm and the time after it; see `FLOOD` for what goes in and out."""
    cells = ground.ground_of(values)
    infiltration, storage = soil.soil_of(values, cells.terrain, cells.covered)
    solver = scheme.solver_of(values, cells, storage)
    recording = recording_of(values, cells, solver)
    maps = simulate(
        solver,
        rain.storm_of(values),
        infiltration,
        after=values["after"] * HOUR,
        interval=values["interval"] * MINUTE,
        watch=recording.map,
        progress=progress,
    )
    return results.results_of(values, cells, solver, maps, recording)
