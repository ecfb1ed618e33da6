"""Addresses and places in QGIS's locator bar: type "pdok " and a place, press Enter, and the map goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeedback,
    QgsLocatorContext,
    QgsLocatorFilter,
    QgsLocatorResult,
    QgsProject,
)
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.errors import Cancelled, DtwinError
from dtwin_plugin.translate import tr

if TYPE_CHECKING:
    from dtwin_plugin.layers.place_search import PlaceSearch

LEAST = 3  # characters that are worth a request
_COLOURS = QColor(230, 60, 20, 255), QColor(230, 60, 20, 0)


class LocatorFilter(QgsLocatorFilter):
    """The place search of PDOK.

    QGIS asks a clone of it in a thread of its own, and cancels it when the next character is typed. What asks is
    imported there, at the first search.

    Parameters
    ----------
    canvas : QgsMapCanvas
        The map that goes to a chosen place.
    show : callable, optional
        Shows a sentence where a place cannot be found.
    search : PlaceSearch, optional
    """

    def __init__(
        self, canvas: QgsMapCanvas, show: Callable[[str], None] | None = None, search: PlaceSearch | None = None
    ) -> None:
        super().__init__()
        self._canvas, self._show, self._given = canvas, show, search

    def clone(self) -> LocatorFilter:
        """Return one for another thread."""
        return LocatorFilter(self._canvas, self._show, self._given)

    @property
    def _search(self) -> PlaceSearch:
        from dtwin_plugin.layers.place_search import PlaceSearch

        return self._given or PlaceSearch()

    def name(self) -> str:
        """Return the id by which QGIS keeps its settings."""
        return "dtwin_places"

    def displayName(self) -> str:
        """Return its name in the list of filters."""
        return tr("Addresses and places (PDOK)")

    def prefix(self) -> str:
        """Return what to type before a place; QGIS leaves out one of less than three letters of a plug-in."""
        return "pdok"

    def priority(self) -> QgsLocatorFilter.Priority:
        """Come after what QGIS itself finds at once."""
        return QgsLocatorFilter.Priority.Low

    def fetchResults(self, string: str, context: QgsLocatorContext, feedback: QgsFeedback) -> None:
        """Search, in a thread; each result goes to the bar as it is found."""
        text = string.strip()
        if len(text) < LEAST or feedback.isCanceled():
            return
        try:
            places = self._search.suggested(text, feedback)
        except Cancelled:
            return
        except DtwinError as error:
            self.logMessage(error.text(tr))
            return
        for rank, place in enumerate(places):
            result = QgsLocatorResult()
            result.filter = self
            result.displayString, result.description = place.name, place.type
            result.score = 1.0 / (1.0 + rank)
            result.setUserData([place.id, *(place.point or ())])
            self.resultFetched.emit(result)

    def triggerResult(self, result: QgsLocatorResult) -> None:
        """Go to a place and flash it."""
        from dtwin_plugin.layers.place_search import point_place

        found = result.userData  # a property; a method before QGIS 3.18
        data: list[Any] = list(found() if callable(found) else found)
        try:
            self.go(self._search.looked_up(data[0]) if data[0] else point_place(data[1], data[2]))
        except DtwinError as error:
            self._tell(error.text(tr))

    def go(self, place: Any) -> None:
        """Let the map show a place, and flash it."""
        from dtwin_plugin.data.crs import RD
        from dtwin_plugin.layers.place_search import box_of, shape_of

        shape = shape_of(place)
        if shape is None:
            self._tell(tr("The place search does not say where {name} is.").format(name=place.name))
            return
        rd, own = QgsCoordinateReferenceSystem(RD), self._canvas.mapSettings().destinationCrs()
        way = QgsCoordinateTransform(rd, own, QgsProject.instance())
        try:
            self._canvas.setExtent(way.transformBoundingBox(box_of(place, shape)))
        except QgsCsException:
            self._tell(tr("The coordinate system of the project cannot show this place."))
            return
        self._canvas.refresh()
        self._canvas.flashGeometries([shape], rd, *_COLOURS)

    def _tell(self, sentence: str) -> None:
        if self._show is None:
            self.logMessage(sentence)
        else:
            self._show(sentence)
