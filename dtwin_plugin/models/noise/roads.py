"""Roads on the map as the pieces that their sound is calculated of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Geometries, Grid

    Floats = NDArray[np.float64]

HEIGHT = 0.05  # m above the road: where the directive has the sources of all vehicles, C 2.2.1
_ASIDE = 0.25  # m: a vertex so near the line between those that stay says nothing of sound
_STEEPEST = 12.0  # percent, C 2.2.13: what is more comes of heights that are not of the road


class Roads(NamedTuple):
    """Pieces of roads.

    Attributes
    ----------
    pieces : ndarray
        x and y of both ends with the height above the ground of each: x, y, height, x, y, height [m], shape (n, 6).
        Where some are on bridges shape (n, 8), with the height of the deck at both ends [m NAP], NaN for those on the
        ground; of bridges the height of the source is above that.
    features : ndarray
        int64, the row of the road that a piece belongs to; does not decrease.
    """

    pieces: Floats
    features: NDArray[np.int64]


def roads_of(
    lines: Geometries, above: float = HEIGHT, decks: Floats | None = None, silent: NDArray[np.bool_] | None = None
) -> Roads:
    """Return the pieces of roads, straight where the road is so within 0.25 m; sources lie `above` the ground [m].

    Parameters
    ----------
    decks : ndarray, optional
        Height of the deck at each coordinate [m NAP], NaN for what is on no bridge.
    silent : ndarray, optional
        bool, the roads that have no pieces.

    Examples
    --------
    >>> from dtwin_plugin.data import Geometries
    >>> bent = [[(0, 0), (5, 0.1), (10, 0), (10, 10)]]
    >>> roads_of(Geometries.build("line", [[bent]])).pieces.tolist()
    [[0.0, 0.0, 0.05, 10.0, 0.0, 0.05], [10.0, 0.0, 0.05, 10.0, 10.0, 0.05]]
    """
    over = decks is not None and bool(np.isfinite(decks).any())
    made, owners = [np.empty((0, 8 if over else 6))], [np.empty(0, np.int64)]
    rings = np.asarray(lines.rings)
    part = np.searchsorted(np.asarray(lines.parts), np.arange(len(rings) - 1), side="right") - 1
    feature = np.searchsorted(np.asarray(lines.features), part, side="right") - 1
    for number, (first, last) in enumerate(zip(rings[:-1], rings[1:])):
        xy = lines.coordinates[first:last, :2]
        high = decks[first:last] if over and decks is not None else np.full(len(xy), np.nan)
        on_bridge = bool(np.isfinite(high).all()) and len(high) > 0
        stay = np.ones(len(xy), bool) if on_bridge else _straightened(xy)  # a deck is bent upwards too
        xy, high = xy[stay], high[stay]
        new = np.concatenate([[True], (np.diff(xy, axis=0) != 0).any(axis=1)])[: len(xy)]
        xy, high = xy[new], high[new]
        if len(xy) < 2 or (silent is not None and silent[feature[number]]):
            continue
        height = np.full((len(xy) - 1, 1), above)
        parts = [xy[:-1], height, xy[1:], height]
        if over:
            parts += [high[:-1, None], high[1:, None]] if on_bridge else [np.full((len(xy) - 1, 2), np.nan)]
        made.append(np.hstack(parts))
        owners.append(np.full(len(xy) - 1, feature[number], np.int64))
    return Roads(np.concatenate(made), np.concatenate(owners))


def _straightened(xy: Floats) -> NDArray[np.bool_]:
    """Return which vertices of a line say something (Douglas and Peucker 1973)."""
    stay = np.zeros(len(xy), bool)
    if len(xy):
        stay[[0, -1]] = True
    todo = [(0, len(xy) - 1)]
    while todo:
        first, last = todo.pop()
        if last - first < 2:
            continue
        way, off = xy[last] - xy[first], xy[first + 1 : last] - xy[first]
        along = np.clip(off @ way / max(float(way @ way), 1e-12), 0.0, 1.0)
        away = np.hypot(*(off - along[:, None] * way).T)
        worst = int(away.argmax())
        if away[worst] > _ASIDE:
            stay[first + 1 + worst] = True
            todo += [(first, first + 1 + worst), (first + 1 + worst, last)]
    return stay


def slopes_of(lines: Geometries, ground: Grid, decks: Floats | None = None) -> Floats:
    """Return how steep each road is between its ends [percent], up in the direction in which it was drawn.

    Where an end has a height in `decks` (see `roads_of`) that counts. It is 0 where an end has no height or both ends
    are one place; no road counts for steeper than 12 percent.

    Examples
    --------
    >>> from dtwin_plugin.data import Geometries, Grid
    >>> ramp = Grid(np.array([[0.0, 0.5, 1.0]]), 0, 10, 10)
    >>> slopes_of(Geometries.build("line", [[[[(5, 5), (25, 5)]]]]), ramp).tolist()
    [5.0]
    """
    spans = lines.coordinate_spans()
    found = np.zeros(len(lines))
    filled = np.flatnonzero(np.diff(spans) > 1)
    xy = lines.coordinates[:, :2]
    step = np.concatenate([[0.0], np.hypot(*np.diff(xy, axis=0).T)]) if len(xy) else np.zeros(1)
    step[np.asarray(lines.rings)[:-1].clip(max=max(len(step) - 1, 0))] = 0.0  # from one part to the next
    gone = np.cumsum(step)
    first, last = spans[:-1][filled], spans[1:][filled] - 1
    long = gone[last] - gone[first]
    level = [ground.sample(*xy[ends].T).astype(float) for ends in (first, last)]
    if decks is not None:
        level = [np.where(np.isfinite(decks[ends]), decks[ends], z) for ends, z in zip((first, last), level)]
    rise = level[1] - level[0]
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = 100.0 * rise / long
    found[filled] = np.where(np.isfinite(slope), np.clip(slope, -_STEEPEST, _STEEPEST), 0.0)
    return found
