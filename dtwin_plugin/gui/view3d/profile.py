"""QGIS's elevation profile along a line."""

from __future__ import annotations

from qgis.core import QgsGeometry, QgsMapLayer, QgsProject
from qgis.gui import QgsElevationProfileCanvas
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget


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
        canvas.setProfileCurve(line.constGet().clone())  # which it keeps
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


def _has_heights(layer: QgsMapLayer) -> bool:
    properties = layer.elevationProperties()
    return properties is not None and bool(
        properties.hasElevation() and properties.showByDefaultInElevationProfilePlots()
    )
