"""3D Tiles that leave a view are loaded to the end first."""

import threading
import time
from types import SimpleNamespace

import pytest
from qgis import utils
from qgis.core import QgsPointCloudLayer, QgsTiledSceneLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QRunnable, QThreadPool

from dtwin_plugin.layers import tiles_loading


class Job(QRunnable):
    """What takes until it is told to end, or some seconds."""

    def __init__(self, seconds):
        super().__init__()
        self.end, self.seconds, self.is_done = threading.Event(), seconds, False

    def run(self):
        self.end.wait(self.seconds)
        self.is_done = True


@pytest.fixture
def jobs(qgis_app):
    """Start jobs, more than there are threads if wanted; all have ended after the test."""
    pool, made = QThreadPool.globalInstance(), []

    def start(seconds, count=1):
        begun = [Job(seconds) for _ in range(count)]
        for job in begun:
            job.setAutoDelete(False)
            pool.start(job)
        made.extend(begun)
        return begun

    yield start
    for job in made:
        job.end.set()
    while pool.activeThreadCount():
        time.sleep(0.01)


def test_what_waits_for_a_thread_is_done_too(jobs):
    many = jobs(0.05, 3 * QThreadPool.globalInstance().maxThreadCount())
    tiles_loading.let_loading_finish()
    assert all(job.is_done for job in many)


def test_the_threads_stay(jobs):
    """Qt 3D keeps things in them: `waitForDone` would end them."""
    seen = []

    class Seen(Job):
        def run(self):
            seen.append(threading.get_native_id())
            super().run()

    pool = QThreadPool.globalInstance()
    for _ in range(2):
        for job in [Seen(0.1) for _ in range(pool.maxThreadCount())]:  # at once, so that each thread has one
            pool.start(job)
            seen.append(job)
        tiles_loading.let_loading_finish()
    threads = [item for item in seen if isinstance(item, int)]
    half = len(threads) // 2
    assert set(threads[:half]) == set(threads[half:])


def test_what_does_not_end_is_not_waited_for_without_end(jobs, monkeypatch):
    monkeypatch.setattr(tiles_loading, "PATIENCE", 0.1)
    (job,) = jobs(30)
    begun = time.monotonic()
    tiles_loading.let_loading_finish()
    # ten times as long as it may wait: the machine may be busy
    assert 0.1 <= time.monotonic() - begun < 1.0 and not job.is_done


def test_only_tiles_are_waited_for(jobs, monkeypatch):
    waited = []
    monkeypatch.setattr(tiles_loading, "let_loading_finish", lambda: waited.append(1))
    tiles_loading.let_tiles_finish([QgsVectorLayer("Point", "points", "memory"), None])
    assert not waited
    tiles_loading.let_tiles_finish([QgsTiledSceneLayer("url=https://localhost/tileset.json", "tiles", "cesiumtiles")])
    assert waited == [1]


def test_a_source_changes_when_nothing_is_read_of_the_old_one_any_more(jobs):
    (job,) = jobs(0.2)
    layer, told = QgsPointCloudLayer("old.copc.laz", "points", "copc"), []
    layer.request3DUpdate.connect(lambda: told.append((job.is_done, layer.source())))
    tiles_loading.change_source(layer, "new.copc.laz", "copc")
    assert (True, "new.copc.laz") in told  # views begin anew at once
    assert layer.name() == "points"


@pytest.fixture
def scene(monkeypatch):
    """A scene of a 3D view with what a layer is drawn by, which goes with the renderer, later, as in QGIS."""
    parent, log = QObject(), []

    class Part(QObject):
        def __init__(self, layer):
            super().__init__(parent)
            layer.renderer3DChanged.connect(self.deleteLater)
            self.destroyed.connect(lambda: log.append(f"gone before {layer.source()}"))

    canvas = SimpleNamespace(scene=lambda: parent)
    monkeypatch.setattr(utils, "iface", SimpleNamespace(mapCanvases3D=lambda: [canvas, None]))
    return Part, log


@pytest.mark.parametrize("kind", [QgsPointCloudLayer, QgsTiledSceneLayer])
def test_views_let_go_of_a_layer_before_its_source_changes_and_take_it_again(qgis_app, scene, kind):
    """QGIS deletes what stands for it when it handles events: until then that goes on to load from what is gone."""
    import qgis._3d as views

    provider = "copc" if kind is QgsPointCloudLayer else "cesiumtiles"
    layer, (part, log) = kind("old", "layer", provider), scene
    classes = {"copc": views.QgsPointCloudLayer3DRenderer, "cesiumtiles": views.QgsTiledSceneLayer3DRenderer}
    layer.setRenderer3D(classes[provider]())
    kept = layer.renderer3D().type()
    part(layer)
    tiles_loading.change_source(layer, "new", provider)
    assert log == ["gone before old"]
    assert layer.source() == "new" and layer.renderer3D().type() == kept


def test_of_a_vector_layer_threads_have_a_copy(qgis_app, monkeypatch):
    monkeypatch.setattr(tiles_loading, "let_loading_finish", lambda: pytest.fail("waited"))
    layer = QgsVectorLayer("Point", "points", "memory")
    tiles_loading.change_source(layer, "LineString", "memory")
    assert layer.source().startswith("LineString")
