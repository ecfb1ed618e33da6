"""A package of anybody: is it whole?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputBoolean,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
)

from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import tr

from ..base import DtwinAlgorithm


class CheckArchive(DtwinAlgorithm):
    """A bag to what is wrong with it."""

    ID, TITLE, GROUP = "checkarchive", "Check an archive package", "Record"
    SUMMARY = (
        "Is a BagIt package whole and unchanged? Every file is compared with its checksums. Packages of others may be "
        "checked too; nothing is unpacked, and one with links, with paths that lead out or far too large is refused."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        package = QgsProcessingParameterFile("package", tr("Package"), optional=True)
        package.setHelp(tr("A zip with one bag."))
        folder = QgsProcessingParameterFile(
            "folder", tr("Folder"), QgsProcessingParameterFile.Behavior.Folder, "", None, True
        )
        folder.setHelp(tr("A bag that is a folder, instead of a zip."))
        report = QgsProcessingParameterFileDestination("report", tr("Faults"), "JSON (*.json)", None, True)
        report.setHelp(tr("What is wrong, as JSON."))
        for parameter in (package, folder, report):
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputBoolean("valid", tr("It is whole")))
        self.addOutput(QgsProcessingOutputNumber("faults", tr("Number of faults")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.data.atomic import written_beside  # at first use: QGIS starts without them
        from dtwin_plugin.twin.archive.check import check_bag

        given = [self.parameterAsFile(parameters, name, context) for name in ("package", "folder")]
        places = [text for text in given if text]
        if len(places) != 1:
            raise InputError("Expected a zip or a folder, and not both.", hint="Choose one.")
        faults = check_bag(Path(places[0]), feedback.isCanceled)
        for fault in faults:
            feedback.reportError(fault.text(tr))
        result: dict[str, Any] = {"valid": not faults, "faults": len(faults)}
        if path := self.parameterAsFileOutput(parameters, "report", context):
            rows = [{"kind": fault.kind, "file": fault.file, "text": fault.text(tr)} for fault in faults]
            with written_beside(path) as temporary:
                temporary.write_text(json.dumps({"valid": not faults, "faults": rows}, indent=1), encoding="utf-8")
            result["report"] = path
        return result
