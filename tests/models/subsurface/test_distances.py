"""Distances against hand arithmetic, against shapely-free brute force, and by symmetry."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.subsurface.bodies import bars, prisms
from scripts.validate.subsurface_bodies import STEP, against_force, block, line, measured, random_bodies


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


def test_a_thousand_random_pairs_are_as_brute_force_finds_them():
    for more in against_force(11, 32):
        assert (more >= -1e-7).all() and (more <= STEP).all()


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
