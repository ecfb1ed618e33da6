"""A field of a description to a Processing parameter or output, one function a kind."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterAuthConfig,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDateTime,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterPointCloudDestination,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)

from dtwin_plugin.models.base import Field
from dtwin_plugin.translate import language, tr
from dtwin_plugin.twin.report import number

_SOURCE_TYPES = {
    "point": QgsProcessing.SourceType.TypeVectorPoint,
    "line": QgsProcessing.SourceType.TypeVectorLine,
    "polygon": QgsProcessing.SourceType.TypeVectorPolygon,
    "": QgsProcessing.SourceType.TypeVectorAnyGeometry,
}
Parameter = QgsProcessingParameterDefinition
_QGIS_DECIMALS = 6  # of the field of a number, unless it is told otherwise
_FILES = {"file": "", "layer": "QGIS (*.qlr)", "mesh": "UGRID (*.nc)"}  # kind -> which files; a file says so itself


def _number(item: Field, label: str, kind: Any) -> Parameter:
    parameter = QgsProcessingParameterNumber(item.name, label, kind, item.default, item.optional)
    if item.minimum is not None:
        parameter.setMinimum(item.minimum)
    if item.maximum is not None:
        parameter.setMaximum(item.maximum)
    decimals = _decimals(item)
    if decimals > _QGIS_DECIMALS:
        parameter.setMetadata({"widget_wrapper": {"decimals": decimals}})
    return parameter


def _decimals(item: Field) -> int:
    """Return how many decimals the field of a number needs: what it cannot show, QGIS makes 0 without a word."""
    smallest = [abs(value) for value in (item.minimum, item.default) if value]
    return max((math.ceil(-math.log10(value)) for value in smallest), default=0)


def _choice(item: Field, label: str) -> Parameter:
    keys = list(item.choices)
    parameter = QgsProcessingParameterEnum(
        item.name, label, [tr(title) for title in item.choices.values()], False, None, item.optional
    )
    if item.default is not None:
        parameter.setDefaultValue(keys.index(item.default))
    return parameter


def _text(item: Field, label: str) -> Parameter:
    if item.style == "authentication":
        return QgsProcessingParameterAuthConfig(item.name, label, item.default, item.optional)
    return QgsProcessingParameterString(item.name, label, item.default, False, item.optional)


_INPUTS: dict[str, Callable[[Field, str], Parameter]] = {
    "grid": lambda f, label: QgsProcessingParameterRasterLayer(f.name, label, None, f.optional),
    "features": lambda f, label: QgsProcessingParameterFeatureSource(
        f.name, label, [_SOURCE_TYPES[f.geometry]], None, f.optional
    ),
    "extent": lambda f, label: QgsProcessingParameterExtent(f.name, label, None, f.optional),
    "number": lambda f, label: _number(f, label, QgsProcessingParameterNumber.Type.Double),
    "integer": lambda f, label: _number(f, label, QgsProcessingParameterNumber.Type.Integer),
    "boolean": lambda f, label: QgsProcessingParameterBoolean(f.name, label, f.default, f.optional),
    "choice": _choice,
    "datetime": lambda f, label: QgsProcessingParameterDateTime(
        f.name, label, QgsProcessingParameterDateTime.Type.DateTime, f.default, f.optional
    ),
    "table": lambda f, label: QgsProcessingParameterFeatureSource(
        f.name, label, [QgsProcessing.SourceType.TypeVector], None, f.optional
    ),
    "file": lambda f, label: QgsProcessingParameterFile(
        f.name, label, QgsProcessingParameterFile.Behavior.File, "", f.default, f.optional
    ),
    "text": _text,
    "voxels": lambda f, label: QgsProcessingParameterFeatureSource(
        f.name, label, [QgsProcessing.SourceType.TypeVectorPolygon], None, f.optional
    ),
}


def input_parameter(item: Field) -> Parameter:
    """Return the parameter of an input, with unit, limits, default, help and the advanced flag."""
    parameter = _INPUTS[item.kind](item, item.label(tr))
    parameter.setHelp(help_text(item))
    if item.advanced:
        parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
    return parameter


def output_parameter(item: Field) -> Parameter | None:
    """Return the destination of an output, None for a plain value; an advanced one is made by who asks for it."""
    label, made = item.label(tr), not item.advanced
    if item.kind == "grid":
        parameter: Parameter = QgsProcessingParameterRasterDestination(item.name, label, None, item.optional, made)
    elif item.kind in ("features", "surfaces", "table", "voxels"):
        shape = (
            QgsProcessing.SourceType.TypeVector if item.kind == "table" else _SOURCE_TYPES[item.geometry or "polygon"]
        )
        parameter = QgsProcessingParameterVectorDestination(item.name, label, shape, None, item.optional, made)
    elif item.kind == "points":
        parameter = QgsProcessingParameterPointCloudDestination(item.name, label, None, item.optional, made)
    elif item.kind in _FILES:
        files = _FILES[item.kind] or item.style
        parameter = QgsProcessingParameterFileDestination(item.name, label, files, None, item.optional, made)
    else:
        return None
    parameter.setHelp(help_text(item))
    return parameter


def output_definition(item: Field) -> QgsProcessingOutputNumber | QgsProcessingOutputString:
    """Return the declared output of a plain value."""
    kind = QgsProcessingOutputNumber if item.kind in ("number", "integer") else QgsProcessingOutputString
    return kind(item.name, item.label(tr))


def help_text(item: Field) -> str:
    """Return the sentence on a field, with its columns, limits and default."""
    parts = [tr(item.doc)] if item.doc else []
    if item.columns:
        names = [name if unit == "1" else f"{name} [{unit}]" for name, unit in item.columns.items()]
        parts.append(f"{tr('Columns')}: {', '.join(names)}.")
    if item.minimum is not None and item.maximum is not None:
        parts.append(f"{tr('Allowed')}: {_shown(item.minimum)} - {_shown(item.maximum)}{_unit(item)}.")
    if item.default is not None and item.kind != "boolean":
        shown = tr(item.choices[item.default]) if item.choices else f"{_shown(item.default)}{_unit(item)}"
        parts.append(f"{tr('Default')}: {shown}.")
    return " ".join(parts)


def _shown(value: Any) -> str:
    return number(value, "g", language()) if isinstance(value, (int, float)) else str(value)


def _unit(item: Field) -> str:
    return "" if item.unit == "1" else f" {item.unit}"
