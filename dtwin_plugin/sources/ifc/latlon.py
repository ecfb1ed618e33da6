"""Level 20: the latitude and longitude of the site, and those that a program fills in by itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dtwin_plugin.data.placement import Placement

from .georeference import DOUBTFUL, NONE, Finding, Note, mark

# Places that programs put a new model in: latitude, longitude [degrees], what they are.
_DEFAULTS = (
    (42.3584, -71.0598, "Boston, Revit"),
    (42.3584, -71.0567, "Boston, Revit"),
    (42.2130, -71.0330, "Boston, Revit"),
    (41.8744, -87.6394, "Chicago, Revit"),
    (41.8781, -87.6298, "Chicago, Revit"),
    (37.7950, -122.3940, "San Francisco, BricsCAD and AutoCAD"),
    (37.7749, -122.4194, "San Francisco, AutoCAD"),
    (47.4979, 19.0402, "Budapest, Archicad"),
    (48.1372, 11.5755, "Munich, Allplan"),
    (51.4778, 0.0, "Greenwich"),
    (60.1699, 24.9384, "Helsinki, Tekla"),
    (40.4400, -3.7000, "Madrid"),
    (0.0, 0.0, "zero"),
)
_NEAR = 0.03  # degrees, 2 to 3 km: programs round, and move the place a little in their versions
_NETHERLANDS = (50.7, 53.7, 3.2, 7.3)  # latitudes, longitudes [degrees]

# RD from latitude and longitude, to about 1 m within the Netherlands: enough to compare with and for level 20, which
# knows no more; everything that must be exact goes through `sources.crs`.
# Schreutelkamp, F.H., Strang van Hees, G.L. (2001). Benaderingsformules voor de transformatie tussen RD- en
# WGS84-kaartcoördinaten. Geodesia 43, 64-69.
_X = ((0, 1, 190094.945), (1, 1, -11832.228), (2, 1, -114.221), (0, 3, -32.391), (1, 0, -0.705),
      (3, 1, -2.340), (1, 3, -0.608), (0, 2, -0.008), (2, 3, 0.148))  # fmt: skip
_Y = ((1, 0, 309056.544), (0, 2, 3638.893), (2, 0, 73.077), (1, 2, -157.984), (3, 0, 59.788),
      (0, 1, 0.433), (2, 2, -6.439), (1, 1, -0.032), (0, 4, 0.092), (1, 4, -0.054))  # fmt: skip


def rough_rd(latitude: float, longitude: float) -> tuple[float, float]:
    """Return x, y in RD to about 1 m of degrees in WGS 84, within the Netherlands.

    >>> [round(value) for value in rough_rd(52.15517440, 5.38720621)]
    [155000, 463000]
    """
    north, east = 0.36 * (latitude - 52.15517440), 0.36 * (longitude - 5.38720621)
    x = sum(factor * north**p * east**q for p, q, factor in _X)
    y = sum(factor * north**p * east**q for p, q, factor in _Y)
    return 155_000 + x, 463_000 + y


def degrees(parts: Any) -> float | None:
    """Return a compound angle (degrees, minutes, seconds, millionths of a second) in degrees; None if it is none.

    All parts have the sign of the angle, and so has one that lacks it in a file.

    >>> round(degrees((42, 21, 31, 181945)), 6), degrees((0, -30)), degrees(None)
    (42.358662, -0.5, None)
    """
    if not isinstance(parts, Sequence) or isinstance(parts, str) or not 2 <= len(parts) <= 4:
        return None
    if not all(isinstance(part, (int, float)) for part in parts):
        return None
    sign = -1.0 if any(part < 0 for part in parts) else 1.0
    sizes = (1.0, 60.0, 3600.0, 3.6e9)
    return sign * math.fsum(abs(part) / size for part, size in zip(parts, sizes))


def default_place(latitude: float, longitude: float) -> str | None:
    """Return whose default a place is, None if it is none.

    >>> default_place(42.3586, -71.0567), default_place(51.9, 4.5)
    ('Boston, Revit', None)
    """
    for north, east, name in _DEFAULTS:
        if abs(latitude - north) < _NEAR and abs(longitude - east) < _NEAR:
            return name
    return None


def finding(site: Any, unit: float, true_north: tuple[float, float] | None) -> Finding | None:
    """Return what the latitude and longitude of a site say, None if it has none."""
    latitude, longitude = degrees(site.RefLatitude), degrees(site.RefLongitude)
    if latitude is None or longitude is None:
        return None
    height = site.RefElevation if isinstance(site.RefElevation, (int, float)) else 0.0
    says = f"latitude {latitude:.6f}, longitude {longitude:.6f}, elevation {height:g}"
    values = {"latitude": latitude, "longitude": longitude}
    name = default_place(latitude, longitude)
    if name is not None:
        message = mark(
            "The latitude and longitude of the site ({latitude:.4f}, {longitude:.4f}) are the default of a program "
            "({name}), not the place of the model."
        )
        return Finding(20, "IfcSite", says, notes=(Note(message, {**values, "name": name}),))
    low, high, west, east = _NETHERLANDS
    if not (low <= latitude <= high and west <= longitude <= east):
        message = mark(
            "The latitude and longitude of the site ({latitude:.4f}, {longitude:.4f}) lie outside the Netherlands."
        )
        return Finding(20, "IfcSite", says, notes=(Note(message, values),))
    x, y = rough_rd(latitude, longitude)
    rotation = math.degrees(math.atan2(true_north[0], true_north[1])) if true_north else 0.0
    placement = Placement(round(x), round(y), height * unit, -rotation)
    message = mark(
        "The position is only the latitude and longitude of the site: good for a first look, often tens of metres off "
        "and not always of the model's zero point."
    )
    return Finding(20, "IfcSite", says, placement, None, "EPSG:28992", None, DOUBTFUL, (Note(message),))


def contradiction(site: Finding, x: float, y: float) -> Note | None:
    """Return a note where a site's latitude and longitude lie far from a position in RD."""
    if site.placement is None or site.trust == NONE:
        return None
    distance = math.hypot(site.placement.x - x, site.placement.y - y)
    if distance < 1000:
        return None
    message = mark("The latitude and longitude of the site lie {distance:.1f} km from the position that is used.")
    return Note(message, {"distance": distance / 1000})
