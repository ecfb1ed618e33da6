"""The pages of the test of a plan: what came of it, why, where, by which rules, and how it was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dtwin_plugin.models.base import Field
from dtwin_plugin.models.plan.sentences import TITLES
from dtwin_plugin.paths import version
from dtwin_plugin.translate import mark, plural, tr
from dtwin_plugin.twin import RunRecord

from .evidence_page import put_evidence
from .page_table import Column, put_table
from .page_words import day_of, put_scale
from .pages import EDGE, GAP, GREY, Pages
from .plan_outcomes import Row, counts_of
from .styles_plan import BREACH, COLOURS

_SIDE = 62.0  # mm, of the legend beside the map
_FIRST = 6  # outcomes that the cover tells in full
_LOUD = ("non_compliant", "review_required", "insufficient_data")
NOTE = mark(
    "This is no decision on a permit, and none follows from it: it holds a design against numbers. What the text of a "
    "plan says beyond them, exceptions, and the weighing of interests are for the competent authority."
)
_MEANING = {
    "non_compliant": mark("What was measured goes beyond the norm and its tolerance."),
    "review_required": mark("People must decide: the norm is a text, the value is near, or no number proves it."),
    "insufficient_data": mark("Something that is needed was not given or not known. It is never taken for good."),
    "compliant": mark("What was measured is within the norm, also with what is uncertain of it."),
    "not_applicable": mark("The rule is about nothing in this plan."),
}


@dataclass
class PlanStudy:
    """What the pages show.

    Attributes
    ----------
    title : str
        Of the plan.
    rows : list of Row
        All outcomes, those that ask most of people first.
    record : RunRecord
        Of the test.
    inputs : dict
        Those of the model, by name.
    validity : str
        In the user's language.
    map : Path or None
        The map of objects and violations.
    scale : float
        How many metres a millimetre on it is.
    scenes : list of (str, Path)
        Pictures in 3D, and what is said of each.
    confidential : str
        A line for each page, "" where all may be handed on.
    """

    title: str
    rows: list[Row]
    record: RunRecord
    inputs: Mapping[str, Field]
    validity: str
    map: Path | None = None
    scale: float = 1.0
    scenes: list[tuple[str, Path]] = field(default_factory=list)
    confidential: str = ""


def make_plan_pages(study: PlanStudy, paper: str) -> Pages:
    """Return the pages."""
    title = study.title or tr("Test of a plan")
    pages = Pages(title, paper)
    _cover(pages, study, title)
    pages.page(tr("Outcomes by rule and object"))
    _table(pages, study.rows)
    if study.map is not None:
        _map(pages, study)
    _scenes(pages, study.scenes)
    pages.page(tr("The rules"))
    _rules(pages, study.rows)
    pages.heading(tr("Validity"))
    pages.text(study.validity)
    digest = next((row.digest for row in study.rows if row.digest), "")
    more = [(tr("Rule set"), _rule_sets(study.rows) or "–"), (tr("SHA-256 of the rule file"), digest or "–")]
    put_evidence(pages, study.record, study.inputs, more)
    pages.text(tr(NOTE), 9, True)
    parts = (study.confidential, title, day_of(study.record.started, True), tr("No decision on a permit"),
             f"Digital Twin {version()}")  # fmt: skip
    pages.finish(" · ".join(filter(None, parts)))
    return pages


def _rule_sets(rows: Sequence[Row]) -> str:
    return ", ".join(sorted({row.rule_set for row in rows if row.rule_set}))


def _cover(pages: Pages, study: PlanStudy, title: str) -> None:
    pages.page("")
    if study.confidential:
        pages.text(study.confidential, 9, True, "#b00020")
    pages.text(tr("Test of a plan against rules"), 10, False, GREY)
    pages.text(title, 22, True)
    pages.text(study.record.purpose or tr("Does the plan fit its rules?"), 12)
    _counts(pages, study.rows)
    rule_sets = _rule_sets(study.rows)
    objects = len({row.object for row in study.rows} - {tr("the plan as a whole")})
    form = plural(
        objects,
        "{count} outcomes, of {rules} rules for {objects} building, on {day}.",
        "{count} outcomes, of {rules} rules for {objects} buildings, on {day}.",
    )
    text = tr(form).format(
        count=len(study.rows), rules=len({row.rule for row in study.rows}), objects=objects,
        day=day_of(study.record.started, True),
    )  # fmt: skip
    pages.text(f"{text} {tr('Rule set')}: {rule_sets}." if rule_sets else text, 9)
    height = pages.height_of(tr(NOTE), 9, pages.width - 8) + 4
    pages.y += 1
    pages.box((EDGE, pages.y, pages.width, height), "#fdf3d8", "#e0c878")
    pages.label(tr(NOTE), (EDGE + 4, pages.y + 2, pages.width - 8, height), 9)
    pages.y += height + 1
    loud = [row for row in study.rows if row.outcome in _LOUD]
    if not loud:
        return
    pages.heading(tr("What asks for attention"))
    for place, row in enumerate(loud[:_FIRST]):
        height = pages.height_of(f"{row.title}: {row.sentence}", 8.5, pages.width - 6)
        if pages.y + height > pages.bottom - 6:  # the cover stays one page: the table has all
            _more(pages, len(loud) - place)
            return
        pages.box((EDGE, pages.y + 0.4, 2.2, max(height - 1, 2.5)), COLOURS[row.outcome])
        pages.label(f"{row.title}: {row.sentence}", (EDGE + 5, pages.y, pages.width - 6, height), 8.5)
        pages.y += height + 1.4
    _more(pages, len(loud) - _FIRST)


def _more(pages: Pages, count: int) -> None:
    if count > 0:
        pages.label(tr("And {count} more: see the table.").format(count=count), (EDGE, pages.y, 120, 5), 8.5,
                    colour=GREY)  # fmt: skip


def _counts(pages: Pages, rows: Sequence[Row]) -> None:
    """Put the count of each outcome, with its colour and what it means."""
    counts = counts_of(rows)
    width = (pages.width - 4 * GAP) / 5
    top = pages.y + 2
    titles = max(pages.height_of(tr(TITLES[outcome]), 9, width - 6, True) for outcome in counts)
    meanings = max(pages.height_of(tr(_MEANING[outcome]), 7, width - 6) for outcome in counts)
    height = max(33.0, 13.2 + titles + meanings + 2)
    for place, (outcome, count) in enumerate(counts.items()):
        x = EDGE + place * (width + GAP)
        pages.box((x, top, width, height), "#f6f8f9", "#c9cfd4")
        pages.box((x, top, width, 2.2), COLOURS[outcome])
        pages.label(str(count), (x + 3, top + 3.8, width - 6, 9.4), 20, True)
        pages.label(tr(TITLES[outcome]), (x + 3, top + 13.2, width - 6, titles), 9, True)
        pages.label(tr(_MEANING[outcome]), (x + 3, top + 13.2 + titles, width - 6, meanings), 7, colour=GREY)
    pages.y = top + height + 3


def _table(pages: Pages, rows: Sequence[Row]) -> None:
    columns = [
        Column(tr("Outcome"), 1.25), Column(tr("Rule"), 2.2), Column(tr("Building"), 1.4),
        Column(tr("Measured"), 1.2, True), Column(tr("Norm"), 1.05, True), Column(tr("Tolerance"), 0.95, True),
        Column(tr("Level of reference"), 1.5), Column(tr("What was found"), 4.1), Column(tr("Source"), 1.9),
    ]  # fmt: skip
    cells = [
        [tr(TITLES[row.outcome]), f"{row.title} ({row.rule})" if row.title != row.rule else row.rule, row.object,
         row.value, row.norm, row.tolerance, row.peil, row.sentence, row.source or "–"]
        for row in rows
    ]  # fmt: skip
    put_table(pages, columns, cells, [COLOURS[row.outcome] for row in rows])


def _rules(pages: Pages, rows: Sequence[Row]) -> None:
    """Put each rule once, with its text and where it is written."""
    rules = {row.rule: row for row in rows}
    columns = [
        Column(tr("Rule"), 1.2), Column(tr("Title"), 2), Column(tr("Text"), 4.5), Column(tr("Source"), 2.2),
        Column(tr("Link"), 3),
    ]  # fmt: skip
    cells = [[row.rule, row.title, row.text or "–", row.source or "–", row.link or "–"] for row in rules.values()]
    put_table(pages, columns, sorted(cells))


def _map(pages: Pages, study: PlanStudy) -> None:
    assert study.map is not None
    pages.page(tr("Buildings and violations on the map"))
    pages.picture(study.map, (EDGE, pages.y, pages.width - _SIDE - GAP, pages.bottom - pages.y - 2))
    x, counts = EDGE + pages.width - _SIDE, counts_of(study.rows)
    worst = [(COLOURS[o], tr(TITLES[o])) for o, count in counts.items() if count]
    end = _legend(pages, tr("Buildings, by their worst outcome"), worst, x, pages.y)
    beyond = [(colour, tr(TITLES[o])) for o, colour in BREACH.items()]
    end = _legend(pages, tr("Where it goes beyond a norm"), beyond, x, end + 3)
    put_scale(pages, study.scale, x, end + 9)


def _legend(pages: Pages, title: str, rows: Sequence[tuple[str, str]], x: float, y: float) -> float:
    """Put colours below a title of one line or more; return where they end [mm]."""
    height = pages.height_of(title, 8.5, _SIDE, True)
    pages.label(title, (x, y, _SIDE, height), 8.5, True)
    return pages.legend(rows, x, y + height + 1, _SIDE)


def _scenes(pages: Pages, scenes: Sequence[tuple[str, Path]]) -> None:
    if not scenes:
        return
    pages.page(tr("Violations in 3D"))
    width = (pages.width - GAP) / 2
    height = pages.bottom - pages.y - 14
    for place, (text, path) in enumerate(scenes[:2]):
        x = EDGE + place * (width + GAP)
        pages.label(text, (x, pages.y, width, 5), 8.5, True)
        pages.picture(path, (x, pages.y + 6, width, height))
    pages.y = pages.bottom - 6
    x = EDGE
    for outcome, colour in BREACH.items():
        pages.legend([(colour, tr(TITLES[outcome]))], x, pages.y, 60)
        x += 62
