"""A run to a one-page report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterString,
)

from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import language, mark, tr
from dtwin_plugin.twin.privacy import is_public

from ..base import DtwinAlgorithm
from ..feedback import FeedbackProgress
from .confidential import CONFIDENTIAL, confidential_parameter

_TITLES = {"flood": mark("Flooding under extreme rain")}  # of others the title of the model
_PICTURES = (("map", mark("Map picture"), mark("Map")), ("picture3d", mark("3D picture"), mark("In 3D")))


class Report(DtwinAlgorithm):
    """A run to a page."""

    ID, TITLE, GROUP = "report", "Report of a run", "Export"
    SUMMARY = "One page of HTML with the figures, pictures and tables of a run, and how it was made."

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        record = QgsProcessingParameterFile("record", tr("Run record"), extension="json")
        record.setHelp(tr("The JSON that the run wrote."))
        polygon = QgsProcessing.SourceType.TypeVectorPolygon
        buildings = QgsProcessingParameterFeatureSource("buildings", tr("Water at buildings"), [polygon], None, True)
        buildings.setHelp(tr("The buildings with their water depth [m], as the run wrote them."))
        every = QgsProcessing.SourceType.TypeVector
        table = QgsProcessingParameterFeatureSource("table", tr("Table of results"), [every], None, True)
        table.setHelp(tr("Its columns and first rows are put into the page."))
        title = QgsProcessingParameterString("title", tr("Title"), "", False, True)
        title.setHelp(tr("Title of the page; default what was run."))
        for parameter in (record, buildings, table, title):
            self.addParameter(parameter)
        for name, label, _ in _PICTURES:
            parameter = QgsProcessingParameterFile(name, tr(label), extension="png", optional=True)
            parameter.setHelp(tr("Put into the page."))
            self.addParameter(parameter)
        report = QgsProcessingParameterFileDestination("report", tr("Report"), "HTML (*.html)")
        report.setHelp(tr("One file, pictures inside."))
        self.addParameter(confidential_parameter())
        self.addParameter(report)

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.data.atomic import written_beside  # this and the next at first use: QGIS starts without them
        from dtwin_plugin.layers import privacy, read
        from dtwin_plugin.models import MODELS
        from dtwin_plugin.twin.report import ReportPage, Table, number, render

        from . import report_parts as parts

        record = parts.read_record(Path(self.parameterAsFile(parameters, "record", context)))
        model = MODELS[record["model"]]
        closed = not is_public(record.get("privacy", ""))
        if closed and not self.parameterAsBool(parameters, CONFIDENTIAL, context):
            raise InputError(
                "{layer} is {level}, and may not be in what others get.",
                hint="Choose to take confidential layers along, if the page stays with you.",
                layer=tr(model.title),
                level=record["privacy"],
            )
        figures = parts.figures(record, model)
        tables: list[Table] = []
        used = [self.source_layer(parameters, name, context) for name in ("buildings", "table")]
        if not self.parameterAsBool(parameters, CONFIDENTIAL, context):
            privacy.require_public(layer for layer in used if layer is not None)
        source = self.parameterAsSource(parameters, "buildings", context)
        if source is not None:
            buildings = read.features_of(source, "polygon", None, FeedbackProgress(feedback))
            figures[tr("buildings with water at the wall (> 0.15 m)")] = number(
                parts.count_wet(buildings), ",d", language()
            )
            tables = [parts.class_table(buildings), parts.worst_table(buildings)]
        rows = self.parameterAsSource(parameters, "table", context)
        if rows is not None:
            tables.append(parts.result_table(rows))
        pictures = {
            tr(title): Path(path)
            for name, _, title in _PICTURES
            if (path := self.parameterAsFile(parameters, name, context))
        }
        title = self.parameterAsString(parameters, "title", context) or tr(_TITLES.get(model.id, model.title))
        about = f"{tr('Confidential: not for others')}. {tr(model.summary)}" if closed else tr(model.summary)
        page = ReportPage(title, about, figures, pictures, tables, record, tr(model.validity))
        path = Path(self.parameterAsFileOutput(parameters, "report", context))
        with written_beside(path) as temporary:
            temporary.write_text(render(page, tr, language()), encoding="utf-8")
        return {"report": str(path)}
