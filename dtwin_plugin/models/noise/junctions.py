"""Crossings with lights and roundabouts, where vehicles brake and pull up.

References
----------
C: Directive (EU) 2015/996 (2015), annex, 2.2.17 and 2.2.18: what is added within 100 m of a junction falls evenly with
the distance to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..attributes import column_of
from .emission import CROSSING, JUNCTION_REACH, NO_JUNCTION, ROUNDABOUT
from .roads import Roads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Geometries

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

KIND = ("kind", "junction", "soort", "type")  # columns
KINDS = {
    **dict.fromkeys(("1", "1.0", "lights", "traffic_signals", "verkeerslicht", "verkeerslichten", "vri"), CROSSING),
    **dict.fromkeys(("2", "2.0", "roundabout", "mini_roundabout", "rotonde"), ROUNDABOUT),
}
SNAP = 15.0  # m: the point of a junction lies in the middle of it, and roads end where their lines meet
JOINED = 0.5  # m: ends of roads that lie so near are one place
STEP = (
    10.0  # m: what is added to propulsion is off by 0.45 dB at most at the ends of a section, and right in its middle
)


class Sections(NamedTuple):
    """Stretches of roads on which the same is emitted.

    Attributes
    ----------
    roads, kinds : ndarray
        int64, the road of each section, and `NO_JUNCTION`, `CROSSING` or `ROUNDABOUT`.
    away : ndarray
        Distance of its middle to the junction [m].
    """

    roads: Integers
    kinds: Integers
    away: Floats


def kinds_of(junctions: Features) -> Integers:
    """Return the kind of each junction; -1 for one that is not known. Without a column all have lights."""
    name = column_of(junctions, KIND)
    if name is None:
        return np.full(len(junctions), CROSSING, np.int64)
    texts = [str(value).strip().lower() for value in junctions.columns[name].tolist()]
    return np.array([KINDS.get(text, -1) for text in texts], np.int64)


def sections_of(roads: Roads, lines: Geometries, junctions: Features | None) -> tuple[Roads, Sections]:
    """Return roads cut into sections near junctions, whose pieces are numbered by section, and the sections.

    A junction counts for a road that passes within 15 m of it, and for those which go on from that road where no third
    one joins. The distance to it is straight. The first sections are the roads as they are.
    """
    count = len(lines)
    plain = Sections(np.arange(count), np.full(count, NO_JUNCTION, np.int64), np.full(count, np.inf))
    if junctions is None or not len(junctions) or not len(roads.pieces):
        return roads, plain
    chain = _chains(lines)
    spans = junctions.geometries.coordinate_spans()
    middle = junctions.geometries.coordinates[spans[:-1][np.diff(spans) > 0], :2]
    kinds = kinds_of(junctions)[np.diff(spans) > 0]
    reached = [set(chain[roads.features[_near(roads.pieces, place)]].tolist()) for place in middle]
    made, keys = list["Floats"](), list[tuple[int, int, int]]()
    for piece, feature in zip(roads.pieces, roads.features):
        some = [k for k in range(len(middle)) if chain[feature] in reached[k]]
        for part, (kind, ring) in _cut(piece, middle[some], kinds[some]):
            made.append(part)
            keys.append((int(feature), kind, ring))
    known = {(road, NO_JUNCTION, 0): road for road in range(count)}
    for key in keys:
        known.setdefault(key, len(known))
    numbers = np.array([known[key] for key in keys], np.int64)
    every = np.array(list(known), np.int64)
    away = np.where(every[:, 1] == NO_JUNCTION, np.inf, (every[:, 2] + 0.5) * STEP)
    order = np.argsort(numbers, kind="stable")
    return Roads(np.array(made)[order], numbers[order]), Sections(every[:, 0], every[:, 1], away)


def _near(pieces: Floats, place: Floats) -> NDArray[np.bool_]:
    """Return which pieces pass a junction."""
    a, way = pieces[:, :2], pieces[:, 3:5] - pieces[:, :2]
    along = np.clip(((place - a) * way).sum(axis=1) / np.maximum((way * way).sum(axis=1), 1e-12), 0.0, 1.0)
    return np.asarray(np.hypot(*(a + along[:, None] * way - place).T) <= SNAP)


def _cut(piece: Floats, middle: Floats, kinds: Integers) -> list[tuple[Floats, tuple[int, int]]]:
    """Return the parts of a piece, with the kind of the nearest junction and the number of its ring of `STEP` m.

    They are cut where the distance to a junction is a whole number of steps, and where another one is as near.
    """
    a, way = piece[:2], piece[3:5] - piece[:2]
    square = float(way @ way)
    shares = [0.0, 1.0]
    for k, place in enumerate(middle):
        off = a - place
        half, flat = float(off @ way) / square, float(off @ off) / square
        for radius in np.arange(STEP, JUNCTION_REACH + 1e-9, STEP):
            inside = half * half - flat + radius * radius / square
            if inside > 0.0:
                shares += [-half - inside**0.5, -half + inside**0.5]
        for other in middle[k + 1 :]:
            apart = other - place
            if abs(across := float(way @ apart)) > 1e-9:
                shares.append(float((0.5 * (place + other) - a) @ apart) / across)
    ends = np.unique(np.clip(shares, 0.0, 1.0))
    ends = ends[np.concatenate([[True], np.diff(ends) * square**0.5 > 1e-3])]
    ends[-1] = 1.0
    found = list[tuple["Floats", tuple[int, int]]]()
    for first, last in zip(ends[:-1], ends[1:]):
        part = piece.copy()
        part[:3] = piece[:3] + first * (piece[3:6] - piece[:3])
        part[3:6] = piece[:3] + last * (piece[3:6] - piece[:3])
        if len(piece) > 6:
            part[6:8] = piece[6] + np.array([first, last]) * (piece[7] - piece[6])
        key = (NO_JUNCTION, 0)
        if len(middle):
            away = np.hypot(*(a + 0.5 * (first + last) * way - middle).T)
            nearest = int(away.argmin())
            if away[nearest] < JUNCTION_REACH:
                key = (int(kinds[nearest]), int(away[nearest] // STEP))
        found.append((part, key))
    return found


def _chains(lines: Geometries) -> Integers:
    """Return which road each road is part of: roads are one where the ends of just two of them meet."""
    spans = lines.coordinate_spans()
    filled = np.flatnonzero(np.diff(spans) > 1)
    ends = np.concatenate([spans[:-1][filled], spans[1:][filled] - 1])
    owners = np.concatenate([filled, filled])
    whose: dict[tuple[int, int], list[int]] = {}
    for (x, y), road in zip(np.rint(lines.coordinates[ends, :2] / JOINED).astype(np.int64).tolist(), owners.tolist()):
        whose.setdefault((x, y), []).append(road)
    chain = np.arange(len(lines))
    for roads in whose.values():
        if len(roads) == 2 and chain[roads[0]] != chain[roads[1]]:
            chain[chain == chain[roads[1]]] = chain[roads[0]]
    return chain
