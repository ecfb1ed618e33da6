"""Holes and sections: what is in them, and where a line of sight comes to what is kept."""

import numpy as np
import pytest

from dtwin_plugin.data.cutting import BLOCK, BOX, CIRCLE, PLANE, STRIP, Hole, Section, enters, kept
from dtwin_plugin.errors import InputError


@pytest.mark.parametrize("shape", [CIRCLE, BOX])
def test_the_edge_of_a_hole_goes_round_it_once(shape):
    hole = Hole(112_000.0, 460_000.0, 20.0, shape)
    edge = hole.edge(step=0.5)
    assert (edge[0] == edge[-1]).all() and np.hypot(*np.diff(edge, axis=0).T).max() <= 0.51
    x, y = (edge - [hole.x, hole.y]).T
    area = 0.5 * (x[:-1] * y[1:] - x[1:] * y[:-1]).sum()  # above 0: counter-clockwise
    assert area == pytest.approx({CIRCLE: np.pi * 100, BOX: 400}[shape], rel=2e-3)
    middle = np.array([hole.x, hole.y])
    assert hole.has(*(middle + 0.99 * (edge - middle)).T).all()
    assert not hole.has(*hole.edge(wider=0.01, step=0.5).T).any()


@pytest.mark.parametrize("kind", [STRIP, PLANE, BLOCK])
def test_a_section_keeps_what_lies_on_its_side_and_within_its_width(kind):
    rng = np.random.default_rng(4)
    for _ in range(20):
        begin, end = rng.uniform(-50, 50, (2, 2))
        section = Section(*begin, *end, kind, rng.uniform(1, 30), rng.uniform(-20, 20), bool(rng.integers(2)))
        along = (end - begin) / section.length
        left = np.array([-along[1], along[0]])
        places = rng.uniform(-100, 100, (500, 2))
        aside, forward = (places - begin) @ left - section.shift, (places - begin) @ along
        expected = np.abs(aside) <= section.width / 2
        if kind == PLANE:
            expected = aside <= 0 if section.flipped else aside >= 0
        if kind == BLOCK:
            expected &= (forward >= 0) & (forward <= section.length)
        assert (kept(section.planes(), places) == expected).all()
        assert len(section.planes()) <= 8  # QGIS has no more


def test_a_ray_comes_to_what_is_kept_where_a_walk_along_it_does():
    rng = np.random.default_rng(5)
    steps, met = np.arange(0, 300, 0.05), 0
    for _ in range(1000):
        section = Section(*rng.uniform(-50, 50, 4), BLOCK, rng.uniform(5, 40))
        origin, direction = rng.uniform(-100, 100, 3), rng.normal(size=3)
        direction /= np.linalg.norm(direction)
        inside = kept(section.planes(), origin + steps[:, None] * direction)
        found = enters(section.planes(), origin, direction)
        if inside.any():
            met += 1
            assert found == pytest.approx(steps[inside.argmax()], abs=0.06)
        elif found < 299:  # it passes a corner between two steps
            assert not kept(section.planes(), origin + (found + 0.06) * direction)
    assert met > 100
    assert enters([], np.zeros(3), np.array([1.0, 0, 0])) == 0


def test_what_is_no_hole_or_section_is_refused():
    for wrong in ((0, 0, 0), (0, 0, -1), (np.nan, 0, 1), (0, 0, 1, "star")):
        with pytest.raises(InputError):
            Hole(*wrong)
    for wrong in ((0, 0, 0, 0), (0, 0, 1, 1, "slice"), (0, 0, 1, 1, STRIP, 0), (0, 0, np.inf, 1)):
        with pytest.raises(InputError):
            Section(*wrong)
