"""One choice of area: a rectangle, polygons, a municipality, an address with a radius, or BAG ids."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from dtwin_plugin.data import Extent, Geometries
from dtwin_plugin.data.area import Area, circle
from dtwin_plugin.data.crs import is_rd
from dtwin_plugin.errors import InputError
from dtwin_plugin.sources import crs

from .bag import area_of_ids
from .exact import is_exact
from .locatieserver import Locatieserver, Place
from .municipality import municipality_area
from .typed import typed_point

if TYPE_CHECKING:
    from dtwin_plugin.progress import Progress
    from dtwin_plugin.sources.transport import Transport

_SAME = 0.99  # of the best score: as good an answer
_SHOWN = 5  # candidates named in a sentence


def resolve_area(
    *,
    extent: Extent | None = None,
    polygon: Geometries | None = None,
    municipality: str | None = None,
    address: str | None = None,
    radius: float = 500.0,
    bag_ids: Sequence[str] | None = None,
    place: Place | None = None,
    transport: Transport,
    progress: Progress | None = None,
) -> Area:
    """Return the area that a user chose in one of these ways.

    Parameters
    ----------
    extent : Extent, optional
        A rectangle in any CRS.
    polygon : Geometries, optional
        Polygons in RD.
    municipality : str, optional
        A name, or a code ("GM0503", "0503").
    address : str, optional
        An address, a place, or coordinates (RD, or latitude and longitude); `radius` [m] around it.
    bag_ids : sequence of str, optional
        16 digits each, of buildings, addressable objects or addresses.
    place : Place, optional
        One found before; its outline, or `radius` around its point.

    Raises
    ------
    InputError
        If there is none or more than one of them, or it is unknown or has more than one meaning.
    CrsError
        If coordinates are in degrees and the grids are missing.
    UnavailableError, FormatError, Cancelled
        If a service does not answer, or not as it should; if the user stops it.
    """
    ways = {
        "extent": extent,
        "polygon": polygon,
        "municipality": (municipality or "").strip() or None,
        "address": (address or "").strip() or None,
        "bag_ids": list(bag_ids or ()) or None,
        "place": place,
    }
    given = [name for name, value in ways.items() if value is not None]
    if len(given) != 1:
        raise _not_one(given)
    if extent is not None:
        return Area(extent if is_rd(extent.crs) else crs.extent_to_rd(extent.bounds, extent.crs), source="extent")
    if polygon is not None:
        return _of_polygon(polygon)
    if municipality and municipality.strip():
        return municipality_area(municipality.strip(), transport, progress)
    if bag_ids:
        return area_of_ids(bag_ids, transport, progress)
    if place is not None:
        return _of_place(place, radius)
    return _of_address((address or "").strip(), radius, transport, progress)


def _not_one(given: Iterable[str]) -> InputError:
    names = ", ".join(given)
    if not names:
        return InputError(
            "No area is given.", hint="Give a rectangle, a polygon, a municipality, an address or BAG ids."
        )
    return InputError("The area is given in more than one way ({names}).", hint="Give one of them.", names=names)


def _of_polygon(polygon: Geometries) -> Area:
    if polygon.kind != "polygon":
        raise InputError("The area is a {kind}; expected polygons.", kind=polygon.kind)
    area = Area.of_polygon(polygon, source="polygon")
    if area is None:
        raise InputError("The polygon of the area is empty.", hint="Choose a layer with polygons, or draw one.")
    return area


def _of_address(text: str, radius: float, transport: Transport, progress: Progress | None) -> Area:
    point = typed_point(text)
    if point is not None:
        return _around(point, radius, f"{point[0]:.0f}, {point[1]:.0f}")
    found = [one for one in Locatieserver(transport, progress=progress).free(text) if one.point is not None]
    if not found:
        raise InputError(
            "The address {text} is not found.",
            hint="Write street, number and place, such as Dam 1, Amsterdam, or coordinates in RD.",
            text=text[:100],
        )
    return _around_place(_best(text, found, radius), radius)


def _best(text: str, found: Sequence[Place], radius: float) -> Place:
    """Return the address that was typed to the letter, else the first; raises InputError where others fit as well.

    The search gives "Dorpsstraat 15" for "Dorpsstraat 5" too, and sometimes before it.
    """
    exact = [one for one in found if one.type == "adres" and is_exact(text, one.name)]
    first, *others = exact or found
    rivals = [
        one
        for one in others
        if one.type == first.type
        and (bool(exact) or one.score >= _SAME * first.score)
        and _distance(one, first) > radius
    ]
    if rivals and first.name.casefold() != text.casefold():
        raise InputError(
            "The address {text} has more than one meaning: {names}.",
            hint="Add the place or the postcode.",
            text=text[:100],
            names="; ".join(one.name for one in (first, *rivals)[:_SHOWN]),
        )
    return first


def _of_place(place: Place, radius: float) -> Area:
    if place.geometry is not None and place.geometry.kind == "polygon":
        area = Area.of_polygon(place.geometry, place.name, "place")
        if area is not None:
            return area
    return _around_place(place, radius)


def _around_place(place: Place, radius: float) -> Area:
    if place.point is None:
        raise InputError("The place search does not say where {name} is.", name=place.name)
    return _around(place.point, radius, place.name)


def _around(point: tuple[float, float], radius: float, title: str) -> Area:
    if not 0 < radius <= 100_000:
        raise InputError("The radius must be more than 0 m and at most 100 km; found {found} m.", found=radius)
    x, y = point
    extent = Extent(x - radius, y - radius, x + radius, y + radius)
    return Area(extent, title, circle(x, y, radius), "address")


def _distance(one: Place, other: Place) -> float:
    (x1, y1), (x2, y2) = one.point or (0.0, 0.0), other.point or (0.0, 0.0)
    return math.hypot(x2 - x1, y2 - y1)
