"""Add a model of somebody else from a folder or a zip: it is listed with its owner, and not run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFile,
)

from dtwin_plugin.errors import InputError
from dtwin_plugin.layers.models_of_others import algorithms_changed, folder_of_models
from dtwin_plugin.translate import mark, tr

from ..base import DtwinAlgorithm
from ..described import descriptions

if TYPE_CHECKING:
    from dtwin_plugin.models.problem import Problem
    from dtwin_plugin.processes.plugged.reading import Plugged

GROUP = mark("Models of others")


class AddModel(DtwinAlgorithm):
    """A folder or zip with a description."""

    ID, TITLE, GROUP = "addmodel", "Add a model of others", GROUP
    SUMMARY = (
        "Adds a calculation model that somebody else made: a folder or zip with a description (model.json) and a "
        "program, a Python class with the Basic Model Interface, or the address of a process. It is copied to the "
        "profile of QGIS and listed with its owner, version, validity and licence. Nothing of it runs before you "
        "trust it."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        archive = QgsProcessingParameterFile("archive", tr("Zip file"), extension="zip", optional=True)
        archive.setHelp(tr("Zip with the description and all that it needs; or choose a folder."))
        self.addParameter(archive)
        behavior = QgsProcessingParameterFile.Behavior.Folder
        folder = QgsProcessingParameterFile("folder", tr("Folder"), behavior, optional=True)
        folder.setHelp(tr("Folder with the description (model.json) and all that it needs; or choose a zip."))
        self.addParameter(folder)
        self.addOutput(QgsProcessingOutputString("model", tr("Id of the model")))
        self.addOutput(QgsProcessingOutputString("checksum", tr("Checksum")))
        self.addOutput(QgsProcessingOutputNumber("errors", tr("Number of mistakes")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.processes.plugged.store import add
        from dtwin_plugin.processes.plugged.trust import digest

        given = [self.parameterAsFile(parameters, name, context) for name in ("archive", "folder")]
        given = [path for path in given if path]
        if len(given) != 1:
            raise InputError("Give a zip file or a folder.", hint="Choose one of the two, and not both.")
        plugged, problems = add(Path(given[0]), folder_of_models(), frozenset(descriptions()))
        for problem in problems:
            feedback.reportError(problem.text(tr))
        if plugged is None:
            raise _unusable(Path(given[0]).name, problems)
        checksum = digest(plugged.folder)
        for line in facts(plugged, checksum):
            feedback.pushInfo(line)
        return {"model": f"dtwin:{plugged.id}", "checksum": checksum, "errors": len(problems)}

    def postProcessAlgorithm(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        algorithms_changed()
        return {}


def facts(plugged: Plugged, checksum: str) -> list[str]:
    """Return what a person must know of a model before trusting it."""
    what = {"command": "{python} …", **plugged.engine}
    runs = {
        "command": str(what["command"]),
        "bmi": f"{what.get('module')}: {what.get('class')}",
        "process": f"{what.get('url')}: {what.get('process')}",
    }[plugged.engine["kind"]]
    return [
        f"{plugged.title} {plugged.version} (dtwin:{plugged.id})",
        tr("Owner: {owner}").format(owner=plugged.owner),
        tr("Licence: {licence}").format(licence=plugged.licence),
        tr("Validity: {validity}").format(validity=plugged.validity),
        tr("What it runs: {engine}").format(engine=runs),
        tr("Folder: {folder}").format(folder=plugged.folder),
        tr("Checksum: {checksum}").format(checksum=checksum),
        tr('It runs after you have looked at it and trusted it by "Trust a model of others", with this checksum.'),
    ]


def _unusable(name: str, problems: list[Problem]) -> InputError:
    return InputError(
        "{file} was not added: its description has {count} mistakes; the first is {first}.",
        hint="Ask the owner of the model.",
        file=name,
        count=len(problems),
        first=problems[0].text(tr).rstrip("."),
    )
