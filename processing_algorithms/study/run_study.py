"""A twin file to scenarios that were run, compared and judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterString,
)

from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.translate import tr

from ..base import DtwinAlgorithm
from ..feedback import FeedbackProgress


class RunStudy(DtwinAlgorithm):
    """Scenarios through a chain, and their table."""

    ID, TITLE, GROUP = "runstudy", "Run a study of scenarios", "Record"
    SUMMARY = (
        "Which measure helps most, and what does each do to the rest? Every scenario of a twin file goes through its "
        "chain of models. Written are a table of the indicators with their norms and alarm levels, maps of what each "
        "scenario changes, and a page with the answer. Steps that were calculated before, on the same data with the "
        "same parameters and versions, are not run again."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        twin = QgsProcessingParameterFile("twin", tr("Twin file"), extension="json")
        twin.setHelp(
            tr("With sources, scenarios, steps and indicators; the files that it names lie beside or below it.")
        )
        only = QgsProcessingParameterString("scenarios", tr("Scenarios"), "", False, True)
        only.setHelp(
            tr("Ids with commas between them; default all. The first of the file always runs: it is compared with.")
        )
        person = QgsProcessingParameterString("person", tr("Made by"), "", False, True)
        person.setHelp(tr("Who answers for the runs; kept in their records. Nothing is filled in."))
        others = QgsProcessingParameterBoolean("others", tr("Allow other algorithms"), False)
        others.setHelp(tr("Steps may ask for any algorithm of QGIS, not for models of this plugin alone. It may read "
                          "and write anything: only if you trust who made the file."))  # fmt: skip
        update = QgsProcessingParameterBoolean("update", tr("Write the runs into the twin file"), False)
        update.setHelp(tr("When each scenario was calculated, the ids of its runs and its indicators; the rest of the "
                          "file is left as it is."))  # fmt: skip
        results = QgsProcessingParameterFolderDestination("results", tr("Folder of the results"))
        results.setHelp(tr("Choose the same folder again to calculate only what has changed."))
        for parameter in (person, others):
            parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        for parameter in (twin, only, person, others, update, results):
            self.addParameter(parameter)
        for name, title in (
            ("page", tr("Page")), ("csv", tr("Table of indicators")), ("table", tr("Table as GeoPackage")),
            ("study", tr("What was made, as JSON")),
        ):  # fmt: skip
            self.addOutput(QgsProcessingOutputFile(name, title))
        self.addOutput(QgsProcessingOutputNumber("calculated", tr("Steps that were run")))
        self.addOutput(QgsProcessingOutputNumber("reused", tr("Steps that were there")))
        self.addOutput(QgsProcessingOutputString("answer", tr("Answer")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dataclasses import replace  # this and the next at first use: QGIS starts without them

        from dtwin_plugin.twin.record import checksum
        from dtwin_plugin.twin.study.reading import read_study
        from dtwin_plugin.twin.study.saving import save_runs

        from .chain import Chain
        from .expected import algorithms_of, expect_own_folder, used_sources
        from .written import MAPS, Written

        path = Path(self.parameterAsFile(parameters, "twin", context))
        sha256, study = checksum(path), read_study(path)
        wanted = self.parameterAsString(parameters, "scenarios", context)
        study = replace(study, scenarios=_chosen(study.scenarios, wanted))
        algorithms = algorithms_of(study, self.parameterAsBool(parameters, "others", context))
        sources = used_sources(study, study.scenarios)
        results = Path(self.parameterAsString(parameters, "results", context)).absolute()
        expect_own_folder(results, MAPS)
        person = self.parameterAsString(parameters, "person", context)
        chain = Chain(study, results, algorithms, sources, context, feedback, person, len(study.scenarios))
        outcomes = {scenario["id"]: chain.run(scenario) for scenario in study.scenarios}
        feedback.setProgressText(tr("Comparing the scenarios"))
        written = Written(study, sha256, results, outcomes, chain, person)
        made = written.write(context, FeedbackProgress(feedback, 0.97, 1.0))
        if feedback.isCanceled():
            raise Cancelled
        if self.parameterAsBool(parameters, "update", context):
            save_runs(path, sha256, written.runs())
        written.show(context)
        for line in written.answer:
            feedback.pushInfo(line)
        counts = {"calculated": chain.calculated, "reused": chain.reused, "answer": " ".join(written.answer)}
        return {**made, **counts, "results": str(results)}


def _chosen(scenarios: list[dict[str, Any]], wanted: str) -> list[dict[str, Any]]:
    """Return the first scenario and those whose ids are in a text; raises InputError."""
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    known = [scenario["id"] for scenario in scenarios]
    for name in names:
        if name not in known:
            raise InputError(
                "There is no scenario {name} in the twin file; it has {known}.",
                hint="Choose one of these.",
                name=name,
                known=", ".join(known),
            )
    return [scenario for k, scenario in enumerate(scenarios) if not names or k == 0 or scenario["id"] in names]
