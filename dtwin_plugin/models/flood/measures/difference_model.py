"""The description of the difference between two floods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress

from ...base import Field, Model, Values
from ...change import CHANGES, change_of
from ...problem import WARNING, Problem
from ...term_table import TERMS, term_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Grid

    Floats = NDArray[np.float64]

SAME, MUCH = 0.02, 0.10  # m, below which a change is none, and from which it is much
LIMITS = (0.05, 0.15, 0.30)  # m, as on maps of stress tests


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    before: Grid = values["before"]
    after: Grid = values["after"]
    for name, grid in (("before", before), ("after", after)):
        if float(np.nanmin(grid.values)) < 0:
            yield Problem("DT183", name, "The water depth is below 0 m; choose a map of depths.")
        elif float(np.nanmax(grid.values)) > 20:
            yield Problem(
                "DT184",
                name,
                "The water depth is up to {found:.1f}; expected m, and not mm or a level.",
                {"found": float(np.nanmax(grid.values))},
                WARNING,
            )
    if not before.extent.intersects(after.extent):
        yield Problem("DT187", "after", "Both results lie at different places; choose two results of one area.")


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Subtract; see `DIFFERENCE` for what goes in and out."""
    from ..cells import on_cells

    before: Grid = values["before"]
    old, found = before.values.astype(float), on_cells(values["after"], before)
    assert found is not None  # required
    new = found
    known = np.isfinite(old) & np.isfinite(new)
    if not known.any():
        raise InputError("Both results share no cell with data.", hint="Choose two results of one area.")
    difference = np.where(known, new - old, np.nan)
    rows = _statistics(old[known], new[known], before.cell_size)
    street = known & ~_left_out(values["leave_out"], before)
    volumes = [float(np.where(one >= values["smallest"], one, 0.0)[street].sum()) for one in (old, new)]
    less = (volumes[0] - volumes[1]) * before.cell_size**2
    results: dict[str, Any] = {"difference": before.like(difference, "m", "Difference of the largest depth")}
    for source in ("buildings", "roads"):
        if values[source] is not None and len(values[source]):
            results[f"{source[:-1]}_change"], more = _at(
                values[source], before, np.where(known, old, np.nan), new, source
            )
            rows += more
    rows.append(("water on the street less", less, "m3"))
    if values["cost"]:
        rows.append(("cost", values["cost"], "EUR"))
        if less > 0:
            results["cost_per_m3"] = values["cost"] / less
            rows.append(("cost per m3 less", results["cost_per_m3"], "EUR m-3"))
        else:
            progress.warn("There is no less water on the street, so that there is no cost per m3.")
    results["statistics"] = term_table(rows)
    return {**results, "volume_less": less, "mean_difference": float(difference[known].mean())}


def _left_out(areas: Features | None, grid: Grid) -> NDArray[np.bool_]:
    """Return the cells where water may stand, shape (rows, cols)."""
    from dtwin_plugin.data.rasterise import labels

    return np.zeros(grid.shape, bool) if areas is None else labels(areas.geometries, grid) > 0


def _statistics(old: Floats, new: Floats, size: float) -> list[tuple[str, float, str]]:
    """Return the areas [m2] of both, and of each class of change."""
    cell = size**2
    rows = []
    for limit in LIMITS:
        for name, depth in (("before", old), ("after", new)):
            rows.append((f"area deeper than {limit:.2f} m, {name}", float((depth > limit).sum()) * cell, "m2"))
    classes = change_of(old, new, SAME, MUCH)
    rows += [(f"area with {name} water", float((classes == name).sum()) * cell, "m2") for name in CHANGES[:-1]]
    change = new - old
    rows.append(("largest decrease", float(max(-change.min(), 0.0)), "m"))
    rows.append(("largest increase", float(max(change.max(), 0.0)), "m"))
    return rows


def _at(
    features: Features, grid: Grid, old: Floats, new: Floats, source: str
) -> tuple[Features, list[tuple[str, float, str]]]:
    """Return objects with the depth before and after: at the walls of buildings, at the worst stretch of roads."""
    from dtwin_plugin.data.rasterise import labels

    from ..buildings import depth_at_objects
    from ..consequences.consequences import labels_of
    from ..consequences.consequences_roads import lengths_of, water_on_areas

    if source == "buildings":
        around = labels_of(features.geometries, grid)
        depths = [depth_at_objects(one, around, len(features))[0] for one in (old, new)]
    else:
        areas, length = labels(features.geometries, grid), lengths_of(features.geometries)
        depths = [water_on_areas(grid.like(one, "m", "depth"), areas, length, 3.0, ()).worst for one in (old, new)]
    classes = change_of(depths[0], depths[1], SAME, MUCH)
    columns = {
        "depth_before": depths[0],
        "depth_after": depths[1],
        "depth_change": depths[1] - depths[0],
        "change": classes,
    }
    units = dict.fromkeys(("depth_before", "depth_after", "depth_change"), "m")
    rows = [(f"{source} with {name} water", float((classes == name).sum()), "1") for name in CHANGES]
    return features.with_columns(columns, units), rows


INPUTS = (
    Field("before", "Largest water depth before", "grid", "m", doc="Of the run without measures, or of another storm."),
    Field("after", "Largest water depth after", "grid", "m", doc="Of the run to compare with it."),
    Field(
        "buildings",
        "Buildings",
        "features",
        geometry="polygon",
        optional=True,
        doc="Get the depth at their walls before and after.",
    ),
    Field(
        "roads",
        "Roads",
        "features",
        geometry="polygon",
        optional=True,
        doc="Get the depth at their worst stretch before and after.",
    ),
    Field(
        "leave_out",
        "Where water may stand",
        "features",
        geometry="polygon",
        optional=True,
        doc="Areas that do not count for the volume, such as wadis and ponds.",
    ),
    Field(
        "cost",
        "Cost of the measures",
        "number",
        "EUR",
        None,
        0,
        1e12,
        optional=True,
        doc="As Measures against flooding gives it, for the cost per m3 of water that no longer stands on the street.",
    ),
    Field(
        "smallest",
        "Smallest depth that counts",
        "number",
        "m",
        0.01,
        0,
        1,
        advanced=True,
        doc="Of the volume of water on the street.",
    ),
)
OUTPUTS = (
    Field(
        "difference",
        "Difference of the largest depth",
        "grid",
        "m",
        style="water_difference",
        doc="After less before: below 0 there is less water.",
    ),
    Field(
        "building_change",
        "Change at buildings",
        "features",
        geometry="polygon",
        optional=True,
        style="water_change",
        doc="Depth at the wall before and after, and the class of the change.",
    ),
    Field(
        "road_change",
        "Change on roads",
        "features",
        geometry="polygon",
        optional=True,
        style="water_change",
        doc="Depth at the worst stretch before and after, and the class of the change.",
    ),
    Field(
        "statistics",
        "Statistics",
        "table",
        columns=TERMS,
        optional=True,
        doc="Areas by depth and by change, numbers of objects, volume and cost.",
    ),
    Field("mean_difference", "Mean difference", "number", "m", doc="Over the cells that both have."),
    Field(
        "volume_less",
        "Less water on the street",
        "number",
        "m3",
        doc="Sum of the largest depths before, less those after, where water may not stand.",
    ),
    Field("cost_per_m3", "Cost per m3 less", "number", "EUR m-3", doc="Where a cost is given and there is less water."),
)
DIFFERENCE = Model(
    id="flooddifference",
    version="1.0.0",
    title="Difference between two floods",
    group="Water",
    summary="Where is there less or more water, at which buildings and roads, and what does a cubic metre less cost? "
    "Of two maps of the largest depth.",
    inputs=INPUTS,
    outputs=OUTPUTS,
    run=run,
    check=check,
    references=(
        "Rijkswaterstaat and others (2018). Standaarden voor de stresstest wateroverlast.",
        "STOWA (2013). WaterSchadeSchatter (WSS), gebruikershandleiding. STOWA 2013-11.",
    ),
    validity="For two runs of one model on the same cells. The volume adds up largest depths, which do not stand at "
    "the same time everywhere: it is more than stands at any one moment.",
)
