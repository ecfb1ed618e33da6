"""What a run of road noise gives: points, buildings, a map and a summary."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.data.panels import facing

from ..attributes import column_of, names_of, numbers_of
from ..base import Values, wanted
from .bands import BANDS
from .calculation import with_lden
from .exposure import (
    LDEN_EDGES,
    LNIGHT_EDGES,
    by_class,
    class_names,
    classes_of,
    facades_of,
    highly_annoyed,
    highly_sleep_disturbed,
)
from .srm_table import CNOSSOS, METHODS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .calculation import Site
    from .road_shares import RoadShares

    Floats = NDArray[np.float64]

MEETS, EXCEEDS = "meets", "exceeds"
LEVELS = ("lday", "levening", "lnight", "lden")
DWELLINGS, RESIDENTS = ("dwellings", "aantal_verblijfsobjecten", "woningen"), ("residents", "inwoners")
OTHER = "not known"


def verdicts(lden: Floats, norm: float) -> NDArray[Any]:
    """Return whether levels meet a norm, as whole dB with halves to the even one; None where not known.

    >>> verdicts(np.array([53.5, 53.4, np.nan]), 53.0).tolist()
    ['exceeds', 'meets', None]
    """
    found = np.where(np.rint(lden) > norm, EXCEEDS, MEETS).astype(object)
    found[np.isnan(lden)] = None
    return found


def points_of(values: Values, site: Site, levels: Floats) -> Features:
    """Return the receivers on facades and the single ones, with their levels, shape (n, 4) [dB]."""
    walls, singles = len(site.facades), len(site.rows)
    some = levels[: walls + singles]
    names = np.full(walls + singles, None, object)
    if walls:
        names[:walls] = np.array(names_of(values["buildings"]), object)[site.facades.buildings]
    receiver = np.full(walls + singles, None, object)
    if singles:
        receiver[walls:] = np.array(names_of(values["receivers"]), object)[site.rows]
    blank = np.full(singles, np.nan)
    places = site.receivers[: walls + singles]
    columns: dict[str, Any] = {
        "building": names,
        "receiver": receiver,
        "storey": np.concatenate([site.facades.storeys.astype(float), blank]),
        "facing": np.concatenate([facing(site.facades.normals).round(1), blank]),
        "height": (places[:, 2] - places[:, 3]).round(2),
        **{name: some[:, number].round(2) for number, name in enumerate(LEVELS)},
        "excess": (some[:, 3] - values["norm"]).round(2),
        "class": classes_of(some[:, 3], LDEN_EDGES),
        "verdict": verdicts(some[:, 3], values["norm"]),
    }
    units = {"facing": "degree", "height": "m", "excess": "dB", **dict.fromkeys(LEVELS, "dB")}
    return Features(Geometries.points(places[:, :3]), columns, units, site.ground.crs, "Road noise at facades")


def labelled(made: dict[str, Any], method: str) -> dict[str, Any]:
    """Return results that tell in their names and columns that they are of a Dutch method, which is indicative."""
    if method == CNOSSOS:
        return made
    title = METHODS[method].partition(",")[0]
    for name, value in made.items():
        if isinstance(value, Features):
            value = value.with_columns({"method": np.full(len(value), f"{method} indicative", object)})
        if isinstance(value, (Features, Grid)):
            made[name] = replace(value, name=f"{value.name} ({title}, indicative)".strip())
    return made


def sources_of(points: Features, shares: RoadShares, names: Sequence[str], what: str = "road") -> Features:
    """Return the loudest roads or sources at each point, a row for each, with their levels and octave bands [dB(A)].

    `what` is the name of the column with their names.
    """
    rows = shares.receivers
    some = points.take(rows)
    kept = {name: some.columns[name] for name in ("building", "receiver", "storey", "height")}
    periods = with_lden(shares.periods)
    columns: dict[str, Any] = {
        what: np.array([names[group] for group in shares.groups], object),
        "rank": shares.ranks,
        "share": shares.shares.round(1),
        **kept,
        **{name: periods[:, number].round(2) for number, name in enumerate(LEVELS)},
        **{f"lden_{band}": shares.bands[:, number].round(2) for number, band in enumerate(BANDS)},
    }
    levels = (*LEVELS, *(f"lden_{band}" for band in BANDS))
    units = {"share": "percent", "height": "m", **dict.fromkeys(levels, "dB")}
    return Features(some.geometries, columns, units, points.crs, f"Which {what} is heard")


def buildings_of(values: Values, site: Site, levels: Floats) -> Features:
    """Return the buildings with their most exposed facade, and whether they have a quiet side."""
    buildings = values["buildings"]
    owners, some = site.facades.buildings, levels[: len(site.facades)]
    day, night = (facades_of(owners, some[:, column], len(buildings), values["quiet"]) for column in (3, 2))
    at = day.at
    storey = np.where(at >= 0, site.facades.storeys[at] if len(owners) else 0, np.nan)
    columns = {
        "lden": day.loudest.round(2),
        "lden_quiet": day.quietest.round(2),
        "lnight": night.loudest.round(2),
        "excess": (day.loudest - values["norm"]).round(2),
        "storey": storey,
        "quiet_side": np.array([None if side is None else str(bool(side)).lower() for side in day.quiet_side], object),
        "class": classes_of(day.loudest, LDEN_EDGES),
        "verdict": verdicts(day.loudest, values["norm"]),
    }
    units = dict.fromkeys(("lden", "lden_quiet", "lnight", "excess"), "dB")
    return buildings.with_columns(columns, units)


def map_of(values: Values, site: Site, levels: Floats, edges: Sequence[float]) -> dict[str, Any]:
    """Return the grid, and the contours of its classes where they are wanted; nothing where no map was asked for."""
    grid = grid_of(site, levels)
    if grid is None:
        return {}
    made: dict[str, Any] = {"grid": grid}
    if wanted(values, "contours") and np.isfinite(grid.values).any():
        from .contours import contours

        made["contours"] = contours(grid, edges)
    return made


def grid_of(site: Site, levels: Floats) -> Grid | None:
    """Return the map of Lden [dB]; no data in buildings and where no traffic is within the distance."""
    if site.grid is None:
        return None
    values = np.full(site.grid.values.size, np.nan, np.float32)
    values[site.cells] = levels[len(levels) - len(site.cells) :, 3]
    return site.grid.like(values.reshape(site.grid.shape), "dB", "Lden")


def loud_of(summary: dict[str, list[Any]]) -> dict[str, float]:
    """Return the dwellings and residents with 55 dB Lden and more, and those annoyed; nothing where none were counted.

    >>> loud_of(summary_of(None))
    {}
    """
    low, found = class_names(LDEN_EDGES)[0], {}
    rows = [row for row, one in enumerate(zip(summary["indicator"], summary["class"]))
            if one[0] == "lden" and one[1] not in (low, OTHER)]  # fmt: skip
    for name, column in (("dwellings_loud", "dwellings"), ("residents_loud", "residents"), ("annoyed", "affected")):
        counts = [summary[column][row] for row in rows]
        if None not in counts:
            found[name] = float(sum(counts))
    return found


def summary_of(buildings: Features | None) -> dict[str, list[Any]]:
    """Return how many buildings, dwellings and residents there are by class of Lden and Lnight.

    Affected are the residents whom road traffic annoys highly (Lden), or whose sleep it disturbs highly (Lnight).
    """
    made: dict[str, list[Any]] = {"indicator": [], "class": [], "buildings": [], "dwellings": [], "residents": []}
    weights: list[Floats | None] = [None, None]
    if buildings is not None:
        named = [column_of(buildings, names) for names in (DWELLINGS, RESIDENTS)]
        weights = [numbers_of(buildings, name) if name else None for name in named]
    made["affected"] = []
    for indicator, edges, effect in (
        ("lden", LDEN_EDGES, highly_annoyed), ("lnight", LNIGHT_EDGES, highly_sleep_disturbed)
    ):  # fmt: skip
        found = np.empty(0) if buildings is None else numbers_of(buildings, indicator)
        classes = [*class_names(edges), OTHER]
        made["indicator"] += [indicator] * len(classes)
        made["class"] += classes
        made["buildings"] += [int(count) for count in by_class(found, edges)]
        for name, weight in zip(("dwellings", "residents"), weights):
            made[name] += [None] * len(classes) if weight is None else by_class(found, edges, weight).round(1).tolist()
        affected: list[Any] = [None] * len(classes)
        if weights[1] is not None:  # how many are where the level is not known nobody knows
            affected[:-1] = by_class(found, edges, weights[1] * effect(found) / 100.0)[:-1].round(1).tolist()
        made["affected"] += affected
    return made
