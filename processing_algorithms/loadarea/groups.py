"""The group of a load in the layer tree: one for each file, called by its area."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qgis.core import QgsLayerTreeGroup, QgsLayerTreeNode, QgsProject

from dtwin_plugin.data.area import Area
from dtwin_plugin.translate import tr

_TARGET, _NAME = "dtwin/target", "dtwin/group"  # custom properties of a group: its file, and the name that it was given
_LONGEST = 60  # characters of a name that a panel shows
_KILOMETRES = 10_000.0  # m from which sizes are told in km


@dataclass(frozen=True)
class Group:
    """Where the layers of a load go.

    Attributes
    ----------
    name : str
        Under which QGIS finds or makes it.
    title : str
        What it is called when they are there: that of the area, which may be another than that of an earlier load.
    target : str
        The file, by which a later load finds it.
    """

    name: str
    title: str
    target: str


def groups_of(project: QgsProject | None) -> dict[str, str]:
    """Return the file of each group in a project by the name of the group, "" for those that are no load's."""
    groups = project.layerTreeRoot().findGroups(True) if project is not None else []
    return {group.name(): str(group.customProperty(_TARGET) or "") for group in groups}


def group_for(area: Area, target: Path, known: dict[str, str]) -> Group:
    """Return the group of a load: the one that its file has in the project, else one of its own."""
    file = target.resolve().as_posix()
    title = title_of(area)
    if known.get(title, file) not in ("", file):  # the same area, in another file
        title = f"{title} ({target.stem})"
    own = next((name for name, other in known.items() if other == file), title)
    return Group(own, title, file)


def title_of(area: Area) -> str:
    """Return what a person recognises an area by: its name, or where it is and how large.

    >>> from dtwin_plugin.data import Extent
    >>> title_of(Area(Extent(112_400, 460_400, 112_600, 460_550)))
    'RD 112500, 460475 – 200 x 150 m'
    >>> title_of(Area(Extent(0, 0, 1, 1), "Delft"))
    'Delft'
    """
    if area.title:
        return area.title if len(area.title) <= _LONGEST else area.title[: _LONGEST - 1].rstrip(" ,") + "…"
    extent = area.extent
    x, y = (extent.x_min + extent.x_max) / 2, (extent.y_min + extent.y_max) / 2
    if max(extent.width, extent.height) >= _KILOMETRES:
        size = tr("{width:.0f} x {height:.0f} km").format(width=extent.width / 1000, height=extent.height / 1000)
    else:
        size = tr("{width:.0f} x {height:.0f} m").format(width=extent.width, height=extent.height)
    return f"RD {x:.0f}, {y:.0f} – {size}"


def claim(node: QgsLayerTreeNode | None, group: Group) -> None:
    """Mark the group that a layer came into as that of its load, and call it by its area, unless somebody renamed it.

    Groups that a user made, and moved layers to, stay as they are.
    """
    parent = node.parent() if node is not None else None
    if not isinstance(parent, QgsLayerTreeGroup) or parent.parent() is None:
        return
    target, name = (parent.customProperty(key) or "" for key in (_TARGET, _NAME))
    if not target and parent.name() == group.name:
        name = group.name
    elif target != group.target:
        return
    parent.setCustomProperty(_TARGET, group.target)
    if parent.name() == name:
        parent.setName(group.title)
        parent.setCustomProperty(_NAME, group.title)
