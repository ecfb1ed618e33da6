"""Outcomes in words: what was measured, what is allowed, and why; in the user's language."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from dtwin_plugin.translate import Number, mark, tr

from .quantity import AT_MOST, COMPLIANT, INSUFFICIENT, NON_COMPLIANT, NOT_APPLICABLE, REVIEW, Found

if TYPE_CHECKING:
    from .quantity import Quantity
    from .rules import Rule

TITLES = {
    NON_COMPLIANT: mark("Does not comply"),
    REVIEW: mark("Needs a review"),
    INSUFFICIENT: mark("Not enough data"),
    COMPLIANT: mark("Complies"),
    NOT_APPLICABLE: mark("Not applicable"),
}
SEVERITY = tuple(TITLES)
"""Outcomes, the one that asks most of people first."""
_DIGITS = {"m": 2, "m2": 1, "percent": 1, "dB": 1, "h": 2}  # of values in a unit
_SIGNS = {"percent": "%", "m2": "m²", "1": ""}
_FINEST = 5  # digits to which a value is shown that would else look like its norm
_MOST = mark("{quantity} of {object} is {value}; at most {norm} is allowed{within}.")
_LEAST = mark("{quantity} of {object} is {value}; at least {norm} is asked{within}.")
_FREE = mark("{quantity} of {object} is {value}; the norm is not a number: read the text of the rule.")
_UNKNOWN = mark("{quantity} of {object} is not known.")
_ASIDE = mark("{quantity} is not tested for {object}.")
_WITHIN = mark(", with a tolerance of {tolerance}")
_DOUBT = mark("It may be {doubt} off.")
_THE_PLAN = mark("the plan")


class _Number(Number):
    """A number with two digits where a sentence does not say how many."""

    def __format__(self, form: str) -> str:
        return super().__format__(form or ".2f")


def shown(value: float, unit: str, digits: int | None = None) -> str:
    """Return a value with its unit, as people write it.

    >>> shown(11.324, "m"), shown(40, "percent"), shown(3, "1")
    ('11.32 m', '40.0 %', '3')
    """
    if digits is None:
        digits = 0 if unit == "1" and value == int(value) else _DIGITS.get(unit, 2)
    return f"{_Number(value):.{digits}f} {_SIGNS.get(unit, unit)}".strip()


def sentence(quantity: Quantity, rule: Rule, found: Found) -> str:
    """Return an outcome in words.

    >>> from .quantity import AT_MOST, Quantity, judged
    >>> from .rules import Rule
    >>> height = Quantity("building_height", "Building height", "m", AT_MOST, lambda case, rule: (), "")
    >>> rule = Rule("a", "building_height", norm=11.0, tolerance=0.05)
    >>> sentence(height, rule, judged(height, rule, Found("house", 12.5)))
    'Does not comply. Building height of house is 12.50 m; at most 11.00 m is allowed, with a tolerance of 0.05 m.'
    """
    words = {"quantity": tr(quantity.title), "object": found.object or tr(_THE_PLAN)}
    if found.outcome == NOT_APPLICABLE:
        form = _ASIDE
    elif math.isnan(found.value):
        form = _UNKNOWN
    elif math.isnan(rule.norm):
        form, words["value"] = _FREE, shown(found.value, quantity.unit)
    else:
        form = _MOST if quantity.sense == AT_MOST else _LEAST
        digits = _telling(found, rule, quantity.unit)
        words.update(value=shown(found.value, quantity.unit, digits), norm=shown(rule.norm, quantity.unit, digits))
        words["within"] = (
            tr(_WITHIN).format(tolerance=shown(rule.tolerance, quantity.unit)) if rule.tolerance > 0 else ""
        )
    parts = [f"{tr(TITLES[found.outcome])}.", tr(form).format(**words)]
    if found.doubt > 0 and form not in (_ASIDE, _UNKNOWN):
        parts.append(tr(_DOUBT).format(doubt=shown(found.doubt, quantity.unit)))
    if found.reason:
        parts.append(tr(found.reason).format(**{name: _told(value) for name, value in found.values.items()}))
    return " ".join(parts)


def _telling(found: Found, rule: Rule, unit: str) -> int | None:
    """Return the digits at which a value that does not comply is no longer written as its norm; None for the usual."""
    if found.outcome != NON_COMPLIANT or shown(found.value, unit) != shown(rule.norm, unit):
        return None
    usual = _DIGITS.get(unit, 2)
    for digits in range(usual + 1, _FINEST):
        if shown(found.value, unit, digits) != shown(rule.norm, unit, digits):
            return digits
    return _FINEST


def _told(value: Any) -> Any:
    """Return a value for a sentence: texts translated, numbers as the language writes them."""
    if isinstance(value, str):
        return tr(value)
    if isinstance(value, Integral):
        return int(value)
    return _Number(value) if isinstance(value, Real) else value
