"""All that a model says of its position, level by level, and the choice between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from dtwin_plugin.data.crs import RD, is_rd
from dtwin_plugin.data.placement import Placement

from . import conversion, latlon
from .georeference import DOUBTFUL, GOOD, NONE, Finding, Georeference, Note, mark, within_rd
from .units import length_unit

_SAMPLES = 200  # products whose placement is looked at
_AWAY = 3.0  # degrees that true north may differ from grid north: 1.6 in the Netherlands
_RD_NEAR = 50_000.0  # m; coordinates in metres larger than this are not those of a model around its own zero


def georeference(model: Any, shape_sample: Callable[[], Any] | None = None) -> Georeference:
    """Return what a model says of its position, and what of it is used.

    Parameters
    ----------
    model : ifcopenshell.file
    shape_sample : callable, optional
        A point of the geometry [m], asked only where placements do not decide.
    """
    unit = length_unit(model)[1]
    wcs, north = _context(model, unit)
    sample = _placement_sample(model, unit)
    found = [conversion.finding(item, unit, conversion.wcs_inverse(wcs), sample)
             for item in conversion.conversions(model)]  # fmt: skip
    if not any(item.trust == GOOD for item in found):
        found += _coordinates(sample, wcs, shape_sample, north)
    if north is not None:
        found.append(Finding(40, "TrueNorth", f"{north[0]:.6g}, {north[1]:.6g}"))
    sites = [latlon.finding(site, unit, north) for site in model.by_type("IfcSite")]
    found += [site for site in sites if site is not None]
    found += _addresses(model)
    usable = [item for item in found if item.placement is not None and item.trust != NONE]
    used = max(usable, key=lambda item: (item.trust == GOOD, item.level), default=None)
    return Georeference(tuple(found), used, tuple(_notes(found, used, north, sample)))


def _notes(found: list[Finding], used: Finding | None, north: Any, sample: Any) -> Iterable[Note]:
    """Yield what contradicts the choice, and why there is none."""
    if used is None:
        yield Note(mark("The file has no georeference that can be used."))
    for item in found:
        if item is not used:
            yield from item.notes
    if used is None or used.placement is None:
        return
    if used.level == 50 and north is not None and north not in ((0.0, 1.0), (0.0, 0.0)):
        stated, grid = math.degrees(math.atan2(north[0], north[1])), -used.placement.rotation
        if abs((stated - grid + 180) % 360 - 180) > _AWAY:
            message = mark("TrueNorth says that the model is turned {stated:.1f} degrees, the map conversion "
                           "{grid:.1f}; the map conversion is used.")  # fmt: skip
            yield Note(message, {"stated": stated, "grid": grid})
    if not is_rd(used.crs):
        yield Note(mark("The position is in {crs}, not in RD New."), {"crs": used.crs})
        return
    x, y = used.placement.apply(sample)[0, :2].tolist()
    for item in found:
        if item.level == 20 and item is not used:
            note = latlon.contradiction(item, x, y)
            if note is not None:
                yield note


def _context(model: Any, unit: float) -> tuple[Any, tuple[float, float] | None]:
    """Return the world coordinate system of the model's geometry [m], shape (4, 4), and its true north."""
    from ifcopenshell.util.placement import get_axis2placement

    wcs, north = None, None
    for context in model.by_type("IfcGeometricRepresentationContext", include_subtypes=False):
        if context.ContextType not in (None, "Model") and wcs is not None:
            continue
        if context.WorldCoordinateSystem is not None:
            wcs = np.array(get_axis2placement(context.WorldCoordinateSystem), float)
            wcs[:3, 3] *= unit
        direction = getattr(context.TrueNorth, "DirectionRatios", None)
        if direction and len(direction) >= 2:
            north = (float(direction[0]), float(direction[1]))
        if context.ContextType == "Model":
            break
    if wcs is not None and not np.isfinite(wcs).all():
        wcs = None
    return wcs, north


def _placement_sample(model: Any, unit: float) -> Any:
    """Return the middle of the placements of some products [m], shape (3,)."""
    from ifcopenshell.util.placement import get_local_placement

    products = [item for item in model.by_type("IfcProduct") if item.ObjectPlacement is not None]
    points = []
    for product in products[:: max(1, len(products) // _SAMPLES)]:
        if product.ObjectPlacement.is_a("IfcLocalPlacement"):
            try:
                points.append(np.array(get_local_placement(product.ObjectPlacement), float)[:3, 3])
            except (AttributeError, TypeError, ValueError, IndexError, RuntimeError):
                continue  # a placement that is cut off; what it places is counted as without a shape
    good = np.array([point for point in points if np.isfinite(point).all()]).reshape(-1, 3)
    return np.median(good, axis=0) * unit if len(good) else np.zeros(3)


def _coordinates(sample: Any, wcs: Any, shape_sample: Any, north: Any) -> list[Finding]:
    """Return levels 30 and 40: coordinates that can only be RD, in placements, geometry or the world coordinates."""
    places: list[tuple[int, str, Any, Any]] = [(30, "IfcSite and IfcProduct placements", sample, None)]
    if wcs is not None and not np.allclose(wcs, np.eye(4), atol=1e-9):
        places.append((40, "WorldCoordinateSystem", wcs[:3, :3] @ sample + wcs[:3, 3], wcs))
    if shape_sample is not None and np.hypot(*sample[:2]) < _RD_NEAR:
        point = shape_sample()
        if point is not None:
            places.append((30, "coordinates of the geometry", point, None))
    for level, where, point, frame in places:
        says = f"x {point[0]:.3f}, y {point[1]:.3f}, z {point[2]:.3f} m"
        if within_rd(point[0], point[1]):
            message = mark("The file states no CRS; its coordinates are taken for RD New: they can only be RD.")
            return [Finding(level, where, says, Placement(), frame, RD, None, GOOD, (Note(message),))]
        if within_rd(point[0] / 1000, point[1] / 1000):
            message = mark("The position cannot be right as it stands: coordinates are RD in millimetres, while the "
                           "file says metres.")  # fmt: skip
            return [Finding(level, where, says, Placement(scale=0.001), frame, RD, None, DOUBTFUL, (Note(message),))]
        if within_rd(point[1], point[0]):
            message = mark("The position cannot be right as it stands: x {x:.0f} is larger than y {y:.0f}; it seems "
                           "that they are interchanged.")  # fmt: skip
            return [Finding(level, where, says, notes=(Note(message, {"x": point[0], "y": point[1]}),))]
    return []


def _addresses(model: Any) -> list[Finding]:
    """Return level 10: the addresses of the site and the building."""
    found = []
    for kind, name in (("IfcSite", "SiteAddress"), ("IfcBuilding", "BuildingAddress")):
        for item in model.by_type(kind):
            address = getattr(item, name, None)
            if address is None:
                continue
            parts = [*(address.AddressLines or ()), address.PostalCode, address.Town, address.Country]
            text = ", ".join(" ".join(str(part).split()) for part in parts if part)
            if text:
                found.append(Finding(10, kind, text))
    return found
