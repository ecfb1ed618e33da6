"""A flood run to a one-page report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterString,
)

from dtwin_plugin.data import Features
from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import FormatError
from dtwin_plugin.layers import privacy, read
from dtwin_plugin.layers.styles import BUILDING_DEPTH
from dtwin_plugin.models import MODELS
from dtwin_plugin.translate import language, mark, tr
from dtwin_plugin.twin.report import ReportPage, Table, number, render

from ..base import DtwinAlgorithm
from ..feedback import FeedbackProgress

_WORST = 10  # buildings listed
_PICTURES = (("map", mark("Map picture"), mark("Map")), ("picture3d", mark("3D picture"), mark("In 3D")))


class Report(DtwinAlgorithm):
    """A run to a page."""

    ID, TITLE, GROUP = "report", "Report of a flood run", "Export"
    SUMMARY = "One page of HTML with the figures, the pictures, the buildings with most water, and how it was made."

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        record = QgsProcessingParameterFile("record", tr("Run record"), extension="json")
        record.setHelp(tr("The JSON that the run wrote."))
        polygon = QgsProcessing.SourceType.TypeVectorPolygon
        buildings = QgsProcessingParameterFeatureSource("buildings", tr("Water at buildings"), [polygon], None, True)
        buildings.setHelp(tr("The buildings with their water depth [m], as the run wrote them."))
        title = QgsProcessingParameterString("title", tr("Title"), tr("Flooding under extreme rain"))
        title.setHelp(tr("Title of the page."))
        self.addParameter(record)
        self.addParameter(buildings)
        self.addParameter(title)
        for name, label, _ in _PICTURES:
            parameter = QgsProcessingParameterFile(name, tr(label), extension="png", optional=True)
            parameter.setHelp(tr("Put into the page."))
            self.addParameter(parameter)
        report = QgsProcessingParameterFileDestination("report", tr("Report"), "HTML (*.html)")
        report.setHelp(tr("One file, pictures inside."))
        self.addParameter(report)

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        record = _read_record(Path(self.parameterAsFile(parameters, "record", context)))
        model = MODELS[record["model"]]
        figures = _figures(record)
        tables: list[Table] = []
        source = self.parameterAsSource(parameters, "buildings", context)
        if source is not None:
            layer = self.parameterAsVectorLayer(parameters, "buildings", context)
            privacy.require_public([layer] if layer is not None else [])
            buildings = read.features_of(source, "polygon", None, FeedbackProgress(feedback))
            figures[tr("buildings with water at the wall (> 0.15 m)")] = number(_count_wet(buildings), ",d", language())
            tables = [_classes(buildings), _worst(buildings)]
        pictures = {
            tr(title): Path(path)
            for name, _, title in _PICTURES
            if (path := self.parameterAsFile(parameters, name, context))
        }
        title = self.parameterAsString(parameters, "title", context)
        page = ReportPage(title, tr(model.summary), figures, pictures, tables, record, tr(model.validity))
        path = Path(self.parameterAsFileOutput(parameters, "report", context))
        with written_beside(path) as temporary:
            temporary.write_text(render(page, tr, language()), encoding="utf-8")
        return {"report": str(path)}


def _read_record(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        known = record["model"] in MODELS
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        known = False
    if not known:
        raise FormatError("{file} is not a run record.", hint="Choose the JSON that a run wrote.", file=path.name)
    return record


def _figures(record: dict[str, Any]) -> dict[str, str]:
    def shown(value: float, form: str) -> str:
        return number(value, form, language())

    rain, hours = record["parameters"].get("rain"), record["parameters"].get("rain_duration")
    figures = {tr("rain"): f"{shown(rain, 'g')} mm / {shown(hours, 'g')} h"} if rain is not None else {}
    if "flooded_area" in record["outputs"]:
        figures[tr("flooded (> 0.05 m)")] = shown(record["outputs"]["flooded_area"] / 10_000, ",.1f") + " ha"
    if "mass_error" in record["outputs"]:
        figures[tr("mass balance error")] = shown(record["outputs"]["mass_error"], ".1e")
    return figures


def _count_wet(buildings: Features) -> int:
    return int(np.isin(buildings.columns["water_class"].astype(str), ["nuisance", "damage"]).sum())


def _classes(buildings: Features) -> Table:
    classes = buildings.columns["water_class"].astype(str)
    rows = [(tr(label), int((classes == key).sum())) for key, (_, label) in BUILDING_DEPTH.items()]
    return Table(tr("Buildings by water at the wall"), (tr("Class"), tr("Buildings")), rows)


def _worst(buildings: Features) -> Table:
    depth = np.nan_to_num(buildings.columns["water_depth_max"].astype(float), nan=-1.0)
    order = np.argsort(-depth)[:_WORST]
    identity = next((n for n in ("identificatie", "id", "fid") if n in buildings.columns), None)
    names = buildings.columns[identity] if identity else np.arange(len(buildings))
    rows = [(str(names[i]), float(depth[i])) for i in order if depth[i] >= 0]
    return Table(tr("Buildings with most water"), (tr("Building"), tr("Largest depth") + " [m]"), rows)
