"""The locator bar: suggestions in a thread, and the map that goes to a place."""

import json
import time

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsFeedback, QgsLocator, QgsLocatorContext, QgsLocatorResult
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QCoreApplication, QThread

from dtwin_plugin.gui.locator import LocatorFilter


@pytest.fixture
def places(locatie_server, monkeypatch, tmp_path):
    with locatie_server.serve(locatie_server.Places()) as state:
        path = tmp_path / "own.json"
        path.write_text(json.dumps(locatie_server.own_catalogue(state.url)))
        monkeypatch.setenv("DTWIN_CATALOGUE", str(path))
        yield state


@pytest.fixture
def canvas(qgis_app):
    canvas = QgsMapCanvas()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    canvas.resize(400, 300)
    yield canvas
    canvas.deleteLater()


def wait(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        QCoreApplication.processEvents()
        QThread.msleep(10)
    assert condition()


def searched(canvas, text, show=None):
    """What the bar gets, as QGIS asks for it: in a thread, of a clone."""
    locator, found, ended = QgsLocator(), [], []
    locator.registerFilter(LocatorFilter(canvas, show))
    locator.foundResult.connect(lambda result: found.append(QgsLocatorResult(result)))
    locator.finished.connect(lambda: ended.append(True))
    locator.fetchResults(text, QgsLocatorContext())
    wait(lambda: ended)
    return locator, found


def test_a_place_is_suggested_and_the_map_goes_there(canvas, places):
    locator, found = searched(canvas, "pdok oude delft")
    assert [(result.displayString, result.description) for result in found] == [("Oude Delft, Delft", "weg")]
    assert [path for path, _ in places.asked] == ["/bzk/locatieserver/search/v3_1/suggest"]
    found[0].filter.triggerResult(found[0])
    box = canvas.extent()
    assert box.contains(canvas.extent().center()) and box.width() < 3000
    assert abs(box.center().x() - 84_310) < 1 and abs(box.center().y() - 447_650) < 1
    del locator


def test_coordinates_ask_nobody(canvas, places):
    locator, found = searched(canvas, "pdok 121000, 487000")
    assert [result.displayString for result in found] == ["121000, 487000 (RD)"] and not places.asked
    found[0].filter.triggerResult(found[0])
    assert canvas.extent().center().x() == pytest.approx(121_000, abs=1)
    del locator


def test_short_texts_ask_nobody(canvas, places):
    assert searched(canvas, "pdok de")[1] == [] and not places.asked


def test_a_search_that_nobody_waits_for_ends(canvas, places):
    places.faults = ["slow"]
    feedback = QgsFeedback()
    one = LocatorFilter(canvas).clone()
    context = QgsLocatorContext()
    context.usingPrefix = True
    feedback.cancel()
    start = time.monotonic()
    one.fetchResults("delft", context, feedback)
    assert time.monotonic() - start < 1.5


def test_a_place_that_is_gone_is_a_sentence(canvas, places):
    shown = []
    locator, found = searched(canvas, "pdok oude delft", shown.append)
    places.faults = [(500, b"")] * 9
    found[0].filter.triggerResult(found[0])
    assert len(shown) == 1 and "127.0.0.1" in shown[0]
    places.documents, places.faults = [], []
    found[0].filter.triggerResult(found[0])
    assert len(shown) == 2 and "weg-1" in shown[1]
    del locator
