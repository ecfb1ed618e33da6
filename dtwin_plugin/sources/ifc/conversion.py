"""Level 50: a map conversion to a projected CRS, as entities of IFC4 or as property sets of IFC2x3."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dtwin_plugin.data.crs import RD, RD_NAP, is_rd, normalise
from dtwin_plugin.data.placement import Placement, rotation_of

from .georeference import DOUBTFUL, GOOD, NONE, Finding, Note, mark, within_rd, worst
from .units import UNIT_NAMES, unit_metres, unit_name

_ALIKE = 0.01  # a scale that differs less from another is meant to be it: grid scale factors differ 1e-4 from 1
_RD_NAMES = re.compile(r"amersfoort|amerfort|rijksdriehoek|\brd[ _-]?new\b|\b(28992|7415)\b", re.IGNORECASE)
_PSETS = re.compile(r"e?p?set_(mapconversion|projectedcrs)", re.IGNORECASE)


@dataclass(frozen=True)
class Conversion:
    """A map conversion as it stands in the file.

    Attributes
    ----------
    map_unit : float or None
        Metres in the unit of the CRS; None where the file does not state it.
    """

    where: str
    eastings: float
    northings: float
    height: float
    abscissa: float | None
    ordinate: float | None
    scale: float | None
    crs: str | None
    vertical: str | None
    map_unit: float | None
    notes: tuple[Note, ...] = ()

    @property
    def says(self) -> str:
        """The values in one line."""
        text = f"E={self.eastings:.10g} N={self.northings:.10g} H={self.height:.10g} "
        text += f"abscissa={self.abscissa} ordinate={self.ordinate} scale={self.scale}, CRS {self.crs}"
        return text


def conversions(model: Any) -> list[Conversion]:
    """Return the map conversions of a model, entities before property sets."""
    found: list[Conversion] = []
    if model.schema != "IFC2X3":
        for operation in model.by_type("IfcCoordinateOperation"):
            found += _of_entity(operation)
    found += _of_property_sets(model)
    return found


def _of_entity(operation: Any) -> list[Conversion]:
    kind, target = operation.is_a(), operation.TargetCRS
    name = getattr(target, "Name", None)
    vertical = getattr(target, "VerticalDatum", None)
    unit, notes = _map_unit(getattr(target, "MapUnit", None))
    numbers: tuple[Any, ...]
    if kind == "IfcRigidOperation":
        first, second = (_value(getattr(operation, n)) for n in ("FirstCoordinate", "SecondCoordinate"))
        numbers = (first, second, operation.Height, None, None, 1.0)
    elif operation.is_a("IfcMapConversion"):
        names = ("Eastings", "Northings", "OrthogonalHeight", "XAxisAbscissa", "XAxisOrdinate", "Scale")
        numbers = tuple(getattr(operation, name) for name in names)
    else:
        return []
    return [replace(item, notes=notes) for item in _checked(kind, numbers, name, vertical, unit)]


def _map_unit(unit: Any) -> tuple[float | None, tuple[Note, ...]]:
    """Return the metres in a unit of the map, by its name where its size says otherwise."""
    size = unit_metres(unit)
    named = UNIT_NAMES.get(unit_name(unit)) if size else None
    if size is None or named is None or abs(named / size - 1) < _ALIKE:
        return size, ()
    message = mark("The unit of the map is named {name} but stated as {size:g} m; its name is followed.")
    return named, (Note(message, {"name": unit_name(unit), "size": size}),)


def _of_property_sets(model: Any) -> list[Conversion]:
    """Return conversions of property sets, however their names are spelt, wherever they hang."""
    sets: dict[str, dict[str, Any]] = {}
    for pset in model.by_type("IfcPropertySet"):
        match = _PSETS.fullmatch((pset.Name or "").strip())
        if match:
            values = {(p.Name or "").strip().lower(): _value(getattr(p, "NominalValue", None))
                      for p in pset.HasProperties or () if p is not None}  # fmt: skip
            sets.setdefault(match.group(1).lower(), {}).update(values)
    if "mapconversion" not in sets:
        return []
    values, crs = sets["mapconversion"], sets.get("projectedcrs", {})
    names = ("eastings", "northings", "orthogonalheight", "xaxisabscissa", "xaxisordinate", "scale")
    name = crs.get("name") or values.get("targetcrs")
    unit = UNIT_NAMES.get(str(crs.get("mapunit") or "").strip().upper())
    numbers = tuple(values.get(item) for item in names)
    return _checked("ePSet_MapConversion", numbers, name, crs.get("verticaldatum"), unit)


def _checked(where: str, numbers: tuple[Any, ...], name: Any, vertical: Any, unit: float | None) -> list[Conversion]:
    """Return the conversion, none where its numbers are no numbers."""
    values = [_number(value) for value in numbers]
    if values[0] is None or values[1] is None:
        return []
    text = None if name is None else str(name).strip() or None
    datum = None if vertical is None else str(vertical)
    abscissa, ordinate, scale = values[3:]
    return [Conversion(where, values[0], values[1], values[2] or 0.0, abscissa, ordinate, scale, text, datum, unit)]


def _value(measure: Any) -> Any:
    return getattr(measure, "wrappedValue", measure)


def _number(value: Any) -> float | None:
    """Return a finite number, also of a text with a decimal comma; None for anything else."""
    try:
        number = float(str(value).strip().replace(",", ".")) if isinstance(value, str) else float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def finding(item: Conversion, project_unit: float, frame: Any, sample: Any) -> Finding:
    """Return what a conversion makes of a model.

    Parameters
    ----------
    project_unit : float
        Metres in the unit of the model's coordinates.
    frame : ndarray or None
        From metres in the model to metres from the point that the conversion is about, shape (4, 4).
    sample : ndarray
        A point of the model [m], shape (3,).
    """
    crs, notes, trust = _crs(item)
    stated = item.map_unit or project_unit
    scale, scale_notes = _scale(item, project_unit, stated)
    rotation = rotation_of(1.0 if item.abscissa is None else item.abscissa, item.ordinate or 0.0)
    if item.abscissa == 0 and not item.ordinate:
        rotation = 0.0
    point = sample if frame is None else frame[:3, :3] @ sample + frame[:3, 3]

    def placed(unit: float, swap: bool = False) -> tuple[Placement, bool]:
        east, north = (item.northings, item.eastings) if swap else (item.eastings, item.northings)
        placement = Placement(east * unit, north * unit, item.height * unit, rotation, scale)
        x, y = placement.apply(point)[0, :2].tolist()
        return placement, within_rd(x, y)

    placement: Placement | None
    placement, inside = placed(stated)
    notes += [*item.notes, *scale_notes]
    if is_rd(crs) and not inside:
        placement, more, why = _other_reading(item, stated, placed)
        notes, trust = notes + more, worst(trust, why)
    return Finding(50, item.where, item.says, placement, frame, crs, item.vertical, trust, tuple(notes))


def _crs(item: Conversion) -> tuple[str | None, list[Note], str]:
    name = normalise(item.crs)
    if name is not None:
        return name, [], GOOD
    if item.crs and _RD_NAMES.search(item.crs):
        code = RD_NAP if item.vertical and "NAP" in item.vertical.upper() else RD
        return code, [Note(mark("The CRS is named {name}; it is taken for RD New."), {"name": repr(item.crs)})], GOOD
    message = mark("The map conversion names no known CRS ({name}); RD New is assumed.")
    return RD, [Note(message, {"name": repr(item.crs)})], DOUBTFUL


def _scale(item: Conversion, project_unit: float, map_unit: float) -> tuple[float, list[Note]]:
    """Return the scale from metres to metres: 1, or a grid scale factor that hardly differs from it."""
    expected = project_unit / map_unit
    if item.scale is None:
        if abs(expected - 1) < _ALIKE:
            return 1.0, []
        message = mark("The map conversion has no Scale, though the units differ; {expected:g} is used.")
        return 1.0, [Note(message, {"expected": expected})]
    factor = item.scale / expected
    if abs(factor - 1) < _ALIKE:
        return factor, []
    message = mark(
        "The Scale of the map conversion is {found:g}; from the unit of the model to that of the map it should be "
        "{expected:g}, which is used."
    )
    return 1.0, [Note(message, {"found": item.scale, "expected": expected})]


def _other_reading(item: Conversion, stated: float, placed: Any) -> tuple[Placement | None, list[Note], str]:
    """Return the placement in another unit or order that does lie in the Netherlands, and why it is not certain."""
    values: dict[str, Any] = {"east": item.eastings, "north": item.northings}
    for unit in (1.0, 0.001, 0.01, 0.3048):
        placement, inside = placed(unit)
        if not inside or unit == stated:
            continue
        values.update(x=placement.x, y=placement.y, unit=_unit_name(unit), stated=_unit_name(stated))
        if item.map_unit is None:
            message = mark("Eastings and Northings ({east:.12g}, {north:.12g}) are read as {unit}, the only unit in "
                           "which they lie in the Netherlands; the file states none.")  # fmt: skip
            return placement, [Note(message, values)], GOOD
        message = mark(
            "The position cannot be right as it stands: Eastings {east:.12g} and Northings {north:.12g} in {stated}, "
            "the unit that the file states, lie outside the Netherlands. Read as {unit} they are RD {x:.2f}, {y:.2f}."
        )
        return placement, [Note(message, values)], DOUBTFUL
    for unit in (1.0, 0.001):
        placement, inside = placed(unit, True)
        if inside:
            message = mark(
                "The position cannot be right as it stands: Eastings {east:.12g} and Northings {north:.12g} lie "
                "outside the Netherlands. Interchanged they are RD {x:.2f}, {y:.2f}."
            )
            return placement, [Note(message, {**values, "x": placement.x, "y": placement.y})], DOUBTFUL
    message = mark(
        "The position cannot be right: Eastings {east:.12g} and Northings {north:.12g} put the model outside the "
        "Netherlands."
    )
    return None, [Note(message, values)], NONE


def _unit_name(metres: float) -> str:
    names = {1.0: mark("metres"), 0.001: mark("millimetres"), 0.01: mark("centimetres"), 0.3048: mark("feet")}
    return names.get(metres, f"{metres:g} m")


def wcs_inverse(matrix: Any) -> Any:
    """Return the inverse of a world coordinate system, None where it changes nothing.

    The map conversion relates to the point that the world coordinate system gives an offset to (IFC 4.3,
    IfcGeometricRepresentationContext), so it is taken off first.
    """
    if matrix is None or np.allclose(matrix, np.eye(4), atol=1e-9) or abs(np.linalg.det(matrix)) < 1e-9:
        return None
    return np.linalg.inv(matrix)
