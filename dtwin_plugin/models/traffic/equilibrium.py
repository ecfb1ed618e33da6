"""User equilibrium by paths: new shortest paths for all pairs, then trips moved between the paths until they are alike.

Each round finds the shortest paths at the times of the moment (which also tells the gap exactly), adds those that are
new, and sweeps over the pairs with more than one path (`sweep_kernels`) until what their trips can save is a small part
of the gap.

References
----------
L92 : Larsson, Patriksson (1992), Simplicial decomposition with disaggregated representation for the traffic assignment
    problem, Transportation Science 26(1), 4-17 (paths added, then the restricted problem solved).
J94, X18 : as of `sweep_kernels`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dtwin_plugin.errors import Cancelled, InputError

from .costs import Costs
from .graph import Floats
from .path_store import PathStore

if TYPE_CHECKING:
    from dtwin_plugin.progress import Progress

INNER = 0.005  # of the gap: what the trips on known paths may still save when new paths are looked for
SWEEPS = 60  # at most before new paths are looked for
PAIRS_AT_ONCE = 20_000  # of a sweep between two looks at whether the user wants to stop: 0.1 s


class Rivals(NamedTuple):
    """The pairs with more than one path, as `sweep_kernels.differ` writes them."""

    group: Any
    path_of: Any
    part: Any
    fixed: Floats
    flow: Floats
    parts: Any
    room: int


def first_load(store: PathStore, costs: Costs, preload: Floats, progress: Progress) -> None:
    """Put all trips on shortest paths, some bundles after others, at the times that the earlier ones leave."""
    volume = preload.copy()
    for block in store.blocks(beginning=True):
        known = store.paths
        store.load(block, costs.time(volume), 1.0, True, progress)
        volume += store.volume(known)


def gap_of(store: PathStore, time: Floats, own: Floats, least: float) -> float:
    """Return the relative gap: what could be saved on shortest paths, as a share of what all trips cost.

    Raises
    ------
    InputError
        If times are without end: then nothing is known of the gap, least of all that it is 0.
    """
    total = float(np.dot(time, own)) + store.constant()
    if not np.isfinite(total):
        raise InputError(
            "Traffic makes times of arcs so long that they are no numbers any more.",
            hint="Look for capacities near 0, a bpr_power of tens, and far too many trips.",
        )
    return (total - least) / total if total > 0 else 0.0


def look(store: PathStore, time: Floats, own: Floats, progress: Progress) -> float:
    """Add the paths that are shorter than those known, and return the gap."""
    return gap_of(store, time, own, sum(store.load(block, time, 0.0, False, progress) for block in store.blocks()))


def rivals_of(store: PathStore) -> Rivals:
    """Return the pairs that have a choice."""
    from .sweep_kernels import differ, rivals

    pairs, paths, arcs = rivals(store.first, store.following, store.length)
    group, path_of, part = np.empty(pairs + 1, np.int64), np.empty(paths, np.int32), np.empty(paths + 1, np.int64)
    fixed, flow, parts = np.empty(paths), np.empty(paths), np.empty(arcs, np.int32)
    used = differ(
        store.first, store.following, store.start, store.length, store.path_fixed, store.flow, store.arcs,
        np.zeros(store.graph.arcs, np.int32), group, path_of, part, fixed, flow, parts,
    )  # fmt: skip
    longest = int(np.diff(part).max(initial=0))
    room = max(2 * longest, int(np.diff(group).max(initial=0)))
    return Rivals(group, path_of, part, fixed, flow, parts[:used].copy(), room)


def even_out(store: PathStore, costs: Costs, volume: Floats, time: Floats, gap: float, progress: Progress) -> None:
    """Move trips between the paths of each pair until they save little; writes flows, volumes and times.

    Parameters
    ----------
    volume, time : ndarray
        Of each arc [pcu h-1] and [min], shape (arcs,).
    gap : float
        Share of all time that others may still save [1].
    """
    from .sweep_kernels import sweep

    found = rivals_of(store)
    pairs = len(found.group) - 1
    if not pairs:
        return
    total, stamp = float(np.dot(time, volume)), np.zeros(store.graph.arcs, np.int64)
    enough, idle = INNER * gap * total, np.zeros((pairs, 2), np.int8)
    for _ in range(SWEEPS):
        excess = 0.0
        for begin in range(0, pairs, PAIRS_AT_ONCE):
            if progress.is_cancelled():
                raise Cancelled
            excess += sweep(
                begin, min(begin + PAIRS_AT_ONCE, pairs), found.group, found.part, found.fixed, found.flow,
                found.parts, found.room, *costs.arrays, volume, time, stamp, idle, 0.2 * enough / pairs,
            )  # fmt: skip
        if excess <= enough:
            break
    store.flow[found.path_of] = found.flow


def equilibrium(
    store: PathStore, costs: Costs, preload: Floats, target: float, rounds: int, progress: Progress
) -> list[tuple[int, float]]:
    """Bring the trips into equilibrium; return the gap at the start of each round.

    Parameters
    ----------
    preload : ndarray
        float64, shape (arcs,): flow that is there anyway [pcu h-1].
    target : float
        Gap to reach.
    rounds : int
        At most.
    """
    first_load(store, costs, preload, progress)
    history: list[tuple[int, float]] = []
    for number in range(1, rounds + 1):
        own = store.volume()
        volume = own + preload
        time = costs.time(volume)
        gap = look(store, time, own, progress)
        history.append((number, gap))
        progress.report(_done(history, target), "Round {number}: gap {gap}", number=number, gap=f"{max(gap, 0.0):.1e}")
        if gap <= target or number == rounds:
            break
        even_out(store, costs, volume, time, gap, progress)
        if (store.flow[: store.paths] <= 0).mean() > 0.2:
            store.tidy()
    store.tidy()
    return history


def _done(history: list[tuple[int, float]], target: float) -> float:
    """Return how far the gap has come from the first to the one wanted, as its logarithm falls evenly."""
    first, now, target = (max(abs(gap), 1e-16) for gap in (history[0][1], history[-1][1], target))
    if now <= target or first <= target:
        return 1.0
    return float(np.clip(np.log(first / now) / np.log(first / target), 0.0, 0.99))
