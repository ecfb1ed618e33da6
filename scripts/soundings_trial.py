"""Run inside the real QGIS by `qgis --code`: open the panel "Soundings", pick sites, take pictures, tell what is there.

The environment tells: DTWIN_TRIAL is the folder with the layers of a load, and to write to.
"""

import json
import os
from pathlib import Path

from qgis.core import QgsApplication, QgsCoordinateReferenceSystem, QgsPointXY, QgsProject, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import iface

FOLDER = Path(os.environ["DTWIN_TRIAL"])
LAYERS = ("sites", "sticks", "curve", "screens", "series")
found = {}


def begin():
    iface.mainWindow().resize(1400, 900)
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    for name in reversed(LAYERS):
        project.addMapLayer(QgsVectorLayer(f"{FOLDER / (name + '.gpkg')}|layername={name}", name, "ogr"))
    panel = next(
        a for a in iface.mainWindow().findChildren(type(iface.actionPan())) if a.text() in ("Soundings", "Sonderingen")
    )
    panel.trigger()
    dock = iface.mainWindow().findChild(QDockWidget, "DtwinSoundings")
    iface.mainWindow().resizeDocks([dock], [720], 1)  # 1: beside each other
    found["title"], found["layers"] = dock.windowTitle(), dock.layers.count()
    iface.mapCanvas().setExtent(QgsRectangle(85_700, 441_875, 85_900, 442_075))
    QTimer.singleShot(2000, lambda: pick(dock))


def pick(dock):
    dock.pick.click()
    ids = dock._tool.at(QgsPointXY(85_800, 441_974), 5.0)
    dock._tool.picked.emit(ids, False)
    found["picked"] = len(dock.plot.soundings)
    found["selected"] = dock._layer.selectedFeatureCount()
    dock._layer.selectAll()
    found["all"] = len(dock.plot.soundings)
    dock.save_picture(FOLDER / "plot.svg")
    QTimer.singleShot(2000, lambda: end(dock))


def end(dock):
    iface.mainWindow().grab().save(str(FOLDER / "soundings.png"))
    QgsProject.instance().removeAllMapLayers()
    found["after"] = [len(dock.plot.soundings), dock.layers.count()]
    (FOLDER / "found.json").write_text(json.dumps(found))
    QgsProject.instance().setDirty(False)
    QTimer.singleShot(500, QgsApplication.instance().quit)


QTimer.singleShot(2000, begin)
