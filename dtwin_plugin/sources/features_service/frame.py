"""Which coordinates a server's numbers are: its CRS, the order of its axes, and the way to RD."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Extent
from dtwin_plugin.data.crs import RD, RD_NAP, is_rd, normalise
from dtwin_plugin.errors import CrsError
from dtwin_plugin.sources import crs as policy
from dtwin_plugin.sources.osgeo_scope import osgeo

if TYPE_CHECKING:
    from numpy.typing import NDArray

CRS84 = "OGC:CRS84"
# Longitude and latitude of the Netherlands with what lies around it [degrees]; they do not overlap.
_LONGITUDE, _LATITUDE = (1.0, 10.0), (49.0, 57.0)


def to_rd(coordinates: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Bring coordinates, as a server wrote them, to RD.

    Servers differ in whether latitude comes first, whatever their CRS says; of Dutch coordinates the numbers tell it.
    Degrees where RD was stated are taken as longitude and latitude: no number can be both.

    Raises
    ------
    CrsError
        If the grids are missing, the CRS is unknown, or a point lies outside the Netherlands.
    """
    if not len(coordinates):
        return coordinates
    degrees = bool((np.abs(coordinates[:, :2]) <= 180).all())
    if is_rd(crs) and not degrees:
        return coordinates
    if is_rd(crs):
        crs = CRS84
    swapped = latitude_first(crs)
    if degrees and _within(coordinates, _LATITUDE, _LONGITUDE):
        swapped = True
    elif degrees and _within(coordinates, _LONGITUDE, _LATITUDE):
        swapped = False
    if swapped:
        coordinates = np.column_stack([coordinates[:, 1], coordinates[:, 0], coordinates[:, 2:]])
    return policy.to_rd(coordinates, crs)


def box_in(extent: Extent, crs: str) -> str:
    """Return an area [RD] as the four numbers of a bbox in another CRS, in the order of its axes."""
    if is_rd(crs):
        grown = extent.buffered(0.01) if not extent.area else extent  # servers refuse a box without an area
        return ",".join(f"{edge:.3f}" for edge in grown.bounds)
    x_min, y_min, x_max, y_max = policy.extent_from_rd(extent, crs)
    bounds = (y_min, x_min, y_max, x_max) if latitude_first(crs) else (x_min, y_min, x_max, y_max)
    digits = 8 if max(map(abs, bounds)) <= 180 else 3
    return ",".join(f"{edge:.{digits}f}" for edge in bounds)


def chosen(offered: Iterable[str], storage: str | None, server: str) -> tuple[str, str]:
    """Return the CRS to ask for, and its name: RD where it is offered, else that of the storage, else CRS84.

    Of each, the spelling of the server is returned, as servers take no other.

    >>> chosen(
    ...     ["http://www.opengis.net/def/crs/OGC/1.3/CRS84", "http://www.opengis.net/def/crs/EPSG/0/28992"], None, ""
    ... )
    ('http://www.opengis.net/def/crs/EPSG/0/28992', 'EPSG:28992')

    Raises
    ------
    CrsError
        If the server offers none that is known.
    """
    names = {normalise(spelling): spelling for spelling in reversed(list(offered))}
    for name in (RD, RD_NAP, normalise(storage), CRS84, "OGC:CRS84h", "EPSG:4258", *names):
        if name is not None and name in names:
            return names[name], name
    raise CrsError("{server} offers no coordinate reference system that is known here.", server=server)


@lru_cache(maxsize=64)
def latitude_first(crs: str) -> bool:
    """Tell whether the first axis of a CRS points north.

    >>> latitude_first("EPSG:4258"), latitude_first("OGC:CRS84"), latitude_first("EPSG:28992")
    (True, False, False)
    """
    if not crs.startswith("EPSG:"):
        return False
    with osgeo() as lib:
        reference = lib.osr.SpatialReference()
        try:
            lib.call(reference.ImportFromEPSG, int(crs[5:]))
        except RuntimeError as error:
            raise CrsError(
                "The coordinate reference system {crs} is not known.",
                hint="State it as an EPSG code, such as EPSG:28992 for RD New.",
                crs=crs,
            ) from error
        return bool(reference.EPSGTreatsAsLatLong() or reference.EPSGTreatsAsNorthingEasting())


def _within(coordinates: NDArray[np.float64], x: tuple[float, float], y: tuple[float, float]) -> bool:
    low, high = coordinates[:, :2].min(axis=0), coordinates[:, :2].max(axis=0)
    return bool(low[0] >= x[0] and high[0] <= x[1] and low[1] >= y[0] and high[1] <= y[1])
