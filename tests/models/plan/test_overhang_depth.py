"""How deep an overhang is, and from which edge."""

import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.models.plan.overhang import ACROSS, OVERHANG_CARRIAGEWAY, OVERHANG_DEPTH
from dtwin_plugin.models.plan.quantity import COMPLIANT, NON_COMPLIANT, NOT_APPLICABLE, REVIEW
from tests.models.plan.street import HOUSE, REACH, base_map, body, box, found, ring


@pytest.mark.parametrize(("depth", "outcome"), [
    (0.0, NOT_APPLICABLE), (1.1, COMPLIANT), (1.4, REVIEW), (1.7, REVIEW), (1.9, NON_COMPLIANT)])  # fmt: skip
def test_depth_is_measured_from_the_part_over_other_ground(depth, outcome):
    parts = (HOUSE, box(-2, -1, 4, 2, depth, 5)) if depth else (HOUSE,)
    one = found(OVERHANG_DEPTH, 1.5, body(*parts))
    assert one.value == pytest.approx(depth, abs=REACH)
    assert one.outcome == outcome
    assert bool(one.places) == (outcome == NON_COMPLIANT)


def test_depth_counts_from_the_edge_of_the_road_and_not_from_the_wall():
    set_back = body(box(-5, -10, 1, 5, -2, 11), box(-3, -2, 4, 3, 1, 5))
    assert found(OVERHANG_DEPTH, 2.0, set_back).value == pytest.approx(1.0, abs=REACH)


def test_depth_is_measured_square_to_the_walls_at_corners_too():
    roads = base_map()  # a yard that ends at x = 5 too, with road beyond
    squares = [ring(-50, -40, 5, 0), ring(-50, 0, 50, 2), ring(5, -40, 50, 0), ring(-50, 2, 50, 40)]
    around = Features(Geometries.build("polygon", squares), roads.columns)
    canopy = body(HOUSE, box(-5, -10, 4, 6.2, 1.2, 4.2))
    assert found(OVERHANG_DEPTH, 1.5, canopy, given={"base_map": around}).value == pytest.approx(1.2, abs=REACH)


def test_what_crosses_the_road_has_no_depth():
    bridge = body(HOUSE, box(-5, 8, 1, 5, 20, 11), box(-1, 0, 6, 1, 8, 8))
    one = found(OVERHANG_DEPTH, 1.5, bridge)
    assert (one.outcome, one.reason) == (REVIEW, ACROSS)
    assert found(OVERHANG_CARRIAGEWAY, 4.2, bridge).outcome == COMPLIANT  # 5 m above it
