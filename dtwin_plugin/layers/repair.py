"""Layers whose service has moved: found and repaired in an open project, or in a copy of a project file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from qgis.core import QgsProject

from dtwin_plugin.catalogue.layer_source import Repair, repaired

from .project_file import OLD_SOURCE, FileLayer, ProjectFile
from .tiles_loading import change_source


@dataclass(frozen=True)
class Outdated:
    """A layer whose service has moved, and how its source should change."""

    id: str
    name: str
    provider: str
    repair: Repair

    def wanted(self, only_sure: bool) -> bool:
        """Tell whether it is to be repaired: there is something to repair it with, and that is sure enough."""
        return bool(self.repair.source) and (self.repair.sure or not only_sure)


def outdated_in_project(project: QgsProject) -> list[Outdated]:
    """Return the layers of an open project whose service has moved, by name."""
    return _outdated(
        FileLayer(layer.id(), layer.name(), layer.providerType(), layer.source())
        for layer in sorted(project.mapLayers().values(), key=lambda layer: layer.name())
    )


def outdated_in_file(file: ProjectFile) -> list[Outdated]:
    """Return the layers of a project file whose service has moved, in its order."""
    return _outdated(file.layers())


def repair_project(project: QgsProject, found: list[Outdated]) -> int:
    """Give layers of an open project their new sources; return how many changed.

    The old source is kept as the custom property `dtwin/old_source`. QGIS cannot undo this. Style, name and joins stay.
    """
    count = 0
    for item in found:
        layer = project.mapLayer(item.id)
        if layer is None:
            continue
        layer.setCustomProperty(OLD_SOURCE, layer.source())
        change_source(layer, item.repair.source, item.provider)
        count += 1
    return count


def write_repaired(file: ProjectFile, found: list[Outdated], path: str | Path) -> int:
    """Write a copy of a project file with new sources; return how many changed."""
    sources = {item.id: item.repair.source for item in found}
    count = file.replace_sources(lambda layer: sources.get(layer.id, ""))
    file.write(path)
    return count


def _outdated(layers: Iterable[FileLayer]) -> list[Outdated]:
    found = []
    for layer in layers:
        repair = repaired(layer.source)
        if repair is not None:
            found.append(Outdated(layer.id, layer.name, layer.provider, repair))
    return found
