"""The line of a section, and the cells of the subsurface along it."""

import numpy as np
import pytest

from dtwin_plugin.data import Geometries
from dtwin_plugin.data.soils import COLOURS, LITHOCLASSES
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.subsurface.section_ground import cells_along, soil
from dtwin_plugin.models.subsurface.section_line import SectionLine
from dtwin_plugin.models.subsurface.section_shapes import flat
from tests.models.subsurface.section_cases import BENT, EAST, block, rectangle

ROUNDING = 1e-9  # of coordinates of some hundreds of metres in float64


# --- the line ---------------------------------------------------------------------------------------------------------


def test_a_line_with_bends_is_measured_along_itself():
    assert BENT.length == 120 and BENT.along.tolist() == [0, 30, 70, 120]
    assert BENT.at([0, 30, 50, 120]).tolist() == [[100, 50], [130, 50], [130, 70], [180, 90]]


def test_points_are_projected_square_to_the_line_left_is_positive():
    along, beside = BENT.nearest([(110, 53), (110, 46), (133, 70), (126, 70), (150, 90)])
    assert along.tolist() == [10, 10, 50, 50, 90]
    assert beside.tolist() == [3, -4, -3, 4, 0]


def test_a_point_beyond_an_end_has_no_place_on_the_line():
    along, _ = EAST.nearest([(95, 55), (207, 50)])
    assert along.tolist() == [-5, 107]


def test_repeated_points_of_a_line_are_one_and_a_line_without_length_is_refused():
    assert len(SectionLine.through([(0, 0), (0, 0), (1, 0), (1, 0)]).points) == 2
    for wrong in ([(0, 0), (0, 0)], [(0, 0)], [(0, 0), (np.nan, 1)]):
        with pytest.raises(InputError, match="has no length"):
            SectionLine.through(wrong)


def test_what_goes_through_a_bend_crosses_once():
    through = np.array([[131.0, 49.0]]), np.array([[129.0, 51.0]])
    found = BENT.crossings(*through)
    assert found.along.tolist() == [30.0]
    across = np.array([[120.0, 60.0]]), np.array([[140.0, 40.0]])
    assert len(BENT.crossings(*across).along) == 1


def test_a_line_through_a_polygon_with_a_bend_within_it_is_inside_once():
    found = BENT.inside(Geometries.build("polygon", [[[rectangle(120, 40, 20, 20)]]]), 0)
    assert found == [(20.0, 40.0)]


def test_holes_of_a_polygon_are_outside():
    ring = [rectangle(110, 40, 40, 20), rectangle(120, 45, 10, 10)]
    assert EAST.inside(Geometries.build("polygon", [[ring]]), 0) == [(10.0, 20.0), (30.0, 50.0)]


@pytest.mark.parametrize("seed", range(8))
def test_inside_a_polygon_is_as_long_as_points_say(seed):
    generator = np.random.default_rng(seed)
    angles = np.sort(generator.uniform(0, 2 * np.pi, 9))
    ring = 140 + np.column_stack([np.cos(angles), np.sin(angles)]) * generator.uniform(10, 50, (9, 1)) - (0, 80)
    shape = Geometries.build("polygon", [[[[*ring, ring[0]]]]])
    line = SectionLine.through(generator.uniform((90, 0), (200, 110), (5, 2)))
    found = sum(high - low for low, high in line.inside(shape, 0))
    step = line.length / 40_000
    where = line.at((np.arange(40_000) + 0.5) * step)
    x, y = ring.T
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    over = (y > where[:, 1:]) != (y2 > where[:, 1:])
    within = (over & (where[:, :1] < (x2 - x) * (where[:, 1:] - y) / (y2 - y) + x)).sum(axis=1) % 2
    # each time that the line goes in or out, a step may be counted wrongly
    assert abs(found - within.sum() * step) <= step * 20


# --- voxels -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [EAST, BENT, SectionLine.through([(91.3, 41.7), (207.9, 118.2)])])
def test_the_cells_cut_the_whole_line_without_gaps(line):
    found = cells_along(line, block())
    assert sum(high - low for low, high, *_ in found) == pytest.approx(line.length, abs=ROUNDING)
    assert all(before[1] == after[0] for before, after in zip(found, found[1:]))


def test_each_stretch_lies_in_its_own_cell():
    line = SectionLine.through([(91.3, 41.7), (207.9, 118.2), (150.0, 43.0)])
    for low, high, i, j in cells_along(line, block()):
        x, y = line.at([(low + high) / 2])[0]
        assert (i, j) == ((x - 90) // 10, (y - 40) // 10)


def test_a_line_that_leaves_the_block_has_cells_inside_only():
    found = cells_along(SectionLine.through([(50.0, 55.0), (300.0, 55.0)]), block())
    assert len(found) == 12 and sum(b - a for a, b, *_ in found) == pytest.approx(120, abs=ROUNDING)
    assert cells_along(SectionLine.through([(0.0, 0.0), (0.0, 9.0)]), block()) == []


def test_a_line_on_a_border_of_cells_belongs_to_one_side():
    found = cells_along(EAST, block())  # y = 50 is a border
    assert {j for *_, j in found} == {1} and len(found) == 10


def test_cells_have_class_colour_and_probability_and_what_is_unknown_is_not_there():
    classes = np.full((12, 8, 3), 1, np.int16)
    classes[..., 1] = -1
    chances = np.full((12, 8, 3, 10), 0.05, np.float32)
    chances[..., 1] = 0.55
    chances[..., 2, 1] = np.nan
    found = soil(EAST, block(classes, probability=chances))
    assert len(found) == 20 and {shape.facts["colour"] for shape in found} == {COLOURS[1]}
    assert found[0].points.tolist() == [[0, -3], [10, -3], [10, -2.5], [0, -2.5]]
    columns = flat(found, "polygon").columns
    assert columns["theme"][0] == LITHOCLASSES[1]
    assert columns["probability"][0] == np.float32(0.55) and np.isnan(columns["probability"][1])


def test_too_many_cells_are_refused(monkeypatch):
    monkeypatch.setattr("dtwin_plugin.models.subsurface.section_ground.MOST_CELLS", 29)
    with pytest.raises(InputError, match="runs through 30 voxels; 29 are allowed"):
        soil(EAST, block())
