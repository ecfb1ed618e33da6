"""Runs that were made, from QGIS's own history of Processing, and the layers that they left."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qgis.core import QgsApplication, QgsMapLayer, QgsProject
from qgis.gui import QgsGui
from qgis.PyQt.QtCore import QDateTime

from dtwin_plugin.layers.results import layers_of
from dtwin_plugin.translate import mark, plural, tr

from ..algorithms import PROVIDER

HISTORY = "processing"  # the provider of the history that the dialogs of algorithms write to
DAYS, MOST = 60, 50  # how far back, and how many: the log of each run is read with it
_LARGEST = 1 << 20  # bytes of a record that is read
DONE, FAILED, OPEN = mark("done"), mark("failed"), mark("not ended")


@dataclass(frozen=True)
class Run:
    """A run.

    Attributes
    ----------
    algorithm, title : str
        What was run.
    when : QDateTime
    state : str
        `DONE`, `FAILED`, or `OPEN`: it runs, or QGIS was closed before it ended.
    parameters, results : mapping
        As the algorithm takes and returns them.
    """

    algorithm: str
    title: str
    when: QDateTime
    state: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)

    def files(self) -> dict[str, Path]:
        """Return the files of its results that are still there, by the title of the output."""
        algorithm = QgsApplication.processingRegistry().algorithmById(self.algorithm)
        found = {}
        for name, value in self.results.items():
            output = algorithm.outputDefinition(name) if algorithm is not None else None
            if output is not None and isinstance(value, str) and value and Path(value).is_file():
                found[output.description()] = Path(value)
        return found

    def numbers(self) -> dict[str, float]:
        """Return the results that are numbers, by the title of the output."""
        algorithm = QgsApplication.processingRegistry().algorithmById(self.algorithm)
        if algorithm is None:
            return {}
        outputs = {output.name(): output.description() for output in algorithm.outputDefinitions()}
        return {
            outputs[name]: value
            for name, value in self.results.items()
            if name in outputs and isinstance(value, (int, float)) and not isinstance(value, bool)
        }

    def record(self) -> dict[str, Any]:
        """Return the record that the run wrote, empty where it wrote none."""
        try:
            path = Path(str(self.results["record"]))
            found = json.loads(path.read_text(encoding="utf-8")) if path.stat().st_size < _LARGEST else None
        except (KeyError, OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def layers(self, project: QgsProject) -> Iterator[QgsMapLayer]:
        """Yield layers of its results, named and styled: those of the project where they are in it already."""
        known = {_file(layer): layer for layer in project.mapLayers().values()}
        known.update({layer.source(): layer for layer in project.mapLayers().values()})
        for title, path in self.files().items():
            found = layers_of(path, title)
            for layer in found:
                yield known.get(layer.source() if len(found) > 1 else _file(layer), layer)


def _file(layer: QgsMapLayer) -> str:
    """Return the file of a layer: QGIS leaves out which table it is where it opens the only one."""
    return layer.source().partition("|")[0]


def recent() -> list[Run]:
    """Return the last runs of algorithms of the plugin, the newest first."""
    since = QDateTime.currentDateTime().addDays(-DAYS)
    entries = QgsGui.historyProviderRegistry().queryEntries(since, QDateTime(), HISTORY)
    runs = [run_of(entry.timestamp, entry.entry) for entry in entries]
    found = sorted((run for run in runs if run is not None), key=lambda run: run.when.toMSecsSinceEpoch(), reverse=True)
    return found[:MOST]


def run_of(when: QDateTime, entry: Any) -> Run | None:
    """Return the run that an entry of the history tells of; None if it is none of ours."""
    identifier = entry.get("algorithm_id") if isinstance(entry, Mapping) else None
    if not isinstance(identifier, str) or not identifier.startswith(f"{PROVIDER}:"):
        return None
    algorithm = QgsApplication.processingRegistry().algorithmById(identifier)
    given, results = entry.get("parameters"), entry.get("results")
    inputs = given.get("inputs") if isinstance(given, Mapping) else None
    return Run(
        identifier,
        algorithm.displayName() if algorithm is not None else identifier,
        when,
        OPEN if not isinstance(results, Mapping) else DONE if results else FAILED,
        inputs if isinstance(inputs, Mapping) else {},
        results if isinstance(results, Mapping) else {},
    )


def state_text(run: Run) -> str:
    """Return how a run stands, as people read it."""
    count = len(run.files())
    if run.state != DONE:
        return tr(run.state)
    return tr(plural(count, "{count} file", "{count} files")).format(count=count) if count else tr("files are gone")
