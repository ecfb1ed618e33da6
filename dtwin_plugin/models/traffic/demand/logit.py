"""Which share of the trips goes by each mode: the multinomial logit model.

P[m] = exp(V[m]) / sum of exp(V[k]), V[m] = constant[m] + sum of coefficient * skim.

References
----------
McFadden, D. (1974). Conditional logit analysis of qualitative choice behavior. In: Zarembka (ed.), Frontiers in
Econometrics, 105-142. Academic Press.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dtwin_plugin.errors import InputError

from ...csv_table import number_of, rows_of
from ..tables import name_of

Floats = NDArray[np.float64]

CONSTANT, OCCUPANCY = "constant", "occupancy"
_LARGEST = 1e6


class Mode(NamedTuple):
    """A mode of transport.

    Attributes
    ----------
    coefficients : dict of str to float
        By name of a matrix of skims; utility for one of its unit.
    occupancy : float
        Persons in a vehicle; 0 where the mode has no vehicles on the road.
    """

    name: str
    constant: float
    coefficients: dict[str, float]
    occupancy: float


def modes_of(path: Path) -> list[Mode]:
    """Return the modes of a CSV with the columns mode, term and value.

    A term is `constant`, `occupancy` or the name of a matrix of skims.

    Raises
    ------
    InputError
        If it cannot be read, a term stands twice, or there are less than two modes.
    """
    found: dict[str, dict[str, float]] = {}
    for row in rows_of(path, ("mode", "term", "value")):
        terms = found.setdefault(name_of(row["mode"]), {})
        term = row["term"].strip()
        if not term or term in terms:
            raise InputError(
                "{file} has the term {term} of {mode} twice, or a row without a term.",
                file=path.name,
                term=term or "-",
                mode=row["mode"][:40] or "-",
            )
        low = 0.0 if term.lower() == OCCUPANCY else -_LARGEST
        terms[term if term.lower() not in (CONSTANT, OCCUPANCY) else term.lower()] = number_of(
            row, "value", low, _LARGEST, path.name
        )
    if len(found) < 2 or "" in found:
        raise InputError(
            "{file} has {count} modes; expected two or more, with their names.", file=path.name, count=len(found)
        )
    fixed = (CONSTANT, OCCUPANCY)
    return [
        Mode(
            name,
            terms.get(CONSTANT, 0.0),
            {key: value for key, value in terms.items() if key not in fixed},
            terms.get(OCCUPANCY, 0.0),
        )
        for name, terms in found.items()
    ]


def utilities(modes: list[Mode], skims: Mapping[str, Floats], shape: tuple[int, int]) -> Floats:
    """Return the utility of each mode, shape (modes, zones, zones); -inf where a skim says that there is no way."""
    found = np.empty((len(modes), *shape))
    for row, mode in enumerate(modes):
        value = np.full(shape, mode.constant)
        for name, coefficient in mode.coefficients.items():
            there = np.isfinite(skims[name])
            value = np.where(there, value + coefficient * np.where(there, skims[name], 0.0), -np.inf)
        found[row] = value
    return found


def shares(utility: Floats) -> tuple[Floats, Floats]:
    """Return the share of each mode, and the logsum: what all modes together are worth; NaN and -inf without any.

    >>> found, logsum = shares(np.log(np.array([[[1.0]], [[3.0]]])))
    >>> found.ravel().round(6).tolist(), round(float(np.exp(logsum[0, 0])), 6)
    ([0.25, 0.75], 4.0)
    """
    top = utility.max(axis=0)
    there = np.isfinite(top)
    weight = np.exp(utility - np.where(there, top, 0.0))
    total = weight.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(there, weight / total, np.nan), np.where(there, top + np.log(total), -np.inf)
