"""A map tool that picks the sites at a place."""

from __future__ import annotations

from qgis.core import (
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeatureRequest,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool
from qgis.PyQt.QtCore import Qt, pyqtSignal

_REACH = 8  # px around the pointer
_SAME = 0.5  # m; a well and its series have one place


class PickTool(QgsMapTool):
    """Left click picks the nearest site and what has its place; with Ctrl or Shift it is added to what was picked."""

    picked = pyqtSignal(list, bool)  # feature ids; whether they are added

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._layer: QgsVectorLayer | None = None
        self.setCursor(Qt.CursorShape.CrossCursor)

    def look_in(self, layer: QgsVectorLayer | None) -> None:
        """Choose the layer that is picked from."""
        self._layer = layer

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        """Pick."""
        if event.button() != Qt.MouseButton.LeftButton or self._layer is None:
            return
        reach = _REACH * self.canvas().mapUnitsPerPixel()
        modifiers = event.modifiers()
        add = bool(modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier))
        self.picked.emit(self.at(event.mapPoint(), reach), add)

    def at(self, place: QgsPointXY, reach: float) -> list[int]:
        """Return the ids of the site that is nearest to a place on the map, and of those at the same place."""
        if self._layer is None:
            return []
        box = QgsRectangle(place.x() - reach, place.y() - reach, place.x() + reach, place.y() + reach)
        transform = QgsCoordinateTransform(
            self.canvas().mapSettings().destinationCrs(), self._layer.crs(), QgsProject.instance()
        )
        try:
            box = transform.transformBoundingBox(box)
        except QgsCsException:  # far outside the Netherlands
            return []
        middle = box.center()
        request = QgsFeatureRequest().setFilterRect(box).setSubsetOfAttributes([])
        found = [
            (feature.geometry().asMultiPoint()[0] if feature.geometry().isMultipart() else feature.geometry().asPoint(),
             feature.id())
            for feature in self._layer.getFeatures(request)
            if not feature.geometry().isEmpty()
        ]  # fmt: skip
        if not found:
            return []
        nearest = min(found, key=lambda item: item[0].sqrDist(middle))[0]
        return sorted(name for point, name in found if point.sqrDist(nearest) <= _SAME**2)
