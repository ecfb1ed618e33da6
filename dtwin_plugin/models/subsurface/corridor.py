"""Where a new pipe fits: the cheapest way between two places through ground that is free, and alternatives to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Grid
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress, Silent

from .claims import Block, clearance
from .clash import Objects
from .required import Required

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_APART = 1.5  # m from a way found before within which another one costs more, so that it takes another side
_SAMPLES = 8  # places of a straight line that are looked at in each cell
# A place between those lies at most half the diagonal of a cell plus half a sample from a middle that was looked at, so
# that a way that keeps this much more from everything at the middles keeps what is required everywhere.
_BETWEEN = 3**0.5 / 2 + 0.5 / _SAMPLES  # of a cell
_AGAIN = 3.0  # times what it costs there


@dataclass(frozen=True)
class Wanted:
    """What is to be laid.

    Attributes
    ----------
    kind : str
        What it is, as in the table of required distances.
    diameter : float
        Outer diameter [m].
    cover, deepest : float
        The least depth of its top and the greatest depth of its bottom below the ground [m].
    depth_cost : float
        How much more a metre of pipe costs for each metre that its axis lies deeper [m-1].
    risk_cost : float
        How many times more a metre costs where something may lie too near, given the uncertainties [1].
    upright_cost : float
        How many times more a metre up or down costs than one along [1].
    """

    kind: str
    diameter: float
    cover: float
    deepest: float
    depth_cost: float = 0.3
    risk_cost: float = 5.0
    upright_cost: float = 3.0


@dataclass(frozen=True)
class Way:
    """A way found: its points (n, 3) [m; z in m NAP], relative cost [m], and how it lies.

    `nearest` is the least room beside what is required [m], at most 1 m; below 0 the uncertainties leave too little.
    `risky` is the length along which that is so [m].
    """

    points: Floats
    cost: float
    nearest: float
    risky: float

    @property
    def length(self) -> float:
        """Length in space [m]."""
        return float(np.linalg.norm(np.diff(self.points, axis=0), axis=1).sum())


def costs(
    block: Block, present: Objects, table: Required, wanted: Wanted, terrain: Grid, progress: Progress | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what each cell costs, infinite where the pipe may not lie, and the room beside what is required [m].

    The room is as drawn where the uncertainties leave enough, and what they leave elsewhere, which is below 0.

    The axis keeps half the diameter plus the required distance from everything as drawn, its top and bottom the depths
    that are asked. Where the uncertainties of what is there take the room away, the cell costs more.
    """
    progress = progress or Silent()
    radius = wanted.diameter / 2
    x, y = np.meshgrid(block.middles(0), block.middles(1), indexing="ij")
    depth = (terrain.sample(x, y)[:, :, None] - block.middles(2)).astype(np.float32)
    room, sure = np.full(block.shape, 1.0, np.float32), np.full(block.shape, 1.0, np.float32)
    kinds = sorted(set(present.kinds))
    of_body = np.array([kinds.index(kind) for kind in present.kinds], np.int64)[present.bodies.owner]
    for number, kind in enumerate(kinds):
        chosen = np.flatnonzero(of_body == number)
        needed = radius + table.distance(wanted.kind, kind) + _BETWEEN * block.step
        for target, doubtful in ((room, False), (sure, True)):
            field = clearance(block, present.bodies, chosen, needed + 1.0, doubtful, progress)
            np.minimum(target, field - np.float32(needed), out=target)
    allowed = (room >= 0) & (depth - radius >= wanted.cover) & (depth + radius <= wanted.deepest)
    cost = 1 + np.float32(wanted.depth_cost) * depth
    cost = np.where(sure < 0, cost * np.float32(wanted.risk_cost), cost)
    return np.where(allowed, cost, np.float32(np.inf)).astype(np.float32), np.where(sure < 0, sure, room)


def ways(
    block: Block,
    cost: NDArray[np.float32],
    room: NDArray[np.float32],
    start: Floats,
    goal: Floats,
    wanted: Wanted,
    count: int = 3,
) -> list[Way]:
    """Return the cheapest way between two places on the map, and up to `count` - 1 others, the cheapest first.

    Parameters
    ----------
    cost, room : ndarray
        As `costs` gives them, shape (x, y, z) of the block: of a metre through each cell [1], infinite where the pipe
        may not lie, and the room beside what is required [m].
    start, goal : ndarray
        x, y [m], shape (2,).

    Raises
    ------
    InputError
        If nothing fits at an end, or no way joins them.
    """
    from .corridor_kernels import cheapest

    ends = [_end(block, cost, place, wanted) for place in (start, goal)]
    found: list[Way] = []
    dear = cost.copy()
    for _ in range(count):
        cells, value = cheapest(dear, *ends, wanted.upright_cost)
        if not len(cells):
            break
        index = np.array(np.unravel_index(cells[::-1], block.shape)).T
        way = _way(block, cost, room, _straightened(index, cost), wanted)
        if all(not np.array_equal(way.points, other.points) for other in found):
            found.append(way)
        dear = np.where(_near(block, index), cost * np.float32(_AGAIN), dear)
    if not found:
        raise InputError(
            "No way of {diameter:g} m wide fits between both places.",
            hint="Allow more depth, a smaller distance or a larger area, or choose other places.",
            diameter=wanted.diameter,
        )
    return sorted(found, key=lambda way: way.cost)


def _end(block: Block, cost: NDArray[np.float32], place: Floats, wanted: Wanted) -> int:
    """Return the cheapest cell below a place on the map."""
    i, j = (int(np.floor((place[axis] - block.low[axis]) / block.step)) for axis in (0, 1))
    if not (0 <= i < block.shape[0] and 0 <= j < block.shape[1]):
        raise InputError("The place {place} lies outside the area.", place=(round(place[0], 1), round(place[1], 1)))
    if not np.isfinite(cost[i, j]).any():
        raise InputError(
            "Nothing of {diameter:g} m wide fits in the ground at {place}.",
            hint="Choose another place, or allow more depth or a smaller distance.",
            diameter=wanted.diameter,
            place=(round(float(place[0]), 1), round(float(place[1]), 1)),
        )
    return int(np.ravel_multi_index((i, j, int(np.argmin(cost[i, j]))), block.shape))


def _near(block: Block, index: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which columns lie near a way, but not near its ends, where all ways must go."""
    middles = np.zeros(block.shape[:2], bool)
    reach = int(np.ceil(_APART / block.step))
    for i, j, _ in index[2 * reach : max(2 * reach, len(index) - 2 * reach)]:
        middles[max(0, i - reach) : i + reach + 1, max(0, j - reach) : j + reach + 1] = True
    return np.broadcast_to(middles[:, :, None], block.shape)


def _straightened(index: NDArray[np.int64], cost: NDArray[np.float32]) -> NDArray[np.int64]:
    """Leave out the cells between which a straight line costs no more."""
    kept, at = [0], 0
    while at < len(index) - 1:
        last = at + 1
        for other in range(at + 2, len(index)):
            if _along(index[at], index[other], cost) > _path(index[at : other + 1], cost) * (1 + 1e-6):
                break
            last = other
        kept.append(last)
        at = last
    return index[kept]


def _along(a: NDArray[np.int64], b: NDArray[np.int64], cost: NDArray[np.float32]) -> float:
    """Return the cost of a straight line between two cells."""
    return float(cost[_between(a, b)].mean() * np.linalg.norm(b - a))


def _between(a: NDArray[np.int64], b: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """Return the cells of a straight line, some of them several times."""
    steps = _SAMPLES * int(np.ceil(np.linalg.norm(b - a))) + 1
    return tuple(np.rint(a + np.linspace(0, 1, steps)[:, None] * (b - a)).astype(np.int64).T)


def _path(cells: NDArray[np.int64], cost: NDArray[np.float32]) -> float:
    values = cost[tuple(cells.T)]
    return float((np.linalg.norm(np.diff(cells, axis=0), axis=1) * (values[1:] + values[:-1]) / 2).sum())


def _way(
    block: Block, cost: NDArray[np.float32], room: NDArray[np.float32], corners: NDArray[np.int64], wanted: Wanted
) -> Way:
    points = np.array(block.low) + (corners + 0.5) * block.step
    total, nearest, risky = 0.0, 1.0, 0.0
    for a, b in zip(corners[:-1], corners[1:]):
        length = float(np.linalg.norm(b - a)) * block.step
        cells = _between(a, b)
        here = room[cells]
        nearest = min(nearest, float(here.min()))
        risky += length * float((here < 0).mean())
        total += length * float(cost[cells].mean())
    return Way(points, total, nearest, risky)
