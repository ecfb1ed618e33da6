"""The descriptions of what voxels tell: a slice, a column, and the top and bottom of a unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.models.problem import Problem
from dtwin_plugin.progress import Progress

_REFERENCE = (
    "Stafleu, J., Maljers, D., Gunnink, J.L., Menkovic, A., Busschers, F.S. (2011). 3D modelling of the shallow "
    "subsurface of Zeeland, the Netherlands. Netherlands Journal of Geosciences 90, 293-310."
)
_VALIDITY = (
    "For areas, not for a building site: a voxel of GeoTOP is 100 x 100 x 0.5 m and its class the most likely of many "
    "realisations. Look at the probability beside the class, and at boreholes before a decision."
)
GROUP = "Subsurface"
VOXELS = Field("voxels", "Voxels", "voxels", doc="A layer of voxels, as Load GeoTOP makes it.")


def _run_slice(values: Values, progress: Progress) -> dict[str, Any]:
    from . import voxels as cut

    voxels = values["voxels"]
    if values["height"] is not None:
        levels = cut.levels_at(voxels, values["height"])
    else:
        levels = cut.levels_below(voxels, values["depth"], values["terrain"])
    progress.report(0.3)
    made: dict[str, Any] = {"soil_class": cut.class_slice(voxels, levels)}
    if values["class_number"] is not None or voxels.probability is not None:
        made["probability"] = cut.probability_slice(voxels, levels, values["class_number"])
    for name in ("stratigraphy", "uncertainty"):
        if name in voxels.layers:
            made[name] = cut.layer_slice(voxels, name, levels)
    made["cells"] = int((levels >= 0).sum())
    if not made["soil_class"].count():
        progress.warn("No voxel has a class at this height.")
    return made


def _check_slice(values: Values) -> Iterator[Problem]:
    if (values.get("height") is None) == (values.get("depth") is None):
        yield Problem("DT001", "height", "Give either a height or a depth, and not both.", {})


def _run_column(values: Values, progress: Progress) -> dict[str, Any]:
    from .voxels import column_table

    points = values["points"].geometries
    rows: dict[str, list[Any]] = {}
    empty = 0
    for number in range(len(points)):
        x, y = points.coordinates[points.coordinate_spans()[number]][:2].tolist()
        column = column_table(values["voxels"], x, y)
        count = len(column["z_max"])
        empty += not count
        whole = {"point": [float(number + 1)] * count, "x": [x] * count, "y": [y] * count, **column}
        for name, cells in whole.items():
            rows.setdefault(name, []).extend(cells)
        progress.report((number + 1) / len(points))
    if empty:
        progress.warn("{count} points have no voxels below them.", count=empty)
    if not rows or not rows["point"]:
        raise InputError("No point has voxels below it.", hint="Choose points within the voxels.")
    return {"column": rows, "rows": len(rows["point"])}


def _run_unit(values: Values, progress: Progress) -> dict[str, Any]:
    from .voxels import cells_with, unit_bottom, unit_thickness, unit_top

    voxels = values["voxels"]
    classes, units = _classes(values["classes"], voxels.names), _numbers(values["units"])
    chosen = cells_with(voxels, classes, units, values["probability"])
    progress.report(0.5)
    columns = int(chosen.any(axis=2).sum())
    if not columns:
        raise InputError("No voxel is of this class and unit.", hint="Choose another class, unit or probability.")
    return {
        "top": unit_top(voxels, chosen),
        "bottom": unit_bottom(voxels, chosen),
        "thickness": unit_thickness(voxels, chosen),
        "columns": columns,
        "volume": float(chosen.sum()) * voxels.cell_size[0] * voxels.cell_size[1] * voxels.cell_size[2],
    }


def _classes(text: str | None, names: tuple[str, ...]) -> set[int] | None:
    """Return the classes in a text with commas, by number or by name; raises InputError where one is unknown."""
    found = set()
    for part in filter(None, (part.strip() for part in (text or "").split(","))):
        matches = [n for n, name in enumerate(names) if part in (str(n), name) or part.lower() == name.lower()]
        if not matches:
            raise InputError(
                "There is no class {found}; the voxels have {names}.",
                found=part,
                names=", ".join(f"{number} {name}" for number, name in enumerate(names)),
            )
        found.add(matches[0])
    return found or None


def _numbers(text: str | None) -> set[int] | None:
    parts = [part.strip() for part in (text or "").split(",") if part.strip()]
    if not all(part.isdigit() for part in parts):
        raise InputError("Units is {found}; expected numbers with commas between them.", found=repr(text))
    return {int(part) for part in parts} or None


def _check_unit(values: Values) -> Iterator[Problem]:
    if not (values.get("classes") or values.get("units")):
        yield Problem("DT001", "classes", "Give a class, a unit of stratigraphy, or both.", {})
    if values.get("probability") is not None and not values.get("classes"):
        yield Problem("DT001", "classes", "A probability needs the class that it is of.", {})


SLICE_VOXELS = Model(
    id="slicevoxels",
    version="1.0.0",
    title="Slice of voxels",
    group=GROUP,
    summary="Soil class, its probability and the uncertainty of voxels at a height or at a depth, as rasters.",
    inputs=(
        VOXELS,
        Field("height", "Height", "number", "m", None, -500, 400, optional=True, doc="In m NAP; or give a depth."),
        Field("depth", "Depth", "number", "m", None, 0, 500, optional=True, doc="Below the surface; or give a height."),
        Field(
            "terrain",
            "Terrain",
            "grid",
            "m",
            optional=True,
            doc="Heights that a depth counts from, in m NAP; default the top of the voxels, which is 0.5 m coarse.",
        ),
        Field(
            "class_number",
            "Class for the probability",
            "integer",
            "1",
            None,
            0,
            999,
            optional=True,
            doc="Number of the class whose probability is wanted, such as 1 for peat; default the class of each voxel.",
        ),
    ),
    outputs=(
        Field("soil_class", "Soil class", "grid", style="soil_class", doc="Number of the class, as in the voxels."),
        Field(
            "probability",
            "Probability",
            "grid",
            optional=True,
            style="voxel_probability",
            doc="Of the class, 0 to 1; the rest is the chance that it is something else.",
        ),
        Field("stratigraphy", "Stratigraphy", "grid", optional=True, style="values", doc="Number of the unit."),
        Field("uncertainty", "Uncertainty", "grid", optional=True, style="values", doc="As the source gives it."),
        Field("cells", "Cells", "integer", doc="Columns that reach this height or depth."),
    ),
    run=_run_slice,
    references=(_REFERENCE,),
    validity=_VALIDITY,
    check=_check_slice,
)

VOXEL_COLUMN = Model(
    id="voxelcolumn",
    version="1.0.0",
    title="Column of voxels",
    group=GROUP,
    summary="What lies below points, cell by cell from the top down, with the probability of every class, as a table.",
    inputs=(VOXELS, Field("points", "Points", "features", geometry="point", doc="Where columns are wanted.")),
    outputs=(
        Field(
            "column",
            "Column",
            "table",
            columns={"point": "1", "z_max": "m", "z_min": "m", "class": "1", "class_name": "1", "probability": "1"},
            doc="A row for each voxel below each point; further columns are the probability of each class, and layers.",
        ),
        Field("rows", "Rows", "integer", doc="Number of voxels."),
    ),
    run=_run_column,
    references=(_REFERENCE,),
    validity=_VALIDITY,
)

VOXEL_UNIT = Model(
    id="voxelunit",
    version="1.0.0",
    title="Top and bottom of a soil class",
    group=GROUP,
    summary="Top, bottom and thickness of a class or a stratigraphic unit in voxels, as rasters.",
    inputs=(
        VOXELS,
        Field(
            "classes",
            "Classes",
            "text",
            optional=True,
            doc="Numbers or names with commas between them, such as 1,2 for peat and clay; default any.",
        ),
        Field(
            "units",
            "Stratigraphic units",
            "text",
            optional=True,
            doc="Numbers with commas between them, such as 1000 for made ground; default any.",
        ),
        Field(
            "probability",
            "Least probability",
            "number",
            "1",
            None,
            0.01,
            1,
            optional=True,
            doc="Voxels in which the classes together are at least so likely, instead of those that have the class.",
        ),
    ),
    outputs=(
        Field("top", "Top", "grid", "m", style="values", doc="Upper edge of the highest voxel, in m NAP."),
        Field("bottom", "Bottom", "grid", "m", style="values", doc="Lower edge of the lowest voxel, in m NAP."),
        Field(
            "thickness",
            "Thickness",
            "grid",
            "m",
            style="values",
            doc="Of all voxels of the class together; what lies between them does not count.",
        ),
        Field("columns", "Columns", "integer", doc="Columns with a voxel of the class."),
        Field("volume", "Volume", "number", "m3", doc="Of all voxels of the class."),
    ),
    run=_run_unit,
    references=(_REFERENCE,),
    validity=_VALIDITY,
    check=_check_unit,
)
VOXEL_MODELS = (SLICE_VOXELS, VOXEL_COLUMN, VOXEL_UNIT)
