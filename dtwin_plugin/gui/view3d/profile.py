"""QGIS's elevation profile along a line."""

from __future__ import annotations

from qgis.core import QgsGeometry, QgsMapLayer, QgsNullSymbolRenderer, QgsProject, QgsVectorLayer
from qgis.gui import QgsElevationProfileCanvas
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

_SLANT = 1e-3  # m


class Profile(QWidget):
    """The profile of layers; made when there is a line to draw."""

    def __init__(self) -> None:
        super().__init__()
        self.canvas: QgsElevationProfileCanvas | None = None
        self._fitted = True
        self.setMinimumHeight(120)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def show_line(self, line: QgsGeometry, layers: list[QgsMapLayer]) -> None:
        """Draw what lies along a line in the project's system, of the layers that have heights."""
        if self.canvas is None:
            self.canvas = QgsElevationProfileCanvas()
            self._column.addWidget(self.canvas)
            self.canvas.activeJobCountChanged.connect(self._fit)
        canvas, project = self.canvas, QgsProject.instance()
        canvas.setProject(project)
        canvas.setCrs(project.crs())
        canvas.setLayers([layer for layer in layers if _has_heights(layer)])
        slanted = _slanted(line)
        canvas.setProfileCurve(slanted.constGet().clone())  # which it keeps
        self._fitted = False
        canvas.refresh()

    def _fit(self, jobs: int) -> None:
        """Show all of it, once all is known."""
        if jobs == 0 and not self._fitted and self.canvas is not None:
            self._fitted = True  # which draws it once more
            self.canvas.zoomFull()

    def empty(self) -> None:
        """Draw nothing, and ask nothing of layers."""
        if self.canvas is not None:
            self.canvas.clear()
            self.canvas.setLayers([])


def _slanted(line: QgsGeometry) -> QgsGeometry:
    """Return a line that is parallel to no axis: of one that is, QGIS 3.40 finds nothing along cells and edges."""
    box = line.boundingBox()
    if min(box.width(), box.height()) > _SLANT:
        return line
    slanted = QgsGeometry(line)
    last = slanted.constGet().nCoordinates() - 1
    place = slanted.vertexAt(last)
    slanted.moveVertex(place.x() + _SLANT, place.y() + _SLANT, last)
    return slanted


def _has_heights(layer: QgsMapLayer) -> bool:
    """Whether a layer is to be seen in profiles: what is drawn in 3D only has another layer beside it for that."""
    properties = layer.elevationProperties()
    if properties is None or not properties.hasElevation():
        return False
    if isinstance(layer, QgsVectorLayer) and isinstance(layer.renderer(), QgsNullSymbolRenderer):
        return False
    return bool(properties.showByDefaultInElevationProfilePlots())
