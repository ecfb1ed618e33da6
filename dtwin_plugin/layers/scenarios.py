"""Scenarios in a project: their own layers stand in a group, and what is seen with them in a map theme."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from qgis.core import (
    QgsLayerTreeGroup,
    QgsLayerTreeModel,
    QgsMapLayer,
    QgsMapThemeCollection,
    QgsProject,
    QgsRasterLayer,
)

from dtwin_plugin.errors import InputError
from dtwin_plugin.models import MODELS
from dtwin_plugin.translate import mark
from dtwin_plugin.twin.scenarios import Scenario, from_text, new_name, to_text

from .finish import fit_in, has_times, style_of

_SCOPE, _KEY = "dtwin", "scenarios"
_DESIGNS = ("loaddesign", "loadifc")  # what these made is a plan design
_MADE_BY = re.compile(r"\(([a-z][a-z0-9]*) \d[\w.]*\)\.")  # in the abstract that `finish.set_metadata` writes


def scenarios_of(project: QgsProject) -> list[Scenario]:
    """Return the scenarios of a project, in the order in which they were made."""
    return from_text(project.readEntry(_SCOPE, _KEY)[0])


def scenario_of(project: QgsProject, name: str) -> Scenario:
    """Return a scenario by its name; raises InputError."""
    for scenario in scenarios_of(project):
        if scenario.name == name:
            return scenario
    raise InputError("There is no scenario {name}.", hint="Choose one from the list.", name=name)


def keep(project: QgsProject, scenario: Scenario) -> None:
    """Keep a scenario in the project, in the place of that of its name."""
    kept = {other.name: other for other in scenarios_of(project)}
    kept[scenario.name] = scenario
    project.writeEntry(_SCOPE, _KEY, to_text(kept.values()))


def set_texts(project: QgsProject, name: str, purpose: str, note: str) -> None:
    """Keep what is said of a scenario; raises InputError where there is none of that name."""
    keep(project, replace(scenario_of(project, name), purpose=purpose.strip(), note=note.strip()))


def made_by(layer: QgsMapLayer) -> str:
    """Return the id of the model that made a layer, "" where none of ours did."""
    found = _MADE_BY.search(layer.metadata().abstract())
    return found[1] if found else ""


def run_of(layer: QgsMapLayer) -> str:
    """Return the id of the run that made a layer, "" where none of ours did."""
    run = layer.metadata().identifier().partition("/")[0]
    return run if run.startswith("run-") else ""


def is_design(layer: QgsMapLayer) -> bool:
    """Tell whether a layer is a plan design."""
    return made_by(layer) in _DESIGNS


def is_own(layer: QgsMapLayer) -> bool:
    """Tell whether a layer is of one scenario rather than of all: a result or a design."""
    model = MODELS.get(made_by(layer))
    return is_design(layer) or model is not None and model.group != "Quality"  # which tells of the data


def create(project: QgsProject, model: QgsLayerTreeModel, name: str, purpose: str = "") -> Scenario:
    """Make a scenario of what is visible: results and designs become its own, the rest is seen with it.

    Layers that are another scenario's stay in its group.

    Raises
    ------
    InputError
        If the name is empty, or a scenario, map theme or group has it.
    """
    root, themes = project.layerTreeRoot(), project.mapThemeCollection()
    others = scenarios_of(project)
    groups = [group.name() for group in root.findGroups(True)]
    name = new_name(name, [*(other.name for other in others), *themes.mapThemes(), *groups])
    visible = [node.layer() for node in root.findLayers() if node.isVisible() and node.layer() is not None]
    own = [layer for layer in visible if is_own(layer)]
    root.insertGroup(0, name)
    _move(project, name, own)
    themes.insert(name, QgsMapThemeCollection.createThemeFromCurrentState(root, model))
    scenario = _with(Scenario(name, purpose.strip(), date=date.today().isoformat()), own)
    keep(project, scenario)
    return scenario


def add_layers(project: QgsProject, name: str, layers: Sequence[QgsMapLayer], runs: Iterable[str] = ()) -> Scenario:
    """Add layers to a scenario and let them be seen with it; those that are not in the project come into it."""
    scenario = _with(scenario_of(project, name), layers, runs)
    new = [layer for layer in layers if project.mapLayer(layer.id()) is None]
    project.addMapLayers(new, False)
    _move(project, name, layers)
    for layer in new:
        fit_in(layer, project)
    _change_theme(project, name, {layer.id(): not has_times(layer) for layer in layers})
    keep(project, scenario)
    return scenario


def remove_layers(project: QgsProject, name: str, layers: Iterable[str]) -> Scenario:
    """Take layers out of a scenario; they stay where they are, in the project and in the tree."""
    scenario = scenario_of(project, name).without_layers(layers)
    keep(project, scenario)
    return scenario


def set_design(project: QgsProject, name: str, layer: str, wanted: bool) -> Scenario:
    """Say whether a layer of a scenario is its plan design."""
    scenario = scenario_of(project, name)
    others = tuple(other for other in scenario.designs if other != layer)
    scenario = replace(scenario, designs=(*others, layer) if wanted else others)
    keep(project, scenario)
    return scenario


def _with(scenario: Scenario, layers: Sequence[QgsMapLayer], runs: Iterable[str] = ()) -> Scenario:
    designs = [layer.id() for layer in layers if is_design(layer)]
    return scenario.with_layers([layer.id() for layer in layers], designs, [*runs, *map(run_of, layers)])


def _move(project: QgsProject, name: str, layers: Sequence[QgsMapLayer]) -> None:
    """Let layers stand in the group of a scenario, in the order in which they stood; not out of another one's."""
    root = project.layerTreeRoot()
    group = root.findGroup(name) or root.insertGroup(0, name)
    taken = {layer for other in scenarios_of(project) if other.name != name for layer in other.layers}
    nodes = {node.layerId(): node for node in root.findLayers()}
    for layer in layers:
        if layer.id() not in nodes:
            group.addLayer(layer)
    for identifier, node in nodes.items():
        wanted = any(identifier == layer.id() for layer in layers) and identifier not in taken
        if wanted and node.parent() is not group:
            group.addChildNode(node.clone())  # before the other goes, or QGIS would remove the layer
            node.parent().removeChildNode(node)


def show(project: QgsProject, model: QgsLayerTreeModel, name: str) -> None:
    """Show a scenario on the map; raises InputError where its map theme is gone."""
    themes = project.mapThemeCollection()
    if not themes.hasMapTheme(name):
        raise InputError(
            "The map theme of {name} is gone.", hint="Show what belongs to it and click {button}.",
            name=name, button=mark("Update"),
        )  # fmt: skip
    themes.applyTheme(name, project.layerTreeRoot(), model)


def keep_visible(project: QgsProject, model: QgsLayerTreeModel, name: str) -> None:
    """Let what is visible now be what is seen with a scenario."""
    themes = project.mapThemeCollection()
    record = QgsMapThemeCollection.createThemeFromCurrentState(project.layerTreeRoot(), model)
    themes.update(name, record) if themes.hasMapTheme(name) else themes.insert(name, record)


def designs_shown(project: QgsProject, name: str) -> bool:
    """Tell whether any of the plan design is seen with a scenario."""
    shown = project.mapThemeCollection().mapThemeVisibleLayerIds(name)
    return any(layer in shown for layer in scenario_of(project, name).designs)


def show_designs(project: QgsProject, name: str, wanted: bool) -> None:
    """Switch the plan design of a scenario on or off, in its map theme and on the map."""
    designs = scenario_of(project, name).designs
    _change_theme(project, name, dict.fromkeys(designs, wanted))
    for layer in designs:
        node = project.layerTreeRoot().findLayer(layer)
        if node is not None:
            node.setItemVisibilityChecked(wanted)


def _change_theme(project: QgsProject, name: str, seen: dict[str, bool]) -> None:
    """Let layers be seen or not with a scenario."""
    themes = project.mapThemeCollection()
    if not themes.hasMapTheme(name):
        return
    record = themes.mapThemeState(name)
    for identifier, visible in seen.items():
        layer = project.mapLayer(identifier)
        if layer is None:
            continue
        record.removeLayerRecord(layer)
        if visible:  # a theme takes every layer that it has for visible
            item = QgsMapThemeCollection.MapThemeLayerRecord(layer)
            item.isVisible, item.usingCurrentStyle = True, True
            item.currentStyle = layer.styleManager().currentStyle()
            record.addLayerRecord(item)
    if any(seen.values()):
        record.setCheckedGroupNodes({*record.checkedGroupNodes(), *_path(project.layerTreeRoot().findGroup(name))})
    themes.update(name, record)


def _path(group: QgsLayerTreeGroup | None) -> list[str]:
    """Return a group and those that it is in, as a map theme calls them; a layer is seen where all are checked."""
    names, paths = [], []
    while group is not None and group.parent() is not None:
        names.insert(0, group.name())
        group = group.parent()
    for count in range(1, len(names) + 1):
        paths.append("/".join(names[:count]))
    return paths


def forget(project: QgsProject, name: str) -> tuple[Scenario, Any]:
    """Remove a scenario and its map theme, not its layers; return what `bring_back` takes."""
    scenario, themes = scenario_of(project, name), project.mapThemeCollection()
    record = themes.mapThemeState(name)
    rest = [other for other in scenarios_of(project) if other.name != name]
    project.writeEntry(_SCOPE, _KEY, to_text(rest))
    themes.removeMapTheme(name)
    return scenario, record


def bring_back(project: QgsProject, scenario: Scenario, record: Any) -> None:
    """Bring back a scenario that was removed; raises InputError where another has its name by now."""
    themes = project.mapThemeCollection()
    new_name(scenario.name, [*(other.name for other in scenarios_of(project)), *themes.mapThemes()])
    themes.insert(scenario.name, record)
    keep(project, scenario)


def deepest_water(project: QgsProject, name: str) -> QgsRasterLayer:
    """Return the map of the largest water depth of a scenario; raises InputError where it has none."""
    for identifier in scenario_of(project, name).layers:
        layer = project.mapLayer(identifier)
        if isinstance(layer, QgsRasterLayer) and style_of(layer) == "water_depth" and not has_times(layer):
            return layer
    raise InputError(
        "Scenario {name} has no map of the largest water depth.",
        hint="Add the results of a flood run to it.",
        name=name,
    )
