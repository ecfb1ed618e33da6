"""A load that runs when its panel goes: it is stopped and waited for, and nothing of it is told any more."""

import gc
import time
import weakref
from threading import Event

import pytest
from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import QCoreApplication, QEventLoop, QTimer

from dtwin_plugin.errors import Cancelled
from dtwin_plugin.gui.sources.run import Run
from dtwin_plugin.layers import network


class Silent:
    """A way to the network on which nobody answers, until the user stops."""

    def __init__(self):
        self.asked = Event()

    def get(self, url, params=None, *, timeout=60.0, headers=None):
        return self.get_unless(lambda: False, url)

    def get_unless(self, cancelled, url, params=None, *, timeout=60.0, headers=None):
        self.asked.set()
        while not cancelled():
            time.sleep(0.01)
        raise Cancelled


@pytest.fixture(scope="module")
def provider(qgis_app, qgis_processing):
    from processing_algorithms.provider import DtwinProvider

    instance = DtwinProvider()
    QgsApplication.processingRegistry().addProvider(instance)
    yield instance
    QgsApplication.processingRegistry().removeProvider(instance)


@pytest.fixture
def parameters(provider, tmp_path, monkeypatch):
    silent = Silent()
    monkeypatch.delenv("DTWIN_CATALOGUE", raising=False)
    monkeypatch.setattr(network, "_polite", silent)
    monkeypatch.setattr(network, "cache_folder", lambda: tmp_path / "cache")
    return {
        "extent": "112400,112600,460400,460600 [EPSG:28992]",
        "products": "terrain,buildings3d",
        "geopackage": str(tmp_path / "area.gpkg"),
    }, silent.asked


def running(parameters):
    """A run whose sources wait for an answer."""
    values, asked = parameters
    run = Run(values, QgsProject.instance())
    assert run.problem() == ""
    run.start()
    end = time.monotonic() + 20
    while not asked.is_set() and time.monotonic() < end:
        QCoreApplication.processEvents()
        time.sleep(0.01)
    assert asked.is_set()
    return run


def test_closing_waits_until_no_thread_works_for_it(parameters):
    heard = []
    run = running(parameters)
    run.ended.connect(lambda *state: heard.append(state))
    run.feedback.source.connect(lambda *state: heard.append(state))
    heard.clear()
    begin = time.monotonic()
    closed = run.close()
    assert closed and time.monotonic() - begin < 3, time.monotonic() - begin
    settle()
    assert not heard


def test_a_run_that_nobody_holds_lives_until_its_task_ends(parameters):
    """Also when it is let go in a loop of events within another, as under a dialog."""
    run = running(parameters)
    loop, kept = QEventLoop(), weakref.ref(run)

    def let_go():
        nonlocal run
        run.close(patience=0.0)
        run = None
        gc.collect()
        assert kept() is not None

    QTimer.singleShot(50, let_go)
    QTimer.singleShot(300, loop.quit)
    loop.exec()
    settle()
    assert run is None and not QgsApplication.taskManager().activeTasks()
    QCoreApplication.processEvents()
    gc.collect()
    assert kept() is None


def settle(seconds=20.0):
    """Let QGIS handle what is waiting until no task is left."""
    end = time.monotonic() + seconds
    QCoreApplication.processEvents()
    while QgsApplication.taskManager().activeTasks() and time.monotonic() < end:
        QCoreApplication.processEvents()
        time.sleep(0.01)


def test_what_is_wrong_is_known_before_it_begins(parameters):
    values, asked = parameters
    assert "nothing to load with the name x" in Run({**values, "products": "x"}, QgsProject.instance()).problem()
    assert not asked.is_set()
