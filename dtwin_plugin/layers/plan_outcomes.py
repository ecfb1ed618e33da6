"""The outcomes of the test of a plan, as its report reads them: rows of a table, looked at with care."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dtwin_plugin.data.columns import number_of
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.plan.sentences import SEVERITY
from dtwin_plugin.translate import language, tr
from dtwin_plugin.twin.report import number

NEEDED = ("rule", "object", "outcome", "sentence")
_CHOOSE = "Choose the outcomes that the test of a plan wrote."
_SIGNS = {"percent": "%", "m2": "m²", "1": ""}
_DIGITS = {"m": 2, "m2": 1, "percent": 1, "dB": 1, "h": 2}


@dataclass(frozen=True)
class Row:
    """An outcome of a rule for an object, in words for a page; numbers that are not known are "–"."""

    rule: str
    title: str
    object: str
    outcome: str
    value: str
    norm: str
    tolerance: str
    peil: str
    sentence: str
    source: str
    link: str
    text: str
    digest: str
    rule_set: str


def rows_of(table: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return the rows of a table, those that ask most of people first.

    Raises
    ------
    InputError
        If a column is missing, an outcome is not one of the five, or there is no row.
    """
    found = [_row(cells, place) for place, cells in enumerate(table, 1)]
    if not found:
        raise InputError("The table of outcomes has no rows.", hint=_CHOOSE)
    return sorted(found, key=lambda row: SEVERITY.index(row.outcome))


def _row(cells: Mapping[str, Any], place: int) -> Row:
    for name in NEEDED:
        if name not in cells:
            raise InputError(
                "The table of outcomes has no column {name}.",
                hint=_CHOOSE,
                name=name,
            )
    outcome = _text(cells["outcome"])
    if outcome not in SEVERITY:
        raise InputError(
            "Row {row} of the outcomes has {found!r} as its outcome; expected one of {expected}.",
            hint=_CHOOSE,
            row=place,
            found=outcome,
            expected=", ".join(SEVERITY),
        )
    unit = _text(cells.get("unit"))
    value, doubt = _shown(cells.get("value"), unit), _number(cells.get("doubt"))
    if doubt > 0 and value != "–":
        value += f" ± {_shown(doubt, unit)}"
    tolerance = _number(cells.get("tolerance"))
    source = [_text(cells.get(name)) for name in ("source", "date")]
    return Row(
        rule=_text(cells["rule"]),
        title=_text(cells.get("title")) or _text(cells["rule"]),
        object=_text(cells["object"]) or tr("the plan as a whole"),
        outcome=outcome,
        value=value,
        norm=_shown(cells.get("norm"), unit),
        tolerance=_shown(tolerance, unit) if tolerance > 0 else "–",
        peil=_peil(cells),
        sentence=_text(cells["sentence"]),
        source=", ".join(filter(None, source)),
        link=_text(cells.get("link")),
        text=_text(cells.get("text")),
        digest=_text(cells.get("digest")),
        rule_set=_text(cells.get("rule_set")),
    )


def _peil(cells: Mapping[str, Any]) -> str:
    level = _number(cells.get("peil"))
    if math.isnan(level):
        return "–"
    origin = _text(cells.get("peil_from"))
    return f"{number(level, '+.2f', language())} m NAP" + (f" ({origin})" if origin else "")


def _shown(value: Any, unit: str) -> str:
    given = _number(value)
    if math.isnan(given):
        return "–"
    digits = 0 if unit == "1" and given == int(given) else _DIGITS.get(unit, 2)
    return f"{number(given, f',.{digits}f', language())} {_SIGNS.get(unit, unit)}".strip()


def _number(value: Any) -> float:
    """Return a number, NaN for what is none: tables that come as text have numbers too."""
    found = number_of(value)
    return found if math.isfinite(found) else math.nan


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def counts_of(rows: Sequence[Row]) -> dict[str, int]:
    """Return how many rows there are of each outcome, in the order of what asks most of people."""
    return {outcome: sum(row.outcome == outcome for row in rows) for outcome in SEVERITY}
