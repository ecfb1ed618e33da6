"""Terrain from a point cloud."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.data.pointcloud import GROUND
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .common import GROUP, PART, TERRAIN_OUTPUT


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.models.terrain.gridding import grid_points
    from dtwin_plugin.sources.las import LasSource

    classes = {int(number) for number in values["classes"].split(",") if number.strip().isdigit()}
    if not classes:
        raise InputError("Classes is {found}; expected numbers with commas between them.", found=values["classes"])
    source = LasSource(values["file"], classes=classes)
    extent = values["extent"] or _whole(source.describe().extent, values["file"].name)
    chunks = source.read(extent, progress)
    return {"terrain": grid_points(chunks, extent, values["cell_size"], fill_distance=values["fill_distance"])}


def _whole(bounds: tuple[float, ...] | None, name: str) -> Any:
    from dtwin_plugin.data import Extent

    if bounds is None:
        raise InputError("{file} has no points.", file=name)
    return Extent(bounds[0], bounds[1], bounds[3], bounds[4])


TERRAIN_FROM_POINTS = Model(
    id="terrainfrompoints",
    version="1.0.0",
    title="Terrain from points",
    group=GROUP,
    summary="The mean height of the ground points of a LAS or LAZ point cloud in each cell; small holes are filled.",
    inputs=(
        Field("file", "Point cloud", "file", doc="A LAS or LAZ file in RD New with heights in m NAP."),
        PART,
        Field("cell_size", "Cell size", "number", "m", 0.5, 0.05, 100, doc="Halving it gives four times the cells."),
        Field(
            "classes",
            "Classes",
            "text",
            default=str(GROUND),
            doc="LAS classes of the points to use, with commas between them; 2 is ground.",
        ),
        Field(
            "fill_distance",
            "Fill holes up to",
            "number",
            "m",
            5.0,
            0,
            1000,
            doc="Cells nearer than this to a cell with points get its height; others stay without data.",
        ),
    ),
    outputs=(TERRAIN_OUTPUT,),
    run=_run,
)
