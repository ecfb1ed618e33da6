"""Distances between a foundation and cables, against hand arithmetic; and on a real delivery of KLIC."""

import math
import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.models.plan.cable_clash import (
    CABLE_CLASH,
    FAR,
    FREE,
    NEAREST,
    NO_FOUNDATION,
    TOO_NEAR,
    UNCERTAIN,
)
from dtwin_plugin.models.plan.case import PEIL_GIVEN, Body, Case
from dtwin_plugin.models.plan.level import NO_LEVEL
from dtwin_plugin.models.plan.quantity import (
    COMPLIANT,
    INSUFFICIENT,
    NON_COMPLIANT,
    NOT_APPLICABLE,
    REVIEW,
    judged,
)
from dtwin_plugin.models.plan.rules import Rule
from dtwin_plugin.models.plan.underground import DEEP, prisms_of
from dtwin_plugin.models.subsurface.cables import place
from dtwin_plugin.sources.klic import KlicSource
from tests.models.plan.street import box

PEIL = 1.0
NEAR = 0.021  # m: walls are as thick as two centimetres
EXACT = {"plan_xy": 0.0, "plan_z": 0.0}


def objects(values):
    found = np.empty(len(values), object)
    found[:] = values
    return found


def body(*blocks, peil=PEIL):
    triangles = np.concatenate(blocks)
    area = shapely.union_all([shapely.box(*some[:, :, :2].min((0, 1)), *some[:, :, :2].max((0, 1))) for some in blocks])
    return Body("house", triangles, np.full(len(triangles), "", object), area, area, peil, PEIL_GIVEN)


HOUSE = box(0, 0, 1, 10, 8, 8)  # ends at the ground
CELLAR = box(0, 0, -1.5, 10, 8, 1)


def cables(*ends, doubt=(0.0, 0.0), diameter=0.0, source="geometry", theme="water"):
    """Return straight lines in space, x, y, z of both ends each."""
    shapes = Geometries.build("line", [[[[(*a,), (*b,)]]] for a, b in ends])
    many = len(ends)
    columns = {
        "theme": objects([theme] * many), "diameter": np.full(many, diameter), "z_source": objects([source] * many),
        "xy_uncertainty": np.full(many, doubt[0]), "z_uncertainty": np.full(many, doubt[1]),
    }  # fmt: skip
    return Features(shapes, columns)


def beside(distance, z=0.0):
    """Return a line along the front of the house."""
    return (-5.0, -distance, z), (15.0, -distance, z)


def found(norm, one, layer, **rule):
    rule.setdefault("settings", EXACT)
    made = Rule("r", CABLE_CLASH.id, norm, **rule)
    (result,) = [judged(CABLE_CLASH, made, some) for some in CABLE_CLASH.measure(Case((one,), cables=layer), made)]
    assert result.reason.format(**result.values)
    return result


@pytest.mark.parametrize(("distance", "doubt", "outcome", "reason"), [
    (2.0, 0.0, COMPLIANT, NEAREST),
    (1.1, 0.0, COMPLIANT, NEAREST),
    (1.1, 0.3, REVIEW, UNCERTAIN),  # 0.8 m at the least
    (0.9, 0.3, REVIEW, UNCERTAIN),  # 1.2 m at the most
    (0.5, 0.3, NON_COMPLIANT, TOO_NEAR),  # 0.8 m at the most
    (0.5, 0.0, NON_COMPLIANT, TOO_NEAR),
    (-2.0, 0.0, NON_COMPLIANT, TOO_NEAR),  # through the cellar
    (9.0, 0.0, COMPLIANT, FREE),
])  # fmt: skip
def test_the_outcome_follows_from_the_distance_and_its_uncertainty(distance, doubt, outcome, reason):
    result = found(1.0, body(HOUSE, CELLAR), cables(beside(distance), doubt=(doubt, 0.0)))
    assert (result.outcome, result.reason) == (outcome, reason)
    assert result.value == pytest.approx(max(distance, 0.0), abs=NEAR)
    assert bool(result.places) == (outcome in (REVIEW, NON_COMPLIANT))
    assert (result.peil, result.peil_from) == (PEIL, PEIL_GIVEN)


def test_a_cable_below_the_cellar_keeps_its_distance_in_height():
    below = cables(((5.0, -5.0, -3.0), (5.0, 15.0, -3.0)))
    result = found(1.0, body(HOUSE, CELLAR), below)
    assert (result.outcome, result.value) == (COMPLIANT, pytest.approx(1.5, abs=NEAR))
    assert found(2.0, body(HOUSE, CELLAR), below).outcome == NON_COMPLIANT
    assert found(2.0, body(HOUSE, CELLAR), below, tolerance=0.6).outcome == COMPLIANT


def test_the_thickness_of_a_pipe_counts_and_one_that_states_none_has_some():
    thick = found(1.0, body(HOUSE, CELLAR), cables(beside(1.2), diameter=600.0))
    assert (thick.outcome, thick.value) == (NON_COMPLIANT, pytest.approx(0.9, abs=NEAR))
    unknown = found(1.0, body(HOUSE, CELLAR), cables(beside(1.2), diameter=math.nan))
    assert unknown.value == pytest.approx(1.2 - 0.055, abs=NEAR)


def test_strips_lie_between_what_is_too_near():
    result = found(1.0, body(HOUSE, CELLAR), cables(beside(0.6, 0.2), beside(3.0)))
    assert len(result.places) >= 1
    strip = np.concatenate(result.places)
    assert strip[:, 1].min() == pytest.approx(-0.6, abs=NEAR)
    assert strip[:, 1].max() == pytest.approx(0.0, abs=NEAR)
    assert result.values == {"count": 1, "themes": "water"}


@pytest.mark.parametrize("source", ["assumed", "none"])
def test_a_line_of_unknown_depth_below_the_house_is_a_review(source):
    height = math.nan if source == "none" else -9.0
    ends = ((5.0, -5.0, height), (5.0, 15.0, height))
    result = found(1.0, body(HOUSE, CELLAR), cables(ends, doubt=(0.2, math.nan), source=source))
    assert (result.outcome, result.reason) == (REVIEW, UNCERTAIN)
    assert np.isfinite(np.concatenate(result.places)).all()
    aside = found(1.0, body(HOUSE, CELLAR), cables(beside(1.5, height), doubt=(0.2, math.nan), source=source))
    assert aside.outcome == COMPLIANT  # whatever its depth
    assert aside.value >= 1.0


def test_a_design_without_a_foundation_is_compliant_only_where_nothing_is_near():
    free = found(1.0, body(HOUSE), cables(beside(1.5)))
    assert (free.outcome, free.value) == (COMPLIANT, pytest.approx(1.5, abs=NEAR))
    for ends in (beside(0.8), beside(-3.0, -6.0), beside(-3.0, 0.5)):
        result = found(1.0, body(HOUSE), cables(ends))
        assert (result.outcome, result.reason) == (REVIEW, NO_FOUNDATION)
        assert math.isnan(result.value)


def test_nothing_is_said_without_cables_near_or_a_level():
    far = found(1.0, body(HOUSE, CELLAR), cables(beside(80.0)))
    assert (far.outcome, far.reason) == (INSUFFICIENT, FAR)
    empty = cables(beside(1.0)).take(np.empty(0, np.int64))
    assert found(1.0, body(HOUSE, CELLAR), empty).reason == FAR
    # its box reaches the house, the line does not
    corner = cables(((-100.0, 60.0, 0.0), (-100.0, -100.0, 0.0)), ((-100.0, -100.0, 0.0), (60.0, -100.0, 0.0)))
    assert found(1.0, body(HOUSE, CELLAR), corner).reason == FAR
    assert found(1.0, body(HOUSE, CELLAR, peil=math.nan), cables(beside(2.0))).reason == NO_LEVEL
    away = found(1.0, body(HOUSE, CELLAR), cables(beside(2.0)), where=shapely.box(50, 50, 60, 60))
    assert away.outcome == NOT_APPLICABLE
    assert found(math.nan, body(HOUSE, CELLAR), cables(beside(0.5))).outcome == REVIEW


def test_the_tolerances_of_the_plan_are_settings():
    line = cables(beside(1.05))
    assert found(1.0, body(HOUSE, CELLAR), line).outcome == COMPLIANT
    assert found(1.0, body(HOUSE, CELLAR), line, settings={}).outcome == REVIEW  # 0.1 m by default


def test_prisms_follow_a_strip_footing_and_leave_the_ground_between():
    strips = [box(0, 0, -0.5, 10, 0.6, 1), box(0, 7.4, -0.5, 10, 8, 1)]
    one = body(HOUSE, *strips)
    prisms, known = prisms_of(one)
    assert known
    assert (prisms.columns["bottom"].min(), prisms.columns["top"].max()) == (-0.5, PEIL)
    between = cables(((-5.0, 4.0, 0.0), (15.0, 4.0, 0.0)))  # 3.4 m from both
    assert found(3.0, one, between).value == pytest.approx(3.4, abs=NEAR)


def test_what_is_not_drawn_below_the_ground_may_be_as_deep_as_any_foundation():
    prisms, known = prisms_of(body(HOUSE))
    assert not known
    assert prisms.columns["bottom"].tolist() == [PEIL - DEEP]
    assert prisms.columns["top"].tolist() == [PEIL]
    slab = body(box(0, 0, 0.9, 10, 8, 8))  # the floor lies 0.1 m in the ground: that is no foundation
    assert not prisms_of(slab)[1]


def test_a_body_with_very_many_heights_is_cut_in_a_limited_number_of_layers():
    turns = np.linspace(0, 20, 400)
    spiral = np.array([[[math.cos(t), math.sin(t), -t / 10], [math.cos(t + 0.1), math.sin(t + 0.1), -t / 10 - 0.01],
                        [0.0, 0.0, -t / 10]] for t in turns])  # fmt: skip
    prisms, known = prisms_of(body(HOUSE, spiral))
    assert known
    assert len(prisms) < 400 * 4  # of each face the few layers that it crosses
    assert prisms.columns["bottom"].min() == pytest.approx(-2.01, abs=0.01)


def test_broken_triangles_are_left_out():
    broken = np.array([[[0, 0, math.nan], [1, 0, -1], [1, 1, -1]], [[2, 2, -1], [2, 2, -1], [2, 2, -1]]], float)
    triangles = np.concatenate([HOUSE, CELLAR, broken])
    one = Body(
        "b", triangles, np.full(len(triangles), ""), shapely.box(0, 0, 10, 8), shapely.box(0, 0, 10, 8), PEIL, ""
    )
    assert found(1.0, one, cables(beside(1.5))).value == pytest.approx(1.5, abs=NEAR)


@settings(max_examples=15)
@given(st.floats(0, 2 * math.pi), st.floats(0.0, 1.9), st.floats(-1.0, 0.8))
def test_turning_and_moving_everything_changes_nothing(angle, distance, height):
    """Prisms are rounded to a millimetre, walls are two centimetres thick."""
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])

    def moved(xy):
        return xy @ turn.T + (84000.0, 447000.0)

    plain = body(HOUSE, CELLAR)
    triangles = plain.triangles.copy()
    triangles[:, :, :2] = moved(triangles[:, :, :2])
    area = shapely.transform(plain.outline, moved)
    there = Body("b", triangles, plain.kinds, area, area, PEIL, PEIL_GIVEN)
    ends = np.array(beside(distance, height))
    turned = np.column_stack([moved(ends[:, :2]), ends[:, 2]])
    one = found(1.0, plain, cables(beside(distance, height)))
    other = found(1.0, there, cables((turned[0], turned[1])))
    assert other.value == pytest.approx(one.value, abs=0.003)
    assert one.value == pytest.approx(distance, abs=NEAR)


def test_a_real_delivery(shared):
    source = KlicSource(shared / "klic" / "Levering_22G0027001_1.zip")
    layers = {layer.name: layer for layer in source.read()}
    lines, middle = layers["lines"], layers["lines"].geometries.coordinates[0, :2]
    ground = Grid(np.zeros((400, 400)), middle[0] - 200, middle[1] + 200, 1.0)
    placed = place(lines.within(ground.extent), layers["depths"], ground).features
    x, y = (round(float(value)) for value in middle)
    parts = [box(x - 5, y - 5, low, x + 5, y + 5, high) for low, high in ((0, 8), (-2, 0))]
    result = found(0.5, body(*parts, peil=0.0), placed)
    assert result.outcome in (REVIEW, NON_COMPLIANT)  # a line begins in its middle
    assert result.values["count"] >= 1
    assert set(result.values["themes"].split(", ")) <= set(placed.columns["theme"].tolist())
    assert np.isfinite(np.concatenate(result.places)).all()


def test_a_design_with_a_thousand_piles_takes_less_than_two_seconds():
    piles = [box(x, y, -12, x + 0.3, y + 0.3, 1) for x in range(30) for y in range(30)]
    triangles, area = np.concatenate(piles), shapely.box(0, 0, 30, 30)
    one = Body("b", triangles, np.full(len(triangles), ""), area, area, PEIL, PEIL_GIVEN)
    found(1.0, body(HOUSE, CELLAR), cables(beside(1.5)))  # what is compiled is compiled now
    start = time.process_time()
    result = found(0.2, one, cables(((-5.0, 10.6, 0.0), (40.0, 10.6, 0.0))))
    assert time.process_time() - start < 2
    assert (result.outcome, result.value) == (COMPLIANT, pytest.approx(0.3, abs=NEAR))  # between two rows of piles
