"""A vertical section: lengths, widths and distances that can be worked out by hand."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid, Voxels
from dtwin_plugin.data.soils import COLOURS, LITHOCLASSES
from dtwin_plugin.errors import InputError
from dtwin_plugin.models import MODELS
from dtwin_plugin.models.subsurface.section import Wanted, section
from dtwin_plugin.models.subsurface.section_ground import cells_along, profile, soil, terrain_lines
from dtwin_plugin.models.subsurface.section_line import SectionLine
from dtwin_plugin.models.subsurface.section_pipes import pipes
from dtwin_plugin.models.subsurface.section_shapes import APART, flat, in_space
from dtwin_plugin.models.subsurface.section_things import bodies, buildings, sticks
from dtwin_plugin.progress import Silent

EAST = SectionLine.through([(100.0, 50.0), (200.0, 50.0)])
BENT = SectionLine.through([(100.0, 50.0), (130.0, 50.0), (130.0, 90.0), (180.0, 90.0)])
ROUNDING = 1e-9  # of coordinates of some hundreds of metres in float64


def lines(*rows, **columns):
    shapes = Geometries.build("line", [[[row]] for row in rows])
    return Features(shapes, {name: np.array(values) for name, values in columns.items()})


def polygons(*rings, **columns):
    shapes = Geometries.build("polygon", [[[ring]] for ring in rings])
    return Features(shapes, {name: np.array(values) for name, values in columns.items()})


def rectangle(x, y, width, height):
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]


def block(classes=None, **more):
    numbers = np.zeros((12, 8, 3), np.int16) if classes is None else classes
    names = tuple(LITHOCLASSES.values())
    return Voxels(numbers, more.get("probability"), 90.0, 40.0, -3.0, (10.0, 10.0, 0.5), names)


def of_kind(shapes, kind, form="polygon"):
    return [shape for shape in shapes if shape.kind == kind and shape.form == form]


def size(shape):
    return np.ptp(shape.points, axis=0).tolist()


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


# --- boreholes --------------------------------------------------------------------------------------------------------


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


# --- cables and pipes -------------------------------------------------------------------------------------------------


def pipe(degrees, diameter=500.0, z=(-1.0, -1.0), at=50.0, **columns):
    way = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]) * 30
    first, last = (100 + at, 50) - way, (100 + at, 50) + way
    values = {"theme": ["water"], "diameter": [diameter], "xy_uncertainty": [0.3], "z_uncertainty": [0.2]} | columns
    return lines([(*first, z[0]), (*last, z[1])], **values)


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


# --- buildings, bodies, terrain ---------------------------------------------------------------------------------------


def plane():
    """1 m NAP at x = 100, 1 cm a metre up to the east."""
    return Grid(np.tile(1.0 + 0.01 * (np.arange(120) + 0.5 - 10), (80, 1)), 90.0, 120.0, 1.0, unit="m")


def test_the_ground_is_that_of_the_grid_at_every_place():
    (ground,) = terrain_lines(profile(EAST, plane()))
    # the values of a grid are float32
    assert ground.points[:, 1] == pytest.approx(1.0 + 0.01 * ground.points[:, 0], abs=1e-6)
    assert ground.points[[0, -1], 0].tolist() == [0, 100]


def test_a_gap_in_the_terrain_is_bridged_and_told_apart_and_a_wide_one_is_none():
    grid = plane()
    grid.values[:, 40:60] = np.nan  # 20 m
    found = terrain_lines(profile(EAST, grid))
    assert [shape.facts["theme"] for shape in found] == ["terrain", "filled", "terrain"]
    grid.values[:, 25:80] = np.nan  # 55 m
    assert [shape.facts["theme"] for shape in terrain_lines(profile(EAST, grid))] == ["terrain", "terrain"]


def test_groundwater_lies_at_its_depth_below_the_ground_or_on_its_grid():
    found = section(EAST, Wanted(terrain=plane(), groundwater_depth=0.8), Silent())
    (water,) = of_kind(found.shapes, "groundwater", "line")
    assert water.points[:, 1] == pytest.approx(0.2 + 0.01 * water.points[:, 0], abs=1e-6)
    level = Grid(np.full((80, 120), -0.4), 90.0, 120.0, 1.0, unit="m")
    (water,) = of_kind(section(EAST, Wanted(groundwater=level), Silent()).shapes, "groundwater", "line")
    assert set(np.round(water.points[:, 1], 6)) == {-0.4}


def test_footprints_go_from_their_ground_to_their_roof():
    rows = polygons(
        rectangle(110, 40, 20, 20), rectangle(140, 40, 10, 20), rectangle(160, 40, 10, 20),
        b3_h_maaiveld=[1.0, np.nan, 1.0], b3_h_70p=[9.0, 7.0, np.nan], id=["a", "b", "c"],
    )  # fmt: skip
    found, unknown = buildings(EAST, rows, lambda at: 0.5)
    assert unknown == 1 and [shape.facts["source"] for shape in found] == ["a", "b"]
    assert found[0].points.tolist() == [[10, 1], [30, 1], [30, 9], [10, 9]]
    assert found[1].points[:, 1].min() == 0.5


def test_a_house_with_a_pitched_roof_has_its_silhouette():
    south = [(120, 45, 5), (140, 45, 5), (140, 55, 10), (120, 55, 10), (120, 45, 5)]
    north = [(120, 55, 10), (140, 55, 10), (140, 65, 5), (120, 65, 5), (120, 55, 10)]
    ground = [(120, 45, 1), (120, 65, 1), (140, 65, 1), (140, 45, 1), (120, 45, 1)]
    wall = [(120, 45, 1), (140, 45, 1), (140, 45, 5), (120, 45, 5), (120, 45, 1)]
    shapes = Geometries.build("polygon", [[[south], [north]], [[ground]], [[wall]], [[south]]])
    rows = Features(shapes, {"id": np.array(["h"] * 4), "lod": np.array(["2.2"] * 3 + ["1.2"])})
    up = SectionLine.through([(130.0, 40.0), (130.0, 70.0)])
    (outline,), _ = buildings(up, rows, lambda at: 0.0)
    assert outline.points.tolist() == [[5, 1], [25, 1], [25, 5], [15, 10], [5, 5]]


def test_bodies_are_cut_at_their_bottom_and_top():
    rows = polygons(rectangle(110, 40, 20, 20), rectangle(150, 40, 5, 20), bottom=[-4.0, np.nan], top=[-1.0, 0.0],
                    kind=["car park", "x"], z_uncertainty=[0.5, 0.5])  # fmt: skip
    found, unknown = bodies(EAST, rows)
    assert unknown == 1 and [shape.kind for shape in found] == ["uncertainty", "body"]
    assert found[1].points.tolist() == [[10, -4], [30, -4], [30, -1], [10, -1]]
    assert found[0].points.tolist() == [[10, -4.5], [30, -4.5], [30, -0.5], [10, -0.5]]


# --- the whole --------------------------------------------------------------------------------------------------------


def test_between_two_heights_all_else_is_cut_off():
    found = section(EAST, Wanted(voxels=block(), lines=pipe(90), bottom=-2.75, top=-1.0), Silent())
    heights = np.concatenate([shape.points[:, 1] for shape in found.shapes])
    assert (heights.min(), heights.max()) == (-2.75, -1.0)
    area = sum(np.prod(size(shape)) for shape in of_kind(found.shapes, "soil"))
    assert area == pytest.approx(100 * 1.25, abs=1e-6)  # the block ends at -1.5


def test_in_space_everything_stands_on_the_line_in_a_part_for_each_piece():
    found = section(BENT, Wanted(voxels=block(), terrain=plane()), Silent())
    solid = in_space(found.shapes, "polygon", BENT)
    assert solid.geometries.has_z and solid.crs == "EPSG:7415"
    _, beside = BENT.nearest(solid.geometries.coordinates)
    assert np.abs(beside).max() < 1e-9
    assert len(solid) == len(flat(found.shapes, "polygon"))
    # an upright face has the area that it has in the section
    assert upright_area(solid.geometries) == pytest.approx(BENT.length * 1.5, abs=1e-6)


def test_what_lies_in_front_stands_on_both_sides_of_the_soil_so_that_both_show_it():
    found = section(EAST, Wanted(voxels=block(), terrain=plane()), Silent())
    ground = in_space(found.shapes, "line", EAST).geometries.coordinates
    apart = 100 * APART * 3
    assert sorted(set(np.round(ground[:, 1], 9))) == [50 - apart, 50 + apart]
    assert ground[:, 2] == pytest.approx(1.0 + 0.01 * (ground[:, 0] - 100), abs=1e-6)  # float32


def upright_area(shapes):
    total = 0.0
    for low, high in zip(shapes.rings[:-1], shapes.rings[1:]):
        ring = shapes.coordinates[low:high] - shapes.coordinates[low]
        total += np.linalg.norm(np.cross(ring[:-1], ring[1:]).sum(axis=0)) / 2
    return total


def test_nothing_on_the_line_is_said():
    far = lines([(0, 0, 0), (1, 0, 0)], theme=["water"])
    with pytest.raises(InputError, match="Nothing lies on the line"):
        section(EAST, Wanted(lines=far), Silent())
    with pytest.raises(InputError, match="goes from 1.00 up to 0.00"):
        section(EAST, Wanted(lines=far, bottom=1.0, top=0.0), Silent())


def test_the_model_gives_features_in_the_section_and_in_space():
    model = MODELS["section"]
    values = {item.name: item.default for item in model.inputs}
    values |= {"line": lines([(100.0, 50.0), (200.0, 50.0)]), "voxels": block(), "present_lines": pipe(60)}
    assert not list(model.check(values))
    made = model.run(values, Silent())
    assert made["length"] == 100 and made["path"] == "100.000 50.000; 200.000 50.000"
    assert made["areas"].crs.startswith("WKT:ENGCRS") and made["areas_3d"].crs == "EPSG:7415"
    assert set(made["areas"].columns["kind"]) == {"soil", "cable", "uncertainty"}
    assert len(made["lines"]) == 0 and len(made["points"]) == 1


def test_a_section_of_nothing_is_refused_before_it_runs():
    model = MODELS["section"]
    values = {item.name: item.default for item in model.inputs} | {"line": lines([(0.0, 0.0), (1.0, 0.0)])}
    assert [problem.field for problem in model.check(values)] == ["terrain"]
    with pytest.raises(InputError, match="no line"):
        model.run(values | {"line": lines([(0.0, 0.0)])}, Silent())
