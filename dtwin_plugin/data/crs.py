"""The names of coordinate reference systems, in one spelling.

The policy of the house: horizontal RD New (EPSG:28992), heights in m NAP (EPSG:5709), both together EPSG:7415.
Transforming coordinates is the work of `dtwin_plugin.sources.crs`.
"""

from __future__ import annotations

import re

RD = "EPSG:28992"
NAP = "EPSG:5709"
RD_NAP = "EPSG:7415"

# The usual ones on which nothing can be measured in metres; which others are so `sources.frame` finds out.
NOT_METRIC = ("OGC:CRS84", "EPSG:4326", "EPSG:4258", "EPSG:4979", "EPSG:3857")

# Coordinates in which RD New may be used [m], NSGI: x 0-280 km, y 300-625 km, with a margin for border areas.
RD_BOUNDS = (-7_000.0, 289_000.0, 300_000.0, 629_000.0)

_CODE = re.compile(r"(?:crs:)?EPSG(?:/|:|::|/0/|:[\d.]*:|/[\d.]*/)(\d{4,6})$", re.IGNORECASE)
_LONGEST = 1000  # characters; no name is as long, and what searches a text stays fast
_CRS84 = re.compile(r"(?:OGC|CRS)[:/].*?(CRS84h?)$", re.IGNORECASE)


def normalise(name: str | int | None) -> str | None:
    """Return a CRS name as `EPSG:code` or `OGC:CRS84`, or None if it is absent or in no known spelling.

    A compound of RD New and NAP, however it is spelt, is EPSG:7415.

    >>> normalise("urn:ogc:def:crs:EPSG::7415"), normalise("https://www.opengis.net/def/crs/EPSG/0/28992")
    ('EPSG:7415', 'EPSG:28992')
    >>> normalise("urn:ogc:def:crs,crs:EPSG::28992,crs:EPSG::5709"), normalise("OGC:CRS84"), normalise("local")
    ('EPSG:7415', 'OGC:CRS84', None)
    """
    if name is None:
        return None
    text = str(name).strip()
    if len(text) > _LONGEST:
        return None
    if re.fullmatch(r"\d{4,6}", text):
        return f"EPSG:{int(text)}"
    parts = re.split(r"[,+]|&\d+=", text.replace("def:crs,", "def:"))
    if len(parts) > 1:
        codes = [normalise(part) for part in parts]
        return RD_NAP if tuple(codes[:2]) == (RD, NAP) else codes[0]
    if match := _CRS84.search(text):
        return "OGC:" + match.group(1).upper().replace("84H", "84h")
    match = _CODE.search(text)
    return f"EPSG:{int(match.group(1))}" if match else None


def is_rd(name: str | None) -> bool:
    """Tell whether the horizontal part of a CRS is RD New."""
    return normalise(name) in (RD, RD_NAP)


def in_rd_bounds(x_min: float, y_min: float, x_max: float, y_max: float) -> bool:
    """Tell whether a box [m] lies where RD New may be used.

    >>> in_rd_bounds(84_000, 447_000, 85_000, 448_000), in_rd_bounds(0, 0, 1, 1)
    (True, False)
    """
    return RD_BOUNDS[0] <= x_min and RD_BOUNDS[2] <= y_min and x_max <= RD_BOUNDS[1] and y_max <= RD_BOUNDS[3]
