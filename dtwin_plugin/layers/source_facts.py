"""Where what is told of an object comes from: the run or the source of its layer, its rights, and who may have it."""

from __future__ import annotations

import re
from typing import NamedTuple

from qgis.core import Qgis, QgsMapLayer

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
        (tr("Rights"), ", ".join(dict.fromkeys([*metadata.rights(), *metadata.licenses()]))),
        (tr("Privacy"), level_of(layer)),
        (tr("Keep until"), keep_until_of(layer)),
        *((tr("Link"), link.url) for link in metadata.links() if link.url.startswith(("http://", "https://"))),
    ]
    if not run.model and history and not made.isValid():
        rows.insert(1, (tr("Made"), history[0]))
    return tuple((label, value if len(value) <= _CUT else value[: _CUT - 1] + "…") for label, value in rows if value)
