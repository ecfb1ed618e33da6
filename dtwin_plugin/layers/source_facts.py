"""Where what is told of an object comes from: the run or the source of its layer, its rights, and who may have it."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from qgis.core import Qgis, QgsMapLayer, QgsProcessingFeatureSourceDefinition, QgsVectorLayer

from dtwin_plugin.translate import tr

from .privacy import keep_until_of, level_of

# the first line of the history that `RunRecord.lines` makes
_RUN = re.compile(r"^(?P<title>.+), run (?P<id>run-\S+), (?P<started>\S+) - \S*$")
_INPUT, _WARNING, _PURPOSE = "Input ", "Warning: ", "Purpose: "
_CUT = 200  # characters of a line that are shown


class Run(NamedTuple):
    """What made a layer: the model with its version, and when, as it is read; both empty where no model did."""

    model: str = ""
    started: str = ""


def run_of(layer: QgsMapLayer) -> Run:
    """Return the run that made a layer."""
    for line in layer.metadata().history()[:1]:
        found = _RUN.match(line)
        if found:
            return Run(found["title"], found["started"][:16].replace("T", " "))
    return Run()


def licence_of(layer: QgsMapLayer) -> str:
    """Return what the metadata of a layer say of its rights and licences, "" where nothing."""
    metadata = layer.metadata()
    return ", ".join(dict.fromkeys([*metadata.rights(), *metadata.licenses()]))


def used_part(value: Any, layer: QgsMapLayer | None) -> str:
    """Return the expression that chooses the features of a layer that a run uses, "" where it uses all.

    Parameters
    ----------
    value : object
        Of the parameter: one that has a filter, or takes the selection alone, says so.
    """
    if not isinstance(value, QgsProcessingFeatureSourceDefinition) or not isinstance(layer, QgsVectorLayer):
        return ""
    parts = [f"({value.filterExpression})"] if value.filterExpression else []
    if value.selectedFeaturesOnly:
        chosen = ", ".join(str(number) for number in sorted(layer.selectedFeatureIds()))
        parts.append(f"$id IN ({chosen or 'NULL'})")
    return " AND ".join(parts)


def source_rows(layer: QgsMapLayer) -> tuple[tuple[str, str], ...]:
    """Return labels and values that tell where a layer comes from."""
    metadata, run = layer.metadata(), run_of(layer)
    history = metadata.history()
    made = metadata.dateTime(Qgis.MetadataDateType.Created)
    rows = [
        (tr("Source"), metadata.title() or layer.name()),
        (tr("Model"), run.model),
        (tr("Made"), run.started or (made.toString("yyyy-MM-dd HH:mm") if made.isValid() else "")),
        *((tr("Purpose"), line[len(_PURPOSE) :]) for line in history if line.startswith(_PURPOSE)),
        *((tr("Input"), line[len(_INPUT) :]) for line in history if line.startswith(_INPUT)),
        *((tr("Warning"), line[len(_WARNING) :]) for line in history if line.startswith(_WARNING)),
        (tr("Rights"), licence_of(layer)),
        (tr("Privacy"), level_of(layer)),
        (tr("Keep until"), keep_until_of(layer)),
        *((tr("Link"), link.url) for link in metadata.links() if link.url.startswith(("http://", "https://"))),
    ]
    if not run.model and history and not made.isValid():
        rows.insert(1, (tr("Made"), history[0]))
    return tuple((label, value if len(value) <= _CUT else value[: _CUT - 1] + "…") for label, value in rows if value)
