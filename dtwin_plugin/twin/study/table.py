"""Scenarios beside each other: indicators with their norms, and which measure does most for each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dtwin_plugin.translate import mark

MET, NOT_MET, ALARM, UNKNOWN, NONE = "met", "not met", "alarm", "unknown", ""
WORDS = {
    MET: mark("norm is met"),
    NOT_MET: mark("norm is not met"),
    ALARM: mark("alarm"),
    UNKNOWN: mark("not known"),
    NONE: mark("no norm"),
}


def judged(indicator: Mapping[str, Any], value: float | None) -> str:
    """Return what a value is against the norm and the alert level; one that is not known is never good.

    >>> rule = {"better": "lower", "norm": 0, "alert": 10}
    >>> judged(rule, 0), judged(rule, 4), judged(rule, 10), judged(rule, None), judged({"better": "lower"}, 3)
    ('met', 'not met', 'alarm', 'unknown', '')
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    sign = 1 if indicator["better"] == "lower" else -1
    if "alert" in indicator and sign * value >= sign * indicator["alert"]:
        return ALARM
    if "norm" not in indicator:
        return NONE
    return MET if sign * value <= sign * indicator["norm"] else NOT_MET


def rows(
    indicators: Sequence[Mapping[str, Any]],
    scenarios: Sequence[Mapping[str, Any]],
    values: Mapping[str, Mapping[str, float | None]],
) -> dict[str, list[Any]]:
    """Return the table of a study: a row for each indicator and scenario.

    Parameters
    ----------
    values : mapping
        By scenario, by indicator; None where it is not known.

    Returns
    -------
    dict of str to list
        "change" is the difference with the first scenario, None where one of the two is not known; "best" is 1 for the
        scenarios that do best by this indicator and better than the first, else 0. Where the first is a reference,
        "best" is 1 for those that do best of the others.
    """
    table: dict[str, list[Any]] = {
        name: []
        for name in ("indicator", "title", "scenario", "scenario_title", "value", "unit", "change", "norm", "alert",
                     "outcome", "best")
    }  # fmt: skip
    for indicator in indicators:
        found = {scenario["id"]: values[scenario["id"]].get(indicator["id"]) for scenario in scenarios}
        best = best_of(indicator, found, has_reference(scenarios))
        first = found[scenarios[0]["id"]]
        for scenario in scenarios:
            value = found[scenario["id"]]
            row = {
                "indicator": indicator["id"],
                "title": indicator["title"],
                "scenario": scenario["id"],
                "scenario_title": scenario["title"],
                "value": value,
                "unit": indicator["unit"],
                "change": None if value is None or first is None else value - first,
                "norm": indicator.get("norm"),
                "alert": indicator.get("alert"),
                "outcome": judged(indicator, value),
                "best": int(scenario["id"] in best),
            }
            for name, cell in row.items():
                table[name].append(cell)
    return table


def has_reference(scenarios: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether the first scenario is only compared with, and is no choice itself."""
    return bool(scenarios[0].get("reference"))


def best_of(indicator: Mapping[str, Any], values: Mapping[str, float | None], reference: bool = False) -> list[str]:
    """Return the scenarios that do best by an indicator, and better than the first; none where nothing helps.

    Parameters
    ----------
    reference : bool
        Whether the first is only compared with: then those that do best of the others, none where all do as well.

    >>> best_of({"better": "lower"}, {"base": 9.0, "wadi": 4.0, "crates": None, "street": 4.0})
    ['wadi', 'street']
    >>> best_of({"better": "higher"}, {"base": 9.0, "wadi": 9.0})
    []
    >>> rule = {"better": "lower", "same": 1.0}
    >>> (
    ...     best_of(rule, {"base": 9.0, "wadi": 8.5}),
    ...     best_of(rule, {"base": 9.0, "wadi": 4.0, "street": 4.5, "crates": 6.0}),
    ... )
    ([], ['wadi', 'street'])
    >>> best_of({"better": "lower"}, {"now": 329.0, "homes": 338.0, "exit": 342.0, "slow": 329.0}, reference=True)
    ['slow']
    """
    sign, same = 1 if indicator["better"] == "lower" else -1, indicator.get("same", 0.0)
    known = {name: sign * value for name, value in values.items() if value is not None and math.isfinite(value)}
    first = next(iter(values))
    if reference:
        known.pop(first, None)
        least, most = min(known.values(), default=0.0), max(known.values(), default=0.0)
        return [name for name, value in known.items() if value <= least + same] if most > least + same else []
    least = min(known.values(), default=math.inf)
    if first not in known or not least < known[first] - same:
        return []
    return [name for name, value in known.items() if value <= least + same and value < known[first] - same]
