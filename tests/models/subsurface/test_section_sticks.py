"""Boreholes, cables and pipes in a section: where they stand and how large they are drawn."""

import numpy as np
import pytest

from dtwin_plugin.data.soils import COLOURS
from dtwin_plugin.models.subsurface.section import Wanted, section
from dtwin_plugin.models.subsurface.section_pipes import pipes
from dtwin_plugin.models.subsurface.section_things import sticks
from dtwin_plugin.progress import Silent
from tests.models.subsurface.section_cases import BENT, EAST, lines, of_kind, pipe, plane, size


def boreholes():
    return lines(
        [(120.0, 57.0, 1.0), (120.0, 57.0, -0.5)],
        [(120.0, 57.0, -0.5), (120.0, 57.0, -3.0)],
        [(150.0, 41.0, 0.8), (150.0, 41.0, -2.0)],
        [(160.0, 75.1, 0.8), (160.0, 75.1, -2.0)],
        [(95.0, 51.0, 0.8), (95.0, 51.0, -2.0)],
        [(150.0, 51.0, np.nan), (150.0, 51.0, np.nan)],
        site=["A", "A", "B", "far", "before", "flat"],
        lithoclass=[2, 1, -1, 5, 5, 5],
    )


def test_boreholes_within_the_distance_stand_where_they_are_square_to_the_line():
    found, unknown = sticks(EAST, boreholes(), 25.0, 2.0)
    assert unknown == 1
    layers = of_kind(found, "borehole")
    assert [(shape.facts["source"], shape.facts["offset"]) for shape in layers] == [("B", -9), ("A", 7), ("A", 7)]
    assert layers[1].points.tolist() == [[19, -0.5], [21, -0.5], [21, 1], [19, 1]]
    assert [shape.facts["colour"] for shape in layers] == ["#DDDDDD", COLOURS[2], COLOURS[1]]
    heads = of_kind(found, "borehole", "point")
    assert [(shape.facts["label"], shape.points.tolist()) for shape in heads] == [("A", [[20, 1]]), ("B", [[50, 0.8]])]


def test_a_borehole_just_within_the_distance_counts():
    assert not of_kind(sticks(EAST, boreholes().take(np.array([3])), 25.0, 1.0)[0], "borehole")
    assert of_kind(sticks(EAST, boreholes().take(np.array([3])), 25.1, 1.0)[0], "borehole")


def test_boreholes_at_the_inside_of_a_bend_go_to_the_nearest_piece():
    (stick, _), _ = sticks(BENT, lines([(132.0, 60.0, 0.0), (132.0, 60.0, -1.0)], site=["C"]), 5.0, 1.0)
    assert stick.points[:, 0].mean() == 40.0 and stick.facts["offset"] == -2.0


def test_cone_tests_are_known_by_their_zones():
    rows = lines([(120.0, 57.0, 1.0), (120.0, 57.0, -0.5)], bro_id=["CPT1"], zone=[3])
    (stick, head), _ = sticks(EAST, rows, 25.0, 2.0)
    assert (stick.kind, head.kind, stick.facts["colour"]) == ("cpt", "cpt", "#3F5FA8")


@pytest.mark.parametrize("degrees", [90, 60, 30, 120])
def test_a_pipe_at_an_angle_is_an_ellipse_of_its_diameter_by_the_sine(degrees):
    found, unknown = pipes(EAST, pipe(degrees), 1.0, 0.0)
    (outline,) = of_kind(found, "cable")
    # an outline of 48 corners with corners at its four ends
    assert size(outline) == pytest.approx([0.5 / np.sin(np.radians(degrees)), 0.5], abs=1e-9)
    assert outline.points.mean(axis=0).tolist() == pytest.approx([50.0, -1.0], abs=1e-9)
    assert outline.facts["angle"] == pytest.approx(min(degrees, 180 - degrees)) and unknown == 0


def test_where_it_may_lie_is_a_rectangle_of_both_uncertainties_around_the_pipe():
    (around,) = of_kind(pipes(EAST, pipe(60), 1.0, 0.0)[0], "uncertainty")
    assert size(around) == pytest.approx([2 * (0.25 + 0.3) / np.sin(np.radians(60)), 0.5 + 2 * 0.2], abs=1e-9)


def test_a_pipe_that_falls_is_cut_higher_than_its_diameter():
    (outline,) = of_kind(pipes(EAST, pipe(90, z=(29.0, -31.0)), 1.0, 0.0)[0], "cable")  # 45 degrees down
    assert size(outline) == pytest.approx([0.5, 0.5 * np.sqrt(2)], abs=1e-9)


def test_a_pipe_across_a_bend_is_one_ellipse():
    diagonal = lines([(131.0, 49.0, -1.0), (129.0, 51.0, -1.0)], theme=["gasLageDruk"], diameter=[100.0])
    assert len(of_kind(pipes(BENT, diagonal, 1.0, 0.0)[0], "cable")) == 1


def test_a_vertex_on_the_line_is_one_crossing():
    rows = lines([(150, 40, -1.0), (150, 50, -1.0), (150, 60, -1.0)], theme=["water"], diameter=[100.0])
    assert len(of_kind(pipes(EAST, rows, 1.0, 0.0)[0], "cable")) == 1
    touching = lines([(145, 60, -1.0), (150, 50, -1.0), (155, 60, -1.0)], theme=["water"], diameter=[100.0])
    assert len(of_kind(pipes(EAST, touching, 1.0, 0.0)[0], "cable")) == 1


def test_without_diameter_there_is_a_point_and_the_assumed_uncertainty():
    found, _ = pipes(EAST, pipe(90, diameter=np.nan, xy_uncertainty=[np.nan]), 1.0, 0.0)
    assert not of_kind(found, "cable") and of_kind(found, "cable", "point")[0].points.tolist() == [[50, -1]]
    assert size(of_kind(found, "uncertainty")[0]) == pytest.approx([2.0, 0.4])


def test_a_crossing_without_a_height_goes_from_the_ground_down():
    found = section(EAST, Wanted(lines=pipe(90, z=(np.nan, np.nan)), terrain=plane(), bottom=-4.0), Silent())
    (around,) = of_kind(found.shapes, "uncertainty")
    assert (around.points[:, 1].min(), around.points[:, 1].max()) == (-4.0, pytest.approx(1.5))
    assert found.unknown == {"pipes": 1} and not of_kind(found.shapes, "cable")


def test_what_runs_alongside_is_a_line_as_long_as_it_is_near():
    rows = lines([(120, 51, -1.0), (170, 51, -2.0)], theme=["water"], diameter=[200.0], z_uncertainty=[0.3])
    found, _ = pipes(EAST, rows, 1.0, 2.0)
    (axis,) = of_kind(found, "cable", "line")
    assert axis.points[[0, -1]].tolist() == [[20, -1], [70, -2]] and axis.facts["offset"] == pytest.approx(1.0)
    (band,) = of_kind(found, "uncertainty")
    assert size(band) == pytest.approx([50, 1 + 2 * (0.1 + 0.3)])
    assert not pipes(EAST, rows, 1.0, 0.9)[0] and not pipes(EAST, rows, 1.0, 0.0)[0]


def test_what_crosses_does_not_run_alongside():
    found, _ = pipes(EAST, pipe(60), 1.0, 5.0)
    assert not of_kind(found, "cable", "line")
