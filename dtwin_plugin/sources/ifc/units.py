"""Units of length of a building model."""

from __future__ import annotations

import math
from typing import Any

_PREFIXES = {
    "EXA": 1e18, "PETA": 1e15, "TERA": 1e12, "GIGA": 1e9, "MEGA": 1e6, "KILO": 1e3, "HECTO": 1e2, "DECA": 1e1,
    "DECI": 1e-1, "CENTI": 1e-2, "MILLI": 1e-3, "MICRO": 1e-6, "NANO": 1e-9, "PICO": 1e-12, "FEMTO": 1e-15,
    "ATTO": 1e-18,
}  # fmt: skip
UNIT_NAMES = {
    "METRE": 1.0, "METER": 1.0, "M": 1.0, "MILLIMETRE": 1e-3, "MILLIMETER": 1e-3, "MM": 1e-3, "CENTIMETRE": 1e-2,
    "FOOT": 0.3048, "FT": 0.3048, "INCH": 0.0254,
}  # fmt: skip


def length_unit(model: Any) -> tuple[str, float]:
    """Return the name of the unit of the model's coordinates and its size [m]; metres where none is stated.

    Only the unit of the project counts: a file has more units of length, for volumes or for the map.
    """
    for project in [*model.by_type("IfcProject"), *_more(model)]:
        assignment = getattr(project, "UnitsInContext", None)
        for unit in getattr(assignment, "Units", None) or ():
            size = unit_metres(unit)
            if size is not None:
                return unit_name(unit), size
    return "METRE", 1.0


def all_length_units(model: Any) -> list[str]:
    """Return the names of all units of length in a file, also those of a map or a product."""
    units = [unit for unit in model.by_type("IfcNamedUnit") if unit_metres(unit) is not None]
    return sorted({unit_name(unit) for unit in units})


def unit_metres(unit: Any) -> float | None:
    """Return the size of a unit of length [m]; None for other units, none, and what cannot be."""
    if unit is None or getattr(unit, "UnitType", None) != "LENGTHUNIT":
        return None
    if unit.is_a("IfcSIUnit"):
        return _PREFIXES.get(unit.Prefix or "", 1.0)
    if unit.is_a("IfcConversionBasedUnit"):
        factor = unit.ConversionFactor
        component = unit_metres(getattr(factor, "UnitComponent", None))
        value = getattr(getattr(factor, "ValueComponent", None), "wrappedValue", None)
        size = component * value if component and isinstance(value, (int, float)) else None
        return size if size and math.isfinite(size) and size > 0 else None
    return None


def unit_name(unit: Any) -> str:
    """Return the name of a unit as IFC spells it ("MILLIMETRE")."""
    if unit.is_a("IfcSIUnit"):
        return f"{unit.Prefix or ''}{unit.Name}"
    return str(getattr(unit, "Name", None) or "?").upper()


def _more(model: Any) -> list[Any]:
    return [] if model.schema == "IFC2X3" else list(model.by_type("IfcProjectLibrary"))
