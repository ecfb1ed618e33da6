"""Series as features: a station with its last values, and an observation each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from dtwin_plugin.data import Extent, Features, Geometries, Series
from dtwin_plugin.data.crs import RD
from dtwin_plugin.data.series import QUALITIES
from dtwin_plugin.sources.crs import to_rd

from .builder import CRS84

_WIDEST = 60  # quantities that get a column each
_TAKEN = ("station", "name", "time", "age", "values")


def in_rd(features: Features) -> tuple[Features, int]:
    """Return features in RD New, and how many of them have no place there: those are empty geometries.

    Raises
    ------
    CrsError
        If the CRS is not known, or the grids are missing.
    """
    shapes = features.geometries
    places = np.full_like(shapes.coordinates, np.nan)
    outside = np.zeros(len(shapes.coordinates), bool)
    if len(places) and features.crs == CRS84:
        # degrees far from the Netherlands are known before PROJ refuses them all at once
        x, y = shapes.coordinates[:, 0], shapes.coordinates[:, 1]
        outside = (x < 2.6) | (x > 7.6) | (y < 50.5) | (y > 54.0)
    if len(places) and not outside.all():
        places[~outside] = to_rd(shapes.coordinates[~outside], features.crs)
    return replace(features, geometries=_without(shapes, places), crs=RD), _empty(shapes, places)


def _without(shapes: Geometries, places: np.ndarray) -> Geometries:
    """Return geometries with other coordinates, those with a place that is not known as empty."""
    spans = shapes.coordinate_spans()
    lists = [places[spans[row] : spans[row + 1]].tolist() for row in range(len(shapes))]
    known = [bool(len(found)) and not np.isnan(found).any() for found in lists]
    return Geometries.build(shapes.kind, [[[found]] if ok else [] for found, ok in zip(lists, known)])


def _empty(shapes: Geometries, places: np.ndarray) -> int:
    """Return how many geometries have no place that is known."""
    spans = shapes.coordinate_spans()
    missing = (np.isnan(places[first:last]).any() or first == last for first, last in zip(spans[:-1], spans[1:]))
    return sum(map(bool, missing))


def last_values(series: Series) -> Features:
    """Return a feature a station: its columns, the time of its last value, and a column for each whole quantity.

    A quantity of a part (a lane) gets a column only where the station has no whole of any.
    """
    latest = series.latest()
    kinds = [number for number, item in enumerate(series.quantities) if not item.detail]
    kinds = (kinds or list(range(len(series.quantities))))[:_WIDEST]
    count = len(series.stations)
    times = np.full(count, np.datetime64("NaT", "ms"))
    order = np.argsort(latest.ends, kind="stable")
    times[latest.station[order]] = latest.ends[order]
    columns: dict[str, Any] = {**series.stations.columns, "time": times}
    units = {}
    for kind in kinds:
        item = series.quantities[kind]
        name = item.key if item.key not in columns else f"value_{item.key}"
        values = np.full(count, np.nan)
        rows = latest.quantity == kind
        values[latest.station[rows]] = latest.values[rows]
        columns[name] = np.where(np.isnan(columns[name]), values, columns[name]) if name in units else values
        units[name] = item.unit
    return replace(series.stations, columns=columns, units={name: unit for name, unit in units.items() if unit})


def observations(series: Series) -> Features:
    """Return a feature an observation, each once, at its station."""
    once = series.unique()
    names = np.array([item.name for item in series.quantities] or [""], object)
    details = np.array([item.detail or None for item in series.quantities] or [None], object)
    units = np.array([item.unit or item.given for item in series.quantities] or [""], object)
    columns = {
        "station": series.stations.columns["station"][once.station],
        "quantity": names[once.quantity],
        "part": details[once.quantity],
        "value": once.values,
        "unit": units[once.quantity],
        "begin": once.begins,
        "end": once.ends,
        "known": once.results,
        "quality": np.array(QUALITIES, object)[once.qualities],
        **once.extras,
    }
    stations = series.stations.geometries.take(once.station)
    return Features(stations, columns, crs=series.stations.crs, name="observations")


def within(series: Series, extent: Extent) -> Series:
    """Return the series of stations in an area in RD; those without a place are left out."""
    placed, _ = in_rd(series.stations)
    box = placed.geometries.bounds()
    inside = (box[:, 0] <= extent.x_max) & (box[:, 2] >= extent.x_min)
    inside &= (box[:, 1] <= extent.y_max) & (box[:, 3] >= extent.y_min)
    rows = np.flatnonzero(inside)
    numbers = np.full(len(inside), -1, np.int64)
    numbers[rows] = np.arange(len(rows))
    kept = series.take(inside[series.station]) if len(series) else series
    return replace(kept, stations=series.stations.take(rows), station=numbers[kept.station])


def as_points(features: Features) -> Features:
    """Return lines as the middle of their coordinates, points as they are."""
    shapes = features.geometries
    if shapes.kind == "point":
        return features
    spans = shapes.coordinate_spans()
    middles = (spans[:-1] + spans[1:] - 1) // 2
    filled = np.diff(spans) > 0
    places = [[[[shapes.coordinates[at].tolist()]]] if ok else [] for at, ok in zip(middles, filled)]
    return replace(features, geometries=Geometries.build("point", places))
