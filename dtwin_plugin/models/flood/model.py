"""Flooding under extreme rain, as a model of the socket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from dtwin_plugin.data import Features, Grid
from dtwin_plugin.data.rasterise import labels
from dtwin_plugin.data.resample import coarsened
from dtwin_plugin.errors import Cancelled
from dtwin_plugin.progress import Progress

from ..base import Values
from ..problem import ERROR, WARNING, Problem
from .soil import HOUR, MM, check_soil, soil_of

MINUTE = 60.0  # s
LONGEST, MOST = 14_400, 1000  # min, mm: of a rain series, as of uniform rain

# The national stress test shows no water below 5 cm (Klimaateffectatlas); a road is passable up to 15 cm (Rotterdam).
WET = 0.05
LIMITS = ((0.05, "dry"), (0.15, "wet"), (0.30, "nuisance"), (np.inf, "damage"))


@dataclass(frozen=True)
class Storm:
    """Rain as steps: `rates` [m s-1] hold from each of `times` [s] to the next; the last time ends the rain."""

    times: tuple[float, ...]
    rates: tuple[float, ...]

    def depth(self) -> float:
        """Total rain [m]."""
        return float(np.dot(np.diff(self.times), self.rates))


def storm_of(values: Values) -> Storm:
    """Return the storm of a run: the series if there is one, else uniform rain.

    >>> storm_of({"rain_series": None, "rain": 70, "rain_duration": 1}).depth()
    0.07
    """
    series = values["rain_series"]
    if series:
        times = tuple(float(minute) * MINUTE for minute in series["minutes"])
        depths = [float(depth) * MM for depth in series["rain"][1:]]
        return Storm(times, tuple(depth / step for depth, step in zip(depths, np.diff(times))))
    duration = values["rain_duration"] * HOUR
    return Storm((0.0, duration), (values["rain"] * MM / duration,))


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    series = values["rain_series"]
    if series and (len(series["minutes"]) < 2 or np.any(np.diff(series["minutes"]) <= 0)):
        yield Problem(
            "DT101",
            "rain_series",
            "The minutes of the rain series must increase from row to row, and there must be two rows at least; "
            "found {minutes}.",
            {"minutes": series["minutes"][:10]},
            ERROR,
        )
    if series and not _is_storm(series):
        yield Problem(
            "DT104",
            "rain_series",
            "The rain series must lie between 0 and {minutes} minutes, and its rain be 0 or more and together at most "
            "{rain} mm.",
            {"minutes": LONGEST, "rain": MOST},
            ERROR,
        )
    terrain: Grid = values["terrain"]
    low, high = np.nanmin(terrain.values), np.nanmax(terrain.values)
    if low < -30 or high > 350:  # lowest pit and highest hill of the country, with a margin
        yield Problem(
            "DT103",
            "terrain",
            "Terrain heights run from {low:.1f} to {high:.1f}; expected m NAP between -30 and 350.",
            {"low": float(low), "high": float(high)},
            WARNING,
        )
    yield from check_soil(values)
    size = values["cell_size"] or terrain.cell_size
    cells = terrain.extent.area / size**2
    if cells > 4e6:
        yield Problem(
            "DT102",
            "cell_size",
            "The area has {cells:.1f} million cells; halving the cell size takes 8 times as long. "
            "Choose a larger cell size or a smaller area if this takes too long.",
            {"cells": cells / 1e6},
            WARNING,
        )


def _is_storm(series: dict[str, list[float]]) -> bool:
    minutes, rain = series["minutes"], series["rain"]
    return min(minutes) >= 0 and max(minutes) <= LONGEST and min(rain) >= 0 and sum(rain) <= MOST


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Run the storm and the time after it; see `FLOOD` for what goes in and out."""
    from .buildings import depth_at_objects
    from .solver import InertialSolver

    terrain, buildings = values["terrain"], values["buildings"]
    if values["cell_size"]:
        terrain = coarsened(terrain, values["cell_size"])
    bed, covered = _bed(terrain, buildings, values)
    infiltration, storage = soil_of(values, terrain, covered)
    solver = InertialSolver(
        bed,
        terrain.cell_size,
        values["roughness"],
        boundary=values["boundary"],
        soil_storage=storage,
        threads=values["threads"] or None,
    )
    depths, seconds = _simulate(solver, storm_of(values), infiltration, values, progress)
    times = np.datetime64(values["start"] or datetime(2000, 1, 1), "s") + np.array(seconds).astype("timedelta64[s]")
    outputs: dict[str, Any] = {
        "depth_max": terrain.like(solver.max_depth, "m", "Largest water depth"),
        "depth": terrain.like(np.stack(depths), "m", "Water depth", times),
        **_summary(solver, terrain),
    }
    if buildings is not None and covered is not None:
        largest, mean = depth_at_objects(solver.max_depth, covered, len(buildings))
        outputs["building_depth"] = _with_depth(buildings, largest, mean)
    return outputs


def _bed(terrain: Grid, buildings: Features | None, values: Values) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the bed that water flows over [m], NaN = outside, and which building covers each cell."""
    from .buildings import fill_holes, raise_buildings

    bed = np.array(terrain.values, np.float32)
    covered = None if buildings is None else labels(buildings.geometries, terrain)
    if values["gaps"] == "fill":
        bed = fill_holes(bed)
    if covered is not None and values["building_flow"] == "block":
        bed = raise_buildings(bed, covered)
    return bed, covered


def _simulate(
    solver: Any, storm: Storm, infiltration: float | np.ndarray, values: Values, progress: Progress
) -> tuple[list[np.ndarray], list[float]]:
    """Advance from stop to stop (a change of rain or a map), and return the maps with their times [s]."""
    end = storm.times[-1] + values["after"] * HOUR
    step = values["interval"] * MINUTE
    maps = {float(t) for t in np.arange(step, end, step)} | {end}
    stops = sorted(maps | {t for t in storm.times if 0 < t < end})
    depths, seconds = [], []
    for stop in stops:
        progress.report(solver.time / end, "until minute {minutes:.0f}", minutes=stop / MINUTE)
        index = int(np.searchsorted(storm.times, solver.time + 1e-6, side="right")) - 1
        rain = storm.rates[index] if 0 <= index < len(storm.rates) else 0.0
        _advance(solver, stop, end, rain, infiltration, progress)
        if stop in maps:
            depths.append(np.array(solver.depth, np.float32))
            seconds.append(stop)
    return depths, seconds


def _advance(
    solver: Any, stop: float, end: float, rain: float, infiltration: float | np.ndarray, progress: Progress
) -> None:
    """Advance to `stop` in pieces, so that progress moves."""
    piece = end / 100
    while solver.time < stop - 1e-6:
        solver.advance(
            min(piece, stop - solver.time), rain=rain, infiltration=infiltration, should_stop=progress.is_cancelled
        )
        if progress.is_cancelled():
            raise Cancelled
        progress.report(solver.time / end)


def _summary(solver: Any, terrain: Grid) -> dict[str, Any]:
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
