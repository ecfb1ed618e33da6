"""What is wrong with the input of road noise, listed before the run with the names of what is meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

from ..attributes import column_of, names_of, numbers_of
from ..base import Values
from ..problem import WARNING, Problem, problem_of
from .junctions import kinds_of
from .road_levels import levels_of_roads, no_streets, odd_decks, unknown_decks
from .road_table import table_of
from .srm_table import CNOSSOS
from .surroundings import ABSORPTION, HEIGHTS, ground_of, scene_from, tops_of, walls_around, widened
from .traffic import (
    COLUMNS,
    SPEED_HEAVY,
    Shares,
    grouped,
    has_flows,
    names_from,
    renamed,
    spread,
    traffic_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Grid

    from .traffic import Traffic

_SHOWN = 10  # names in a message
_FASTEST = 200.0  # km/h
_FLOWS = "light_day + light_evening + light_night (intensiteit_lv_dag + ...) | daily (etmaalintensiteit)"
_HIGHEST = 100.0  # m, of a barrier
_LORRIES = 90.0  # km/h: faster than their limiters let them drive
_ENOUGH = 0.5  # percent that the shares of a day may differ from the whole


def driving(values: Values) -> Traffic:
    """Return what drives on the roads of a run.

    Raises
    ------
    InputError
        If a column that was named is not there.
    """
    roads = renamed(values["roads"], names_from(values["columns"]))
    traffic = traffic_of(roads, shares_of(values), values["speed"], values["surface"])
    if values["speed_limit"] is None:
        return traffic
    return traffic._replace(speeds=np.minimum(traffic.speeds, values["speed_limit"]))


def shares_of(values: Values) -> Shares:
    """Return how the traffic of a day is spread."""
    periods = (values["share_day"], values["share_evening"], values["share_night"])
    return Shares(periods, values["medium"], values["heavy"])


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with roads, buildings, barriers and receivers."""
    try:
        roads = renamed(values["roads"], names_from(values["columns"]))
    except InputError as error:
        yield problem_of("DT230", "columns", error)
        return
    yield from _roads(roads, values)
    terrain = values["terrain"]
    if names := named(values["roads"], beyond(values["roads"], terrain) & ~no_streets(roads)):
        text = "Roads {names} reach beyond the terrain; there the height of its edge counts."
        yield Problem("DT235", "roads", text, {"names": names}, WARNING)
    if np.isnan(terrain.values).all():
        return
    ground = ground_of(terrain)
    yield from _bridges(roads, ground)
    if values["junctions"] is not None and len(values["junctions"]):
        if names := named(values["junctions"], kinds_of(values["junctions"]) < 0):
            text = "Crossings {names} have a kind that is not known; expected lights (1) or roundabout (2)."
            yield Problem("DT244", "junctions", text, {"names": names})
    if values["buildings"] is not None and len(values["buildings"]):
        yield from check_buildings(values["buildings"], ground, values)
    if values["barriers"] is not None and len(values["barriers"]):
        yield from check_barriers(values["barriers"])
    if values["receivers"] is not None and len(values["receivers"]):
        yield from check_receivers(values, ground)


def _roads(roads: Features, values: Values) -> Iterator[Problem]:
    if not has_flows(roads):
        yield Problem(
            "DT231",
            "roads",
            "Roads have no columns that tell what drives in each period or in a whole day; expected {columns}, and "
            "found {found}; other names are told in Names of columns.",
            {"columns": _FLOWS, "found": _columns(roads)},
        )
        return
    shares = shares_of(values)
    if not any(f"{kind}_day" in roads.columns for kind in ("light", "total")):
        yield from _shares(shares)
    traffic = traffic_of(roads, shares, values["speed"], values["surface"])
    with np.errstate(invalid="ignore"):
        unknown = ~((traffic.flows >= 0) & np.isfinite(traffic.flows)).all(axis=(1, 2))
        slow = ~((traffic.speeds > 0) & (traffic.speeds <= _FASTEST)).all(axis=1)
    surfaces = table_of().surfaces
    strange = np.array([code not in surfaces for code in traffic.surfaces], bool)
    if names := named(roads, unknown):
        text = "Roads {names} have no flow of traffic, or one below 0; give 0 for no traffic."
        yield Problem("DT232", "roads", text, {"names": names})
    if names := named(roads, grouped(roads)):
        text = "Roads {names} have a flow in text such as 5.000, which may be 5 or 5000; give a column of numbers."
        yield Problem("DT248", "roads", text, {"names": names})
    if names := named(roads, slow):
        text = "Roads {names} have no speed, or none above 0 and up to 200 km/h."
        yield Problem("DT233", "roads", text, {"names": names})
    if names := named(roads, strange):
        text = "Roads {names} have a surface that the table does not know; it has {known}."
        yield Problem("DT234", "roads", text, {"names": names, "known": ", ".join(sorted(surfaces))})
    if values["method"] == CNOSSOS and not (slow | strange | unknown).any():
        yield from _speeds(roads, driving(values))


def _speeds(roads: Features, traffic: Traffic) -> Iterator[Problem]:
    """Yield which roads have speeds that their surface was not measured for, or lorries as fast as no lorry is."""
    surfaces = table_of().surfaces
    limits = np.array([(surfaces[code].lowest, surfaces[code].highest) for code in traffic.surfaces]).reshape(-1, 2)
    drives = (traffic.flows.sum(axis=1) > 0) & ~no_streets(roads)[:, None]
    speeds = np.where(drives, traffic.speeds, np.nan)[:, :3]
    with np.errstate(invalid="ignore"):
        beyond_it = ((speeds < limits[:, :1]) | (speeds > limits[:, 1:])).any(axis=1)
        fast = (speeds[:, 1:] > _LORRIES).any(axis=1) & (SPEED_HEAVY not in roads.columns)
    if names := named(roads, beyond_it):
        text = "Roads {names} have a speed for which their surface was not measured; its figures are carried on to it."
        yield Problem("DT267", "roads", text, {"names": names}, WARNING)
    if names := named(roads, fast):
        text = "Lorries on roads {names} drive faster than 90 km/h, as cars do, which is too loud; give speed_heavy."
        yield Problem("DT268", "roads", text, {"names": names}, WARNING)


def _bridges(roads: Features, ground: Grid) -> Iterator[Problem]:
    wide = widened(ground, roads.geometries.bounds(), np.inf)
    levels = levels_of_roads(roads, wide)
    if names := named(roads, unknown_decks(roads, levels)):
        text = (
            "Roads {names} lie on a bridge (level above 0) and have no height; give deck_height in m above the ground, "
            "or lines with z in m NAP."
        )
        yield Problem("DT242", "roads", text, {"names": names})
    if names := named(roads, odd_decks(roads, levels, wide)):
        text = (
            "Roads {names} lie on a bridge that is below the ground or more than 200 m above it; look at its heights."
        )
        yield Problem("DT243", "roads", text, {"names": names})


def _shares(shares: Shares) -> Iterator[Problem]:
    if abs(spread(shares) - 100.0) > _ENOUGH:
        text = "The shares of day, evening and night make {found} percent of a day; expected 100."
        yield Problem("DT236", "share_day", text, {"found": round(spread(shares), 2)})
    if shares.medium + shares.heavy > 100.0:
        text = "Medium and heavy vehicles make {found} percent; expected at most 100."
        yield Problem("DT236", "medium", text, {"found": round(shares.medium + shares.heavy, 2)})


def _columns(roads: Features) -> str:
    return ", ".join(name for name in roads.columns if name not in COLUMNS)[:300] or "-"


def beyond(layer: Features, terrain: Grid) -> NDArray[np.bool_]:
    """Return which features reach beyond a terrain."""
    box, area = layer.geometries.bounds(), terrain.extent
    low, high = np.array([area.x_min, area.y_min]), np.array([area.x_max, area.y_max])
    with np.errstate(invalid="ignore"):
        return np.asarray((box[:, :2] < low).any(axis=1) | (box[:, 2:] > high).any(axis=1))


def check_buildings(buildings: Features, ground: Grid, values: Values) -> Iterator[Problem]:
    """Yield which buildings on the terrain have no height, or a roof below the ground."""
    yield from _absorption(buildings, "buildings")
    tops, base, known = tops_of(buildings, ground, values["building_height"])
    there = np.isfinite(base)
    if names := named(buildings, there & ~known):
        text = "Buildings {names} have no height; they count as {height} m high."
        height = f"{values['building_height']:g}"
        yield Problem("DT237", "buildings", text, {"names": names, "height": height}, WARNING)
    with np.errstate(invalid="ignore"):
        low = there & (tops <= base)
    if names := named(buildings, low):
        text = "Buildings {names} have a roof no higher than the ground, and so stand in no way; look at their heights."
        yield Problem("DT238", "buildings", text, {"names": names}, WARNING)


def check_barriers(barriers: Features) -> Iterator[Problem]:
    """Yield which barriers have no height."""
    yield from _absorption(barriers, "barriers")
    name = column_of(barriers, HEIGHTS)
    high = numbers_of(barriers, name) if name else np.full(len(barriers), np.nan)
    with np.errstate(invalid="ignore"):
        wrong = ~((high > 0) & (high < _HIGHEST))
    if names := named(barriers, wrong):
        text = "Barriers {names} have no height above 0 m in a column height or hoogte."
        yield Problem("DT239", "barriers", text, {"names": names})


def _absorption(walls: Features, field: str) -> Iterator[Problem]:
    name = column_of(walls, ABSORPTION)
    found = numbers_of(walls, name) if name else np.empty(0)
    with np.errstate(invalid="ignore"):
        wrong = (found < 0) | (found > 1)
    if names := named(walls, wrong):
        text = "Walls {names} take a share of sound that is not from 0 to 1; look at their column absorption."
        yield Problem("DT269", field, text, {"names": names})


def check_receivers(values: Values, ground: Grid) -> Iterator[Problem]:
    """Yield which receivers lie outside the terrain or in a building."""
    from .receivers import roofs_over

    receivers, buildings = values["receivers"], values["buildings"]
    if names := named(receivers, beyond(receivers, ground)):
        yield Problem("DT240", "receivers", "Receivers {names} lie outside the terrain.", {"names": names})
    if buildings is None or not len(buildings):
        return
    tops, base, _ = tops_of(buildings, ground, values["building_height"])
    with np.errstate(invalid="ignore"):
        walls = walls_around(buildings.geometries, tops, tops > base)
    scene = scene_from(ground, ground, walls, buildings=len(buildings))
    spans = receivers.geometries.coordinate_spans()
    places = receivers.geometries.coordinates[:, :2]
    over = np.isfinite(roofs_over(scene, places)) if len(places) else np.empty(0, bool)
    inside = np.array([bool(over[a:b].any()) for a, b in zip(spans[:-1], spans[1:])], bool)
    if names := named(receivers, inside):
        yield Problem("DT241", "receivers", "Receivers {names} lie inside a building.", {"names": names})


def named(layer: Features, wrong: NDArray[np.bool_]) -> str:
    """Return the names of the features that are wrong, the first of them where there are many; "" for none."""
    rows = np.flatnonzero(wrong)
    if not len(rows):
        return ""
    names = names_of(layer)
    return ", ".join(names[row] for row in rows[:_SHOWN]) + (f" (+{len(rows) - _SHOWN})" if len(rows) > _SHOWN else "")
