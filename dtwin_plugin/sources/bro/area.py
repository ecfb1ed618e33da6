"""The area of a search in degrees, without the grids of RDNAPTRANS: what is found is cut by its own RD coordinates."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.data import Extent

# Schreutelkamp & Strang van Hees (2001), Benaderingsformules voor de transformatie tussen RD- en
# WGS84-kaartcoordinaten: powers of x and y from the centre [100 km], and the coefficient ["].
_LATITUDE = (
    (0, 1, 3235.65389), (2, 0, -32.58297), (0, 2, -0.24750), (2, 1, -0.84978), (0, 3, -0.06550), (2, 2, -0.01709),
    (1, 0, -0.00738), (4, 0, 0.00530), (2, 3, -0.00039), (4, 1, 0.00033), (1, 1, -0.00012),
)  # fmt: skip
_LONGITUDE = (
    (1, 0, 5260.52916), (1, 1, 105.94684), (1, 2, 2.45656), (3, 0, -0.81885), (1, 3, 0.05594), (3, 1, -0.05607),
    (0, 1, 0.01199), (3, 2, -0.00256), (1, 4, 0.00128), (0, 2, 0.00022), (2, 0, -0.00022), (5, 0, 0.00026),
)  # fmt: skip
MARGIN = 2.0  # m; the formulas keep within 0.5 m of RDNAPTRANS, and the rest is for what is rounded


def degrees(x: float, y: float) -> tuple[float, float]:
    """Return latitude and longitude [degree] of a place in RD New, to half a metre.

    >>> [round(value, 4) for value in degrees(155_000.0, 463_000.0)]  # the tower of Amersfoort
    [52.1552, 5.3872]
    """
    east, north = (x - 155_000.0) * 1e-5, (y - 463_000.0) * 1e-5
    latitude = sum(factor * east**p * north**q for p, q, factor in _LATITUDE)
    longitude = sum(factor * east**p * north**q for p, q, factor in _LONGITUDE)
    return 52.15517440 + latitude / 3600, 5.38720621 + longitude / 3600


def bounding_box(area: Extent) -> dict[str, Any]:
    """Return the box of a search around an area [RD], as the BRO asks for it."""
    grown = area.buffered(MARGIN)
    middle = (grown.x_min + grown.x_max) / 2, (grown.y_min + grown.y_max) / 2
    # A straight side in RD bends in degrees: its middle can lie further out than its ends.
    places = [
        degrees(x, y) for x in (grown.x_min, middle[0], grown.x_max) for y in (grown.y_min, middle[1], grown.y_max)
    ]
    latitudes, longitudes = zip(*places)
    return {
        "lowerCorner": {"lat": round(min(latitudes), 8), "lon": round(min(longitudes), 8)},
        "upperCorner": {"lat": round(max(latitudes), 8), "lon": round(max(longitudes), 8)},
    }


def quarters(area: Extent) -> list[Extent]:
    """Return four parts of an area: its quarters, or of a long one pieces over its length.

    >>> [part.bounds for part in quarters(Extent(0, 0, 8, 1))][:2]
    [(0.0, 0.0, 2.0, 1), (2.0, 0.0, 4.0, 1)]
    """
    longest = max(area.width, area.height)
    is_long = min(area.width, area.height) < longest / 2
    return list(area.tiles(longest / (4 if is_long else 2)))
