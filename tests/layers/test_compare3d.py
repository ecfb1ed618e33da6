"""What comparing shows and leaves out, in the panel and in pictures without it."""

import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsRectangle, QgsVectorLayer

from dtwin_plugin.layers import styles3d
from dtwin_plugin.layers.compare3d import is_difference, without_results
from dtwin_plugin.layers.scenarios import keep
from dtwin_plugin.layers.scene_states import SceneStates
from dtwin_plugin.layers.studio3d import Studio
from dtwin_plugin.twin.scenarios import Scenario
from dtwin_plugin.twin.viewpoints import Viewpoint

AREA = QgsRectangle(112_000, 460_000, 112_100, 460_100)


@pytest.fixture
def layers(qgis_app):
    """A project with a layer of each of some styles."""
    project = QgsProject()
    found = {}
    for style in ("water_depth", "water_difference", "water_mesh", "building_depth", "noise_levels", "noise_change",
                  "noise_points", "noise_buildings", "traffic_flows", "traffic_difference", "surfaces",
                  "design"):  # fmt: skip
        layer = QgsVectorLayer("Polygon?crs=EPSG:28992", style, "memory")
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromRect(AREA))
        layer.dataProvider().addFeature(feature)
        layer.setCustomProperty("dtwin/style", style)
        found[style] = project.addMapLayer(layer)
    own = (found["design"].id(),)
    keep(project, Scenario("Plan", layers=own, designs=own))
    yield project, found
    project.clear()


def left_out(layers, change):
    return {name for name, layer in layers.items() if change(layer) is None}


def test_a_difference_stands_in_place_of_the_results_of_its_kind(layers):
    _, found = layers
    assert {name for name, layer in found.items() if is_difference(layer)} == {
        "water_difference", "noise_change", "traffic_difference",
    }  # fmt: skip
    water = {"water_depth", "water_mesh", "water_difference"}
    assert left_out(found, without_results(found["water_difference"])) == water
    noise = {"noise_levels", "noise_points", "noise_change"}
    assert left_out(found, without_results(found["noise_change"])) == noise
    styles3d.extruded_by_rules(found["noise_change"], {"": "#ff0000"}, "0", "5")  # then it is the buildings
    assert left_out(found, without_results(found["noise_change"])) == {*noise, "noise_buildings"}
    assert left_out(found, without_results(found["traffic_difference"])) == {"traffic_flows", "traffic_difference"}


@pytest.mark.parametrize(
    ("state", "gone", "on_top"),
    [
        ({}, set(), []),
        ({"design": False}, {"design"}, []),
        ({"design": "no", "difference": ["x"]}, set(), []),
        ({"difference": "traffic_difference"}, {"traffic_flows", "traffic_difference"}, ["traffic_difference"]),
        ({"difference": "surfaces"}, set(), []),  # of which nobody made a difference
    ],
)
def test_pictures_without_the_panel_compare_as_the_panel_did(layers, state, gone, on_top):
    project, found = layers
    kept = dict(state)
    if isinstance(kept.get("difference"), str):
        kept["difference"] = found[kept["difference"]].id()
    made = SceneStates(project, AREA, {"compare": kept}, print)
    assert left_out(found, made.layer) == gone
    assert [layer.name() for layer in made.differences] == on_top


def test_a_picture_of_two_views_says_that_it_is_of_one(layers, tmp_path):
    project, _ = layers
    said = []
    studio = Studio(project, tmp_path, lambda text, **values: said.append(text.format(**values)))
    for themes in ((), ("Now", "Plan"), ("Now", "Plan")):
        studio.tell(Viewpoint("Square", 0, 0, 0, 100, 45, 0, themes=themes))
    assert said == ["“Square” has two views beside each other; its picture is of the first."]
