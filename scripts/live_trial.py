"""Run inside the real QGIS by `qgis --code`: the panel Live, against a server that plays the NDW.

The environment tells: DTWIN_TRIAL is the folder with a history, `history.gpkg`, and to write to; DTWIN_LIVE the address
of the server, DTWIN_SILENT that of one that never answers.
"""

import os
import sys
import time

from qgis.core import QgsApplication, QgsCoordinateReferenceSystem, QgsGeometry, QgsProject
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.utils import iface

from scripts.trial import FOLDER, panel, picture, pump, start, until
from tests.servers.proj_grids import stand_in

LIVE, SILENT = os.environ["DTWIN_LIVE"], os.environ["DTWIN_SILENT"]


def rows(question):
    from dtwin_plugin.twin.live.history import History

    with History(FOLDER / "history.gpkg") as history:
        return history.rows(question)


def add(dock, address):
    dock.offer.setEditText(address)
    dock.add.click()


def asked(dock, found):
    """Ask the server, and see the answer in history, panel and map."""
    before = rows("SELECT count(*) FROM observations")[0][0]
    dock.here.setChecked(False)
    begun = time.monotonic()
    add(dock, LIVE)
    found["seconds to ask"] = time.monotonic() - begun  # the window is not held up
    found["answered"] = until(lambda: rows("SELECT count(*) FROM observations")[0][0] > before, 30)
    until(lambda: dock.list.topLevelItem(0).text(1) in ("runs", "loopt"), 10)
    item = dock.list.topLevelItem(0)
    found["row"] = [item.text(column) for column in range(4)]
    found["message"] = dock.message.text()
    dock.show_layers.click()
    pump(1)
    found["layers"] = {layer.name(): layer.featureCount() for layer in QgsProject.instance().mapLayers().values()}
    found["times"] = [
        layer.name() for layer in QgsProject.instance().mapLayers().values() if layer.temporalProperties().isActive()
    ]


def looked_at(dock, found):
    """Choose a station, go through time by keys, and save the series."""
    choice = dock.series
    found["stations"] = [choice.stations.itemText(row) for row in range(choice.stations.count())]
    choice.stations.setCurrentIndex(1)
    found["points"] = len(choice.plot.series.begins)
    found["gaps"] = len(choice.plot.series.gaps)
    choice.plot.setFocus()
    for _ in range(12):
        QTest.keyClick(choice.plot, Qt.Key.Key_Left)
    pump(1)
    found["moment"] = choice.plot.moment
    shown = iface.mapCanvas().temporalRange()
    found["map time"] = shown.begin().toSecsSinceEpoch() if not shown.begin().isNull() else None
    picture("live_moment")
    choice.follow.setChecked(False)
    live = next(layer for layer in QgsProject.instance().mapLayers().values() if layer.source().endswith("last_values"))
    live.selectByIds([next(live.getFeatures()).id()])
    pump(0.3)
    found["chosen on the map"] = choice.stations.currentData() == live.selectedFeatureIds()[0]
    dock.save_csv(FOLDER / "series.csv")


def run():
    found = {}
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    project.writeEntry("dtwin", "live_history", str(FOLDER / "history.gpkg"))
    found["loaded at the start"] = "dtwin_plugin.gui.live" in sys.modules
    (FOLDER / "grids").mkdir()
    with stand_in(FOLDER / "grids"):
        dock = panel("DtwinLive", "Live", "Actueel")
        asked(dock, found)
        shown = next(layer for layer in project.mapLayers().values() if layer.source().endswith("last_values"))
        places = [feature.geometry().asPoint() for feature in shown.getFeatures()]
        found["places"] = [[round(place.x()), round(place.y())] for place in places]
        iface.mapCanvas().setExtent(QgsGeometry.fromMultiPointXY(places).buffer(500, 5).boundingBox())
        pump(1)
        picture("live")
        looked_at(dock, found)
        project.write(str(FOLDER / "project.qgz"))
        add(dock, SILENT)
        found["waits"] = until(lambda: QgsApplication.taskManager().countActiveTasks() > 0, 10)
        begun = time.monotonic()
        project.clear()
        found["seconds to stop"] = time.monotonic() - begun
        found["rows after"] = dock.list.topLevelItemCount()
        project.read(str(FOLDER / "project.qgz"))
        pump(1)
        found["again"] = [watch.feed.running for watch in dock._polling.watches]
        dock._polling.stop_all()
    return found


start(run)
