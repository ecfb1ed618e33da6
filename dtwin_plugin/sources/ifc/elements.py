"""Elements of a building model: which are read, and what the file says of each."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

_STRUCTURE = ("IfcSite", "IfcBuilding", "IfcBuildingStorey")
# What has a shape but is no part of the building, bridge or road itself.
_IMMATERIAL = (
    "IfcOpeningElement", "IfcSpatialElement", "IfcSpatialStructureElement", "IfcVirtualElement", "IfcAnnotation",
    "IfcGrid", "IfcReferent", "IfcPositioningElement", "IfcAlignmentSegment", "IfcLinearElement", "IfcPort",
    "IfcStructuralItem", "IfcStructuralActivity", "IfcEarthworksCut",
)  # fmt: skip
_MAX_PROPERTIES = 200  # columns of a table; a file can name more
_MAX_TEXT = 1000  # characters of a value


@dataclass(frozen=True)
class Storey:
    """A storey: its name and its height above the model's zero [m]."""

    name: str
    elevation: float

    def __str__(self) -> str:
        return self.name if math.isnan(self.elevation) else f"{self.name} ({self.elevation:g} m)"


def product_counts(model: Any) -> Counter[str]:
    """Return products by class, without the site, the building and its storeys."""
    return Counter(item.is_a() for item in model.by_type("IfcProduct") if item.is_a() not in _STRUCTURE)


def storeys_of(model: Any, unit: float) -> dict[int, Storey]:
    """Return the storeys by instance, from the lowest to the highest."""
    found = {}
    for item in model.by_type("IfcBuildingStorey"):
        elevation = item.Elevation if isinstance(item.Elevation, (int, float)) else math.nan
        found[item.id()] = Storey(str(item.Name or item.LongName or ""), elevation * unit)
    return dict(sorted(found.items(), key=lambda pair: (math.isnan(pair[1].elevation), pair[1].elevation)))


def chosen(
    model: Any,
    classes: Collection[str] | None,
    storeys: Collection[str] | None,
    spaces: bool,
    levels: dict[int, Storey],
) -> list[Any]:
    """Return the products to read: those with a representation, of these classes and storeys.

    Parameters
    ----------
    classes
        Names of IFC classes with those below them ("IfcWall" has IfcWallStandardCase too); None = all that are
        tangible.
    storeys
        Names of storeys; None = all.
    spaces : bool
        Whether rooms are read as well.
    """
    left_out = [name for name in _IMMATERIAL if _known(model, name)]
    wanted = None if classes is None else [name for name in classes if _known(model, name)]
    names = None if storeys is None else {name.strip().lower() for name in storeys}
    found = []
    for item in model.by_type("IfcProduct"):
        if item.Representation is None:
            continue
        if wanted is not None:
            take = any(item.is_a(name) for name in wanted)
        else:
            take = (spaces and item.is_a("IfcSpace")) or not any(item.is_a(name) for name in left_out)
        if take and names is not None:
            storey = levels.get(storey_id(item))
            take = storey is not None and storey.name.strip().lower() in names
        if take:
            found.append(item)
    return found


def _known(model: Any, name: str) -> bool:
    """Tell whether the schema of a model has a class; asking for another raises RuntimeError."""
    try:
        model.by_type(name)
    except RuntimeError:
        return False
    return True


def storey_id(element: Any) -> int:
    """Return the instance of the storey that an element is in, perhaps as a part of another; -1 for none."""
    item = element
    for _ in range(20):
        if item is None:
            return -1
        if item.is_a("IfcBuildingStorey"):
            return int(item.id())
        item = _container(item) or whole_of(item) or _filled(item)
    return -1


def whole_of(element: Any) -> Any:
    """Return what an element is a part of, None if it is whole."""
    for relation in getattr(element, "Decomposes", None) or ():
        return getattr(relation, "RelatingObject", None)
    return None


def _container(element: Any) -> Any:
    for relation in getattr(element, "ContainedInStructure", None) or ():
        return relation.RelatingStructure
    return None


def _filled(element: Any) -> Any:
    """Return the element whose opening a door or window fills, or that an opening is cut from."""
    for relation in getattr(element, "FillsVoids", None) or ():
        for cut in relation.RelatingOpeningElement.VoidsElements or ():
            return cut.RelatingBuildingElement
    return None


def attributes(element: Any, levels: dict[int, Storey], properties: Collection[str] | None) -> dict[str, Any]:
    """Return what a file says of an element, by column.

    Parameters
    ----------
    properties
        Names as "Pset_WallCommon.IsExternal", or "Pset_WallCommon" for a whole set; None = all of the standard sets.
    """
    from ifcopenshell.util.element import get_psets, get_type

    storey = levels.get(storey_id(element))
    kind = get_type(element)
    row: dict[str, Any] = {
        "name": element.Name,
        "storey": storey.name if storey else None,
        "storey_elevation": storey.elevation if storey else None,
        "type_name": getattr(kind, "Name", None) or getattr(element, "ObjectType", None),
        "predefined_type": _text(getattr(element, "PredefinedType", None)),
        "material": _material(element),
        "nlsfb": _classification(element),
    }
    count = 0
    for name, values in get_psets(element).items():
        for key, value in values.items():
            if key != "id" and count < _MAX_PROPERTIES and _wanted(name, key, properties):
                row[f"{name}.{key}"] = _text(value)
                count += 1
    return row


def _wanted(name: str, key: str, properties: Collection[str] | None) -> bool:
    if properties is None:
        return name.startswith(("Pset_", "Qto_"))
    return name in properties or f"{name}.{key}" in properties


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return value[:_MAX_TEXT]
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)[:_MAX_TEXT]


def _material(element: Any) -> str | None:
    from ifcopenshell.util.element import get_materials

    names = [str(item.Name) for item in get_materials(element) if getattr(item, "Name", None)]
    return "; ".join(dict.fromkeys(names))[:_MAX_TEXT] or None


def _classification(element: Any) -> str | None:
    """Return the NL-SfB code of an element: a reference to that classification, else of any."""
    from ifcopenshell.util.classification import get_classification, get_references

    other = None
    for reference in get_references(element):
        code = getattr(reference, "Identification", None) or getattr(reference, "ItemReference", None)
        source = str(getattr(get_classification(reference), "Name", "") or "")
        if code and "sfb" in source.lower().replace("/", "").replace("-", ""):
            return str(code)
        other = other or code
    return str(other) if other else None
