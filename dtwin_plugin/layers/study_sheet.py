"""The pages of a shadow study, from what the model made and the pictures of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dtwin_plugin.models.base import Field
from dtwin_plugin.paths import version
from dtwin_plugin.translate import mark, tr
from dtwin_plugin.twin import RunRecord

from .evidence_page import put_evidence
from .page_table import Column, put_table
from .page_words import clock_of, day_of, moment_of, put_scale, rounded
from .pages import EDGE, GAP, GREY, Pages
from .study_facades import put_facades
from .study_pictures import OLD, PLAN

ACROSS = 3  # moments beside each other
_CAPTION = 5.0  # mm
_SHADOW, _NEW, _GONE, _CROWNS = "#6c7a89", "#dd6f7c", "#f4d03f", "#a4b5a9"  # over pale paper
_CHANGES = (
    ("#67001f", mark("2 hours or more less")),
    ("#b2182b", mark("1 to 2 hours less")),
    ("#d6604d", mark("30 minutes to 1 hour less")),
    ("#f4a582", mark("5 to 30 minutes less")),
    ("#f4f1ea", mark("Less than 5 minutes of change (no colour)")),
    ("#4393c3", mark("More sun")),
)
_NOT = (
    mark("Possible sun is counted, as on a day without clouds. How much sun there is depends on the weather too."),
    mark("There is no national norm for sun or shadow: municipalities choose one, and weigh what a plan takes against "
         "what it brings. This study gives the figures for that, and no judgement."),
    mark("Windows, balconies and what is behind a facade are not known. Points stand on all walls, at each storey."),
    mark("Trees throw a shadow where crowns were given, or where they are in the surface as solid bodies."),
    mark("Beyond the edge of the surface nothing throws a shadow. Shadows end within a cell of the exact ones."),
)  # fmt: skip


@dataclass
class Study:
    """What the pages show.

    Attributes
    ----------
    made : dict
        What the model returned.
    record : RunRecord
        Of the run.
    title, norm, validity : str
        In the user's language.
    maps : dict
        Pictures by number of the moment and whether it is with the plan.
    scenes : dict
        Pictures in 3D by number of the moment; empty where none could be made.
    overview, change, facades : Path or None
        The map of the plan, of the hours of sun lost, and of the facades that were tested.
    scale : float
        How many metres a millimetre on the maps of moments is.
    change_scale : float
        The same of the map of hours.
    confidential : str
        A line for each page, "" where all may be handed on.
    inputs : dict
        Those of the model by name.
    has_crowns : bool
        Whether light through crowns is on the maps.
    """

    made: dict[str, Any]
    record: RunRecord
    title: str
    norm: str
    validity: str
    maps: dict[tuple[int, bool], Path] = field(default_factory=dict)
    scenes: dict[int, Path] = field(default_factory=dict)
    overview: Path | None = None
    change: Path | None = None
    facades: Path | None = None
    scale: float = 1.0
    change_scale: float = 1.0
    confidential: str = ""
    inputs: dict[str, Field] = field(default_factory=dict)
    has_crowns: bool = False

    @property
    def moments(self) -> list[dict[str, Any]]:
        """Return a row for each moment."""
        table = self.made["moments"]
        return [dict(zip(table, row)) for row in zip(*table.values())]


def groups_of(moments: Sequence[dict[str, Any]]) -> list[list[int]]:
    """Return the numbers of the moments of a page: those of a day, at most `ACROSS`."""
    found: list[list[int]] = []
    for index, moment in enumerate(moments):
        same = found and moments[found[-1][0]]["time"][:10] == moment["time"][:10]
        if same and len(found[-1]) < ACROSS:
            found[-1].append(index)
        else:
            found.append([index])
    return found


def cell_of(paper_width: float, paper_height: float) -> tuple[float, float]:
    """Return width and height of a map of a moment [mm], of which two rows are on a page of this size."""
    width = (paper_width - 2 * EDGE - (ACROSS - 1) * GAP) / ACROSS
    height = (paper_height - 2 * EDGE - 9.0 - 11.0 - 11.0 - 2 * (_CAPTION + GAP)) / 2
    return width, height


def make_pages(study: Study, paper: str, report: Callable[[float], None]) -> Pages:
    """Return the pages of a study; `report` hears how far they are, and may raise to stop."""
    pages = Pages(study.title or tr("Shadow study"), paper)
    _cover(pages, study)
    _table(pages, study)
    report(0.2)
    for group in groups_of(study.moments):
        _maps(pages, study, group)
    _scenes(pages, study)
    report(0.6)
    if study.change is not None:
        _change(pages, study)
    if "points" in study.made:
        put_facades(pages, study.made, study.norm, study.facades)
    pages.page(tr("What this study does not say"))
    for text in _NOT:
        pages.text("• " + tr(text), 9.5)
    pages.heading(tr("Validity"))
    pages.text(study.validity)
    put_evidence(pages, study.record, study.inputs)
    parts = [
        study.confidential,
        study.title or tr("Shadow study"),
        day_of(study.record.started, True),
        f"Digital Twin {version()}",
    ]
    pages.finish(" · ".join(filter(None, parts)))
    report(1.0)
    return pages


def _cover(pages: Pages, study: Study) -> None:
    pages.page("")
    left = pages.width * 0.5
    if study.confidential:
        pages.text(study.confidential, 9, True, "#b00020")
    if study.title:
        pages.text(tr("Shadow study"), 10, False, GREY)
    pages.text(study.title or tr("Shadow study"), 22, True, width=left)
    question = study.record.purpose or tr("What does the plan do to the sun of its surroundings?")
    pages.text(question, 12, width=left)
    pages.y += 3
    for value, text in _figures(study):
        height = max(9.0, pages.height_of(text, 9, left - 42))
        pages.box((EDGE, pages.y, 1.2, height), "#d1495b")
        pages.label(value, (EDGE + 3, pages.y, 36, 9), 15, True)
        pages.label(text, (EDGE + 40, pages.y + 1.2, left - 42, height), 9)
        pages.y += height + 2.5
    pages.y += 2
    pages.text(tr("What was done"), 10, True, width=left)
    for text in _done(study):
        pages.text(text, 8.5, width=left)
    pages.y += 2
    pages.text(tr("Where it holds"), 10, True, width=left)
    pages.text(study.validity, 8.5, width=left)
    pages.text(tr("How it was made"), 10, True, width=left)
    run = study.record
    text = tr("{title} {version}, run {run} of {day}; files, settings and versions stand on the last page.")
    pages.text(text.format(
        title=tr(run.title), version=run.model_version, run=run.id, day=day_of(run.started, True),
    ), 8.5, width=left)  # fmt: skip
    if study.overview is not None:
        x = EDGE + left + 8
        pages.picture(study.overview, (x, EDGE, pages.width - left - 8, pages.bottom - EDGE - 14))
        pages.legend(((PLAN, tr("Plan")), (OLD, tr("Buildings"))), x, pages.bottom - 11, 60)


def _figures(study: Study) -> list[tuple[str, str]]:
    """Return the figures that a study is read by, and what they are."""
    moments = study.moments
    worst = max(moments, key=lambda row: row["new"])
    found = [(
        f"{rounded(worst['new'])} m²",
        tr("new shadow on {moment}, the most of the {count} moments").format(
            moment=moment_of(worst["time"]), count=len(moments)),
    )]  # fmt: skip
    text = tr("lose an hour of sun or more, on the day that the plan takes most of it")
    found.append((f"{rounded(study.made['lost_area'])} m²", text))
    if "points" in study.made:
        verdicts = [str(value) for value in study.made["points"].columns["verdict"]]
        buildings = [str(value) for value in study.made["tested"].columns["sun_verdict"]]
        text = tr("of {count} facade points fall below the norm through the plan")
        found.append((rounded(verdicts.count("fell")), text.format(count=rounded(len(verdicts)))))
        text = tr("of {count} buildings have no facade left that meets the norm, and had one before")
        found.append((rounded(buildings.count("fell")), text.format(count=rounded(len(buildings)))))
    return found


def _done(study: Study) -> list[str]:
    """Return what was done, a sentence for each part."""
    given = study.record.parameters
    days = sorted({row["time"][:10] for row in study.moments})
    texts = [
        tr("Shadow at {count} moments, on {days}, before and with the plan, up to {around} m around it.").format(
            count=len(study.moments), days=", ".join(map(day_of, days)), around=rounded(given["around"])),
        tr("Hours of sun in steps of {step} minutes on these days, of sun above {lowest} degrees.").format(
            step=rounded(given["step"], "g"), lowest=rounded(given["lowest"], "g")),
    ]  # fmt: skip
    if "points" in study.made:
        text = tr("Sun at facades, each {spacing} m and at each storey of {storey} m, against the norm {norm}.")
        texts.append(text.format(
            spacing=rounded(given["spacing"], "g"), storey=rounded(given["storey"], "g"), norm=study.norm))  # fmt: skip
    else:
        texts.append(tr("Facades were not tested."))
    return texts


def _table(pages: Pages, study: Study) -> None:
    pages.page(tr("Sun and shadow at each moment"))
    around = rounded(study.record.parameters["around"])
    pages.text(tr("Areas lie within {around} m of the plan; the plan itself is left out. Times are those of the clock, "
                  "summer time in summer.").format(around=around))  # fmt: skip
    pages.y += 1.5
    columns = [
        Column(tr("Moment"), 2.2), Column(tr("Sun above the horizon") + " [°]", 1.3, True),
        Column(tr("Sun from the north") + " [°]", 1.3, True), Column(tr("In shadow before") + " [m²]", 1.3, True),
        Column(tr("In shadow with the plan") + " [m²]", 1.3, True), Column(tr("New shadow") + " [m²]", 1.3, True),
        Column(tr("No more in shadow") + " [m²]", 1.3, True),
        Column(tr("New shadow farther away") + " [m²]", 1.3, True),
    ]  # fmt: skip
    rows = [
        [moment_of(m["time"]), rounded(m["elevation"], ".1f"), rounded(m["azimuth"], ".0f"),
         *(rounded(m[name]) for name in ("before", "after", "new", "gone", "beyond"))]
        for m in study.moments
    ]  # fmt: skip
    put_table(pages, columns, rows)
    if any(m["elevation"] <= 0 for m in study.moments):
        pages.text(tr("Where the sun is below the horizon, all is in shadow."), 8.5, colour=GREY)
    pages.text(tr("With the sun low, shadows are very long: below 10 degrees they say little of a plan."), 8.5,
               colour=GREY)  # fmt: skip


def _maps(pages: Pages, study: Study, group: Sequence[int]) -> None:
    """Put a page with the moments of a day: before above, with the plan below."""
    moments = study.moments
    pages.page(tr("Shadow on {day}").format(day=day_of(moments[group[0]]["time"], True)))
    width, height = cell_of(pages.width + 2 * EDGE, pages.bottom + EDGE + 9.0)
    top = pages.y
    for place, index in enumerate(group):
        moment, x = moments[index], EDGE + place * (width + GAP)
        sun = tr("sun {height}° high").format(height=rounded(moment["elevation"], ".1f"))
        new = tr("new shadow {area} m²").format(area=rounded(moment["new"]))
        clock = clock_of(moment["time"])
        for later, y in ((False, top), (True, top + height + _CAPTION + GAP)):
            text = f"{clock} · {tr('with the plan')} · {new}" if later else f"{clock} · {tr('before')} · {sun}"
            pages.label(text, (x, y, width, _CAPTION), 8.5, True)
            picture = study.maps.get((index, later))
            if picture is not None:
                pages.picture(picture, (x, y + _CAPTION, width, height))
                pages.box((x, y + _CAPTION, width, height), "", "#8b949b", 0.1)
    pages.y = top + 2 * (height + _CAPTION + GAP)
    _key(pages, study)


def _key(pages: Pages, study: Study) -> None:
    """Put the legend of shadow in a row, with the north and the scale."""
    y, x, scale = pages.bottom - 6.5, EDGE, study.scale
    rows = [(_SHADOW, tr("Shadow")), (_NEW, tr("New shadow of the plan"))]
    rows += [(_GONE, tr("No more in shadow"))] if any(row["gone"] for row in study.moments) else []
    rows += [(_CROWNS, tr("Through crowns"))] if study.has_crowns else []
    for colour, text in (*rows, (PLAN, tr("Plan")), (OLD, tr("Buildings"))):
        pages.legend(((colour, text),), x, y, 70)
        x += 9.0 + 1.75 * len(text) + 5
    put_scale(pages, scale, EDGE + pages.width - 52, y)


def _scenes(pages: Pages, study: Study) -> None:
    """Put the pictures in 3D on pages of two rows."""
    if not study.scenes:
        return
    moments = study.moments
    width, height = cell_of(pages.width + 2 * EDGE, pages.bottom + EDGE + 9.0)
    indices = list(study.scenes)
    for begin in range(0, len(indices), 2 * ACROSS):
        pages.page(tr("The plan and its shadow in 3D"))
        top = pages.y
        for place, index in enumerate(indices[begin : begin + 2 * ACROSS]):
            x = EDGE + place % ACROSS * (width + GAP)
            y = top + place // ACROSS * (height + _CAPTION + GAP)
            pages.label(moment_of(moments[index]["time"]), (x, y, width, _CAPTION), 8.5, True)
            pages.picture(study.scenes[index], (x, y + _CAPTION, width, height))
        pages.y = pages.bottom - 10
        text = tr("Looking north-north-east, lit as by the sun at the moment. The shadow that was calculated lies on "
                  "the ground; for that on roofs see the maps.")  # fmt: skip
        pages.text(text, 8.5, colour=GREY)


def _change(pages: Pages, study: Study) -> None:
    days = sorted({row["time"][:10] for row in study.moments})
    pages.page(tr("Change of the hours of sun"))
    pages.text(tr("With the plan, on the day that it takes most of: {days}.").format(days=", ".join(map(day_of, days))))
    side = 62.0
    height = pages.bottom - pages.y - 2
    assert study.change is not None
    pages.picture(study.change, (EDGE, pages.y + 1, pages.width - side - GAP, height))
    x = EDGE + pages.width - side
    rows = [(colour, tr(text)) for colour, text in _CHANGES]
    end = pages.legend([*rows, (PLAN, tr("Plan"))], x, pages.y + 2, side)
    put_scale(pages, study.change_scale, x, end + 9)
