"""GeoPackages are the same bytes again, also where QGIS or others still have them open."""

import sqlite3
import threading
from contextlib import closing

import numpy as np
import pytest
from qgis.core import QgsVectorLayer
from qgis.PyQt.QtCore import QCoreApplication, QEvent

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.layers import steady
from dtwin_plugin.layers.write import write_features
from dtwin_plugin.progress import Silent

pytestmark = pytest.mark.usefixtures("qgis_app")
MOMENT = "2026-01-01T12:00:00+01:00"


@pytest.fixture
def package(tmp_path):
    """A GeoPackage of which QGIS keeps a connection: it was read, and changed meanwhile."""
    path = tmp_path / "points.gpkg"
    places = Geometries.points(np.array([[112_000.0, 460_000.0]]))
    write_features(Features(places, {"number": np.array([1])}), path, "points", Silent())
    read_and_changed(path)
    return path


def read_and_changed(path):
    for name in ("plain", "other"):
        layer = QgsVectorLayer(f"{path}|layername=points", name, "ogr")
        assert [feature["number"] for feature in layer.getFeatures()] == [1]
        layer.saveStyleToDatabase(name, "", name == "plain", "")


def test_it_waits_for_what_qgis_closes_later(package):
    with closing(sqlite3.connect(package)) as other, pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("PRAGMA journal_mode = DELETE")  # or the test would show nothing
    assert steady.make_steady(package, MOMENT)
    assert moment_in(package) == "2026-01-01T11:00:00.000Z"
    assert not package.with_name("points.gpkg-wal").exists()


def test_in_a_thread_it_waits_for_the_main_one(package):
    done = []
    thread = threading.Thread(target=lambda: done.append(steady.make_steady(package, MOMENT)))
    thread.start()
    while thread.is_alive():
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # as a loop does
        thread.join(0.01)
    assert done == [True]


def test_what_another_keeps_open_stays_as_it_is(package, monkeypatch):
    monkeypatch.setattr(steady, "PATIENCE", 0.2)
    before = moment_in(package)
    with closing(sqlite3.connect(package)) as other:
        other.execute("SELECT * FROM gpkg_contents").fetchone()
        assert not steady.make_steady(package, MOMENT)
    assert moment_in(package) == before
    assert steady.make_steady(package, MOMENT)


def moment_in(path):
    with closing(sqlite3.connect(path)) as base:
        return base.execute("SELECT last_change FROM gpkg_contents").fetchone()[0]
