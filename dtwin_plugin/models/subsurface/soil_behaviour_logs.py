"""Cone penetration tests with the behaviour of their soil, and as boreholes of layers of equal behaviour."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Logs
from dtwin_plugin.errors import InputError

from .soil_behaviour import NO_ZONE, ZONES, Behaviour, normalised, simple

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST = 0.2  # m; a cone feels what lies within 5 to 10 of its diameters, 0.2 to 0.4 m
UNITS = {"behaviour_friction": "percent", "effective_stress": "kPa"}


def with_behaviour(
    logs: Logs, *, groundwater: float = math.nan, weight: float | None = None, normalise: bool = True
) -> Logs:
    """Return tests with the soil behaviour of each row.

    Parameters
    ----------
    logs : Logs
        Of kind "cpt".
    groundwater : float
        Depth of the water [m] where a site does not tell it ("groundwater_depth").
    weight : float, optional
        Of the soil [kN/m3]; estimated row by row where absent.
    normalise : bool
        By the effective stress (Robertson 2009); else the plain chart of Robertson (2010).

    Returns
    -------
    Logs
        With the columns "behaviour_index" (Ic), "zone", "behaviour_resistance" (Qtn), "behaviour_friction" (Fr [%]) and
        "effective_stress" [kPa]. Rows above what was dug or drilled before the test have no zone.

    Raises
    ------
    InputError
        If they are no cone penetration tests.
    """
    if logs.kind != "cpt":
        raise InputError("Cone penetration tests are expected; found {kind}.", kind=logs.kind)
    pieces = [_of_site(logs, number, groundwater, weight, normalise) for number in range(len(logs))]
    joined: dict[str, NDArray[Any]] = {}
    for column, name in _COLUMNS.items():
        parts = [getattr(piece, name) for piece in pieces]
        joined[column] = np.concatenate(parts) if parts else np.empty(0, np.int64 if name == "zone" else np.float64)
    return replace(logs, rows={**logs.rows, **joined}, units={**logs.units, **UNITS})


def layers_of(logs: Logs, least: float = LEAST) -> Logs:
    """Return tests as boreholes: runs of rows of one zone are layers.

    A layer ends halfway the rows on its two sides. Those thinner than `least` go to their thicker neighbour, the
    thinnest first. Where the zone is not known for longer than that there is a layer without a soil.

    Parameters
    ----------
    logs : Logs
        With the column "zone" of `with_behaviour`.
    least : float
        Thickness of the thinnest layer [m]; 0 keeps all.

    Returns
    -------
    Logs
        Of kind "borehole", with "zone", "soil" (the name of the zone, in English) and "lithoclass".
    """
    tops: list[float] = []
    bottoms: list[float] = []
    zones: list[int] = []
    starts = [0]
    for begin, end in zip(logs.starts[:-1].tolist(), logs.starts[1:].tolist()):
        depth, zone = logs.rows["depth"][begin:end], logs.rows["zone"][begin:end]
        for top, bottom, kind in merged(*_runs(depth, zone), least):
            tops.append(top)
            bottoms.append(bottom)
            zones.append(kind)
        starts.append(len(tops))
    soil = np.empty(len(zones), object)
    soil[:] = [ZONES[zone][0] if zone != NO_ZONE else None for zone in zones]
    rows = {
        "top": np.array(tops, np.float64),
        "bottom": np.array(bottoms, np.float64),
        "soil": soil,
        "lithoclass": np.array([ZONES[zone][2] for zone in zones], np.int64),
        "zone": np.array(zones, np.int64),
    }
    return Logs("borehole", logs.sites, np.array(starts, np.int64), rows, {"top": "m", "bottom": "m"})


def merged(edges: Floats, zones: NDArray[np.int64], least: float) -> list[tuple[float, float, int]]:
    """Return layers as top, bottom and zone, with those thinner than `least` [m] joined to their thicker neighbour.

    Parameters
    ----------
    edges : ndarray
        Where layers begin, and the last one ends [m], shape (layers + 1,).

    Examples
    --------
    >>> merged(np.array([0.0, 1.0, 1.1, 1.5]), np.array([6, 3, 6]), 0.2)
    [(0.0, 1.5, 6)]
    >>> merged(np.array([0.0, 1.0, 1.1, 1.5]), np.array([6, 3, 4]), 0.2)
    [(0.0, 1.1, 6), (1.1, 1.5, 4)]
    """
    layers = [[top, bottom, zone] for top, bottom, zone in zip(edges[:-1].tolist(), edges[1:].tolist(), zones.tolist())]
    while len(layers) > 1:
        thickness = [bottom - top for top, bottom, _ in layers]
        thinnest = min(range(len(layers)), key=thickness.__getitem__)
        if thickness[thinnest] >= least:
            break
        sides = [side for side in (thinnest - 1, thinnest + 1) if 0 <= side < len(layers)]
        into = max(sides, key=thickness.__getitem__)
        layers[into][0] = min(layers[into][0], layers[thinnest][0])
        layers[into][1] = max(layers[into][1], layers[thinnest][1])
        del layers[thinnest]
        layers = _joined(layers)
    return [(float(top), float(bottom), int(zone)) for top, bottom, zone in layers]


def _joined(layers: list[list[Any]]) -> list[list[Any]]:
    """Return layers with neighbours of one zone as one."""
    result = layers[:1]
    for layer in layers[1:]:
        if layer[2] == result[-1][2]:
            result[-1][1] = layer[1]
        else:
            result.append(layer)
    return result


def _runs(depth: Floats, zone: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64]]:
    """Return where runs of one zone begin, and the last one ends, and their zones."""
    if not len(depth):
        return np.zeros(1), np.empty(0, np.int64)
    changes = np.flatnonzero(zone[1:] != zone[:-1])
    between = (depth[changes] + depth[changes + 1]) / 2
    first = np.concatenate([[0], changes + 1])
    return np.concatenate([depth[:1], between, depth[-1:]]), zone[first]


_COLUMNS = {
    "behaviour_index": "index",
    "zone": "zone",
    "behaviour_resistance": "resistance",
    "behaviour_friction": "friction",
    "effective_stress": "effective",
}


def _of_site(logs: Logs, number: int, groundwater: float, weight: float | None, normalise: bool) -> Behaviour:
    rows = slice(int(logs.starts[number]), int(logs.starts[number + 1]))
    depth, cone = logs.rows["depth"][rows], logs.rows["cone_resistance"][rows]
    friction = _column(logs, "friction", rows, len(depth))
    drilled = _site(logs, "predrilled_depth", number)
    if drilled > 0:  # nothing that stood there was measured; NaN compares False
        cone = np.where(depth < drilled, np.nan, cone)
    if not normalise:
        return simple(cone, friction)
    water = _site(logs, "groundwater_depth", number)
    return normalised(
        depth,
        cone,
        friction,
        _column(logs, "pore_pressure", rows, len(depth)),
        groundwater=groundwater if math.isnan(water) else water,
        area_ratio=_site(logs, "area_ratio", number),
        weight=weight,
    )


def _column(logs: Logs, name: str, rows: slice, count: int) -> Floats:
    values = logs.rows.get(name)
    return np.full(count, np.nan) if values is None or values.dtype == object else values[rows]


def _site(logs: Logs, name: str, number: int) -> float:
    values = logs.sites.columns.get(name)
    return math.nan if values is None or values.dtype == object else float(values[number])
