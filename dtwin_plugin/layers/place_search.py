"""The place search inside QGIS: suggestions while somebody types, and what the map shows of a place."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsFeedback, QgsGeometry, QgsPointXY, QgsRectangle

from dtwin_plugin.sources.places import Locatieserver, Place
from dtwin_plugin.sources.places.typed import typed_point
from dtwin_plugin.sources.retry import Retrying
from dtwin_plugin.sources.transport import Transport

from .transport import QgisTransport

_ROWS = 8
_SMALL = {"adres": 60.0, "perceel": 60.0, "postcode": 150.0, "hectometerpaal": 150.0}  # m around a place
_OTHER = 400.0
_MARGIN = 1.1  # around an outline


class PlaceSearch:
    """The place search of PDOK through QGIS's network settings.

    Parameters
    ----------
    transport : Transport, optional
        QGIS's own if absent.
    """

    def __init__(self, transport: Transport | None = None) -> None:
        self._transport = transport

    def suggested(self, text: str, feedback: QgsFeedback) -> list[Place]:
        """Return what a text may mean; coordinates are one place without an id, and ask nobody.

        Raises
        ------
        UnavailableError, FormatError, CrsError
            If the service does not answer; if degrees are typed and the grids are missing.
        Cancelled
            If QGIS no longer waits for it.
        """
        point = typed_point(text)
        if point is not None:
            return [point_place(*point)]
        server = Locatieserver(Retrying(self._transport or QgisTransport(), attempts=2), progress=_Watching(feedback))
        return server.suggest(text, rows=_ROWS)

    def looked_up(self, identity: str) -> Place:
        """Return a place with its geometry; raises as `suggested`, and InputError where it is gone."""
        return Locatieserver(Retrying(self._transport or QgisTransport(), attempts=2)).lookup(identity)


def point_place(x: float, y: float) -> Place:
    """Return a point in RD as a place."""
    return Place("", "adres", f"{x:.0f}, {y:.0f} (RD)", (x, y))


def shape_of(place: Place) -> QgsGeometry | None:
    """Return the outline of a place in RD, its point where it has none."""
    if place.geometry is not None:
        shape = QgsGeometry()
        shape.fromWkb(place.geometry.wkb(0))
        return shape
    return QgsGeometry.fromPointXY(QgsPointXY(*place.point)) if place.point is not None else None


def box_of(place: Place, shape: QgsGeometry) -> QgsRectangle:
    """Return what a map shows of a place [RD]: an outline with a margin, and enough around a point."""
    box = shape.boundingBox()
    least = _SMALL.get(place.type, _OTHER)
    box.scale(_MARGIN)
    if max(box.width(), box.height()) >= 2 * least:
        return box
    centre = box.center()
    return QgsRectangle(centre.x() - least, centre.y() - least, centre.x() + least, centre.y() + least)


class _Watching:
    """Progress that hears of QGIS that nobody waits for the answer any more."""

    def __init__(self, feedback: QgsFeedback) -> None:
        self._feedback = feedback

    def report(self, fraction: float, message: str = "", **values: Any) -> None:
        """Show nothing: the bar does it."""

    def warn(self, message: str, **values: Any) -> None:
        """Show nothing."""

    def is_cancelled(self) -> bool:
        """Tell whether the text has changed."""
        return bool(self._feedback.isCanceled())
