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
from qgis.utils import iface

from scripts.trial import is_drawn, picture, pump, start, until, view3d

DEMO = Path(os.environ["DTWIN_DEMO"])


def run():
    """The same storm without and with measures, side by side."""
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    for name in ("bgt_bgt", "buildings3d_surfaces"):
        project.addMapLayer(QgsVectorLayer(f"{DEMO / 'area.gpkg'}|layername={name}", name, "ogr"))
    themes = {}
    for name, path in (("Now", "water_depth_max.tif"), ("With measures", "measures/water_depth_max.tif")):
        themes[name] = project.addMapLayer(raster(path))
    provider = QgsRasterDemTerrainProvider()
    provider.setLayer(project.addMapLayer(raster("ground.tif"), False))
    project.elevationProperties().setTerrainProvider(provider)
    root, model = project.layerTreeRoot(), iface.layerTreeView().layerTreeModel()
    kept = project.mapThemeCollection()
    for name in themes:
        for other, layer in themes.items():
            root.findLayer(layer.id()).setItemVisibilityChecked(other == name)
        kept.insert(name, kept.createThemeFromCurrentState(root, model))
    iface.mapCanvas().setExtent(QgsRectangle(112_250, 460_550, 112_650, 460_900))
    pump(1)
    dock = view3d(1300)
    dock.scene.show_map()
    dock.scene.show_second(True)
    for frame, name in zip(dock.scene.frames, themes):
        frame.themes.setCurrentIndex(frame.themes.findData(name))
        frame.view.show_theme(name)
    dock.scene.view.look(112_440, 460_760, 0, 260, 52, 20)
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
