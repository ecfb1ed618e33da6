"""Coordinates that a user types where an address is asked."""

from __future__ import annotations

import re

import numpy as np

from dtwin_plugin.data.crs import in_rd_bounds
from dtwin_plugin.sources import crs

_POINT = r"([-+]?\d+(?:\.\d+)?)"
_COMMA = r"([-+]?\d+(?:[.,]\d+)?)"
_PAIRS = (
    re.compile(rf"{_POINT}\s*[,;]\s*{_POINT}|{_POINT}\s+{_POINT}"),
    re.compile(rf"{_COMMA}\s*[;\s]\s*{_COMMA}"),  # decimal commas, as they are typed in Dutch
)
_LONGEST = 80  # characters; what is longer is an address
_SIGNS = re.compile(
    r"^\s*(?:RD(?:\s*New)?|EPSG:28992|WGS\s*84)\s*:?|[xy]\s*[=:]|\b(?:lat|lon)\s*[=:]|°|(?<=\d)\s*[NE]\b", re.I
)
_LATITUDE, _LONGITUDE = (50.5, 54.0), (3.0, 7.5)


def typed_point(text: str) -> tuple[float, float] | None:
    """Return the point in RD that a text states as RD or as latitude and longitude, None where it is something else.

    >>> typed_point("RD 121000, 487000"), typed_point("121000,5 487000"), typed_point("Dam 1"), typed_point("1 2")
    ((121000.0, 487000.0), (121000.5, 487000.0), None, None)

    Raises
    ------
    CrsError
        If it is in degrees and the grids are missing.
    """
    bare = _SIGNS.sub(" ", text[: _LONGEST + 1]).strip()
    matches = [pattern.fullmatch(bare) for pattern in _PAIRS] if len(text) <= _LONGEST else []
    match = next((found for found in matches if found), None)
    if match is None:
        return None
    first, second = (float(part.replace(",", ".")) for part in match.groups() if part)
    for x, y in ((first, second), (second, first)):
        if in_rd_bounds(x, y, x, y):
            return x, y
        if _LONGITUDE[0] <= x <= _LONGITUDE[1] and _LATITUDE[0] <= y <= _LATITUDE[1]:
            east, north = crs.to_rd(np.array([[x, y]]), "OGC:CRS84")[0]
            return float(east), float(north)
    return None
