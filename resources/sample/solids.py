"""Closed solids of buildings: prisms, extruded profiles with dormers, hipped and L-shaped roofs, set-back tops.

A builder gives faces `(semantic, rings)` in local coordinates (u along the front, v to the back, z above the ground
floor); every directed edge of the result has its opposite in one other face, and the volume is positive.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

GROUND, ROOF, WALL = "GroundSurface", "RoofSurface", "WallSurface"
Point = tuple[float, float, float]
Face = tuple[str, list[list[Point]]]


def prism(ring: Sequence[Sequence[float]], height: float) -> list[Face]:
    """Raise a polygon to a flat roof."""
    base = [(float(x), float(y), 0.0) for x, y in ring]
    top = [(x, y, height) for x, y, _ in base]
    return _orient([(GROUND, [base[::-1]]), (ROOF, [top]), *_walls(base, top)])


def _walls(base: list[Point], top: list[Point]) -> list[Face]:
    n = len(base)
    return [(WALL, [[base[i], base[(i + 1) % n], top[(i + 1) % n], top[i]]]) for i in range(n)]


def profile(
    points: Sequence[tuple[float, float]],
    long: float,
    across: bool = False,
    dormers: Sequence[tuple[int, float, float]] = (),
) -> list[Face]:
    """Draw out a cross-section over a length.

    The section runs over v, and over u where `across` is true. A dormer is (edge of the section, from, to).
    """
    section = [(points[0][0], 0.0), *points, (points[-1][0], 0.0)]

    def place(t: float, p: tuple[float, float]) -> Point:
        return (p[0], t, p[1]) if across else (t, p[0], p[1])

    faces: list[Face] = []
    for i, (p, q) in enumerate(zip(section, [*section[1:], section[0]])):
        semantic = GROUND if i == len(section) - 1 else WALL if p[0] == q[0] else ROOF
        rings = [[place(0, p), place(0, q), place(long, q), place(long, p)]]
        for edge, t0, t1 in dormers:
            if edge == i - 1 and semantic == ROOF:
                hole, more = _dormer(p, q, t0, t1, place)
                rings.append(hole)
                faces += more
        faces.append((semantic, rings))
    faces.append((WALL, [[place(0, p) for p in section[::-1]]]))
    faces.append((WALL, [[place(long, p) for p in section]]))
    return _orient(faces)


def _dormer(
    p: tuple[float, float],
    q: tuple[float, float],
    t0: float,
    t1: float,
    place: Callable[[float, tuple[float, float]], Point],
) -> tuple[list[Point], list[Face]]:
    """Return the hole in the slope from p to q and the faces of the flat dormer above it."""
    low, high = (p, q) if p[1] < q[1] else (q, p)
    front, back = (tuple(a + f * (b - a) for a, b in zip(low, high)) for f in (0.2, 0.72))
    above = (front[0], back[1])
    ta, tb = (t1, t0) if low == p else (t0, t1)
    a, b, c, d = place(ta, front), place(tb, front), place(tb, back), place(ta, back)
    a2, b2 = place(ta, above), place(tb, above)
    faces = [(WALL, [[a, b, b2, a2]]), (WALL, [[b, c, b2]]), (WALL, [[d, a, a2]]), (ROOF, [[a2, b2, c, d]])]
    return [a, d, c, b], faces


def hip(width: float, depth: float, eave: float, ridge: float, hips: tuple[float, float]) -> list[Face]:
    """Roof a rectangle with a ridge along the front and a hip at each end; a hip of 0 is a gable."""
    base: list[Point] = [(0, 0, 0), (width, 0, 0), (width, depth, 0), (0, depth, 0)]
    e0, e1, e2, e3 = [(x, y, eave) for x, y, _ in base]
    r0, r1 = (hips[0], depth / 2, ridge), (width - hips[1], depth / 2, ridge)
    faces: list[Face] = [(GROUND, [base[::-1]]), (ROOF, [[e0, e1, r1, r0]]), (ROOF, [[e2, e3, r0, r1]])]
    faces += [(WALL, [[base[0], base[1], e1, e0]]), (WALL, [[base[2], base[3], e3, e2]])]
    for at_gable, a, b, ea, eb, r in (
        (hips[1] == 0, base[1], base[2], e1, e2, r1),
        (hips[0] == 0, base[3], base[0], e3, e0, r0),
    ):
        if at_gable:
            faces.append((WALL, [[a, b, eb, r, ea]]))
        else:
            faces += [(WALL, [[a, b, eb, ea]]), (ROOF, [[ea, eb, r]])]
    return _orient(faces)


def spire(width: float, depth: float, eave: float, top: float) -> list[Face]:
    """Raise a tower with a pyramid on it."""
    base: list[Point] = [(0, 0, 0), (width, 0, 0), (width, depth, 0), (0, depth, 0)]
    ring = [(x, y, eave) for x, y, _ in base]
    apex = (width / 2, depth / 2, top)
    roof: list[Face] = [(ROOF, [[ring[i], ring[(i + 1) % 4], apex]]) for i in range(4)]
    return _orient([(GROUND, [base[::-1]]), *_walls(base, ring), *roof])


def corner(ring: Sequence[Sequence[float]], wing: float, eave: float, ridge: float) -> list[Face]:
    """Roof an L of two equally wide wings: gables at both ends, a hip outside and a valley inside the corner."""
    base = [(float(x), float(y), 0.0) for x, y in ring]
    o, a, b, m, c, d = [(x, y, eave) for x, y, _ in base]
    rm = (wing / 2, wing / 2, ridge)
    ra, rb = (a[0], wing / 2, ridge), (wing / 2, c[1], ridge)
    faces: list[Face] = [(GROUND, [base[::-1]])]
    faces += [(ROOF, [[o, a, ra, rm]]), (ROOF, [[b, m, rm, ra]]), (ROOF, [[d, o, rm, rb]]), (ROOF, [[m, c, rb, rm]])]
    walls = _walls(base, [o, a, b, m, c, d])
    walls[1] = (WALL, [[base[1], base[2], b, ra, a]])
    walls[4] = (WALL, [[base[4], base[5], d, rb, c]])
    return _orient(faces + walls)


def stepped(
    ring: Sequence[Sequence[float]], height: float, top_ring: Sequence[Sequence[float]], top_height: float
) -> list[Face]:
    """Raise a polygon to a flat roof with a smaller, higher block within it."""
    base = [(float(x), float(y), 0.0) for x, y in ring]
    roof = [(x, y, height) for x, y, _ in base]
    foot = [(float(x), float(y), height) for x, y in top_ring]
    top = [(x, y, top_height) for x, y, _ in foot]
    return _orient(
        [(GROUND, [base[::-1]]), *_walls(base, roof), (ROOF, [roof, foot[::-1]]), *_walls(foot, top), (ROOF, [top])]
    )


def mill(radius: float, waist: float, height: float, top: float, sides: int = 8) -> list[Face]:
    """Raise a tapered polygon with a cap: a smock mill without its sails."""
    turn = [2 * math.pi * (i + 0.5) / sides for i in range(sides)]
    base = [(radius + radius * math.cos(t), radius + radius * math.sin(t), 0.0) for t in turn]
    ring = [(radius + waist * math.cos(t), radius + waist * math.sin(t), height) for t in turn]
    apex = (radius, radius, top)
    roof: list[Face] = [(ROOF, [[ring[i], ring[(i + 1) % sides], apex]]) for i in range(sides)]
    return _orient([(GROUND, [base[::-1]]), *_walls(base, ring), *roof])


def volume(faces: Sequence[Face]) -> float:
    """Return the enclosed volume [m3], positive where the faces look outward (divergence theorem)."""
    total = 0.0
    for _, rings in faces:
        for ring in rings:
            x0, y0, z0 = ring[0]
            for (ax, ay, az), (bx, by, bz) in zip(ring[1:], ring[2:]):
                total += x0 * (ay * bz - az * by) + y0 * (az * bx - ax * bz) + z0 * (ax * by - ay * bx)
    return total / 6.0


def normal(rings: Sequence[Sequence[Point]]) -> Point:
    """Return the normal of a face with the length of twice its area (Newell), holes taken off."""
    nx = ny = nz = 0.0
    for ring in rings:
        for (ax, ay, az), (bx, by, bz) in zip(ring, [*ring[1:], ring[0]]):
            nx, ny, nz = nx + ay * bz - az * by, ny + az * bx - ax * bz, nz + ax * by - ay * bx
    return nx, ny, nz


def area(rings: Sequence[Sequence[Point]]) -> float:
    """Return the area of a face [m2]."""
    nx, ny, nz = normal(rings)
    return math.sqrt(nx * nx + ny * ny + nz * nz) / 2.0


def slope_and_azimuth(ring: Sequence[Point]) -> tuple[float, float | None]:
    """Return the slope of a roof face and the compass direction it looks to [degrees]; None where it is flat."""
    nx, ny, nz = normal([[(x - ring[0][0], y - ring[0][1], z - ring[0][2]) for x, y, z in ring]])
    flat = math.hypot(nx, ny)
    slope = math.degrees(math.atan2(flat, abs(nz)))
    return slope, (math.degrees(math.atan2(nx, ny)) % 360.0 if slope > 1.0 else None)


def _orient(faces: list[Face]) -> list[Face]:
    if volume(faces) > 0:
        return faces
    return [(semantic, [ring[::-1] for ring in rings]) for semantic, rings in faces]
