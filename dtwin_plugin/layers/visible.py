"""Which layers the list of layers shows."""

from __future__ import annotations

from collections.abc import Iterable

from qgis.core import QgsLayerTreeNode, QgsProject


def ticks(project: QgsProject) -> dict[str, bool]:
    """Return what is ticked in the list of layers, to be put back by `put_back`: groups by their path, layers by id."""
    return {_key(node): node.itemVisibilityChecked() for node in _nodes(project)}


def put_back(project: QgsProject, known: dict[str, bool]) -> None:
    """Tick what was ticked; what came since then stays as it is."""
    for node in _nodes(project):
        if _key(node) in known:
            node.setItemVisibilityChecked(known[_key(node)])


def show_only(project: QgsProject, layers: Iterable[str]) -> None:
    """Tick the layers with these ids and the groups around them, and no other layer."""
    wanted = set(layers)
    nodes = project.layerTreeRoot().findLayers()
    for node in nodes:
        if node.layerId() not in wanted:
            node.setItemVisibilityChecked(False)
    for node in nodes:
        if node.layerId() in wanted:
            node.setItemVisibilityCheckedParentRecursive(True)


def _nodes(project: QgsProject) -> list[QgsLayerTreeNode]:
    root = project.layerTreeRoot()
    return [*root.findLayers(), *root.findGroups(True)]


def _key(node: QgsLayerTreeNode) -> str:
    if hasattr(node, "layerId"):
        return f"layer {node.layerId()}"
    path = []
    while node is not None and node.parent() is not None:
        path.append(node.name())
        node = node.parent()
    return "group " + "/".join(reversed(path))
