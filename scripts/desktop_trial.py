"""Run inside the real QGIS by `qgis --code`: open the panel, load an area, take pictures, write what is there, leave.

The environment tells: DTWIN_TRIAL is the folder to write to; DTWIN_UNLOAD, if set, that the plugin is unloaded and
started again while the load runs, twice, the way that its developers and the plugin manager do.
"""

import gc
import json
import os
from pathlib import Path

from qgis import utils
from qgis.core import QgsApplication, QgsCoordinateReferenceSystem, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QEventLoop, QTimer
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
    dock = shown_dock()
    QTimer.singleShot(1000, lambda: load(dock))


def shown_dock():
    """Open the panel by its entry in the menu."""
    panel = next(
        a
        for a in iface.mainWindow().findChildren(type(iface.actionPan()))
        if a.text() in ("Sources", "Bronnen") and a.isCheckable()
    )
    panel.trigger()
    dock = iface.mainWindow().findChild(QDockWidget, "DtwinSources")
    dock.tree.fill({name: p for name, p in products().items()}, set(PRODUCTS))
    dock.file.setFilePath(str(FOLDER / "area.gpkg"))
    return dock


def products():
    from dtwin_plugin.catalogue.products import products as listed

    return listed()


def load(dock):
    picture("panel")
    found["title"], found["button"] = dock.windowTitle(), dock.load.text()
    dock.load.click()
    if os.environ.get("DTWIN_UNLOAD"):
        unload(dock, 2)
    else:
        look(dock)


def unload(dock, times):
    """Unload during a load, in a loop of events within that of QGIS, as a dialog has one."""
    found["running"] = [*found.get("running", []), dock._run is not None]
    loop = QEventLoop()
    QTimer.singleShot(300, lambda: utils.unloadPlugin("dtwin_plugin"))
    QTimer.singleShot(2500, loop.quit)
    loop.exec()
    found["docks"] = len(iface.mainWindow().findChildren(QDockWidget, "DtwinSources"))
    gc.collect()
    utils.loadPlugin("dtwin_plugin")
    utils.startPlugin("dtwin_plugin")
    dock = shown_dock()
    if times > 1:
        dock.load.click()
        QTimer.singleShot(1000, lambda: unload(dock, times - 1))
        return
    found["again"] = dock.load.isEnabled()
    QTimer.singleShot(2000, lambda: leave())


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
    leave()


def leave():
    (FOLDER / "found.json").write_text(json.dumps(found))
    QgsProject.instance().setDirty(False)
    QTimer.singleShot(100, QgsApplication.instance().quit)


QTimer.singleShot(2000, begin)
