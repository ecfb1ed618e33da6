"""Building heights of solids that are known by hand, in areas, with minor parts, and of what is broken."""

import math
import time
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.models.plan import heights, level
from dtwin_plugin.models.plan.case import PEIL_GROUND
from dtwin_plugin.models.plan.heights import BUILDING_HEIGHT
from dtwin_plugin.models.plan.minor import top_of
from dtwin_plugin.models.plan.quantity import COMPLIANT, INSUFFICIENT, NON_COMPLIANT, NOT_APPLICABLE, REVIEW, judged
from dtwin_plugin.models.plan.rings import lying_rings, merged
from dtwin_plugin.models.plan.rules import Rule
from tests.models.plan.solids import ROOF, WALL, X, Y, body, box, case, fan, gable, hip, rectangle, sides, turned

HOUSE = box(0, 0, 10, 8, 0, 6)
CHIMNEY = box(4, 3, 5, 4, 5, 7.5)  # 1 m2, from inside the house to 1.5 m over its roof
EXACT = 1e-9  # m: heights of corners and of cuts of straight edges, at 84 and 447 km from the origin


def found(*faces, norm=10.0, tolerance=0.0, where=None, peil=0.0, told=None, settings=None, **more):
    one = body([face for part in faces for face in part], peil, **({"told": told} if told else {}), **more)
    rule = Rule("r", "building_height", norm, tolerance, where, settings or {})
    return judged(BUILDING_HEIGHT, rule, *list(BUILDING_HEIGHT.measure(case(one), rule)))


@pytest.mark.parametrize(("faces", "expected"), [
    (HOUSE, 6.0),
    (gable(0, 0, 10, 8, 0, 3, 7), 7.0),
    (hip(0, 0, 10, 8, 0, 3, 5), 5.0),
    (hip(0, 0, 8, 8, 0, 3, 9), 9.0),  # a tent: its tip is no minor part
    (box(0, 0, 10, 8, -2, 6), 6.0),  # the cellar does not count
    (HOUSE + CHIMNEY, 6.0),
    (gable(0, 0, 10, 8, 0, 3, 7) + box(2, 3.5, 3, 4.5, 5, 8), 7.0),
    (HOUSE + box(4, 3, 7, 4, 5, 7.5), 7.5),  # 3 m2 is no minor part
    (HOUSE + box(1, 1, 4, 4, 6, 9) + CHIMNEY, 9.0),  # a chimney lower than a room on the roof changes nothing
    (HOUSE + box(1, 1, 4, 4, 6, 9) + box(2, 2, 2.5, 2.5, 8, 12), 9.0),
    (box(0, 0, 2, 2, 0, 3) + box(0.5, 0.5, 1, 1, 2, 4), 4.0),  # 0.25 m2 is over 5 per cent of a shed of 4 m2
    (box(0, 0, 1, 1, 0, 20), 20.0),  # a mast has no roof that it rises over
    (box(-50, 0, 10, 8, 0, 6) + [face for n in range(12) for face in box(n - 40, 1, n - 39.2, 1.8, 5, 8)], 6.0),
])  # fmt: skip
def test_heights_are_those_of_hand_arithmetic(faces, expected):
    assert found(faces).value == pytest.approx(expected, abs=EXACT)
    assert found(faces, semantics=False, peil=-1.0).value == pytest.approx(expected + 1, abs=EXACT)


def test_a_norm_that_only_a_minor_part_exceeds_needs_a_person():
    for norm, outcome in ((5.9, NON_COMPLIANT), (6.0, REVIEW), (7.4, REVIEW), (7.5, COMPLIANT)):
        assert found(HOUSE, CHIMNEY, norm=norm).outcome == outcome
    told = found(HOUSE, CHIMNEY, norm=7.0)
    assert "7.50 m" in told.reason.format(**told.values) and "1.00 m2" in told.reason.format(**told.values)
    left_out = found(HOUSE, CHIMNEY, norm=9.0)
    assert "number: 1;" in left_out.reason.format(**left_out.values)


def test_what_is_minor_can_be_set():
    assert found(HOUSE, CHIMNEY, norm=7.0, settings={"minor_area": 0.5}).outcome == NON_COMPLIANT
    assert found(HOUSE, CHIMNEY, norm=7.0, settings={"minor_share": 1.0}).value == pytest.approx(7.5, abs=EXACT)
    lift = box(4, 3, 7, 4, 5, 7.5)
    assert found(HOUSE, lift, norm=7.0, settings={"minor_area": 4.0}).outcome == REVIEW


def test_a_parapet_and_a_roof_in_loose_tiles_are_no_minor_parts():
    rim = [face for y in (0, 7.9) for face in box(0, y, 10, y + 0.1, 6, 7)]
    assert found(HOUSE, rim, norm=6.5).outcome == REVIEW  # two loose strips of 1 m2, 2.5 per cent: a person looks
    ends = [face for x in (0, 9.9) for face in box(x, 0, x + 0.1, 8, 6, 7)]
    assert found(HOUSE, rim, ends).value == pytest.approx(7.0, abs=EXACT)  # they share corners: a rim around 80 m2
    tiles = [face for x in range(10) for y in range(8) for face in box(x, y, x + 0.99, y + 0.99, 8, 8.1)]
    assert found(HOUSE, tiles).value == pytest.approx(8.1, abs=EXACT)


def test_only_what_lies_in_the_area_is_measured():
    tower, annex = box(0, 0, 10, 10, 0, 30), box(10, 0, 20, 10, 0, 4)
    chimney = box(14, 4, 15, 5, 3, 6)
    west, east = rectangle(-5, -5, 10, 15), rectangle(10, -5, 25, 15)
    assert found(tower, annex, where=west).value == pytest.approx(30, abs=EXACT)
    assert found(tower, annex, where=east).value == pytest.approx(4, abs=EXACT)  # the wall on the border is the tower's
    assert found(tower, annex, chimney, where=east, norm=5).outcome == REVIEW  # 1 m2 of 200
    assert found(tower, annex, chimney, where=east, norm=3).outcome == NON_COMPLIANT
    far = found(tower, where=rectangle(50, 50, 60, 60))
    assert far.outcome == NOT_APPLICABLE and math.isnan(far.value)
    assert found(tower, where=east).outcome == NOT_APPLICABLE  # it only touches


def test_a_slope_is_cut_at_the_border_and_not_at_its_corners():
    roof = gable(0, 0, 10, 8, 0, 3, 7)
    south = rectangle(-5, -5, 15, 2)
    assert found(roof, where=south, settings={"border": 0.0}).value == pytest.approx(5.0, abs=EXACT)
    assert found(roof, where=south).value == pytest.approx(4.9, abs=EXACT)  # the slope is 1 in 1
    yard = rectangle(-5, -5, 15, 15) - rectangle(-1, 1, 11, 7)  # what is left: 1 m of roof along each eaves
    assert found(roof, where=yard, settings={"border": 0.0}).value == pytest.approx(4.0, abs=EXACT)
    gable_end = rectangle(-5, 3, 0.5, 3.5)
    assert found(roof, where=gable_end, settings={"border": 0.0}).value == pytest.approx(6.5, abs=EXACT)


def test_an_area_narrower_than_its_border_is_looked_at():
    assert found(HOUSE, where=rectangle(0, 0, 10, 0.15), norm=3).outcome == REVIEW


def test_eaves_that_hang_over_an_area_do_not_break_its_norm():
    one = found(HOUSE, where=rectangle(9, 0, 20, 8), norm=3, foot=rectangle(0, 0, 8.9, 8))
    assert one.outcome == REVIEW and one.reason == level.CROSSES
    assert found(HOUSE, where=rectangle(9, 0, 20, 8), norm=3).outcome == NON_COMPLIANT


def test_a_level_from_the_terrain_is_in_doubt_and_a_given_one_is_not():
    for norm, outcome in ((5.6, NON_COMPLIANT), (5.8, REVIEW), (6.2, REVIEW), (6.4, COMPLIANT)):
        assert found(HOUSE, norm=norm, told=PEIL_GROUND).outcome == outcome
    assert found(HOUSE, norm=6.4, told=PEIL_GROUND, peil_doubt=0.2).outcome == REVIEW  # a site that slopes
    assert found(HOUSE, norm=6.1, told=PEIL_GROUND, settings={"peil_doubt": 0.0}).outcome == COMPLIANT
    assert found(HOUSE, norm=6.0).outcome == COMPLIANT
    assert (found(HOUSE, peil=0.0).peil, found(HOUSE).peil_from) == (0.0, "given with the plan")


def test_what_goes_beyond_the_norm_is_shown():
    places = found(HOUSE, norm=4.0).places
    assert len(places) == 5  # four walls and the roof, each of one ring
    assert min(ring[:, 2].min() for ring in places) == pytest.approx(4.0, abs=EXACT)
    walls = [ring for ring in places if np.ptp(ring[:, 2]) > 0]
    area = sum(np.linalg.norm(np.ptp(ring[:, :2], axis=0)) * np.ptp(ring[:, 2]) for ring in walls)
    assert area == pytest.approx(2 * 36, abs=1e-3)  # corners of joined faces are rounded to 0.1 mm
    assert found(HOUSE, norm=6.0).places == ()
    assert found(HOUSE, norm=5.96, tolerance=0.05).places == ()
    chimney = found(HOUSE, CHIMNEY, norm=7.0).places
    assert max(ring[:, 0].max() for ring in chimney) == pytest.approx(X + 5, abs=1e-3)


def test_a_norm_that_is_a_text_is_read_by_a_person():
    one = found(HOUSE, norm=math.nan)
    assert one.outcome == REVIEW and one.value == pytest.approx(6.0, abs=EXACT) and one.places == ()


def test_what_rises_over_no_level_of_reference_is_looked_at():
    for peil in (6.0, 400.0):  # a level that is too high, or a garage in the ground
        one = found(box(0, 0, 10, 8, 0, 6), norm=10.0, peil=peil)
        assert one.outcome == REVIEW and math.isnan(one.value) and one.reason == level.IN_GROUND
        assert one.reason.format(**one.values)
    assert found(box(0, 0, 10, 8, 0, 6), norm=10.0, peil=5.9).outcome == COMPLIANT


def test_nothing_is_compliant_for_want_of_data():
    assert found(HOUSE, norm=99, peil=math.nan).reason == level.NO_LEVEL
    broken = HOUSE[:-1] + [(ROOF, np.full((3, 3), np.nan))]
    for faces, reason in ((broken, level.NO_HEIGHTS), ([], level.NO_SURFACES)):
        one = found(faces, norm=99)
        assert (one.outcome, one.reason) == (INSUFFICIENT, reason)


def test_an_open_mesh_and_faces_without_an_area_are_measured():
    flat = np.repeat([[[X, Y, 9.0]]], 3, axis=1).reshape(1, 3, 3)
    sliver = [(ROOF, flat[0])]
    assert found(HOUSE, sliver, norm=8.0).outcome == REVIEW  # a place over the roof: it is not nothing
    fence = sides([(0, 0), (10, 0), (10, 8), (0, 8)], 6, 7.2)
    assert found(HOUSE, fence).value == pytest.approx(7.2, abs=EXACT)
    walls = sides([(0, 0), (10, 0), (10, 8), (0, 8)], 0, 5)
    one = body(walls, foot=rectangle(0, 0, 10, 8))
    one = replace(one, outline=rectangle(0, 0, 10, 8))
    rule = Rule("r", "building_height", 4.0)
    assert judged(BUILDING_HEIGHT, rule, *BUILDING_HEIGHT.measure(case(one), rule)).outcome == NON_COMPLIANT


@given(st.floats(0, 2 * math.pi), st.floats(-5e4, 5e4), st.floats(-5e4, 5e4), st.floats(-10, 300))
def test_heights_do_not_depend_on_where_a_building_stands_and_how_it_is_turned(angle, east, north, peil):
    faces = gable(0, 0, 10, 8, 0, 3, 7) + box(2, 3.5, 3, 4.5, 5, 8)
    triangles = turned(np.array([triangle for _, triangle in faces]), angle, (east, north)) + [0, 0, peil]
    area = shapely.Polygon([(0, -1), (11, -1), (11, 3), (0, 3)])
    where = turned(np.column_stack([shapely.get_coordinates(area) + [X, Y], np.zeros(5)]), angle, (east, north))
    top = top_of(triangles, None, 80.0, 2.0, 5.0)
    assert (top.main - peil, top.highest - peil, top.parts) == (pytest.approx(7), pytest.approx(8), 1)
    part = top_of(triangles, shapely.Polygon(where[:, :2]), 80.0, 2.0, 5.0)
    assert part.main - peil == pytest.approx(6.0, abs=1e-7)  # a slope of 1 in 1, at corners rounded to 1e-10 of 5e5 m


def test_a_mesh_of_many_triangles_takes_less_than_a_second():
    n = 330
    x, y = np.meshgrid(np.arange(n + 1) * 0.1, np.arange(n + 1) * 0.1)
    z = 8 + np.sin(x) * np.cos(y)
    corner = np.stack([x + X, y + Y, z], axis=-1)
    a, b, c, d = corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]
    triangles = np.concatenate([np.stack([a, b, c], 2), np.stack([a, c, d], 2)]).reshape(-1, 3, 3)
    where = rectangle(5, 5, 28, 27)
    begin = time.process_time()
    top = top_of(triangles, where, 1089.0, 2.0, 5.0)
    spent = time.process_time() - begin
    assert len(triangles) > 200_000 and spent < 3.0  # 0.8 s alone; other tests may run beside it
    assert top.main == top.highest == pytest.approx(9.0, abs=0.01)  # the top of a wave, within a cell of 0.1 m


def test_faces_of_one_plane_are_joined_but_not_over_a_hole():
    halves = np.array([triangle for _, triangle in fan(WALL, (0, 0, 0), (0, 8, 0), (0, 8, 5), (0, 0, 5))])
    (ring,) = merged(halves)
    assert len(ring) == 5 and np.ptp(ring[:, 0]) < 1e-6
    yard = shapely.box(0, 0, 6, 6) - shapely.box(2, 2, 4, 4)
    rings = lying_rings(yard, 3.0)
    assert sum(shapely.Polygon(ring).area for ring in rings) == pytest.approx(32.0)
    triangles = shapely.get_parts(shapely.delaunay_triangles(yard))
    kept = [t for t in triangles if yard.contains(t.representative_point())]
    around = np.array([np.column_stack([shapely.get_coordinates(t)[:3], np.full(3, 2.0)]) for t in kept])
    assert len(merged(around)) == len(kept)
    assert lying_rings(yard, math.nan) == ()


def test_the_area_shrinks_by_its_border_only():
    square = rectangle(0, 0, 4, 4)
    assert heights.inner(square, 0.5).area == pytest.approx(9.0)
    assert heights.inner(square, 0.0) is square and heights.inner(None, 0.5) is None
