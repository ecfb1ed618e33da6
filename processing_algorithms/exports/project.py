"""Layers to a QGIS project that opens styled, and its map picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from dtwin_plugin.paths import version
from dtwin_plugin.translate import tr
from dtwin_plugin.twin.privacy import is_public

from ..base import DtwinAlgorithm
from ..feedback import FeedbackProgress
from .confidential import CONFIDENTIAL, confidential_parameter


class MakeProject(DtwinAlgorithm):
    """Layers to a project file."""

    ID, TITLE, GROUP = "makeproject", "Make a project", "Export"
    SUMMARY = "A QGIS project of layers with their styles, times and heights, a map sheet, and its picture."

    def flags(self) -> Qgis.ProcessingAlgorithmFlags:
        return super().flags() | Qgis.ProcessingAlgorithmFlag.NoThreading  # a project lives in the main thread

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        layers = QgsProcessingParameterMultipleLayers("layers", tr("Layers"), QgsProcessing.SourceType.TypeMapLayer)
        layers.setHelp(tr("The first lies on top."))
        terrain = QgsProcessingParameterRasterLayer("terrain", tr("Terrain") + " [m]", None, True)
        terrain.setHelp(tr("Heights of the ground in the 3D view and in profiles."))
        title = QgsProcessingParameterString("title", tr("Title"), tr("Digital twin"))
        title.setHelp(tr("Title of the project and of the map sheet."))
        credit = QgsProcessingParameterString("credit", tr("Sources"), "", False, True)
        credit.setHelp(tr("Owners and licences of the data, shown below the map."))
        project = QgsProcessingParameterFileDestination("project", tr("Project"), "QGIS (*.qgz)")
        project.setHelp(tr("Paths in it are relative, so that it may be moved with its layers."))
        part = QgsProcessingParameterExtent("extent", tr("Area"), None, True)
        part.setHelp(tr("The part that the map shows; default all of it."))
        private = confidential_parameter()
        picture = QgsProcessingParameterFileDestination("picture", tr("Map picture"), "PNG (*.png)", None, True)
        picture.setHelp(tr("The map sheet, A4."))
        for parameter in (layers, terrain, part, title, credit, private, project, picture):
            self.addParameter(parameter)

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.data.crs import RD  # this and the next at first use: QGIS starts without them
        from dtwin_plugin.layers import map_sheet, privacy, styles3d

        from .project_build import build_project, save_project

        styles3d.initialise()
        layers = self.parameterAsLayerList(parameters, "layers", context)
        terrain = self.parameterAsRasterLayer(parameters, "terrain", context)
        title = self.parameterAsString(parameters, "title", context)
        if not self.parameterAsBool(parameters, CONFIDENTIAL, context):
            layers = privacy.public_only(layers, FeedbackProgress(feedback).warn)
            terrain = next(iter(privacy.public_only(filter(None, [terrain]), FeedbackProgress(feedback).warn)), None)
        privacy.require_no_secrets([*layers, *filter(None, [terrain])])
        privacy.warn_expired(layers, FeedbackProgress(feedback).warn)
        for layer in [*layers, *filter(None, [terrain])]:
            if layer.isTemporary():
                text = tr("{layer} is a temporary file, which goes when QGIS closes; save it first.")
                feedback.pushWarning(text.format(layer=layer.name()))
        area = self.parameterAsExtent(parameters, "extent", context, QgsCoordinateReferenceSystem(RD))
        project = build_project([layer.clone() for layer in layers], terrain.clone() if terrain else None, title, area)
        feedback.setProgress(40)
        extent = area if not area.isEmpty() else map_sheet.extent_of_layers(list(project.mapLayers().values()))
        credit = self.parameterAsString(parameters, "credit", context)
        closed = [layer for layer in filter(None, [*layers, terrain]) if not is_public(privacy.level_of(layer))]
        notes = (tr("Confidential: not for others") if closed else "", credit, f"dtwin {version()}")
        layout = map_sheet.make_layout(project, extent, title, " | ".join(filter(None, notes)))
        result = {"project": self.parameterAsFileOutput(parameters, "project", context)}
        save_project(project, Path(result["project"]))
        feedback.setProgress(60)
        if picture := self.parameterAsFileOutput(parameters, "picture", context):
            map_sheet.save_picture(layout, Path(picture))
            result["picture"] = picture
        project.clear()  # layers must be gone before QGIS is
        return result
