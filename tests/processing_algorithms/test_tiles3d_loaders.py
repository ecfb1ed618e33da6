"""3D Tiles as a layer that stays with its owner, from a file and from a server."""

import json

import numpy as np
import pytest
from qgis.core import QgsLayerDefinition, QgsProcessingException, QgsProcessingFeedback

from processing_algorithms.loaders.tiles3d import IMPORT_3DTILES, LOAD_3DTILES
from processing_algorithms.model_algorithm import ModelAlgorithm

AMSTERDAM = (4.888, 52.370)  # degrees


def glb(required=()):
    """A tile with one triangle of 10 m."""
    corners = np.array([(0, 0, 0), (10, 0, 0), (0, 0, -10)], "<f4").tobytes()
    head = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "bufferViews": [{"buffer": 0, "byteLength": len(corners)}], "buffers": [{"byteLength": len(corners)}],
        "extensionsUsed": list(required), "extensionsRequired": list(required),
    }  # fmt: skip
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 4)
    body = len(text).to_bytes(4, "little") + b"JSON" + text + len(corners).to_bytes(4, "little") + b"BIN\0" + corners
    return b"glTF" + (2).to_bytes(4, "little") + (len(body) + 12).to_bytes(4, "little") + body


def tileset():
    """One tile at Amsterdam, 50 m above the ellipsoid."""
    lon, lat = np.radians(AMSTERDAM)
    a, e2 = 6_378_137.0, 6.69437999014e-3  # WGS 84
    n = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
    place = [
        (n + 50) * np.cos(lat) * np.cos(lon),
        (n + 50) * np.cos(lat) * np.sin(lon),
        (n * (1 - e2) + 50) * np.sin(lat),
    ]
    east, north = [-np.sin(lon), np.cos(lon), 0], [-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)]
    up = [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    transform = [*east, 0, *north, 0, *up, 0, *place, 1]
    half = 0.00001
    region = [lon - half, lat - half, lon + half, lat + half, 40, 70]
    root = {"boundingVolume": {"region": region}, "geometricError": 0, "transform": transform,
            "content": {"uri": "a.glb"}, "refine": "ADD"}  # fmt: skip
    return json.dumps({"asset": {"version": "1.1"}, "geometricError": 100, "root": root}).encode()


@pytest.fixture
def server(files_server):
    with files_server.serve(files_server.Files({"/t/tileset.json": tileset(), "/t/a.glb": glb()})) as state:
        yield state


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    from dtwin_plugin.layers import network

    monkeypatch.setattr(network, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(network, "PAUSE", 0.01)


def run(model, context, feedback=None, **parameters):
    return ModelAlgorithm(model).create().run(parameters, context, feedback or QgsProcessingFeedback(), {}, False)[0]


@pytest.mark.parametrize("place", ["server", "file"])
def test_a_tileset_is_a_layer_at_the_height_of_nap(server, context, tmp_path, place):
    source = f"{server.url}/t/tileset.json"
    if place == "file":
        folder = tmp_path / "Delft & 50% more"
        folder.mkdir()
        for name in ("tileset.json", "a.glb"):
            (folder / name).write_bytes(server.files[f"/t/{name}"])
        source = str(folder / "tileset.json")
    result = run(LOAD_3DTILES, context, source=source, tiles=str(tmp_path / "tiles.qlr"))
    (layer,) = QgsLayerDefinition.loadLayerDefinitionLayers(result["tiles"])
    assert layer.isValid() and layer.providerType() == "cesiumtiles"
    assert layer.elevationProperties().zOffset() == pytest.approx(-42.989, abs=0.001)


def test_a_given_offset_is_used(server, context, tmp_path):
    source = f"{server.url}/t/tileset.json"
    result = run(LOAD_3DTILES, context, source=source, z_offset=-44.5, tiles=str(tmp_path / "tiles.qlr"))
    (layer,) = QgsLayerDefinition.loadLayerDefinitionLayers(result["tiles"])
    assert layer.elevationProperties().zOffset() == -44.5


def test_tiles_that_qgis_cannot_show_are_told(shared, context, tmp_path):
    feedback = QgsProcessingFeedback(False)
    source = str(shared / "tiles3d" / "kievitsweg" / "tileset.json")
    run(LOAD_3DTILES, context, feedback, source=source, tiles=str(tmp_path / "tiles.qlr"))
    assert "EXT_meshopt_compression, which QGIS does not read" in feedback.textLog()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"/t/tileset.json": None}, "tileset.json"),
        ({"/t/a.glb": None}, "a.glb"),
        ({"/t/a.glb": b"glTF" + b"\0" * 50}, "a.glb"),
        ({"/t/tileset.json": b"<html>"}, "tileset.json"),
    ],
)
def test_a_broken_tileset_is_one_sentence(server, context, tmp_path, change, sentence):
    server.files.update(change)
    with pytest.raises(QgsProcessingException, match=sentence):
        run(LOAD_3DTILES, context, source=f"{server.url}/t/tileset.json", tiles=str(tmp_path / "tiles.qlr"))
    assert not (tmp_path / "tiles.qlr").exists()


def test_what_is_no_source_is_one_sentence(context, tmp_path):
    with pytest.raises(QgsProcessingException, match="no source of the catalogue, no address and no file"):
        run(LOAD_3DTILES, context, source="nowhere", tiles=str(tmp_path / "tiles.qlr"))


def test_without_the_grids_an_import_says_what_is_missing(server, context, tmp_path, shared):
    if (shared / "proj").is_dir():
        pytest.skip("the grids are here")
    with pytest.raises(QgsProcessingException, match="nl_nsgi"):
        run(
            IMPORT_3DTILES, context, source=f"{server.url}/t/tileset.json",
            extent="120000,122000,486000,488000 [EPSG:28992]", surfaces=str(tmp_path / "surfaces.gpkg"),
        )  # fmt: skip
