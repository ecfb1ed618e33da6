"""Which road makes the noise at a point: the level of each, by octave band, and its share of the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.data import Features
from dtwin_plugin.errors import InputError

from ..attributes import column_of, names_of
from .bands import A_WEIGHTING, BANDS, HOURS, PENALTIES, PERIODS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .transfer import Transfer

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

STREETS = ("STT_NAAM", "straatnaam", "street", "road", "naam", "name")  # columns with the name of a road
_AT_ONCE = 100_000  # pairs of a receiver and a road: some 20 MB
_WEIGHTS = HOURS / 24.0 * 10.0 ** (PENALTIES / 10.0)  # of the energy of each period in Lden


class RoadShares(NamedTuple):
    """The loudest groups of roads at receivers, the loudest of a receiver first.

    Attributes
    ----------
    receivers, groups, ranks : ndarray
        int64, row of the receiver, of the group, and its place from 1, shape (n,).
    periods : ndarray
        Level of day, evening and night [dB(A)], shape (n, 3); -inf for none.
    bands : ndarray
        Lden by octave band [dB(A)], shape (n, 8).
    shares : ndarray
        Of the energy of Lden at the receiver [percent], shape (n,).
    """

    receivers: Integers
    groups: Integers
    ranks: Integers
    periods: Floats
    bands: Floats
    shares: Floats


def groups_of(roads: Features, column: str) -> tuple[Integers, list[str]]:
    """Return the group that each road belongs to, and the names of the groups.

    Parameters
    ----------
    column : str
        Roads with the same value in it are one group; "" takes the name of the street, or else each road by itself.

    Raises
    ------
    InputError
        If the roads have no such column.

    Examples
    --------
    >>> from dtwin_plugin.data import Geometries
    >>> lines = Geometries.build("line", [[[[(0, 0), (1, 0)]]]] * 3)
    >>> roads = Features(lines, {"street": np.array(["Dam", "Rokin", "Dam"], object)})
    >>> [part if isinstance(part, list) else part.tolist() for part in groups_of(roads, "")]
    [[0, 1, 0], ['Dam', 'Rokin']]
    """
    name = column_of(roads, [column] if column else STREETS)
    if column and name is None:
        raise InputError(
            "The roads have no column {name}; they have {found}.",
            hint="Correct the column that groups roads, or leave it out.",
            name=column[:60],
            found=", ".join(roads.columns)[:300] or "-",
        )
    texts = names_of(roads)
    if name is not None:
        given = roads.columns[name].tolist()
        texts = [own if value is None or value == "" else str(value) for value, own in zip(given, texts)]
    titles, rows = np.unique(np.array(texts, object).astype(str), return_inverse=True)
    return rows.astype(np.int64), titles.tolist()


def road_shares(
    transfer: Transfer, powers: Floats, favourable: Floats, groups: Integers, most: int, first: int = 0
) -> RoadShares:
    """Return the loudest groups of roads at each receiver.

    Parameters
    ----------
    powers, favourable : ndarray
        As `levels_of` takes them.
    groups : ndarray
        int64, the group of each road.
    most : int
        How many of a receiver.
    first : int
        Number of the first receiver.

    Examples
    --------
    >>> from .transfer import Transfer
    >>> two = Transfer(np.array([0, 2]), np.array([0, 1]), np.full((2, 2, 8), 1e-4, np.float32))
    >>> found = road_shares(two, np.repeat([80.0, 83.0], 24).reshape(2, 3, 8), np.full(3, 0.5), np.array([0, 1]), 2)
    >>> found.groups.tolist(), found.shares.round().tolist()
    ([1, 0], [67.0, 33.0])
    """
    power = 10.0 ** ((powers + A_WEIGHTING) / 10.0)
    begin, made = 0, list[RoadShares]()
    while begin < len(transfer):
        last = int(np.searchsorted(transfer.starts, transfer.starts[begin] + _AT_ONCE, side="right")) - 1
        end = min(max(last, begin + 1), len(transfer))
        made.append(_some(transfer, power, favourable, groups, most, range(begin, end)))
        begin = end
    found = joined_shares(made)
    return found._replace(receivers=found.receivers + first)


def joined_shares(parts: Sequence[RoadShares]) -> RoadShares:
    """Return parts as one."""
    nothing = np.empty(0, np.int64)
    empty = RoadShares(
        nothing, nothing, nothing, np.empty((0, len(PERIODS))), np.empty((0, len(BANDS))), np.empty(0)
    )  # fmt: skip
    return RoadShares(*(np.concatenate(columns) for columns in zip(empty, *parts)))


def _some(
    transfer: Transfer, power: Floats, favourable: Floats, groups: Integers, most: int, which: range
) -> RoadShares:
    starts = transfer.starts[which.start : which.stop + 1]
    pairs = slice(int(starts[0]), int(starts[-1]))
    roads, energy = transfer.roads[pairs], transfer.energy[pairs].astype(float)
    by_period = np.stack(
        [((1.0 - share) * energy[:, 0] + share * energy[:, 1]) * power[roads, k] for k, share in enumerate(favourable)],
        axis=1,
    )
    receiver = np.repeat(np.arange(which.start, which.stop), np.diff(starts))
    kinds = int(groups.max()) + 1 if len(groups) else 1
    keys, row = np.unique(receiver * kinds + groups[roads], return_inverse=True)
    each = np.zeros((len(keys), *by_period.shape[1:]))
    np.add.at(each, row, by_period)
    weighed = np.einsum("p,npb->nb", _WEIGHTS, each)
    whole, owner = weighed.sum(axis=1), keys // kinds
    order = np.lexsort((keys, -whole, owner))
    order = order[whole[order] > 0.0]
    rank = np.arange(len(order)) - np.searchsorted(owner[order], owner[order], side="left") + 1
    order, rank = order[rank <= most], rank[rank <= most]
    total = np.bincount(owner, whole, minlength=which.stop)
    with np.errstate(divide="ignore"):
        periods, bands = 10.0 * np.log10(each[order].sum(axis=2)), 10.0 * np.log10(weighed[order])
    shares = 100.0 * whole[order] / total[owner[order]]
    return RoadShares(owner[order], keys[order] % kinds, rank.astype(np.int64), periods, bands, shares)
