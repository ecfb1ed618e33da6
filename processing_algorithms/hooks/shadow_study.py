"""A shadow study is a report and pictures too, beside the data of the model."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    Qgis,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterString,
)

from dtwin_plugin.translate import mark, tr

from ..model_algorithm import ModelAlgorithm

if TYPE_CHECKING:
    from dtwin_plugin.twin import RunRecord

    from ..feedback import FeedbackProgress

TITLE, LAYERS, PAPER, SCENES, REPORT, FOLDER = "title", "base_layers", "paper", "scenes", "report", "folder"
EVERY, MIDDLE, NONE = range(3)
_SCENES = (mark("Of each moment"), mark("Of the middle moment of each day"), mark("None"))
PAPERS = ("A4", "A3")


class ShadowStudyAlgorithm(ModelAlgorithm):
    """The model of a shadow study, with its report."""

    def flags(self) -> Qgis.ProcessingAlgorithmFlags:
        return super().flags() | Qgis.ProcessingAlgorithmFlag.NoThreading  # OpenGL and layouts want the main thread

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        super().initAlgorithm(configuration)
        title = QgsProcessingParameterString(TITLE, tr("Title of the report"), "", False, True)
        title.setHelp(tr("As the name of the plan; the purpose of the run stands below it, as the question."))
        layers = QgsProcessingParameterMultipleLayers(
            LAYERS, tr("Layers of the map"), QgsProcessing.SourceType.TypeMapLayer, None, True
        )
        layers.setHelp(tr("Below the shadow, the first on top: a base map or an aerial photo. Default a relief."))
        paper = QgsProcessingParameterEnum(PAPER, tr("Paper of the report"), list(PAPERS), False, 0)
        paper.setHelp(tr("A3 has larger maps; both lie on their long side."))
        scenes = QgsProcessingParameterEnum(SCENES, tr("Pictures in 3D"), [tr(t) for t in _SCENES], False, EVERY)
        scenes.setHelp(tr("Each takes some seconds, and up to a minute where there is no graphics card."))
        report = QgsProcessingParameterFileDestination(REPORT, tr("Report"), "PDF (*.pdf)", None, True, True)
        report.setHelp(
            tr("Question, figures, the moments before and after on maps and in 3D, hours lost, facades, what the study "
               "does not say, and how it was made, as PDF. The pictures in 3D need a display; a virtual one will do.")
        )  # fmt: skip
        folder = QgsProcessingParameterFolderDestination(FOLDER, tr("Folder of the pictures"), None, True, False)
        folder.setHelp(tr("Each picture of the report as PNG, by day, time, and before or after."))
        for parameter in (title, layers, paper, scenes, report, folder):
            self.addParameter(parameter)

    def _write(
        self,
        made: dict[str, Any],
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        record: RunRecord,
        progress: FeedbackProgress,
    ) -> dict[str, Any]:
        report = self.parameterAsFileOutput(parameters, REPORT, context)
        folder = self.parameterAsString(parameters, FOLDER, context) if parameters.get(FOLDER) else ""
        if not report and not folder:
            return super()._write(made, parameters, context, record, progress)
        from .shadow_study_pages import Output  # what draws is not needed to start QGIS

        with tempfile.TemporaryDirectory(prefix="dtwin-study-", ignore_cleanup_errors=True) as work:
            output = Output(self, parameters, context, Path(work), progress)
            output.draw(made, record)
            try:
                output.keep(made, record, report, folder)
                found = super()._write(made, parameters, context, record, progress)
            except BaseException:
                output.remove()  # without the rest of its run it would be taken for the whole
                raise
        return {**found, **({REPORT: report} if report else {}), **({FOLDER: folder} if folder else {})}
