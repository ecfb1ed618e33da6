"""The sentences that answer the question of a study."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..report import number
from .reading import Study
from .table import has_reference

FORM = ",.6g"
Translate = Callable[[str], str]


def answer(study: Study, table: Mapping[str, list[Any]], translate: Translate, language: str) -> list[str]:
    """Return the sentences that answer the question: by the first indicator, and what the best one does to the rest.

    Nothing is said to be best where nothing is better than the first scenario, or where that is not known. Where the
    first is a reference, the others are ranked among each other and their change since the first is told.
    """
    if not table["indicator"]:
        return []
    rows = [dict(zip(table, values)) for values in zip(*table.values())]
    own = [row for row in rows if row["indicator"] == study.indicators[0]["id"]]
    if has_reference(study.scenarios):
        return _against_reference(study, rows, own, translate, language)
    best = [row for row in own if row["best"]]
    if not best:
        text = translate("By {indicator} no scenario is better than {first}, as far as is known.")
        return [text.format(indicator=own[0]["title"], first=own[0]["scenario_title"])]
    words = {"indicator": own[0]["title"], "first": own[0]["scenario_title"], "unit": shown_unit(own[0]["unit"])}
    numbers = {"value": best[0]["value"], "before": own[0]["value"]}
    words |= {name: number(value, FORM, language) for name, value in numbers.items()}
    text = translate("By {indicator} most is reached by {names}: {value} {unit}, against {before} with {first}.")
    told = [" ".join(text.format(names=_names(best), **words).replace(" ,", ",").split())]  # of a number without a unit
    return told + [_worse(study, rows, one, own[0], translate) for one in best]


def _against_reference(
    study: Study, rows: Sequence[Mapping[str, Any]], own: Sequence[Mapping[str, Any]], translate: Translate,
    language: str,
) -> list[str]:  # fmt: skip
    """Return what each scenario changes by the first indicator, which does best, and at what price."""
    first, others = own[0], own[1:]
    values = "; ".join(_value(row, translate, language) for row in own)
    told = [f"{first['title']}: {values}."]
    best = [row for row in others if row["best"]]
    if not best:
        text = translate("By {indicator} no scenario is better than another, as far as is known.")
        return [*told, text.format(indicator=first["title"])] if len(others) > 1 else told
    text = translate("Compared with each other, {names} does best by {indicator}.")
    told.append(text.format(names=_names(best), indicator=first["title"]))
    for one in best:
        told.append(_worse(study, rows, one, first, translate))
        ahead = [
            row["title"] for row in rows
            if row["scenario"] == one["scenario"] and not row["best"] and _has_best(rows, row["indicator"])
        ]  # fmt: skip
        if ahead:
            text = translate("Another scenario does better than {scenario} by: {indicators}.")
            told.append(text.format(scenario=one["scenario_title"], indicators=", ".join(ahead)))
    return told


def _has_best(rows: Sequence[Mapping[str, Any]], indicator: str) -> bool:
    return any(row["best"] for row in rows if row["indicator"] == indicator)


def _value(row: Mapping[str, Any], translate: Translate, language: str) -> str:
    """Return the value of a scenario, and behind it its change since the first."""
    if row["value"] is None:
        return f"{row['scenario_title']} {translate('not known')}"
    value = f"{row['scenario_title']} {number(row['value'], FORM, language)} {shown_unit(row['unit'])}".rstrip()
    return f"{value} ({changed(row['change'], language)})" if row["change"] else value


def _names(rows: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(row["scenario_title"] for row in rows)


def _worse(
    study: Study, rows: Sequence[Mapping[str, Any]], one: Mapping[str, Any], first: Mapping[str, Any],
    translate: Translate,
) -> str:  # fmt: skip
    """Return by which indicators a scenario is worse than the first."""
    better = {item["id"]: 1 if item["better"] == "higher" else -1 for item in study.indicators}
    same = {item["id"]: item.get("same", 0.0) for item in study.indicators}
    worse = [
        row["title"]
        for row in rows
        if row["scenario"] == one["scenario"]
        and row["change"]
        and row["change"] * better[row["indicator"]] < -same[row["indicator"]]
    ]
    words = {"scenario": one["scenario_title"], "first": first["scenario_title"]}
    if not worse:
        return translate("{scenario} is worse than {first} by none of the indicators.").format(**words)
    return translate("{scenario} is worse than {first} by: {indicators}.").format(indicators=", ".join(worse), **words)


def changed(change: float, language: str) -> str:
    """Return a change with its sign.

    >>> changed(1500.0, "en"), changed(-0.25, "nl")
    ('+1,500', '-0,25')
    """
    told = f"{change:+,.4g}"
    return told.translate(str.maketrans(",.", ".,")) if language == "nl" else told


def shown_unit(unit: str) -> str:
    """Return a unit as people write it."""
    return {"1": "", "percent": "%", "m2": "m²", "m3": "m³"}.get(unit, unit)
