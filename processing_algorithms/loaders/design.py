"""Design models (OBJ, glTF, PLY, STL) with a position that the user gives."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.data.placement import Placement
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

from .common import EXTENT, GROUP, SURFACE_OUTPUTS, surface_outputs

_UP = {"auto": mark("As usual for the format"), "z": mark("Z"), "y": mark("Y")}


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.mesh import MeshSource

    source = MeshSource(values["file"], placement=_placement(values))
    return surface_outputs(source.read(values["extent"], progress), values["file"].name)


def _placement(values: Values) -> Placement | None:
    """Return where the model stands; None where its own coordinates are to be used."""
    from dtwin_plugin.sources.mesh import up_axis

    x, y = values["x"], values["y"]
    if x is None and y is None:
        return None
    if x is None or y is None:
        raise InputError("The position needs both x and y.", hint="Give both, or none if the model is in RD itself.")
    up = up_axis(values["file"]) if values["up"] == "auto" else values["up"]
    return Placement(x, y, values["z"], values["rotation"], values["scale"], up)


LOAD_DESIGN = Model(
    id="loaddesign",
    version="1.0.0",
    title="Load design model",
    group=GROUP,
    summary="Surfaces of a design as OBJ, glTF, GLB, PLY or STL, put at a point in RD New and NAP with a rotation and "
    "a scale. A model whose coordinates are in RD needs no point.",
    inputs=(
        Field("file", "Model", "file", doc="An .obj, .gltf, .glb, .ply or .stl file."),
        Field(
            "x",
            "X of the model's zero",
            "number",
            "m",
            optional=True,
            minimum=-7000,
            maximum=289000,
            doc="In RD New; leave x and y out if the model is in RD itself.",
        ),
        Field(
            "y", "Y of the model's zero", "number", "m", optional=True, minimum=300000, maximum=629000, doc="In RD New."
        ),
        Field("z", "Height of the model's zero", "number", "m", 0.0, -100, 500, doc="In m NAP."),
        Field(
            "rotation",
            "Rotation",
            "number",
            "degree",
            0.0,
            -360,
            360,
            doc="Direction of the model's y axis (its back, where y is up), clockwise from grid north.",
        ),
        Field(
            "scale",
            "Scale",
            "number",
            "1",
            1.0,
            1e-6,
            1e6,
            doc="Metres for a unit of the model: 0.001 for a model in millimetres.",
        ),
        Field(
            "up",
            "Axis that points up",
            "choice",
            default="auto",
            choices=_UP,
            advanced=True,
            doc="Usual is y for glTF and z for the others; many programs write OBJ with y up.",
        ),
        EXTENT,
    ),
    outputs=SURFACE_OUTPUTS,
    run=_run,
    references=("Khronos Group (2021). glTF 2.0 Specification",),
)
