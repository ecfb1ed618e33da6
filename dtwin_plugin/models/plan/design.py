"""The surfaces of a design, as loads of 3D models make them or as drawn blocks, parted by building."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.footprints import owners_of
from dtwin_plugin.data.surface_rows import surfaces_of
from dtwin_plugin.data.triangulate import triangles_of
from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Surfaces

WHOLE = "design"  # id of the body of a model that knows no buildings: IFC elements, a mesh
_FLAT = 0.1  # m between the lowest and the highest place of a footprint; the thinnest roof is thicker
_PARTS_OF_BUILDINGS = ("Building", "Bridge", "OtherConstruction")  # with what CityJSON names after them: BuildingPart
_LANDSCAPE = (
    "TINRelief", "LandUse", "Road", "Railway", "TransportSquare", "Waterway", "WaterBody", "PlantCover",
    "SolitaryVegetationObject", "CityFurniture", "CityObjectGroup",
)  # fmt: skip
# Elements of a building model that stand in or around a building and are no part of it.
LOOSE = (
    "IfcFurnishingElement", "IfcFurniture", "IfcSystemFurnitureElement", "IfcSpace", "IfcSite", "IfcOpeningElement",
    "IfcVirtualElement", "IfcGeographicElement", "IfcFlowTerminal", "IfcAnnotation", "IfcGrid",
)  # fmt: skip


@dataclass(frozen=True)
class Design:
    """A building as it was drawn.

    Attributes
    ----------
    id : str
        Of the building; `WHOLE` where the model has no buildings.
    triangles : ndarray
        float64, shape (n, 3, 3): corners in RD and m NAP, without those that have no area.
    kinds : ndarray
        Shape (n,), of str: semantics of each triangle, "" where it is not known.
    elements : ndarray
        int64, shape (n,): which element (wall, door, part) a triangle is of.
    """

    id: str
    triangles: NDArray[np.float64]
    kinds: NDArray[Any]
    elements: NDArray[np.int64]


def designs_of(plan: Features, often: Callable[[], None] = lambda: None) -> list[Design]:
    """Return the buildings of a layer of surfaces, each part at its highest level of detail, in the order of the layer.

    What is no building (terrain, trees, furniture) is left out.

    Raises
    ------
    InputError
        If a building has no surfaces in space, is flat, or has a corner without a height: what is not there meets
        every rule.
    """
    surfaces = surfaces_of(plan)
    names = _bodies(surfaces)
    lods = np.array([str(lod) for lod in surfaces.columns["lod"]], object)
    used = np.array([bool(name) for name in names], bool)
    flat = np.array([lod == "0" or lod.startswith("0.") for lod in lods], bool)
    highest: dict[str, str] = {}  # by object: a part may have fewer levels than the building that it is of
    for row in np.flatnonzero(used & ~flat).tolist():
        highest[str(surfaces.columns["id"][row])] = max(highest.get(str(surfaces.columns["id"][row]), ""), lods[row])
    if not highest:
        raise InputError(
            "The design has no building with surfaces in space.",
            hint="Load it with roofs and walls (LoD 1 or higher), or draw outlines with a field height.",
        )
    best = np.array([highest.get(str(name)) for name in surfaces.columns["id"]], object) == lods
    chosen = used & ~flat & best
    surfaces = surfaces.take(np.flatnonzero(chosen[surfaces.objects]))
    corners, parts = triangles_of(surfaces.geometries, often)
    of = surfaces.objects[parts]  # a surface is one part
    triangles = surfaces.geometries.coordinates[corners]
    kept = _sound(triangles)
    kinds = np.where(surfaces.semantics == "Unknown", "", surfaces.semantics)[parts]
    owners = np.array(names, object)
    unknown = np.flatnonzero(~np.isfinite(triangles).all(axis=(1, 2)))
    if len(unknown):
        raise InputError(
            "Building {name} of the design has corners without a height.",
            hint="Load it again, or mend these surfaces: what is not known may be higher than is allowed.",
            name=owners[of[unknown[0]]],
        )
    found = []
    for name in dict.fromkeys(owners[used].tolist()):
        mine = kept & (owners == name)[of]
        found.append(_standing(Design(name, triangles[mine], kinds[mine], of[mine])))
    return found


def _standing(design: Design) -> Design:
    """Return a design that rises; one that is flat has no height that could be tested, and would meet any norm."""
    if not len(design.triangles) or float(np.ptp(design.triangles[:, :, 2])) < _FLAT:
        raise InputError(
            "Building {name} of the design is flat.",
            hint="Load it with walls and roofs, give its outline a field height, or leave it out by a selection.",
            name=design.id,
        )
    return design


def _bodies(surfaces: Surfaces) -> list[str]:
    """Return the body of each object row, "" for what is no part of any."""
    ids, types, parents = (surfaces.columns[name] for name in ("id", "type", "parent"))
    names = []
    for row, top in enumerate(owners_of(surfaces).tolist()):
        kind = str(types[top] or "")
        if str(types[row]) in LOOSE or kind in _LANDSCAPE:
            names.append("")
        elif kind.startswith(_PARTS_OF_BUILDINGS):
            names.append(str(parents[top] or ids[top]))  # the building itself may have no surfaces, and no row
        else:
            names.append(WHOLE)
    return names


def _sound(triangles: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which triangles have an area."""
    normal = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    return np.asarray((normal**2).sum(axis=1) > 1e-12)
