"""What a rule is, and a set of rules: plain data, read by `rule_file` and made by `area_rules`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True)
class Rule:
    """One norm for one quantity, where it applies and where it is written.

    Attributes
    ----------
    id : str
        Unique in its set; outcomes name it.
    quantity : str
        A key of `quantities.QUANTITIES`.
    norm : float
        In the unit of the quantity; NaN where the text must be read (the outcome then is a review).
    tolerance : float
        How far beyond the norm still counts as within it, in the same unit.
    where : shapely geometry or None
        Polygons in RD in which it holds; None for everywhere.
    settings : mapping of str to float
        Of the quantity, where they differ from its defaults.
    title, text, source, link, date : str
        For people: what it is called, what is written, in which document, where to read it, and of which day.
    line : int
        In the rule file, 0 for a rule that comes from a plan.
    area : str
        What the area is called; "" for everywhere, and where it has no name.
    """

    id: str
    quantity: str
    norm: float
    tolerance: float = 0.0
    where: BaseGeometry | None = None
    settings: Mapping[str, float] = field(default_factory=dict)
    title: str = ""
    text: str = ""
    source: str = ""
    link: str = ""
    date: str = ""
    line: int = 0
    area: str = ""


@dataclass(frozen=True)
class PlanRule:
    """How norms for one quantity that come with the areas of a plan are taken.

    Attributes
    ----------
    tolerance : float
        How far beyond the norm still counts as within it, in the unit of the quantity.
    settings : mapping of str to float
        Of the quantity, where they differ from its defaults.
    """

    tolerance: float = 0.0
    settings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class RuleSet:
    """The rules of a file.

    Attributes
    ----------
    id, version, title, owner, date, language, licence, source, note : str
        Which rules these are, whose, of which day, in which language (ISO 639-1), what they were made from, and what
        who uses them must know.
    rules : tuple of Rule
        In the order of the file.
    peil : float or None
        The reference level that the plan gives [m NAP]; None where it is the ground at the entrance.
    peil_text : str
        What the plan says of that level.
    plan_rules : mapping of str to PlanRule
        Quantities whose norms are taken from the areas of a plan, by `area_rules.rules_of`; others are not tested.
    digest : str
        SHA-256 of the file, which the evidence names.
    """

    id: str
    version: str
    title: str
    owner: str
    rules: tuple[Rule, ...]
    peil: float | None = None
    digest: str = ""
    date: str = ""
    language: str = ""
    licence: str = ""
    source: str = ""
    note: str = ""
    peil_text: str = ""
    plan_rules: Mapping[str, PlanRule] = field(default_factory=dict)
