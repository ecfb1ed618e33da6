"""What a line of sight meets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data.picking import Faces, Tubes


def ray(seed):
    rng = np.random.default_rng(seed)
    origin = rng.uniform(-50, 50, 3)
    direction = rng.normal(size=3)
    return origin, direction / np.linalg.norm(direction)


def faces(corners, owners):
    """Triangles as faces."""
    closed = np.concatenate([corners, corners[:, :1]], axis=1).reshape(-1, 3)
    return Faces(closed, np.arange(len(corners) + 1) * 4, np.arange(len(corners) + 1), np.asarray(owners))


@given(st.integers(0, 10_000))
def test_faces_are_those_that_a_system_of_equations_finds(seed):
    """For every triangle: origin + t direction = a + u (b - a) + v (c - a), solved for u, v and t."""
    rng = np.random.default_rng(seed)
    corners = rng.uniform(-30, 30, (200, 1, 3)) + rng.uniform(-8, 8, (200, 3, 3))
    origin, direction = ray(seed + 1)
    sides = np.stack([corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]], axis=2)
    system = np.concatenate([sides, np.broadcast_to(-direction[:, None], (200, 3, 1))], axis=2)
    u, v, t = np.linalg.solve(system, (origin - corners[:, 0])[..., None])[..., 0].T
    met = np.flatnonzero((u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0))
    hit = faces(corners, np.arange(200)).first(origin, direction)
    if not len(met):
        assert hit is None
        return
    assert hit.owner == met[np.argmin(t[met])]
    assert hit.distance == pytest.approx(t[met].min(), rel=1e-9)


@given(st.integers(0, 10_000))
def test_tubes_are_as_close_as_many_points_along_them_say(seed):
    rng = np.random.default_rng(seed)
    ends = rng.uniform(-40, 40, (60, 2, 3))
    radii = rng.uniform(0.01, 3, 60)
    origin, direction = ray(seed + 1)
    hit = Tubes(ends, radii, np.arange(60)).first(origin, direction)
    shares = np.linspace(0, 1, 2001)[:, None, None]
    places = ends[:, 0] + shares * (ends[:, 1] - ends[:, 0]) - origin
    along = places @ direction
    apart = np.sqrt(np.maximum((places**2).sum(axis=2) - along**2, 0))
    nearest = np.argmin(apart, axis=0)
    close, far = apart[nearest, range(60)], along[nearest, range(60)]
    sure = (close < radii - 0.05) & (far > 0.2)  # 113 m in 2,000 pieces: samples lie 0.06 m apart
    maybe = (close < radii + 0.05) & (far > -0.2)
    if sure.any():
        assert hit is not None and hit.distance <= far[sure].min() + 0.2
    if hit is not None:
        assert maybe[hit.owner]
        surface = np.linalg.norm(places[:, hit.owner] + origin - hit.place, axis=1).min()
        assert surface <= radii[hit.owner] + 0.05  # on it, where the ray enters: not deeper, unless it began inside
        began = np.linalg.norm(places[:, hit.owner], axis=1).min()
        assert surface >= radii[hit.owner] - 0.05 or began < radii[hit.owner] + 0.05


def test_in_coordinates_of_the_country_a_wall_is_met_to_the_millimetre():
    wall = np.array([[[200_000.0, 450_000, 0], [200_010, 450_000, 0], [200_010, 450_000, 9]]])
    hit = faces(wall, np.array([1])).first(np.array([200_007.5, 449_000, 2.0]), np.array([0.0, 1, 0]))
    assert hit.distance == pytest.approx(1000, abs=1e-3) and hit.place == pytest.approx((200_007.5, 450_000, 2))


def test_what_lies_behind_or_is_thinner_than_nothing_is_not_met():
    flat = np.array([[[0.0, 0, 0], [1, 0, 0], [2, 0, 0]], [[0, 0, -1], [1, 0, -1], [0, 1, -1]]])
    triangles = faces(flat, np.array([1, 2]))
    up, down = np.array([0.0, 0, 1]), np.array([0.0, 0, -1])
    place = np.array([0.2, 0.2, 0.0])
    assert triangles.first(place, up) is None
    assert triangles.first(place, down).owner == 2
    nothing = faces(np.empty((0, 3, 3)), np.empty(0, int))
    assert nothing.first(place, down) is None
    assert Tubes(np.empty((0, 2, 3)), np.empty(0), np.empty(0, int)).first(place, down) is None


def test_a_thin_cable_is_as_thick_as_a_pixel():
    cable = Tubes(np.array([[[-50.0, 0, -100], [50, 0, -100]]]), np.array([0.01]), np.array([4]))
    down, beside = np.array([0.0, 0, -1]), np.array([0.0, 0.3, 0])
    assert cable.first(beside, down) is None
    assert cable.first(beside, down, pixel=0.004).owner == 4  # 0.4 m at 100 m


@pytest.mark.parametrize("turn", [1, -1])
def test_of_a_pipe_seen_along_its_length_the_near_end_counts_which_is_round(turn):
    ends = np.array([[[0.0, 0, 5], [0, 0, 9]]])[:, ::turn]
    hit = Tubes(ends, np.array([0.5]), np.array([1])).first(np.zeros(3), np.array([0.0, 0, 1]))
    assert hit.distance == pytest.approx(4.5)


def test_through_a_hole_and_past_a_notch_one_looks_on():
    outer = [(0, 0), (10, 0), (10, 10), (5, 4), (0, 10), (0, 0)]  # a notch from the north down to (5, 4)
    hole = [(2, 1), (2, 3), (4, 3), (4, 1), (2, 1)]
    turned = np.array([[x, 0.0, y] for x, y in outer + hole])  # upright, in the plane y = 0
    wall = Faces(turned, np.array([0, 6, 11]), np.array([0, 2]), np.array([5]))
    north = np.array([0.0, 1, 0])
    for x, z, seen in ((1, 1, True), (3, 2, False), (5, 6, False), (5, 3.9, True), (9, 8, True), (11, 1, False)):
        hit = wall.first(np.array([x, -7.0, z]), north)
        assert (hit is not None) == seen, (x, z)
        assert hit is None or (hit.owner, hit.distance) == (5, 7)
