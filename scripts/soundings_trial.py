"""Run inside the real QGIS by `qgis --code`: open the panel "Soundings", pick sites, take pictures, tell what is there.

The environment tells: DTWIN_TRIAL is the folder with the layers of a load, and to write to.
"""

from qgis.core import QgsCoordinateReferenceSystem, QgsPointXY, QgsProject, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.utils import iface

from scripts.trial import FOLDER, panel, picture, pump, start

LAYERS = ("sites", "sticks", "curve", "screens", "series")


def run():
    """Pick the sites at a place, then all of them, and remove the layers."""
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    for name in reversed(LAYERS):
        project.addMapLayer(QgsVectorLayer(f"{FOLDER / (name + '.gpkg')}|layername={name}", name, "ogr"))
    dock = panel("DtwinSoundings", "Soundings", "Sonderingen")
    iface.mainWindow().resizeDocks([dock], [720], Qt.Orientation.Horizontal)
    found = {"title": dock.windowTitle(), "layers": dock.layers.count()}
    iface.mapCanvas().setExtent(QgsRectangle(85_700, 441_875, 85_900, 442_075))
    pump(2)
    dock.pick.click()
    dock._tool.picked.emit(dock._tool.at(QgsPointXY(85_800, 441_974), 5.0), False)
    found["picked"], found["selected"] = len(dock.plot.soundings), dock._layer.selectedFeatureCount()
    dock._layer.selectAll()
    found["all"] = len(dock.plot.soundings)
    dock.save_picture(FOLDER / "plot.svg")
    pump(2)
    picture("soundings")
    project.removeAllMapLayers()
    found["after"] = [len(dock.plot.soundings), dock.layers.count()]
    return found


start(run)
