"""Buildings of a design: which there are, their outline and their foot."""

import time

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data import Features, Surfaces
from dtwin_plugin.data.footprints import outlines as surface_outlines
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.models.plan.blocks import extruded
from dtwin_plugin.models.plan.bodies import bodies_of
from dtwin_plugin.models.plan.case import PEIL_GIVEN, PEIL_MEAN
from dtwin_plugin.models.plan.outline import above, foot_of, outline_above, section
from dtwin_plugin.models.plan.shapes import geometries_of, polygons
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.cityjson import CityJsonSource
from tests.models.plan.blocks import SHARP, X, Y, block, drawn, ground, layer, rectangle, wall


def test_a_block_has_its_outline_and_its_foot():
    (body,) = bodies_of(layer(block(rectangle(0, 0, 10, 8), 1.0, 9.0)), peil=1.0)
    assert body.id == "a" and (body.peil, body.peil_from, body.peil_doubt) == (1.0, PEIL_GIVEN, 0.0)
    for shape in (body.outline, body.foot):
        assert shape.symmetric_difference(rectangle(0, 0, 10, 8)).area < SHARP
    assert set(body.kinds) == {"RoofSurface", "WallSurface", "GroundSurface"} and len(body.triangles) == 12


def test_an_overhang_is_in_the_outline_and_not_in_the_foot():
    plan = layer(block(rectangle(0, 0, 10, 8), 1.0, 9.0), block(rectangle(10, 2, 12, 6), 4.0, 9.0))
    (body,) = bodies_of(plan, peil=1.0)
    assert body.outline.area == pytest.approx(88, abs=SHARP) and body.foot.area == pytest.approx(80, abs=SHARP)


def test_a_courtyard_stays_open_and_a_room_does_not():
    with_court = rectangle(0, 0, 20, 20).difference(rectangle(5, 5, 15, 15))
    (body,) = bodies_of(layer(block(with_court, 0.0, 9.0)), peil=0.0)
    assert body.foot.area == pytest.approx(300, abs=SHARP) == body.outline.area
    roofed = layer(block(with_court, 0.0, 9.0), block(rectangle(5, 5, 15, 15), 8.0, 9.0))
    (body,) = bodies_of(roofed, peil=0.0)
    assert body.foot.area == pytest.approx(400, abs=SHARP)


def test_thin_walls_of_a_building_model_with_joints_are_one_foot():
    # four walls of 0.2 m that leave 0.05 m at the corners, and a slab on top: as an IFC file has them
    walls = [(0, 0, 9.95, 0.2), (9.8, 0.25, 10, 7.95), (0, 7.8, 9.75, 8), (0, 0.25, 0.2, 7.75)]
    rows = [block(rectangle(*w), 1.0, 4.0, f"w{i}", type="IfcWall", lod="") for i, w in enumerate(walls)]
    rows.append(block(rectangle(0, 0, 10, 8), 4.0, 4.2, "slab", type="IfcSlab", lod=""))
    rows.append(block(rectangle(20, 0, 21, 1), 1.0, 2.0, "chair", type="IfcFurniture", lod=""))
    (body,) = bodies_of(layer(*rows), peil=1.0)
    (foot,) = shapely.get_parts(body.foot)
    assert body.id == "design" and not foot.interiors
    # the foot lacks no more than the joints themselves: 4 of 0.05 by 0.2 m
    assert body.foot.area == pytest.approx(80, abs=0.05) and body.outline.area == pytest.approx(80, abs=SHARP)


def test_a_terrace_and_a_cellar_are_not_built_over_the_ground():
    plan = layer(block(rectangle(0, 0, 10, 8), -3.0, 9.0), block(rectangle(-5, 0, 0, 8), 0.9, 1.2),
                 block(rectangle(10, 0, 15, 8), -3.0, 0.5))  # fmt: skip
    (body,) = bodies_of(plan, peil=1.0)
    assert body.outline.area == pytest.approx(80, abs=SHARP) == body.foot.area
    assert body.triangles[:, :, 2].min() == -3.0, "what lies below is still there, for cables"


def test_a_roof_without_walls_stands_on_its_outline():
    (body,) = bodies_of(layer(block(rectangle(0, 0, 6, 6), 4.0, 4.2)), peil=1.0)
    assert body.foot.equals(body.outline) and body.foot.area == pytest.approx(36, abs=SHARP)


def without_wall(width, kinds=True):
    """A block of 10 by 8 m that lacks a part of its south wall, and hangs over to the east."""
    rows = [row for row in block(rectangle(0, 0, 10, 8), 1.0, 9.0) if row[1]["surface"] != "WallSurface"]
    for x0, y0, x1, y1 in ((width, 0, 10, 0), (10, 0, 10, 8), (10, 8, 0, 8), (0, 8, 0, 0)):
        rows += wall(x0, y0, x1, y1, 1.0, 9.0, "WallSurface", "a-1")
    rows += block(rectangle(10, 2, 12, 6), 4.0, 9.0)
    return layer([(shape, {**row, "surface": row["surface"] if kinds else "Unknown"}) for shape, row in rows])


@pytest.mark.parametrize(("width", "kinds", "area"), [
    (0.0, False, 80.0),
    (0.15, False, 80.0),  # a joint
    (3.0, True, 80.0),  # a hole: the ground surface tells
    (3.0, False, 88.0),  # nothing tells: all of the outline may stand there
])  # fmt: skip
def test_walls_with_a_hole_never_give_a_foot_that_is_too_small(width, kinds, area):
    (body,) = bodies_of(without_wall(width, kinds), peil=1.0)
    # lines that are bridged end in corners of half the joint
    assert body.foot.area == pytest.approx(area, abs=0.05)


def test_a_spike_below_the_ground_does_not_tell_where_that_is():
    spike = wall(0, 0, 0.1, 0, -2.4, 1.0, "WallSurface", "a-2")
    (body,) = bodies_of(layer(block(rectangle(0, 0, 10, 8), 1.0, 9.0), spike))
    assert np.isnan(body.peil) and body.foot.area == pytest.approx(80, abs=SHARP)


def test_the_feet_of_real_buildings_are_their_ground_surfaces(shared):
    path = shared / "cityjson" / "delft_3dbag" / "extension.city.jsonl"
    pieces = list(CityJsonSource(path, lod="2.2").read(None, Silent()))
    surfaces = Surfaces.concatenate([piece for piece in pieces if len(piece)])
    columns = {name: values[surfaces.objects] for name, values in surfaces.columns.items()}
    bodies = bodies_of(Features(surfaces.geometries, {**columns, "surface": surfaces.semantics}))
    outlines, owners = surface_outlines(surfaces)
    known = {}
    for name, shape in zip(surfaces.columns["parent"][owners], polygons(Features(outlines))):
        known.setdefault(name, []).append(shape)
    assert len(bodies) == 99 and {body.id for body in bodies} == set(known)
    for body in bodies:
        assert {body.foot.geom_type, body.outline.geom_type} <= {"Polygon", "MultiPolygon"}
        ground = shapely.union_all(known[body.id])
        # LoD 2.2 of the 3DBAG stands on all of its outline; some walls have holes
        assert body.foot.symmetric_difference(ground).area < 0.02 * ground.area, body.id


def test_parts_go_with_their_building_and_trees_with_none():
    plan = layer(
        block(rectangle(0, 0, 5, 5), 0, 9, "a-1", type="BuildingPart", parent="a"),
        block(rectangle(5, 0, 10, 5), 0, 6, "a-2", type="BuildingPart", parent="a"),
        block(rectangle(20, 0, 25, 5), 0, 6, "b"),
        block(rectangle(40, 0, 45, 5), 0, 9, "t", type="SolitaryVegetationObject"),
    )
    found = {body.id: body.foot.area for body in bodies_of(plan, peil=0.0)}
    assert found == {"a": pytest.approx(50, abs=SHARP), "b": pytest.approx(25, abs=SHARP)}


def test_the_highest_level_of_detail_counts():
    plan = layer(block(rectangle(0, 0, 6, 6), 0, 9, lod="1.2"), block(rectangle(0, 0, 6, 5), 0, 8, lod="2.2"),
                 block(rectangle(0, 0, 7, 7), 0, 0.1, lod="0"))  # fmt: skip
    (body,) = bodies_of(plan, peil=0.0)
    assert body.triangles[:, :, 2].max() == 8 and body.outline.area == pytest.approx(30, abs=SHARP)


def test_a_drawn_outline_becomes_a_block_on_its_base_or_on_the_ground():
    (body,) = bodies_of(drawn(rectangle(0, 0, 10, 8), id="north", height=9.0, base=2.0), peil=1.5)
    assert body.id == "north" and body.triangles[:, :, 2].min() == 2.0 and body.triangles[:, :, 2].max() == 11.0
    (body,) = bodies_of(drawn(rectangle(0, 0, 10, 8), height=9.0), ground(1.25))
    assert body.id == "1" and body.triangles[:, :, 2].max() == pytest.approx(10.25) and body.peil_from == PEIL_MEAN


def test_a_drawn_outline_may_have_heights_of_its_own_that_say_nothing():
    flat = layer(block(rectangle(0, 0, 10, 8), 0.0, 0.0)[:2]).geometries
    plan = Features(flat, {"id": np.array(["a", "a"], object), "height": np.array([9.0, 4.0])})
    bodies = bodies_of(plan, peil=1.5)
    # the name of an object in the outcomes stands for one building
    assert [body.id for body in bodies] == ["a", "a (2)"]
    assert [float(np.ptp(body.triangles[:, :, 2])) for body in bodies] == [9.0, 4.0]


def test_blocks_without_a_name_have_their_number():
    shapes = geometries_of([rectangle(x, 0, x + 1, 1) for x in (0, 2, 4)])
    plan = Features(shapes, {"id": np.array([None, "b", np.nan], object), "height": np.full(3, 9.0)})
    assert [body.id for body in bodies_of(plan, peil=0.0)] == ["1", "b", "3"]


def test_a_cell_that_is_no_number_is_told_of_its_own_block_and_leaves_the_others():
    shapes = geometries_of([rectangle(0, 0, 1, 1), rectangle(2, 0, 3, 1)])
    columns = {"id": np.array(["a", "b"], object), "height": np.array(["9,5", 9.0], object)}
    base = np.array(["unknown", "2,0"], object)
    one, other = bodies_of(Features(shapes, {**columns, "base": base}), peil=1.0)
    assert [body.triangles[:, :, 2].min() for body in (one, other)] == [1.0, 2.0]
    assert one.triangles[:, :, 2].max() == 10.5
    with pytest.raises(InputError, match="Block b "):
        bodies_of(Features(shapes, {**columns, "height": np.array([9.0, "high"], object)}), peil=1.0)


@given(st.integers(0, 2**32 - 1), st.floats(-1, 9))
def test_what_is_above_a_level_is_no_more_and_no_less(seed, level):
    triangles = np.random.default_rng(seed).uniform(0, 8, (6, 3, 3))
    upper, lower = above(triangles, level), above(triangles * [1, 1, -1], -level)

    def area(found):
        return np.linalg.norm(np.cross(found[:, 1] - found[:, 0], found[:, 2] - found[:, 0]), axis=1).sum() / 2

    assert area(upper) + area(lower) == pytest.approx(area(triangles), rel=1e-9, abs=1e-9)
    if len(upper):
        assert upper[:, :, 2].min() >= level - 1e-9


@given(st.floats(0, 360), st.floats(-500, 500))
def test_outline_and_foot_turn_and_move_with_the_design(degrees, shift):
    shape = shapely.affinity.translate(
        shapely.affinity.rotate(rectangle(0, 0, 10, 8).union(rectangle(0, 0, 4, 14)), degrees), shift, -shift
    )
    triangles, kinds = extruded(shape, 0.0, 6.0)
    outline = outline_above(triangles, 0.5)
    # rounding to a millimetre moves an edge of 10 m by as much as that
    assert outline.area == pytest.approx(104, abs=0.05)
    assert foot_of(triangles, kinds, 0.0, outline).area == pytest.approx(104, abs=0.05)


def test_a_triangle_in_the_plane_of_a_level_is_not_cut():
    flat = np.array([[[0, 0, 1], [4, 0, 1], [4, 4, 1]]], float)
    assert not len(section(flat, 1.0)) and not len(above(flat, 1.0)) and len(above(flat, 0.9)) == 1


def test_a_model_of_many_elements_is_quick():
    rows = [block(rectangle(i % 60, i // 60, i % 60 + 0.9, i // 60 + 0.9), 0, 4, f"e{i}", type="IfcWall", lod="")
            for i in range(2400)]  # fmt: skip
    plan = layer(*rows)
    begin = time.process_time()
    (body,) = bodies_of(plan, peil=0.0)
    # 28,800 triangles take 2 s on a machine that does nothing else, and up to three times that on a busy one
    assert time.process_time() - begin < 8 and body.foot.area > 2400 * 0.81


def test_an_outline_of_many_triangles_can_be_stopped_within_a_second():
    count = 100  # 20 000 triangles in two layers over each other
    steps = np.linspace(0, 40, count)
    x, y = np.meshgrid(steps, steps)
    top = np.stack([x, y, 6 + np.sin(x) / 2], axis=2)
    a, b, c, d = (top[i : count - 1 + i, j : count - 1 + j].reshape(-1, 3) for i, j in ((0, 0), (0, 1), (1, 1), (1, 0)))
    roof = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)]) + [X, Y, 0]
    asked = [time.thread_time()]
    both = np.concatenate([roof, roof - [0, 0, 3]])
    outline = outline_above(both, 0.0, lambda: asked.append(time.thread_time()))
    asked.append(time.thread_time())
    assert outline.area == pytest.approx(1600, abs=0.1)  # corners are rounded to a millimetre, 160 m around
    assert len(asked) > 10 and np.diff(asked).max() < 1.0  # of this thread itself, whatever else the machine does

    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        outline_above(both, 0.0, stop)
