"""Run inside the real QGIS by `qgis --code`: open the panel, load an area, take pictures, write what is there, leave.

The environment tells: DTWIN_TRIAL is the folder to write to.
"""

import json
import os
from pathlib import Path

from qgis.core import QgsApplication, QgsCoordinateReferenceSystem, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import iface

FOLDER = Path(os.environ["DTWIN_TRIAL"])
PRODUCTS = os.environ["DTWIN_PRODUCTS"].split(",")
found = {"states": {}}


def picture(name):
    iface.mainWindow().grab().save(str(FOLDER / f"{name}.png"))


def begin():
    iface.mainWindow().resize(1400, 900)
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    iface.mapCanvas().setExtent(QgsRectangle(112400, 460400, 112600, 460550))
    panel = next(
        a for a in iface.mainWindow().findChildren(type(iface.actionPan())) if a.text() in ("Sources", "Bronnen")
    )
    panel.trigger()
    dock = iface.mainWindow().findChild(QDockWidget, "DtwinSources")
    dock.tree.fill({name: p for name, p in products().items()}, set(PRODUCTS))
    dock.file.setFilePath(str(FOLDER / "area.gpkg"))
    QTimer.singleShot(1000, lambda: load(dock))


def products():
    from dtwin_plugin.catalogue.products import products as listed

    return listed()


def load(dock):
    picture("panel")
    found["title"], found["button"] = dock.windowTitle(), dock.load.text()
    dock.load.click()
    look(dock)


def look(dock):
    if dock._run is not None:
        QTimer.singleShot(200, lambda: look(dock))
        return
    QTimer.singleShot(3000, lambda: end(dock))


def end(dock):
    picture("loaded")
    found["message"] = dock.message.text()
    found["states"] = {name: dock.tree.state_of(name) for name in PRODUCTS}
    found["layers"] = sorted(layer.name() for layer in QgsProject.instance().mapLayers().values())
    found["groups"] = [group.name() for group in QgsProject.instance().layerTreeRoot().findGroups()]
    (FOLDER / "found.json").write_text(json.dumps(found))
    QgsProject.instance().setDirty(False)
    QTimer.singleShot(100, QgsApplication.instance().quit)


QTimer.singleShot(2000, begin)
