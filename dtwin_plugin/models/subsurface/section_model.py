"""The description of a vertical section."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.models.problem import Problem
from dtwin_plugin.progress import Part, Progress

from .clash_model import CLASH
from .voxels_model import GROUP


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Make the section along the first line."""
    from .section import Wanted, section
    from .section_shapes import FORMS, flat, in_space

    line = _line(values, progress)
    names = ("voxels", "sticks", "buildings", "terrain", "groundwater", "groundwater_depth", "distance", "alongside",
             "stick_width", "bottom", "top")  # fmt: skip
    wanted = Wanted(
        lines=values["present_lines"],
        areas=values["present_areas"],
        xy=values["present_xy"],
        **{name: values[name] for name in names},
    )
    found = section(line, wanted, Part(progress, 0.0, 0.8))
    _warn(found.unknown, progress)
    made: dict[str, Any] = {
        "length": line.length,
        "lowest": found.bottom,
        "highest": found.top,
        "pieces": len(found.shapes),
        "path": "; ".join(f"{x:.3f} {y:.3f}" for x, y in line.points.tolist()),
    }
    for form, name in zip(FORMS, ("areas", "lines", "points")):
        made[name] = flat(found.shapes, form)
        if form != "point":
            made[f"{name}_3d"] = in_space(found.shapes, form, line)
    return made


def _warn(unknown: dict[str, int], progress: Progress) -> None:
    """Tell how much lies on the line at a height that nobody knows."""
    if unknown.get("buildings"):
        progress.warn("{count} buildings on the line have no height and are left out.", count=unknown["buildings"])
    if unknown.get("bodies"):
        progress.warn("{count} bodies on the line have no bottom or top and are left out.", count=unknown["bodies"])
    if unknown.get("sticks"):
        progress.warn("{count} layers of boreholes have no height and are left out.", count=unknown["sticks"])
    if unknown.get("pipes"):
        progress.warn(
            "{count} crossings of cables and pipes have no height: they may lie anywhere in their dashed outline.",
            count=unknown["pipes"],
        )


def _line(values: Values, progress: Progress) -> Any:
    from .section_line import SectionLine, rings_of

    shapes = values["line"].geometries
    parts = [part for feature in range(len(shapes)) for part in rings_of(shapes, feature) if len(part) > 1]
    if not parts:
        raise InputError("There is no line to make a section along.", hint="Draw or select a line.")
    if len(parts) > 1:
        progress.warn("There are {count} lines; the section follows the first.", count=len(parts))
    return SectionLine.through(parts[0])


def _check(values: Values) -> Iterator[Problem]:
    shown = ("voxels", "sticks", "present_lines", "present_areas", "buildings", "terrain", "groundwater")
    if all(values.get(name) is None for name in shown):
        yield Problem("DT001", "terrain", "Give at least one layer that the section shows.", {})
    if values.get("groundwater") is None and values.get("groundwater_depth") is not None:
        if values.get("terrain") is None:
            yield Problem("DT001", "terrain", "A depth of the groundwater needs the height of the ground.", {})


def _features(name: str, title: str, geometry: str, doc: str) -> Field:
    return Field(name, title, "features", geometry=geometry, optional=True, doc=doc)


SECTION = Model(
    id="section",
    version="1.0.0",
    title="Vertical section",
    group=GROUP,
    summary="What lies below and above a line: ground level, buildings, voxels of soil with their probability, "
    "boreholes and cone tests beside it, cables and pipes with their true diameter and how uncertain their place "
    "is, bodies in the ground, and groundwater; as data, as upright shapes for the 3D view, and as a drawing.",
    inputs=(
        Field("line", "Line", "features", geometry="line", doc="The section follows the first (selected) line."),
        Field("terrain", "Terrain", "grid", "m", optional=True, doc="Heights of the ground in m NAP."),
        Field("voxels", "Voxels", "voxels", optional=True, doc="A layer of voxels, as Load GeoTOP makes it."),
        _features("sticks", "Boreholes and cone tests", "line", "Upright lines, one for each layer of soil, with their "
                  "site and the field lithoclass, zone or soil."),
        CLASH.input("present_lines"),
        CLASH.input("present_areas"),
        _features("buildings", "Buildings", "polygon", "Surfaces in space, or footprints with b3_h_maaiveld and "
                  "b3_h_70p, bottom and top, or height."),
        Field("groundwater", "Groundwater level", "grid", "m", optional=True, doc="Levels in m NAP."),
        Field("groundwater_depth", "Depth of the groundwater", "number", "m", None, 0, 100, optional=True,
              doc="Below the ground, where there is no map of levels."),
        Field("distance", "Distance of boreholes", "number", "m", 50.0, 0, 5000,
              doc="How far beside the line boreholes and cone tests count; they are drawn square to it, with the "
              "distance beside them."),
        Field("alongside", "Distance of cables alongside", "number", "m", 2.0, 0, 100,
              doc="How far beside the line cables and pipes that run along it are drawn; 0 for none."),
        Field("bottom", "Lowest height", "number", "m", None, -500, 400, optional=True,
              doc="In m NAP; default the lowest that there is."),
        Field("top", "Highest height", "number", "m", None, -500, 1000, optional=True,
              doc="In m NAP; default the highest that there is."),
        CLASH.input("present_xy"),
        Field("stick_width", "Width of boreholes", "number", "m", None, 0.01, 1000, optional=True, advanced=True,
              doc="In the section; default 0.6 percent of its length."),
    ),
    outputs=(
        Field("areas", "Section, areas", "features", geometry="polygon", optional=True, style="section_areas",
              doc="Soil, layers of boreholes, buildings, bodies, pipes and where they may lie. x is the distance along "
            "the line and y the height in m NAP, in a reference system of their own."),
        Field("lines", "Section, lines", "features", geometry="line", optional=True, style="section_lines",
              doc="Ground level, groundwater, and what runs alongside; placed as the areas."),
        Field("points", "Section, points", "features", geometry="point", optional=True, style="section_points",
              doc="Tops of boreholes and middles of crossings; placed as the areas."),
        Field("areas_3d", "Section in space, areas", "features", geometry="polygon", optional=True,
              style="section_areas_3d", doc="The areas upright on the map, for the 3D view."),
        Field("lines_3d", "Section in space, lines", "features", geometry="line", optional=True,
              style="section_lines_3d", doc="The lines upright on the map, for the 3D view."),
        Field("length", "Length", "number", "m", doc="Of the line."),
        Field("lowest", "Bottom of the section", "number", "m", doc="In m NAP."),
        Field("highest", "Top of the section", "number", "m", doc="In m NAP."),
        Field("pieces", "Pieces", "integer", doc="Number of shapes in the section."),
        Field("path", "Line", "text", doc="x and y of its points in RD New, a semicolon between them."),
    ),
    run=run,
    references=(
        "Sutherland, I.E., Hodgman, G.W. (1974). Reentrant polygon clipping. Communications of the ACM 17, 32-42.",
        "TNO - Geological Survey of the Netherlands (2024). GeoTOP 1.6 (for the classes of soil and their colours).",
    ),
    validity="A section shows what the layers hold and no more. Boreholes lie beside the line: between them the soil "
    "is that of the voxels, whose class is the most likely of many. Cables are drawn where they are registered; "
    "the dashed outlines are where they may lie, and of house connections there is often nothing.",
    check=_check,
    beside=True,  # boreholes
)  # fmt: skip
