"""The legend of a 3D view: the classes and colours that it draws, and a layer without some of them."""

import numpy as np
import pytest
from qgis._3d import QgsRuleBased3DRenderer
from qgis.core import QgsFeature, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt import sip

from dtwin_plugin.data import Grid
from dtwin_plugin.layers import styles3d
from dtwin_plugin.layers.legend3d import LEGEND, Row, rows_of, without_rules
from dtwin_plugin.layers.styles import STYLES
from dtwin_plugin.layers.styles_water import BUILDING_DEPTH, WATER_DEPTH
from dtwin_plugin.sources.raster_write import write_cog


def vector(fields, kind="Polygon"):
    return QgsVectorLayer(f"{kind}?crs=EPSG:28992&{fields}", "layer", "memory")


def active(layer):
    rules = sip.cast(layer.renderer3D(), QgsRuleBased3DRenderer).rootRule().descendants()
    return [rule.active() for rule in rules]


def test_surfaces_are_told_in_words_with_the_colours_of_3d(qgis_app):
    layer = vector("field=surface:string", "MultiPolygonZ")
    STYLES["surfaces"](layer)
    rows = rows_of(layer)
    assert [row.colour for row in rows] == list(styles3d.SURFACES.values())
    assert [row.label for row in rows[:3]] == ["Roof", "Façade", "Ground floor"]
    assert [row.rule for row in rows] == list(range(len(rows)))


def test_blocks_have_the_classes_and_colours_of_the_map(qgis_app):
    layer = vector("field=water_class:string&field=b3_h_maaiveld:double&field=b3_h_70p:double")
    STYLES["building_depth"](layer)
    rows = rows_of(layer)
    assert [row.colour for row in rows] == [colour for colour, _ in BUILDING_DEPTH.values()]
    assert [row.label for row in rows] == [label for _, label in BUILDING_DEPTH.values()]


def test_classes_can_be_left_out_of_a_copy_and_the_layer_keeps_them(qgis_app):
    layer = vector("field=surface:string", "MultiPolygonZ")
    STYLES["surfaces"](layer)
    copy = without_rules(layer, {0, 2})
    assert active(copy)[:4] == [False, True, False, True]
    assert all(active(layer))
    assert [row.label for row in rows_of(copy)] == [row.label for row in rows_of(layer)]  # to be ticked again


def test_what_lies_on_the_ground_has_the_classes_of_the_map(qgis_app, tmp_path):
    write_cog(Grid(np.linspace(0, 3, 64, dtype=np.float32).reshape(8, 8), 0, 8, 1.0, unit="m"), tmp_path / "depth.tif")
    layer = QgsRasterLayer(str(tmp_path / "depth.tif"), "depth")
    STYLES["water_depth"](layer)
    shown = [step for step in WATER_DEPTH if step.colour[1:3] != "00"]
    assert [row.colour for row in rows_of(layer)] == [f"#{step.colour[3:]}" for step in shown]
    roads = vector("field=passable:string", "LineString")
    STYLES["road_passable"](roads)
    assert len(rows_of(roads)) == 5 and rows_of(roads)[0].label == "Passable for all" and rows_of(roads)[0].rule == -1


def test_a_copy_may_bring_a_legend_of_its_own(qgis_app):
    layer = vector("field=surface:string", "MultiPolygonZ")
    STYLES["surfaces"](layer)
    layer.setCustomProperty(LEGEND, '[["#ff0000", "Much"], ["#b5b5b5", "No value"]]')
    assert rows_of(layer) == [Row("#ff0000", "Much"), Row("#b5b5b5", "No value")]


@pytest.mark.parametrize("style", ["klic_tubes", "trees"])
def test_other_layers_have_a_colour_and_a_label_for_each_class(qgis_app, style):
    kind = {"trees": "Point"}.get(style, "MultiPolygonZ")
    names = ("theme", "lithoclass", "soil", "soort", "top", "bottom", "label", "kind", "z_source", "below_ground")
    layer = vector("&".join(f"field={name}:string" for name in names), kind)
    STYLES[style](layer)
    rows = rows_of(layer)
    assert rows and all(row.label for row in rows) and all(row.colour.startswith("#") for row in rows)


def test_a_cable_is_called_by_its_theme_and_by_what_is_known_of_its_depth(qgis_app):
    """The expression that selects it has other values in quotes, that no user is to read."""
    layer = vector("field=theme:string&field=z_source:string", "MultiPolygonZ")
    layer.dataProvider().addFeatures([_of_theme(layer, "laagspanning")])
    STYLES["klic_tubes"](layer)
    assert [row.label for row in rows_of(layer)] == ["Low voltage", "Low voltage, depth estimated"]


def _of_theme(layer, theme):
    feature = QgsFeature(layer.fields())
    feature.setAttribute("theme", theme)
    return feature
