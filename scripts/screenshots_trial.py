"""Run inside the real QGIS by `qgis --code`: the picture of two scenarios side by side in the panel.

The environment tells: DTWIN_TRIAL is the folder to write to, DTWIN_DEMO that of what `make demo` made.
"""

import os
from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProject,
    QgsRasterDemTerrainProvider,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import iface

from scripts.trial import is_drawn, picture, pump, start, until, view3d

DEMO = Path(os.environ["DTWIN_DEMO"])


def run():
    """The same storm without and with measures, side by side."""
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    for name in ("bgt_bgt", "buildings3d_surfaces"):
        project.addMapLayer(QgsVectorLayer(f"{DEMO / 'area.gpkg'}|layername={name}", name, "ogr"))
    themes = {"Now": [raster("water_depth_max.tif")]}
    themes["With measures"] = [raster("measures/water_depth_max.tif")]
    for layers in themes.values():
        project.addMapLayers(layers)
    provider = QgsRasterDemTerrainProvider()
    provider.setLayer(project.addMapLayer(raster("ground.tif"), False))
    project.elevationProperties().setTerrainProvider(provider)
    root, model = project.layerTreeRoot(), iface.layerTreeView().layerTreeModel()
    kept = project.mapThemeCollection()
    for name in themes:
        for other, layers in themes.items():
            for layer in layers:
                root.findLayer(layer.id()).setItemVisibilityChecked(other == name)
        kept.insert(name, kept.createThemeFromCurrentState(root, model))
    iface.mapCanvas().setExtent(QgsRectangle(112_650, 460_650, 112_950, 460_950))
    pump(1)
    for other in iface.mainWindow().findChildren(QDockWidget):
        other.hide()
    iface.messageBar().clearWidgets()
    dock = view3d(1100)
    dock.scene.show_map()
    dock.scene.show_second(True)
    for frame, name in zip(dock.scene.frames, themes):
        frame.themes.setCurrentIndex(frame.themes.findData(name))
        frame.view.show_theme(name)
    dock.scene.view.look(112_795, 460_790, 0, 190, 48, 20)
    drawn = until(lambda: is_drawn(dock))
    pump(3)
    picture("scenarios")
    return {"drawn": drawn}


def raster(path):
    from dtwin_plugin.layers.finish import load_sidecars

    layer = QgsRasterLayer(str(DEMO / path), Path(path).stem)
    load_sidecars(layer)
    return layer


start(run)
