"""The page of a shadow study on sun at facades: points by outcome, and buildings that lose most."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dtwin_plugin.data import Features
from dtwin_plugin.translate import language, mark, tr
from dtwin_plugin.twin.report import number

from .page_table import Column, put_table
from .pages import EDGE, GAP, GREY, Pages
from .study_pictures import PLAN
from .styles_sun import VERDICTS

_MOST = 40  # buildings in the table; the file has all
_SIDE = 62.0  # mm, of the legend beside the map
_NOTHING = 1 / 60  # h: a loss of less than a minute is none
_BUILDING = {
    "meets": mark("Meets the norm"),
    "below": mark("Below the norm"),
    "fell": mark("Falls below the norm through the plan"),
}


def put_facades(pages: Pages, made: dict[str, Any], norm: str, picture: Path | None) -> None:
    """Put the pages, from what the model returned and a map of it."""
    pages.page(tr("Sun at facades"))
    pages.text(tr("Norm: {norm}.").format(norm=norm), 9.5, True)
    pages.text(tr("A point is a possible window. One that never has sun, as at a north side, is not tested."))
    pages.heading(tr("Facade points by outcome"))
    summary = made["summary"]
    rows = [
        [tr(VERDICTS[verdict][1]), _number(points, ",.0f"), _number(share, ".1f")]
        for verdict, points, share in zip(summary["verdict"], summary["points"], summary["share"])
    ]
    columns = [Column(tr("Outcome"), 3), Column(tr("Points"), 1, True), Column(tr("Share") + " [%]", 1, True)]
    put_table(pages, columns, rows, [VERDICTS[verdict][0] for verdict in summary["verdict"]])
    _buildings(pages, made["tested"])
    if picture is not None:
        pages.page(tr("Sun at facades, on the map"))
        pages.picture(picture, (EDGE, pages.y, pages.width - _SIDE - GAP, pages.bottom - pages.y - 2))
        rows = [(colour, tr(text)) for colour, text in VERDICTS.values()]
        x = EDGE + pages.width - _SIDE
        end = pages.legend([*rows, (PLAN, tr("Plan"))], x, pages.y, _SIDE)
        pages.label(
            tr("Points are places on facades, of all storeys; areas are buildings by their sunniest facade."),
            (x, end + 3, _SIDE, 14),
            8,
        )


def _buildings(pages: Pages, tested: Features) -> None:
    """Put the buildings whose sunniest facade loses sun, those that fall below the norm first."""
    columns = tested.columns
    before, after = columns["hours_best"].astype(float), columns["hours_best_after"].astype(float)
    verdict = columns["sun_verdict"].astype(str)
    loses = np.flatnonzero(before - after > _NOTHING)
    order = loses[np.lexsort((-(before - after)[loses], verdict[loses] != "fell"))]
    pages.heading(tr("Buildings of which the sunniest facade loses sun"))
    if not len(order):
        pages.text(tr("None: no building loses sun at its sunniest facade on the days that the norm is tested on."))
        return
    pages.text(tr("Hours on the day with the least sun of those that are tested."), 8.5, colour=GREY)
    name = next((each for each in ("identificatie", "id", "object_id") if each in columns), None)
    rows = [
        [str(columns[name][i]) if name else str(i + 1), _number(before[i], ".2f"), _number(after[i], ".2f"),
         _number((before[i] - after[i]) * 60, ".0f"), tr(_BUILDING.get(verdict[i], verdict[i]))]
        for i in order[:_MOST]
    ]  # fmt: skip
    head = [
        Column(tr("Building"), 3), Column(tr("Hours before"), 1, True), Column(tr("Hours with the plan"), 1, True),
        Column(tr("Minutes lost"), 1, True), Column(tr("Outcome"), 2.5),
    ]  # fmt: skip
    put_table(pages, head, rows, [VERDICTS.get(verdict[i], ("#ffffff", ""))[0] for i in order[:_MOST]])
    if len(order) > _MOST:
        text = tr("{shown} of {count}: the layer Buildings and sun has all.").format(shown=_MOST, count=len(order))
        pages.text(text, 8.5, colour=GREY)


def _number(value: float, form: str) -> str:
    return number(value, form, language()) if np.isfinite(value) else "–"
