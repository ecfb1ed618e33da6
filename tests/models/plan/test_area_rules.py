"""Norms of the areas of a plan as rules."""

import math

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.plan.area_rules import OUTSIDE, left_out, rules_of
from dtwin_plugin.models.plan.quantities import QUANTITIES
from dtwin_plugin.models.plan.quantity import AT_MOST, REVIEW, Found, Quantity, judged
from dtwin_plugin.models.plan.rules import PlanRule
from dtwin_plugin.models.plan.sentences import sentence

TAKEN = {"building_height": PlanRule(0.05, {"minor_area": 4.0}), "built_percentage": PlanRule(), OUTSIDE: PlanRule(0.5)}


@pytest.fixture(autouse=True)
def quantities(monkeypatch):
    for name in list(QUANTITIES):
        monkeypatch.delitem(QUANTITIES, name)
    for name, unit in (("building_height", "m"), ("built_percentage", "percent"), (OUTSIDE, "m2")):
        monkeypatch.setitem(QUANTITIES, name, Quantity(name, name, unit, AT_MOST, lambda case, rule: (), ""))


def square(x, width=10.0):
    return [[(x, 0), (x + width, 0), (x + width, 10), (x, 10), (x, 0)]]


def row(quantity="", norm=math.nan, kind="maatvoering", x=0.0, **texts):
    return {"quantity": quantity, "norm": norm, "area_kind": kind, "x": x, "rule": "m1", "title": "Hoogte", "text": "T",
            "source": "NL.IMRO.1, Centrum", "plan": "NL.IMRO.1", "link": "https://a.nl/1", "date": "2020-01-01",
            "status": "vastgesteld", **texts}  # fmt: skip


def areas(*rows, without=()):
    """Areas as `loadplan` makes them, a square of 10 m for each row."""
    names = [name for name in rows[0] if name != "x" and name not in without]
    columns = {
        name: np.array([item[name] for item in rows], float if name == "norm" else object)
        for name in names
    }  # fmt: skip
    return Features(Geometries.build("polygon", [[square(item["x"])] for item in rows]), columns)


def test_a_norm_of_an_area_becomes_a_rule_there():
    (rule,) = rules_of(areas(row("building_height", 11.5, x=50)), TAKEN)
    assert (rule.id, rule.quantity, rule.norm, rule.tolerance) == ("NL.IMRO.1 m1", "building_height", 11.5, 0.05)
    assert rule.where.bounds == (50, 0, 60, 10) and rule.settings == {"minor_area": 4.0} and rule.line == 0
    assert (rule.title, rule.text, rule.link, rule.date) == ("Hoogte", "T", "https://a.nl/1", "2020-01-01")
    assert rule.source == "NL.IMRO.1, Centrum (vastgesteld)"


def test_what_is_not_taken_or_not_known_gives_no_rule():
    rows = (row("building_height", 9), row("eaves_height", 6), row("", math.nan), row("built_percentage", 60))
    assert [rule.norm for rule in rules_of(areas(*rows), {"building_height": PlanRule()})] == [9]
    assert rules_of(areas(*rows), {}) == []


def test_a_quantity_that_is_taken_but_no_longer_measured_gives_no_rule():
    assert rules_of(areas(row("gone", 9)), {"gone": PlanRule()}) == []


@pytest.mark.parametrize("norm", [math.nan, math.inf, -1.0])
def test_a_norm_that_must_be_read_stays_and_leads_to_a_review(norm):
    (rule,) = rules_of(areas(row("building_height", norm)), TAKEN)
    assert math.isnan(rule.norm)
    assert judged(QUANTITIES["building_height"], rule, Found("b", 3.0)).outcome == REVIEW


def test_a_norm_that_must_be_read_is_told_beside_what_was_measured():
    (rule,) = rules_of(areas(row("building_height")), TAKEN)
    height = QUANTITIES["building_height"]
    said = sentence(height, rule, judged(height, rule, Found("b", 3.0, reason="Highest point at 4 m NAP.")))
    assert said == (
        "Needs a review. building_height of b is 3.00 m; the norm is not a number: read the text of the rule. "
        "Highest point at 4 m NAP."
    )


@pytest.mark.parametrize(("value", "norm"), [("11.5", 11.5), ("11,5", math.nan), (None, math.nan), ("", math.nan)])
def test_norms_of_a_layer_that_holds_them_as_text(value, norm):
    layer = areas(row("building_height", 1.0))
    (rule,) = rules_of(layer.with_columns({"norm": np.array([value], object)}), TAKEN)
    assert rule.norm == pytest.approx(norm, nan_ok=True)


def test_building_areas_of_a_plan_are_one_rule():
    rows = [row("", kind="bouwvlak", x=x, rule=f"b{x}") for x in (0, 10, 100)]
    (rule,) = rules_of(areas(*rows), TAKEN)
    assert (rule.id, rule.quantity, rule.norm, rule.tolerance) == ("NL.IMRO.1 bouwvlak", OUTSIDE, 0, 0.5)
    assert rule.where.area == 300 and len(rule.where.geoms) == 2  # two that touch, and one apart
    assert rule.title == "Building areas of the plan" and "bouwvlakken" in rule.text


def test_building_areas_of_two_plans_are_two_rules():
    rows = [row(kind="bouwvlak"), row(kind="bouwvlak", x=50, plan="NL.IMRO.2"), row(kind="Bouwvlak", x=10)]
    assert [(rule.id, rule.where.area) for rule in rules_of(areas(*rows), TAKEN)] == [
        ("NL.IMRO.1 bouwvlak", 200), ("NL.IMRO.2 bouwvlak", 100)]  # fmt: skip


def test_a_building_area_with_a_norm_gives_both():
    rows = [row("building_height", 9, kind="bouwvlak"), row("built_percentage", 60, kind="bouwvlak", rule="m2")]
    rules = rules_of(areas(*rows), TAKEN)
    assert [rule.quantity for rule in rules] == ["building_height", "built_percentage", OUTSIDE]
    assert rules[-1].where.area == 100  # the area stands in the layer twice, a row for each norm


def test_building_areas_are_left_alone_where_they_are_not_taken():
    assert rules_of(areas(row(kind="bouwvlak")), {"building_height": PlanRule()}) == []


def test_each_rule_has_an_id_of_its_own():
    rows = [row("building_height", 9), row("building_height", 8), row("building_height", 7, plan="NL.IMRO.2")]
    assert [rule.id for rule in rules_of(areas(*rows), TAKEN)] == [
        "NL.IMRO.1 m1 (1)",
        "NL.IMRO.1 m1 (2)",
        "NL.IMRO.2 m1",
    ]


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "www.a.nl", "", None, math.nan])
def test_a_link_that_is_no_web_address_is_not_passed_on(link):
    assert rules_of(areas(row("building_height", 9, link=link)), TAKEN)[0].link == ""


def test_texts_that_are_not_there_are_empty():
    layer = areas(
        row("building_height", 9), without=("rule", "title", "text", "source", "plan", "link", "date", "status")
    )
    (rule,) = rules_of(layer, TAKEN)
    assert (rule.id, rule.title, rule.source, rule.link) == ("plan 1", "", "", "")
    layer = areas(row("building_height", 9, title=None, source=math.nan, plan=None))
    assert (rules_of(layer, TAKEN)[0].title, rules_of(layer, TAKEN)[0].source) == ("", "(vastgesteld)")


@pytest.mark.parametrize("column", ["quantity", "norm", "area_kind"])
def test_a_layer_without_what_is_needed_is_refused(column):
    with pytest.raises(InputError, match=f"lack the columns {column}; take a layer that Load plan made"):
        rules_of(areas(row("building_height", 9), without=(column,)), TAKEN)


def test_a_layer_without_areas_gives_no_rule():
    layer = areas(row())
    assert rules_of(layer.take(np.array([], np.int64)), TAKEN) == []


def test_a_polygon_that_crosses_itself_is_made_right():
    bow = [[(0, 0), (10, 10), (10, 0), (0, 10), (0, 0)]]
    layer = areas(row("building_height", 9))
    layer = Features(Geometries.build("polygon", [[bow]]), layer.columns)
    where = rules_of(layer, TAKEN)[0].where
    assert where.is_valid and where.area == pytest.approx(50)  # two triangles of 25 m2


def test_what_is_left_out_is_counted():
    rows = (row("building_height", 9), row("eaves_height", 6), row("eaves_height", 5), row("", value="minimum 3"),
            row("", value=""))  # fmt: skip
    layer = areas(*[{"value": "9", **item} for item in rows])
    assert left_out(layer, TAKEN) == {"eaves_height": 2, "": 1}
    assert left_out(areas(*rows[:2]), TAKEN) == {"eaves_height": 1}
