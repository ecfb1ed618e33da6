"""How far bodies lie from each other, as they are drawn and at the least, given how far they may lie elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import Cancelled
from dtwin_plugin.progress import Progress, Silent

from .bodies import Bodies

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_AT_ONCE = 500  # bodies that are compared between two looks whether the user stops it


@dataclass(frozen=True)
class Pairs:
    """Bodies that may lie nearer to each other than is asked.

    Attributes
    ----------
    first, second : ndarray
        int64, shape (pairs,): numbers of the bodies.
    drawn : ndarray
        Distance as drawn [m], 0 where they touch; NaN where the height of one is not known.
    least : ndarray
        The least distance that is possible within both uncertainties [m].
    most : ndarray
        A distance that they surely do not exceed [m].
    required : ndarray
        What is asked [m].
    places : ndarray
        Shape (pairs, 6): the nearest place of each, as drawn [m].
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    drawn: Floats
    least: Floats
    most: Floats
    required: Floats
    places: Floats


def near(
    planned: Bodies,
    present: Bodies,
    planned_kind: NDArray[np.int64],
    present_kind: NDArray[np.int64],
    table: Floats,
    progress: Progress | None = None,
) -> Pairs:
    """Return the pairs whose least distance may be below what is required.

    Parameters
    ----------
    planned_kind, present_kind : ndarray
        int64, one a body: row and column of the table.
    table : ndarray
        Required distances [m].

    Raises
    ------
    MissingDependencyError
        If numba is not installed.
    Cancelled
        If the user stops it.
    """
    pieces = list(_pieces(planned, present, planned_kind, present_kind, table, progress or Silent()))
    first, second, result, places, required, shift = (np.concatenate(parts) for parts in zip(*pieces))
    drawn = result[:, 0]
    unknown = ~(planned.known[first.astype(np.int64)] & present.known[second.astype(np.int64)])
    kept = result[:, 1] < required
    kept |= drawn <= 0
    most = np.where(unknown, np.inf, drawn + shift)
    drawn = np.where(unknown, np.nan, drawn)
    return Pairs(*(part[kept] for part in (first, second, drawn, result[:, 1], most, required, places)))


def _pieces(
    planned: Bodies,
    present: Bodies,
    planned_kind: NDArray[np.int64],
    present_kind: NDArray[np.int64],
    table: Floats,
    progress: Progress,
) -> Iterator[tuple[NDArray[np.int64] | Floats, ...]]:
    from . import distance_kernels as kernels

    boxes, others = planned.boxes(), present.boxes()
    order = np.argsort(others[:, 0], kind="stable")
    others = others[order]
    reach = table.max(axis=1, initial=0.0)[planned_kind]
    widest = float(
        (others[:, 3] - others[:, 0] + 2 * present.doubt_xy[order]).max(initial=0.0) + table.max(initial=0.0)
    )
    widest += float(planned.doubt_xy.max(initial=0.0))
    own, other = arrays(planned), arrays(present)
    for start in range(0, max(1, len(planned)), _AT_ONCE):
        if progress.is_cancelled():
            raise Cancelled
        progress.report(start / max(1, len(planned)), "{done} bodies compared", done=start)
        part = slice(start, start + _AT_ONCE)
        left = boxes[part, 0] - reach[part] - planned.doubt_xy[part] - widest
        pairs = kernels.candidates(
            boxes[part],
            others,
            np.searchsorted(others[:, 0], left),
            reach[part] + planned.doubt_xy[part],
            reach[part] + planned.doubt_z[part],
            present.doubt_xy[order],
            present.doubt_z[order],
            order,
            widest,
        )
        first, second = pairs[:, 0] + start, pairs[:, 1]
        required = table[planned_kind[first], present_kind[second]]
        flat = planned.doubt_xy[first] + present.doubt_xy[second]
        upright = planned.doubt_z[first] + present.doubt_z[second]
        result, places = np.empty((len(first), 2)), np.empty((len(first), 6))
        kernels.measure(own, other, np.column_stack([first, second]), flat, upright, required, result, places)
        yield first, second, result, places, required, np.hypot(flat, upright)


def arrays(bodies: Bodies) -> tuple[NDArray[np.generic], ...]:
    """Return the arrays of bodies as the kernels take them."""
    return (
        bodies.is_bar,
        bodies.closed,
        bodies.radius,
        bodies.low,
        bodies.high,
        bodies.edges,
        bodies.starts,
    )
