"""Distances against hand arithmetic, against shapely-free brute force, and by symmetry."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.subsurface.bodies import Bodies, bars, prisms
from dtwin_plugin.models.subsurface.distances import near

FAR = np.array([[1000.0]])
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


def distance(a, b):
    found = measured(a, b)
    return found.drawn.min(), found.least.min()


SQUARE = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]


@pytest.mark.parametrize(("a", "b", "expected"), [
    (line((0, 0, 0), (10, 0, 0)), line((5, -5, 3), (5, 5, 3)), 3.0),  # crossing above each other
    (line((0, 0, 0), (10, 0, 0), diameter=1.0), line((5, -5, 3), (5, 5, 3), diameter=0.5), 2.25),
    (line((0, 0, 0), (10, 0, 0)), line((0, 2, 0), (10, 2, 0)), 2.0),  # parallel
    (line((0, 0, 0), (1, 0, 0)), line((4, 4, 0), (9, 9, 0)), 5.0),  # ends: 3, 4, 5
    (line((0, 0, 0), (0, 0, -9)), line((3, 4, -4), (3, 4, -4)), 5.0),  # upright, and a point
    (line((-3, 2, 5), (9, 2, 5)), block(SQUARE, 0, 2), 3.0),  # over the block, ends beyond it
    (line((1, 1, 1), (3, 3, 1)), block(SQUARE, 0, 2), 0.0),  # wholly inside
    (line((1, 1, 9), (3, 3, 1)), block(SQUARE, 0, 2), 0.0),  # comes down into it
    (line((7, 0, 6), (7, 4, 6)), block(SQUARE, 0, 2), 5.0),  # 3 beside and 4 above
    (line((-5, 2, 1), (9, 2, 1)), block(SQUARE, 0, 2), 0.0),  # through it
    (line((1.5, 1.5, 1), (2.5, 2.5, 1)), block(SQUARE, 0, 2, holes=[[(1, 1), (1, 3), (3, 3), (3, 1), (1, 1)]]), 0.5),
    (block(SQUARE, 0, 2), block([(7, 0), (9, 0), (9, 9), (7, 0)], 6, 7), 5.0),
    (block(SQUARE, 0, 2), block([(1, 1), (2, 1), (2, 2), (1, 1)], 0, 2), 0.0),
    (block(SQUARE, 0, 2), block([(1, 1), (2, 1), (2, 2), (1, 1)], 3, 4), 1.0),
    (block([(0, 0)], 0, 2, kind="point", radius=1.5), line((4, 0, 1), (4, 9, 1)), 2.5),  # an upright cylinder
    (block([(0, 0)], 0, 2, kind="point", radius=1.5), line((4.5, 0, 6), (4.5, 9, 6)), 5.0),  # 3 beside and 4 above
    (block([(0, 0)], 0, 2, kind="point", radius=1.5), line((1, 0, 5), (1, 0, 9)), 3.0),  # over its top
])  # fmt: skip
def test_distances_are_those_of_hand_arithmetic_both_ways(a, b, expected):
    # The golden section ends at 4e-10 of the length of a segment.
    assert distance(a, b)[0] == pytest.approx(expected, abs=1e-8)
    assert distance(b, a)[0] == pytest.approx(expected, abs=1e-8)


def test_the_least_distance_shrinks_by_each_direction_apart():
    a, b = line((0, 0, 0), (10, 0, 0), doubt_xy=1.0, doubt_z=0.5), line((0, 4, 4.5), (10, 4, 4.5), doubt_z=0.5)
    assert distance(a, b)[1] == pytest.approx(np.hypot(3.0, 3.5), abs=1e-8)
    crate = block([(0, 3), (9, 3), (9, 5), (0, 5), (0, 3)], -3, -2, doubt_xy=0.5)
    assert distance(a, crate)[1] == pytest.approx(np.hypot(1.5, 1.5), abs=1e-8)


def test_the_nearest_places_are_on_both():
    found = measured(line((0, 0, 0), (10, 0, 0)), block([(4, 3), (6, 3), (6, 5), (4, 5), (4, 3)], 4, 6))
    assert found.places[0, 1:3].tolist() == [0, 0] and found.places[0, 4:].tolist() == pytest.approx([3, 4])
    assert np.linalg.norm(found.places[0, :3] - found.places[0, 3:]) == pytest.approx(5.0)


def test_a_line_of_unknown_height_may_lie_anywhere_below_its_place():
    flat = line((0, 0, np.nan), (10, 0, np.nan))
    found = measured(flat, block([(4, 3), (6, 3), (6, 5), (4, 5), (4, 3)], -99, -98))
    assert np.isnan(found.drawn).all() and found.least.tolist() == pytest.approx([3.0]) and np.isinf(found.most).all()


def test_every_piece_of_a_line_belongs_to_it():
    shapes = Geometries.build(
        "line", [[[[(0, 0, 0), (1, 0, 0), (2, 0, 0)]]], [], [[[(5, 0, 0), (6, 0, 0)]], [[(7, 0, 0), (8, 0, 0)]]]]
    )
    zero = np.zeros(3)
    assert bars(Features(shapes), zero, zero, zero).owner.tolist() == [0, 0, 2, 2]
    flat = Geometries.build("polygon", [[[SQUARE]], [], [[SQUARE, [(1, 1), (2, 1), (2, 2), (1, 1)]]]])
    found = prisms(Features(flat), zero, zero + 1, zero, zero, zero)
    assert found.owner.tolist() == [0, 2] and found.starts.tolist() == [0, 4, 11]


def test_a_body_without_a_bottom_is_refused():
    with pytest.raises(InputError, match="its top at 1 and its bottom at nan m NAP"):
        block(SQUARE, np.nan, 1)


def random_bodies(random, count):
    pieces = []
    for _ in range(count):
        place = random.random(3) * [12, 12, 6]
        doubt = random.choice([0.0, 0.3, 1.0], 2)
        if random.random() < 0.5:
            pieces.append(
                line(
                    place, place + random.normal(0, 2, 3), diameter=random.random(), doubt_xy=doubt[0], doubt_z=doubt[1]
                )
            )
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
    flat = np.concatenate([rim, np.column_stack([x, y])[inside]])
    return flat


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


def test_a_thousand_random_pairs_are_as_brute_force_finds_them():
    random = np.random.default_rng(11)
    a, b = random_bodies(random, 32), random_bodies(random, 32)
    found = measured(a, b)
    assert len(found.first) == 1024  # every pair is within 1 km
    for k in range(len(found.first)):
        n, m = found.first[k], found.second[k]
        reach = a.doubt_xy[n] + b.doubt_xy[m], a.doubt_z[n] + b.doubt_z[m]
        for value, asked in ((found.drawn[k], (0.0, 0.0)), (found.least[k], reach)):
            force = by_force(a, n, b, m, *asked)
            assert -1e-7 <= force - value <= STEP, (n, m, asked)


def test_the_index_finds_the_same_pairs_as_a_look_at_all():
    random = np.random.default_rng(5)
    a, b = random_bodies(random, 60), random_bodies(random, 60)
    every, some = measured(a, b), measured(a, b, np.array([[0.8]]))
    expected = {
        (n, m)
        for n, m, drawn, least in zip(every.first, every.second, every.drawn, every.least)
        if least < 0.8 or drawn <= 0
    }
    assert set(zip(some.first, some.second)) == expected and 0 < len(expected) < 3600
