"""Values in a BRO document, found by local name: between versions of the schemas elements are wrapped and unwrapped."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from dtwin_plugin.sources.safe_xml import local

_NOTHING = {"", "onbekend", "nvt", "nietVanToepassing", "voidReason"}
_MISSING = (-999999.0, -99999.0, -9999.0)  # how the BRO, and writers before it, say that there is no number
# What a unit of the document is in the unit of the carrier: metres, and for the rest as it is.
_METRES = {"m": 1.0, "dm": 0.1, "cm": 0.01, "mm": 0.001}


def found(element: Any, *names: str) -> Iterator[Any]:
    """Yield all descendants of these local names, in the order of the document."""
    for item in element.iter(*(f"{{*}}{name}" for name in names)):
        if item is not element:
            yield item


def first(element: Any, *names: str) -> Any:
    """Return the first descendant by the first of these local names that there is; None if there is none."""
    for name in names:
        item = next(found(element, name), None)
        if item is not None:
            return item
    return None


def text(element: Any, *names: str) -> str | None:
    """Return the first known text of these local names: "onbekend" and a nil element are no value."""
    for name in names:
        for item in found(element, name):
            value = own(item)
            if value is not None:
                return value
    return None


def own(element: Any) -> str | None:
    """Return what an element holds itself, None where that says that nothing is known."""
    value = (element.text or "").strip()
    return None if value in _NOTHING or len(element) else value


def number(element: Any, *names: str) -> float:
    """Return the first known number of these local names, lengths in metres; NaN if there is none."""
    for name in names:
        for item in found(element, name):
            value = as_number(own(item))
            if not math.isnan(value):
                return value * _METRES.get(item.get("uom", ""), 1.0)
    return math.nan


def plain_number(element: Any, *names: str) -> float:
    """Return the first known number of these local names in the unit of the document (mm, %); NaN if there is none."""
    return next((n for n in (as_number(text(element, name)) for name in names) if not math.isnan(n)), math.nan)


def as_number(value: Any) -> float:
    """Return a number, NaN for what is none or is a code for "missing".

    >>> as_number("1.50"), as_number("-999999"), as_number("ja"), as_number("inf")
    (1.5, nan, nan, nan)
    """
    try:
        result = float(value)
    except (TypeError, ValueError):
        return math.nan
    return result if math.isfinite(result) and result not in _MISSING else math.nan


def date(element: Any, *names: str) -> str | None:
    """Return a date as it is known (2021-05-14, 2021-05, 2021), the first of these local names that has one."""
    for name in names:
        for item in found(element, name):
            value = own(item) or text(item, "date", "yearMonth", "year", "timePosition", "beginPosition")
            if value is not None:
                return value
    return None


def leaves(element: Any) -> dict[str, str]:
    """Return the known texts directly within an element, by local name."""
    return {local(item.tag): value for item in element if (value := own(item)) is not None}


def snake(name: str) -> str:
    """Return a name as columns are called.

    >>> snake("elapsedTime"), snake("porePressureU1"), snake("inclinationEW"), snake("sandMedianClass")
    ('elapsed_time', 'pore_pressure_u1', 'inclination_ew', 'sand_median_class')
    """
    result = ""
    for index, letter in enumerate(name):
        begins = letter.isupper() and index and not name[index - 1].isupper()
        result += ("_" if begins else "") + letter.lower()
    return result
