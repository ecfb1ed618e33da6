"""The description of the difference between two results of noise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress

from ..attributes import NAMES, column_of, numbers_of
from ..base import Field, Model, Values
from ..problem import WARNING, Problem, problem_of
from ..term_table import TERMS, term_table
from .difference import SAME, level_column, matched, on_buildings, on_grid, on_points, rows_of

if TYPE_CHECKING:
    from dtwin_plugin.data import Features, Grid

_PAIRS = (("before", "after"), ("before_points", "after_points"))
_PLAUSIBLE = (-30.0, 130.0)  # dB of the environment


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    if all(values[name] is None for pair in _PAIRS for name in pair):
        yield Problem("DT185", "before", "There is nothing to compare; give two grids, two layers of points, or both.")
    for pair in _PAIRS:
        given = [name for name in pair if values[name] is not None]
        if len(given) == 1:
            missing = next(name for name in pair if name not in given)
            yield Problem(
                "DT245",
                missing,
                "{field} is missing; a difference needs a result before and one after.",
                {"field": DIFFERENCE.input(missing).title},
            )
    before, after = values["before"], values["after"]
    if before is not None and after is not None:
        yield from _check_grids(before, after)
    for name in _PAIRS[1]:
        if values[name] is not None and len(values[name]):
            yield from _check_points(name, values[name], values["level"])
    buildings, points = values["buildings"], values["before_points"]
    if buildings is not None and points is not None and column_of(buildings, NAMES) is None:
        text = (
            "Buildings have no column with their names (such as identificatie, lokaal_id or id), so that points tell "
            "only in which row theirs stands; both runs must have had this layer, with all its buildings in this order."
        )
        yield Problem("DT249", "buildings", text, {}, WARNING)


def _check_grids(before: Grid, after: Grid) -> Iterator[Problem]:
    if not before.extent.intersects(after.extent):
        yield Problem("DT187", "after", "Both results lie at different places; choose two results of one area.")
    if abs(before.cell_size - after.cell_size) > 1e-6 * before.cell_size:
        yield Problem(
            "DT246",
            "after",
            "The cells are {one} m before and {other} m after; calculate both on the same grid.",
            {"one": before.cell_size, "other": after.cell_size},
        )
    for name, grid in (("before", before), ("after", after)):
        yield from _check_levels(name, grid.values)


def _check_points(name: str, points: Features, level: str) -> Iterator[Problem]:
    try:
        yield from _check_levels(name, numbers_of(points, level_column(points, level)))
    except InputError as error:
        yield problem_of("DT179", name, error)


def _check_levels(name: str, levels: Any) -> Iterator[Problem]:
    found = levels[np.isfinite(levels)]
    if found.size and not (_PLAUSIBLE[0] <= found.min() and found.max() <= _PLAUSIBLE[1]):
        yield Problem(
            "DT247",
            name,
            "The levels are {low:.1f} to {high:.1f}; expected dB between -30 and 130.",
            {"low": float(found.min()), "high": float(found.max())},
            WARNING,
        )


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Compare; see `DIFFERENCE` for what goes in and out."""
    much, level, buildings = values["much"], values["level"].strip(), values["buildings"]
    results: dict[str, Any] = {}
    rows = []
    grids = points = None
    if values["before"] is not None:
        grids = values["before"], values["after"]
        old, new = on_grid(*grids)
        results["difference"] = grids[0].like(new - old, "dB", "Difference of noise")
        results["mean_difference"] = float(np.nanmean(new - old))
        rows += rows_of("area", old, new, much, grids[0].cell_size ** 2, "m2")
        rows += _extremes(new - old)
    progress.report(0.4)
    if values["before_points"] is not None:
        points = values["before_points"], values["after_points"]
        found = results["point_change"] = on_points(*points, level, much)
        rows += rows_of("points", found.columns["level_before"], found.columns["level_after"], much)
        gone = len(points[0]) - len(np.unique(_kept(*points)))
        rows.append(("points before that are no more", float(gone), "1"))
    progress.report(0.7)
    if buildings is not None and len(buildings):
        found = results["building_change"] = on_buildings(buildings, points, grids, level, much)
        rows += rows_of("buildings", found.columns["level_before"], found.columns["level_after"], much)
        results["buildings_more"] = int((found.columns["change"] == "much more").sum())
        unknown = int((found.columns["change"] == "unknown").sum())
        if unknown:
            progress.warn("Of {count} buildings the noise before or after is not known.", count=unknown)
    results["statistics"] = term_table(rows)
    return results


def _kept(before: Features, after: Features) -> Any:
    """Return the points before that are there after."""
    match = matched(before.geometries, after.geometries)
    return match[match >= 0]


def _extremes(change: Any) -> list[tuple[str, float, str]]:
    least, most = float(np.nanmin(change)), float(np.nanmax(change))
    return [("largest decrease", max(-least, 0.0), "dB"), ("largest increase", max(most, 0.0), "dB")]


_UNIT = "dB"
INPUTS = (
    Field("before", "Noise before", "grid", _UNIT, optional=True, doc="Levels on a grid, of the run to compare with."),
    Field("after", "Noise after", "grid", _UNIT, optional=True, doc="Levels on the same grid, of the other run."),
    Field(
        "before_points",
        "Points before",
        "features",
        geometry="point",
        optional=True,
        doc="Points with levels, such as those on facades, of the run to compare with.",
    ),
    Field(
        "after_points",
        "Points after",
        "features",
        geometry="point",
        optional=True,
        doc="Points of the other run; those within 0.5 m of one before are the same.",
    ),
    Field(
        "buildings",
        "Buildings",
        "features",
        geometry="polygon",
        optional=True,
        doc="Get the level of their most exposed facade before and after: of the points that name them, or without "
        "points of the cells around them.",
    ),
    Field("level", "Column with the level", "text", default="lden", doc="Of the points: lden, lnight or another."),
    Field(
        "much",
        "Limit of much",
        "number",
        _UNIT,
        2.0,
        SAME + 0.1,
        30.0,
        doc="From this change on there is much more or much less noise; a change up to 1 dB is none.",
    ),
)
OUTPUTS = (
    Field(
        "difference",
        "Difference of noise",
        "grid",
        _UNIT,
        optional=True,
        style="noise_difference",
        doc="After less before: below 0 there is less noise.",
    ),
    Field(
        "point_change",
        "Change at points",
        "features",
        geometry="point",
        optional=True,
        style="noise_change",
        doc="Level before and after, and the class of the change.",
    ),
    Field(
        "building_change",
        "Change of noise at buildings",
        "features",
        geometry="polygon",
        optional=True,
        style="noise_change",
        doc="Level at the most exposed facade before and after, and the class of the change.",
    ),
    Field(
        "statistics",
        "Statistics",
        "table",
        columns=TERMS,
        doc="Area, points and buildings by class of level before and after, and by change.",
    ),
    Field("mean_difference", "Mean difference", "number", _UNIT, doc="Over the cells that both have."),
    Field("buildings_more", "Buildings with much more noise", "integer", doc="At their most exposed facade."),
)
DIFFERENCE = Model(
    id="noisedifference",
    version="1.0.0",
    title="Difference between two results of noise",
    group="Noise",
    summary="Where is there less or more noise, and which buildings get much more? Of two runs, by grid or points.",
    inputs=INPUTS,
    outputs=OUTPUTS,
    run=run,
    check=check,
    any_crs=True,
    references=(
        "Directive 2002/49/EC (2002) relating to the assessment and management of environmental noise, annexes I and "
        "VI.",
    ),
    validity="For two runs of one model with the same receivers, that differ by the plan, the traffic or the road "
    "alone. Levels are taken as they are: a difference of less than 1 dB says nothing.",
)
