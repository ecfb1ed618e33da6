"""Rows and columns of a matrix brought to their totals in turns: Furness's method, iterative proportional fitting.

References
----------
Furness, K.P. (1965). Time function iteration. Traffic Engineering and Control 7, 458-460.
Fratar, T.J. (1954). Vehicular trip distribution by successive approximations. Traffic Quarterly 8, 53-65.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dtwin_plugin.data.matrices import listed
from dtwin_plugin.errors import Cancelled, InputError, ModelError
from dtwin_plugin.progress import Progress

Floats = NDArray[np.float64]

_APART = 1e-6  # relative difference of the totals of rows and columns: more than what rounding in a table makes
_LOST = 1e-4  # share of the trips that may be off where the zeros of a matrix do not let it fit, before it is refused


class Balanced(NamedTuple):
    """A matrix with its totals.

    Attributes
    ----------
    values : ndarray
        Shape (zones, zones): rows[i] * columns[j] * seed[i, j].
    rows, columns : ndarray
        The factors by which rows and columns of the seed were multiplied.
    rounds : int
        How often all rows and all columns were brought to their totals.
    error : float
        The largest difference of a row or column to its total, as a share of the mean total of the zones.
    """

    values: Floats
    rows: Floats
    columns: Floats
    rounds: int
    error: float


def furness(
    seed: Floats,
    origins: Floats,
    destinations: Floats,
    zones: Sequence[str] = (),
    tolerance: float = 1e-9,
    most: int = 1000,
    progress: Progress | None = None,
    start: Floats | None = None,
) -> Balanced:
    """Bring rows and columns of a matrix to totals; its zeros stay zeros.

    Parameters
    ----------
    seed : ndarray
        Shape (zones, zones), 0 or more.
    origins, destinations : ndarray
        Shape (zones,): totals of rows and of columns, with one sum.
    zones : sequence of str
        Names, for a message.
    tolerance : float
        The largest difference to a total, as a share of the mean total, at which it ends.
    most : int
        Rounds.
    start : ndarray, optional
        Factors of the columns to begin with, of a matrix like it.

    Raises
    ------
    InputError
        If a value is below 0, the sums differ, or a zone has a total and nothing but zeros.
    ModelError
        If the zeros of the matrix do not let it have the totals.

    Examples
    --------
    By hand: rows of 10 and 20, columns of 15 and 15, from a matrix of ones.

    >>> furness(np.ones((2, 2)), np.array([10.0, 20.0]), np.array([15.0, 15.0])).values.tolist()
    [[5.0, 5.0], [10.0, 10.0]]
    """
    names = zones or [str(row + 1) for row in range(len(origins))]
    _expect(seed, origins, destinations, names)
    mean = (float(origins.sum()) or 1.0) / max(len(origins), 1)
    columns = np.where(destinations > 0, 1.0 if start is None else start, 0.0)
    rows = np.zeros(len(origins))
    error, rounds = np.inf, 0
    while rounds < most and error > tolerance:
        rounds += 1
        rows = _factors(origins, seed @ columns)
        columns = _factors(destinations, seed.T @ rows)  # now the columns fit
        with np.errstate(over="ignore", invalid="ignore"):
            error = float(np.abs(rows * (seed @ columns) - origins).max(initial=0.0)) / mean
        if progress is not None and rounds % 8 == 0:
            progress.report(min(0.95, rounds / most))
            if progress.is_cancelled():
                raise Cancelled
    values = rows[:, None] * seed * columns
    if not np.isfinite(values).all() or not error <= max(tolerance, _LOST):
        off = np.abs(values.sum(axis=1) - origins)
        raise ModelError(
            "The matrix cannot have these totals after {rounds} rounds: its zeros do not let trips go where they must, "
            "most of all from zone {zone}.",
            hint="Put a small number where trips are possible, or look at the totals of that zone.",
            rounds=rounds,
            zone=names[int(np.argmax(np.nan_to_num(off, nan=np.inf)))],
        )
    return Balanced(values, rows, columns, rounds, error)


def _factors(totals: Floats, found: Floats) -> Floats:
    return np.divide(totals, found, out=np.zeros_like(totals), where=found > 0)


def _expect(seed: Floats, origins: Floats, destinations: Floats, names: Sequence[str]) -> None:
    for values in (seed, origins, destinations):
        if not (np.isfinite(values) & (values >= 0)).all():
            raise InputError("A matrix and its totals need numbers of 0 or more.")
    one, other = float(origins.sum()), float(destinations.sum())
    if abs(one - other) > _APART * max(one, other):
        raise InputError(
            "{one:.1f} trips begin and {other:.1f} end in all zones together; both must be the same.",
            hint="Balance the totals first.",
            one=one,
            other=other,
        )
    open_cells = (seed > 0) & (origins > 0)[:, None] & (destinations > 0)
    for totals, free in ((origins, open_cells.any(axis=1)), (destinations, open_cells.any(axis=0))):
        stuck = [names[row] for row in np.flatnonzero((totals > 0) & ~free)]
        if stuck:
            raise InputError(
                "Zones {zones} have trips, but no way to any other zone with trips.",
                hint="Look at the costs or the matrix of these zones.",
                zones=listed(stuck),
            )
