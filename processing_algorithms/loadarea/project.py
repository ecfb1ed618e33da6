"""Loaded layers in the project: in one group, and in the place of those of an earlier load, with their style."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qgis.core import (
    QgsLayerTreeLayer,
    QgsMapLayer,
    QgsMapLayerStyle,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsProject,
    QgsProviderRegistry,
)
from qgis.PyQt import sip

from dtwin_plugin.layers.finish import fit_in, load_sidecars

from .assemble import Loaded
from .groups import Group, claim
from .offers import LOG, QUALITY

KEY = "dtwin/loaded"  # custom property of a layer: which product of which load it is


class _Placed(QgsProcessingLayerPostProcessorInterface):
    """Puts a layer where it belongs: over the one that it replaces, or by its kind."""

    def __init__(self, key: str, kind: str, group: Group) -> None:
        super().__init__()
        self._key, self._kind, self._group = key, kind, group

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        project = context.project()
        self._place(layer, project)
        if self._key.endswith("#" + LOG):  # each load has one
            read_anew(project, Path(self._group.target))
        claim(project.layerTreeRoot().findLayer(layer), self._group)

    def _place(self, layer: QgsMapLayer, project: QgsProject) -> None:
        if self._kind != "layer":
            load_sidecars(layer)
        layer.setCustomProperty(KEY, self._key)
        earlier = [other for other in _with_key(project, self._key) if other.id() != layer.id()]
        if earlier:
            replace(earlier, layer, project)
            return
        fit_in(layer, project)
        node = project.layerTreeRoot().findLayer(layer)
        if node is not None:
            node.setExpanded(False)
            if self._key.endswith("#" + QUALITY):
                node.setItemVisibilityChecked(False)  # marks on every second roof; the panel tells how many there are


_kept: set[_Placed] = set()


def add_to_project(loaded: Sequence[Loaded], target: Path, group: Group, context: QgsProcessingContext) -> None:
    """Let QGIS add the layers to the project when the run has ended."""
    _kept.difference_update([processor for processor in list(_kept) if sip.isdeleted(processor)])
    for item in loaded:
        layer = item.open()
        context.temporaryLayerStore().addMapLayer(layer)
        details = QgsProcessingContext.LayerDetails(item.title, context.project(), item.name)
        details.groupName = group.name
        details.forceName = True
        processor = _Placed(f"{target.resolve().as_posix()}#{item.name}", item.kind, group)
        _kept.add(processor)
        details.setPostProcessor(processor)
        context.addLayerToLoadOnCompletion(layer.id(), details)


def read_anew(project: QgsProject, target: Path) -> None:
    """Let all layers of a file that was replaced be read from what is there now; they hold the one that is gone."""
    registry = QgsProviderRegistry.instance()
    for layer in project.mapLayers().values():
        if layer.providerType() == "ogr":
            path = registry.decodeUri("ogr", layer.source()).get("path", "")
            if path and Path(path).resolve() == target:
                layer.dataProvider().reloadData()
                layer.triggerRepaint()


def _with_key(project: QgsProject, key: str) -> list[QgsMapLayer]:
    return [layer for layer in project.mapLayers().values() if layer.customProperty(KEY) == key]


def replace(earlier: Sequence[QgsMapLayer], layer: QgsMapLayer, project: QgsProject) -> None:
    """Put a layer in the place of earlier ones, with the style of the first, as the user left it."""
    style = QgsMapLayerStyle()
    style.readFromLayer(earlier[0])
    key = layer.customProperty(KEY)
    style.writeToLayer(layer)
    layer.setCustomProperty(KEY, key)
    root = project.layerTreeRoot()
    old, new = root.findLayer(earlier[0]), root.findLayer(layer)
    if old is not None and new is not None:
        parent = old.parent()
        clone = QgsLayerTreeLayer(layer)
        clone.setItemVisibilityChecked(old.itemVisibilityChecked())
        clone.setExpanded(old.isExpanded())
        clone.setName(old.name())
        parent.insertChildNode(parent.children().index(old), clone)
        holder = new.parent()
        holder.removeChildNode(new)
        if holder is not root and not holder.children() and holder.parent() is not None:
            holder.parent().removeChildNode(holder)
    project.removeMapLayers([other.id() for other in earlier])
