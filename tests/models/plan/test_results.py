"""Rules on what other models have found: sun at neighbours, noise on facades, water at the building."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.models.plan import flood_door, noise_limit, sun_norm
from dtwin_plugin.models.plan.case import PEIL_GIVEN, Body, Case
from dtwin_plugin.models.plan.flood_door import FLOOD_DEPTH
from dtwin_plugin.models.plan.noise_limit import NOISE_LEVEL
from dtwin_plugin.models.plan.quantity import (
    COMPLIANT,
    INSUFFICIENT,
    NON_COMPLIANT,
    NOT_APPLICABLE,
    REVIEW,
    judged,
)
from dtwin_plugin.models.plan.rules import Rule
from dtwin_plugin.models.plan.sun_norm import NEIGHBOURS, SUN_HOURS
from dtwin_plugin.models.sunlight.facade_model import FACADE_SUN
from dtwin_plugin.progress import Silent

PEIL = 1.0


def objects(values):
    found = np.empty(len(values), object)
    found[:] = values
    return found


def body(x=0.0, y=0.0, side=10.0, top=7.0, peil=PEIL, name="plan"):
    area = shapely.box(x, y, x + side, y + side)
    roof = np.array([[[x, y, top], [x + side, y, top], [x, y + side, top]]], float)
    return Body(name, roof, np.array(["RoofSurface"], object), area, area, peil, PEIL_GIVEN if peil == peil else "")


def found(quantity, norm, *bodies, given=None, **rule):
    case, made = Case(bodies or (body(),), **(given or {})), Rule("r", quantity.id, norm, **rule)
    results = [judged(quantity, made, one) for one in quantity.measure(case, made)]
    for one in results:
        assert one.reason.format(**one.values)
    return results


def flat(x_min, y_min, x_max, y_max):
    return [(x_min, y_min), (x_max, y_min), (x_max, y_max), (x_min, y_max), (x_min, y_min)]


def points(xyz, **columns):
    return Features(Geometries.points(np.array(xyz, float)), {name: np.array(some) for name, some in columns.items()})


def sun(before, after, names=None, **more):
    places = [(20.0 + row, 5.0, 2.0) for row in range(len(before))]
    names = ["house"] * len(before) if names is None else names
    return {"sun": points(places, building=objects(names), hours=before, hours_after=after, **more)}


@pytest.mark.parametrize(("before", "after", "outcome", "reason", "shown"), [
    ([4.0, 3.0], [3.5, 2.5], COMPLIANT, sun_norm.KEEPS, 0),
    ([4.0, 3.0], [3.5, 1.5], REVIEW, sun_norm.SOME, 1),
    ([4.0, 3.0], [1.9, 1.5], NON_COMPLIANT, sun_norm.FALLS, 2),
    ([4.0, 1.0], [1.9, 1.0], NON_COMPLIANT, sun_norm.FALLS, 1),  # one was below before
    ([1.5, 1.0], [1.0, 1.0], REVIEW, sun_norm.WAS_BELOW, 0),
    ([1.5, 1.0], [1.5, 1.0], NOT_APPLICABLE, sun_norm.UNTOUCHED, 0),
    ([0.0, 0.0], [0.0, 0.0], NOT_APPLICABLE, sun_norm.DARK, 0),
    ([4.0, math.nan], [3.5, math.nan], INSUFFICIENT, sun_norm.UNKNOWN, 0),
    ([2.0, 2.0], [2.0, 2.0], COMPLIANT, sun_norm.KEEPS, 0),  # the norm itself is enough
])  # fmt: skip
def test_sun_at_a_neighbour(before, after, outcome, reason, shown):
    (one,) = found(SUN_HOURS, 2.0, given=sun(before, after))
    assert (one.object, one.outcome, one.reason, len(one.places)) == ("house", outcome, reason, shown)
    if outcome != INSUFFICIENT:
        assert one.value == max(after)


def test_each_neighbour_is_told_apart_and_the_plan_itself_is_none():
    given = sun([4.0, 4.0, 4.0], [3.0, 1.0, 0.5], names=["a", "b", "plan"])
    assert [(one.object, one.outcome) for one in found(SUN_HOURS, 2.0, given=given)] == [
        ("a", COMPLIANT), ("b", NON_COMPLIANT)]  # fmt: skip


def test_sun_lost_on_another_day_than_the_worst_counts():
    (one,) = found(SUN_HOURS, 2.0, given=sun([1.5], [1.5], lost=[30.0]))
    assert (one.outcome, one.values["lost"]) == (REVIEW, 30.0)


def test_sun_doubt_and_tolerance():
    assert found(SUN_HOURS, 2.0, given=sun([4.0], [1.9]), tolerance=0.1)[0].outcome == COMPLIANT
    assert found(SUN_HOURS, 2.0, given=sun([4.0], [1.9]), settings={"doubt": 0.2})[0].outcome == REVIEW
    assert found(SUN_HOURS, 2.0, given=sun([4.0], [2.1]), settings={"doubt": 0.2})[0].outcome == REVIEW
    assert found(SUN_HOURS, 2.0, given=sun([4.0], [1.7]), settings={"doubt": 0.2})[0].outcome == NON_COMPLIANT
    assert found(SUN_HOURS, math.nan, given=sun([4.0], [1.7]))[0].outcome == REVIEW


def test_sun_without_a_plan_or_places_says_nothing():
    for layer in (points([(0, 0, 0)], hours=[3.0]), points([(0, 0, 0)], verdict=objects(["meets"]))):
        (one,) = found(SUN_HOURS, 2.0, given={"sun": layer})
        assert (one.object, one.outcome, one.reason) == (NEIGHBOURS, INSUFFICIENT, sun_norm.NO_RESULT)
    (one,) = found(SUN_HOURS, 2.0, given=sun([4.0], [3.0]), where=shapely.box(500, 0, 510, 10))
    assert (one.outcome, one.reason) == (INSUFFICIENT, sun_norm.NO_POINTS)


def test_sun_as_the_model_writes_it():
    """A long block of 20 m, 10 m south of a house of 6 m, takes its low sun: by points and by buildings."""
    ground = Grid(np.zeros((120, 120)), 84000, 447120, 1.0)
    heights = np.zeros((120, 120))
    heights[40:50, 50:70] = 6.0
    house = flat(84050, 447070, 84070, 447080)
    roof = [(x, y, 20.0) for x, y in flat(84005, 447050, 84115, 447060)]
    plan = Features(
        Geometries.build("polygon", [[[roof]]]), {"id": objects(["N"]), "surface": objects(["RoofSurface"])}
    )
    footprints = Features(Geometries.build("polygon", [[[house]]]), {"identificatie": objects(["P1"])})
    values = {item.name: item.default for item in FACADE_SUN.inputs}
    values.update(surface=ground.like(heights, "m", "surface"), terrain=ground, plan=plan, footprints=footprints)
    values.update(spacing=5.0, step=20.0)
    results = FACADE_SUN.run(values, Silent())
    of_points = found(SUN_HOURS, 2.0, given={"sun": results["points"]})
    of_buildings = found(SUN_HOURS, 2.0, given={"sun": results["tested"]})
    for one in (*of_points, *of_buildings):
        assert one.object == "P1"
        assert one.values["before"] > one.value
    assert of_buildings[0].value == pytest.approx(of_points[0].value, abs=0.001)  # points are written with 3 decimals
    fell = (results["points"].columns["verdict"] == "fell").sum()
    assert of_points[0].values["fallen"] == fell > 0


def around(side=10.0, step=2.0, z=4.0, out=0.1):
    """Return places along the walls of the plan."""
    along = np.arange(0, side + 0.1, step)
    xy = [(x, -out) for x in along] + [(x, side + out) for x in along]
    xy += [(-out, y) for y in along] + [(side + out, y) for y in along]
    return [(x, y, z) for x, y in xy]


@pytest.mark.parametrize(("level", "value", "outcome"), [
    (52.4, 52.0, COMPLIANT), (53.49, 53.0, COMPLIANT), (53.5, 54.0, NON_COMPLIANT), (52.5, 52.0, COMPLIANT),
])  # fmt: skip
def test_noise_is_rounded_to_whole_decibels_halves_to_the_even_one(level, value, outcome):
    places = around()
    levels = np.full(len(places), 40.0)
    levels[3] = level
    for name in ("Lden", "lden", "LDEN"):
        (one,) = found(NOISE_LEVEL, 53.0, given={"noise": points(places, **{name: levels})})
        assert (one.value, one.outcome) == (value, outcome)
        assert one.values["raw"] == level
        assert len(one.places) == (outcome == NON_COMPLIANT)
    raw = found(NOISE_LEVEL, 53.0, given={"noise": points(places, Lden=levels)}, settings={"whole": 0.0})[0]
    assert raw.value == level


def test_noise_on_some_walls_only_never_makes_a_plan_compliant():
    front = [place for place in around() if place[1] < 0]
    quiet, loud = np.full(len(front), 40.0), np.full(len(front), 60.0)
    (one,) = found(NOISE_LEVEL, 53.0, given={"noise": points(front, Lden=quiet)}, settings={"spacing": 5.0})
    assert (one.outcome, one.reason) == (INSUFFICIENT, noise_limit.GAPS)
    assert one.values["gap"] == pytest.approx(
        np.hypot(10.1, 1.0), abs=0.01
    )  # the back wall, between two points of the front
    assert found(NOISE_LEVEL, 53.0, given={"noise": points(front, Lden=loud)})[0].outcome == NON_COMPLIANT


def test_noise_at_the_foot_of_a_tower_says_nothing_of_its_top():
    layer = {"noise": points(around(z=1.5), Lden=np.full(len(around()), 40.0))}
    assert found(NOISE_LEVEL, 53.0, given=layer)[0].outcome == COMPLIANT
    tower = found(NOISE_LEVEL, 53.0, body(top=40.0), given=layer)[0]
    assert (tower.outcome, tower.values["gap"]) == (INSUFFICIENT, 38.5)


def test_noise_elsewhere_without_levels_or_with_gaps_in_them_is_not_enough():
    places = around()
    far = points([(x + 50, y, z) for x, y, z in places], Lden=np.full(len(places), 40.0))
    assert found(NOISE_LEVEL, 53.0, given={"noise": far})[0].reason == noise_limit.NO_POINTS
    nameless = points(places, value=np.full(len(places), 40.0))
    assert found(NOISE_LEVEL, 53.0, given={"noise": nameless})[0].reason == noise_limit.NO_COLUMN
    levels = np.full(len(places), 40.0)
    levels[0] = np.nan
    (one,) = found(NOISE_LEVEL, 53.0, given={"noise": points(places, Lden=levels)})
    assert (one.outcome, one.reason, one.values["unknown"]) == (INSUFFICIENT, noise_limit.UNKNOWN, 1)
    levels[1] = 70.0  # loud enough whatever the other is
    assert found(NOISE_LEVEL, 53.0, given={"noise": points(places, Lden=levels)})[0].outcome == NON_COMPLIANT
    unknown = points(places, Lden=objects(["loud"] * len(places)))
    assert found(NOISE_LEVEL, 53.0, given={"noise": unknown})[0].reason == noise_limit.UNKNOWN
    for one in found(NOISE_LEVEL, 53.0, given={"noise": unknown}, where=shapely.box(90, 90, 91, 91)):
        assert one.outcome == NOT_APPLICABLE


def flood(*rows, level=None):
    """Return buildings of a flood: x, y, side and depth."""
    rings = [[[[(x, y), (x + s, y), (x + s, y + s), (x, y + s), (x, y)]]] for x, y, s, _ in rows]
    columns = {
        "water_depth_max": np.array([row[3] for row in rows]),
        "id": objects([f"b{k}" for k in range(len(rows))]),
    }
    if level is not None:
        columns["water_level_max"] = np.array(level)
    return {"flood": Features(Geometries.build("polygon", rings), columns, {"water_depth_max": "m"})}


@pytest.mark.parametrize(("depth", "outcome"), [
    (0.0, COMPLIANT), (0.05, COMPLIANT), (0.06, REVIEW), (0.24, REVIEW), (0.26, NON_COMPLIANT), (2.0, NON_COMPLIANT),
])  # fmt: skip
def test_water_at_the_building_with_its_doubt(depth, outcome):
    (one,) = found(FLOOD_DEPTH, 0.15, given=flood((0, 0, 10, depth), (20, 0, 10, 3.0)))
    assert (one.value, one.outcome) == (depth, outcome)
    assert one.values["buildings"] == "b0"
    assert (one.peil, one.peil_from) == (PEIL, PEIL_GIVEN)
    if outcome == NON_COMPLIANT:
        assert np.concatenate(one.places)[:, 2].max() == pytest.approx(PEIL + depth)


def test_water_of_several_parts_is_the_deepest_and_its_level_is_told():
    given = flood((0, 0, 5, 0.1), (5, 0, 5, 0.4), (0, 5, 5, 0.2), (5, 5, 5, 0.3), level=[0.9, 1.3, 1.0, 1.1])
    (one,) = found(FLOOD_DEPTH, 0.15, given=given)
    assert one.value == 0.4
    assert one.reason == flood_door.LEVEL
    assert one.values["above"] == pytest.approx(0.3)
    assert found(FLOOD_DEPTH, 0.15, body(peil=math.nan), given=given)[0].reason == flood_door.DEPTH


def test_a_flood_without_the_plan_or_with_other_buildings_there_says_nothing():
    for rows in (((20, 0, 10, 0.0),), ((0, 0, 5, 0.0),), ((-20, -20, 50, 0.0),)):
        (one,) = found(FLOOD_DEPTH, 0.15, given=flood(*rows))
        assert (one.outcome, one.reason) == (INSUFFICIENT, flood_door.NOT_IN)
    no_depth = flood((0, 0, 10, 0.0))["flood"]
    bare = Features(no_depth.geometries, {"id": objects(["a"])})
    assert found(FLOOD_DEPTH, 0.15, given={"flood": bare})[0].reason == flood_door.NO_COLUMN


def test_an_unknown_depth_is_never_dry():
    (one,) = found(FLOOD_DEPTH, 0.15, given=flood((0, 0, 10, math.nan)))
    assert (one.outcome, one.reason) == (INSUFFICIENT, flood_door.UNKNOWN)
    half = flood((0, 0, 10, math.nan), (0.1, 0.1, 9, 0.0))
    assert found(FLOOD_DEPTH, 0.15, given=half)[0].outcome == INSUFFICIENT
    deep = flood((0, 0, 10, math.nan), (0.1, 0.1, 9, 1.0))
    assert found(FLOOD_DEPTH, 0.15, given=deep)[0].outcome == NON_COMPLIANT
    assert found(FLOOD_DEPTH, 0.15, given=deep, where=shapely.box(90, 90, 91, 91))[0].outcome == NOT_APPLICABLE
    assert found(FLOOD_DEPTH, math.nan, given=flood((0, 0, 10, 0.1)))[0].outcome == REVIEW


@given(st.lists(st.floats(0, 12), min_size=1, max_size=6), st.lists(st.floats(0, 12), min_size=6, max_size=6))
def test_more_sun_never_makes_an_outcome_worse(before, gain):
    order = [NON_COMPLIANT, REVIEW, COMPLIANT]
    after = [one * 0.5 for one in before]
    brighter = [min(b, a + g) for b, a, g in zip(before, after, gain)]
    (one,) = found(SUN_HOURS, 2.0, given=sun(before, after))
    (other,) = found(SUN_HOURS, 2.0, given=sun(before, brighter))
    if one.outcome in order and other.outcome in order:
        assert order.index(other.outcome) >= order.index(one.outcome)
    assert (one.outcome == NOT_APPLICABLE) <= (other.outcome == NOT_APPLICABLE)


@pytest.mark.parametrize("none", [-9999.0, -1.0, -math.inf, math.inf])
def test_numbers_that_stand_for_what_is_not_known_comply_with_nothing(none):
    (one,) = found(FLOOD_DEPTH, 0.15, given=flood((0, 0, 5, 0.0), (5, 0, 5, 0.0), (0, 5, 10, none)))
    assert one.outcome == INSUFFICIENT
    levels = np.full(len(around()), 40.0)
    levels[3] = none
    (one,) = found(NOISE_LEVEL, 53.0, given={"noise": points(around(), Lden=levels)})
    assert (one.outcome, one.values["unknown"]) == (INSUFFICIENT, 1)
    assert found(SUN_HOURS, 2.0, given=sun([4.0, 4.0], [3.0, none]))[0].outcome == INSUFFICIENT
    assert found(SUN_HOURS, 2.0, given=sun([none, 4.0], [3.0, 3.0]))[0].outcome == INSUFFICIENT


def test_noise_at_unknown_heights_says_nothing_of_the_top_of_a_tower():
    tower = body(top=40.0, peil=math.nan)
    roof, low = tower.triangles, tower.triangles * [1, 1, 0]
    tower = replace(tower, triangles=np.concatenate([roof, low]), kinds=np.repeat(tower.kinds, 2))
    places = [(x, y) for x, y, _ in around()]
    (one,) = found(NOISE_LEVEL, 53.0, tower, given={"noise": points(places, Lden=np.full(len(places), 40.0))})
    assert (one.outcome, one.values["gap"]) == (INSUFFICIENT, 40.0)
