"""How points look: one colour a class, with the classes of the AHN."""

from __future__ import annotations

from qgis.core import QgsMapLayer, QgsPointCloudCategory, QgsPointCloudClassifiedRenderer, QgsPointCloudLayer
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.translate import mark, tr

from . import qgis3d

# AHN: ASPRS LAS 1.4, table 17, and its own 14 and 26; 3 to 5, 7 and 18 are of other scans.
CLASSES = {
    0: ("#8c8c8c", mark("Never classified")),
    1: ("#4f8a4c", mark("Unclassified (vegetation and other)")),
    2: ("#b08d57", mark("Ground")),
    3: ("#a8cf8a", mark("Low vegetation")),
    4: ("#7fb35f", mark("Medium vegetation")),
    5: ("#3f7f3f", mark("High vegetation")),
    6: ("#c0504d", mark("Building")),
    7: ("#ff00ff", mark("Low noise")),
    9: ("#3b7fc4", mark("Water")),
    14: ("#f2b705", mark("High tension")),
    18: ("#ff00ff", mark("High noise")),
    26: ("#7b6f9c", mark("Civil structure")),
}
_HIDDEN = (7, 18)
_SIZE, _SIZE_3D = 0.5, 3.0  # mm on the map, pixels in 3D
_ERROR_3D = 3.0  # pixels; finer takes minutes for 5 million points and looks the same


def points(layer: QgsMapLayer) -> None:
    """Points by class, on the map and in 3D; noise is there and not shown."""
    if not isinstance(layer, QgsPointCloudLayer):
        return
    categories = [
        QgsPointCloudCategory(number, QColor(colour), tr(label), number not in _HIDDEN)
        for number, (colour, label) in CLASSES.items()
    ]
    renderer = QgsPointCloudClassifiedRenderer("Classification", categories)
    renderer.setPointSize(_SIZE)
    renderer.setMaximumScreenError(0.3)
    layer.setRenderer(renderer)
    symbol = qgis3d.QgsClassificationPointCloud3DSymbol()
    symbol.setAttribute("Classification")
    symbol.setCategoriesList(categories)
    symbol.setPointSize(_SIZE_3D)
    in_space = qgis3d.QgsPointCloudLayer3DRenderer()
    in_space.setSymbol(symbol)
    in_space.setMaximumScreenError(_ERROR_3D)
    layer.setSync3DRendererTo2DRenderer(False)  # else QGIS takes the size of the map's when it reads the project
    layer.setRenderer3D(in_space)
