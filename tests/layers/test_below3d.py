"""What lies below the ground, drawn otherwise: a pit, depths, probabilities, sleeves, stretched heights."""

import json

import numpy as np
import pytest
from qgis._3d import Qgs3DMapSettings, QgsRuleBased3DRenderer
from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRasterLayer, QgsRectangle, QgsVectorLayer
from qgis.PyQt import sip

from dtwin_plugin.data.cutting import BOX, Hole
from dtwin_plugin.layers import below3d, pit3d, scene_style, styles3d
from dtwin_plugin.layers.below3d import BelowStyle
from dtwin_plugin.layers.finish import load_sidecars
from dtwin_plugin.layers.shapes3d import shapes_of
from dtwin_plugin.layers.stand_ins import StandIns
from scripts import small_twin
from scripts.small_twin import X, Y

AREA = QgsRectangle(X - 10, Y - 10, X + 90, Y + 90)
RD = QgsCoordinateReferenceSystem("EPSG:28992")


@pytest.fixture(scope="module")
def twin(qgis_app, tmp_path_factory):
    folder = tmp_path_factory.mktemp("twin")
    small_twin.main(folder)
    styles3d.initialise()
    return folder


def opened(twin, name):
    file = json.loads((twin / "kinds.json").read_text())[name]["file"]
    layer = QgsVectorLayer(f"{twin / file}|layername={name}", name, "ogr")
    load_sidecars(layer)
    return layer


def drawn(layer):
    """The features that are drawn, and the colour of each rule."""
    shapes = shapes_of(layer, AREA, RD)
    return set(shapes.faces.owners.tolist()) if shapes.faces is not None else set()


def test_a_pit_has_no_heights_and_walls_down_to_its_floor(qgis_app, twin, tmp_path):
    terrain = QgsRasterLayer(str(twin / "terrain.tif"), "terrain")
    for hole in (Hole(X + 40, Y + 40, 12), Hole(X + 40, Y + 40, 12, BOX)):
        path = tmp_path / f"{hole.shape}.tif"
        ground = pit3d.ground_with(terrain, AREA, hole, path)
        box = ground.dataProvider().block(1, ground.extent(), ground.width(), ground.height())
        x = ground.extent().xMinimum() + ground.rasterUnitsPerPixelX() * (np.arange(ground.width()) + 0.5)
        y = ground.extent().yMaximum() - ground.rasterUnitsPerPixelY() * (np.arange(ground.height()) + 0.5)
        missing = np.array([[box.isNoData(r, c) for c in range(ground.width())] for r in range(ground.height())])
        inside = hole.has(x[None, :], y[:, None])
        assert missing[inside].all()
        assert inside.sum() < missing.sum() < 1.5 * inside.sum()  # the edge is within what the kerb covers
        faces = pit3d.pit(terrain, AREA, hole, depth=3.0, opacity=0.5)
        parts = {feature["part"]: feature.geometry() for feature in faces.getFeatures()}
        assert set(parts) == {"kerb", "apron", "wall", "floor", "lid"}
        heights = [vertex.z() for vertex in parts["floor"].vertices()]
        edge = [vertex.z() for vertex in parts["lid"].vertices()]
        assert max(heights) == min(heights) == pytest.approx(min(edge) - 0.05 - 3.0, abs=1e-6)
        assert parts["kerb"].boundingBox().contains(parts["wall"].boundingBox())
        assert not faces.flags() & QgsVectorLayer.LayerFlag.Identifiable
        assert "lid" not in {f["part"] for f in pit3d.pit(terrain, AREA, hole, 3.0).getFeatures()}


def test_soil_that_is_not_probable_is_left_out(qgis_app, twin):
    cells = opened(twin, "voxels")
    chances = {feature.id(): feature["probability"] for feature in cells.getFeatures()}
    assert BelowStyle()(cells) is cells
    for probability in (False, True):
        copy = BelowStyle(probability=probability, least=0.8)(cells)
        assert copy is not cells and drawn(copy) == {key for key, chance in chances.items() if chance >= 0.8}
    assert drawn(cells) == set(chances)  # which stay as they were
    assert 0 < sum(chance >= 0.8 for chance in chances.values()) < len(chances)


def test_depths_have_classes_and_what_is_not_known_is_drawn(qgis_app, twin):
    tubes = opened(twin, "tubes")
    copy = BelowStyle(depth=True)(tubes)
    renderer = copy.renderer3D().clone()  # alive as long as its rules are
    rules = [rule.filterExpression() for rule in sip.cast(renderer, QgsRuleBased3DRenderer).rootRule().descendants()]
    counts = {rule: len(list(copy.getFeatures(rule))) for rule in rules}
    assert sum(counts.values()) == tubes.featureCount()  # each of one class
    assert counts['"depth" IS NULL'] == 1 and len(rules) == len(below3d.DEPTHS) + 1
    assert drawn(copy) == drawn(tubes)
    logs = opened(twin, "columns")
    assert BelowStyle(logs=False)(logs) is None and BelowStyle()(logs) is logs


def test_sleeves_are_as_thick_as_the_line_and_its_accuracy(qgis_app, twin):
    lines = opened(twin, "cables")
    around = below3d.sleeves_of(lines, AREA, RD)
    wide = {f["theme"]: f.geometry().boundingBox() for f in around.getFeatures()}
    thin = {f["theme"]: f.geometry().boundingBox() for f in opened(twin, "tubes").getFeatures()}
    heights = {f["theme"]: [v.z() for v in f.geometry().vertices()] for f in around.getFeatures()}
    for theme, spread, diameter in (("water", 0.3, 0.11), ("gasLageDruk", 0.5, 0.063), ("rioolVrijverval", 1.0, 0.4)):
        # a prism of eight sides lies within its circle
        low = (max(heights[theme]) - min(heights[theme]) - 0.2) / 2
        assert 0.9 * (spread + diameter / 2) < low < 1.01 * (spread + diameter / 2)
        assert wide[theme].contains(thin[theme])


def test_copies_stand_in_for_layers_and_follow_them(qgis_app, twin):
    project = QgsProject.instance()
    project.setCrs(RD)
    columns, surfaces = opened(twin, "columns"), opened(twin, "surfaces")
    project.addMapLayers([columns, surfaces])
    stand_ins, heard = StandIns(), []
    stand_ins.extent = AREA
    stand_ins.stale.connect(lambda: heard.append(1))
    try:
        assert stand_ins.shown(columns) is columns and stand_ins.drawn(columns) is columns
        stand_ins.stretch(3.0)
        stretched = stand_ins.drawn(columns)
        assert stretched is not columns and stand_ins.drawn(columns) is stretched
        assert stand_ins.drawn(surfaces) is surfaces  # QGIS stretches what has heights of its own
        faces = shapes_of(columns, AREA, RD).faces.coordinates, shapes_of(stretched, AREA, RD).faces.coordinates
        assert faces[1][:, 2] == pytest.approx(3 * faces[0][:, 2], abs=1e-6)
        qgis_app.processEvents()
        assert heard == [1]
        columns.renderer3DChanged.emit()  # restyled by its user
        qgis_app.processEvents()
        assert heard == [1, 1] and stand_ins.drawn(columns) is not stretched
        stand_ins.set_change("test", lambda layer: None if layer is columns else layer)
        assert stand_ins.shown(columns) is None and stand_ins.shown(surfaces) is surfaces
        stand_ins.set_change("test", None)
        assert stand_ins.shown(columns) is columns
    finally:
        stand_ins.clear()
        project.clear()
    qgis_app.processEvents()
    assert stand_ins.factor == 1.0


def test_light_from_below_comes_once_and_goes(qgis_app):
    settings = Qgs3DMapSettings()
    settings.setLightSources(scene_style.lights())
    for wanted, count in ((True, 3), (True, 3), (False, 2), (False, 2)):
        scene_style.light_from_below(settings, wanted)
        assert len(settings.lightSources()) == count
