import numpy as np
import pytest

from dtwin_plugin.data import Geometries, Grid
from dtwin_plugin.data.coverage import coverage

CELLS = Grid(np.zeros((8, 10)), 0.0, 8.0, 1.0)


def area_of(ring):
    x, y = np.array(ring, float).T
    return abs((x[:-1] * y[1:] - x[1:] * y[:-1]).sum()) / 2


def covered(*rings):
    return coverage(Geometries.build("polygon", [[list(rings)]]), CELLS)


@pytest.mark.parametrize("turn", [1, -1])
def test_areas_are_exact_whichever_way_a_ring_runs(turn):
    random = np.random.default_rng(1)
    for _ in range(50):
        angles = np.sort(random.random(7)) * 2 * np.pi
        ring = np.column_stack([5 + 3.9 * np.cos(angles), 4 + 3.9 * np.sin(angles)])
        ring = np.vstack([ring, ring[:1]])[::turn]
        assert covered(ring).sum() == pytest.approx(area_of(ring), rel=1e-12)


def test_every_cell_is_exact():
    found = covered([(0, 0), (2, 2), (0, 2), (0, 0)])  # half of the lower left, none of the lower right
    assert found[6:, :2].tolist() == [[1.0, 0.5], [0.5, 0.0]]


def test_a_hole_is_left_out_and_parts_add_up():
    square, hole = [(1, 1), (5, 1), (5, 5), (1, 5), (1, 1)], [(2, 2), (3.5, 2), (3.5, 3), (2, 3), (2, 2)]
    for ring in (hole, hole[::-1]):
        assert covered(square, ring).sum() == pytest.approx(16 - 1.5)
    two = Geometries.build("polygon", [[[square], [[(6, 1), (7, 1), (7, 2.5), (6, 2.5), (6, 1)]]]])
    assert coverage(two, CELLS).sum() == pytest.approx(16 + 1.5)


def test_what_lies_beside_the_grid_counts_for_what_is_on_it():
    ring = [(-5, -5), (20, -5), (20, 3), (-5, 3), (-5, -5)]
    found = covered(ring)
    assert (found[5:] == 1).all() and (found[:5] == 0).all()
    assert (
        covered([(-9, 0), (-2, 0), (-2, 4), (-9, 0)]).sum() == 0 == covered([(12, 0), (15, 0), (15, 4), (12, 0)]).sum()
    )
