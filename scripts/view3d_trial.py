"""Run inside the real QGIS by `qgis --code`: open the panel "3D view", click on houses, take pictures, tell of it.

The environment tells: DTWIN_TRIAL is the folder with the ground and the houses, and to write to.
"""

import json
import os
import time
from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProject,
    QgsRasterDemTerrainProvider,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt, QTimer
from qgis.PyQt.QtGui import QMouseEvent
from qgis.PyQt.QtWidgets import QApplication, QDockWidget
from qgis.utils import iface, loadPlugin, startPlugin, unloadPlugin

FOLDER = Path(os.environ["DTWIN_TRIAL"])
found = {"clicks": [], "seconds": {}}


def pump(seconds):
    """Let QGIS work, and delete what it wants to: `processEvents` does not do that by itself."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        time.sleep(0.01)


def until(true, seconds=60):
    end, good = time.monotonic() + seconds, 0
    while good < 4 and time.monotonic() < end:
        pump(0.1)
        good = good + 1 if true() else 0
    return good >= 4


def picture(name):
    pump(0.5)
    QApplication.primaryScreen().grabWindow(0).save(str(FOLDER / f"{name}.png"))


def panel():
    actions = iface.mainWindow().findChildren(type(iface.actionPan()))
    return next(a for a in actions if a.text() in ("3D view", "3D-weergave") and a.isCheckable())


def click(canvas, x, y):
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        left = Qt.MouseButton.LeftButton
        place = QPointF(QPoint(round(x), round(y)))
        buttons = left if kind == QEvent.Type.MouseButtonPress else Qt.MouseButton.NoButton
        QCoreApplication.sendEvent(canvas, QMouseEvent(kind, place, left, buttons, Qt.KeyboardModifier.NoModifier))


def told(dock):
    """The name of the object in the panel of facts."""
    for group in range(min(dock.facts.topLevelItemCount(), 1)):
        item = dock.facts.topLevelItem(group)
        rows = {item.child(k).text(0): item.child(k).text(1) for k in range(item.childCount())}
        return rows.get("identificatie", "")
    return ""


def begin():
    try:
        run()
    except Exception as error:  # noqa: BLE001 - the test shows it
        import traceback

        found["error"] = f"{error}\n{traceback.format_exc()}"
    (FOLDER / "found.json").write_text(json.dumps(found))
    os._exit(0)  # a picture is all that is wanted of this window


def run():
    iface.mainWindow().resize(1600, 1000)
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    ground = QgsRasterLayer(str(FOLDER / "ground.tif"), "ground")
    houses = QgsVectorLayer(f"{FOLDER / 'houses.gpkg'}|layername=houses", "houses", "ogr")
    water = QgsVectorLayer(f"{FOLDER / 'water.gpkg'}|layername=water", "water", "ogr")
    project.addMapLayers([ground, water, houses])
    from dtwin_plugin.layers import styles3d

    styles3d.initialise()
    styles3d.extruded_by_rules(houses, {"1 = 1": "#c83232"}, "0", '"height"')
    provider = QgsRasterDemTerrainProvider()
    provider.setLayer(ground)
    project.elevationProperties().setTerrainProvider(provider)
    project.layerTreeRoot().findLayer(water.id()).setItemVisibilityChecked(False)
    iface.mapCanvas().setExtent(houses.extent().buffered(20))
    pump(0.5)
    layers_before = set(project.mapLayers())
    panel().trigger()
    dock = iface.mainWindow().findChild(QDockWidget, "DtwinView3D")
    iface.mainWindow().resizeDocks([dock], [1000], Qt.Orientation.Horizontal)
    pump(0.3)
    found["title"] = dock.windowTitle()
    started = time.monotonic()
    dock.show_map()
    found["ready"] = until(lambda: dock.view is not None and dock.view.is_ready)
    found["seconds"]["first picture"] = time.monotonic() - started
    found["project keeps its ground"] = project.elevationProperties().terrainProvider().layer().id() == ground.id()
    found["project keeps its layers"] = set(project.mapLayers()) == layers_before
    ask(dock, houses)
    picture("view")
    views(dock)
    found["scenes"] = [scene(dock, houses, extent, number) for extent, number in other_scenes(houses)]
    # what the view draws is removed, and the view closed and opened
    project.removeMapLayer(houses.id())
    pump(1)
    found["after removal"] = [layer.name() for layer in dock.view.canvas.mapSettings().layers()]
    dock.close_view()
    pump(0.5)
    found["views after closing"] = len(iface.mapCanvases3D())
    dock.show_map()
    until(lambda: dock.view.is_ready)
    unloadPlugin("dtwin_plugin")
    pump(1)
    found["docks after unload"] = iface.mainWindow().findChild(QDockWidget, "DtwinView3D") is not None
    found["views after unload"] = len(iface.mapCanvases3D())
    loadPlugin("dtwin_plugin")
    startPlugin("dtwin_plugin")
    panel().trigger()
    found["docks after reload"] = iface.mainWindow().findChild(QDockWidget, "DtwinView3D") is not None


def ask(dock, houses):
    """Click at the middle of every roof."""
    view = dock.view
    camera = view.camera()
    found["camera"] = {"position": camera.position.tolist(), "width": camera.width, "height": camera.height}
    for feature in houses.getFeatures():
        camera = view.camera()
        middle = feature.geometry().centroid().asPoint()
        x, y, _ = camera.project([[middle.x(), middle.y(), feature["height"]]])[0]
        if not (0 < x < camera.width and 0 < y < camera.height):
            continue
        x, y = round(x), round(y)
        click(view.canvas, x, y)
        if not found["clicks"]:
            until(lambda: not dock.book.missing([houses], view.extent))
        direction = camera.ray(x, y)[1].tolist()
        found["clicks"].append({"aimed": feature["identificatie"], "told": told(dock), "direction": direction})
    found["message"] = dock.message.text()
    found["groups"] = [dock.facts.topLevelItem(k).text(0) for k in range(dock.facts.topLevelItemCount())]


def other_scenes(houses):
    """A scene of one house, and then one of all: each with a house to click on."""
    rows = list(houses.getFeatures())
    return [(rows[0].geometry().boundingBox().buffered(15), 0), (houses.extent().buffered(20), len(rows) - 1)]


def scene(dock, houses, extent, number):
    """Open a scene and click on one house from above; return its name and what is told."""
    iface.mapCanvas().setExtent(extent)
    pump(0.5)
    dock.show_map()
    until(lambda: dock.view.is_ready)
    feature = list(houses.getFeatures())[number]
    middle = feature.geometry().centroid().asPoint()
    dock.view.look(middle.x(), middle.y(), feature["height"], 60.0, 0.0, 0.0)
    pump(0.5)
    camera = dock.view.camera()
    click(dock.view.canvas, camera.width / 2, camera.height / 2)
    until(lambda: not dock.book.missing([houses], dock.view.extent))
    return [feature["identificatie"], told(dock)]


def views(dock):
    """Keep a viewpoint, look elsewhere, come back, and go below the ground."""
    view = dock.view
    dock.keep_as("Square")
    before = view.camera()
    centre = before.centre
    view.look(*centre, 40.0, 70.0, 90.0)
    found["moved"] = view.camera().heading
    dock._go(1)
    pump(0.5)
    after = view.camera()
    found["came back"] = [abs(a - b) for a, b in zip((*before.centre, before.distance, before.heading),
                                                      (*after.centre, after.distance, after.heading))]  # fmt: skip
    for name in ("none", "clear", "solid"):
        dock.ground.setCurrentIndex(dock.ground.findData(name))
        until(lambda: view.is_ready)
        pump(2)
        picture(f"ground_{name}")
    themes = QgsProject.instance().mapThemeCollection()
    root, model = QgsProject.instance().layerTreeRoot(), iface.layerTreeView().layerTreeModel()
    houses = QgsProject.instance().mapLayersByName("houses")[0]
    root.findLayer(houses.id()).setItemVisibilityChecked(False)
    themes.insert("no houses", themes.createThemeFromCurrentState(root, model))
    root.findLayer(houses.id()).setItemVisibilityChecked(True)
    dock.compare.setChecked(True)
    pump(0.5)
    second = dock.frames[1]
    second.themes.setCurrentIndex(second.themes.findData("no houses"))
    second._show(second.themes.currentIndex())
    until(lambda: all(frame.view.is_ready for frame in dock.frames))
    view.look(*view.camera().centre, 300.0, 60.0, 30.0)
    pump(0.5)
    found["follows"] = [second.view.camera().heading, second.view.camera().distance]
    second.view.look(*view.camera().centre, 350.0, 50.0, 10.0)
    pump(0.5)
    found["leads"] = [view.camera().heading, view.camera().distance]
    root.findLayer(QgsProject.instance().mapLayersByName("water")[0].id()).setItemVisibilityChecked(True)
    pump(1)  # a change on the map reaches the view that shows the map, and not the other
    found["layers"] = [sorted(layer.name() for layer in f.view.canvas.mapSettings().layers()) for f in dock.frames]
    until(lambda: all(frame.view.is_ready for frame in dock.frames))
    picture("compare")
    dock.compare.setChecked(False)
    pump(0.5)
    found["views after comparing"] = len(iface.mapCanvases3D())


QTimer.singleShot(1500, begin)
