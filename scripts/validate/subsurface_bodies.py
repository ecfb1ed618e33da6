"""Bodies in the ground made at random, and their distances by brute force; `tests/models/subsurface` uses them too."""

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.models.subsurface.bodies import Bodies, bars, prisms
from dtwin_plugin.models.subsurface.distances import near

FAR = np.array([[1000.0]])  # m; a required distance that keeps every pair
# Brute force samples segments of at most 9 m in 90 steps and outlines of at most 3 m in 24; half of both is 0.11 m.
STEP = 0.15
SAMPLES = 91


def line(*points, diameter=0.0, doubt_xy=0.0, doubt_z=0.0):
    shape = Features(Geometries.build("line", [[[points]]]))
    return bars(shape, np.array([diameter]), np.array([doubt_xy]), np.array([doubt_z]))


def block(ring, low, high, doubt_xy=0.0, doubt_z=0.0, holes=(), kind="polygon", radius=0.0):
    shape = Features(Geometries.build(kind, [[[ring, *holes]]]))
    return prisms(shape, *(np.array([value]) for value in (low, high, radius, doubt_xy, doubt_z)))


def measured(a, b, table=FAR):
    kinds = np.zeros(len(a), np.int64), np.zeros(len(b), np.int64)
    return near(a, b, *kinds, table)


def random_bodies(random, count):
    """Return bars and prisms within 12 x 12 x 6 m, some of them uncertain."""
    pieces = []
    for _ in range(count):
        place = random.random(3) * [12, 12, 6]
        doubt = random.choice([0.0, 0.3, 1.0], 2)
        if random.random() < 0.5:
            end = place + random.normal(0, 2, 3)
            pieces.append(line(place, end, diameter=random.random(), doubt_xy=doubt[0], doubt_z=doubt[1]))
        else:
            angles = np.sort(random.random(5)) * 2 * np.pi
            ring = place[:2] + np.column_stack([np.cos(angles), np.sin(angles)]) * (0.5 + random.random((5, 1)))
            pieces.append(block([*ring, ring[0]], place[2], place[2] + random.random(), *doubt))
    return Bodies.concatenate([piece.numbered_from(number) for number, piece in enumerate(pieces)])


def samples(bodies, n):
    """Return points that fill a body: its axis, or a lattice of its rim and inside."""
    edges = bodies.edges[bodies.starts[n] : bodies.starts[n + 1]]
    t = np.linspace(0, 1, SAMPLES)[:, None]
    if bodies.is_bar[n]:
        return edges[0, :3] + t * (edges[0, 3:] - edges[0, :3])
    rim = np.concatenate([edge[:2] + t[::6] * (edge[3:5] - edge[:2]) for edge in edges])
    low, high = rim.min(axis=0), rim.max(axis=0)
    x, y = (value.ravel() for value in np.meshgrid(*(np.linspace(low[k], high[k], 25) for k in (0, 1))))
    inside = np.zeros(len(x), bool)
    for x1, y1, _, x2, y2, _ in edges:
        with np.errstate(divide="ignore", invalid="ignore"):
            inside ^= ((y1 > y) != (y2 > y)) & (x < x1 + (y - y1) / (y2 - y1) * (x2 - x1))
    return np.concatenate([rim, np.column_stack([x, y])[inside]])


def by_force(a, n, b, m, reach_xy, reach_z):
    """Return the distance of two bodies as the least of all pairs of sampled places."""
    one, two = samples(a, n), samples(b, m)
    flat = np.hypot(*(one[:, None, k] - two[None, :, k] for k in (0, 1)))
    heights = [
        (points[:, 2], points[:, 2])
        if bodies.is_bar[k]
        else (np.full(len(points), bodies.low[k]), np.full(len(points), bodies.high[k]))
        for bodies, k, points in ((a, n, one), (b, m, two))
    ]
    upright = np.maximum(0, np.maximum(heights[0][0][:, None] - heights[1][1], heights[1][0] - heights[0][1][:, None]))
    found = np.hypot(np.maximum(0, flat - reach_xy), np.maximum(0, upright - reach_z)).min()
    return max(0.0, found - sum(bodies.radius[k] for bodies, k in ((a, n), (b, m)) if bodies.is_bar[k]))


def against_force(seed, count):
    """Return, of count x count random pairs, brute force minus what was measured: as drawn, and at the least [m]."""
    random = np.random.default_rng(seed)
    a, b = random_bodies(random, count), random_bodies(random, count)
    found = measured(a, b)
    assert len(found.first) == count**2  # every pair is within 1 km
    drawn, least = np.empty(count**2), np.empty(count**2)
    for k, (n, m) in enumerate(zip(found.first, found.second)):
        drawn[k] = by_force(a, n, b, m, 0.0, 0.0) - found.drawn[k]
        reach = a.doubt_xy[n] + b.doubt_xy[m], a.doubt_z[n] + b.doubt_z[m]
        least[k] = by_force(a, n, b, m, *reach) - found.least[k]
    return drawn, least
