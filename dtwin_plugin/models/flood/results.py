"""What a run gives: maps, buildings and the water balance."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import Field, Values
from .flow import FlowSolver
from .ground import Ground
from .simulation import Maps

if TYPE_CHECKING:
    from dtwin_plugin.data import Features, Grid

# The national stress test shows no water below 5 cm (Klimaateffectatlas); a road is passable up to 15 cm (Rotterdam).
WET = 0.05
LIMITS = ((0.05, "dry"), (0.15, "wet"), (0.30, "nuisance"), (np.inf, "damage"))

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
        doc="Volumes of rain, infiltration, outflow and what is stored at the end.",
    ),
    Field(
        "flooded_area",
        "Flooded area",
        "number",
        "m2",
        doc="Area with a largest depth above 0.05 m, open water included.",
    ),
    Field("mass_error", "Mass balance error", "number", doc="Unexplained volume as a share of the rain."),
)


def results_of(values: Values, ground: Ground, solver: FlowSolver, maps: Maps) -> dict[str, Any]:
    """Return a value for every output."""
    from .buildings import depth_at_objects

    terrain = ground.terrain
    times = np.datetime64(values["start"] or datetime(2000, 1, 1), "s") + np.array(maps.seconds).astype(
        "timedelta64[s]"
    )
    outputs: dict[str, Any] = {
        "depth_max": terrain.like(solver.max_depth, "m", "Largest water depth"),
        "depth": terrain.like(np.stack(maps.depths), "m", "Water depth", times),
        **_summary(solver, terrain),
    }
    if ground.buildings is not None and ground.covered is not None:
        largest, mean = depth_at_objects(solver.max_depth, ground.covered, len(ground.buildings))
        outputs["building_depth"] = _with_depth(ground.buildings, largest, mean)
    return outputs


def _summary(solver: FlowSolver, terrain: Grid) -> dict[str, Any]:
    volumes = solver.volumes
    cell = terrain.cell_size**2
    names = ("rain", "infiltration", "outflow", "stored")
    return {
        "flooded_area": float((solver.max_depth > WET).sum() * cell),
        "mass_error": float(volumes.error),
        "balance": {"term": list(names), "volume": [float(getattr(volumes, name)) for name in names]},
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
