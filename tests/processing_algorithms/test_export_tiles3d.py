"""Buildings to 3D Tiles, as an algorithm."""

import json

import numpy as np
import pytest
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsGraduatedSymbolRenderer,
    QgsLayerDefinition,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsRendererCategory,
    QgsRendererRange,
    QgsVectorLayer,
)

from dtwin_plugin.sources.tiles3d import Tiles3dSource
from scripts.town import main as write_town
from scripts.town import town

HOUSES = 30


@pytest.fixture(scope="module")
def layer_file(provider, tmp_path_factory):
    path = tmp_path_factory.mktemp("town") / "town.gpkg"
    write_town(HOUSES, path)
    return f"{path}|layername=surfaces"


@pytest.fixture
def run(provider, context, stand_in_grids):
    def run_algorithm(feedback=None, **parameters):
        algorithm = provider.algorithm("exporttiles3d").create()
        return algorithm.run(parameters, context, feedback or QgsProcessingFeedback(), {}, False)[0]

    return run_algorithm


def legend(folder):
    return json.loads((folder / "tileset.json").read_text())["asset"]["extras"]["legend"]


def test_a_layer_becomes_tiles_with_its_attributes(run, layer_file, tmp_path):
    result = run(surfaces=layer_file, tiles=str(tmp_path / "tiles"))
    assert result["objects"] == HOUSES and result["tiles"] == str(tmp_path / "tiles")
    (found,) = Tiles3dSource(tmp_path / "tiles" / "tileset.json").read()
    expected = town(HOUSES)
    assert sorted(found.columns["id"]) == sorted(expected.columns["id"])
    was = dict(zip(expected.columns["id"], expected.columns["lden"]))
    assert found.columns["lden"].tolist() == [was[name] for name in found.columns["id"]]
    for edge in ("min", "max"):
        there, back = (getattr(s.geometries.coordinates, edge)(axis=0) for s in (expected, found))
        assert np.abs(there - back).max() < 1e-3
    assert set(legend(tmp_path / "tiles")) == {"GroundSurface", "WallSurface", "RoofSurface"}
    record = json.loads((tmp_path / "tiles" / "run.json").read_text())
    assert record["model"] == "exporttiles3d" and record["inputs"][0]["sha256"]


def test_results_have_the_colours_of_the_style(run, layer_file, tmp_path, context):
    layer = QgsVectorLayer(layer_file, "town", "ogr")
    ranges = [(0, 55, "#00ff00", "quiet"), (55, 99, "#ff0000", "loud")]
    symbols = [QgsFillSymbol.createSimple({"color": colour}) for _, _, colour, _ in ranges]
    layer.setRenderer(
        QgsGraduatedSymbolRenderer(
            "lden", [QgsRendererRange(low, high, s, text) for (low, high, _, text), s in zip(ranges, symbols)]
        )
    )
    run(surfaces=layer, field="lden", attributes=["lden"], tiles=str(tmp_path / "graduated"))
    assert legend(tmp_path / "graduated") == {"quiet": "#00ff00", "loud": "#ff0000"}
    (found,) = Tiles3dSource(tmp_path / "graduated" / "tileset.json").read()
    assert "lden" in found.columns and "bouwjaar" not in found.columns
    symbol = QgsFillSymbol.createSimple({"color": "#0000ff"})
    layer.setRenderer(QgsCategorizedSymbolRenderer("surface", [QgsRendererCategory("RoofSurface", symbol, "Roofs")]))
    run(surfaces=layer, field="surface", tiles=str(tmp_path / "categories"))
    assert legend(tmp_path / "categories") == {"Roofs": "#0000ff", "no value": "#b5b5b5"}
    run(surfaces=layer, field="bouwjaar", tiles=str(tmp_path / "free"))
    assert len(legend(tmp_path / "free")) == 7


def test_selected_buildings_only(run, layer_file, tmp_path, context):
    from qgis.core import QgsProcessingFeatureSourceDefinition

    layer = QgsVectorLayer(layer_file, "town", "ogr")
    project = QgsProject()
    project.addMapLayer(layer)
    context.setProject(project)
    layer.selectByExpression("bouwjaar < 1960")
    chosen = {feature["id"] for feature in layer.selectedFeatures()}
    source = QgsProcessingFeatureSourceDefinition(layer.id(), True)
    assert run(surfaces=source, tiles=str(tmp_path / "some"), show=False)["objects"] == len(chosen) < HOUSES
    project.clear()


def test_tiles_are_added_at_the_height_of_nap(run, layer_file, tmp_path, context):
    project = QgsProject()
    context.setProject(project)
    run(surfaces=layer_file, tiles=str(tmp_path / "Delft & 50% more"))
    (layer,) = [context.temporaryLayerStore().mapLayer(key) for key in context.layersToLoadOnCompletion()]
    assert layer.isValid() and layer.providerType() == "cesiumtiles"
    assert layer.elevationProperties().zOffset() == pytest.approx(-42.989, abs=1e-3)


def test_earlier_tiles_are_replaced_and_nothing_else(run, layer_file, tmp_path):
    folder = tmp_path / "tiles"
    run(surfaces=layer_file, tiles=str(folder))
    run(surfaces=layer_file, tiles=str(folder))
    (folder / "letter.txt").write_text("mine")
    with pytest.raises(QgsProcessingException, match=r"letter\.txt, which is no part of 3D Tiles"):
        run(surfaces=layer_file, tiles=str(folder))
    assert (folder / "letter.txt").read_text() == "mine"


def test_a_stopped_run_leaves_nothing(run, layer_file, tmp_path):
    feedback = QgsProcessingFeedback()
    feedback.progressChanged.connect(lambda share: share > 50 and feedback.cancel())
    with pytest.raises(QgsProcessingException, match="Stopped by the user"):
        run(feedback, surfaces=layer_file, tiles=str(tmp_path / "tiles"))
    assert not list(tmp_path.glob("*tiles*"))


def test_flat_footprints_are_one_sentence(run, buildings_file, tmp_path):
    with pytest.raises(QgsProcessingException, match="no field id"):
        run(surfaces=str(buildings_file), tiles=str(tmp_path / "tiles"))


def test_tiles_come_back_at_nap_without_an_area(run, provider, layer_file, tmp_path, context):
    """The loader finds where they lie in the tileset."""
    folder, layer = tmp_path / "tiles", str(tmp_path / "tiles.qlr")
    feedback = QgsProcessingFeedback(False)
    run(surfaces=layer_file, tiles=str(folder))
    values = {"source": str(folder / "tileset.json"), "tiles": layer}
    provider.algorithm("load3dtiles").create().run(values, context, feedback, {}, False)
    (found,) = QgsLayerDefinition.loadLayerDefinitionLayers(layer)
    assert found.elevationProperties().zOffset() == pytest.approx(-42.989, abs=1e-3)
    assert "correction grids" not in feedback.textLog()
