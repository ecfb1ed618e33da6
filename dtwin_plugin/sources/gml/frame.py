"""Which coordinates a GML file means: the spellings of a CRS, and the order of its axes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.crs import RD, is_rd, normalise
from dtwin_plugin.sources.features_service.frame import latitude_first

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FILE = re.compile(r"epsg(?:\.xml)?#(\d{4,6})$|spatialreference\.org/ref/epsg/(\d{4,6})/?$", re.IGNORECASE)
_NAMES = ("rd new", "rijksdriehoek", "urn:nl:rd", "amersfoort")
# Longitude and latitude of the Netherlands with what lies around it [degrees]; they do not overlap.
_LONGITUDE, _LATITUDE = (1.0, 10.0), (49.0, 57.0)


@lru_cache(maxsize=256)
def crs_of(spelling: str | None) -> str | None:
    """Return a CRS as `EPSG:code`, None if it is absent or unknown.

    >>> crs_of("urn:opengis:def:crs:EPSG::28992"), crs_of("http://www.opengis.net/gml/srs/epsg.xml#7415")
    ('EPSG:28992', 'EPSG:7415')
    >>> crs_of("urn:ogc:def:crs:EPSG::28992,urn:ogc:def:crs:EPSG::5709"), crs_of("Amersfoort / RD New"), crs_of(None)
    ('EPSG:7415', 'EPSG:28992', None)
    >>> crs_of("http://spatialreference.org/ref/epsg/28992/")
    'EPSG:28992'
    """
    if not spelling:
        return None
    text = spelling.strip()[:1000]
    if found := _FILE.search(text):
        return f"EPSG:{int(found.group(1) or found.group(2))}"
    known = normalise(text)
    if known is None and any(name in text.lower() for name in _NAMES):
        return RD
    return known


def ordered(coordinates: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Return coordinates as x, y or longitude, latitude.

    GML writes latitude first where the CRS does; some makers do not. Of Dutch coordinates the numbers tell it, and of
    others the CRS.
    """
    if is_rd(crs) or not len(coordinates):
        return coordinates
    low, high = coordinates[:, :2].min(axis=0), coordinates[:, :2].max(axis=0)

    def within(x: tuple[float, float], y: tuple[float, float]) -> bool:
        return bool(low[0] >= x[0] and high[0] <= x[1] and low[1] >= y[0] and high[1] <= y[1])

    swapped = within(_LATITUDE, _LONGITUDE) or (not within(_LONGITUDE, _LATITUDE) and latitude_first(crs))
    return coordinates[:, [1, 0, *range(2, coordinates.shape[1])]] if swapped else coordinates
