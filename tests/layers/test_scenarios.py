"""Scenarios in a project: groups, map themes, plan designs and what is compared, in QGIS's own layer tree."""

import numpy as np
import pytest
from qgis.core import QgsLayerTreeModel, QgsProject, QgsRasterLayer, QgsVectorLayer

from dtwin_plugin.data import Grid
from dtwin_plugin.errors import InputError
from dtwin_plugin.layers import finish, scenarios
from dtwin_plugin.sources.raster_write import write_cog
from dtwin_plugin.twin import RunRecord


@pytest.fixture
def project(qgis_app):
    found = QgsProject.instance()
    found.clear()
    yield found
    found.clear()


@pytest.fixture
def model(project):
    model = QgsLayerTreeModel(project.layerTreeRoot())
    yield model
    model.deleteLater()


def base(project, name="BGT"):
    layer = QgsVectorLayer("Polygon?crs=EPSG:28992", name, "memory")
    project.addMapLayer(layer)
    return layer


def made(model, name, record=None):
    """A layer in memory as a model of ours made it."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:28992", name, "memory")
    finish.set_metadata(layer, name, record or RunRecord(model, "1.0.0", "A (great) run of it"))
    return layer


def depth(folder, name, style="water_depth", times=None):
    """A raster as a flood run writes it."""
    shape = (2, 4, 4) if times is not None else (4, 4)
    path = folder / f"{name}.tif"
    write_cog(Grid(np.full(shape, 0.3, np.float32), 120_000, 480_000, 1.0, unit="m", times=times), path)
    finish.finish_raster(path, name, style, RunRecord("flood", "1.0.0", "Flood"), times)
    layer = QgsRasterLayer(str(path), name)
    finish.load_sidecars(layer)
    return layer


def seen(project):
    return [node.name() for node in project.layerTreeRoot().findLayers() if node.isVisible()]


def test_who_made_a_layer_is_read_from_its_metadata(project):
    record = RunRecord("flood", "1.2.0b1", "Flood")
    layer = made("", "depth", record)
    assert (scenarios.made_by(layer), scenarios.run_of(layer)) == ("flood", record.id)
    assert scenarios.is_own(layer) and not scenarios.is_own(base(project))
    assert scenarios.is_own(made("loaddesign", "plan")) and not scenarios.is_own(made("loadbgt", "bgt"))
    assert not scenarios.is_own(made("checkquality", "findings"))


def test_a_scenario_is_made_of_what_is_visible(project, model):
    bgt, result, hidden = base(project), made("flood", "depth"), made("flood", "other")
    project.addMapLayers([result, hidden])
    project.layerTreeRoot().findLayer(hidden).setItemVisibilityChecked(False)
    scenario = scenarios.create(project, model, " Now ", "Is the street dry?")
    assert scenario.layers == (result.id(),) and scenario.runs == (scenarios.run_of(result),)
    assert scenario.name == "Now" and scenario.date and scenarios.scenarios_of(project) == [scenario]
    root = project.layerTreeRoot()
    assert root.findLayer(result).parent().name() == "Now" and root.findLayer(bgt).parent() is root
    assert len(project.mapLayers()) == 3 and len(root.findLayers()) == 3
    assert set(project.mapThemeCollection().mapThemeVisibleLayers("Now")) == {bgt, result}


def test_scenarios_are_shown_in_turn_and_kept_in_the_file(project, model, tmp_path):
    base(project)
    first = made("flood", "first")
    project.addMapLayer(first)
    scenarios.create(project, model, "A")
    project.layerTreeRoot().findLayer(first).setItemVisibilityChecked(False)
    scenarios.create(project, model, "B")
    second = made("flood", "second")
    scenarios.add_layers(project, "B", [second], ["run-x"])
    assert seen(project) == ["second", "BGT"]
    scenarios.show(project, model, "A")
    assert seen(project) == ["first", "BGT"]
    scenarios.show(project, model, "B")
    assert seen(project) == ["second", "BGT"]
    assert project.write(str(tmp_path / "p.qgz"))
    project.clear()
    assert scenarios.scenarios_of(project) == [] and project.read(str(tmp_path / "p.qgz"))
    kept = scenarios.scenarios_of(project)
    assert [scenario.name for scenario in kept] == ["A", "B"] and "run-x" in kept[1].runs
    assert [layer.name() for layer in project.mapThemeCollection().mapThemeVisibleLayers("B")] == ["second", "BGT"]


def test_a_result_of_two_scenarios_stays_in_the_group_of_the_first(project, model):
    shared = made("flood", "shared")
    project.addMapLayer(shared)
    for name in ("A", "B"):
        scenarios.create(project, model, name)
    root = project.layerTreeRoot()
    assert len(root.findLayers()) == 1 and root.findLayer(shared).parent().name() == "A"
    scenarios.show(project, model, "B")
    assert seen(project) == ["shared"]


def test_results_in_the_group_of_a_subgroup_are_seen(project, model):
    base(project)
    scenarios.create(project, model, "A")
    root = project.layerTreeRoot()
    group = root.findGroup("A")
    outer = root.addGroup("Studies")
    outer.addChildNode(group.clone())
    root.removeChildNode(group)
    scenarios.add_layers(project, "A", [made("flood", "deep")])
    outer.setItemVisibilityChecked(False)
    scenarios.show(project, model, "A")
    assert "deep" in seen(project)


def test_the_plan_design_is_switched_in_map_and_theme(project, model):
    plan, result = made("loaddesign", "plan"), made("flood", "depth")
    project.addMapLayers([plan, result])
    scenario = scenarios.create(project, model, "A")
    assert scenario.designs == (plan.id(),) and scenarios.designs_shown(project, "A")
    scenarios.show_designs(project, "A", False)
    themes = project.mapThemeCollection()
    assert seen(project) == ["depth"] and themes.mapThemeVisibleLayers("A") == [result]
    assert not scenarios.designs_shown(project, "A")
    scenarios.show(project, model, "A")
    assert seen(project) == ["depth"]
    scenarios.show_designs(project, "A", True)
    assert sorted(seen(project)) == ["depth", "plan"] and scenarios.designs_shown(project, "A")
    scenarios.set_design(project, "A", plan.id(), False)
    scenarios.set_design(project, "A", result.id(), True)
    assert scenarios.scenario_of(project, "A").designs == (result.id(),)


def test_a_name_is_free_of_themes_and_groups(project, model):
    project.layerTreeRoot().addGroup("Delft")
    scenarios.create(project, model, "A")
    for name in ("A", "delft", ""):
        with pytest.raises(InputError):
            scenarios.create(project, model, name)
    assert len(scenarios.scenarios_of(project)) == 1


def test_what_is_removed_comes_back(project, model):
    base(project)
    result = made("flood", "depth")
    project.addMapLayer(result)
    scenario = scenarios.create(project, model, "A")
    removed = scenarios.forget(project, "A")
    assert not scenarios.scenarios_of(project) and not project.mapThemeCollection().hasMapTheme("A")
    assert project.mapLayer(result.id()) is result
    with pytest.raises(InputError):
        scenarios.show(project, model, "A")
    scenarios.bring_back(project, *removed)
    assert scenarios.scenarios_of(project) == [scenario]
    scenarios.show(project, model, "A")
    assert sorted(seen(project)) == ["BGT", "depth"]


def test_a_theme_that_was_taken_away_is_told_and_made_again(project, model):
    base(project)
    scenarios.create(project, model, "A")
    project.mapThemeCollection().removeMapTheme("A")
    with pytest.raises(InputError, match="click Update"):
        scenarios.show(project, model, "A")
    scenarios.keep_visible(project, model, "A")
    scenarios.show(project, model, "A")


def test_a_scenario_finds_its_largest_depth(project, model, tmp_path):
    times = np.array(["2026-01-01T00:00", "2026-01-01T00:10"], "datetime64[s]")
    layers = [depth(tmp_path, "series", times=times), depth(tmp_path, "level", "values"), depth(tmp_path, "deepest")]
    scenarios.create(project, model, "A")
    with pytest.raises(InputError, match="Scenario A has no map of the largest water depth"):
        scenarios.deepest_water(project, "A")
    scenarios.add_layers(project, "A", layers)
    assert scenarios.deepest_water(project, "A") is layers[2]
    scenarios.remove_layers(project, "A", [layers[2].id()])
    with pytest.raises(InputError):
        scenarios.deepest_water(project, "A")
    assert layers[2].id() in project.mapLayers()


def test_a_layer_that_left_the_project_is_no_fault(project, model):
    plan = made("loaddesign", "plan")
    project.addMapLayer(plan)
    scenarios.create(project, model, "A")
    project.removeMapLayer(plan.id())
    scenarios.show_designs(project, "A", True)
    assert not scenarios.designs_shown(project, "A")
    scenarios.show(project, model, "A")
