"""Heights and eaves against slower ways to find them, and against whatever soup of triangles there may be."""

import math
import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dtwin_plugin.models.plan.clipping import over, within
from dtwin_plugin.models.plan.eaves import EAVES_HEIGHT
from dtwin_plugin.models.plan.heights import BUILDING_HEIGHT
from dtwin_plugin.models.plan.minor import top_of
from dtwin_plugin.models.plan.patches import joined, lying, normals_of, places_of, spans_of
from dtwin_plugin.models.plan.quantity import COMPLIANT, NON_COMPLIANT, OUTCOMES, judged
from dtwin_plugin.models.plan.rings import merged
from dtwin_plugin.models.plan.rules import Rule
from tests.models.plan.solids import X, Y, body, box, case, gable, rectangle

seeds = st.integers(0, 2**32 - 1)
AREA = rectangle(0, 0, 10, 10) - rectangle(4, 4, 6, 6)  # with a hole in it


def random_triangles(seed, count=20):
    rng = np.random.default_rng(seed)
    triangles = rng.uniform(-2, 12, (count, 3, 3))
    triangles[::4, 2, :2] = (triangles[::4, 0, :2] + triangles[::4, 1, :2]) / 2  # every fourth stands upright
    return triangles + [X, Y, 0]


def highest_by_geos(triangle, area):
    """Highest place of a triangle in an area, by the corners of what GEOS cuts it to."""
    flat, z = triangle[:, :2], triangle[:, 2]
    across = np.cross(flat[1] - flat[0], flat[2] - flat[0])
    if abs(across) > 1e-6:
        found = shapely.get_coordinates(shapely.Polygon(flat).intersection(area)) - flat[0]
        slope = np.linalg.solve(flat[1:] - flat[0], z[1:] - z[0])
        return float((z[0] + found @ slope).max(initial=-np.inf))
    # upright: on the line of each side, the place is highest on the upper sides
    best = -np.inf
    for one, two in ((0, 1), (1, 2), (2, 0)):
        line = shapely.LineString(flat[[one, two]])
        for place in shapely.get_coordinates(line.intersection(area)):
            share = line.project(shapely.Point(place)) / line.length
            best = max(best, float(z[one] + share * (z[two] - z[one])))
    return best


@settings(max_examples=40)
@given(seeds)
def test_the_highest_place_in_an_area_is_that_of_geos(seed):
    triangles = random_triangles(seed)
    expected = max(highest_by_geos(triangle, AREA) for triangle in triangles)
    top = top_of(triangles, AREA, 96.0, 0.0, 0.0)
    assert top.highest == pytest.approx(expected, abs=1e-6)  # corners of cuts at 84 and 447 km are good to 1e-9 m


@given(seeds)
def test_what_is_in_an_area_and_over_a_level_has_the_size_that_it_should(seed):
    triangles = random_triangles(seed)

    def size(some):
        cross = np.cross(some[:, 1] - some[:, 0], some[:, 2] - some[:, 0])
        return np.linalg.norm(cross, axis=1).sum() / 2

    left, rows = within(triangles, AREA)
    right, _ = within(triangles, rectangle(-50, -50, 50, 50) - AREA)
    assert size(left) + size(right) == pytest.approx(size(triangles), rel=1e-6)
    assert set(rows) <= set(range(len(triangles)))
    turned = over(triangles * [1, 1, -1], -5.0)[0]
    assert size(over(triangles, 5.0)[0]) + size(turned) == pytest.approx(size(triangles), rel=1e-6)


def test_an_area_of_many_corners_is_no_slower_than_its_part_at_the_building():
    angle = np.linspace(0, 2 * np.pi, 10_000, endpoint=False)
    reach = 200 + 20 * np.sin(37 * angle)
    shore = shapely.Polygon(np.column_stack([X + 205 + reach * np.cos(angle), Y + reach * np.sin(angle)]))
    faces = box(0, 0, 20, 20, 0, 5)
    begin = time.process_time()
    top = top_of(np.array([triangle for _, triangle in faces]), shore, 400.0, 2.0, 5.0)
    assert time.process_time() - begin < 3.0  # 0.1 s; without it 38 s
    assert top.highest == 5.0


@settings(max_examples=30)
@given(seeds, st.floats(-5, 20), st.sampled_from([BUILDING_HEIGHT, EAVES_HEIGHT]))
def test_any_soup_has_an_outcome_and_a_higher_norm_never_makes_it_worse(seed, norm, quantity):
    faces = [("", triangle) for triangle in random_triangles(seed, 30)]
    order = (NON_COMPLIANT, "review_required", COMPLIANT)
    found = []
    for limit in (norm, norm + 1.0, norm + 30.0):
        rule = Rule("r", quantity.id, limit, where=AREA)
        (one,) = quantity.measure(case(body(faces)), rule)
        one = judged(quantity, rule, one)
        assert one.outcome in OUTCOMES and one.reason.format(**one.values)
        assert all(np.isfinite(ring).all() and ring[:, 2].min() > limit - 0.01 for ring in one.places)
        found.append(one)
    ranks = [order.index(one.outcome) for one in found if one.outcome in order]
    assert ranks == sorted(ranks)


@given(seeds)
def test_nothing_that_is_over_the_norm_complies(seed):
    """Random houses with random things on their roofs: what complies is not over the norm, with chimneys and all."""
    rng = np.random.default_rng(seed)
    faces = gable(0, 0, 10, 8, 0, 3, 7)
    for _ in range(3):
        x, y, width, height = rng.uniform([1, 1, 0.2, 5], [7, 5, 2.5, 11])
        faces += box(x, y, x + width, y + width, 2, height)
    norm = rng.uniform(2, 12)
    for quantity in (BUILDING_HEIGHT, EAVES_HEIGHT):
        rule = Rule("r", quantity.id, norm)
        (one,) = [judged(quantity, rule, found) for found in quantity.measure(case(body(faces)), rule)]
        top = max(triangle[:, 2].max() for _, triangle in faces)
        if quantity is BUILDING_HEIGHT:
            assert (one.outcome == COMPLIANT) == (top <= norm + 1e-9)
        else:
            assert one.value == pytest.approx(3.0) or one.value > 3.0  # never lower than the eaves of the house
        assert one.outcome != NON_COMPLIANT or one.value > norm


def test_a_soup_of_loose_boxes_has_no_eaves_that_could_be_told():
    steps = np.stack(np.meshgrid(np.arange(30), np.arange(30)), -1).reshape(-1, 2)
    one = np.array([triangle for _, triangle in box(0, 0, 0.9, 0.9, 0, 3)])
    triangles = (one[None] + np.pad(steps, ((0, 0), (0, 1)))[:, None, None]).reshape(-1, 3, 3)
    (found,) = EAVES_HEIGHT.measure(
        case(body([("", triangle) for triangle in triangles])), Rule("r", "eaves_height", 9)
    )
    assert found.outcome == "review_required" and math.isnan(found.value)


@given(seeds)
def test_joined_faces_cover_what_the_triangles_cover(seed):
    rng = np.random.default_rng(seed)
    corners = np.column_stack([rng.uniform(0, 10, (12, 2)), np.zeros(12)])
    flat = shapely.delaunay_triangles(shapely.MultiPoint(corners[:, :2]))
    triangles = np.array([shapely.get_coordinates(part)[:3] for part in flat.geoms])
    tilt = np.array([0.3, -0.2])
    triangles = np.dstack([triangles, triangles @ tilt + 5.0]) + [X, Y, 0]
    rings = merged(triangles)
    assert len(rings) == 1
    area = shapely.Polygon(rings[0][:, :2] - [X, Y]).area
    # corners are rounded to 0.1 mm, and a thin corner loses its tip
    assert area == pytest.approx(shapely.convex_hull(shapely.MultiPoint(corners[:, :2])).area, abs=0.02)
    assert np.abs(rings[0][:, 2] - (rings[0][:, :2] - [X, Y]) @ tilt - 5.0).max() < 1e-6


def test_faces_hang_together_by_the_places_of_their_corners():
    roof = np.array(
        [[[0, 0, 0], [1, 0, 0], [1, 1, 1]], [[0, 0, 0], [1, 1, 1], [0, 1, 1]], [[5, 5, 0], [6, 5, 0], [6, 6, 0]]]
    )
    roof = roof.astype(float) + [X, Y, 0]
    places = places_of(roof.reshape(-1, 3)).reshape(-1, 3)
    assert len(np.unique(places)) == 7 and joined(places).tolist() == [0, 0, 1]
    apart = np.ones((3, 3), bool)
    apart[1] = [False, False, True]
    assert joined(places, apart).tolist() == [0, 1, 2]
    assert spans_of(roof.reshape(-1, 3), np.repeat([0, 0, 2], 3)).tolist() == pytest.approx([1.0, 0.0, 0.5])
    assert joined(np.empty((0, 3), np.int64)).tolist() == [] and spans_of(roof[:0, 0], np.empty(0, int)).tolist() == []
    assert places_of(roof[:0, 0]).tolist() == []


def test_walls_and_roofs_are_told_apart_whichever_side_is_out():
    def slope(degrees):
        rise = math.tan(math.radians(degrees))
        return [[0, 0, 0], [1, 0, 0], [0, 1, rise]]

    faces = np.array([slope(0), slope(79), slope(81), slope(79)[::-1], [[0, 0, 0]] * 3], float)
    assert lying(faces).tolist() == [True, True, False, True, False]
    assert np.linalg.norm(normals_of(faces), axis=1).tolist() == pytest.approx([1, 1, 1, 1, 0])
