"""Terrain and surface from a point cloud."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from dtwin_plugin.data import Extent
from dtwin_plugin.data.crs import is_rd
from dtwin_plugin.data.pointcloud import BUILDING, GROUND
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

from .common import GROUP, PART, TERRAIN_OUTPUT
from .point_clouds import classes_of, open_points


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.models.terrain import ground_grid

    classes = classes_of(values["classes"])
    if classes is None:
        raise InputError("Classes is {found}; expected numbers with commas between them.", found=values["classes"])
    under = values["under_buildings"]
    source = open_points(values["file"], progress, classes=classes | {BUILDING} if under else classes)
    extent = _extent(values, progress)
    chunks = source.read(extent, progress)
    distance = values["fill_distance"]
    grid = ground_grid(
        chunks, extent, values["cell_size"], classes=classes, fill_distance=distance, under_buildings=under
    )
    return {"terrain": grid}


def _run_surface(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.models.terrain import surface_grid

    source = open_points(values["file"], progress, classes=classes_of(values["classes"]))
    extent = _extent(values, progress)
    chunks = source.read(extent, progress)
    distance = values["fill_distance"]
    grid = surface_grid(chunks, extent, values["cell_size"], statistic=values["statistic"], fill_distance=distance)
    return {"surface": grid}


def _extent(values: Values, progress: Progress) -> Extent:
    """Return the area that was given, otherwise the whole file."""
    if values["extent"]:
        return values["extent"]
    path: Path = values["file"]
    info = open_points(path, progress).describe(progress)
    if info.extent is None:
        raise InputError("{file} has no points.", file=path.name)
    bounds = info.extent[0], info.extent[1], info.extent[3], info.extent[4]
    if info.crs is None or is_rd(info.crs):
        return Extent(*bounds)
    from dtwin_plugin.sources.crs import extent_to_rd

    return extent_to_rd(bounds, info.crs)


_FILE = Field("file", "Point cloud", "file", doc="A LAS, LAZ, COPC, ept.json or XYZ file with heights in m NAP.")
_CELL = Field("cell_size", "Cell size", "number", "m", 0.5, 0.05, 100, doc="Halving it gives four times the cells.")
_FILL = Field(
    "fill_distance",
    "Fill holes up to",
    "number",
    "m",
    5.0,
    0,
    1000,
    doc="Cells nearer than this to a cell with points get its height; others stay without data.",
)

TERRAIN_FROM_POINTS = Model(
    id="terrainfrompoints",
    version="1.1.0",
    title="Terrain from points",
    group=GROUP,
    summary="The mean height of the ground points of a point cloud in each cell; under buildings and in small holes "
    "that of the ground around.",
    inputs=(
        _FILE,
        PART,
        _CELL,
        Field(
            "classes",
            "Classes",
            "text",
            default=str(GROUND),
            doc="LAS classes of the points to use, with commas between them; 2 is ground.",
        ),
        _FILL,
        Field(
            "under_buildings",
            "Fill under buildings",
            "boolean",
            default=True,
            doc="Cells with points of buildings (class 6) get the height of the ground around, however large they are.",
        ),
    ),
    outputs=(TERRAIN_OUTPUT,),
    run=_run,
)

SURFACE_FROM_POINTS = Model(
    id="surfacefrompoints",
    version="1.0.0",
    title="Surface from points",
    group=GROUP,
    summary="The height of what a point cloud saw in each cell: ground, roofs, trees and bridges. Points that are "
    "marked as noise or deleted are left out.",
    inputs=(
        _FILE,
        PART,
        _CELL,
        Field(
            "statistic",
            "Height of a cell",
            "choice",
            default="maximum",
            choices={"maximum": mark("Highest point (as AHN5)"), "mean": mark("Mean of all points")},
            doc="The highest point keeps edges of roofs; the mean is smoother.",
        ),
        Field(
            "classes",
            "Classes",
            "text",
            default="",
            optional=True,
            advanced=True,
            doc="LAS classes of the points to use, with commas between them; default all.",
        ),
        replace(_FILL, default=2.0),
    ),
    outputs=(
        Field(
            "surface",
            "Surface",
            "grid",
            "m",
            style="terrain",
            doc="Heights in m NAP of what stands on the ground; cells without data stay without.",
        ),
    ),
    run=_run_surface,
)
