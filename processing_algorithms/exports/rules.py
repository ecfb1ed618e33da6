"""A rule file: what is wrong with it, and a page of its rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterVectorDestination,
)

from dtwin_plugin.models.problem import ERROR
from dtwin_plugin.translate import language, tr

from ..base import DtwinAlgorithm
from ..feedback import FeedbackProgress

if TYPE_CHECKING:
    from dtwin_plugin.models.problem import Problem


class CheckRules(DtwinAlgorithm):
    """A rule file, tested."""

    ID, TITLE, GROUP = "checkrules", "Check a rule file", "Plan"
    SUMMARY = (
        "Tells all that is wrong with a file of rules that plans are tested on, each with its line and what to write, "
        "and makes a page of its rules for who must agree with them."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        rules = QgsProcessingParameterFile("rules", tr("Rule file"), extension="json")
        rules.setHelp(tr("JSON with rules; start from resources/plan/rules.json."))
        self.addParameter(rules)
        kind = QgsProcessing.SourceType.TypeVector
        table = QgsProcessingParameterVectorDestination("problems", tr("Mistakes"), kind, None, True)
        table.setHelp(tr("A row for each mistake: its line, its code, and what to do."))
        self.addParameter(table)
        page = QgsProcessingParameterFileDestination("page", tr("Page of the rules"), "HTML (*.html)", None, True, True)
        page.setHelp(tr("The rules as people read them, with a sketch of their areas; of a file with mistakes, those."))
        self.addParameter(page)
        self.addOutput(QgsProcessingOutputNumber("errors", tr("Number of mistakes")))
        self.addOutput(QgsProcessingOutputNumber("warnings", tr("Number of warnings")))
        self.addOutput(QgsProcessingOutputNumber("count", tr("Number of rules")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.data.atomic import written_beside  # at first use: QGIS starts without them
        from dtwin_plugin.layers.write import write_table
        from dtwin_plugin.models.plan.rule_file import examined

        from .rules_page import page_of

        path = Path(self.parameterAsFile(parameters, "rules", context))
        rules, problems = examined(path)
        errors = sum(problem.level == ERROR for problem in problems)
        for problem in problems:
            (feedback.reportError if problem.level == ERROR else feedback.pushWarning)(problem.text(tr))
        if rules is not None:
            feedback.pushInfo(
                tr("{file} has {count} rules that can be used.").format(file=path.name, count=len(rules.rules))
            )
        results = {"errors": errors, "warnings": len(problems) - errors, "count": len(rules.rules) if rules else 0}
        if table := self.destination(parameters, "problems", context):
            write_table(_columns(problems), Path(table), "problems", FeedbackProgress(feedback))
            results["problems"] = table
        if page := self.parameterAsFileOutput(parameters, "page", context):
            with written_beside(page) as temporary:
                temporary.write_text(page_of(path.name, rules, problems, language()), encoding="utf-8")
            results["page"] = page
        return results


def _columns(problems: list[Problem]) -> dict[str, list[Any]]:
    """Return the columns of the table; the line is 0 where the whole file is meant."""
    return {
        "line": [int(problem.values.get("line", 0)) for problem in problems],
        "code": [problem.code for problem in problems],
        "level": [problem.level for problem in problems],
        "sentence": [problem.text(tr).partition(" ")[2] for problem in problems],
    }
