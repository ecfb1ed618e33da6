"""Which sources of the catalogue are there, and which have moved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProcessingOutputNumber
from qgis.PyQt.QtCore import QCoreApplication, QThread

from dtwin_plugin.catalogue import entries, search, themes
from dtwin_plugin.catalogue.entry import Entry
from dtwin_plugin.catalogue.reading import own_entries
from dtwin_plugin.errors import InputError, translated
from dtwin_plugin.models.base import Field
from dtwin_plugin.sources.states import STATES
from dtwin_plugin.translate import language, mark, tr

from ..base import DtwinAlgorithm
from ..feedback import FeedbackProgress
from ..parameters import input_parameter
from .table import WordTable, table_parameter

if TYPE_CHECKING:
    from dtwin_plugin.sources.probe import Finding

WHICH = Field(
    "which",
    "Sources",
    "choice",
    default="all",
    choices={"all": mark("All sources"), "own": mark("Own list only")},
    doc="The own list is that of your organisation; it goes before the national one.",
)
_TEXT = Field("text", "Search words", "text", optional=True, doc="Only sources in which all of them are found.")
_TIMEOUT = Field(
    "timeout", "Time limit", "number", "s", default=20, minimum=1, maximum=120, advanced=True,
    doc="For an answer; a server that takes longer is slow.",
)  # fmt: skip
_SLOW = Field(
    "slow", "Slow from", "number", "s", default=5, minimum=0.1, maximum=120, advanced=True,
    doc="An answer that takes longer is a slow one.",
)  # fmt: skip


class CheckSources(DtwinAlgorithm):
    """The sources of the catalogue, tested."""

    ID, TITLE, GROUP = "checksources", "Check sources", "Sources"
    SUMMARY = (
        "Tests the services of the catalogue: which work, which have moved and to where, which are slow, need a key, "
        "are dead, or give something else than they say. Each gets one short question; no data are loaded."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        for item in (WHICH, _theme_field(), _TEXT, _TIMEOUT, _SLOW):
            self.addParameter(input_parameter(item))
        self.addParameter(table_parameter(tr("Findings"), tr("A row for each source, with its state.")))
        for state, words in STATES.items():
            self.addOutput(QgsProcessingOutputNumber(state, tr(words).capitalize()))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.sources.check import check_sources  # at first use: QGIS starts without it

        found = check_sources(
            self._chosen(parameters, context),
            _peeker(),
            FeedbackProgress(feedback),
            timeout=self.parameterAsDouble(parameters, "timeout", context),
            slow=self.parameterAsDouble(parameters, "slow", context),
            tick=_tick(),
        )
        for finding in found:
            if finding.state not in ("ok", "skipped"):
                feedback.pushWarning(_sentence(finding))
        result: dict[str, Any] = {state: sum(item.state == state for item in found) for state in STATES}
        for state, words in STATES.items():
            feedback.pushInfo(f"{tr(words)}: {result[state]}")
        if path := self.parameterAsFileOutput(parameters, "table", context):
            _table(found).write(Path(path))
            result["table"] = path
        return result

    def _chosen(self, parameters: dict[str, Any], context: QgsProcessingContext) -> list[Entry]:
        which = list(WHICH.choices)[self.parameterAsEnum(parameters, "which", context)]
        theme = list(_theme_field().choices)[self.parameterAsEnum(parameters, "theme", context)]
        known = entries() if which == "all" else own_entries()
        text = self.parameterAsString(parameters, "text", context)
        chosen = search(text, "" if theme == "all" else theme, known.values())
        if not chosen:
            raise InputError("No source of the catalogue fits.", hint="Choose all sources, or other words.")
        return chosen


def _theme_field() -> Field:
    names = {theme.id: theme.name(language()) for theme in themes().values()}
    return Field(
        "theme", "Theme", "choice", default="all", choices={"all": mark("All themes"), **names},
        doc="Only sources of this theme.",
    )  # fmt: skip


def _peeker() -> Any:
    from dtwin_plugin.layers.peek import QgisPeeker

    return QgisPeeker()


def _tick() -> Any:
    """Return what to do while waiting: in the main thread the network needs it to be alive."""
    application = QCoreApplication.instance()
    is_main = application is not None and QThread.currentThread() == application.thread()
    return QCoreApplication.processEvents if is_main else lambda: None


def _detail(finding: Finding) -> str:
    text = tr(finding.detail)
    return text.format(**translated(dict(finding.values), tr)) if finding.values else text


def _sentence(finding: Finding) -> str:
    parts = [f"{finding.entry.title_in(language())}: {tr(STATES[finding.state])}.", _detail(finding), finding.new_url]
    return " ".join(part for part in parts if part)


def _table(found: list[Finding]) -> WordTable:
    columns = {
        "id": mark("Id"),
        "title": mark("Title"),
        "state": mark("State"),
        "detail": mark("Detail"),
        "url": mark("Address"),
        "new_url": mark("New address"),
        "seconds": mark("Seconds"),
        "owner": mark("Owner"),
        "licence": mark("Licence"),
        "access": mark("Access"),
        "updated": mark("Updated"),
    }
    rows = [
        {
            "id": item.entry.id,
            "title": item.entry.title_in(language()),
            "state": item.state,
            "detail": _detail(item),
            "url": item.entry.url,
            "new_url": item.new_url,
            "seconds": None if item.seconds is None else round(item.seconds, 2),
            "owner": item.entry.owner,
            "licence": item.entry.licence,
            "access": item.entry.access_level,
            "updated": item.entry.freshness(tr),
        }
        for item in found
    ]
    labels = {"state": {state: tr(words) for state, words in STATES.items()}}
    return WordTable(tr("Check sources"), {name: tr(title) for name, title in columns.items()}, rows, labels)
