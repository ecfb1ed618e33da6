"""Eaves of roofs that are known by hand, of roofs that leave doubt, and of real ones."""

import math
import time
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dtwin_plugin.data import Features, Surfaces
from dtwin_plugin.models.plan import eaves, level
from dtwin_plugin.models.plan.bodies import bodies_of
from dtwin_plugin.models.plan.case import PEIL_GROUND
from dtwin_plugin.models.plan.eaves import EAVES_HEIGHT
from dtwin_plugin.models.plan.quantity import COMPLIANT, INSUFFICIENT, NON_COMPLIANT, NOT_APPLICABLE, REVIEW, judged
from dtwin_plugin.models.plan.roof_edges import EAVES, UNCLEAR, edges_of
from dtwin_plugin.models.plan.roof_faces import Faces, upstands
from dtwin_plugin.models.plan.rules import Rule
from tests.models.plan.solids import (
    GROUND,
    ROOF,
    WALL,
    X,
    Y,
    body,
    box,
    case,
    fan,
    gable,
    hip,
    rectangle,
    sides,
    turned,
)

EXACT = 1e-9  # m: heights of corners, which nothing is added to
HOUSE = gable(0, 0, 10, 8, 0, 3, 7)
DORMER = box(3, 1, 6, 4, 3, 6)  # a flat roof at 6 m, over the southern plane


def lean_to(low=3, high=6):
    """A roof of one slope, that rises to the north."""
    return [
        *fan(ROOF, (0, 0, low), (10, 0, low), (10, 8, high), (0, 8, high)),
        *fan(WALL, (10, 8, 0), (0, 8, 0), (0, 8, high), (10, 8, high)),
        *fan(WALL, (0, 0, 0), (10, 0, 0), (10, 0, low), (0, 0, low)),
        *fan(WALL, (10, 0, 0), (10, 8, 0), (10, 8, high), (10, 0, low)),
        *fan(WALL, (0, 8, 0), (0, 0, 0), (0, 0, low), (0, 8, high)),
    ]


def mansard():
    """Planes of 3 m over 1 m, and a flat top at 6 m."""
    inner, outer = [(1, 1), (9, 1), (9, 7), (1, 7)], [(0, 0), (10, 0), (10, 8), (0, 8)]
    faces = fan(ROOF, *[(*corner, 6) for corner in inner]) + sides(outer, 0, 3)
    for one, two in zip(range(4), (1, 2, 3, 0)):
        faces += fan(ROOF, (*outer[one], 3), (*outer[two], 3), (*inner[two], 6), (*inner[one], 6))
    return faces


def found(*faces, norm=99.0, where=None, peil=0.0, told=None, settings=None, tolerance=0.0, **more):
    one = body([face for part in faces for face in part], peil, **({"told": told} if told else {}), **more)
    rule = Rule("r", "eaves_height", norm, tolerance, where, settings or {})
    return judged(EAVES_HEIGHT, rule, *list(EAVES_HEIGHT.measure(case(one), rule)))


@pytest.mark.parametrize(("faces", "height", "length"), [
    (HOUSE, 3.0, 20.0),  # and no verge
    (hip(0, 0, 10, 8, 0, 3, 5), 3.0, 36.0),
    (hip(0, 0, 8, 8, 0, 3, 9), 3.0, 32.0),  # a tent
    (box(0, 0, 10, 8, 0, 6), 6.0, 36.0),  # a flat roof: its edge
    (mansard(), 3.0, 36.0),
    (lean_to(), 3.0, 10.0),  # the high side is no eaves
    (HOUSE + box(2, 3.5, 3, 4.5, 5, 8), 3.0, 20.0),  # a chimney has none
    (gable(0, 0, 10, 8, 0, 6, 9) + box(0, 8, 10, 12, 0, 3), 6.0, 38.0),  # the eaves over the annex count
    (box(0, 0, 10, 8, 0, 6) + box(10, 0, 14, 8, 0, 3), 6.0, 52.0),  # 28 and 16 at the border, 8 over the lower roof
    (box(0, 0, 40, 40, 0, 5) + box(10, 10, 30, 30, 5, 30), 30.0, 240.0),  # a tower on a podium: set back, but large
    (box(0, 0, 10, 8, 0, 6) + box(1, 1, 4, 4, 6, 9), 6.0, 36.0),  # a room on the roof is small: it does not count
])  # fmt: skip
def test_eaves_are_those_of_hand_arithmetic(faces, height, length):
    for semantics in (True, False):
        one = found(faces, peil=-1.0, semantics=semantics)
        assert one.value == pytest.approx(height + 1, abs=EXACT)
        assert one.values["length"] == pytest.approx(length, abs=1e-6)


def test_an_l_shape_has_eaves_all_around():
    wing = [face for face in gable(0, 0, 10, 8, 0, 3, 7) if face[0] == ROOF]
    cross = turned(np.array([triangle for _, triangle in wing]), math.pi / 2, (9.0, 0.0))  # x 1 to 9, y 0 to 10
    faces = wing + [(ROOF, triangle + [0, 4, 0]) for triangle in cross]
    one = found(faces)  # the planes cut through each other, as a rough model has them
    assert one.value == pytest.approx(3.0, abs=EXACT)


def test_the_norm_decides_and_the_walls_beyond_it_are_shown():
    for norm, outcome in ((3.0, COMPLIANT), (2.9, NON_COMPLIANT)):
        assert found(HOUSE, norm=norm).outcome == outcome
    places = found(HOUSE, norm=2.0).places
    assert len(places) == 2  # one for each side, whole
    assert [ring[:, 2].min() for ring in places] == pytest.approx([2.0, 2.0], abs=1e-3)  # corners of joined faces
    assert [np.ptp(ring[:, 0]) for ring in places] == pytest.approx([10.0, 10.0], abs=1e-3)
    assert found(HOUSE, norm=2.96, tolerance=0.05).outcome == COMPLIANT
    assert found(HOUSE, norm=math.nan).outcome == REVIEW and found(HOUSE, norm=math.nan).places == ()


@pytest.mark.parametrize(("faces", "other"), [
    (HOUSE + DORMER, 6.0),
    (lean_to(), 6.0),
    (box(0, 0, 10, 8, 0, 3) + box(1, 1, 4, 4, 3, 6), 6.0),
])  # fmt: skip
def test_edges_that_may_count_are_looked_at_where_they_are_over_the_norm(faces, other):
    one = found(faces, norm=5.0)
    assert one.outcome == REVIEW and one.reason == eaves._OTHERS and one.values["other"] == pytest.approx(other)
    assert one.places and min(ring[:, 2].min() for ring in one.places) == pytest.approx(5.0, abs=1e-3)
    assert found(faces, norm=6.0).outcome == COMPLIANT
    assert found(faces, norm=2.0).outcome == NON_COMPLIANT


def test_a_front_dormer_on_the_wall_is_looked_at_and_a_high_wing_is_not():
    front = box(4, -0.2, 6, 3, 0, 5)  # 2 m of 10
    one = found(HOUSE, front, norm=4.0)
    assert one.outcome == REVIEW and one.reason == eaves._DORMERS
    wide = box(1, -0.2, 9, 3, 0, 5)
    assert found(HOUSE, wide, norm=4.0).outcome == NON_COMPLIANT
    assert found(HOUSE, front, norm=2.9).outcome == NON_COMPLIANT
    beside = box(4, -3, 6, 3, 0, 5)  # 3 m before the house: a side of its own
    assert found(HOUSE, beside, norm=4.0).outcome == NON_COMPLIANT


def test_a_half_hip_is_looked_at_and_a_whole_one_is_not():
    def half(y, height):
        """The house with its eastern gable cut by a hip from a height, where it is 8 - 2 y wide, to the ridge."""
        edge = [(10, y, height), (10, 8 - y, height)]
        tip = (10 - (7 - height), 4, 7)
        return [
            *fan(ROOF, (0, 0, 3), (10, 0, 3), edge[0], tip, (0, 4, 7)),
            *fan(ROOF, (10, 8, 3), (0, 8, 3), (0, 4, 7), tip, edge[1]),
            *fan(ROOF, *edge, tip),
            *sides([(0, 0), (10, 0), (10, 8), (0, 8)], 0, 3),
        ]

    one = found(half(2.5, 5.5), norm=4.0)  # 3 m of 8
    assert one.outcome == REVIEW and one.reason == eaves._DORMERS and one.value == pytest.approx(5.5, abs=EXACT)
    assert found(half(2.5, 5.5), norm=5.5).outcome == COMPLIANT
    assert found(half(1.5, 4.5), norm=4.0).outcome == NON_COMPLIANT  # 5 m of 8


def test_a_parapet_is_the_edge_of_a_flat_roof():
    roof = box(0.3, 0.3, 9.7, 7.7, 0, 6)
    rim = [face for part in ((0, 0, 10, 0.3), (0, 7.7, 10, 8), (0, 0.3, 0.3, 7.7), (9.7, 0.3, 10, 7.7))
           for face in box(*part, 0, 7, kinds=(WALL, WALL, GROUND))]  # fmt: skip
    assert found(roof, rim).value == pytest.approx(7.0, abs=EXACT)
    sheet = sides([(0, 0), (10, 0), (10, 8), (0, 8)], 6, 6.8)
    assert found(box(0, 0, 10, 8, 0, 6), sheet).value == pytest.approx(6.8, abs=EXACT)
    front = fan(WALL, (0, 0, 6), (10, 0, 6), (10, 0, 9), (0, 0, 9))
    assert found(box(0, 0, 10, 8, 0, 6), front, norm=8).outcome == REVIEW  # 3 m: a front of its own


def test_floors_within_and_balconies_are_no_roofs():
    floors = [face for z in (0.3, 2.9) for face in fan("FloorSurface", (0, 0, z), (10, 0, z), (10, 8, z), (0, 8, z))]
    assert found(HOUSE, floors).value == pytest.approx(3.0, abs=EXACT)
    assert found(HOUSE, floors, semantics=False).value == pytest.approx(3.0, abs=EXACT)
    balcony = fan("OuterFloorSurface", (2, -2, 4), (5, -2, 4), (5, 0, 4), (2, 0, 4))
    assert found(HOUSE, balcony, norm=3.5).outcome == REVIEW  # over the eaves: a person looks
    assert found(HOUSE, balcony, norm=4.0).outcome == COMPLIANT


def test_openings_in_roofs_have_no_eaves():
    ring = [(0, 0), (10, 0), (10, 8), (0, 8)]
    hole = [(4, 3), (5, 3), (5, 4), (4, 4)]
    strips = []
    for one, two in zip(range(4), (1, 2, 3, 0)):
        strips += fan(ROOF, *[(*corner, 6) for corner in (ring[one], ring[two], hole[two], hole[one])])
    one = found(strips, sides(ring, 0, 6), fan("FloorSurface", *[(*corner, 3) for corner in ring]))
    assert one.values["length"] == pytest.approx(36.0, abs=1e-6)


def test_roofs_with_a_joint_between_them_go_on():
    gap = box(0, 0, 4.98, 8, 0, 6) + box(5.02, 0, 10, 8, 0, 6.1)
    assert found(gap).values["length"] == pytest.approx(2 * (4.98 + 4.98 + 8), abs=1e-6)  # 4 cm and 10 cm: one roof


def test_only_eaves_of_what_stands_in_the_area_count():
    high = gable(0, 0, 10, 8, 0, 6, 9)
    low = gable(10, 0, 20, 8, 0, 3, 7)
    west, east = rectangle(-5, 0, 10, 8), rectangle(10, 0, 25, 8)
    assert found(high, low, where=west).value == pytest.approx(6.0, abs=EXACT)
    assert found(high, low, where=east).value == pytest.approx(3.0, abs=EXACT)
    assert found(HOUSE, where=rectangle(0, 0.5, 10, 7.5)).value == pytest.approx(3.0, abs=EXACT)  # roofs may stick out
    none = found(HOUSE, where=rectangle(0, 3, 10, 5))
    assert none.outcome == NOT_APPLICABLE and none.reason == eaves._NONE_HERE
    assert found(HOUSE, where=rectangle(50, 50, 60, 60)).reason == level.NOT_HERE


def test_doubt_of_the_level_counts_for_all_edges():
    assert found(HOUSE, norm=3.1, told=PEIL_GROUND).outcome == REVIEW
    assert found(HOUSE, norm=3.4, told=PEIL_GROUND).outcome == COMPLIANT
    assert found(HOUSE, DORMER, norm=6.2, told=PEIL_GROUND).outcome == REVIEW
    assert found(HOUSE, DORMER, norm=6.4, told=PEIL_GROUND).outcome == COMPLIANT


def test_what_has_no_roof_or_no_eaves_is_told():
    walls = body(sides([(0, 0), (10, 0), (10, 8), (0, 8)], 0, 5))
    walls = replace(walls, outline=rectangle(0, 0, 10, 8), foot=rectangle(0, 0, 10, 8))
    (one,) = EAVES_HEIGHT.measure(case(walls), Rule("r", "eaves_height", 9.0))
    assert (one.outcome, one.reason) == (INSUFFICIENT, eaves._NO_ROOF)
    low = found(box(0, 0, 10, 8, 0, 1.2))
    assert low.outcome == REVIEW and low.reason == eaves._NO_EAVES and math.isnan(low.value)
    assert found(HOUSE, peil=math.nan).reason == level.NO_LEVEL
    assert found(HOUSE, [(ROOF, np.full((3, 3), np.nan))]).reason == level.NO_HEIGHTS


def test_faces_without_an_area_and_faces_that_are_there_twice_change_nothing():
    flat = [(ROOF, np.array([[X, Y, 9.0], [X + 5, Y, 9.0], [X + 10, Y, 9.0]]))]
    again = [(ROOF, triangle[::-1]) for kind, triangle in HOUSE if kind == ROOF]
    one = found(HOUSE, flat, again)
    assert one.value == pytest.approx(3.0, abs=EXACT)


def test_walls_across_an_edge_are_found_within_reach_only():
    wall = np.array([[[0, 0, 0], [4, 0, 0], [4, 0, 5.0]]])
    out = np.array([[0.0, -1.0]])
    assert upstands(wall, np.array([[2.0, 0.1, 1.0]]), out, 0.2).tolist() == pytest.approx([2.5])
    assert upstands(wall, np.array([[2.0, 0.3, 1.0]]), out, 0.2)[0] == -np.inf
    assert upstands(wall[:0], np.array([[2.0, 0.1, 1.0]]), out, 0.2)[0] == -np.inf


@settings(max_examples=25)
@given(st.floats(0, 2 * math.pi), st.floats(-5e4, 5e4), st.floats(-5e4, 5e4))
def test_eaves_do_not_depend_on_where_a_building_stands_and_how_it_is_turned(angle, east, north):
    faces = HOUSE + DORMER + box(8, 3.5, 9, 4.5, 5, 8)
    one = body(faces)
    moved = replace(one, triangles=turned(one.triangles, angle, (east, north)) + [0, 0, 2.0])
    edges = edges_of(Faces(moved), 2.0, one.outline.area, 2.0, 25.0)
    main = edges.take(edges.kinds == EAVES)
    assert main.tops == pytest.approx(5.0) and main.lengths.sum() == pytest.approx(20.0)
    assert edges.take(edges.kinds == UNCLEAR).tops.max() == pytest.approx(8.0)  # the dormer: 6 m and 2 m


def surfaces(pieces):
    row = pieces.objects
    columns = {name: pieces.columns[name][row] for name in ("id", "parent", "type", "lod")}
    return Features(pieces.geometries, {**columns, "surface": pieces.semantics})


@pytest.mark.slow
def test_the_duplex_house_has_its_flat_roof_edge(shared):
    pytest.importorskip("ifcopenshell")
    from dtwin_plugin.data.placement import Placement
    from dtwin_plugin.sources.ifc import IfcSource

    path = shared / "ifc" / "duplex" / "Duplex_A_20110907_georeferenced.ifc"
    placement = Placement(84_000, 447_000, 1.5, rotation=30)
    pieces = Surfaces.concatenate(list(IfcSource(path, georeference=placement).read()))
    (house,) = bodies_of(surfaces(pieces), peil=1.5)
    rule = Rule("r", "eaves_height", 6.5)
    begin = time.process_time()
    (one,) = [judged(EAVES_HEIGHT, rule, one) for one in EAVES_HEIGHT.measure(case(house), rule)]
    assert time.process_time() - begin < 5.0  # 1 s alone
    # the rim rises 0.15 m over the roof, which lies at 6.46 m (`test_envelope`), around 8.8 by 17.8 m
    assert one.value == pytest.approx(6.61, abs=0.01) and one.outcome == NON_COMPLIANT
    assert one.values["length"] == pytest.approx(2 * (8.8 + 17.8), abs=0.1)


def test_real_roofs_have_eaves_between_the_ground_and_their_top(shared):
    from dtwin_plugin.sources.cityjson import CityJsonSource

    path = shared / "cityjson" / "delft_3dbag" / "extension.city.jsonl"
    pieces = Surfaces.concatenate(list(CityJsonSource(path, lod="2.2", assume_crs="EPSG:7415").read()))
    chosen = np.isin(pieces.objects, np.unique(pieces.objects)[10:50])
    houses = bodies_of(surfaces(pieces.take(np.flatnonzero(chosen))), peil=0.0)
    assert len(houses) > 30
    share = []
    for house in houses:
        (one,) = EAVES_HEIGHT.measure(case(house), Rule("r", "eaves_height", 99.0))
        assert 1.5 < one.value <= house.triangles[..., 2].max() + EXACT
        share.append(one.values["length"] / shapely.length(house.outline))
    # houses in the old town of Delft: gables to the street, eaves along both sides, more within where they step down
    assert 0.5 < np.median(share) < 1.2
