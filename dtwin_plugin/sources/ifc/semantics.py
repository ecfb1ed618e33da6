"""What kind of surface an element of a building model is, as CityJSON names surfaces."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.data.surfaces import UNKNOWN

_CLASSES = {
    "IfcWall": "WallSurface",
    "IfcWallStandardCase": "WallSurface",
    "IfcWallElementedCase": "WallSurface",
    "IfcCurtainWall": "WallSurface",
    "IfcPlate": "WallSurface",
    "IfcRoof": "RoofSurface",
    "IfcWindow": "Window",
    "IfcWindowStandardCase": "Window",
    "IfcDoor": "Door",
    "IfcDoorStandardCase": "Door",
    "IfcSlab": "FloorSurface",
    "IfcSlabStandardCase": "FloorSurface",
    "IfcFooting": "GroundSurface",
}
_SLABS = {"ROOF": "RoofSurface", "BASESLAB": "GroundSurface", "FLOOR": "FloorSurface", "LANDING": "FloorSurface"}
_COVERINGS = {"CEILING": "CeilingSurface", "FLOORING": "FloorSurface", "ROOFING": "RoofSurface",
              "CLADDING": "WallSurface"}  # fmt: skip


def surface_kind(element: Any, whole: Any = None) -> str:
    """Return the kind of surface of an element; `whole` is what it is a part of."""
    kind = element.is_a()
    predefined = str(getattr(element, "PredefinedType", None) or "")
    if kind.startswith("IfcSlab"):
        if whole is not None and whole.is_a("IfcRoof"):
            return "RoofSurface"
        return _SLABS.get(predefined, _CLASSES[kind] if kind in _CLASSES else UNKNOWN)
    if kind == "IfcCovering":
        return _COVERINGS.get(predefined, UNKNOWN)
    if kind == "IfcPlate" and not (whole is not None and whole.is_a("IfcCurtainWall")):
        return UNKNOWN
    return _CLASSES.get(kind, UNKNOWN)
