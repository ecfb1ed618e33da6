"""Run inside the real QGIS by `qgis --code`: open the panel "Section", draw a line, take a picture, tell what is there.

The environment tells: DTWIN_TRIAL is the folder with the layers, and to write to.
"""

import json
import os
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QPointF, QTimer
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import iface

FOLDER = Path(os.environ["DTWIN_TRIAL"])
LAYERS = ("soil", "houses", "bodies", "cables", "sticks")
X, Y = 136_400.0, 456_200.0  # corner of the street
found = {}


def begin():
    iface.mainWindow().resize(1600, 1000)
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    ground = QgsRasterLayer(str(FOLDER / "ground.tif"), "ground")
    ground.elevationProperties().setEnabled(True)
    project.addMapLayer(ground)
    for name in LAYERS:
        project.addMapLayer(QgsVectorLayer(f"{FOLDER / (name + '.gpkg')}|layername={name}", name, "ogr"))
    project.mapLayersByName("cables")[0].setCustomProperty("dtwin/privacy", "confidential")
    panel = next(
        a
        for a in iface.mainWindow().findChildren(type(iface.actionPan()))
        if a.text() in ("Section", "Doorsnede") and a.isCheckable()
    )
    panel.trigger()
    dock = iface.mainWindow().findChild(QDockWidget, "DtwinSection")
    iface.mainWindow().resizeDocks([dock], [560], 2)  # 2: one below the other
    iface.mapCanvas().setExtent(QgsRectangle(X, Y, X + 80, Y + 60))
    found["title"] = dock.windowTitle()
    found["chosen"] = {name: box.currentText() for name, box in dock.chooser.lists.items() if box.currentData()}
    QTimer.singleShot(1500, lambda: make(dock))


def make(dock):
    line = QgsGeometry.fromWkt(f"LINESTRING({X + 2} {Y + 30}, {X + 40} {Y + 32}, {X + 78} {Y + 30})")
    dock.line.set_line(line, QgsProject.instance().crs())
    dock.chooser.groundwater_depth.setValue(0.9)
    dock.start()
    look(dock)


def look(dock):
    if dock._run is not None:
        QTimer.singleShot(200, lambda: look(dock))
        return
    QTimer.singleShot(1500, lambda: end(dock))


def end(dock):
    found["message"] = dock.message.text()
    if dock.view.data is not None:
        frame, scale = dock.view.frame(), dock.view._scale()
        found["told"] = dock.view.point(QPointF(frame.x(28.0) * scale, frame.y(-1.2) * scale))
        for suffix in ("pdf", "svg", "png"):
            dock.export.save_drawing(FOLDER / f"drawing.{suffix}")
        (FOLDER / "data").mkdir()
        dock.export.save_data(FOLDER / "data")
        found["layers"] = sorted(layer.name() for layer in QgsProject.instance().mapLayers().values())
    QTimer.singleShot(1000, leave)


def leave():
    iface.mainWindow().grab().save(str(FOLDER / "section.png"))
    (FOLDER / "found.json").write_text(json.dumps(found))
    QgsProject.instance().setDirty(False)
    QTimer.singleShot(300, QgsApplication.instance().quit)


QTimer.singleShot(2000, begin)
