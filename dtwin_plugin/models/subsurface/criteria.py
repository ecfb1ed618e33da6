"""The criteria by which a use of the ground is judged: a table that everybody may replace.

The table that ships is a start to talk about and is nobody's policy.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.errors import InputError
from dtwin_plugin.paths import plugin_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# criterion -> unit of its limits
CRITERIA = {"soil": "1", "groundwater": "m", "claims": "1", "slope": "percent", "contamination": "1", "protection": "1"}
COLUMNS = ("use", "criterion", "kind", "low", "high", "weight", "top", "bottom", "classes")
_DEEP = ("soil", "claims")  # criteria of a range of depths


@dataclass(frozen=True)
class Criterion:
    """One criterion of a use.

    Attributes
    ----------
    name : str
        A key of `CRITERIA`: share of the depth range with one of the classes; depth of the groundwater; share taken;
        slope of the ground; share of the cell that is contaminated or protected.
    knockout : bool
        Whether a value below `low` or above `high` forbids the use; otherwise it scores 0 at `low` and 1 at `high`,
        which may be the lower of both.
    low, high : float
        NaN where a knock-out has no limit on that side.
    weight : float
        Of the score among the others.
    top, bottom : float
        Range of depths below the ground [m].
    classes : tuple of int
        Lithoclasses that are good.
    """

    name: str
    knockout: bool
    low: float
    high: float
    weight: float = 1.0
    top: float = 0.0
    bottom: float = 0.0
    classes: tuple[int, ...] = ()

    def score(self, value: Floats) -> Floats:
        """Return the score of values, 0 to 1; of a knock-out 1 where it allows and 0 where it forbids; NaN stays.

        >>> Criterion("groundwater", False, 0.5, 1.5).score(np.array([0.2, 1.0, 9.0])).tolist()
        [0.0, 0.5, 1.0]
        >>> Criterion("claims", False, 0.5, 0.0).score(np.array([0.125])).tolist()
        [0.75]
        >>> Criterion("slope", True, math.nan, 5.0).score(np.array([5.0, 6.0])).tolist()
        [1.0, 0.0]
        """
        if self.knockout:
            fails = (value < self.low) | (value > self.high)
            return np.where(np.isnan(value), np.nan, 1.0 - fails)
        return np.clip((value - self.low) / (self.high - self.low), 0.0, 1.0)


def criteria(use: str, rows: Mapping[str, Sequence[Any]] | None = None) -> tuple[Criterion, ...]:
    """Return the criteria of a use, by default those that ship.

    Raises
    ------
    InputError
        If the table lacks a column or the use, or a value cannot be.
    """
    if rows is None:
        with plugin_file("resources", "subsurface", "suitability.csv").open(encoding="utf-8", newline="") as stream:
            lines = list(csv.DictReader(stream))
        rows = {name: [line[name] for line in lines] for name in COLUMNS}
    missing = [name for name in COLUMNS if name not in rows]
    if missing:
        raise InputError(
            "The table of criteria has no column {column}; expected {expected}.",
            column=missing[0],
            expected=", ".join(COLUMNS),
        )
    mine = [number for number, value in enumerate(rows["use"]) if str(value).strip() == use]
    found = tuple(_criterion({name: rows[name][number] for name in COLUMNS}) for number in mine)
    if not any(not criterion.knockout for criterion in found):
        known = sorted({str(value) for value in rows["use"]})
        raise InputError(
            "The table of criteria has no score for the use {use}; it has {known}.", use=use, known=", ".join(known)
        )
    return found


def _criterion(row: Mapping[str, Any]) -> Criterion:
    name, kind = str(row["criterion"]).strip(), str(row["kind"]).strip()
    numbers = {key: _number(row[key]) for key in ("low", "high", "weight", "top", "bottom")}
    text = "" if row["classes"] is None else str(row["classes"])
    try:
        classes = tuple(int(float(word)) for word in text.replace(",", " ").split())
    except ValueError:
        classes = (-1,)
    limits = [math.isnan(numbers[key]) for key in ("low", "high")]
    wrong = (
        name not in CRITERIA
        or math.inf in numbers.values()
        or kind not in ("score", "knockout")
        or (kind == "score" and (any(limits) or numbers["low"] == numbers["high"] or not numbers["weight"] > 0))
        or all(limits)
        or (name in _DEEP and not 0 <= numbers["top"] < numbers["bottom"])
        or (name == "soil" and not classes)
        or any(code not in LITHOCLASSES for code in classes)
    )
    if wrong:
        raise InputError(
            "A row of the table of criteria cannot be used: {row}.",
            hint="The page of this model tells what each column holds.",
            row=", ".join(f"{key} {value}" for key, value in row.items() if value not in (None, "")),
        )
    return Criterion(
        name,
        kind == "knockout",
        numbers["low"],
        numbers["high"],
        1.0 if math.isnan(numbers["weight"]) else numbers["weight"],
        numbers["top"],
        numbers["bottom"],
        classes,
    )


def _number(value: Any) -> float:
    try:
        return math.nan if value in (None, "") else float(value)
    except (TypeError, ValueError):
        return math.inf  # fits no criterion
