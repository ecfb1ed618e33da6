"""Layers of a project whose services have moved, and their addresses of today."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProject,
)

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field
from dtwin_plugin.translate import mark, tr

from ..base import DtwinAlgorithm
from ..parameters import input_parameter
from .table import WordTable, table_parameter

if TYPE_CHECKING:
    from dtwin_plugin.layers.repair import Outdated

_ONLY_SURE = Field(
    "only_sure", "Only what is sure", "boolean", default=False,
    doc="Leave layers alone whose new address follows a pattern, or whose name at the new service is not known.",
)  # fmt: skip
_APPLY = Field(
    "apply", "Change the open project", "boolean", default=False,
    doc="Gives the layers of the open project their new addresses. QGIS cannot undo it; the old ones are kept as a "
    "property of the layer (dtwin/old_source), and nothing is saved until you save the project.",
)  # fmt: skip
SURE, LIKELY, NONE = mark("sure"), mark("likely"), mark("no successor known")


class RepairProject(DtwinAlgorithm):
    """Old addresses in a project, and those of today."""

    ID, TITLE, GROUP = "repairproject", "Repair project", "Sources"
    SUMMARY = (
        "Finds the layers of a project whose service has moved or has a newer version, and proposes the address of "
        "today, with the names of layers there. Writes a repaired copy of a project file, or changes the open project."
    )

    def flags(self) -> Qgis.ProcessingAlgorithmFlags:
        return super().flags() | Qgis.ProcessingAlgorithmFlag.NoThreading  # a project lives in the main thread

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        kind = QgsProcessingParameterFile.Behavior.File
        project = QgsProcessingParameterFile(
            "project", tr("Project"), kind, "", None, True, "QGIS (*.qgz *.qgs *.QGZ *.QGS)"
        )
        project.setHelp(tr("The file to look at; empty: the open project. The file itself is never changed."))
        self.addParameter(project)
        for item in (_ONLY_SURE, _APPLY):
            self.addParameter(input_parameter(item))
        copy = QgsProcessingParameterFileDestination(
            "repaired", tr("Repaired copy"), "QGIS (*.qgz);;QGIS (*.qgs)", None, True, False
        )
        copy.setHelp(tr("The project with its new addresses, and nothing else changed; for a project file."))
        self.addParameter(copy)
        self.addParameter(table_parameter(tr("Outdated layers"), tr("A row for each layer, with what is proposed.")))
        self.addOutput(QgsProcessingOutputNumber("outdated", tr("Outdated layers")))
        self.addOutput(QgsProcessingOutputNumber("changed", tr("Layers changed")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.layers import repair  # this and the next at first use: QGIS starts without them
        from dtwin_plugin.layers.project_file import ProjectFile

        path = self.parameterAsFile(parameters, "project", context)
        copy = self.parameterAsFileOutput(parameters, "repaired", context)
        apply = self.parameterAsBool(parameters, "apply", context)
        project = None if path else _open_project(context)
        if copy and project is not None:
            raise InputError("A copy is made of a project file.", hint="Save the project, and choose its file.")
        if apply and project is None:
            raise InputError(
                "A project file is never changed itself.",
                hint="Choose where the repaired copy goes, or open the project.",
            )
        file = ProjectFile(path) if path else None
        found = repair.outdated_in_file(file) if file else repair.outdated_in_project(project)
        _tell(found, feedback)
        only_sure = self.parameterAsBool(parameters, "only_sure", context)
        wanted = [item for item in found if item.wanted(only_sure)]
        result: dict[str, Any] = {"outdated": len(found), "changed": 0}
        if table := self.parameterAsFileOutput(parameters, "table", context):
            _table(found).write(Path(table))
            result["table"] = table
        if copy and file is not None:
            result["changed"] = repair.write_repaired(file, wanted, copy)
            result["repaired"] = copy
        elif apply and project is not None:
            result["changed"] = repair.repair_project(project, wanted)
        return result


def _open_project(context: QgsProcessingContext) -> QgsProject:
    project = context.project()
    if project is None:
        raise InputError("No project is open.", hint="Choose a project file.")
    return project


def _confidence(item: Outdated) -> str:
    return NONE if not item.repair.source else SURE if item.repair.sure else LIKELY


def _tell(found: list[Outdated], feedback: QgsProcessingFeedback) -> None:
    for item in found:
        new = f" -> {item.repair.new}" if item.repair.new else ""
        feedback.pushInfo(f"{item.name}: {item.repair.old}{new}. {tr(item.repair.reason)} ({tr(_confidence(item))})")
    if not found:
        feedback.pushInfo(tr("No layer has an address that is known to be outdated."))


def _table(found: list[Outdated]) -> WordTable:
    columns = {
        "layer": mark("Layer"),
        "kind": mark("Kind"),
        "old": mark("Old address"),
        "proposed": mark("Proposed address"),
        "renamed": mark("Renamed layers"),
        "reason": mark("Reason"),
        "confidence": mark("Confidence"),
    }
    rows = [
        {
            "layer": item.name,
            "kind": item.provider,
            "old": item.repair.old,
            "proposed": item.repair.new,
            "renamed": ", ".join(f"{old} -> {new}" for old, new in item.repair.renamed.items()),
            "reason": tr(item.repair.reason),
            "confidence": _confidence(item),
        }
        for item in found
    ]
    labels = {"confidence": {word: tr(word) for word in (SURE, LIKELY, NONE)}}
    return WordTable(tr("Outdated layers"), {name: tr(title) for name, title in columns.items()}, rows, labels)
