"""One object of the BRO as it was read: its place, what is known of it, and its rows."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dtwin_plugin.data.crs import RD, in_rd_bounds
from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.gml import Shape, crs_of, ordered
from dtwin_plugin.sources.gml.numbers import coordinates
from dtwin_plugin.sources.safe_xml import local

from .tree import date, first, found, number, own, text

BRO_ID = re.compile(r"[A-Z]{3}\d{12}$")


@dataclass
class Part:
    """A geometry of an object with more than a point, and what is known of it."""

    shape: Shape | None
    row: dict[str, Any]


@dataclass
class Record:
    """One object.

    Attributes
    ----------
    kind : str
        A kind of `Logs`, or "network", "use" or "resistance" for what becomes features.
    name : str
        Of the element ("CPT_O").
    site : dict
        What is known of the place: "id", "surface" [m NAP], and further columns.
    positions : dict of str to tuple of float
        By CRS, in the order of the document.
    rows : dict of str to list or ndarray
        One value a row, all of one length.
    units : dict of str to str
    well : str or None
        The GMW that an object without a place of its own belongs to.
    parts : list of Part
        Of features.
    """

    kind: str
    name: str
    site: dict[str, Any]
    positions: dict[str, tuple[float, ...]]
    rows: dict[str, Any] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    well: str | None = None
    parts: list[Part] = field(default_factory=list)

    @property
    def needs(self) -> set[str]:
        """The ids of the wells that tell where it is, where it does not tell itself."""
        names = set() if self.positions else {self.well, *(part.row.get("well") for part in self.parts)}
        return {name for name in names if name and BRO_ID.match(name)}

    def __len__(self) -> int:
        return len(next(iter(self.rows.values()))) if self.rows else len(self.parts)

    @property
    def rd(self) -> tuple[float, float] | None:
        """The place in RD New as it was delivered, None where it is not, or lies outside the Netherlands."""
        x, y, *_ = self.positions.get(RD, (math.nan, math.nan))
        return (x, y) if in_rd_bounds(x, y, x, y) else None


def positions_of(element: Any, file: str) -> dict[str, tuple[float, ...]]:
    """Return the places of an object by CRS, the delivered one first; of several points in one CRS the first."""
    result: dict[str, tuple[float, ...]] = {}
    holders = [first(element, name) for name in ("deliveredLocation", "standardizedLocation")]
    for holder in holders:
        for pos in found(holder, "pos") if holder is not None else ():
            crs = _crs(pos, holder)
            xy = coordinates(pos.getparent(), 2, file)
            if crs is not None and len(xy):
                result.setdefault(crs, tuple(xy[0].tolist()))
    return result


def _crs(pos: Any, holder: Any) -> str | None:
    item = pos
    while item is not None and item is not holder:
        if item.get("srsName"):
            return crs_of(item.get("srsName"))
        item = item.getparent()
    return None


def geographic(position: tuple[float, ...], crs: str) -> tuple[float, float]:
    """Return a place as x, y or longitude, latitude.

    >>> geographic((52.1, 5.2), "EPSG:4258")
    (5.2, 52.1)
    """
    x, y = ordered(np.array([position[:2]]), crs)[0].tolist()
    return x, y


def site_of(element: Any, fallback: str) -> dict[str, Any]:
    """Return what every object tells of itself.

    Parameters
    ----------
    element
        The object.
    fallback : str
        What it is called where it has no id yet: a document that was not registered.
    """
    identity = next((own(item) for item in element if local(item.tag) == "broId"), None)
    site = {
        "id": identity or text(element, "objectIdAccountableParty", "requestReference") or fallback,
        "object": local(element.tag),  # the kind is told where it is known (kinds.read)
        "surface": surface_of(element),
        "quality_regime": text(element, "qualityRegime"),
        "owner": text(element, "deliveryAccountableParty"),
        "status": text(element, "registrationStatus"),
        "registered": text(element, "objectRegistrationTime"),
        "deregistered": text(element, "deregistered"),
        "purpose": text(element, "surveyPurpose", "initialFunction", "monitoringPurpose"),
        "context": text(element, "deliveryContext"),
        "report_date": date(element, "researchReportDate"),
        "horizontal_method": text(element, "horizontalPositioningMethod"),
        "vertical_method": text(element, "verticalPositioningMethod", "groundLevelPositioningMethod"),
        "vertical_reference": text(element, "localVerticalReferencePoint"),
        "vertical_datum": text(element, "verticalDatum"),
    }
    return site


def surface_of(element: Any) -> float:
    """Return the height of the ground or of the bottom of the water [m NAP]; NaN where it is not known in NAP.

    The offset of a well is that of another point; it states the level of the ground apart.
    """
    holder = first(element, "deliveredVerticalPosition")
    if holder is None or (text(holder, "verticalDatum") or "NAP").upper() != "NAP":
        return math.nan
    if first(holder, "groundLevelPosition") is not None:
        return number(holder, "groundLevelPosition")
    return number(holder, "offset")


def wrong(file: str, name: str, reason: str) -> FormatError:
    """Return the error of an object that cannot be read."""
    return FormatError(
        "{file} has an object {name} that cannot be read: {reason}.",
        hint="Download it again.",
        file=file,
        name=name[:100],
        reason=reason[:200],
    )
