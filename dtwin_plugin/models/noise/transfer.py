"""What of the sound of each road comes to each receiver, by chunks of receivers in threads.

It does not know what drives: levels for any traffic follow from it at once. Each receiver is calculated by itself, so
that neither chunks nor threads change a bit of the result.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.offsets import offsets_of
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress, Silent

from ..compiling import awaited
from .bands import BANDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .roads import Roads
    from .scene import Scene

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

WEATHERS = 2  # still air, and downwind
_CHUNK = 16  # receivers in one call: between them a user may stop it
_AHEAD = 2  # calls that wait for each thread


@dataclass(frozen=True)
class Paths:
    """How sound is followed.

    Attributes
    ----------
    far : float
        Roads count up to this distance on the map [m].
    ratio : float
        A part of a road is at most so many times its distance long.
    sideways : bool
        Whether sound goes around upright edges too.
    reach : float
        Walls reflect within this distance of a receiver [m]; 0 for none.
    order : int
        How many walls one after another throw sound on at most.
    sector : float
        By the Dutch method 2: the largest angle under which a part of a road is seen [degrees]; 0 for the European one.
    """

    far: float = 500.0
    ratio: float = 0.25
    sideways: bool = False
    reach: float = 0.0
    order: int = 1
    sector: float = 0.0


@dataclass(frozen=True)
class Audible:
    """What drives, for a cut-off: parts of roads that cannot matter are left out.

    Attributes
    ----------
    weights : ndarray
        Power of a metre of each road with the A-weighting, times the share of the weather in the period, shape (roads,
        periods, 2, 8).
    share : float
        What is left out is at most so much of what is calculated, in each period.
    """

    weights: Floats
    share: float


def audible(powers: Floats, favourable: Floats, cutoff: float) -> Audible:
    """Return a cut-off [dB] for powers and shares as of `levels_of`.

    >>> found = audible(np.full((1, 1, 8), -np.inf), np.array([0.75]), 3.0103)
    >>> found.weights.shape, float(found.weights.max()), round(found.share, 4)
    ((1, 1, 2, 8), 0.0, 1.0)
    """
    from .bands import A_WEIGHTING

    shares = np.stack([1.0 - favourable, favourable], axis=1)
    weights = 10.0 ** ((powers + A_WEIGHTING) / 10.0)[:, :, None, :] * shares[:, :, None]
    return Audible(np.ascontiguousarray(weights), 10.0 ** (cutoff / 10.0) - 1.0)


@dataclass(frozen=True)
class Transfer:
    """What comes of roads to receivers.

    Attributes
    ----------
    starts : ndarray
        int64: the pairs of receiver k are those from starts[k] to starts[k + 1].
    roads : ndarray
        int64, the row of the road of each pair.
    energy : ndarray
        float32, shape (pairs, 2, 8): length times 10^(-A/10) [m], in still air and downwind, by octave band.
    """

    starts: Integers
    roads: Integers
    energy: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def head(self, count: int) -> Transfer:
        """Return that of the first receivers."""
        pairs = int(self.starts[: count + 1][-1])
        return Transfer(self.starts[: count + 1], self.roads[:pairs], self.energy[:pairs])


def chunks_of(
    scene: Scene,
    roads: Roads,
    receivers: Floats,
    air: Floats,
    how: Paths,
    *,
    loud: Audible | None = None,
    executor: Executor | None = None,
    threads: int | None = None,
    chunk: int = _CHUNK,
    progress: Progress | None = None,
) -> Iterator[Transfer]:
    """Yield what comes to the receivers, chunk after chunk in their order.

    Parameters
    ----------
    receivers : ndarray
        x, y, z and height of the ground [m], shape (n, 4).
    air : ndarray
        What air takes by octave band [dB/m].
    loud : Audible, optional
        A cut-off; what is found then holds for this traffic only. Default without one.
    executor : Executor, optional
        What runs the chunks; default as many threads as there are cores.

    Raises
    ------
    Cancelled
        Within a second of the wish. Calls that run are waited for, but not the first one of an installation: its
        kernels are compiled for a minute, which goes on for the next run.
    InputError
        If a path crosses more than can be held.
    """
    progress, threads = progress or Silent(), threads or os.cpu_count() or 1
    parts = [receivers[begin : begin + chunk] for begin in range(0, len(receivers), chunk)]
    waiting: list[Future[Transfer]] = []
    todo, done = iter(parts), 0
    own = ThreadPoolExecutor(threads) if executor is None else None
    pool = own or executor
    assert pool is not None
    try:
        while waiting or done < len(parts):
            for part in islice(todo, _AHEAD * threads - len(waiting)):
                waiting.append(pool.submit(_chunk, scene, roads, part, air, how, loud))
            found = awaited(waiting.pop(0), progress, _compiled)
            done += 1
            progress.report(done / len(parts))
            yield found
    finally:
        for future in waiting:
            future.cancel()
        if own is not None:
            own.shutdown(wait=_compiled())


def _compiled() -> bool:
    """Return whether the kernels are there in this process, compiled or read."""
    from . import cutoff_kernels, level_kernels

    return bool(level_kernels.transfer.signatures or cutoff_kernels.transfer_loudest.signatures)


def transfer_of(*given: Any, **options: Any) -> Transfer:
    """Return what comes to all receivers at once; arguments are those of `chunks_of`."""
    return joined(list(chunks_of(*given, **options)))


def joined(chunks: list[Transfer]) -> Transfer:
    """Return chunks as one."""
    counts = np.concatenate([np.empty(0, np.int64), *(np.diff(part.starts) for part in chunks)])
    return Transfer(
        offsets_of(counts),
        np.concatenate([np.empty(0, np.int64), *(part.roads for part in chunks)]),
        np.concatenate([np.empty((0, WEATHERS, len(BANDS)), np.float32), *(part.energy for part in chunks)]),
    )


def _chunk(
    scene: Scene, roads: Roads, receivers: Floats, air: Floats, how: Paths, loud: Audible | None = None
) -> Transfer:
    starts, chosen = _near(roads.pieces, receivers, how.far)
    energy = np.zeros((len(chosen), WEATHERS, len(BANDS)))
    counts = np.zeros(len(receivers), np.int64)
    receivers = np.ascontiguousarray(receivers)
    found = energy, counts
    if how.sector > 0.0:
        from .srm2_road_kernels import transfer_2

        limits = (how.far, how.ratio, float(np.radians(how.sector)))
        ends = np.ascontiguousarray(roads.pieces[:, [0, 1, 3, 4]])
        transfer_2(scene, ends, chosen, starts, receivers, limits, air, how.reach, how.order, *found)
    else:
        from .cutoff_kernels import transfer_loudest
        from .level_kernels import transfer

        pieces = (roads.pieces, roads.features, chosen, starts)
        whole = (scene, pieces, receivers, (how.far, how.ratio, air, how.sideways, how.reach, how.order))
        if loud is None:
            transfer(*whole, *found)
        else:
            transfer_loudest(*whole, loud.weights, loud.share, *found)
    if not np.isfinite(energy).all():
        raise no_path()
    return _by_road(starts, roads.features[chosen], energy)


def no_path() -> InputError:
    """Return that a path could not be calculated, and why that may be."""
    return InputError(
        "A path of sound could not be calculated: it crosses too many walls, or heights are wrong.",
        hint="Take a smaller largest distance, or look at the heights of terrain and roofs.",
    )


def _near(pieces: Floats, receivers: Floats, far: float) -> tuple[Integers, Integers]:
    """Return which pieces of road lie within a distance of each receiver, as the kernel takes them."""
    a, b = pieces[:, :2], pieces[:, 3:5]
    low, high = receivers[:, :2].min(axis=0) - far, receivers[:, :2].max(axis=0) + far
    near = np.flatnonzero(((np.minimum(a, b) <= high) & (np.maximum(a, b) >= low)).all(axis=1))
    a, way = a[near], (b - a)[near]
    square = np.maximum((way * way).sum(axis=1), 1e-12)
    rows = []
    for x, y in receivers[:, :2]:
        to_x, to_y = x - a[:, 0], y - a[:, 1]
        along = np.clip((to_x * way[:, 0] + to_y * way[:, 1]) / square, 0.0, 1.0)
        off_x, off_y = to_x - along * way[:, 0], to_y - along * way[:, 1]
        rows.append(near[off_x * off_x + off_y * off_y <= far * far])
    starts = offsets_of([len(row) for row in rows])
    return starts, np.concatenate([np.empty(0, np.int64), *rows])


def _by_road(starts: Integers, features: Integers, energy: Floats) -> Transfer:
    """Return the energy of pieces summed by the road that they are of."""
    receiver = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    new = np.ones(len(features), bool)
    new[1:] = (np.diff(features) != 0) | (np.diff(receiver) != 0)
    first = np.flatnonzero(new)
    total = np.add.reduceat(energy, first, axis=0) if len(first) else energy
    counts = np.bincount(receiver[first], minlength=len(starts) - 1)
    return Transfer(offsets_of(counts), features[first], total.astype(np.float32))


def levels_of(transfer: Transfer, powers: Floats, favourable: Floats) -> Floats:
    """Return the level in dB(A) of day, evening and night at each receiver, shape (receivers, 3) [dB].

    Parameters
    ----------
    powers : ndarray
        Sound power of a metre of each road [dB], by road, period and octave band; -inf where nothing drives.
    favourable : ndarray
        Share of each period in which it blows from road to receiver, 0 to 1.

    Returns
    -------
    ndarray
        -inf where no road with traffic lies within the distance.
    """
    from .bands import A_WEIGHTING

    power = 10.0 ** ((powers + A_WEIGHTING) / 10.0)
    found = np.zeros((len(transfer), power.shape[1]))
    filled = np.flatnonzero(np.diff(transfer.starts))
    if len(filled):
        energy = transfer.energy.astype(float)
        for period, share in enumerate(favourable):
            mixed = (1.0 - share) * energy[:, 0] + share * energy[:, 1]
            each = (mixed * power[transfer.roads, period]).sum(axis=1)
            found[filled, period] = np.add.reduceat(each, transfer.starts[filled])
    with np.errstate(divide="ignore"):
        return 10.0 * np.log10(found)
