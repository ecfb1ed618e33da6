"""Building models (IFC): their elements, and what registers hold of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dtwin_plugin.data import Surfaces
from dtwin_plugin.data.placement import Placement, from_two_points
from dtwin_plugin.errors import InputError, MissingDependencyError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

from .common import EXTENT, GROUP, names_in

if TYPE_CHECKING:
    from dtwin_plugin.sources.ifc import IfcSource

_APART = 0.1  # m that known points may stay from each other before it is told
_RATIO = 0.01  # share that their distances may differ
WAYS = {
    "auto": mark("As the file says, if that can be trusted"),
    "doubtful": mark("As the file says, also if it is doubtful"),
    "points": mark("By the known points below"),
}


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    source = _source(values, progress)
    pieces = [piece for piece in source.read(values["extent"], progress) if len(piece)]
    if not pieces:
        raise InputError(
            "{file} has no elements with a shape for this area, these classes and storeys.",
            hint="Choose others; the report lists what there is.",
            file=values["file"].name,
        )
    elements = Surfaces.concatenate(pieces)
    report = source.found.as_dict() if source.found else {}
    found: dict[str, Any] = {
        "surfaces": elements,
        "report": json.dumps({"file": values["file"].name, "georeference": report}, indent=1, ensure_ascii=False),
        "objects": len(set(elements.columns["id"])),
        "trust": report.get("trust", ""),
    }
    return {**found, **_envelope(elements, values, progress)}


def _source(values: Values, progress: Progress) -> IfcSource:
    from dtwin_plugin.sources.ifc import IfcSource

    way = values["georeference"]
    return IfcSource(
        values["file"],
        georeference=placement_of(values, progress) if way == "points" else None,
        accept_doubtful=way == "doubtful",
        classes=names_in(values["classes"]),
        storeys=names_in(values["storeys"]),
        spaces=values["spaces"],
        properties=names_in(values["properties"]),
    )


def _envelope(elements: Surfaces, values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.models.bim import envelope

    try:
        outside = envelope(elements, values["file"].stem, values["ground"], values["cell_size"])
    except (InputError, MissingDependencyError) as error:  # the elements are worth having without it
        progress.warn(error.message, **error.values)
        return {}
    return {"envelope": outside.surfaces, "footprint": outside.footprint}


def placement_of(values: Values, progress: Progress) -> Placement:
    """Return the placement by one known point and a rotation, or by two known points.

    Raises
    ------
    InputError
        If the points are no points, or do not fit.
    """
    points = _points(values["points"])
    height = values["height"]
    if len(points) == 1:
        x, y, east, north = points[0]
        return Placement(east, north, height, values["rotation"], origin=(x, y, 0.0))
    fit = from_two_points([point[:2] for point in points], [point[2:] for point in points], height)
    if abs(fit.ratio - 1) > _RATIO:
        raise InputError(
            "The known points are {ratio:.4g} times as far apart in RD as in the model.",
            hint="Give the coordinates in the model in metres, whatever its unit is, and check the points.",
            ratio=fit.ratio,
        )
    if fit.residual > _APART:
        progress.warn("The known points stay {residual:.2f} m from where they should be.", residual=fit.residual)
    return fit.placement


def _points(text: str | None) -> list[list[float]]:
    """Return known points as x, y in the model and x, y in RD."""
    try:
        found = [[float(word) for word in part.replace(",", " ").split()] for part in (text or "").split(";")
                 if part.strip()]  # fmt: skip
    except ValueError:
        found = []
    if len(found) not in (1, 2) or any(len(point) != 4 for point in found):
        raise InputError(
            "Known points is {found}; expected one or two points of four numbers each, with ; between the points.",
            hint="For example: 0 0 84000.12 447000.50; 25.4 0 84020.33 447015.88 (x, y in the model [m], then in RD).",
            found=repr(text or ""),
        )
    return found


def _report(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.describe_one import plain
    from dtwin_plugin.sources.ifc import IfcSource

    source = IfcSource(values["file"])
    info = source.describe(progress)
    facts = plain(info.as_dict())
    for note in source.found.warnings if source.found else ():
        progress.warn(note.message, **note.values)
    georeference = info.facts["georeference"]
    return {
        "report": json.dumps({"file": Path(values["file"]).name, **facts}, indent=1, ensure_ascii=False),
        "level": georeference["level"],
        "trust": georeference["trust"],
        "objects": info.count,
    }


_FILE = Field("file", "IFC file", "file", doc="IFC2x3, IFC4 or IFC4.3 as .ifc, or a zip with one.")
_REPORT = Field(
    "report",
    "Report",
    "file",
    optional=True,
    style="JSON (*.json)",
    doc="What the file says of its position at each level, what of it is used, and how far to trust it.",
)
_TRUST = Field("trust", "Trust in the position", "text", doc="good, doubtful or none.")

LOAD_IFC = Model(
    id="loadifc",
    version="1.0.0",
    title="Load BIM model (IFC)",
    group=GROUP,
    summary="Elements of a building model by class and storey with their properties, placed in RD New and NAP; an "
    "outer envelope, and an outline with heights as registers hold them. A model whose position cannot be trusted is "
    "placed by known points only.",
    inputs=(
        _FILE,
        Field(
            "georeference",
            "Position",
            "choice",
            default="auto",
            choices=WAYS,
            doc="Run Report on BIM model first to see what the file says.",
        ),
        Field(
            "points",
            "Known points",
            "text",
            optional=True,
            doc="One or two points with ; between them, each as x y in the model [m] and x y in RD: "
            "0 0 84000.12 447000.50; 25.4 0 84020.33 447015.88.",
        ),
        Field(
            "rotation",
            "Rotation with one point",
            "number",
            "degree",
            0.0,
            -360,
            360,
            advanced=True,
            doc="Direction of the model's y axis, clockwise from grid north.",
        ),
        Field(
            "height",
            "Height of the model's zero",
            "number",
            "m",
            0.0,
            -100,
            500,
            advanced=True,
            doc="In m NAP; used with known points.",
        ),
        EXTENT,
        Field(
            "classes",
            "Classes",
            "text",
            optional=True,
            advanced=True,
            doc="IFC classes with commas between them, with those below them (IfcWall, IfcSlab); default all.",
        ),
        Field(
            "storeys",
            "Storeys",
            "text",
            optional=True,
            advanced=True,
            doc="Names of storeys with commas between them; default all.",
        ),
        Field(
            "properties",
            "Properties",
            "text",
            optional=True,
            advanced=True,
            doc="Property sets or properties (Pset_WallCommon.IsExternal) with commas between them; default all "
            "standard sets. More make a wider table.",
        ),
        Field("spaces", "Rooms too", "boolean", default=False, advanced=True, doc="Read rooms (IfcSpace) as well."),
        Field(
            "ground",
            "Ground at the building",
            "number",
            "m",
            optional=True,
            advanced=True,
            minimum=-100,
            maximum=500,
            doc="In m NAP, for the envelope; default the lowest door or wall of the storey at the model's zero.",
        ),
        Field(
            "cell_size",
            "Detail of the envelope",
            "number",
            "m",
            0.1,
            0.02,
            5,
            advanced=True,
            doc="Halving it takes four times as long.",
        ),
    ),
    outputs=(
        Field(
            "surfaces",
            "BIM elements",
            "surfaces",
            geometry="polygon",
            style="ifc_elements",
            doc="Surfaces of each element with its class, storey, type, material, NL-SfB code and properties.",
        ),
        Field(
            "envelope",
            "Envelope",
            "surfaces",
            geometry="polygon",
            optional=True,
            style="surfaces",
            doc="Blocks of several heights (LoD 1.3) around the model, closed.",
        ),
        Field(
            "footprint",
            "Outline",
            "features",
            geometry="polygon",
            optional=True,
            style="footprints",
            doc="Outline from above, with heights of ground, eaves and top, area and volume.",
        ),
        _REPORT,
        Field("objects", "Elements", "integer", doc="Number of elements that were read."),
        _TRUST,
    ),
    run=_run,
    references=(
        "Clemen, C., Görne, H. (2019). Level of Georeferencing (LoGeoRef) using IFC for BIM. Journal of Geodesy, "
        "Cartography and Cadastre 10, 15-20",
        "Peters, R. et al. (2022). Automated 3D reconstruction of LoD2 and LoD1 models for all 10 million buildings of "
        "the Netherlands. PE&RS 88, 165-170. doi:10.14358/PERS.21-00032R2",
    ),
    validity="The outline is within half a cell for walls along the main directions of the model; the height of the "
    "eaves is an estimate. Elements that ifcopenshell cannot make a shape of are counted and left out.",
)

REPORT_IFC = Model(
    id="reportifc",
    version="1.0.0",
    title="Report on BIM model (IFC)",
    group=GROUP,
    summary="What a building model holds (classes, storeys, units) and what it says of its position, level by level, "
    "with a judgement whether that can be trusted. Nothing is placed.",
    inputs=(_FILE,),
    outputs=(
        Field("report", "Report", "file", style="JSON (*.json)", doc=_REPORT.doc),
        Field(
            "level",
            "Level of georeferencing",
            "integer",
            doc="LoGeoRef: 50 map conversion, 40 and 30 coordinates, 20 latitude and longitude, 0 none to use.",
        ),
        _TRUST,
        Field("objects", "Elements", "integer", doc="Number of products in the file."),
    ),
    run=_report,
    references=LOAD_IFC.references[:1],
)
