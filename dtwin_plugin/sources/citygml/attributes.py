"""Attributes of a city object: its own, generic ones and references to registers."""

from __future__ import annotations

import math
from typing import Any

from dtwin_plugin.sources.safe_xml import child, local, text

_MAX_TEXT = 1000  # characters of a value
_MAX_NAMES = 500  # attributes of an object
_NUMBERS = ("measuredHeight", "storeysAboveGround", "storeysBelowGround", "yearOfConstruction", "yearOfDemolition",
            "height", "trunkDiameter", "crownDiameter", "averageHeight", "span", "length", "lod")  # fmt: skip
_GENERIC = {"stringAttribute": str, "dateAttribute": str, "uriAttribute": str, "intAttribute": int,
            "doubleAttribute": float, "measureAttribute": float}  # fmt: skip
_SKIPPED = {"boundedBy", "boundary", "appearance", "appearanceMember", "address"}


def attributes(element: Any) -> dict[str, Any]:
    """Return the attributes of a city object by name; those of the objects within it are not among them."""
    found: dict[str, Any] = {}
    for item in element:
        name = local(item.tag)
        if len(found) >= _MAX_NAMES or name in _SKIPPED:
            continue
        if name in _GENERIC or name in ("genericAttributeSet", "genericAttribute"):
            _add_generic(item, found, "")
        elif name == "externalReference":
            _add_reference(item, found)
        elif not len(item):
            value = (item.text or "").strip()[:_MAX_TEXT]
            if value:
                found.setdefault(name, _number(value) if name in _NUMBERS else value)
        elif name == "height":
            _add_height(item, found)
    return found


def _add_generic(item: Any, found: dict[str, Any], prefix: str, depth: int = 0) -> None:
    """Add a generic attribute of CityGML 1 and 2 (name as an attribute) or 3 (as an element), or a set of them."""
    name = local(item.tag)
    if depth > 5 or len(found) >= _MAX_NAMES:
        return
    if name == "genericAttribute":
        for inner in item:
            _add_generic(inner, found, prefix, depth + 1)
        return
    key = prefix + str(item.get("name") or text(item, "name") or "")[:200]
    if name.endswith("AttributeSet"):
        for inner in item:
            _add_generic(inner, found, f"{key}.", depth + 1)
        return
    kind = _GENERIC.get(name[:1].lower() + name[1:])
    value = text(item, "value")
    if kind is not None and key and value is not None:
        found[key] = value[:_MAX_TEXT] if kind is str else _number(value)


def _add_reference(item: Any, found: dict[str, Any]) -> None:
    """Add what an object is called in another register ("NL.IMBAG.Pand…")."""
    name = text(item, "externalObject", "name") or text(item, "externalObject", "uri")
    name = name or text(item, "ExternalReference", "targetResource") or text(item, "targetResource")
    if name:
        found.setdefault("external_reference", name[:_MAX_TEXT])


def _add_height(item: Any, found: dict[str, Any]) -> None:
    """Add a height of CityGML 3, by what it goes up to ("height_highestRoofEdge")."""
    height = child(item, "Height")
    value = text(height, "value") if height is not None else None
    if value is not None:
        high = text(height, "highReference") or ""
        found.setdefault("_".join(filter(None, ("height", high))), _number(value))


def _number(value: str) -> Any:
    """Return a number, a whole one as such; the text where it is none."""
    try:
        number = float(value)
    except ValueError:
        return value[:_MAX_TEXT]
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and "." not in value and abs(number) < 2**53 else number
