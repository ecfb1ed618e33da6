"""A vertical section as a whole, and the ground, buildings and bodies in it, worked out by hand."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.errors import InputError
from dtwin_plugin.models import MODELS
from dtwin_plugin.models.subsurface.section import Wanted, section
from dtwin_plugin.models.subsurface.section_ground import profile, terrain_lines
from dtwin_plugin.models.subsurface.section_line import SectionLine
from dtwin_plugin.models.subsurface.section_shapes import APART, flat, in_space
from dtwin_plugin.models.subsurface.section_things import bodies, buildings
from dtwin_plugin.progress import Silent
from tests.models.subsurface.section_cases import BENT, EAST, block, lines, of_kind, pipe, plane, rectangle, size


def polygons(*rings, **columns):
    shapes = Geometries.build("polygon", [[[ring]] for ring in rings])
    return Features(shapes, {name: np.array(values) for name, values in columns.items()})


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
