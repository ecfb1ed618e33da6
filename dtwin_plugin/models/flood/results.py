"""What a run gives: maps, buildings and the water balance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import Field, Values, wanted
from ..problem import WARNING, Problem
from .ground import Ground
from .recording import recording as recordings
from .recording.recording import Recording, recorded
from .simulation import Maps
from .solvers.flow import FlowSolver

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Grid

# The national stress test shows no water below 5 cm (Klimaateffectatlas); a road is passable up to 15 cm (Rotterdam).
WET = 0.05
LIMITS = ((0.05, "dry"), (0.15, "wet"), (0.30, "nuisance"), (np.inf, "damage"))

INPUTS = recordings.INPUTS
ADVANCED = (
    Field(
        "interval",
        "Interval of the maps",
        "number",
        "min",
        15.0,
        1,
        1440,
        advanced=True,
        doc="Time between the maps of the series. Each map takes 4 bytes a cell.",
    ),
    Field(
        "start",
        "Start of the storm",
        "datetime",
        optional=True,
        advanced=True,
        doc="Date and time of the first rain, for the time axis of the maps; default 1 January 2000, 0:00.",
    ),
    *recordings.ADVANCED,
)
OUTPUTS = (
    Field(
        "depth_max",
        "Largest water depth",
        "grid",
        "m",
        style="water_depth",
        doc="Largest depth at each place in the run.",
    ),
    Field(
        "depth",
        "Water depth through time",
        "grid",
        "m",
        style="water_depth",
        optional=True,
        doc="A band for each map, with its time.",
    ),
    *recordings.OUTPUTS,
    Field(
        "building_depth",
        "Water at buildings",
        "features",
        geometry="polygon",
        style="building_depth",
        optional=True,
        doc="The buildings with the largest and the mean water depth at their walls [m] and its class: "
        "dry < 0.05, wet < 0.15, nuisance < 0.30, damage.",
    ),
    Field(
        "balance",
        "Water balance",
        "table",
        columns={"term": "1", "volume": "m3"},
        optional=True,
        doc="Volumes of rain, infiltration, outflow and what is stored at the end. Where land cover, a law of the soil "
        "or a sewer is given, the infiltration in its parts too: leaves and puddles (interception), soil, sewer.",
    ),
    Field(
        "flooded_area",
        "Flooded area",
        "number",
        "m2",
        doc="Area with a largest depth above 0.05 m, open water included.",
    ),
    Field(
        "mass_error",
        "Mass balance error",
        "number",
        doc="Unexplained volume as a share of the rain and what flowed in.",
    ),
)


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with the gauges and cross sections."""
    from .recording.gauges import names, places

    gauges, lines, terrain = values["gauges"], values["cross_sections"], values["terrain"]
    if gauges is not None and len(gauges):
        row, column, inside = places(gauges, terrain)
        found = names(gauges, "gauge")
        known = inside & np.isfinite(terrain.values[row, column])
        if not inside.all():
            outside = [name for name, one in zip(found, inside) if not one]
            yield Problem(
                "DT180",
                "gauges",
                "Gauges lie outside the terrain: {names}. Move them or leave them out.",
                {"names": ", ".join(outside[:10])},
            )
        elif not known.all():
            yield Problem(
                "DT181",
                "gauges",
                "The terrain has no data at the gauges {names}: they are on filled ground or have no values.",
                {"names": ", ".join([name for name, one in zip(found, known) if not one][:10])},
                WARNING,
            )
    if lines is not None and len(lines):
        beside = ~_touches(lines, terrain)
        if beside.any():
            yield Problem(
                "DT182",
                "cross_sections",
                "Cross sections lie outside the terrain, where nothing flows across: {names}.",
                {"names": ", ".join([name for name, one in zip(names(lines, "line"), beside) if one][:10])},
                WARNING,
            )


def _touches(features: Features, terrain: Grid) -> NDArray[np.bool_]:
    """Return whether the box of each feature touches the terrain."""
    box, area = features.geometries.bounds(), terrain.extent
    along = (box[:, 0] < area.x_max) & (box[:, 2] > area.x_min)
    return along & (box[:, 1] < area.y_max) & (box[:, 3] > area.y_min)


def results_of(values: Values, ground: Ground, solver: FlowSolver, maps: Maps, recording: Recording) -> dict[str, Any]:
    """Return a value for every output that is wanted."""
    from .buildings import depth_at_objects

    terrain = ground.terrain
    start = np.datetime64(values["start"] or datetime(2000, 1, 1), "s")
    times = start + np.array([0.0, *maps.seconds]).astype("timedelta64[s]")
    outputs: dict[str, Any] = {
        "depth_max": terrain.like(solver.max_depth, "m", "Largest water depth"),
        **_summary(solver, terrain),
        **recorded(values, ground, solver, maps, recording, times),
    }
    if wanted(values, "depth"):
        outputs["depth"] = terrain.like(maps.depths, "m", "Water depth", times[1:])
    if ground.buildings is not None and ground.covered is not None:
        largest, mean = depth_at_objects(solver.max_depth, ground.covered, len(ground.buildings))
        outputs["building_depth"] = _with_depth(ground.buildings, largest, mean)
    return outputs


def _summary(solver: FlowSolver, terrain: Grid) -> dict[str, Any]:
    volumes = solver.volumes
    cell = terrain.cell_size**2
    names = (*(("initial",) if volumes.initial else ()), "rain", "infiltration", "outflow", "stored")
    balance = {name: float(getattr(volumes, name)) for name in names}
    if not solver.surface.plain:
        balance.update(solver.surface.accounts)  # the parts of the infiltration
    return {
        "flooded_area": float((solver.max_depth > WET).sum() * cell),
        "mass_error": float(volumes.error),
        "balance": {"term": list(balance), "volume": list(balance.values())},
    }


def _with_depth(buildings: Features, largest: np.ndarray, mean: np.ndarray) -> Features:
    """Return the buildings with the water at their walls and its class."""
    limits = np.array([limit for limit, _ in LIMITS])
    names = np.array([name for _, name in LIMITS] + ["unknown"], object)
    classes = np.where(np.isnan(largest), len(LIMITS), np.searchsorted(limits, largest, side="right"))
    return buildings.with_columns(
        {
            "water_depth_max": np.asarray(largest, float),
            "water_depth_mean": np.asarray(mean, float),
            "water_class": names[np.minimum(classes, len(LIMITS))],
        },
        {"water_depth_max": "m", "water_depth_mean": "m"},
    )
