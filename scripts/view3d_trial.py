"""Run inside the real QGIS by `qgis --code`: open the panel "3D view", click on houses, take pictures, tell of it.

The environment tells: DTWIN_TRIAL is the folder with the ground and the houses, and to write to.
"""

import time

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProject,
    QgsRasterDemTerrainProvider,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import iface, loadPlugin, startPlugin, unloadPlugin

from scripts.trial import FOLDER, click, is_drawn, picture, pump, show_map, start, until, view3d

found = {"clicks": [], "seconds": {}}


def told(dock):
    """The name of the object in the panel of facts."""
    facts = dock.instruments.get("inspect").facts
    for group in range(min(facts.topLevelItemCount(), 1)):
        item = facts.topLevelItem(group)
        rows = {item.child(k).text(0): item.child(k).text(1) for k in range(item.childCount())}
        return rows.get("identificatie", "")
    return ""


def run():
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
    dock = view3d()
    found["title"] = dock.windowTitle()
    started = time.monotonic()
    found["ready"] = show_map(dock)
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
    found["after removal"] = [layer.name() for layer in dock.scene.view.canvas.mapSettings().layers()]
    dock.scene.close_views()
    pump(0.5)
    found["views after closing"] = len(iface.mapCanvases3D())
    show_map(dock)
    unloadPlugin("dtwin_plugin")
    pump(1)
    found["docks after unload"] = iface.mainWindow().findChild(QDockWidget, "DtwinView3D") is not None
    found["views after unload"] = len(iface.mapCanvases3D())
    loadPlugin("dtwin_plugin")
    startPlugin("dtwin_plugin")
    view3d()
    found["docks after reload"] = iface.mainWindow().findChild(QDockWidget, "DtwinView3D") is not None
    return found


def ask(dock, houses):
    """Click at the middle of every roof."""
    view, extent = dock.scene.view, houses.extent()
    before = view.viewpoint("")
    view.look(extent.center().x(), extent.center().y(), 0.0, 640.0, 50.0, 25.0)  # all, in a small window too
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
            until(lambda: not dock.scene.book.missing([houses], view.extent))
        direction = camera.ray(x, y)[1].tolist()
        found["clicks"].append({"aimed": feature["identificatie"], "told": told(dock), "direction": direction})
    view.go(before)
    found["message"] = dock.message.text()
    facts = dock.instruments.get("inspect").facts
    found["groups"] = [facts.topLevelItem(k).text(0) for k in range(facts.topLevelItemCount())]


def other_scenes(houses):
    """A scene of one house, and then one of all: each with a house to click on."""
    rows = list(houses.getFeatures())
    return [(rows[0].geometry().boundingBox().buffered(15), 0), (houses.extent().buffered(20), len(rows) - 1)]


def scene(dock, houses, extent, number):
    """Open a scene and click on one house from above; return its name and what is told."""
    iface.mapCanvas().setExtent(extent)
    pump(0.5)
    show_map(dock)
    feature = list(houses.getFeatures())[number]
    middle = feature.geometry().centroid().asPoint()
    dock.scene.view.look(middle.x(), middle.y(), feature["height"], 60.0, 0.0, 0.0)
    pump(0.5)
    camera = dock.scene.view.camera()
    click(dock.scene.view.canvas, camera.width / 2, camera.height / 2)
    until(lambda: not dock.scene.book.missing([houses], dock.scene.view.extent))
    return [feature["identificatie"], told(dock)]


def views(dock):
    """Keep a viewpoint, look elsewhere, come back, and go below the ground."""
    view = dock.scene.view
    page = dock.choose("viewpoints")
    page.keep_as("Square")
    before = view.camera()
    centre = before.centre
    view.look(*centre, 40.0, 70.0, 90.0)
    found["moved"] = view.camera().heading
    page.go("Square")
    pump(0.5)
    after = view.camera()
    found["came back"] = [abs(a - b) for a, b in zip((*before.centre, before.distance, before.heading),
                                                      (*after.centre, after.distance, after.heading))]  # fmt: skip
    below = dock.choose("below")
    for name in ("none", "clear", "solid"):
        below.ground.kind.setCurrentIndex(below.ground.kind.findData(name))
        until(lambda: is_drawn(dock))
        pump(2)
        picture(f"ground_{name}")
    themes = QgsProject.instance().mapThemeCollection()
    root, model = QgsProject.instance().layerTreeRoot(), iface.layerTreeView().layerTreeModel()
    houses = QgsProject.instance().mapLayersByName("houses")[0]
    root.findLayer(houses.id()).setItemVisibilityChecked(False)
    themes.insert("no houses", themes.createThemeFromCurrentState(root, model))
    root.findLayer(houses.id()).setItemVisibilityChecked(True)
    dock.choose("compare")
    pump(0.5)
    second = dock.scene.frames[1]
    second.themes.setCurrentIndex(second.themes.findData("no houses"))
    second._show(second.themes.currentIndex())
    until(lambda: is_drawn(dock))
    view.look(*view.camera().centre, 300.0, 60.0, 30.0)
    pump(0.5)
    found["follows"] = [second.view.camera().heading, second.view.camera().distance]
    second.view.look(*view.camera().centre, 350.0, 50.0, 10.0)
    pump(0.5)
    found["leads"] = [view.camera().heading, view.camera().distance]
    root.findLayer(QgsProject.instance().mapLayersByName("water")[0].id()).setItemVisibilityChecked(True)
    pump(1)  # a change on the map reaches the view that shows the map, and not the other
    found["layers"] = [
        sorted(layer.name() for layer in f.view.canvas.mapSettings().layers() if layer.project() is not None)
        for f in dock.scene.frames  # what is marked is of no project
    ]
    until(lambda: is_drawn(dock))
    picture("compare")
    dock.instruments.get("compare").views.setCurrentIndex(0)
    pump(0.5)
    found["views after comparing"] = len(iface.mapCanvases3D())


start(run)
