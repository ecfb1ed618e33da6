"""Shapes of layers as the 3D view draws them, met by lines of sight."""

import numpy as np
import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsRectangle, QgsVectorLayer

from dtwin_plugin.layers import styles3d
from dtwin_plugin.layers.shapes3d import is_drawn, shapes_of

DOWN, EAST = np.array([0.0, 0, -1]), np.array([1.0, 0, 0])
X, Y = 112_000.0, 460_000.0


def layer(kind, shapes, fields="field=id:string&field=kind:string&field=h:double", name="layer"):
    found = QgsVectorLayer(f"{kind}?crs=EPSG:28992&{fields}", name, "memory")
    for text, values in shapes:
        feature = QgsFeature(found.fields())
        feature.setGeometry(QgsGeometry.fromWkt(text) if isinstance(text, str) else QgsGeometry.fromRect(text))
        feature.setAttributes(values)
        found.dataProvider().addFeature(feature)
    found.updateExtents()
    return found


def box(x, y, size=10):
    return QgsRectangle(X + x, Y + y, X + x + size, Y + y + size)


def first(shapes, x, y, z, direction):
    return shapes.faces.first(np.array([X + x, Y + y, z], float), direction)


@pytest.fixture
def houses(qgis_app):
    """Three houses of 3, 6 and 9 m on ground at -2 m NAP; the last is of a kind that no rule draws."""
    found = layer("Polygon", [(box(20 * k, 0), [str(k), "abc"[k], 3.0 * (k + 1)]) for k in range(3)])
    styles3d.extruded_by_rules(found, {"\"kind\" = 'a'": "#ff0000", "\"kind\" = 'b'": "#00ff00"}, "-2", '"h"')
    return found


def test_a_house_is_met_on_its_roof_its_walls_and_from_below(houses):
    shapes = shapes_of(houses)
    ids = {feature["id"]: feature.id() for feature in houses.getFeatures()}
    roof = first(shapes, 25, 5, 50, DOWN)
    assert (roof.owner, roof.place[2]) == (ids["1"], pytest.approx(4))  # -2 + 6
    wall = first(shapes, -30, 5, 0, EAST)
    assert (wall.owner, wall.distance) == (ids["0"], pytest.approx(30))
    over = first(shapes, -30, 5, 2, EAST)  # over the first house, which ends at 1 m NAP
    assert (over.owner, over.distance) == (ids["1"], pytest.approx(50))
    floor = first(shapes, 5, 5, -50, -DOWN)
    assert (floor.owner, floor.place[2]) == (ids["0"], pytest.approx(-2))
    assert first(shapes, 15, 5, 50, DOWN) is None  # between two houses


def test_what_no_rule_draws_and_what_lies_outside_the_scene_is_not_met(houses):
    assert first(shapes_of(houses), 45, 5, 50, DOWN) is None
    part = shapes_of(houses, box(15, -5, 20))
    assert first(part, 5, 5, 50, DOWN) is None and first(part, 25, 5, 50, DOWN) is not None


def test_surfaces_lie_where_their_corners_are(qgis_app):
    roof = f"MultiPolygonZ((({X} {Y} 5, {X + 10} {Y} 5, {X + 10} {Y + 10} 9, {X} {Y + 10} 9, {X} {Y} 5)))"
    surfaces = layer(
        "MultiPolygonZ", [(roof, ["1", "RoofSurface", 0])], "field=id:string&field=surface:string&field=h:double"
    )
    styles3d.surfaces(surfaces)
    hit = first(shapes_of(surfaces), 5, 5, 50, DOWN)
    assert hit.place[2] == pytest.approx(7) and is_drawn(surfaces)


def test_lines_are_pieces_and_a_layer_without_renderer_is_on_the_ground(qgis_app):
    from qgis._3d import QgsLine3DSymbol, QgsVectorLayer3DRenderer

    cables = layer("LineStringZ", [(f"LineStringZ({X} {Y} -1, {X + 5} {Y} -1, {X + 5} {Y + 9} -2)", ["1", "", 0])])
    assert shapes_of(cables).tubes is None and not is_drawn(cables)
    cables.setRenderer3D(QgsVectorLayer3DRenderer(QgsLine3DSymbol()))
    tubes = shapes_of(cables).tubes
    assert len(tubes.owners) == 2
    assert tubes.first(np.array([X + 2, Y + 0.1, 10]), DOWN, pixel=0.02).owner == 1
    assert tubes.first(np.array([X + 2, Y + 0.5, 10]), DOWN, pixel=0.02) is None


def test_a_layer_in_another_system_is_met_where_it_is_drawn(houses):
    """A scene in UTM 31, of houses in UTM 32."""
    from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsPointXY, QgsProject

    houses.setCrs(QgsCoordinateReferenceSystem("EPSG:32632"))
    scene, context = QgsCoordinateReferenceSystem("EPSG:32631"), QgsProject.instance().transformContext()
    place = QgsCoordinateTransform(houses.crs(), scene, context).transform(QgsPointXY(X + 5, Y + 5))
    near = QgsRectangle(place.x() - 50, place.y() - 50, place.x() + 50, place.y() + 50)
    hit = shapes_of(houses, near, scene, context).faces.first(np.array([place.x(), place.y(), 50.0]), DOWN)
    assert hit.place[2] == pytest.approx(1)
    assert shapes_of(houses, near).faces is None  # no house there in its own system
