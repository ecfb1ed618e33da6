"""The object that was pointed at, marked in the views and on the map."""

from __future__ import annotations

from qgis.core import QgsCoordinateTransform, QgsGeometry, QgsMultiPoint, QgsPoint, QgsProject, QgsVectorLayer
from qgis.gui import QgsHighlight
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.layers.highlight3d import BRIGHT, balls, marks_of
from dtwin_plugin.layers.shapes3d import Shapes

from .picking import Met
from .scene import Scene

_KEY = "highlight"
_POINT = 0.25  # m, radius of the mark of a point of a cloud


class Highlight:
    """One marked object at a time."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._mark: QgsHighlight | None = None

    def show(self, met: Met) -> None:
        """Mark an object, and no other."""
        crs, shapes = QgsProject.instance().crs(), self._scene.book.of(met.layer).of(met.hit.owner)
        marks = marks_of(shapes, crs)
        if met.point is not None:
            place = QgsPoint(*met.hit.place)
            marks = [balls([[place.x(), place.y(), place.z()]], _POINT, crs)]
        self._scene.show_more(_KEY, marks)
        self._show_on_map(_outline(met, shapes))

    def _show_on_map(self, geometry: QgsGeometry) -> None:
        self._clear_map()
        canvas = self._scene.iface.mapCanvas()
        transform = QgsCoordinateTransform(
            QgsProject.instance().crs(), canvas.mapSettings().destinationCrs(), QgsProject.instance()
        )
        geometry.transform(transform)
        self._mark = QgsHighlight(canvas, geometry, None)
        self._mark.setColor(QColor(BRIGHT))
        fill = QColor(BRIGHT)
        fill.setAlpha(110)
        self._mark.setFillColor(fill)
        self._mark.setWidth(3)
        self._mark.show()

    def clear(self) -> None:
        """Mark nothing."""
        self._scene.show_more(_KEY, [])
        self._clear_map()

    def _clear_map(self) -> None:
        if self._mark is not None:
            self._scene.iface.mapCanvas().scene().removeItem(self._mark)
            self._mark = None


def _outline(met: Met, shapes: Shapes) -> QgsGeometry:
    """Return where an object lies on the map, in the project's CRS."""
    if isinstance(met.layer, QgsVectorLayer):
        geometry = met.layer.getFeature(met.hit.owner).geometry()
        project = QgsProject.instance()
        geometry.transform(QgsCoordinateTransform(met.layer.crs(), project.crs(), project))
        return geometry
    if shapes.faces is None:
        return QgsGeometry(QgsPoint(*met.hit.place))
    corners = QgsMultiPoint()
    for x, y, _ in shapes.faces.coordinates.tolist():
        corners.addGeometry(QgsPoint(x, y))
    return QgsGeometry(corners).convexHull()
