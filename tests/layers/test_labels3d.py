"""Texts in a 3D view keep what they are drawn with: QGIS copies them whenever a view takes the layer."""

import gc

from qgis.core import QgsCoordinateReferenceSystem

from dtwin_plugin.layers import styles3d
from dtwin_plugin.layers.labels3d import MOST, labels


def test_symbols_outlive_what_python_made_them_of(qgis_app):
    styles3d.initialise()
    texts = [((112_000.0 + k, 460_000.0, 3.0), f"{k} m") for k in range(MOST + 5)]
    for _ in range(5):
        layer = labels(texts, QgsCoordinateReferenceSystem("EPSG:28992"))
        gc.collect()
        copies = [layer.renderer3D().clone() for _ in range(5)]
        assert [len(copy.rootRule().children()) for copy in copies] == [MOST] * 5
    assert layer.featureCount() == MOST and not layer.flags() & layer.LayerFlag.Identifiable


def test_letters_are_dark_within_a_white_outline(qgis_app):
    from qgis.core import QgsRenderContext
    from qgis.PyQt.QtCore import QPointF
    from qgis.PyQt.QtGui import QColor, QImage, QPainter

    layer = labels([((112_000.0, 460_000.0, 3.0), "50,01 m")], QgsCoordinateReferenceSystem("EPSG:28992"))
    (rule,) = layer.renderer3D().rootRule().children()
    symbol = rule.symbol().billboardSymbol().clone()
    image = QImage(200, 60, QImage.Format.Format_RGB32)
    image.fill(QColor("#88bb88"))
    painter = QPainter(image)
    context = QgsRenderContext.fromQPainter(painter)
    symbol.startRender(context)
    symbol.renderPoint(QPointF(100, 30), None, context)
    symbol.stopRender(context)
    painter.end()
    shades = [QColor(image.pixel(x, y)).lightness() for x in range(200) for y in range(60)]
    assert sum(shade < 60 for shade in shades) > 100 and sum(shade > 245 for shade in shades) > 100
