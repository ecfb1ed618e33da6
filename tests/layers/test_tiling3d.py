"""How finely layers are divided for a scene, and that they get their own back."""

import pytest
from qgis._3d import QgsVectorLayer3DRenderer
from qgis.core import QgsCoordinateReferenceSystem, QgsReadWriteContext, QgsRectangle, QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtXml import QDomDocument

from dtwin_plugin.layers import styles3d, tiling3d
from dtwin_plugin.layers.write import write_surfaces
from dtwin_plugin.progress import Silent
from scripts.town import STEP, X, Y, town

RD = QgsCoordinateReferenceSystem("EPSG:28992")
HOUSES = 400  # in rows of 20, with three features each


@pytest.fixture
def layer(qgis_app, tmp_path, monkeypatch):
    write_surfaces(town(HOUSES), tmp_path / "town.gpkg", "town", Silent())
    found = QgsVectorLayer(f"{tmp_path / 'town.gpkg'}|layername=town", "town", "ogr")
    monkeypatch.setattr(tiling3d, "_LEAF", 3)
    styles3d.surfaces(found)
    return found


def levels(layer):
    return layer.renderer3D().tilingSettings().zoomLevelsCount()


def divided(layer):
    """The levels as they are written with the layer."""
    document = QDomDocument()
    renderer = document.createElement("renderer-3d")
    layer.renderer3D().writeXml(renderer, QgsReadWriteContext())
    return int(renderer.firstChildElement("vector-layer-3d-tiling").attribute("zoom-levels-count"))


def square(houses):
    """The scene around a corner of the town with as many houses in a row."""
    return QgsRectangle(X - STEP, Y - STEP, X + STEP * (houses - 0.5), Y + STEP * (houses - 0.5))


@pytest.mark.parametrize("count", [10, 3_000, 30_000, 150_000, 400_000])
def test_a_tile_has_some_thousands_of_features(count):
    """Levels of 3 for 10,000 buildings of three features and of 4 for 50,000 were the quickest in trials."""
    found = tiling3d.levels_for(count)
    leaf = count / 4 ** (found - 1)
    assert leaf <= 4000 and (leaf > 1000 or found == 3)
    assert {30_000: 3, 150_000: 4}.get(count, found) == found


def test_the_levels_are_those_of_the_scene_while_it_is_open(layer):
    own = levels(layer)
    assert own == tiling3d.levels_for(3 * HOUSES) == 6  # 1,200 features in tiles of three
    fitted = tiling3d.Fitted()
    fitted.fit([layer], square(4), RD)
    assert levels(layer) == tiling3d.levels_for(3 * 16) == 3
    fitted.fit([layer], square(8), RD)  # from its own and not from the scene before
    assert levels(layer) == tiling3d.levels_for(3 * 64) == 4
    fitted.restore()
    assert levels(layer) == own


def test_a_layer_that_is_read_from_its_file_is_fitted_too(layer):
    """As all are that are loaded or come with a project: Python knows their renderers by the base class only."""
    styles3d.initialise()
    style = QDomDocument()
    layer.exportNamedStyle(style)
    read = QgsVectorLayer(layer.source(), "town", "ogr")
    read.importNamedStyle(style)
    own = divided(read)
    fitted = tiling3d.Fitted()
    fitted.fit([read], square(4), RD)
    assert divided(read) == tiling3d.levels_for(3 * 16) != own
    fitted.restore()
    assert divided(read) == own == tiling3d.levels_for(3 * HOUSES)


def test_what_changes_in_between_stays(layer):
    fitted = tiling3d.Fitted()
    fitted.fit([layer], square(4), RD)
    renderer = QgsVectorLayer3DRenderer()
    renderer.setTilingSettings(tiling3d.tiling(5))
    layer.setRenderer3D(renderer)  # the one before is deleted
    fitted.restore()
    assert levels(layer) == 5


def test_a_single_tile_and_layers_without_a_renderer_stay(layer):
    styles3d.by_rules(layer, {"1 = 1": ("#ff0000", 0.5)}, levels=1)
    plain = layer.clone()
    plain.setRenderer3D(None)
    fitted = tiling3d.Fitted()
    fitted.fit([layer, plain], square(4), RD)
    assert levels(layer) == 1 and plain.renderer3D() is None


def test_a_layer_that_is_gone_is_left_alone(layer):
    other = layer.clone()
    fitted = tiling3d.Fitted()
    fitted.fit([other], square(4), RD)
    sip.delete(other)
    fitted.restore()
    assert levels(layer) == 6
