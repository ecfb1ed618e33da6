"""Which layers are ticked, and put back."""

import pytest
from qgis.core import QgsProject, QgsVectorLayer

from dtwin_plugin.layers import visible


@pytest.fixture
def tree(qgis_app):
    """a, and a group with b and a group with c; c is not seen as its group is not ticked."""
    project = QgsProject()
    layers = {name: QgsVectorLayer("Point?crs=EPSG:28992", name, "memory") for name in "abc"}
    project.addMapLayers(list(layers.values()), False)
    root = project.layerTreeRoot()
    root.addLayer(layers["a"])
    group = root.addGroup("g")
    group.addLayer(layers["b"])
    inner = group.addGroup("g")
    inner.addLayer(layers["c"])
    inner.setItemVisibilityChecked(False)
    yield project, layers
    project.clear()


def seen(project):
    return sorted(layer.name() for layer in project.layerTreeRoot().checkedLayers())


def test_only_what_is_asked_for_is_seen_and_all_ticks_come_back(tree):
    project, layers = tree
    assert seen(project) == ["a", "b"]
    before = visible.ticks(project)
    visible.show_only(project, [layers["c"].id(), "gone"])
    assert seen(project) == ["c"]
    visible.show_only(project, [])
    assert seen(project) == []
    visible.put_back(project, before)
    assert visible.ticks(project) == before and seen(project) == ["a", "b"]


def test_what_came_since_stays_as_it_is(tree):
    project, layers = tree
    before = visible.ticks(project)
    project.addMapLayer(QgsVectorLayer("Point?crs=EPSG:28992", "new", "memory"))
    project.removeMapLayer(layers["b"].id())
    visible.show_only(project, [])
    visible.put_back(project, before)
    assert seen(project) == ["a"]
