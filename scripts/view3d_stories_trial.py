"""Run inside the real QGIS by `qgis --code`: play time, keep and fly along viewpoints, make films, save and reopen.

The environment tells: DTWIN_TRIAL is the folder to write to, DTWIN_PARTS what to do.
"""

import os
import time

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMeshLayer,
    QgsProject,
    QgsRasterDemTerrainProvider,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QSize, Qt
from qgis.PyQt.QtGui import QKeyEvent
from qgis.utils import iface

from scripts.small_twin import main as write_small_twin
from scripts.trial import FOLDER, is_drawn, picture, pump, show_map, start, until, view3d

found = {"seconds": {}}
layers = {}


def run():
    write_small_twin(FOLDER)
    add_layers()
    dock = view3d(700)
    found["ready"] = show_map(dock)
    parts = {"time": through_time, "viewpoints": viewpoints, "looks": looks, "films": films, "project": reopened}
    for part in os.environ["DTWIN_PARTS"].split():
        parts[part](dock)
    return found


def add_layers():
    from dtwin_plugin.layers import finish, styles3d

    styles3d.initialise()
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    project.setTitle("Stories")
    layers["ground"] = QgsRasterLayer(str(FOLDER / "terrain.tif"), "ground")
    layers["depth"] = QgsRasterLayer(str(FOLDER / "depth.tif"), "depth")
    layers["water"] = QgsMeshLayer(str(FOLDER / "water.nc"), "water", "mdal")
    layers["houses"] = QgsVectorLayer(str(FOLDER / "surfaces.gpkg"), "houses", "ogr")
    for layer in layers.values():
        finish.load_sidecars(layer)
        project.addMapLayer(layer)
    for name in ("depth", "water"):
        tick(name, False)
    provider = QgsRasterDemTerrainProvider()
    provider.setLayer(layers["ground"])
    project.elevationProperties().setTerrainProvider(provider)
    iface.mapCanvas().setExtent(layers["ground"].extent())
    pump(0.5)


def tick(name, wanted):
    QgsProject.instance().layerTreeRoot().findLayer(layers[name].id()).setItemVisibilityChecked(wanted)


def ticked():
    return sorted(layer.name() for layer in QgsProject.instance().layerTreeRoot().checkedLayers())


def moment():
    return iface.mapCanvas().temporalRange().begin().toString(Qt.DateFormat.ISODate)


def drawn(dock, name):
    """Wait for the views, and keep a picture."""
    until(lambda: is_drawn(dock))
    pump(0.5)
    picture(name)


def through_time(dock):
    """The slider drives the map, the map's controller drives the slider, and both water layers follow in 3D."""
    view, page = dock.scene.view, dock.choose("time")
    view.look(*view.centre, 110.0, 0.0, 0.0)
    found["moments"] = page.moments.count
    page.play_or_pause()
    found["shown first"] = ticked()  # none was visible: the surface of water is
    found["played"] = until(lambda: not page._timer.isActive(), 100)
    found["at the end"] = [page.slider.value(), moment(), page.place.text()]
    for name, other in (("water", "depth"), ("depth", "water")):
        tick(name, True)
        tick(other, False)
        for number in (0, 1):
            page.slider.setValue(number)
            drawn(dock, f"{name}_{number}")
    controller = iface.mapCanvas().temporalController()
    controller.setCurrentFrameNumber(1)
    pump(0.3)
    found["heard"] = [page.slider.value(), moment()]
    page.stop()
    pump(0.3)
    found["all times"] = [page.moment.text(), moment()]
    tick("depth", False)


def viewpoints(dock):
    two_viewpoints(dock)
    view, page = dock.scene.view, dock.choose("viewpoints")
    dock.scene.clock.stop()
    tick("ground", False)
    before = view.camera()
    found["ticked before"] = ticked()
    began = time.monotonic()
    page.fly_to("Houses")
    pump(0.7)
    found["on the way"] = [view.camera().distance, dock.scene.recall.is_flying]
    until(lambda: not dock.scene.recall.is_flying)
    found["seconds"]["flight"] = time.monotonic() - began
    camera = view.camera()
    found["there"] = [camera.distance, camera.pitch, camera.heading, ticked(), dock.scene.clock.shown is None]
    page.go("Flood")
    pump(0.5)
    camera = view.camera()
    found["water"] = [camera.distance, camera.pitch, camera.heading, ticked(), moment()]
    page.back.click()
    pump(0.5)
    found["back"] = [abs(view.camera().distance - before.distance) < 0.01, ticked(), dock.scene.clock.shown is None]
    tick("ground", True)
    item = page.names.findItems("Flood", Qt.MatchFlag.MatchExactly)[0]
    item.setText("Peak")
    pump(0.3)
    page.names.insertItem(0, page.names.takeItem(1))
    page._ordered()
    found["names"] = [page.names.item(row).text() for row in range(page.names.count())]
    found["icons"] = [not page.names.item(row).icon().isNull() for row in range(page.names.count())]
    page.fly_to("Houses")
    pump(0.3)
    canvas = view.canvas
    QCoreApplication.sendEvent(canvas, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_X, Qt.KeyboardModifier.NoModifier))
    found["taken over"] = not dock.scene.recall.is_flying


def looks(dock):
    """Each key in the view turns the camera."""
    from dtwin_plugin.gui.view3d import recall

    recall._TURN = 0.01
    view, found["looks"] = dock.scene.view, {}
    for key in ("Home", "N", "T", "1", "2", "3", "4", "Plus", "Minus"):
        code = getattr(Qt.Key, f"Key_{key}")
        QCoreApplication.sendEvent(view.canvas, QKeyEvent(QEvent.Type.KeyPress, code, Qt.KeyboardModifier.NoModifier))
        while dock.scene.recall.is_flying:
            pump(0.02)
        camera = view.camera()
        found["looks"][key] = [camera.pitch, camera.heading % 360, view.centre[2], camera.distance]


def two_viewpoints(dock):
    """Houses from aside, and a flood at its peak."""
    view, page = dock.scene.view, dock.choose("viewpoints")
    view.look(*view.centre, 150.0, 45.0, 20.0)
    until(lambda: is_drawn(dock))
    page.keep_as("Houses")
    tick("water", True)
    tick("houses", False)
    dock.scene.clock.show(dock.scene.clock.moments(), 1)
    view.look(*view.centre, 90.0, 10.0, 100.0)
    until(lambda: is_drawn(dock))
    page.keep_as("Flood")


def films(dock):
    from dataclasses import replace

    from qgis.core import QgsLayoutExporter

    from dtwin_plugin.gui.view3d import film
    from dtwin_plugin.layers.viewpoints import keep_viewpoints, kept_viewpoints

    film._TICK = 1  # so that views that have loaded all do not show it yet when they were looked at three times
    two_viewpoints(dock)
    project = QgsProject.instance()
    keep_viewpoints(project, [replace(each, flight=0.5, stay=0.5) for each in kept_viewpoints(project)])
    page = dock.choose("film")
    page.rate.setCurrentIndex(0)
    page.play_or_stop()
    found["walks"] = dock.scene.recall.is_flying
    found["walked"] = until(lambda: not dock.scene.recall.is_flying, 40)
    found["walked to"] = [ticked(), moment()]
    began = time.monotonic()
    page.save_film(FOLDER / "walk.gif")
    found["seconds"]["film"] = time.monotonic() - began
    found["said of the film"] = dock.message.text()
    page.save_picture(FOLDER / "as_seen.png")
    page.size.setCurrentIndex(1)
    began = time.monotonic()
    page.save_picture(FOLDER / "large.png")
    found["seconds"]["picture of 1280 x 720"] = time.monotonic() - began
    page.save_film(FOLDER / "walk.mp4")
    found["said without ffmpeg"] = dock.message.text()
    page.make_sheet()
    found["said of the sheet"] = dock.message.text()
    layout = project.layoutManager().printLayouts()[0]
    found["sheet"] = [layout.name(), sorted(type(item).__name__ for item in layout.items())]
    QgsLayoutExporter(layout).renderPageToImage(0, QSize(), 60).save(str(FOLDER / "sheet.png"))


def reopened(dock):
    """The project is saved with the panel open, cleared, and read again."""
    project = QgsProject.instance()
    two_viewpoints(dock)
    pump(0.5)
    camera = dock.scene.view.camera()
    found["saved"] = project.write(str(FOLDER / "stories.qgz"))
    project.clear()
    pump(1.0)
    found["views when cleared"] = len(iface.mapCanvases3D())
    project.read(str(FOLDER / "stories.qgz"))
    until(lambda: is_drawn(dock))
    pump(1.0)
    again = dock.scene.view.camera() if dock.scene.view is not None else None
    found["reopened"] = again is not None and [
        abs(again.distance - camera.distance) < 0.01, abs(again.heading - camera.heading) < 0.01, ticked(), moment(),
    ]  # fmt: skip
    found["views open"] = len(iface.mapCanvases3D())
    drawn(dock, "reopened")
    dock.setUserVisible(False)
    project.write(str(FOLDER / "closed.qgz"))
    project.clear()
    project.read(str(FOLDER / "closed.qgz"))
    pump(2.0)
    found["stays closed"] = len(iface.mapCanvases3D())


start(run)
