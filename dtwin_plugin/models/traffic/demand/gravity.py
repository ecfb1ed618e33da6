"""Where trips go: the doubly constrained gravity model, and its calibration to a mean cost of a trip.

T[i, j] = A[i] O[i] B[j] D[j] f(c[i, j]) K[i, j], with A and B so that rows and columns have their totals.

References
----------
Wilson, A.G. (1967). A statistical theory of spatial distribution models. Transportation Research 1, 253-269.
Hyman, G.M. (1969). The calibration of trip distribution models. Environment and Planning 1, 105-112.
Ortúzar, J. de D. & Willumsen, L.G. (2011). Modelling Transport, 4th edition, chapter 5. Wiley.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dtwin_plugin.errors import ModelError
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

from .balancing import Balanced, furness

Floats = NDArray[np.float64]

EXPONENTIAL, POWER, COMBINED = "exponential", "power", "combined"
FUNCTIONS = {
    EXPONENTIAL: mark("Exponential: exp(-b c)"),
    POWER: mark("Power: c^-b"),
    COMBINED: mark("Combined: c^n exp(-b c)"),
}
_ROUNDS = 60  # of a calibration; each halves the bracket at least
_STEPS = 40  # in which a bracket is looked for, each twice as wide
_CLOSE = 1e-6  # relative: nearer to the wanted mean than any survey knows it


class Distribution(NamedTuple):
    """Trips from zone to zone.

    Attributes
    ----------
    balanced : Balanced
    parameter : float
        b of the deterrence function.
    mean : float
        Cost of a trip, over all of them.
    rounds : int
        Distributions that the calibration made; 1 without one.
    """

    balanced: Balanced
    parameter: float
    mean: float
    rounds: int


def deterrence(cost: Floats, function: str, parameter: float, power: float = 0.0) -> Floats:
    """Return how willing people are to pay a cost, each row as a share of its largest value; 0 where there is no way.

    The shares of rows change nothing in a doubly constrained model, and keep small numbers from becoming 0.

    Parameters
    ----------
    cost : ndarray
        Minutes, kilometres or money; NaN or infinite where there is no way.
    parameter, power : float
        b and n of `FUNCTIONS`; n counts for the combined function alone.

    Examples
    --------
    >>> deterrence(np.array([[1.0, 2.0, np.inf]]), POWER, 1.0).tolist()
    [[1.0, 0.5, 0.0]]
    """
    there = np.isfinite(cost)
    safe = np.where(there, cost, 1.0)
    with np.errstate(divide="ignore"):
        logs = np.log(safe)  # -inf at 0: a cost of nothing, which the caller does not let through
        exponent = -parameter * logs if function == POWER else -parameter * safe
        if function == COMBINED:
            exponent = exponent + power * logs
    exponent = np.where(there, exponent, -np.inf)
    top = exponent.max(axis=1, keepdims=True)
    return np.exp(exponent - np.where(np.isfinite(top), top, 0.0))


def mean_cost(trips: Floats, cost: Floats) -> float:
    """Return the cost of a trip, over all of them; NaN without trips.

    >>> mean_cost(np.array([[1.0, 3.0]]), np.array([[2.0, 6.0]]))
    5.0
    """
    total = float(trips.sum())
    return float(trips[trips > 0] @ cost[trips > 0]) / total if total > 0 else float("nan")


def distribute(
    origins: Floats,
    destinations: Floats,
    cost: Floats,
    function: str,
    parameter: float,
    power: float = 0.0,
    factors: Floats | None = None,
    zones: Sequence[str] = (),
    progress: Progress | None = None,
) -> Distribution:
    """Distribute trips with a deterrence that is known.

    Parameters
    ----------
    origins, destinations : ndarray
        Trips that begin and end in each zone, in any unit of time, shape (zones,), with one sum.
    cost : ndarray
        From each zone to each [min, km or another unit], shape (zones, zones); inf or NaN where there is no way.
    parameter : float
        Of the function: 1 over the unit of `cost`.
    factors : ndarray, optional
        K, shape (zones, zones).

    Raises
    ------
    InputError, ModelError
        As `furness`.
    """
    seed = deterrence(cost, function, parameter, power)
    balanced = furness(seed if factors is None else seed * factors, origins, destinations, zones, progress=progress)
    return Distribution(balanced, parameter, mean_cost(balanced.values, cost), 1)


def calibrate(
    origins: Floats,
    destinations: Floats,
    cost: Floats,
    function: str,
    wanted: float,
    power: float = 0.0,
    factors: Floats | None = None,
    zones: Sequence[str] = (),
    progress: Progress | None = None,
    purpose: str = "trips",
    unit: str = "",
) -> Distribution:
    """Distribute trips with the b that gives a mean cost: the dearer trips are, the smaller the mean.

    The mean falls as b grows, so that what is wanted lies between two b; these are brought together by the false
    position (Illinois), from Hyman's first guess of 1 / mean, until the mean is within 1e-6 of it.

    Parameters
    ----------
    purpose, unit : str
        Of the trips and of the costs, for the error.

    Raises
    ------
    ModelError
        If no b gives it; the message has the range that can be had.
    """
    made: list[Distribution] = []

    def at(parameter: float) -> float:
        made.append(distribute(origins, destinations, cost, function, parameter, power, factors, zones, progress))
        return made[-1].mean - wanted

    told = {"purpose": purpose, "unit": f" {unit}" if unit else ""}
    low, off_low, high, off_high = _bracket(at, 1.0 / wanted if function != POWER else 1.0, wanted, told)
    side = 0
    for _ in range(_ROUNDS):
        if abs(made[-1].mean - wanted) <= _CLOSE * wanted:
            break
        middle = (low * off_high - high * off_low) / (off_high - off_low)
        off = at(middle)
        if off > 0:
            low, off_low, off_high = middle, off, off_high / 2 if side > 0 else off_high
        else:
            high, off_high, off_low = middle, off, off_low / 2 if side < 0 else off_low
        side = 1 if off > 0 else -1
    best = min(made, key=lambda one: abs(one.mean - wanted))
    return best._replace(rounds=len(made))


def _bracket(
    at: Callable[[float], float], guess: float, wanted: float, told: dict[str, str]
) -> tuple[float, float, float, float]:
    """Return a b that gives too large a mean and one that gives too small a one, each with by how much."""
    low, off = 0.0, at(0.0)
    if off < -_CLOSE * wanted:  # people would have to like cost
        raise ModelError(
            "{purpose}: a mean of {wanted:.3g}{unit} cannot be had: even where cost does not matter it is "
            "{found:.3g}{unit}.",
            hint="Look at the unit of the costs, or choose a smaller mean.",
            wanted=wanted,
            found=off + wanted,
            purpose=told["purpose"],
            unit=told["unit"],
        )
    high = guess
    for _ in range(_STEPS):
        try:
            next_off = at(high)
        except ModelError:  # so steep that no trips are left for some zones: the mean before it is the smallest
            break
        if next_off <= 0:
            return low, off, high, next_off
        low, off, high = high, next_off, 2.0 * high
    raise ModelError(
        "{purpose}: a mean of {wanted:.3g}{unit} cannot be had: these totals and costs allow no less than about "
        "{found:.3g}{unit}.",
        hint="Look at the unit of the costs, or choose a larger mean.",
        wanted=wanted,
        found=off + wanted,
        purpose=told["purpose"],
        unit=told["unit"],
    )
