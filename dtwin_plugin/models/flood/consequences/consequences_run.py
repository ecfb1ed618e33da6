"""The run of the consequences of a flood: every building, road and object looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.progress import Progress

from ...attributes import chosen_column
from ...base import Values, wanted
from ...term_table import term_table
from ..columns import FLOORS, THRESHOLDS, numbers_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Grid

    from .consequences_roads import Roads

    Floats = NDArray[np.float64]

_USES = ("use", "gebruiksdoel", "gebruiksdoelen", "gebruiksfunctie")
_RESIDENTS = ("residents", "inwoners", "bewoners")
_ROUNDING = 1e-6  # m
_CAR, _LORRY, _EMERGENCY = "car", "lorry", "emergency"


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Look at every building, road and object; see `CONSEQUENCES` for what goes in and out."""
    from ..cells import on_cells

    depth: Grid = values["depth_max"]
    grids = {name: on_cells(values[name], depth) for name in ("terrain", "velocity", "duration")}
    ground = grids["terrain"]
    assert ground is not None  # required
    results: dict[str, Any] = {}
    summary: list[tuple[str, float, str]] = []
    if values["buildings"] is not None and len(values["buildings"]):
        progress.report(0.1, "buildings")
        results["building_consequences"], rows = _buildings(values, depth, ground, grids["duration"], progress)
        summary += rows
    progress.report(0.5, "roads")
    for source, name in (("roads", "road_passability"), ("road_lines", "road_line_passability")):
        if values[source] is not None and len(values[source]) and wanted(values, name, "summary"):
            results[name], rows = _roads(values, source, depth, grids)
            summary += rows
    progress.report(0.8, "vulnerable objects")
    for source, name in (("vulnerable", "vulnerable_water"), ("vulnerable_areas", "vulnerable_area_water")):
        if values[source] is not None and len(values[source]):
            results[name], rows = _vulnerable(values, source, depth)
            summary += rows
    results["summary"] = term_table(summary)
    totals = {term: value for term, value, _ in summary}
    results["buildings_inside"] = totals.get("buildings with water inside", 0.0)
    results["damage_mean"] = totals.get("damage, mean", 0.0)
    return results


def _buildings(
    values: Values, depth: Grid, ground: Floats, duration: Floats | None, progress: Progress
) -> tuple[Features, list[tuple[str, float, str]]]:
    from ..buildings import depth_at_objects
    from .consequences import inside, labels_of, surfaces_of, water_at_buildings

    buildings: Features = values["buildings"]
    count = len(buildings)
    labels = labels_of(buildings.geometries, depth)
    own = numbers_of(buildings, values["threshold_field"], THRESHOLDS)
    threshold = np.where(np.isfinite(own), own, values["threshold"])
    floor = numbers_of(buildings, values["floor_field"], FLOORS)
    found = water_at_buildings(depth.values, ground, labels, threshold, floor)
    margin = values["margin"]
    state = inside(found.above, margin)
    surface = surfaces_of(buildings.geometries)
    damage = _damage(values, buildings, found.above, surface, margin, progress)
    people = _residents(values, buildings, labels, depth)
    above = np.where(np.isneginf(found.above), np.nan, found.above)
    columns: dict[str, Any] = {
        "water_depth_max": found.depth,
        "water_depth_mean": found.mean,
        "water_level_max": found.level,
        "floor_level": found.floor,
        "above_threshold": above,
        "water_inside": state,
        **damage,
        "residents": people,
    }
    units = dict.fromkeys(("water_depth_max", "water_depth_mean", "water_level_max", "floor_level"), "m")
    units.update({"above_threshold": "m", **dict.fromkeys(damage, "EUR")})
    if duration is not None:
        columns["duration"], _ = depth_at_objects(duration, labels, count)
        units["duration"] = "min"
    rows = [(f"buildings with water inside{end}", float((state == key).sum()), "1") for key, end in
            (("yes", ""), ("uncertain", ": uncertain"), ("no", ": no"), ("unknown", ": unknown"))]  # fmt: skip
    rows += [(f"damage, {name}", float(np.nansum(damage[f"damage_{name}"])), "EUR") for name in ("low", "mean", "high")]
    if np.isfinite(people).any():  # nobody counted is not nobody affected
        rows += [(f"residents with water inside{end}", float(np.nansum(people[state == key])), "1")
                 for key, end in (("yes", ""), ("uncertain", ": uncertain"))]  # fmt: skip
    return buildings.with_columns({name: np.asarray(one) for name, one in columns.items()}, units), rows


def _damage(
    values: Values, buildings: Features, above: Floats, surface: Floats, margin: float, progress: Progress
) -> dict[str, Floats]:
    """Return the damage of each building [EUR]: low where the water is the margin lower, high where it is higher."""
    from .damage_table import damage_table

    table = damage_table(values["damage_table"])
    column = chosen_column(buildings, values["use_field"], _USES)
    if column is None:
        progress.warn("The buildings have no column with their use; all are taken as {use}.", use=values["default_use"])
    default = values["default_use"].strip().lower()
    uses = [default] * len(buildings) if column is None else [table.use_of(one) for one in column.tolist()]
    unknown = sorted({str(one) for one, use in zip([] if column is None else column.tolist(), uses) if use is None})
    if unknown:
        progress.warn(
            "The table of damage has no row for these uses, which get none: {uses}.", uses=", ".join(unknown[:10])
        )
    if table.unconfirmed:
        progress.warn("Amounts of the table of damage are not confirmed for {uses}.", uses=", ".join(table.unconfirmed))
    factor = surface * values["price_factor"]
    return {
        f"damage_{name}": factor * [table.amounts(use, depth + shift, name) for use, depth in zip(uses, _finite(above))]
        for name, shift in (("low", -margin), ("mean", 0.0), ("high", margin))
    }


def _finite(above: Floats) -> Floats:
    """Return depths above floors without -inf: dry walls lie far below any floor."""
    return np.where(np.isneginf(above), -1e3, above)


def _residents(values: Values, buildings: Features, labels: NDArray[np.int32], depth: Grid) -> Floats:
    """Return the residents of each building: of its column, else of the addresses in it; NaN where nothing tells."""
    own = numbers_of(buildings, values["residents_field"], _RESIDENTS)
    addresses: Features | None = values["addresses"]
    if addresses is None:
        return own
    box = addresses.geometries.bounds()
    row, column, within = depth.cells((box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2)
    people = numbers_of(addresses, values["residents_field"], _RESIDENTS)
    people = np.where(np.isfinite(people), people, values["household"])
    owner = np.where(within, labels[row, column], 0)
    found = np.bincount(owner, people, minlength=len(buildings) + 1)[1:]
    return np.where(np.isfinite(own), own, found)


def _roads(
    values: Values, source: str, depth: Grid, grids: dict[str, Floats | None]
) -> tuple[Features, list[tuple[str, float, str]]]:
    from .consequences_bgt import roads_of

    roads = roads_of(values[source])
    # 0.15 m in 32 bits is some more than the limit
    limits = tuple(values[f"{name}_depth"] + _ROUNDING for name in (_CAR, _LORRY, _EMERGENCY))
    found = _water_on(roads, depth, values["lane"], limits)
    columns: dict[str, Any] = {
        "water_depth_max": found.largest,
        "water_depth_worst": found.worst,
        "length": found.length,
    }
    can = {name: found.worst <= limit for name, limit in zip((_CAR, _LORRY, _EMERGENCY), limits)}
    state = np.select(
        [np.isnan(found.worst), can[_CAR], can[_LORRY], can[_EMERGENCY]],
        ["unknown", "all", "lorry", "emergency"],
        "none",
    ).astype(object)
    columns.update({f"passable_{name}": yes for name, yes in can.items()})
    columns["passable"] = state
    columns.update({f"length_closed_{name}": found.beyond[:, k] for k, name in enumerate(can)})
    units = {name: "m" for name in columns if name.startswith(("water_depth", "length"))}
    for name, unit in (("velocity", "m s-1"), ("duration", "min")):
        cells = grids[name]
        if cells is not None:
            columns[f"{name}_max"] = _water_on(roads, depth.like(cells, unit, name), values["lane"], ()).largest
            units[f"{name}_max"] = unit
    kind = "roads" if source == "roads" else "road lines"
    rows = [(f"length of {kind}", float(np.nansum(found.length)), "m")]
    for name, end in ((_CAR, "cars"), (_LORRY, "lorries"), (_EMERGENCY, "emergency vehicles")):
        rows.append((f"{kind} closed for {end}", float((~can[name] & ~np.isnan(found.worst)).sum()), "1"))
        rows.append((f"flooded length of {kind} for {end}", float(np.nansum(columns[f"length_closed_{name}"])), "m"))
    return roads.with_columns({name: np.asarray(one) for name, one in columns.items()}, units), rows


def _water_on(roads: Features, depth: Grid, lane: float, limits: tuple[float, ...]) -> Roads:
    from dtwin_plugin.data.rasterise import labels

    from .consequences_roads import lengths_of, water_on_areas, water_on_lines

    if roads.geometries.kind == "line":
        return water_on_lines(depth, roads.geometries, limits)
    return water_on_areas(depth, labels(roads.geometries, depth), lengths_of(roads.geometries), lane, limits)


def _vulnerable(values: Values, source: str, depth: Grid) -> tuple[Features, list[tuple[str, float, str]]]:
    """Return objects with the largest depth at them, and whether that is above the threshold."""
    from ..buildings import depth_at_objects
    from .consequences import depth_near, inside, labels_of

    objects: Features = values[source]
    if source == "vulnerable":
        largest = depth_near(depth, objects.geometries, values["reach"])
    else:
        labels = labels_of(objects.geometries, depth)
        around, _ = depth_at_objects(depth.values, labels, len(objects))
        inner = np.full(len(objects) + 1, -np.inf)
        np.maximum.at(inner, labels.ravel(), np.nan_to_num(depth.values, nan=-np.inf).ravel())
        largest = np.fmax(around, np.where(np.isfinite(inner), inner, np.nan)[1:])
    own = numbers_of(objects, values["threshold_field"], THRESHOLDS)
    above = largest - np.where(np.isfinite(own), own, values["threshold"])
    state = inside(above, values["margin"])
    kind = "vulnerable objects" if source == "vulnerable" else "vulnerable areas"
    rows = [
        (f"{kind} with water: {key}", float((state == key).sum()), "1") for key in ("yes", "uncertain", "no", "unknown")
    ]
    columns = {"water_depth_max": largest, "above_threshold": above, "water_inside": state}
    return objects.with_columns(columns, {"water_depth_max": "m", "above_threshold": "m"}), rows
