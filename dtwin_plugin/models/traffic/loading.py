"""Assignment without equilibrium: all or nothing, increments, and the method of successive averages (MSA).

References
----------
O11 : Ortuzar, Willumsen (2011), Modelling Transport, 4th edition, 10.5.4 (incremental) and 10.5.5 (MSA).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .costs import Costs
from .equilibrium import look
from .graph import Floats
from .path_store import PathStore

if TYPE_CHECKING:
    from dtwin_plugin.progress import Progress


def _put(store: PathStore, time: Floats, share: float, progress: Progress) -> float:
    return sum(store.load(block, time, share, True, progress) for block in store.blocks())


def incremental(
    store: PathStore, costs: Costs, preload: Floats, increments: int, progress: Progress
) -> list[tuple[int, float]]:
    """Put equal parts of the trips on the paths that are shortest with the parts before; one part = all or nothing.

    Returns
    -------
    history : list of tuple
        The number of parts, and the gap that they leave.
    """
    volume = preload.copy()
    for number in range(increments):
        _put(store, costs.time(volume), 1.0 / increments, progress)
        volume = store.volume() + preload
        progress.report((number + 1) / (increments + 1))
    own = store.volume()
    gap = look(store, costs.time(volume), own, progress)
    store.tidy()
    return [(increments, gap)]


def successive(
    store: PathStore, costs: Costs, preload: Floats, target: float, rounds: int, progress: Progress
) -> list[tuple[int, float]]:
    """Move a part of all trips, 1/2, 1/3, ... round after round, to the paths that are shortest now.

    Parameters
    ----------
    preload : ndarray
        What drives on each arc anyway [pcu h-1], shape (arcs,).
    target : float
        Gap at which it ends [1].

    Returns
    -------
    history : list of tuple
        The gap at the start of each round.
    """
    history: list[tuple[int, float]] = []
    _put(store, costs.time(preload), 1.0, progress)
    for number in range(1, rounds + 1):
        own = store.volume()
        time = costs.time(own + preload)
        history.append((number, look(store, time, own, progress)))
        progress.report(number / rounds)
        if history[-1][1] <= target or number == rounds:
            break
        share = 1.0 / (number + 1)
        store.flow[: store.paths] *= 1.0 - share
        _put(store, time, share, progress)
    store.tidy()
    return history
