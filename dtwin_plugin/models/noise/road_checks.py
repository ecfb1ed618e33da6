"""What is wrong with the input of road noise, listed before the run with the names of what is meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError

from ..base import Values
from ..plan.results import column_of, names_of, numbers_of
from ..problem import ERROR, WARNING, Problem, problem_of
from .road_table import table_of
from .roads import Roads
from .surroundings import HEIGHTS, ground_of, scene_from, softness_of, tops_of, walls_around
from .traffic import COLUMNS, Shares, has_flows, names_from, renamed, spread, traffic_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Grid

_SHOWN = 10  # names in a message
_FASTEST = 200.0  # km/h
_ENOUGH = 0.5  # percent that the shares of a day may differ from the whole


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
    text = "Roads {names} reach beyond the terrain; there the height of its edge counts."
    yield from outside(values["roads"], terrain, "DT235", "roads", text, WARNING)
    if np.isnan(terrain.values).all():
        return
    ground = ground_of(terrain)
    if values["buildings"] is not None and len(values["buildings"]):
        yield from check_buildings(values["buildings"], ground, values)
    if values["barriers"] is not None and len(values["barriers"]):
        yield from check_barriers(values["barriers"])
    if values["receivers"] is not None and len(values["receivers"]):
        yield from check_receivers(values, ground)


def _roads(roads: Features, values: Values) -> Iterator[Problem]:
    if not has_flows(roads):
        text = "Roads have no columns that tell what drives; expected {columns}, and found {found}."
        told = {"columns": "light_day, light_evening, light_night, daily", "found": _columns(roads)}
        yield Problem("DT231", "roads", text, told)
        return
    shares = shares_of(values)
    if not any(f"{kind}_day" in roads.columns for kind in ("light", "total")):
        if abs(spread(shares) - 100.0) > _ENOUGH:
            text = "The shares of day, evening and night make {found} percent of a day; expected 100."
            yield Problem("DT236", "share_day", text, {"found": round(spread(shares), 2)})
        if shares.medium + shares.heavy > 100.0:
            text = "Medium and heavy vehicles make {found} percent; expected at most 100."
            yield Problem("DT236", "medium", text, {"found": round(shares.medium + shares.heavy, 2)})
    traffic = traffic_of(roads, shares, values["speed"], values["surface"])
    with np.errstate(invalid="ignore"):
        unknown = ~(traffic.flows >= 0).all(axis=(1, 2)) | ~np.isfinite(traffic.flows).all(axis=(1, 2))
        slow = ~((traffic.speeds > 0) & (traffic.speeds <= _FASTEST)).all(axis=1)
    text = "Roads {names} have no flow of traffic, or one below 0; give 0 for no traffic."
    yield from named(roads, unknown, "DT232", "roads", text)
    text = "Roads {names} have no speed, or none above 0 and up to 200 km/h."
    yield from named(roads, slow, "DT233", "roads", text)
    surfaces = table_of().surfaces
    strange = np.array([code not in surfaces for code in traffic.surfaces], bool)
    text = "Roads {names} have a surface that the table does not know; it has {known}."
    yield from named(roads, strange, "DT234", "roads", text, known=", ".join(sorted(surfaces)))


def _columns(roads: Features) -> str:
    return ", ".join(name for name in roads.columns if name not in COLUMNS)[:300] or "-"


def outside(layer: Features, terrain: Grid, code: str, field: str, text: str, level: str = ERROR) -> Iterator[Problem]:
    """Yield a problem with the names of the features that reach beyond the terrain."""
    box, area = layer.geometries.bounds(), terrain.extent
    low, high = np.array([area.x_min, area.y_min]), np.array([area.x_max, area.y_max])
    with np.errstate(invalid="ignore"):
        out = (box[:, :2] < low).any(axis=1) | (box[:, 2:] > high).any(axis=1)
    yield from named(layer, out, code, field, text, level)


def check_buildings(buildings: Features, ground: Grid, values: Values) -> Iterator[Problem]:
    """Yield which buildings have no height, or a roof below the ground."""
    tops, base, known = tops_of(buildings, ground, values["building_height"])
    there = np.isfinite(base)
    text = "Buildings {names} have no height; they count as {height} m high."
    yield from named(
        buildings, there & ~known, "DT237", "buildings", text, WARNING, height=f"{values['building_height']:g}"
    )
    with np.errstate(invalid="ignore"):
        low = there & (tops <= base)
    text = "Buildings {names} have a roof that lies below the ground; look at their heights and at the terrain."
    yield from named(buildings, low, "DT238", "buildings", text)


def check_barriers(barriers: Features) -> Iterator[Problem]:
    """Yield which barriers have no height."""
    name = column_of(barriers, HEIGHTS)
    high = numbers_of(barriers, name) if name else np.full(len(barriers), np.nan)
    with np.errstate(invalid="ignore"):
        wrong = ~((high > 0) & (high < 100))
    text = "Barriers {names} have no height above 0 m in a column height."
    yield from named(barriers, wrong, "DT239", "barriers", text)


def check_receivers(values: Values, ground: Grid) -> Iterator[Problem]:
    """Yield which receivers lie outside the terrain or inside a building."""
    from .receivers import roofs_over

    receivers, buildings = values["receivers"], values["buildings"]
    text = "Receivers {names} lie outside the terrain."
    yield from outside(receivers, ground, "DT240", "receivers", text)
    if buildings is None or not len(buildings):
        return
    tops, base, _ = tops_of(buildings, ground, values["building_height"])
    walls = walls_around(buildings.geometries, tops, np.isfinite(tops) & np.isfinite(base))
    nothing = Roads(np.empty((0, 6)), np.empty(0, np.int64))
    scene = scene_from(ground, softness_of(ground, None, 0.5, nothing), walls, buildings=len(buildings))
    spans = receivers.geometries.coordinate_spans()
    places = receivers.geometries.coordinates[:, :2]
    over = np.isfinite(roofs_over(scene, places)) if len(places) else np.empty(0, bool)
    inside = np.array([bool(over[a:b].any()) for a, b in zip(spans[:-1], spans[1:])], bool)
    text = "Receivers {names} lie inside a building."
    yield from named(receivers, inside, "DT241", "receivers", text)


def named(
    layer: Features,
    wrong: NDArray[np.bool_],
    code: str,
    field: str,
    text: str,
    level: str = ERROR,
    **told: Any,
) -> Iterator[Problem]:
    """Yield a problem with the names of the features that are wrong, the first of them where there are many."""
    rows = np.flatnonzero(wrong)
    if len(rows):
        names = names_of(layer.take(rows)) if column_of(layer, ("building", "identificatie", "id", "object_id")) else [
            str(row + 1) for row in rows
        ]  # fmt: skip
        shown = ", ".join(names[:_SHOWN]) + (f" (+{len(rows) - _SHOWN})" if len(rows) > _SHOWN else "")
        yield Problem(code, field, text, {"names": shown, **told}, level)
