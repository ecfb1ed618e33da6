"""Built-up share, area outside the building area, and distance to the plot boundary, by hand and turned about."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity

from dtwin_plugin.models.plan import boundary, building_area, built, level
from dtwin_plugin.models.plan.boundary import BOUNDARY_DISTANCE
from dtwin_plugin.models.plan.building_area import OUTSIDE_BUILDING_AREA
from dtwin_plugin.models.plan.built import BUILT_PERCENTAGE
from dtwin_plugin.models.plan.case import Body, Case
from dtwin_plugin.models.plan.quantity import COMPLIANT, INSUFFICIENT, NON_COMPLIANT, NOT_APPLICABLE, REVIEW, judged
from dtwin_plugin.models.plan.rules import Rule
from tests.models.plan.solids import X, Y, box, layer, rectangle
from tests.models.plan.solids import body as solid

EXACT = 1e-6  # m or m2, of products of national coordinates (1e-10 of 4.5e5 m, over sides of 100 m)
PLOT = rectangle(0, 0, 20, 40)  # 800 m2
HOUSE = rectangle(5, 10, 15, 20)  # 100 m2


def flat(outline, foot=None, name="house", peil=1.0):
    """A body of which only what is seen from above matters."""
    top = np.array([[[X, Y, 9.0], [X + 1, Y, 9.0], [X, Y + 1, 9.0]]])
    return Body(name, top, np.array(["RoofSurface"], object), outline, outline if foot is None else foot, peil, "given")


def measured(quantity, *bodies, norm, where=None, tolerance=0.0, settings=None, **more):
    rule = Rule("r", quantity.id, norm, tolerance, where, settings or {})
    return [judged(quantity, rule, one) for one in quantity.measure(Case(bodies, **more), rule)]


def one(*args, **more):
    (found,) = measured(*args, **more)
    return found


def share(*bodies, norm=50.0, **more):
    return measured(BUILT_PERCENTAGE, *bodies, norm=norm, **{"plot": layer(PLOT), "existing": layer(), **more})


def test_the_share_is_of_the_plot_or_of_the_area():
    assert share(flat(HOUSE))[0].value == pytest.approx(12.5, abs=EXACT)
    assert share(flat(HOUSE), where=rectangle(0, 0, 20, 15))[0].value == pytest.approx(100 * 50 / 300, abs=EXACT)
    halves = layer(rectangle(0, 0, 20, 20), rectangle(0, 20, 20, 40))
    assert share(flat(HOUSE), plot=halves)[0].value == pytest.approx(12.5, abs=EXACT)
    over = share(flat(rectangle(-5, 0, 5, 10)))[0]
    assert over.value == pytest.approx(6.25, abs=EXACT)  # what lies beside the plot is not built on it


def test_all_buildings_count_once_together():
    two = share(flat(HOUSE), flat(rectangle(10, 10, 20, 20), name="barn"), norm=18.75)
    assert [found.object for found in two] == ["house", "barn"]
    assert [found.value for found in two] == pytest.approx([18.75, 18.75], abs=EXACT)  # 150 of 800: they overlap
    assert {found.outcome for found in two} == {COMPLIANT}
    old = layer(rectangle(0, 30, 10, 40), rectangle(10, 15, 20, 20), rectangle(50, 0, 60, 9))
    stays = share(flat(HOUSE), existing=old)
    assert stays[0].value == pytest.approx(100 * 225 / 800, abs=EXACT)
    assert stays[0].reason.format(**stays[0].values).startswith("225.0 m2 of 800.0 m2 is built on: 75.0 m2 by the plan")


def test_what_else_stays_must_be_known_to_comply():
    unknown = share(flat(HOUSE), existing=None)[0]
    assert unknown.outcome == REVIEW and "give the existing buildings" in unknown.reason
    assert share(flat(HOUSE), existing=None, norm=12.0)[0].outcome == NON_COMPLIANT


def test_what_sticks_out_counts_unless_the_rule_says_no():
    roof = flat(HOUSE, foot=rectangle(6, 11, 14, 19))  # 100 and 64 m2
    for norm, outcome in ((13.0, COMPLIANT), (10.0, REVIEW), (7.0, NON_COMPLIANT)):
        assert share(roof, norm=norm)[0].outcome == outcome
    assert share(roof, norm=10.0, settings={"projections": 1})[0].outcome == NON_COMPLIANT
    foot = share(roof, norm=10.0, settings={"projections": 0})[0]
    assert foot.outcome == COMPLIANT and foot.value == pytest.approx(8.0, abs=EXACT)


def test_a_share_needs_something_that_it_is_of():
    found = share(flat(HOUSE), plot=None)[0]
    assert (found.outcome, found.reason) == (INSUFFICIENT, built._NO_WHOLE)
    assert share(flat(HOUSE), where=rectangle(60, 0, 70, 9))[0].outcome == NOT_APPLICABLE
    bare = share(flat(HOUSE), flat(shapely.Polygon(), name="wall"))
    assert [found.outcome for found in bare] == [INSUFFICIENT, INSUFFICIENT]  # what the wall takes is not known
    near, far = share(flat(HOUSE), flat(rectangle(60, 0, 70, 9), name="barn"))
    assert near.outcome == COMPLIANT and far.outcome == NOT_APPLICABLE


def outside(shape, where, **more):
    return one(OUTSIDE_BUILDING_AREA, shape, norm=0.0, where=where, **more)


@pytest.mark.parametrize(("x1", "expected", "outcome"), [
    (15.0, 0.0, COMPLIANT),
    (14.95, 0.0, COMPLIANT),  # half a metre square too much, but no more than plans are drawn
    (14.8, 2.0, NON_COMPLIANT),
    (10.0, 50.0, NON_COMPLIANT),
    (4.0, 100.0, NON_COMPLIANT),
])  # fmt: skip
def test_the_area_outside_is_that_of_hand_arithmetic(x1, expected, outcome):
    found = outside(flat(HOUSE), rectangle(0, 10, x1, 20))
    assert found.value == pytest.approx(expected, abs=EXACT) and found.outcome == outcome
    assert sum(shapely.Polygon(ring).area for ring in found.places) == pytest.approx(expected, abs=EXACT)
    assert all((ring[:, 2] == 1.0).all() for ring in found.places)


def test_how_far_and_where_it_stands_outside_is_told():
    found = outside(flat(HOUSE), rectangle(0, 0, 12, 30))
    assert found.values["far"] == pytest.approx(3.0, abs=EXACT)
    yard = outside(flat(HOUSE), rectangle(8, 13, 12, 17))  # a hole in what lies outside
    assert sum(shapely.Polygon(ring).area for ring in yard.places) == pytest.approx(84.0, abs=EXACT)
    assert outside(flat(HOUSE), shapely.union(rectangle(0, 0, 9, 30), rectangle(9, 0, 30, 30))).outcome == COMPLIANT


def test_balconies_over_the_border_are_looked_at():
    shape = flat(rectangle(5, 10, 16.2, 20), foot=HOUSE)  # 1 m may stick out
    found = outside(shape, rectangle(0, 0, 15, 30))
    assert found.outcome == REVIEW and found.values["far"] == pytest.approx(1.2, abs=EXACT) and found.places
    assert outside(shape, rectangle(0, 0, 15, 30), settings={"overhang": 1.5}).outcome == COMPLIANT
    assert outside(flat(rectangle(5, 10, 15.5, 20), foot=HOUSE), rectangle(0, 0, 15, 30)).outcome == COMPLIANT


def test_a_building_area_must_be_there():
    assert outside(flat(HOUSE), None).reason == building_area._NO_AREA
    assert outside(flat(shapely.Polygon()), PLOT).reason == level.NO_OUTLINE
    lost = outside(solid(box(0, 0, 4, 4, -3, 3), peil=math.nan), rectangle(50, 50, 60, 60))
    assert lost.value == pytest.approx(16.0, abs=EXACT) and lost.places[0][0, 2] == -3.0  # its own bottom


def distance(shape, norm=3.0, plot=PLOT, **more):
    surveyed = {"boundary_doubt": 0.0, "overhang": 0.75}
    return one(
        BOUNDARY_DISTANCE, shape, norm=norm, plot=None if plot is None else layer(plot), settings=surveyed, **more
    )


def test_a_boundary_of_the_cadastral_map_is_in_doubt():
    for norm, outcome in ((4.5, COMPLIANT), (4.7, REVIEW), (5.3, REVIEW), (5.5, NON_COMPLIANT)):
        assert one(BOUNDARY_DISTANCE, flat(HOUSE), norm=norm, plot=layer(PLOT)).outcome == outcome


@pytest.mark.parametrize(("shape", "expected"), [
    (HOUSE, 5.0),
    (rectangle(0, 10, 10, 20), 0.0),  # a terraced house
    (rectangle(-1.5, 10, 10, 20), -1.5),
    (rectangle(3, 1, 10, 20), 1.0),
    (shapely.Polygon([(X + 10, Y + 4), (X + 12, Y + 10), (X + 8, Y + 10)]), 4.0),
])  # fmt: skip
def test_distances_to_the_boundary_are_those_of_hand_arithmetic(shape, expected):
    found = distance(flat(shape))
    assert found.value == pytest.approx(expected, abs=EXACT)
    assert found.outcome == (COMPLIANT if expected >= 3 else NON_COMPLIANT)
    assert bool(found.places) == (expected < 3)


def test_a_plot_of_several_pieces_has_one_boundary():
    found = one(BOUNDARY_DISTANCE, flat(HOUSE), norm=3, plot=layer(rectangle(0, 0, 20, 15), rectangle(0, 15, 20, 40)))
    assert found.value == pytest.approx(5.0, abs=EXACT)
    yard = distance(flat(HOUSE), plot=PLOT - rectangle(16, 12, 18, 14))  # a plot of another within it
    assert yard.value == pytest.approx(1.0, abs=EXACT)


def test_roofs_may_stick_out_and_floors_may_not():
    assert distance(flat(rectangle(4.5, 10, 15, 20), foot=HOUSE), norm=5).outcome == COMPLIANT
    jetty = distance(flat(rectangle(4, 10, 15, 20), foot=HOUSE), norm=5)
    assert jetty.outcome == NON_COMPLIANT and jetty.value == pytest.approx(4.0, abs=EXACT)
    assert "4.00 m from the boundary, the walls to 5.00 m" in jetty.reason.format(**jetty.values)
    gutter = distance(flat(rectangle(-0.3, 10, 10, 20), foot=rectangle(0, 10, 10, 20)), norm=0)
    assert gutter.outcome == COMPLIANT and gutter.values["outline"] == pytest.approx(-0.3, abs=EXACT)


def test_only_what_lies_in_the_area_of_a_rule_keeps_its_distance():
    assert distance(flat(rectangle(1, 10, 10, 20)), where=rectangle(4, 0, 20, 40)).value == pytest.approx(4, abs=EXACT)
    assert distance(flat(HOUSE), where=rectangle(50, 0, 60, 40)).outcome == NOT_APPLICABLE


def test_the_shortest_way_and_what_lies_beyond_are_shown():
    (strip,) = distance(flat(rectangle(1, 10, 10, 20))).places
    assert np.ptp(strip[:, 0]) == pytest.approx(1.0, abs=EXACT) and (strip[:, 2] == 1.0).all()
    (beyond,) = distance(flat(rectangle(-2, 10, 10, 20))).places
    assert shapely.Polygon(beyond).area == pytest.approx(20.0, abs=EXACT)
    assert distance(flat(rectangle(-2, 10, 10, 20))).reason == boundary._CROSSES
    (mark,) = distance(flat(rectangle(0, 10, 10, 20))).places
    assert 0 < shapely.Polygon(mark).area < 0.1


def test_a_plot_that_is_not_there_or_elsewhere_is_told():
    assert distance(flat(HOUSE), plot=None).outcome == INSUFFICIENT
    assert one(BOUNDARY_DISTANCE, flat(HOUSE), norm=3, plot=layer()).outcome == INSUFFICIENT
    assert distance(flat(HOUSE), plot=rectangle(50, 0, 60, 40)).reason == boundary._ELSEWHERE
    assert distance(flat(shapely.Polygon())).reason == level.NO_OUTLINE


@given(st.floats(0, 360), st.floats(-5e4, 5e4), st.floats(-5e4, 5e4))
def test_nothing_depends_on_where_a_plan_lies_and_how_it_is_turned(angle, east, north):
    def moved(shape):
        return affinity.translate(affinity.rotate(shape, angle, origin=(X, Y)), east, north)

    shape, plot, area = flat(moved(HOUSE)), layer(moved(PLOT)), moved(rectangle(0, 0, 12, 40))
    # 1e-5: coordinates of 5e5 m have 6e-11 m, and areas are sums of products of them
    assert share(shape, plot=plot)[0].value == pytest.approx(12.5, abs=1e-5)
    assert outside(shape, area).value == pytest.approx(30.0, abs=1e-5)
    assert one(BOUNDARY_DISTANCE, shape, norm=3, plot=plot).value == pytest.approx(5.0, abs=1e-5)
