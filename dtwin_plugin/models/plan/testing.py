"""All rules held against a plan: an outcome for each rule and object, and never a good one for want of data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dtwin_plugin.errors import Cancelled, DtwinError
from dtwin_plugin.translate import mark

from .quantity import COMPLIANT, INSUFFICIENT, NOT_APPLICABLE, OUTCOMES, Found, Quantity, judged
from .sentences import SEVERITY, sentence

if TYPE_CHECKING:
    from dtwin_plugin.progress import Progress

    from .case import Case
    from .rules import Rule

PLAN = ""  # object of an outcome that is about the plan as a whole
RESULTS = ("sun", "noise", "flood", "cables")  # of a case, that may be about other places than the plan itself
_MISSING = mark("{missing} was not given.")
_NOWHERE = mark("No building of the plan lies in the area of the rule.")
_NOTHING = mark("Nothing was found that can be measured.")
_FAILED = mark("The test ended in an error, which is a fault of the program and not of the plan: {error}.")


@dataclass(frozen=True)
class Outcome:
    """The outcome of a rule for an object.

    Attributes
    ----------
    rule : Rule
    quantity : Quantity
    found : Found
        With its outcome.
    sentence : str
        In the user's language.
    """

    rule: Rule
    quantity: Quantity
    found: Found
    sentence: str


def outcomes_of(
    case: Case,
    rules: Sequence[Rule],
    quantities: Mapping[str, Quantity],
    titles: Mapping[str, str],
    progress: Progress,
) -> list[Outcome]:
    """Return the outcomes of rules, in their order.

    Parameters
    ----------
    case : Case
        The plan and its surroundings.
    rules : sequence of Rule
    quantities : mapping of str to Quantity
        By id; a rule about another one raises `KeyError`.
    titles : mapping of str to str
        What people call each attribute of a case, to name one that a rule needs and that was not given.

    Raises
    ------
    Cancelled
        If the user stops it; asked for after each object.
    """
    rows: list[Outcome] = []
    for number, rule in enumerate(rules):
        progress.report(number / len(rules), "Test {rule}", rule=rule.title or rule.id)
        quantity = quantities[rule.quantity]
        found = list(_guarded(quantity, _outcomes(case, rule, quantity, titles), rule, progress))
        rows += _together(case, rule, quantity, found)
    return rows


def _outcomes(case: Case, rule: Rule, quantity: Quantity, titles: Mapping[str, str]) -> Iterator[Found]:
    """Yield measurements with their outcome, or what is missing for them."""
    missing = [name for name in quantity.needs if getattr(case, name) is None]
    if not missing:
        some = False
        for found in quantity.measure(case, rule):
            some = True
            yield _certain(quantity, rule, found)
        if not some:
            yield _nothing(case, rule)
    elif not _touched(case, rule) and not set(quantity.needs) & set(RESULTS):
        yield _nothing(case, rule)
    else:
        names = {"missing": titles.get(missing[0], missing[0])}
        for body in case.bodies:
            yield Found(body.id, math.nan, INSUFFICIENT, _MISSING, names)


def _certain(quantity: Quantity, rule: Rule, found: Found) -> Found:
    """Return a measurement with its outcome; one that is no number is not known."""
    if found.outcome and (found.outcome not in OUTCOMES or found.outcome == COMPLIANT):
        raise ValueError(f"{quantity.id} decided for {found.outcome}")  # only a value and a norm make it compliant
    if not math.isfinite(found.value):
        found = replace(found, value=math.nan)
    return judged(quantity, rule, found)


def _guarded(quantity: Quantity, found: Iterator[Found], rule: Rule, progress: Progress) -> Iterator[Outcome]:
    """Yield what is found with its sentence until there is no more; an error becomes an outcome of its own."""
    try:
        for one in found:
            if progress.is_cancelled():
                raise Cancelled
            yield Outcome(rule, quantity, one, sentence(quantity, rule, one))
    except Cancelled:
        raise
    except DtwinError as error:
        one = Found(PLAN, math.nan, INSUFFICIENT, error.message, error.values)
        yield Outcome(rule, quantity, one, sentence(quantity, rule, one))
    except Exception as error:  # noqa: BLE001  (one rule that cannot be tested leaves the others their outcome)
        progress.warn("Rule {rule} was not tested: {error!r}", rule=rule.id, error=error)
        one = Found(PLAN, math.nan, INSUFFICIENT, _FAILED, {"error": f"{type(error).__name__}: {error}"})
        yield Outcome(rule, quantity, one, sentence(quantity, rule, one))


def _together(case: Case, rule: Rule, quantity: Quantity, rows: list[Outcome]) -> list[Outcome]:
    """Return outcomes, one in place of many where the rule is about none of the buildings."""
    if len(rows) < 2 or _touched(case, rule) or any(row.found.outcome != NOT_APPLICABLE for row in rows):
        return rows
    one = _nothing(case, rule)
    return [Outcome(rule, quantity, one, sentence(quantity, rule, one))]


def _nothing(case: Case, rule: Rule) -> Found:
    if _touched(case, rule):
        return Found(PLAN, math.nan, INSUFFICIENT, _NOTHING)
    return Found(PLAN, math.nan, NOT_APPLICABLE, _NOWHERE)


def _touched(case: Case, rule: Rule) -> bool:
    """Tell whether the area of a rule touches a building of the plan."""
    return rule.where is None or any(body.outline.intersects(rule.where) for body in case.bodies)


def worst(outcomes: Iterable[str]) -> str:
    """Return the outcome that asks most of people; what is not applicable where there is none.

    >>> worst(["compliant", "review_required"]), worst([])
    ('review_required', 'not_applicable')
    """
    return min(outcomes, key=SEVERITY.index, default=NOT_APPLICABLE)
