"""How many trips begin and end in each zone: rates times what stands there, and both sums made equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .rates import NOT, TO_PRODUCTIONS, Rates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Trips(NamedTuple):
    """Trips of a purpose (and period), before and after both sums were made equal.

    Attributes
    ----------
    productions, attractions : ndarray
        Shape (zones,) [trips d-1, or of the period].
    factor : float
        By which the side that follows was multiplied; NaN where it has no trips.
    """

    productions: Floats
    attractions: Floats
    before: tuple[float, float]
    factor: float


def generate(rates: Rates, amounts: Mapping[str, Floats], balance: str) -> dict[str, Trips]:
    """Return the trips of each purpose and period.

    Parameters
    ----------
    amounts : mapping of str to ndarray
        Of each variable, shape (zones,).
    balance : str
        A key of `BALANCES`, of purposes whose rows do not say it themselves.

    Examples
    --------
    10 dwellings of 1 trip each, and 2 jobs that draw 3 each: 6 trips arrive where 10 begin.

    >>> from .rates import Rate
    >>> rates = Rates(
    ...     (Rate("work", "dwellings", "", 1.0, 0.0), Rate("work", "jobs", "", 0.0, 3.0)), "vehicles", False, ""
    ... )
    >>> found = generate(rates, {"dwellings": np.array([10.0, 0.0]), "jobs": np.array([0.0, 2.0])}, TO_PRODUCTIONS)
    >>> found["work"].attractions.tolist(), round(found["work"].factor, 4)
    ([0.0, 10.0], 1.6667)
    """
    found = {}
    for part in rates.parts:
        rows = [row for row in rates.rows if row.part == part]
        zero = np.zeros_like(next(iter(amounts.values())))
        productions = sum((amounts[row.variable] * row.production for row in rows), zero)
        attractions = sum((amounts[row.variable] * row.attraction for row in rows), zero)
        sums = float(productions.sum()), float(attractions.sum())
        factor, kept = 1.0, rows[0].balance or balance
        if kept != NOT:
            lead, follow = sums if kept == TO_PRODUCTIONS else sums[::-1]
            factor = lead / follow if follow > 0 else float("nan")
            if follow > 0 and kept == TO_PRODUCTIONS:
                attractions = attractions * factor
            elif follow > 0:
                productions = productions * factor
        found[part] = Trips(productions, attractions, sums, factor)
    return found
