"""Trips between zones as lines, the largest first, and what begins and ends in each zone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def desire_lines(
    trips: Floats, zones: Sequence[str], places: Floats, most: int, least: float, crs: str
) -> tuple[Features, float]:
    """Return a line for each pair of zones, both directions in one, and the share of the trips that they show.

    Trips within a zone have no line and do not count for the share.

    Parameters
    ----------
    places : ndarray
        Middles of the zones [m], shape (zones, 2).
    most : int
        Lines: the largest are kept.
    least : float
        Trips of both directions that a line must have.

    Examples
    --------
    >>> lines, share = desire_lines(np.array([[9.0, 3.0], [1.0, 0.0]]), ("a", "b"), np.eye(2), 10, 0.0, "EPSG:28992")
    >>> lines.columns["trips"].tolist(), lines.columns["trips_there"].tolist(), share
    ([4.0], [3.0], 1.0)
    """
    first, second = np.triu_indices(len(zones), 1)
    there, back = trips[first, second], trips[second, first]
    both = there + back
    order = np.argsort(-both, kind="stable")[:most]
    order = order[(both[order] > 0) & (both[order] >= least)][::-1]  # the largest is drawn last, on top
    pairs = [[[[places[one].tolist(), places[other].tolist()]]] for one, other in zip(first[order], second[order])]
    names = np.array(zones, object)
    columns: dict[str, Any] = {
        "from_zone": names[first[order]],
        "to_zone": names[second[order]],
        "trips": both[order],
        "trips_there": there[order],
        "trips_back": back[order],
        "distance": np.hypot(*(places[first[order]] - places[second[order]]).T) / 1000.0,
    }
    total = float(both.sum())
    units = {"trips": "d-1", "trips_there": "d-1", "trips_back": "d-1", "distance": "km"}
    lines = Features(Geometries.build("line", pairs), columns, units, crs, "desire lines")
    return lines, float(both[order].sum()) / total if total > 0 else 1.0


def zone_totals(trips: Floats) -> dict[str, Floats]:
    """Return columns with what begins, ends and stays in each zone.

    >>> zone_totals(np.array([[9.0, 3.0], [1.0, 0.0]]))["begin"].tolist()
    [12.0, 1.0]
    """
    begin, end = trips.sum(axis=1), trips.sum(axis=0)
    return {"begin": begin, "end": end, "within": np.diagonal(trips).copy(), "trips": begin + end}


def histogram(trips: Floats, cost: Floats, steps: int = 20) -> dict[str, list[float]]:
    """Return trips by classes of their cost: lower and upper edge, trips, share [percent].

    >>> histogram(np.array([[1.0, 3.0]]), np.array([[0.5, 1.5]]), 2)["share"]
    [25.0, 75.0]
    """
    used = (trips > 0) & np.isfinite(cost)
    top = float(cost[used].max()) if used.any() else 1.0
    step = _round_step(top / steps)
    edges = np.arange(int(np.ceil(top / step)) + 1) * step
    if edges[-1] <= top:
        edges = np.append(edges, edges[-1] + step)
    found, _ = np.histogram(cost[used], edges, weights=trips[used])
    total = float(found.sum()) or 1.0
    return {
        "from": edges[:-1].tolist(),
        "to": edges[1:].tolist(),
        "trips": found.tolist(),
        "share": (100.0 * found / total).tolist(),
    }


def _round_step(least: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at least this.

    >>> _round_step(0.3), _round_step(7)
    (0.5, 10.0)
    """
    size = 10.0 ** np.floor(np.log10(max(least, 1e-9)))
    return float(next(factor * size for factor in (1, 2, 5, 10) if factor * size >= least * (1 - 1e-9)))
