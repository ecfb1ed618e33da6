"""Run inside the real QGIS by `qgis --code`: open the panel, load an area, take pictures, tell what is there.

The environment tells: DTWIN_TRIAL is the folder to write to; DTWIN_UNLOAD, if set, that the plugin is unloaded and
started again while the load runs, twice, the way that its developers and the plugin manager do.
"""

import gc
import os

from qgis import utils
from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QEventLoop, QTimer
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import iface

from scripts.trial import FOLDER, panel, picture, pump, start, until

PRODUCTS = os.environ["DTWIN_PRODUCTS"].split(",")


def run():
    """Load an area, or be unloaded meanwhile."""
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    iface.mapCanvas().setExtent(QgsRectangle(112450, 460440, 112550, 460510))
    dock = shown_dock()
    pump(1)
    picture("panel")
    found = {"title": dock.windowTitle(), "button": dock.load.text()}
    dock.load.click()
    return found | (unloaded(dock) if os.environ.get("DTWIN_UNLOAD") else loaded(dock))


def shown_dock():
    """Open the panel, and tick what is to be loaded."""
    from dtwin_plugin.catalogue.products import products

    dock = panel("DtwinSources", "Sources", "Bronnen")
    dock.tree.fill(dict(products()), set(PRODUCTS))
    dock.file.setFilePath(str(FOLDER / "area.gpkg"))
    return dock


def loaded(dock):
    """Wait for the load, and tell what it made."""
    until(lambda: dock._run is None, 100)
    pump(3)
    picture("loaded")
    project = QgsProject.instance()
    return {
        "message": dock.message.text(),
        "states": {name: dock.tree.state_of(name) for name in PRODUCTS},
        "layers": sorted(layer.name() for layer in project.mapLayers().values()),
        "groups": [group.name() for group in project.layerTreeRoot().findGroups()],
    }


def unloaded(dock):
    """Unload during a load, in a loop of events within that of QGIS, as a dialog has one; and again."""
    running, docks = [], []
    for number in range(2):
        if number:
            dock.load.click()
            pump(1)
        running.append(dock._run is not None)
        loop = QEventLoop()
        QTimer.singleShot(300, lambda: utils.unloadPlugin("dtwin_plugin"))
        QTimer.singleShot(2500, loop.quit)
        loop.exec()
        docks.append(len(iface.mainWindow().findChildren(QDockWidget, "DtwinSources")))
        gc.collect()
        utils.loadPlugin("dtwin_plugin")
        utils.startPlugin("dtwin_plugin")
        dock = shown_dock()
    pump(2)
    return {"running": running, "docks": docks, "again": dock.load.isEnabled()}


start(run)
