"""Sound by walls: images by hand, both ways, and which walls throw back at all."""

import numpy as np
import pytest

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.noise.air import absorption
from dtwin_plugin.models.noise.reflection_kernels import images_of
from dtwin_plugin.models.noise.roads import Roads
from dtwin_plugin.models.noise.route_kernels import reflected
from dtwin_plugin.models.noise.scene import WALL, Raster, buildings_of, pieces_of, scene_of
from dtwin_plugin.models.noise.transfer import Paths, transfer_of

AIR = np.zeros(8)
TOP, WIDE, TAKES = 60.0, 20.0, 0.2


def flat(*parts, owners, softness=0.0):
    raster = [Raster(np.full((100, 100), value, np.float32), -500.0, 500.0, 10.0) for value in (0.0, softness)]
    return scene_of(parts, np.full((owners, 8), TAKES), *raster)


def canyon(long=400.0):
    """Two facades of high buildings along a street of 20 m; the outside of both is in the street."""
    left = [(-long, -10), (long, -10), (long, -15), (-long, -15)]
    right = [(-long, 10), (long, 10), (long, 15), (-long, 15)]
    return flat(buildings_of([left, right], [TOP, TOP]), owners=2)


def spot(x, y, z=4.0):
    return np.array([(x, y, z, 0.0)])


def source(x, y, z=1.0):
    """A metre of road that stands for a point."""
    return Roads(np.array([(x - 0.5, y, z, x + 0.5, y, z)]), np.zeros(1, int))


def energy(scene, road, receiver, **how):
    made = transfer_of(scene, road, receiver, AIR, Paths(300.0, **how))
    return made.energy[0].astype(float)


def by_hand(a, b, order):
    """Return the sum of all images of a source between two walls at -10 and 10 m over hard ground, C 2.5.12.

    Hard ground gives 3 dB in still air; each wall leaves 80 percent, and edges 50 m higher take nothing.
    """
    total = 0.0
    for bounces in range(order + 1):
        for first in (1.0, -1.0) if bounces else (1.0,):
            y, side = a[1], first
            for _ in range(bounces):
                y, side = 2 * side * WIDE / 2 - y, -side
            square = (a[0] - b[0]) ** 2 + (y - b[1]) ** 2 + (a[2] - b[2]) ** 2
            total += (1 - TAKES) ** bounces * 10**-1.1 / square
    return total * 10**0.3


@pytest.mark.parametrize("order", [0, 1, 2, 3, 4])
def test_between_two_facades_it_is_the_sum_of_images(order):
    a, b = (0.0, -3.0, 1.0), (25.0, 4.0, 4.0)
    found = energy(canyon(), source(*a), spot(*b), reach=300.0, order=order)[0]
    # retrodiffraction over tops 55 m higher: nothing at all; paths stop 0.01 m before a wall
    assert 10 * np.log10(found / by_hand(a, b, order)) == pytest.approx(np.zeros(8), abs=0.01)


def test_each_order_adds_less_and_never_more_than_all_images():
    levels = [10 * np.log10(energy(canyon(), source(0, -3), spot(25, 4), reach=300.0, order=k)[0, 4]) for k in range(5)]
    more = np.diff(levels)
    assert (more > 0).all() and (np.diff(more) < 0).all()


@pytest.mark.parametrize("order", [1, 2, 3])
def test_source_and_receiver_may_change_places(order):
    there = energy(canyon(), source(0, -3, 4.0), spot(25, 4, 4.0), reach=300.0, order=order)[0]
    back = energy(canyon(), source(25, 4, 4.0), spot(0, -3, 4.0), reach=300.0, order=order)[0]
    assert 10 * np.log10(there / back) == pytest.approx(np.zeros(8), abs=0.01)


def test_a_mirrored_street_is_as_loud():
    one = energy(canyon(), source(0, -3), spot(25, 4), reach=300.0, order=3)
    other = energy(canyon(), source(0, 3), spot(25, -4), reach=300.0, order=3)
    assert one == pytest.approx(other, rel=1e-6)  # float32


def test_beams_find_every_way_that_walls_one_by_one_have():
    """All pairs of walls of a square with gaps, tried one by one, against those that beams keep."""
    given = [(-20, -12, 18, 1), (4, -12, 15, -2), (-20, 14, 16, 3), (2, 15, 19, 0), (-24, -9, 2, 20), (23, -8, -1, 18)]
    lines = [[(x, y, 9), (x + dx, y + dy, 9)] for x, y, dx, dy in given]
    scene = flat(pieces_of(WALL, lines, 0), owners=6)
    rng = np.random.default_rng(3)
    many = 0
    for _ in range(60):
        a, b = (np.array([*rng.uniform(-15, 15, 1), *rng.uniform(-8, 8, 1), z]) for z in (1.0, 4.0))
        rows, _ = images_of(scene, np.append(b, 0.0), 100.0, 2)
        kept = {tuple(row[row >= 0][::-1].tolist()) for row in rows}
        for first in range(6):
            for last in range(6):
                way = np.array([first, last])
                if first != last and reflected(scene, a, b, np.zeros(2), 0.0, AIR, way, np.empty((2, 8))):
                    many += 1
                    assert (first, last) in kept
    assert many > 50


def test_a_low_wall_and_one_that_takes_all_throw_nothing_back():
    def with_wall(top, takes=TAKES):
        scene = flat(pieces_of(WALL, [[(-50, 10, top), (50, 10, top)]], 0), owners=1)
        return scene._replace(absorption=np.full((1, 8), takes))

    a, b = source(0, 0, 0.05), spot(20, 0, 0.3)
    free = energy(with_wall(0.45), a, b)
    assert np.array_equal(energy(with_wall(0.45), a, b, reach=50.0, order=2), free)  # lower than 0.5 m
    assert (energy(with_wall(0.55), a, b, reach=50.0)[0] > free[0]).all()
    assert np.array_equal(energy(with_wall(5.0, 1.0), a, b, reach=50.0), energy(with_wall(5.0, 1.0), a, b))


def test_the_own_facade_throws_nothing_back_last_but_may_do_so_before():
    """At the left facade: image of the right one, and of left and right; that of the left alone is its own."""
    a, b = (0.0, -3.0, 1.0), (25.0, -9.9, 4.0)
    found = energy(canyon(), source(*a), spot(*b), reach=300.0, order=2)[0]
    total = 0.0
    for y, share in ((-3.0, 1.0), (23.0, 0.8), (37.0, 0.64)):  # of the right; first of the left, then of the right
        total += share * 10**-1.1 * 10**0.3 / (25.0**2 + (y - b[1]) ** 2 + 3.0**2)
    assert 10 * np.log10(found / total) == pytest.approx(np.zeros(8), abs=0.02)  # of 0.01 m at each wall, at 10 m


def test_more_ways_than_can_be_held_are_told():
    rng = np.random.default_rng(1)
    lines = [[(x, y, 9), (x + dx, y + dy, 9)] for x, y, dx, dy in rng.uniform(-40, 40, (400, 4))]
    scene = flat(pieces_of(WALL, lines, 0), owners=400)
    with pytest.raises(InputError, match="could not be calculated"):
        transfer_of(scene, source(0, 0), spot(20, 0), absorption(), Paths(300.0, reach=200.0, order=4))
