"""What can be measured of a plan, what a measurement says, and how it is held against a norm."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .case import Case
    from .rules import Rule

COMPLIANT, NON_COMPLIANT = "compliant", "non_compliant"
REVIEW, INSUFFICIENT, NOT_APPLICABLE = "review_required", "insufficient_data", "not_applicable"
OUTCOMES = (COMPLIANT, NON_COMPLIANT, REVIEW, INSUFFICIENT, NOT_APPLICABLE)
AT_MOST, AT_LEAST = "at_most", "at_least"


@dataclass(frozen=True)
class Found:
    """What was measured of one object.

    Attributes
    ----------
    object : str
        Id of a body of the plan, or of a neighbour.
    value : float
        In the unit of the quantity; NaN where it could not be measured.
    outcome : str
        One of `OUTCOMES` where the measurement decides by itself, "" where the norm decides. A measurement never
        decides for `COMPLIANT`.
    reason : str
        A marked sentence with `{names}` of `values`: why, or what the value is made of.
    values : mapping
        For the sentence.
    places : tuple of ndarray
        Rings in space, float64, shape (n, 3), of where it goes beyond the norm, as RD and m NAP; closed or not.
    peil : float
        Level of reference that heights were taken from [m NAP]; NaN where none was.
    peil_from : str
        Where that level comes from.
    doubt : float
        How far the value may be off, in its unit: a norm within it needs a review.
    """

    object: str
    value: float
    outcome: str = ""
    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    places: tuple[NDArray[np.float64], ...] = ()
    peil: float = math.nan
    peil_from: str = ""
    doubt: float = 0.0


@dataclass(frozen=True)
class Quantity:
    """Something that is measured.

    Attributes
    ----------
    id, title, unit : str
        The id is what a rule file names; the unit is that of its norm, as UDUNITS.
    sense : str
        `AT_MOST` or `AT_LEAST`: the norm is an upper or a lower limit.
    measure : callable
        `measure(case, rule)` yields a `Found` for each object that the rule is about, within `rule.where`.
    doc : str
        What is measured, and how.
    needs : tuple of str
        Attributes of `Case` without which nothing can be measured.
    settings : mapping of str to float
        What a rule may set, with its default.
    proves : bool
        Whether a value within the norm proves that the rule is met; otherwise it needs a review.
    """

    id: str
    title: str
    unit: str
    sense: str
    measure: Callable[[Case, Rule], Iterable[Found]]
    doc: str
    needs: tuple[str, ...] = ()
    settings: Mapping[str, float] = field(default_factory=dict)
    proves: bool = True


def judged(quantity: Quantity, rule: Rule, found: Found) -> Found:
    """Return a measurement with its outcome: what it decides by itself, or by its value and the norm.

    A value that is not known is never compliant, and one that its doubt could carry over the norm needs a review. The
    tolerance is part of the norm.

    >>> from .rules import Rule
    >>> height = Quantity("building_height", "Height", "m", AT_MOST, lambda case, rule: (), "")
    >>> rule = Rule("a", "building_height", norm=10.0, tolerance=0.05)
    >>> for value, doubt in ((9, 0), (10.04, 0), (10.06, 0), (9.8, 0.5), (11, 0.5), (math.nan, 0)):
    ...     print(judged(height, rule, Found("b", value, doubt=doubt)).outcome)
    compliant
    compliant
    non_compliant
    review_required
    non_compliant
    insufficient_data
    """
    if found.outcome:
        return found
    if math.isnan(found.value):
        return replace(found, outcome=INSUFFICIENT)
    if math.isnan(rule.norm):
        return replace(found, outcome=REVIEW)  # the sentence says that the text must be read
    beyond = found.value - rule.norm if quantity.sense == AT_MOST else rule.norm - found.value
    beyond -= rule.tolerance + 1e-9  # rounding of the value is no breach
    if beyond - found.doubt > 0:
        return replace(found, outcome=NON_COMPLIANT)
    certain = beyond + found.doubt <= 0 and quantity.proves
    return replace(found, outcome=COMPLIANT if certain else REVIEW)
