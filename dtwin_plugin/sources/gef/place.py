"""Where a GEF was made: XYID and ZID, with the coordinate and height systems that GEF numbers itself."""

from __future__ import annotations

import math
import re
from types import MappingProxyType

from dtwin_plugin.data.crs import RD, in_rd_bounds
from dtwin_plugin.sources.log_files import Place, Warn

from .header import Header, to_number

# Codes of GEF 1.1.0 for the coordinates; others are taken as EPSG codes.
_SYSTEMS = MappingProxyType(
    {
        1: "EPSG:4326",  # geographic
        31000: RD,
        31001: "EPSG:25831",  # UTM at 3 degrees east, datum not stated
        31002: "EPSG:25832",  # UTM at 9 degrees east, datum not stated
        32000: "EPSG:31370",  # Belgian Lambert
    }
)
_GAUSS_KRUGER = MappingProxyType({2: "EPSG:31466", 3: "EPSG:31467"})  # code 49000: the zone is the first digit
# Code of the height -> what is added to a height to get m NAP.
_HEIGHTS = MappingProxyType({31000: 0.0, 5709: 0.0, 7415: 0.0, 49000: 0.0, 32001: -2.33})
_HIGHEST = 400.0  # m NAP; the highest place of the Netherlands is at 322 m
_NAP = re.compile(r"\bN\.?A\.?P\b|Normaal Amsterdams Peil", re.IGNORECASE)


def place_of(header: Header, warn: Warn, position: tuple[float, float] | None = None) -> Place:
    r"""Return where a GEF was made; `position` in RD New stands in for coordinates that are missing or not in RD.

    `warn` hears what a user should know of it.

    >>> from .header import parse
    >>> place = place_of(parse("#XYID= 0, 84000, 447000\n#ZID= 31000, -0.8\n#EOH=", "a.gef"), print)
    >>> place.x, place.y, place.crs, place.surface
    (84000.0, 447000.0, 'EPSG:28992', -0.8)
    """
    x, y, crs, is_utm = _coordinates(header)
    if crs in (None, RD) and in_rd_bounds(y, x, y, x):  # x and y of RD have no value in common
        x, y, crs = y, x, RD
        warn("{file} has x and y the other way round; they are swapped.", file=header.file)
    unknown = not (math.isfinite(x) and math.isfinite(y)) or crs is None
    if position is not None and (unknown or (crs == RD and not in_rd_bounds(x, y, x, y))):
        x, y, crs, is_utm = float(position[0]), float(position[1]), RD, False
    if is_utm:
        warn(
            "{file} is in UTM and does not say on which datum; ETRS89 is assumed, which may be 100 m off.",
            file=header.file,
        )
    return Place(x, y, crs, _surface(header, warn))


def _coordinates(header: Header) -> tuple[float, float, str | None, bool]:
    """Return x, y, the CRS and whether it is UTM without a datum."""
    values = [text.split()[0] if text.split() else "" for text in header.first("XYID")]
    numbers = [to_number(text) for text in values]
    code = numbers[0] if numbers else math.nan
    x, y = (numbers[1], numbers[2]) if len(numbers) >= 3 else (math.nan, math.nan)
    if len(values) >= 5 and not in_rd_bounds(x, y, x, y):  # a decimal comma within what commas cut
        joined = to_number(f"{values[1]}.{values[2]}"), to_number(f"{values[3]}.{values[4]}")
        if in_rd_bounds(*joined, *joined):
            x, y = joined
    if not (math.isfinite(x) and math.isfinite(y)) or (x == 0 and y == 0):
        return (*_geographic(header), False)
    name = None if not code > 0 else _SYSTEMS.get(int(code), f"EPSG:{int(code)}" if code >= 1024 else None)
    if code == 49000:
        name = _GAUSS_KRUGER.get(int(x // 1_000_000))
    if name is None and in_rd_bounds(x, y, x, y):
        name = RD
    if name in ("EPSG:4258", "EPSG:4326"):
        x, y = min(x, y), max(x, y)  # in the Netherlands latitude (50-54) is more than longitude (3-8)
    return x, y, name, code in (31001, 31002)


def _geographic(header: Header) -> tuple[float, float, str | None]:
    """Return longitude and latitude where the BRO gives them beside: MEASUREMENTTEXT 127."""
    values = header.numbered("MEASUREMENTTEXT").get(127, [])
    numbers = [to_number(text) for text in values[:3]]
    if len(numbers) == 3 and numbers[0] in (4258, 4326) and all(map(math.isfinite, numbers)):
        return min(numbers[1:]), max(numbers[1:]), f"EPSG:{int(numbers[0])}"
    return math.nan, math.nan, None


def _height_line(header: Header) -> list[str]:
    """Return the values of ZID: of several lines the first in a system that is known."""
    lines = header.lines.get("ZID", [])
    known = (values for values in lines if len(values) >= 2 and to_number(values[0]) in _HEIGHTS)
    return next(known, header.first("ZID"))


def _surface(header: Header, warn: Warn) -> float:
    """Return the height of the surface [m NAP], NaN where it is not known."""
    values = _height_line(header)
    code, height = (to_number(values[0]), to_number(values[1])) if len(values) >= 2 else (math.nan, math.nan)
    if not math.isfinite(height) or abs(height) > _HIGHEST:
        warn("{file} does not tell the height of the surface; depths cannot be shown as heights.", file=header.file)
        return math.nan
    shift = _HEIGHTS.get(int(code)) if math.isfinite(code) else None
    if shift is None and _NAP.search(f"{header.text(8)} {header.text(9)}"):
        shift = 0.0
    if shift is None:
        warn(
            "{file} has the height {height:g} m in another system than NAP; the surface is left unknown.",
            file=header.file,
            height=height,
        )
        return math.nan
    if code == 32001:
        warn(
            "{file} has its height in TAW; {shift:g} m is added for NAP, which holds within 0.05 m.",
            file=header.file,
            shift=shift,
        )
    return height + shift
