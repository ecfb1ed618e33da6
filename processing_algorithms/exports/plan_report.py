"""The test of a plan as a report: the outcomes on pages, with maps, pictures in 3D, and the evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    Qgis,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from dtwin_plugin.translate import tr

from ..base import DtwinAlgorithm
from ..feedback import FeedbackProgress
from .confidential import confidential_parameter

if TYPE_CHECKING:
    from qgis.core import QgsProcessingParameterDefinition

PAPERS = ("A4", "A3")


class PlanReport(DtwinAlgorithm):
    """The test of a plan to a PDF."""

    ID, TITLE, GROUP = "planreport", "Report of the test of a plan", "Export"
    SUMMARY = (
        "A PDF of the outcomes of a test of a plan: the count of each outcome, a table of rules and buildings, a map, "
        "pictures in 3D, the texts of the rules, and how it was made. It is no decision on a permit."
    )

    def flags(self) -> Qgis.ProcessingAlgorithmFlags:
        return super().flags() | Qgis.ProcessingAlgorithmFlag.NoThreading  # OpenGL and layouts want the main thread

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        every, polygon = QgsProcessing.SourceType.TypeVector, QgsProcessing.SourceType.TypeVectorPolygon

        def source(name: str, title: str, kind: Any, optional: bool = True) -> QgsProcessingParameterFeatureSource:
            return QgsProcessingParameterFeatureSource(name, title, [kind], None, optional)

        self._add(QgsProcessingParameterFile("record", tr("Run record"), extension="json"),
                  tr("The JSON that the test of the plan wrote."))  # fmt: skip
        self._add(source("outcomes", tr("Outcomes"), every, False), tr("The table that the test of the plan wrote."))
        self._add(source("objects", tr("Tested buildings"), polygon), tr("For the map and the pictures in 3D."))
        self._add(source("violations", tr("Violations"), polygon), tr("For the map and the pictures in 3D."))
        self._add(source("plan", tr("Design"), polygon), tr("Surfaces in space, for the pictures in 3D."))
        self._add(QgsProcessingParameterRasterLayer("terrain", tr("Terrain") + " [m]", None, True),
                  tr("Heights of the ground in the pictures in 3D."))  # fmt: skip
        self._add(
            QgsProcessingParameterMultipleLayers(
                "base_layers", tr("Layers of the map"), QgsProcessing.SourceType.TypeMapLayer, None, True
            ),
            tr("Below the buildings, the first on top: a base map or an aerial photo. Default a relief."),
        )
        self._add(QgsProcessingParameterString("title", tr("Title of the report"), "", False, True),
                  tr("As the name of the plan; the purpose of the run stands below it, as the question."))  # fmt: skip
        self._add(QgsProcessingParameterEnum("paper", tr("Paper of the report"), list(PAPERS), False, 0),
                  tr("A3 has larger maps; both lie on their long side."))  # fmt: skip
        self.addParameter(confidential_parameter())
        self._add(QgsProcessingParameterFileDestination("report", tr("Report"), "PDF (*.pdf)"),
                  tr("The pages; their text can be searched."))  # fmt: skip

    def _add(self, parameter: QgsProcessingParameterDefinition, text: str) -> None:
        parameter.setHelp(text)
        self.addParameter(parameter)

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from .plan_report_pages import write_report  # what draws is not needed to start QGIS

        path = Path(self.parameterAsFileOutput(parameters, "report", context))
        write_report(self, parameters, context, path, FeedbackProgress(feedback))
        return {"report": str(path)}
