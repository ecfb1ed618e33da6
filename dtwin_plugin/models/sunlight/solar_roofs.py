"""What points on roofs say of roofs, buildings and months."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    from .radiation import MeanYear
    from .roof_points import RoofPoints
    from .solar import Received

    Floats = NDArray[np.float64]

# class of a roof, and from which share of what the best plane gets it has it
CLASSES = {"poor": 0.0, "moderate": 0.6, "good": 0.75, "very good": 0.9}


class Panels(NamedTuple):
    """What panels need and yield.

    Attributes
    ----------
    best : float
        Radiation on the best plane under a free sky [kWh/m2 in a year].
    suits : float
        Share of that from which a place is suitable.
    cover, efficiency, performance : float
        Shares: of the suitable area under panels, of the radiation that modules turn into power, and of that power
        which is left.
    """

    best: float
    suits: float
    cover: float
    efficiency: float
    performance: float


def by_roof(
    roofs: Features,
    owners: NDArray[Any],
    points: RoofPoints,
    before: Received,
    after: Received | None,
    panels: Panels,
) -> Features:
    """Return roofs with what they get and could yield; NaN for one that stands upright or beside the surface."""
    count = len(roofs)
    year = before.shaded.sum(axis=1)
    area = _sum(points.areas, points, count)
    mean = _sum(points.areas * year, points, count) / area
    free = _sum(points.areas * before.free.sum(axis=1), points, count) / area
    suits = np.where(year >= panels.suits * panels.best, points.areas, np.where(np.isnan(year), np.nan, 0.0))
    power = panels.cover * panels.efficiency * panels.performance
    away = np.column_stack([_sum(points.areas * part, points, count) for part in points.normals.T])
    slope = np.degrees(np.arctan2(np.hypot(away[:, 0], away[:, 1]), away[:, 2]))
    faces = np.degrees(np.arctan2(away[:, 0], away[:, 1])) % 360
    columns: dict[str, Any] = {
        "building": owners,
        "slope": slope.round(1),
        "faces": np.where(slope < 1.0, np.nan, faces).round(0),
        "area": area.round(2),
        "radiation": mean.round(1),
        "energy": (mean * area).round(0),
        "shade_loss": (100 * (1 - mean / free)).round(1) + 0.0,
        "usable": _sum(suits, points, count).round(2),
        "pv_yield": (_sum(suits * np.nan_to_num(year), points, count) * power).round(0),
        "sun_class": _classes(mean / panels.best),
    }
    units = {"slope": "degree", "faces": "degree", "area": "m2", "radiation": "kW h m-2", "energy": "kW h",
             "shade_loss": "percent", "usable": "m2", "pv_yield": "kW h"}  # fmt: skip
    if after is not None:
        later = _sum(points.areas * after.shaded.sum(axis=1), points, count) / area
        columns.update(radiation_after=later.round(1), lost=(100 * (1 - later / mean)).round(1) + 0.0)
        units.update(radiation_after="kW h m-2", lost="percent")
    return roofs.with_columns(columns, units)


def _sum(values: Floats, points: RoofPoints, count: int) -> Floats:
    """Return the sum over the points of each roof; NaN for a roof without points."""
    found = np.bincount(points.roofs, values, count).astype(float)
    found[np.bincount(points.roofs, minlength=count) == 0] = np.nan
    return found


def _classes(share: Floats) -> NDArray[Any]:
    """Return the class of each roof by its share of what the best plane gets; None where it is not known."""
    found = np.full(len(share), None, object)
    with np.errstate(invalid="ignore"):
        for name, least in CLASSES.items():
            found[share >= least] = name
    return found


def by_building(roofs: Features) -> dict[str, list[Any]]:
    """Return the sums of the roofs of each building, those not known left out; a building of none is None."""
    names, which = np.unique(roofs.columns["building"].astype(str), return_inverse=True)
    known = np.isfinite(roofs.columns["radiation"].astype(float))
    table: dict[str, list[Any]] = {"building": names.tolist()}
    for name in ("area", "energy", "usable", "pv_yield"):
        values = np.where(known, roofs.columns[name].astype(float), 0.0)
        total = np.bincount(which, values, len(names))
        some = np.bincount(which, known, len(names)) > 0
        table[name] = [round(float(value), 2) if there else None for value, there in zip(total, some)]
    mean = [None if area is None else round(e / area, 1) for e, area in zip(table["energy"], table["area"])]
    return {"building": table["building"], "area": table["area"], "radiation": mean,
            **{name: table[name] for name in ("energy", "usable", "pv_yield")}}  # fmt: skip


def by_month(points: RoofPoints, received: Received, year: MeanYear) -> dict[str, list[Any]]:
    """Return the radiation in each month: on the horizontal, and on all roofs that are known."""
    known = np.isfinite(received.shaded[:, 0])
    weight = points.areas[known] / points.areas[known].sum()
    rows = {
        "horizontal": year.horizontal,
        "diffuse": year.diffuse,
        "free": weight @ received.free[known],
        "roofs": weight @ received.shaded[known],
    }
    return {"month": list(range(1, 13)), **{name: np.round(row, 2).tolist() for name, row in rows.items()}}
