"""A background map is drawn where it lies, from tiles in RD; addresses become points."""

import json

import numpy as np
import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize

from dtwin_plugin.layers.reference import read_definition

_LEVEL = 10  # of 3.36 m a pixel


def colour(column, row):
    return 20 + 37 * column % 200, 30 + 53 * row % 200, 60


@pytest.fixture
def tiles(files_server, monkeypatch, tmp_path):
    """A WMTS in RD whose tiles each have a colour of their own."""
    state = files_server.Files()
    with files_server.serve(state):
        body = files_server.wmts(state.url)
        state.files["/wmts"] = lambda query: body if query.get("request") == "GetCapabilities" else None
        first, last = files_server.tile_of(83_000, 449_000, _LEVEL), files_server.tile_of(86_500, 445_500, _LEVEL)
        for column in range(first[0], last[0] + 1):
            for row in range(first[1], last[1] + 1):
                name = f"/grijs/EPSG:28992/{_LEVEL:02d}/{column}/{row}.png"
                state.files[name] = files_server.picture(*colour(column, row))
        row = {"title": "T", "owner": "O", "licence": "CC BY 4.0", "attribution": "Kadaster", "access_level": "open"}
        own = tmp_path / "own.json"
        own.write_text(json.dumps([{"id": "brt-a-wmts", "kind": "wmts", "url": f"{state.url}/wmts", **row}]))
        monkeypatch.setenv("DTWIN_CATALOGUE", str(own))
        yield state


def drawn(layer, box, width, height):
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    settings.setExtent(QgsRectangle(*box))
    settings.setOutputSize(QSize(width, height))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    assert not job.errors()
    return job.renderedImage()


def test_qgis_draws_the_tiles_where_they_lie(provider, context, tiles, files_server, tmp_path):
    path = str(tmp_path / "background.qlr")
    result, done = (
        provider.algorithm("loadbackground")
        .create()
        .run({"map": 1, "layer": path}, context, QgsProcessingFeedback(), {}, False)
    )
    assert done and result["layer"] == path
    (layer,) = read_definition(path)
    assert layer.isValid() and layer.crs().authid() == "EPSG:28992"
    size = files_server.RESOLUTION / 2**_LEVEL
    image = drawn(layer, (84_000, 446_500, 84_000 + 500 * size, 446_500 + 400 * size), 500, 400)
    seen = set()
    for column, row in ((20, 20), (480, 20), (20, 380), (480, 380), (250, 200)):
        x, y = 84_000 + (column + 0.5) * size, 446_500 + (400 - row - 0.5) * size
        found = image.pixelColor(column, row)
        expected = colour(*files_server.tile_of(x, y, _LEVEL))
        assert np.allclose(found.getRgb()[:3], expected, atol=3), (column, row)
        seen.add(expected)
    assert len(seen) > 2


def test_a_map_that_the_service_lacks_is_a_sentence(provider, context, tiles, tmp_path):
    parameters = {"map": 2, "layer": str(tmp_path / "a.qlr")}
    with pytest.raises(QgsProcessingException, match="standaard, grijs"):
        provider.algorithm("loadbackground").create().run(parameters, context, QgsProcessingFeedback(), {}, False)


@pytest.fixture
def places(locatie_server, monkeypatch, tmp_path):
    with locatie_server.serve(locatie_server.Places()) as state:
        path = tmp_path / "own.json"
        path.write_text(json.dumps(locatie_server.own_catalogue(state.url)))
        monkeypatch.setenv("DTWIN_CATALOGUE", str(path))
        yield state


def found(provider, context, tmp_path, **parameters):
    path = str(tmp_path / "places.gpkg")
    result, _ = (
        provider.algorithm("findaddress")
        .create()
        .run({**parameters, "places": path}, context, QgsProcessingFeedback(), {}, False)
    )
    return list(QgsVectorLayer(path, "places", "ogr").getFeatures()), result


def test_addresses_become_points(provider, context, places, tmp_path):
    features, result = found(provider, context, tmp_path, text="markt delft", type=1)
    assert [feature["name"] for feature in features] == ["Markt 87, 2611GS Delft", "Markt 85, 2611GS Delft"]
    assert features[0].geometry().asPoint().x() == 84_452.5 and result["found"] == 2


def test_a_point_gives_the_nearest_address(provider, context, places, tmp_path):
    features, _ = found(provider, context, tmp_path, text="84455, 447631", most=1)
    assert [(feature["name"], feature["distance"]) for feature in features] == [("Markt 87, 2611GS Delft", 2.6)]


@pytest.mark.parametrize(
    ("text", "reverse", "sentence"), [("Nergens 5", False, "finds nothing"), ("Dam", True, "no point")]
)
def test_what_is_not_found_is_a_sentence(provider, context, places, tmp_path, text, reverse, sentence):
    with pytest.raises(QgsProcessingException, match=sentence):
        found(provider, context, tmp_path, text=text, reverse=reverse)
