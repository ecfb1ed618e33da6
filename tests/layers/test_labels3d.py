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
