"""A project of layers: their order, what is seen of them, and where it opens."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMapLayer,
    QgsProject,
    QgsRasterDemTerrainProvider,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsTemporalUtils,
)

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import InputError
from dtwin_plugin.layers import finish, map_sheet


def build_project(
    layers: list[QgsMapLayer], terrain: QgsMapLayer | None, title: str, part: QgsRectangle | None = None
) -> QgsProject:
    """Return a project in RD New of layers, the first on top, over a terrain, that opens at a part of it."""
    project = QgsProject()
    project.setCrs(QgsCoordinateReferenceSystem(RD))
    project.setTitle(title)
    for layer in layers:
        finish.load_sidecars(layer)
        layer.setName(layer.metadata().title() or layer.name())
        project.addMapLayer(layer, False)
        project.layerTreeRoot().addLayer(layer)
        finish.add_bodies(layer, project)
    if terrain is not None:
        finish.load_sidecars(terrain)
        terrain.setName(terrain.metadata().title() or terrain.name())
        project.addMapLayer(terrain, False)
        project.layerTreeRoot().addLayer(terrain)
        provider = QgsRasterDemTerrainProvider()
        provider.setLayer(terrain)
        project.elevationProperties().setTerrainProvider(provider)
    _tidy(project)
    extent = map_sheet.extent_of_layers(list(project.mapLayers().values()))
    project.viewSettings().setPresetFullExtent(QgsReferencedRectangle(extent, project.crs()))
    shown = extent if part is None or part.isEmpty() else part
    project.viewSettings().setDefaultViewExtent(QgsReferencedRectangle(shown, project.crs()))
    if any(finish.has_times(layer) for layer in layers):
        project.timeSettings().setTemporalRange(QgsTemporalUtils.calculateTemporalRangeForProject(project))
    return project


def _tidy(project: QgsProject) -> None:
    """Fold the legend; hide what would cover or repeat another layer."""
    nodes = project.layerTreeRoot().findLayers()
    still = [node for node in nodes if not finish.has_times(node.layer())]
    for node in nodes:
        node.setExpanded(False)
        # a layer through time waits for the temporal controller; until then one moment would pass for the result
        node.setItemVisibilityChecked(not (still and finish.has_times(node.layer())))
    if any("surface" in finish.field_names(node.layer()) for node in nodes):
        for node in nodes:
            if "water_class" in finish.field_names(node.layer()):
                node.layer().setRenderer3D(None)  # blocks would hide the roofs


def save_project(project: QgsProject, path: Path) -> None:
    """Write a project, whole or not at all; raises InputError."""
    with written_beside(path) as temporary:
        project.setFileName(str(temporary))
        if not project.write():
            raise InputError("The project {file} cannot be written: {reason}.", file=path.name, reason=project.error())
