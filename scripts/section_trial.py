"""Run inside the real QGIS by `qgis --code`: open the panel "Section", draw a line, take a picture, tell what is there.

The environment tells: DTWIN_TRIAL is the folder with the layers, and to write to.
"""

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QPointF, Qt
from qgis.utils import iface

from scripts.trial import FOLDER, panel, picture, pump, start, until

LAYERS = ("soil", "houses", "bodies", "cables", "sticks")
X, Y = 136_400.0, 456_200.0  # corner of the street


def run():
    """Make a section along a street."""
    lay_street()
    dock = panel("DtwinSection", "Section", "Doorsnede")
    iface.mainWindow().resizeDocks([dock], [560], Qt.Orientation.Vertical)
    iface.mapCanvas().setExtent(QgsRectangle(X, Y, X + 80, Y + 60))
    found = {"title": dock.windowTitle()}
    found["chosen"] = {name: box.currentText() for name, box in dock.chooser.lists.items() if box.currentData()}
    pump(1.5)
    line = QgsGeometry.fromWkt(f"LINESTRING({X + 2} {Y + 30}, {X + 40} {Y + 32}, {X + 78} {Y + 30})")
    dock.line.set_line(line, QgsProject.instance().crs())
    dock.chooser.groundwater_depth.setValue(0.9)
    dock.start()
    until(lambda: dock._run is None, 150)
    pump(1.5)
    found["message"] = dock.message.text()
    if dock.view.data is not None:
        found |= looked_at(dock)
    pump(1)
    picture("section")
    return found


def lay_street():
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    ground = QgsRasterLayer(str(FOLDER / "ground.tif"), "ground")
    ground.elevationProperties().setEnabled(True)
    project.addMapLayer(ground)
    for name in LAYERS:
        project.addMapLayer(QgsVectorLayer(f"{FOLDER / (name + '.gpkg')}|layername={name}", name, "ogr"))
    project.mapLayersByName("cables")[0].setCustomProperty("dtwin/privacy", "confidential")


def looked_at(dock):
    """Ask what a place in the drawing is, and save drawing and data."""
    frame, scale = dock.view.frame(), dock.view._scale()
    told = dock.view.point(QPointF(frame.x(28.0) * scale, frame.y(-1.2) * scale))
    for suffix in ("pdf", "svg", "png"):
        dock.export.save_drawing(FOLDER / f"drawing.{suffix}")
    (FOLDER / "data").mkdir()
    dock.export.save_data(FOLDER / "data")
    return {"told": told, "layers": sorted(layer.name() for layer in QgsProject.instance().mapLayers().values())}


start(run)
