"""What the report of a run says: its figures and its tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import QgsFeatureRequest, QgsFeatureSource
from qgis.PyQt.QtCore import QVariant

from dtwin_plugin.data import Features
from dtwin_plugin.errors import FormatError
from dtwin_plugin.layers.read import all_rows_of
from dtwin_plugin.layers.styles_water import BUILDING_DEPTH
from dtwin_plugin.models import MODELS
from dtwin_plugin.models.base import Model
from dtwin_plugin.translate import language, tr
from dtwin_plugin.twin.report import Table, number

_WORST = 10  # buildings listed
_ROWS = 40  # of a table of results: a page is read, and a longer table belongs in a file
_FORMS = {"integer": ",d", "number": ",.4g"}


def read_record(path: Path) -> dict[str, Any]:
    """Return the record of a run of a model; raises FormatError."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        known = record["model"] in MODELS
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        known = False
    if not known:
        raise FormatError("{file} is not a run record.", hint="Choose the JSON that a run wrote.", file=path.name)
    return record


def figures(record: dict[str, Any], model: Model) -> dict[str, str]:
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


def count_wet(buildings: Features) -> int:
    """Return how many buildings have water at the wall."""
    return int(np.isin(buildings.columns["water_class"].astype(str), ["nuisance", "damage"]).sum())


def class_table(buildings: Features) -> Table:
    """Return how many buildings there are in each class."""
    classes = buildings.columns["water_class"].astype(str)
    rows = [(tr(label), int((classes == key).sum())) for key, (_, label) in BUILDING_DEPTH.items()]
    return Table(tr("Buildings by water at the wall"), (tr("Class"), tr("Buildings")), rows)


def worst_table(buildings: Features) -> Table:
    """Return the buildings with most water."""
    depth = np.nan_to_num(buildings.columns["water_depth_max"].astype(float), nan=-1.0)
    order = np.argsort(-depth)[:_WORST]
    identity = next((n for n in ("identificatie", "id", "fid") if n in buildings.columns), None)
    names = buildings.columns[identity] if identity else np.arange(len(buildings))
    rows = [(str(names[i]), float(depth[i])) for i in order if depth[i] >= 0]
    return Table(tr("Buildings with most water"), (tr("Building"), tr("Largest depth") + " [m]"), rows)


def result_table(source: QgsFeatureSource) -> Table:
    """Return a table of results as it stands, its first rows only."""
    fields = [field.name() for field in source.fields() if field.name() != "fid"]
    rows = []
    for feature in all_rows_of(source, QgsFeatureRequest().setLimit(_ROWS)):
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
