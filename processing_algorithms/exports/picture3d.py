"""A 3D picture of a project."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsVector3D,
)

from dtwin_plugin.translate import mark, tr

from ..base import DtwinAlgorithm
from ..feedback import FeedbackProgress
from .confidential import CONFIDENTIAL, confidential_parameter


class Picture3d(DtwinAlgorithm):
    """A project to a 3D picture."""

    ID, TITLE, GROUP = "picture3d", "3D picture", "Export"
    SUMMARY = "A picture of a project in 3D: terrain, buildings and results. Needs a display; a virtual one will do."

    def flags(self) -> Qgis.ProcessingAlgorithmFlags:
        return super().flags() | Qgis.ProcessingAlgorithmFlag.NoThreading  # OpenGL wants the main thread

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        kinds = QgsProcessingParameterNumber.Type
        project = QgsProcessingParameterFile("project", tr("Project"), extension="qgz")
        project.setHelp(tr("Its visible layers are drawn; its terrain is the ground."))
        self.addParameter(project)
        extent = QgsProcessingParameterExtent("extent", tr("Area"), None, True)
        extent.setHelp(tr("The part to draw; default all of it."))
        self.addParameter(extent)
        numbers = (
            ("width", mark("Width [px]"), kinds.Integer, 1600, 100, 8000, mark("Width of the picture in pixels.")),
            ("height", mark("Height [px]"), kinds.Integer, 900, 100, 8000, mark("Height of the picture in pixels.")),
            (
                "pitch",
                mark("Tilt [degree]"),
                kinds.Double,
                50.0,
                0,
                180,
                mark("0 looks straight down, 89 along the ground, more than 90 from below."),
            ),
            (
                "heading",
                mark("Heading [degree]"),
                kinds.Double,
                20.0,
                -180,
                360,
                mark("Direction of view, clockwise from north."),
            ),
            (
                "share",
                mark("Share of the area in view"),
                kinds.Double,
                0.66,
                0.05,
                3,
                mark("1 shows the whole width of the area, 0.5 half of it."),
            ),
            (
                "exaggeration",
                mark("Vertical exaggeration"),
                kinds.Double,
                1.0,
                0.1,
                100,
                mark("All heights times this: layers of the ground are thin for their width."),
            ),
        )
        for name, title, kind, default, low, high, text in numbers:
            parameter = QgsProcessingParameterNumber(name, tr(title), kind, default, False, low, high)
            parameter.setHelp(tr(text))
            self.addParameter(parameter)
        underground = QgsProcessingParameterBoolean("underground", tr("Below the ground"), False)
        underground.setHelp(tr("Without the ground over it: cables and pipes, boreholes and voxels are seen."))
        self.addParameter(underground)
        self.addParameter(confidential_parameter())
        picture = QgsProcessingParameterFileDestination("picture", tr("3D picture"), "PNG (*.png)")
        picture.setHelp(tr("The picture, as PNG."))
        self.addParameter(picture)

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.layers import ground3d, map_sheet, scene3d  # at first use: QGIS starts without them

        from .open3d import project_in_3d

        source = Path(self.parameterAsFile(parameters, "project", context))
        confidential = self.parameterAsBool(parameters, CONFIDENTIAL, context)
        project = project_in_3d(source, confidential, FeedbackProgress(feedback))
        extent = self.parameterAsExtent(parameters, "extent", context, project.crs())
        if extent.isEmpty():
            extent = map_sheet.extent_of_layers(list(project.mapLayers().values()))
        provider = project.elevationProperties().terrainProvider()
        terrain = provider.layer() if hasattr(provider, "layer") else None
        pitch, heading, share, exaggeration = (
            self.parameterAsDouble(parameters, name, context) for name in ("pitch", "heading", "share", "exaggeration")
        )
        path = self.parameterAsFileOutput(parameters, "picture", context)
        folder = tempfile.TemporaryDirectory(prefix="dtwin-ground-", ignore_cleanup_errors=True)
        if terrain is not None:
            scale, offset = provider.scale(), provider.offset()
            terrain = ground3d.without_holes(terrain, extent, Path(folder.name), scale, offset)
            project.addMapLayer(terrain, False)
        settings = scene3d.settings_of(project, extent, terrain, exaggeration)
        below = self.parameterAsBool(parameters, "underground", context)
        height, depth = scene3d.below_ground(settings) if below else (0.0, 0.0)
        middle = settings.mapToWorldCoordinates(QgsVector3D(extent.center().x(), extent.center().y(), height))
        scene3d.save_picture(
            project,
            settings,
            scene3d.camera(extent, pitch, heading, share, middle, depth),
            Path(path),
            self.parameterAsInt(parameters, "width", context),
            self.parameterAsInt(parameters, "height", context),
        )
        project.clear()
        folder.cleanup()
        return {"picture": path}
