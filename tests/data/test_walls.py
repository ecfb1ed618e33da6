"""Walls of footprints that come in parts, as those of city models do."""

import numpy as np
import pytest

from dtwin_plugin.data import Geometries
from dtwin_plugin.data.walls import walls_of

HALVES = [[(0, 0), (4, 0), (4, 3)], [(0, 0), (4, 3), (0, 3)]]
OTHER_HALVES = [[(0, 0), (4, 0), (0, 3)], [(4, 0), (4, 3), (0, 3)]]
OUTLINE = {(0, 0, 4, 0), (4, 0, 4, 3), (4, 3, 0, 3), (0, 3, 0, 0)}


def edges(*footprints):
    """Return the walls of footprints, each a list of rings without holes, as rows of x, y, x, y and the feature."""
    parts = [[[[*ring, ring[0]]] for ring in rings] for rings in footprints]
    walls = walls_of(Geometries.build("polygon", parts))
    return [(*row.astype(int).tolist(), owner) for row, owner in zip(
        np.hstack([walls.starts, walls.ends]), walls.features.tolist())]  # fmt: skip


@pytest.mark.parametrize("turned", [False, True])
def test_between_triangles_of_one_footprint_is_no_wall(turned):
    found = edges([ring[::-1] if turned and number else ring for number, ring in enumerate(HALVES)])
    assert len(found) == 4 and {edge[:4] for edge in found} == OUTLINE


def test_a_roof_over_its_ground_has_one_wall_around_both():
    found = edges(HALVES + OTHER_HALVES)
    assert len(found) == 4 and {edge[:4] for edge in found} == OUTLINE


def test_houses_in_a_row_keep_the_walls_between_them():
    assert len(edges(HALVES[:1], HALVES[1:])) == 6


def test_a_courtyard_keeps_its_walls():
    outer, inner = [(0, 0), (9, 0), (9, 9), (0, 9), (0, 0)], [(3, 3), (6, 3), (6, 6), (3, 6), (3, 3)]
    walls = walls_of(Geometries.build("polygon", [[[outer, inner]]]))
    middle = 0.5 * (walls.starts + walls.ends)
    toward = ((middle - 4.5) * walls.normals).sum(axis=1)
    assert (toward[:4] > 0).all() and (toward[4:] < 0).all() and len(toward) == 8


def test_no_footprint_has_no_wall():
    assert edges() == []
