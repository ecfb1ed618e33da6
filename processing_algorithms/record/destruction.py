"""Archive packages whose term has ended: a list, and their destruction by the decision of a person."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
)

from dtwin_plugin.translate import tr

from ..base import DtwinAlgorithm


class DestructionList(DtwinAlgorithm):
    """Packages to a proposal."""

    ID, TITLE, GROUP = "destructionlist", "Make a destruction list", "Record"
    SUMMARY = (
        "Which archive packages need not be kept any longer? A list with the ground for each, and why the others stay. "
        "It is a proposal: nothing is removed. Beside it lies the form on which a person decides."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        packages = QgsProcessingParameterMultipleLayers("packages", tr("Packages"), QgsProcessing.SourceType.TypeFile)
        packages.setHelp(tr("Zips that Archive a run or Archive a study made."))
        listed = QgsProcessingParameterFileDestination("list", tr("Destruction list"), "JSON (*.json)")
        listed.setHelp(tr("What may be destroyed and on which ground, and what not and why, as JSON."))
        self.addParameter(packages)
        self.addParameter(listed)
        self.addOutput(QgsProcessingOutputNumber("due", tr("Packages whose term has ended")))
        self.addOutput(QgsProcessingOutputNumber("kept", tr("Packages that stay")))
        self.addOutput(QgsProcessingOutputString("approval", tr("Form for the decision")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.twin.archive.destruction import REASONS, proposal, write_list

        paths = [Path(path) for path in self.parameterAsFileList(parameters, "packages", context)]
        found = proposal(paths, date.today())
        for row in (*found["items"], *found["kept"]):
            feedback.pushInfo(f"{Path(row['file']).name}: {tr(REASONS[row['reason']])}")
        path = Path(self.parameterAsFileOutput(parameters, "list", context))
        form = write_list(found, path)
        return {"list": str(path), "due": len(found["items"]), "kept": len(found["kept"]), "approval": str(form)}


class Destroy(DtwinAlgorithm):
    """A list with a decision to a certificate."""

    ID, TITLE, GROUP = "destroy", "Destroy by decision", "Record"
    SUMMARY = (
        "Removes the packages of a destruction list on which a person decided, and writes the certificate. Refused "
        "where the decision is not filled in, where the list or a package has changed since, and where a term runs."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        listed = QgsProcessingParameterFile("list", tr("Destruction list"), extension="json")
        listed.setHelp(tr("As it was decided on."))
        approval = QgsProcessingParameterFile("approval", tr("Form with the decision"), extension="json")
        approval.setHelp(tr("With decision, name, role, date and ground filled in by who may decide."))
        certificate = QgsProcessingParameterFileDestination(
            "certificate", tr("Certificate of destruction"), "JSON (*.json)"
        )
        certificate.setHelp(tr("What was destroyed, on which ground, by whose decision and how; it is kept for good."))
        for parameter in (listed, approval, certificate):
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputNumber("removed", tr("Packages removed")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.twin.archive.destruction import destroy

        listed, approval = (Path(self.parameterAsFile(parameters, name, context)) for name in ("list", "approval"))
        path = Path(self.parameterAsFileOutput(parameters, "certificate", context))
        told = destroy(listed, approval, path, date.today())
        for item in told["items"]:
            feedback.pushInfo(f"{Path(item['file']).name}: {item['result']}")
        return {"certificate": str(path), "removed": sum(item["result"] == "removed" for item in told["items"])}
