"""What a norm of a plan is about, by its name, and whether its value is a number that may be held against a design.

The wording differs from plan to plan. A number is taken only where name, limit, unit and value leave no doubt; the rest
keeps its text, and is to be read by a person.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

HEIGHT, EAVES, BUILT, BOUNDARY = "building_height", "eaves_height", "built_percentage", "boundary_distance"
MAXIMUM, MINIMUM = "maximum", "minimum"
_UNIT_OF = {HEIGHT: "m", EAVES: "m", BUILT: "percent", BOUNDARY: "m"}
_WANTED = {BOUNDARY: MINIMUM}  # the limit that each quantity is tested on; of the others the maximum
_LARGEST = {"m": 1000.0, "percent": 100.0}
# What words name each quantity, and those that do so without a doubt.
_SUBJECTS = {
    EAVES: (re.compile(r"\bgoot(?:-|\b|hoogte\b)"), re.compile(r"\bgoothoogte\b")),
    HEIGHT: (re.compile(r"\b(?:bouw|nok)?hoogte\b"), re.compile(r"\bbouwhoogte\b")),
    BUILT: (re.compile(r"\bbebouwings(?:percentage|graad)\b"), re.compile(r"\bbebouwingspercentage\b")),
    BOUNDARY: (
        re.compile(r"\bafstand\b.*perceels?grens\b"),
        re.compile(r"\bafstand (?:tot|van) (?:de )?perceels?grens\b"),
    ),
}
_LIMITS = {
    MAXIMUM: re.compile(r"\b(?:maximum|maximaal|maximale|max)\b\.?"),
    MINIMUM: re.compile(r"\b(?:minimum|minimaal|minimale|min)\b\.?"),
}
_IDLE = {"van", "de", "het", "een", "gebouw", "gebouwen"}  # words that narrow nothing
_UNIT = re.compile(r"\(([^()]*)\)")
_UNITS = {"m": "m", "meter": "m", "meters": "m", "%": "percent", "procent": "percent", "percentage": "percent"}
# A level that the plan check measures from; of a height above NAP the number means something else.
_ABOVE = re.compile(r"^(m|meters?) (?:boven|vanaf) (?:het )?(?:maaiveld|peil)$")
_NUMBER = re.compile(r"\d{1,4}(?:[.,]\d{1,2})?")
_CAPITALS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST = 300  # characters of a name that are looked at


@dataclass(frozen=True)
class Norm:
    """A norm as it was understood.

    Attributes
    ----------
    quantity : str
        What is measured; "" where it is nothing that is known here, or the other limit of it.
    value : float
        In the unit of the quantity; NaN where the text must be read.
    limit : str
        `MAXIMUM`, `MINIMUM`, or "" where the name has both or none.
    """

    quantity: str
    value: float
    limit: str


def norms_of(name: str, value: Any, *, concept: str = "", unit: str | None = None) -> list[Norm]:
    """Return what a name with a value asks: one for each quantity that it names, one of no quantity if it names none.

    Parameters
    ----------
    name : str
        As the plan has it, its unit perhaps in brackets.
    value : object
        A number, or text.
    concept : str
        The address of the kind of norm in the national list ("…/MaximumBouwhoogte"), or its name there.
    unit : str, optional
        Where the plan gives it apart from the name.

    >>> norms_of("maximum bouwhoogte (m)", "24,5")
    [Norm(quantity='building_height', value=24.5, limit='maximum')]
    >>> norms_of("minimum bouwhoogte (m)", "6")
    [Norm(quantity='', value=nan, limit='minimum')]
    >>> norms_of("maximum bouwhoogte erfafscheiding (m)", "2")  # not of every building
    [Norm(quantity='building_height', value=nan, limit='maximum')]
    >>> norms_of("Bouwhoogte", 13, concept="http://a.nl/typenorm/id/concept/MaximumBouwhoogte", unit="meter")
    [Norm(quantity='building_height', value=13.0, limit='maximum')]
    """
    words = " ".join(name[:_LONGEST].casefold().split())
    kind = _CAPITALS.sub(" ", concept[-_LONGEST:].rpartition("/")[2]).casefold()
    limit = _limit(f"{words} {kind}")  # they may not contradict each other
    bare = _UNIT.sub(" ", words)
    found = [quantity for quantity, (pattern, _) in _SUBJECTS.items() if pattern.search(bare)]
    if not found:  # the plan calls it something else: what it is called may narrow it
        found = [quantity for quantity, (pattern, _) in _SUBJECTS.items() if pattern.search(kind)]
    stated = _UNIT.search(words)
    unit = known_unit(unit if unit is not None else stated[1] if stated else "")
    norms = []
    for quantity in found:
        if limit and limit != _WANTED.get(quantity, MAXIMUM):
            norms.append(Norm("", math.nan, limit))
        elif limit and len(found) == 1 and unit == _UNIT_OF[quantity] and _is_plain(bare, quantity):
            norms.append(Norm(quantity, number(value, _LARGEST[unit]), limit))
        else:
            norms.append(Norm(quantity, math.nan, limit))
    return norms or [Norm("", math.nan, limit)]


def number(value: Any, largest: float = 1000.0) -> float:
    """Return a value as a number, NaN where it is anything else or more than it can be.

    With three decimals a text may mean thousands: that is for a person to say.

    >>> [number(text) for text in ("24", " 24,5 ", "24.5", "3.500", "6-10", "10 (excl. kap)", "", None, "1e3", 7, True)]
    [24.0, 24.5, 24.5, nan, nan, nan, nan, nan, nan, 7.0, nan]
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        found = float(value)
    else:
        text = value.strip() if isinstance(value, str) else ""
        found = float(text.replace(",", ".")) if text.isascii() and _NUMBER.fullmatch(text) else math.nan
    return found if 0 <= found <= largest else math.nan


def known_unit(text: str) -> str:
    """Return a unit as UDUNITS has it, "" for one that is not known, or whose level is not that of the ground.

    >>> [known_unit(text) for text in ("m", "Meter", "meters boven het maaiveld", "%", "m NAP", "")]
    ['m', 'm', 'm', 'percent', '', '']
    """
    words = " ".join(text[-_LONGEST:].rpartition("/")[2].casefold().split()).removeprefix("in ")
    above = _ABOVE.match(words)
    return _UNITS.get(above[1] if above else words, "")


def _limit(words: str) -> str:
    """Return the one limit that words name, "" where they name both or none."""
    named = [limit for limit, pattern in _LIMITS.items() if pattern.search(words)]
    return named[0] if len(named) == 1 else ""


def _is_plain(words: str, quantity: str) -> bool:
    """Tell whether a name says the quantity and nothing that narrows it, such as which building."""
    sure = _SUBJECTS[quantity][1]
    if not sure.search(words):
        return False
    rest = sure.sub(" ", words)
    for pattern in _LIMITS.values():
        rest = pattern.sub(" ", rest)
    return set(re.findall(r"[^\s,;:.-]+", rest)) <= _IDLE
