"""The description of the surface: land cover to the rasters that the flood model takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.rasterise import labels
from dtwin_plugin.data.resample import coarsened
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress

from ...base import Field, Model, Values
from ...problem import Problem
from .landcover import LANDCOVER, ROOFS, TABLE, check_polygons, classes_on
from .landcover_table import ROOF, Cover, cover_table, with_own_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Grid

INPUTS = (
    Field("terrain", "Terrain", "grid", "m", doc="Its cells are those of the rasters that are made."),
    Field(
        LANDCOVER.name,
        LANDCOVER.title,
        "features",
        geometry="polygon",
        doc="Polygons with a column klasse, such as those of Load BGT.",
    ),
    Field(
        "buildings",
        "Buildings",
        "features",
        geometry="polygon",
        optional=True,
        doc="Footprints; they are roofs, whatever the land cover says.",
    ),
    Field("extent", "Area", "extent", optional=True, doc="The part of the terrain to work on; default all of it."),
    Field(
        "cell_size",
        "Cell size",
        "number",
        "m",
        minimum=0.1,
        maximum=100,
        optional=True,
        doc="A whole multiple of the terrain's; default its own.",
    ),
    TABLE,
    ROOFS,
)
OUTPUTS = (
    Field("surface_class", "Class of the surface", "grid", style="values", doc="The row of the table, from 1."),
    Field(
        "roughness_map",
        "Roughness (Manning) as a raster",
        "grid",
        "s m-1/3",
        style="values",
        doc="For the flood model, as are the three that follow; without data where no known class lies.",
    ),
    Field(
        "interception_map",
        "Storage on leaves and in puddles as a raster",
        "grid",
        "mm",
        style="values",
        doc="What stays where it falls.",
    ),
    Field(
        "infiltration_capacity",
        "Infiltration capacity",
        "grid",
        "mm h-1",
        style="values",
        doc="What the surface lets through.",
    ),
    Field("sewer_share", "Share to the sewer", "grid", style="values", doc="From 0 to 1."),
    Field(
        "surfaces",
        "Surfaces with their numbers",
        "features",
        geometry="polygon",
        optional=True,
        style="rain_surfaces",
        doc="The land cover with roughness, interception [mm], infiltration [mm/h] and share to the sewer as columns. "
        "Edit them, and give the layer to the flood model as land cover: its own numbers count.",
    ),
    Field(
        "surface_classes",
        "Classes of the surface",
        "table",
        columns={"class": "1", "name": "1", "klasse": "1", "value": "1", "area": "m2"},
        optional=True,
        doc="The rows of the table that occur, with their area.",
    ),
    Field("known_area", "Area with a known class", "number", "m2", doc="Elsewhere the numbers of the form hold."),
)
_GRIDS = {
    "roughness_map": ("roughness", "s m-1/3"),
    "interception_map": ("interception", "mm"),
    "infiltration_capacity": ("infiltration", "mm h-1"),
    "sewer_share": ("sewer", "1"),
}


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with the land cover and its table."""
    yield from check_polygons(values)


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Put every class on the cells; see `FLOOD_SURFACE` for what goes in and out."""
    terrain: Grid = values["terrain"]
    if values["cell_size"]:
        terrain = coarsened(terrain, values["cell_size"])
    features = values["landcover"]
    table, rows = with_own_numbers(features, cover_table(values["landcover_table"]))
    buildings = values["buildings"]
    covered = None if buildings is None else labels(buildings.geometries, terrain)
    cells = classes_on(features, rows, table, terrain, covered)
    progress.report(0.8)
    known = cells >= 0
    if not known.any():
        raise InputError(
            "No polygon of a known class lies on the terrain.", hint="Choose the land cover of this area, or a table."
        )
    ranks = np.array([row.rank + 1.0 for row in table])
    made: dict[str, Any] = {
        "surface_class": terrain.like(np.append(ranks, np.nan)[cells], "1", "Class of the surface"),
        "surfaces": _with_numbers(features, rows, table),
        "surface_classes": _classes(cells, table, terrain.cell_size),
        "known_area": float(known.sum()) * terrain.cell_size**2,
    }
    for name, (column, unit) in _GRIDS.items():
        numbers = np.array([getattr(row, column) for row in table] + [np.nan])
        if name == "sewer_share" and values["roofs"] == "street":
            numbers[[number for number, row in enumerate(table) if row.klasse == ROOF]] = 0.0
        made[name] = terrain.like(numbers[cells], unit, name)
    return made


def _with_numbers(features: Features, rows: NDArray[np.int64], table: tuple[Cover, ...]) -> Features:
    """Return the polygons of a known class with the numbers of their rows, to edit and to give to the flood model."""
    kept = np.flatnonzero(rows >= 0)
    found = [table[row] for row in rows[kept]]
    columns: dict[str, Any] = {name: np.array([getattr(row, name) for row in found]) for name, _ in _GRIDS.values()}
    columns["surface"] = np.array([row.name for row in found], object)
    return features.take(kept).with_columns(columns, {column: unit for column, unit in _GRIDS.values() if unit != "1"})


def _classes(cells: NDArray[np.int64], table: tuple[Cover, ...], cell_size: float) -> dict[str, list[Any]]:
    """Return the rows that occur, with their area."""
    numbers, counts = np.unique(cells[cells >= 0], return_counts=True)
    rows = [table[number] for number in numbers]
    return {
        "class": [row.rank + 1 for row in rows],
        "name": [row.name for row in rows],
        "klasse": [row.klasse for row in rows],
        "value": [row.value for row in rows],
        "area": [float(count) * cell_size**2 for count in counts],
    }


FLOOD_SURFACE = Model(
    id="floodsurface",
    version="1.0.0",
    title="Surface for flooding",
    group="Water",
    summary="What does each place do to rain? Land cover, such as the BGT, becomes rasters of roughness, storage, "
    "infiltration and the share to the sewer, to look at, to edit, and to give to the flood model.",
    inputs=INPUTS,
    outputs=OUTPUTS,
    run=run,
    check=check,
    references=(
        "Chow, V.T., Maidment, D.R., Mays, L.W. (1988). Applied Hydrology, chapters 4 and 5: infiltration and losses. "
        "McGraw-Hill.",
        "Rawls, W.J., Brakensiek, D.L., Miller, N. (1983). Green-Ampt infiltration parameters from soils data. Journal "
        "of Hydraulic Engineering 109, 62-70.",
    ),
    validity="The numbers of the table are of the order that Dutch practice uses, and most are confirmed by no norm: "
    "the table says which. Replace them by your own where you have measured.",
)
