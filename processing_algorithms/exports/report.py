"""A run to a one-page report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import (
    QgsFeatureRequest,
    QgsFeatureSource,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterString,
)
from qgis.PyQt.QtCore import QVariant

from dtwin_plugin.data import Features
from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import FormatError, InputError
from dtwin_plugin.layers import privacy, read
from dtwin_plugin.layers.styles_water import BUILDING_DEPTH
from dtwin_plugin.models import MODELS
from dtwin_plugin.models.base import Model
from dtwin_plugin.translate import language, mark, tr
from dtwin_plugin.twin.privacy import is_public
from dtwin_plugin.twin.report import ReportPage, Table, number, render

from ..base import DtwinAlgorithm
from ..feedback import FeedbackProgress
from .confidential import CONFIDENTIAL, confidential_parameter

_WORST = 10  # buildings listed
_ROWS = 40  # of a table of results: a page is read, and a longer table belongs in a file
_FORMS = {"integer": ",d", "number": ",.4g"}
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
        record = _read_record(Path(self.parameterAsFile(parameters, "record", context)))
        model = MODELS[record["model"]]
        closed = not is_public(record.get("privacy", ""))
        if closed and not self.parameterAsBool(parameters, CONFIDENTIAL, context):
            raise InputError(
                "{layer} is {level}, and may not be in what others get.",
                hint="Choose to take confidential layers along, if the page stays with you.",
                layer=tr(model.title),
                level=record["privacy"],
            )
        figures = _figures(record, model)
        tables: list[Table] = []
        source = self.parameterAsSource(parameters, "buildings", context)
        if source is not None:
            layer = self.parameterAsVectorLayer(parameters, "buildings", context)
            privacy.require_public([layer] if layer is not None else [])
            buildings = read.features_of(source, "polygon", None, FeedbackProgress(feedback))
            figures[tr("buildings with water at the wall (> 0.15 m)")] = number(_count_wet(buildings), ",d", language())
            tables = [_classes(buildings), _worst(buildings)]
        rows = self.parameterAsSource(parameters, "table", context)
        if rows is not None:
            tables.append(_results(rows))
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


def _read_record(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        known = record["model"] in MODELS
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        known = False
    if not known:
        raise FormatError("{file} is not a run record.", hint="Choose the JSON that a run wrote.", file=path.name)
    return record


def _figures(record: dict[str, Any], model: Model) -> dict[str, str]:
    """Return the figures of a flood run that it is read by, and each number that another model gives."""

    def shown(value: float, form: str) -> str:
        return number(value, form, language())

    if model.id != "flood":
        made = [(item, record["outputs"].get(item.name)) for item in model.outputs if item.kind in _FORMS]
        return {
            tr(item.title): f"{shown(value, _FORMS[item.kind])} {'' if item.unit == '1' else item.unit}".strip()
            for item, value in made
            if isinstance(value, (int, float))
        }
    rain, hours = record["parameters"].get("rain"), record["parameters"].get("rain_duration")
    figures = {tr("rain"): f"{shown(rain, 'g')} mm / {shown(hours, 'g')} h"} if rain is not None else {}
    if given := _other_rain(record, model):
        figures[tr("rain")] = given
    if "flooded_area" in record["outputs"]:
        figures[tr("flooded (> 0.05 m)")] = shown(record["outputs"]["flooded_area"] / 10_000, ",.1f") + " ha"
    if "mass_error" in record["outputs"]:
        figures[tr("mass balance error")] = shown(record["outputs"]["mass_error"], ".1e")
    return figures


def _other_rain(record: dict[str, Any], model: Model) -> str:
    """Return what gave the rain of a flood run in place of its number: a table, rasters or an event; "" for none."""
    used = {item["name"] for item in record.get("inputs", ())}
    for name in ("rain_grid", "rain_series", "event_table"):
        if name in used:
            return str(record["parameters"].get("event_name") or tr(model.input(name).title))
    event = record["parameters"].get("event", "own")
    return "" if event == "own" else tr(model.input("event").choices.get(event, event))


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


def _results(source: QgsFeatureSource) -> Table:
    """Return a table of results as it stands, its first rows only."""
    fields = [field.name() for field in source.fields() if field.name() != "fid"]
    rows = []
    for feature in source.getFeatures(QgsFeatureRequest().setLimit(_ROWS)):
        rows.append([_plain(feature[name]) for name in fields])
    return Table(tr("Results"), [tr(name) for name in fields], rows)


def _plain(value: Any) -> Any:
    """Return a value for a page: tables that come as text have numbers too."""
    if value is None or isinstance(value, QVariant):
        return ""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return value
    return int(value) if isinstance(value, float) and value.is_integer() else value
