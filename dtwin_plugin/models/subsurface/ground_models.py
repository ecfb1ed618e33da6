"""The descriptions of what the ground does to what stands on it: settlement, and water that sinks in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Voxels

    from .settlement import Columns

    Floats = NDArray[np.float64]

METHODS = {
    "bjerrum": mark("NEN-Bjerrum (isotaches)"),
    "koppejan": mark("Koppejan"),
}
YEAR = 365.25  # d


def _run_settlement(values: Values, progress: Progress) -> dict[str, Any]:
    from .changes import load_on, lowering_of
    from .settlement import settlement
    from .soil_columns import grid_of, soil_columns
    from .soil_table import soil_table

    soil, terrain = values["soil"], values["terrain"]
    columns, x, y = soil_columns(soil, terrain)
    soils = soil_table(values["soils"])
    before = columns.ground - values["groundwater"]
    after = before - lowering_of(soil, x, y, values["lowering_grid"], values["lowering"])
    days, method = values["years"] * YEAR, values["method"]
    load = load_on(soil, values["areas"], values["load_field"], values["load"])
    progress.report(0.2)
    with_change = settlement(columns, soils, before, after, load, days, method)
    progress.report(0.6)
    without = settlement(columns, soils, before, before, 0.0, days, method)
    surface = with_change[:, 0]
    sinking = grid_of(soil, surface, "m", "settlement")
    results: dict[str, Any] = {
        "settlement": sinking,
        "without": grid_of(soil, without[:, 0], "m", "settlement without the change"),
        "most": float(np.nanmax(surface, initial=-np.inf)) if np.isfinite(surface).any() else None,
    }
    if not np.isfinite(surface).any():
        raise InputError("The soil is not known to the bottom anywhere in this area.", hint="Choose a smaller depth.")
    rows, cells = np.meshgrid(*(np.arange(size) + 0.5 for size in terrain.shape), indexing="ij")
    sunk = sinking.sample(terrain.x_min + cells * terrain.cell_size, terrain.y_max - rows * terrain.cell_size)
    results["new_terrain"] = terrain.like(terrain.values - sunk, "m", "terrain after settlement")
    if values["lines"] is not None:
        results["new_lines"] = _sunk_lines(values["lines"], soil, columns, with_change)
    return results


def _sunk_lines(lines: Any, soil: Voxels, columns: Columns, settled: Floats) -> Any:
    """Return lines in space after settlement: each vertex sinks with the top of the layer that it lies in."""
    from dataclasses import replace

    shapes = lines.geometries
    if not shapes.has_z:
        raise InputError("The lines have no heights.", hint="Choose the lines of Load KLIC delivery.")
    points = shapes.coordinates
    i = np.floor((points[:, 0] - soil.x_min) / soil.cell_size[0]).astype(np.int64)
    j = np.floor((points[:, 1] - soil.y_min) / soil.cell_size[1]).astype(np.int64)
    top = columns.middle[0] + columns.thickness / 2
    deep = np.nan_to_num((top - points[:, 2]) / columns.thickness, nan=-1.0)
    k = np.floor(deep).astype(np.int64)
    nx, ny, nz = *soil.classes.shape[:2], settled.shape[1]
    known = (i >= 0) & (i < nx) & (j >= 0) & (j < ny) & (k >= 0) & (k < nz)
    column, layer = np.where(known, i * ny + j, 0), np.where(known, k, 0)
    below = np.column_stack([settled, np.zeros(len(settled))])
    share = np.clip(deep - k, 0, 1)
    sink = below[column, layer] * (1 - share) + below[column, layer + 1] * share
    sink = np.where(known, sink, np.nan)
    moved = points.copy()
    moved[:, 2] -= sink
    spans = shapes.coordinate_spans()
    filled = np.diff(spans) > 0
    most, least = np.full(len(lines), np.nan), np.full(len(lines), np.nan)
    if filled.any():
        most[filled] = np.fmax.reduceat(sink, spans[:-1][filled])
        least[filled] = np.fmin.reduceat(sink, spans[:-1][filled])
    moved_lines = replace(lines, geometries=replace(shapes, coordinates=moved))
    units = {"settlement_most": "m", "settlement_least": "m"}
    return moved_lines.with_columns({"settlement_most": most, "settlement_least": least}, units)


def _run_infiltration(values: Values, _: Progress) -> dict[str, Any]:
    from .infiltration import infiltration
    from .soil_columns import grid_of, soil_columns
    from .soil_table import soil_table

    soil = values["soil"]
    columns, x, y = soil_columns(soil, values["terrain"])
    water = values["groundwater_level"].sample(x, y) if values["groundwater_level"] is not None else None
    level = columns.ground - values["groundwater"] if water is None else np.asarray(water, float)
    rate, storage = infiltration(columns, soil_table(values["soils"]), level, values["depth"])
    return {
        "capacity": grid_of(soil, rate, "mm h-1", "infiltration capacity"),
        "storage": grid_of(soil, storage, "mm", "storage above the groundwater"),
    }


_SOIL = Field("soil", "Soil", "voxels", doc="Lithoclasses, as Load GeoTOP gives them.")
_TERRAIN = Field("terrain", "Terrain", "grid", "m", doc="Heights of the ground in m NAP.")
_SOILS = Field(
    "soils",
    "Properties of soils",
    "table",
    columns={"lithoclass": "1"},
    optional=True,
    advanced=True,
    doc="A table with a row for each lithoclass in place of the plugin's own, which is a start to work from; the "
    "page of "
    "this model names its columns.",
)
_GROUNDWATER = Field(
    "groundwater",
    "Groundwater below the ground",
    "number",
    "m",
    1.0,
    -5,
    100,
    doc="Its mean depth below the ground now.",
)

SETTLEMENT = Model(
    id="settlement",
    version="1.1.0",
    title="Settlement by a load or lower groundwater",
    group="Subsurface",
    summary="How far the ground, and what lies in it, settles in a number of years when it is loaded or the "
    "groundwater is "
    "lowered, from the layers of soil in each column.",
    inputs=(
        _SOIL,
        _TERRAIN,
        _GROUNDWATER,
        Field("lowering", "Lowering of the groundwater", "number", "m", 0.0, -20, 50, doc="Below 0 it is raised."),
        Field(
            "lowering_grid",
            "Lowering of the groundwater by place",
            "grid",
            "m",
            optional=True,
            doc="The level before less the level after, in place of the number where it has data.",
        ),
        Field(
            "load",
            "Load",
            "number",
            "kPa",
            0.0,
            0,
            1000,
            doc="Weight laid on the ground; 1 m of sand is about 18 kPa.",
        ),
        Field(
            "areas",
            "Loaded areas",
            "features",
            geometry="polygon",
            optional=True,
            doc="Where the load lies; default everywhere.",
        ),
        Field(
            "load_field",
            "Field with the load",
            "text",
            optional=True,
            advanced=True,
            doc="Name of a field of the areas with the load of each [kPa]; areas where it is empty get the number. "
            "Those of different loads that overlap lie on each other.",
        ),
        Field(
            "years",
            "Years after the change",
            "number",
            "1",
            30.0,
            0.01,
            500,
            doc="Years after the change; creep goes on for ever.",
        ),
        Field(
            "method",
            "Method",
            "choice",
            default="bjerrum",
            choices=METHODS,
            doc="NEN-Bjerrum with isotaches, or Koppejan, which older reports use.",
        ),
        Field(
            "lines",
            "Cables and pipes",
            "features",
            geometry="line",
            optional=True,
            doc="Lines in space that sink with the layer they lie in.",
        ),
        _SOILS,
    ),
    outputs=(
        Field(
            "settlement",
            "Settlement",
            "grid",
            "m",
            style="settlement",
            doc="How far the ground sinks, with the change.",
        ),
        Field(
            "without",
            "Settlement without the change",
            "grid",
            "m",
            optional=True,
            style="settlement",
            doc="How far the ground sinks by itself in that time.",
        ),
        Field(
            "new_terrain",
            "Terrain after settlement",
            "grid",
            "m",
            optional=True,
            style="terrain",
            doc="Terrain minus settlement.",
        ),
        Field(
            "new_lines",
            "Cables and pipes after settlement",
            "features",
            geometry="line",
            optional=True,
            style="klic_lines",
            doc="The lines with their new heights, and the most and least that each sinks.",
        ),
        Field("most", "Largest settlement", "number", "m", doc="Of all columns."),
    ),
    run=_run_settlement,
    references=(
        "Bjerrum, L. (1967). Engineering geology of Norwegian normally-consolidated marine clays. Geotechnique 17, "
        "83-118.",
        "Den Haan, E.J. (1996). A compression model for non-brittle soft clays and peat. Geotechnique 46, 1-16.",
        "Verruijt, A. (2012). Soil Mechanics, chapter 16. Delft University of Technology.",
        "NEN 9997-1:2017, Geotechnical design, 6.6.2 and table 2.b.",
    ),
    validity="Loads that are wide compared to the depth of the soft layers; water pressures are hydrostatic and have "
    "come "
    "to rest (no consolidation time). Lithoclasses stand for soils that differ by a factor of two and more: an "
    "exploration, "
    "no design.",
    uncertainty="Within a class of soil stiffness differs by a factor of two and more, and settlement with it. Values "
    "of a laboratory, in a table of soils of your own, narrow that.",
)

INFILTRATION = Model(
    id="infiltration",
    version="1.0.0",
    title="Infiltration capacity and storage of the soil",
    group="Subsurface",
    summary="How fast water sinks into the ground and how much it holds above the groundwater, from the layers of "
    "soil; as "
    "the flood model takes it.",
    inputs=(
        _SOIL,
        _TERRAIN,
        _GROUNDWATER,
        Field(
            "groundwater_level",
            "Groundwater level",
            "grid",
            "m",
            optional=True,
            doc="In m NAP, in place of one depth everywhere.",
        ),
        Field(
            "depth",
            "Depth that counts",
            "number",
            "m",
            2.0,
            0.1,
            20,
            doc="Layers deeper than this do not slow the water.",
        ),
        _SOILS,
    ),
    outputs=(
        Field(
            "capacity",
            "Infiltration capacity",
            "grid",
            "mm h-1",
            style="infiltration",
            doc="Through the slowest order of layers, upright.",
        ),
        Field(
            "storage",
            "Storage",
            "grid",
            "mm",
            style="infiltration",
            doc="Pores between the ground and the groundwater.",
        ),
    ),
    run=_run_infiltration,
    references=("Bear, J. (1972). Dynamics of Fluids in Porous Media, 5.8 (layers in series: harmonic mean).",),
    validity="Saturated flow under a gradient of 1, without clogging, paving or ponds. Conductivities within a class "
    "differ "
    "by a factor of ten and more.",
    uncertainty="Within a class of soil conductivity differs by a factor of ten and more, and the capacity with it.",
)
