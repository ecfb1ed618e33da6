"""Short texts in a 3D view, that face who looks at them."""

from __future__ import annotations

from qgis._3d import QgsPoint3DSymbol, QgsRuleBased3DRenderer
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFontMarkerSymbolLayer,
    QgsGeometry,
    QgsMapLayer,
    QgsMarkerSymbol,
    QgsPoint,
    QgsVectorLayer,
)
from qgis.PyQt import sip
from qgis.PyQt.QtGui import QColor

MOST = 60  # labels: each is a rule with a picture of its own
_FONT, _SIZE = "DejaVu Sans", 5.0  # mm
_HALO = 0.9  # mm that a white outline is wide, half of it inside the letters


def labels(
    texts: list[tuple[tuple[float, float, float], str]], crs: QgsCoordinateReferenceSystem, colour: str = "#111111"
) -> QgsVectorLayer:
    """Return a layer of texts at places: x, y, z [m]; those beyond the first 60 are left out."""
    layer = QgsVectorLayer("PointZ?field=text:string", "", "memory")
    layer.setCrs(crs)
    root, features = QgsRuleBased3DRenderer.Rule(None), []
    for number, (place, text) in enumerate(texts[:MOST]):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry(QgsPoint(*place)))
        feature.setAttributes([str(number)])
        features.append(feature)
        root.appendChild(QgsRuleBased3DRenderer.Rule(_symbol(text, colour), f"\"text\" = '{number}'"))
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    layer.setRenderer3D(QgsRuleBased3DRenderer(root))
    layer.setFlags(layer.flags() & ~QgsMapLayer.LayerFlag.Identifiable)  # it is not pointed at
    return layer


def _symbol(text: str, colour: str) -> QgsPoint3DSymbol:
    # QGIS draws an outline over the letters, of which it would leave nothing: the letters come once more on top
    halo, letters = (QgsFontMarkerSymbolLayer(_FONT, text, _SIZE, QColor(shade)) for shade in ("#ffffff", colour))
    halo.setStrokeColor(QColor("#ffffff"))
    halo.setStrokeWidth(_HALO)
    letters.setStrokeWidth(0.0)
    picture = QgsMarkerSymbol.createSimple({})
    picture.changeSymbolLayer(0, halo)
    picture.appendSymbolLayer(letters)
    symbol = QgsPoint3DSymbol()
    symbol.setShape(Qgis.Point3DShape.Billboard)
    symbol.setAltitudeClamping(Qgis.AltitudeClamping.Absolute)
    sip.transferto(picture, None)  # the 3D symbol takes it without telling Python
    symbol.setBillboardSymbol(picture)
    return symbol
