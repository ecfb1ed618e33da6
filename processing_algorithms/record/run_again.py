"""A run made again from its record: the same bytes, or what has changed."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputBoolean,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterFolderDestination,
)
from qgis.PyQt.QtCore import QThread

from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import language, tr

from ..base import DtwinAlgorithm
from ..model_algorithm import RECORD, ModelAlgorithm

if TYPE_CHECKING:
    from dtwin_plugin.twin import RunRecord
    from dtwin_plugin.twin.again import Change


class RunAgain(DtwinAlgorithm):
    """A record to a run with the same parameters, and a comparison."""

    ID, TITLE, GROUP = "runagain", "Run again", "Record"
    SUMMARY = (
        "Does a run give the same result today? It is made again from its record, on the data that it used. What has "
        "changed is told (data, versions, defaults), and each result is compared with the first by its SHA-256. The "
        "times in the new files are those of the first run, so that equal results are equal files."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        record = QgsProcessingParameterFile(RECORD, tr("Run record"), extension="json")
        record.setHelp(tr("The JSON that the run wrote."))
        place = QgsProcessingParameterFile(
            "inputs", tr("Folder of the data"), QgsProcessingParameterFile.Behavior.Folder, "", None, True
        )
        place.setHelp(tr("Where the data are looked for first, by the names of their files; default where they were."))
        same = QgsProcessingParameterBoolean("strict", tr("Only if nothing has changed"), False)
        same.setHelp(tr("Stop before the run where data, versions or defaults have changed."))
        results = QgsProcessingParameterFolderDestination("results", tr("Folder of the new results"))
        results.setHelp(tr("The first results stay as they are."))
        report = QgsProcessingParameterFileDestination("comparison", tr("Comparison"), "JSON (*.json)")
        report.setHelp(tr("What has changed, and for each result both checksums and whether they are equal."))
        for parameter in (record, place, same, results, report):
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputBoolean("same", tr("All results are equal")))
        self.addOutput(QgsProcessingOutputNumber("different", tr("Results that are not")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.data.atomic import written_beside  # at first use: QGIS starts without them
        from dtwin_plugin.twin.again import compared, located
        from dtwin_plugin.twin.record import made_again
        from dtwin_plugin.twin.record_schema import read_record

        from .again_values import parameters_of

        record = read_record(Path(self.parameterAsFile(parameters, RECORD, context)))
        algorithm = _algorithm_of(record)
        place = self.parameterAsFile(parameters, "inputs", context)
        files = {item.name: located(item, Path(place) if place else None) for item in record.inputs}
        folder = Path(self.parameterAsString(parameters, "results", context))
        given = parameters_of(record, algorithm.model, files, folder)
        _expect_new(folder, record)
        found = _changes(record, algorithm, files)
        for change in found:
            feedback.pushWarning(change.text(tr))
        if found and self.parameterAsBool(parameters, "strict", context):
            raise InputError(
                "{count} things have changed since the run; the first: {reason}",
                hint="Allow changes to run it all the same.",
                count=len(found),
                reason=found[0].text(tr),
            )
        folder.mkdir(parents=True, exist_ok=True)
        with made_again(record):
            made, _ = algorithm.run(given, context, feedback, {}, False)
        rows = compared(record, made)
        different = sum(row["equal"] is not True for row in rows)
        for row in rows:
            text = {
                True: tr("{name} is equal."),
                False: tr("{name} differs."),
                None: tr("{name} has no first checksum."),
            }
            feedback.pushInfo(text[row["equal"]].format(name=row["name"]))
        path = Path(self.parameterAsFileOutput(parameters, "comparison", context))
        told = {
            "run": record.id,
            "model": record.model,
            "same": not different,
            "changes": [{**vars(change), "text": change.text(tr)} for change in found],
            "results": rows,
        }
        with written_beside(path) as temporary:
            temporary.write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")
        return {"same": not different, "different": different, "results": str(folder), "comparison": str(path)}


def _algorithm_of(record: RunRecord) -> ModelAlgorithm:
    """Return the algorithm that made a run; raises InputError where it cannot be run here."""
    found = QgsApplication.processingRegistry().algorithmById(f"dtwin:{record.model}")
    if not isinstance(found, ModelAlgorithm):
        raise InputError(
            "{title} ({model}) cannot be run again: there is no such model here.",
            hint="Install the version of the plugin that made it, or the model.",
            title=record.title,
            model=record.model,
        )
    on_main = QThread.currentThread() == QgsApplication.instance().thread()
    if found.flags() & Qgis.ProcessingAlgorithmFlag.NoThreading and not on_main:
        raise InputError(
            "{title} draws, which it can do on the main thread only.",
            hint="Run it again with qgis_process, or from its own window.",
            title=tr(found.model.title),
        )
    return found


def _changes(record: RunRecord, algorithm: ModelAlgorithm, files: dict[str, Path | None]) -> list[Change]:
    from dtwin_plugin.paths import version
    from dtwin_plugin.twin.again import changes

    from .again_values import DATA

    model = algorithm.model
    defaults = {item.name: item.default for item in model.inputs if item.kind not in DATA}
    software = {"dtwin": version(), "python": platform.python_version(), "qgis": Qgis.version()}
    return changes(record, model.version, defaults, software, language(), files)


def _expect_new(folder: Path, record: RunRecord) -> None:
    """Raise InputError where the new results would replace the first."""
    files = [Path(value) for value in record.outputs.values() if isinstance(value, str)]
    if any(file.is_file() and file.parent.resolve() == folder.resolve() for file in files):
        raise InputError(
            "{folder} holds the first results, which would be replaced.",
            hint="Choose another folder for the new ones.",
            folder=str(folder),
        )
