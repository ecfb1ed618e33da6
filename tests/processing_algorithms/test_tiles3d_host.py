"""3D Tiles of a host through the algorithms, inside QGIS: area, faults, cancel and what stays behind."""

import threading
import time

import numpy as np
import pytest
from qgis.core import QgsLayerDefinition, QgsProcessingException, QgsProcessingFeedback, QgsVectorLayer

from dtwin_plugin.layers import network
from dtwin_plugin.layers.transport import QgisTransport
from dtwin_plugin.sources.polite import PoliteTransport
from processing_algorithms.loaders.tiles3d import IMPORT_3DTILES, LOAD_3DTILES
from processing_algorithms.model_algorithm import ModelAlgorithm

ROOT = "/t/tileset.json"
ALL = "120900,121300,486900,487300 [EPSG:28992]"


@pytest.fixture
def host(tiles_server):
    files = tiles_server.field(3, transform=tiles_server.at_amsterdam())
    with tiles_server.serve(tiles_server.Tiles(files)) as state:
        yield state


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(network, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(network, "PAUSE", 0.01)


@pytest.fixture(autouse=True)
def without_grids(monkeypatch, tiles_server):
    """What is asked and kept is seen at 100 m: a plane at Amsterdam does, and needs no grids."""
    from dtwin_plugin.sources.tiles3d import source

    monkeypatch.setattr(source.crs, "to_rd", tiles_server.about_rd)


@pytest.fixture
def imported(host, context, tmp_path):
    """Import, and return the places that were read in steps of the field, and the feedback."""

    def run(extent=ALL, feedback=None, address=ROOT, model=IMPORT_3DTILES, **more):
        feedback = feedback or QgsProcessingFeedback(False)
        target = str(tmp_path / "surfaces.gpkg")
        parameters = {"source": host.url + address, "extent": extent, "surfaces": target, **more}
        result, _ = ModelAlgorithm(model).create().run(parameters, context, feedback, {}, False)
        layer = QgsVectorLayer(result["surfaces"], "surfaces")
        middles = [feature.geometry().boundingBox().center() for feature in layer.getFeatures()]
        places = np.rint([((p.x() - 121_000) / 100, (p.y() - 487_000) / 100) for p in middles]).astype(int)
        return sorted(set(map(tuple, places.tolist()))), feedback

    return run


EVERY = sorted((column, row) for column in range(3) for row in range(3))


def test_only_the_tiles_of_the_area_are_asked(host, imported):
    places, _ = imported("121090,121110,486990,487120 [EPSG:28992]")
    assert places == [(1, 0), (1, 1)]
    assert host.paths() == [ROOT, "/t/tiles/1/0.glb", "/t/tiles/1/1.glb"]


def test_a_second_import_asks_what_it_has_kept_whether_it_holds(host, imported):
    assert imported()[0] == imported()[0] == EVERY
    assert max(map(host.paths().count, host.files)) <= 2


def test_without_a_network_what_was_kept_is_imported_and_what_was_not_is_a_gap(host, imported):
    imported("121090,121110,486990,487120 [EPSG:28992]")
    host.asked.clear()
    with network.offline():
        places, feedback = imported()
    assert places == [(1, 0), (1, 1)] and not host.asked
    assert "7 of 9 tiles of tileset.json are missing: tiles/0/0.glb, " in feedback.textLog()
    assert "you work offline" in feedback.textLog()


def test_what_comes_with_a_key_is_not_kept(host, imported, tmp_path):
    host.required = {"key": "secret"}
    assert imported(address=ROOT + "?key=secret")[0] == EVERY
    kept = b"".join(path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert b"secret" not in kept and b"glTF" not in kept


def test_faults_that_pass_are_passed_and_gaps_are_named(host, imported):
    host.faults = {
        ROOT: [(503, {"Retry-After": "0"})],
        "/t/tiles/0/0.glb": [(429, {"Retry-After": "0"})],
        "/t/tiles/1/0.glb": [(500, {}), "closed"],
        "/t/tiles/2/0.glb": ["half"],
    }
    host.packed = {"/t/tiles/0/1.glb": True, "/t/tiles/0/2.glb": False}
    host.kinds = {"/t/tiles/1/1.glb": "text/html"}
    del host.files["/t/tiles/2/2.glb"]
    places, feedback = imported()
    assert places == [place for place in EVERY if place != (2, 2)]
    assert "1 of 9 tiles of tileset.json are missing: tiles/2/2.glb. " in feedback.textLog()


@pytest.mark.parametrize("location", ["/t/tileset.json", "t/tileset.json"])
def test_a_tileset_that_moved_is_followed(host, imported, location):
    host.moved["/latest"] = location
    assert imported(address="/latest")[0] == EVERY


def test_a_tileset_that_moved_to_another_host_takes_no_key_along(host, imported, tiles_server):
    with tiles_server.serve(tiles_server.Tiles(host.files)) as other:
        host.moved["/latest"] = other.url + ROOT
        assert imported(address="/latest?key=secret")[0] == EVERY
        assert len(other.asked) == 10 and "secret" not in str(other.asked)


@pytest.mark.parametrize("announced", [None, 700 << 20])
def test_a_tile_without_an_end_is_one_sentence_and_no_file(host, imported, tmp_path, monkeypatch, announced):
    monkeypatch.setattr(network, "_polite", PoliteTransport(QgisTransport(maximum=1 << 20)))
    host.endless["/t/tiles/1/1.glb"] = announced
    with pytest.raises(QgsProcessingException, match="sent more than 1048576 bytes"):
        imported()
    assert not (tmp_path / "surfaces.gpkg").exists()


@pytest.mark.parametrize("model", [IMPORT_3DTILES, LOAD_3DTILES])
@pytest.mark.parametrize("wait", ["slow", (429, {"Retry-After": "60"})])
@pytest.mark.parametrize("path", [ROOT, "/t/tiles/0/0.glb"])
def test_cancel_stops_within_a_second_and_leaves_nothing(host, imported, tmp_path, path, wait, model):
    host.faults[path] = [wait]  # slow: 10 s
    before = sorted(item.name for item in tmp_path.iterdir())
    feedback, pressed = QgsProcessingFeedback(False), []
    timer = threading.Timer(0.5, lambda: (pressed.append(time.monotonic()), feedback.cancel()))
    timer.start()
    with pytest.raises(QgsProcessingException, match="Stopped by the user"):
        imported(feedback=feedback, model=model, tiles=str(tmp_path / "tiles.qlr"))
    assert time.monotonic() - pressed[0] < 1.0  # s, the design's limit
    timer.join()
    assert sorted(item.name for item in tmp_path.iterdir() if item.name != "cache") == before


def test_a_layer_of_tiles_keeps_all_parameters_of_its_address(host, context, tmp_path):
    host.required = {"key": "a+b", "session": "s"}
    parameters = {
        "source": host.url + ROOT + "?key=a%2Bb&session=s", "z_offset": -43.0, "tiles": str(tmp_path / "tiles.qlr"),
    }  # fmt: skip
    algorithm = ModelAlgorithm(LOAD_3DTILES).create()
    result, _ = algorithm.run(parameters, context, QgsProcessingFeedback(False), {}, False)
    (layer,) = QgsLayerDefinition.loadLayerDefinitionLayers(result["tiles"])
    assert layer.isValid() and layer.name() == "tileset.json"
    # QGIS may take what was asked a moment ago from its own cache, where it stands under the whole address.
    assert {tuple(sorted(query.items())) for _, query, _ in host.asked} == {(("key", "a+b"), ("session", "s"))}
