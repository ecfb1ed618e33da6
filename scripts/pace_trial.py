"""Run inside the real QGIS: open one layer in its own 3D view, and tell how long it takes and how much memory.

DTWIN_TRIAL is the folder with `task.json`: the file, and how it is drawn: "ours" as it was written, "plain" as QGIS
draws a polygon layer by itself, "tiles" as 3D Tiles, "water" as a mesh through time.
"""

import json
import time
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsDateTimeRange,
    QgsMeshLayer,
    QgsProject,
    QgsReferencedRectangle,
    QgsTiledSceneLayer,
    QgsVector3D,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtWidgets import QApplication
from qgis.utils import iface

from scripts.trial import FOLDER, pump, start

TASK = json.loads((FOLDER / "task.json").read_text())
QUIET = 2.5  # s without a job and without a change on the screen, after which a picture is whole
LIMIT = 100.0  # s


def memory():
    """Memory that is in use [MB]."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmRSS"))


def seen(canvas):
    """What the view shows, made small."""
    image = QApplication.primaryScreen().grabWindow(int(canvas.winId())).toImage()
    return image.scaled(QSize(300, 200), Qt.AspectRatioMode.IgnoreAspectRatio)


def settled(canvas):
    """Seconds from now to the last change; None where it goes on."""
    from qgis._3d import Qgs3DMapScene

    begin = changed = time.monotonic()
    before = None
    while time.monotonic() - changed < QUIET:
        pump(0.05)
        now = time.monotonic()
        if now - begin > LIMIT:
            return None
        scene = canvas.scene()
        if scene.totalPendingJobsCount() or scene.sceneState() != Qgs3DMapScene.SceneState.Ready:
            changed = now
            continue
        picture = seen(canvas)
        if picture != before:
            before, changed = picture, now
    return changed - begin


def look(canvas, extent, distance):
    """Look at the middle of the extent, from the south."""
    middle = canvas.mapSettings().mapToWorldCoordinates(QgsVector3D(extent.center().x(), extent.center().y(), 0.0))
    canvas.cameraController().setLookingAtPoint(middle, distance, 45.0, 20.0)


def layer_of(kind, path):
    """Open the layer as it is to be drawn."""
    from qgis._3d import QgsPolygon3DSymbol, QgsTiledSceneLayer3DRenderer, QgsVectorLayer3DRenderer

    if kind == "tiles":
        layer = QgsTiledSceneLayer("url=" + Path(path).as_uri(), "tiles", "cesiumtiles")
        layer.setRenderer3D(QgsTiledSceneLayer3DRenderer())
        layer.elevationProperties().setZOffset(-TASK["height"])
        return layer
    if kind == "water":
        layer = QgsMeshLayer(path, "water", "mdal")
        layer.loadDefaultStyle()
        return layer
    layer = QgsVectorLayer(f"{path}|layername=surfaces", "buildings", "ogr")
    layer.loadDefaultStyle()
    if kind == "plain":
        symbol = QgsPolygon3DSymbol()
        symbol.setAltitudeClamping(Qgis.AltitudeClamping.Absolute)
        symbol.setAltitudeBinding(Qgis.AltitudeBinding.Vertex)
        layer.setRenderer3D(QgsVectorLayer3DRenderer(symbol))
    return layer


def run():
    project = QgsProject.instance()
    iface.mapCanvas().setRenderFlag(False)  # the 2D map is not what is measured
    iface.layerTreeCanvasBridge().setAutoSetupOnFirstLayer(False)
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    layer = layer_of(TASK["kind"], TASK["file"])
    assert layer.isValid(), TASK
    extent = TASK["extent"]
    rectangle = QgsReferencedRectangle(type(layer.extent())(*extent), project.crs())
    project.viewSettings().setPresetFullExtent(rectangle)
    project.addMapLayer(layer)
    pump(0.5)
    before, begin, used = memory(), time.monotonic(), time.process_time()
    canvas = iface.createNewMapCanvas3D("pace")
    canvas.mapSettings().setBackgroundColor(Qt.GlobalColor.white)
    size = max(rectangle.width(), rectangle.height())
    look(canvas, rectangle, 1.1 * size)
    opened = time.monotonic() - begin
    found = {"first": settled(canvas)}
    if found["first"] is not None:
        found["first"] += opened
    found["memory"], found["cpu"] = memory() - before, time.process_time() - used
    keep(canvas, "far")
    if TASK["kind"] == "water":
        found["frame"] = frame(canvas, layer)
        return found
    look(canvas, rectangle, 400.0)
    found["moved"] = settled(canvas) if found["first"] is not None else None
    keep(canvas, "near")
    return found


def frame(canvas, layer):
    """Seconds until another moment is drawn."""
    times = layer.temporalProperties().timeExtent()
    moment = times.begin().addSecs(times.begin().secsTo(times.end()) // 2)
    canvas.mapSettings().setTemporalRange(QgsDateTimeRange(moment, moment.addSecs(1)))
    canvas.scene().updateTemporal()
    seconds = settled(canvas)
    keep(canvas, "later")
    return seconds


def keep(canvas, name):
    QApplication.primaryScreen().grabWindow(int(canvas.winId())).save(str(FOLDER / f"{name}.png"))


start(run)
