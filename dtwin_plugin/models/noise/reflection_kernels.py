"""By which walls sound can come to a receiver: its images in walls, and in those the images again.

Called by `level_kernels` and `route_kernels` only. What an image of the receiver sees of the map is a beam: what lies
behind the stretch of wall that it looks through. A source outside the beam has no way by those walls.

References
----------
C: Directive (EU) 2015/996 (2015), annex, section 2.5.6, reflections by image sources on vertical obstacles.
Allen and Berkley (1979), Image method for efficiently simulating small-room acoustics, doi:10.1121/1.382599.
"""

from __future__ import annotations

import math

import numpy as np

from .ground_kernels import Array, njit
from .scene import BUILDING

MOST = 100_000  # rows of walls for one receiver at most
OFF = 0.01  # m: how far before a wall a path is reflected, so that it does not cross it
_MARGIN = 0.05  # m: beams are taken so much wider; the route itself is looked at exactly
_OWN = 0.5  # m: a wall so near is that of the receiver's own facade, where only the sound that comes to it counts


@njit
def beside(piece: Array, x: float, y: float) -> float:
    """Return the shortest distance on the map from a place to a wall."""
    dx, dy = piece[2] - piece[0], piece[3] - piece[1]
    x, y = x - piece[0], y - piece[1]
    along = min(max((x * dx + y * dy) / max(dx * dx + dy * dy, 1e-12), 0.0), 1.0)
    return math.hypot(x - along * dx, y - along * dy)


@njit
def near_walls(scene: tuple, receiver: Array, reach: float, apart: float) -> Array:
    """Return the pieces within a distance of a receiver that reflect, and that lie farther from it than `apart`."""
    kinds, owners, index, takes = scene[1], scene[2], scene[3], scene[6]
    starts, members, left, bottom, cell, columns, rows = index
    found = np.empty(0, np.int64)
    if reach <= 0.0 or columns == 0:
        return found
    marked = set()
    for row in range(
        max(int((receiver[1] - reach - bottom) / cell), 0), int((receiver[1] + reach - bottom) / cell) + 1
    ):
        for column in range(
            max(int((receiver[0] - reach - left) / cell), 0), int((receiver[0] + reach - left) / cell) + 1
        ):
            if row < rows and column < columns:
                place = row * columns + column
                for k in range(starts[place], starts[place + 1]):
                    marked.add(members[k])
    found = np.empty(len(marked), np.int64)
    n = 0
    for k in marked:
        reflects = kinds[k] <= 1 and takes[owners[k]].min() < 1.0
        if reflects and beside(scene[0][k], receiver[0], receiver[1]) > apart:
            found[n] = k
            n += 1
    return np.sort(found[:n])  # sums do not depend on the order of a set


@njit
def image(piece: Array, x: float, y: float) -> tuple[float, float]:
    """Return a place mirrored in the line of a piece."""
    dx, dy = piece[2] - piece[0], piece[3] - piece[1]
    off = 2.0 * (dx * (y - piece[1]) - dy * (x - piece[0])) / max(dx * dx + dy * dy, 1e-12)
    return x + off * dy, y - off * dx


@njit
def side_of(piece: Array, x: float, y: float) -> float:
    """Return on which side of a piece a place lies: above 0 on the left, which is the inside of a building."""
    return (piece[2] - piece[0]) * (y - piece[1]) - (piece[3] - piece[1]) * (x - piece[0])


@njit
def reflection_point(piece: Array, a: Array, b: Array) -> tuple[float, float, float, float]:
    """Return where a piece reflects sound from a to b: x, y, height and its top; -inf where it does not."""
    dx, dy = piece[2] - piece[0], piece[3] - piece[1]
    of_a, of_b = side_of(piece, a[0], a[1]), side_of(piece, b[0], b[1])
    if of_a * of_b <= 0.0:
        return 0.0, 0.0, 0.0, -np.inf  # on different sides
    share = of_a / (of_a + of_b)
    image_x, image_y = image(piece, a[0], a[1])
    x, y = image_x + share * (b[0] - image_x), image_y + share * (b[1] - image_y)
    u = ((x - piece[0]) * dx + (y - piece[1]) * dy) / max(dx * dx + dy * dy, 1e-12)
    z = a[2] + share * (b[2] - a[2])
    top = piece[4] + u * (piece[5] - piece[4])
    if u < 0.0 or u > 1.0 or z >= top:
        return 0.0, 0.0, 0.0, -np.inf  # beside the wall, or over it
    out = OFF / math.sqrt(dx * dx + dy * dy) * (1.0 if of_a > 0.0 else -1.0)
    return x - out * dy, y + out * dx, z, top


@njit
def _clipped(low: float, high: float, at_start: float, at_end: float) -> tuple[float, float]:
    """Return the part of a stretch (0 to 1) in which a number that goes evenly from start to end is above 0."""
    if at_start <= 0.0 and at_end <= 0.0:
        return 1.0, 0.0
    if at_start < 0.0:
        low = max(low, at_start / (at_start - at_end))
    elif at_end < 0.0:
        high = min(high, at_start / (at_start - at_end))
    return low, high


@njit
def _cross(from_x: float, from_y: float, x1: float, y1: float, x2: float, y2: float) -> float:
    return (x1 - from_x) * (y2 - from_y) - (y1 - from_y) * (x2 - from_x)


@njit
def _seen(beam: Array, piece: Array, found: Array) -> bool:
    """Put the beam of the image of a beam's eye in a piece in `found`; return whether the beam meets the piece at all.

    A beam is x and y of its eye and of both ends of the stretch that it looks through, of which the second end lies to
    the left as seen from the eye.
    """
    x, y = beam[0], beam[1]
    ends = np.empty((2, 3))
    for k in range(2):
        to_x, to_y = piece[2 * k], piece[2 * k + 1]
        ends[k, 0] = _cross(x, y, beam[2], beam[3], to_x, to_y)
        ends[k, 1] = _cross(x, y, to_x, to_y, beam[4], beam[5])
        ends[k, 2] = -_cross(beam[2], beam[3], beam[4], beam[5], to_x, to_y)  # above 0 beyond the stretch
    low, high = 0.0, 1.0
    for k in range(3):
        low, high = _clipped(low, high, ends[0, k], ends[1, k])
        if high - low < 1e-9:
            return False
    dx, dy = piece[2] - piece[0], piece[3] - piece[1]
    found[0], found[1] = image(piece, x, y)
    found[2], found[3] = piece[0] + low * dx, piece[1] + low * dy
    found[4], found[5] = piece[0] + high * dx, piece[1] + high * dy
    if _cross(found[0], found[1], found[2], found[3], found[4], found[5]) < 0.0:
        for k in range(2):
            found[2 + k], found[4 + k] = found[4 + k], found[2 + k]
    return True


@njit
def images_of(scene: tuple, receiver: Array, reach: float, order: int) -> tuple[Array, Array]:
    """Return by which walls sound may come to a receiver, and the beam of each way.

    Walls are those within a distance of the receiver. The last one before it is not its own facade.

    Returns
    -------
    tuple
        int64, shape (n, order): the pieces on a way from the receiver on, -1 for none; and the beams, shape (n, 6).
        One row that begins with -1 stands for more than can be held.
    """
    pieces, kinds = scene[0], scene[1]
    last = near_walls(scene, receiver, reach if order > 0 else 0.0, _OWN)
    rows, beams = np.full((max(last.size, 1), max(order, 1)), -1, np.int64), np.empty((max(last.size, 1), 6))
    n = 0
    for w in last:
        piece = pieces[w]
        side = side_of(piece, receiver[0], receiver[1])
        if side == 0.0 or (kinds[w] == BUILDING and side > 0.0):
            continue
        rows[n, 0] = w
        beams[n, 0], beams[n, 1] = image(piece, receiver[0], receiver[1])
        swap = _cross(beams[n, 0], beams[n, 1], piece[0], piece[1], piece[2], piece[3]) < 0.0
        for k in range(4):
            beams[n, 2 + k] = piece[(k + 2) % 4 if swap else k]
        n += 1
    if order <= 1 or n == 0:
        return rows[:n], beams[:n]
    every = near_walls(scene, receiver, reach, -1.0)
    begin, made = 0, np.empty(6)
    for depth in range(1, order):
        end = n
        for k in range(begin, end):
            for w in every:
                side = side_of(pieces[w], beams[k, 0], beams[k, 1])
                if w == rows[k, depth - 1] or side == 0.0 or (kinds[w] == BUILDING and side > 0.0):
                    continue
                if not _seen(beams[k], pieces[w], made):
                    continue
                if n == MOST:
                    return np.full((1, order), -1, np.int64), np.zeros((1, 6))
                if n == rows.shape[0]:
                    rows = np.concatenate((rows, np.full(rows.shape, -1, np.int64)))
                    beams = np.concatenate((beams, np.empty(beams.shape)))
                rows[n, :depth], rows[n, depth], beams[n] = rows[k, :depth], w, made
                n += 1
        begin = end
    return rows[:n], beams[:n]


@njit
def in_beam(beam: Array, x: float, y: float) -> bool:
    """Return whether a source may lie in a beam."""
    first = _cross(beam[0], beam[1], beam[2], beam[3], x, y)
    last = _cross(beam[0], beam[1], x, y, beam[4], beam[5])
    if first > 0.0 and last > 0.0:
        return True
    wide = _MARGIN * math.hypot(beam[2] - beam[0], beam[3] - beam[1])
    if first < -wide:
        return False
    return last >= -_MARGIN * math.hypot(beam[4] - beam[0], beam[5] - beam[1])
