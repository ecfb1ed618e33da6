"""The area around objects of the BAG (buildings, addressable objects, addresses) by their ids."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dtwin_plugin.data import Extent, Geometries
from dtwin_plugin.data.area import Area
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.retry import retrying

from .items import items
from .locatieserver import Locatieserver
from .shapes import geometry_of_items

if TYPE_CHECKING:
    from dtwin_plugin.progress import Progress
    from dtwin_plugin.sources.transport import Transport

MARGIN = 25.0  # m around the objects
MOST = 500  # ids; each is a request
_ID = re.compile(r"(?:NL\.IMBAG\.[A-Za-z]{3,20}\.)?(\d{16})", re.IGNORECASE)
# The fifth and sixth digit say what an object is (BAG catalogue 2018, identification of objects).
_COLLECTIONS = {"01": "verblijfsobject", "02": "ligplaats", "03": "standplaats", "10": "pand"}
_ADDRESS = "20"
_SHOWN = 5


def area_of_ids(ids: Sequence[str], transport: Transport, progress: Progress | None = None) -> Area:
    """Return the rectangle around objects, with a margin of 25 m.

    Raises
    ------
    InputError
        If an id is none, or the BAG does not have it.
    UnavailableError, FormatError, Cancelled
        As `Locatieserver.free`.
    """
    numbers = _checked(ids)
    watched = progress or Silent()
    extents: list[Extent] = []
    unknown: list[str] = []
    for done, number in enumerate(numbers):
        if watched.is_cancelled():
            raise Cancelled
        found = _located(number, transport, progress)
        extent = found.extent() if found is not None else None
        if extent is None:
            unknown.append(number)
        else:
            extents.append(extent)
        watched.report((done + 1) / len(numbers), "object {number} of {count}", number=done + 1, count=len(numbers))
    if unknown:
        raise InputError(
            "The BAG has no {ids}.",
            hint="Check the digits; an object that no longer exists is not found either.",
            ids=_listed(unknown),
        )
    around = Extent(
        min(extent.x_min for extent in extents),
        min(extent.y_min for extent in extents),
        max(extent.x_max for extent in extents),
        max(extent.y_max for extent in extents),
    )
    return Area(around.buffered(MARGIN), f"BAG {_listed(numbers)}", source="bag")


def _checked(ids: Sequence[str]) -> list[str]:
    """Return the digits of the ids, each once."""
    numbers: dict[str, None] = {}
    for text in ids:
        match = _ID.fullmatch(text.strip())
        kind = match.group(1)[4:6] if match else ""
        if match is None or kind not in _COLLECTIONS and kind != _ADDRESS:
            raise InputError(
                "{text} is not the id of a building, an addressable object or an address in the BAG.",
                hint="It has 16 digits, such as 0503100000019720; the fifth and sixth are 01, 02, 03, 10 or 20.",
                text=text[:60],
            )
        numbers[match.group(1)] = None
    if len(numbers) > MOST:
        raise InputError(
            "{count} BAG ids are given; at most {limit} are looked up.",
            hint="Choose a rectangle or a polygon instead.",
            count=len(numbers),
            limit=MOST,
        )
    return list(numbers)


def _located(number: str, transport: Transport, progress: Progress | None) -> Geometries | None:
    """Return the geometry of an object, None where the BAG does not have it."""
    kind = number[4:6]
    if kind in _COLLECTIONS:
        found = items(retrying(transport, progress), "bag-ogcapi", _COLLECTIONS[kind], "identificatie", number)
        return geometry_of_items(found)
    places = Locatieserver(transport, progress=progress).free(
        "", types=("adres",), where={"nummeraanduiding_id": number}, rows=5
    )
    points = [place.point for place in places if place.point is not None]
    return Geometries.build("point", [[[[points[0]]]]]) if points else None


def _listed(numbers: Sequence[str]) -> str:
    shown = ", ".join(numbers[:_SHOWN])
    return shown if len(numbers) <= _SHOWN else f"{shown} … ({len(numbers)})"
