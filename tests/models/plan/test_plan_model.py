"""A plan tested against rules: five outcomes from data that should give them, and none good for want of data."""

import json
import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin import translate
from dtwin_plugin.data import Features
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.models.base import Values
from dtwin_plugin.models.plan import quantities as registry
from dtwin_plugin.models.plan.blocks import extruded
from dtwin_plugin.models.plan.case import PEIL_GIVEN, Body, Case
from dtwin_plugin.models.plan.evidence import objects_layer, outcomes_table, summary_table, violations_layer
from dtwin_plugin.models.plan.places import OFF, closed, shown
from dtwin_plugin.models.plan.plan_model import PLANCHECK
from dtwin_plugin.models.plan.quantity import AT_LEAST, AT_MOST, OUTCOMES, Found, Quantity
from dtwin_plugin.models.plan.rules import Rule, RuleSet
from dtwin_plugin.models.plan.sentences import SEVERITY, TITLES, sentence
from dtwin_plugin.models.plan.shapes import geometries_of
from dtwin_plugin.models.plan.testing import outcomes_of, worst
from dtwin_plugin.progress import Silent

X, Y = 84_600.0, 447_400.0
SET = RuleSet("delft-test", "3", "Test", "Delft", (), digest="ab" * 32)


def body(name="house", x=0.0, height=9.0, peil=1.0):
    shape = shapely.box(X + x, Y, X + x + 10, Y + 8)
    triangles, kinds = extruded(shape, 1.0, 1.0 + height)
    return Body(name, triangles, kinds, shape, shape, peil, PEIL_GIVEN if not math.isnan(peil) else "")


def top(case, rule):
    """Yield how high each building is, and its roof where that is too high."""
    for one in case.bodies:
        high = float(one.triangles[:, :, 2].max()) - one.peil
        roof = one.triangles[(one.triangles[:, :, 2] == one.triangles[:, :, 2].max()).all(axis=1)]
        places = tuple(roof) if high > rule.norm else ()
        yield Found(one.id, high, reason="Highest point at {z:.2f} m NAP.", values={"z": high + one.peil},
                    places=places, peil=one.peil, peil_from=one.peil_from)  # fmt: skip


def quantity(measure=top, name="height", sense=AT_MOST, **more):
    return Quantity(name, "Height", "m", sense, measure, "", **more)


def outcomes(measure, rule=None, case=None, **more):
    """Return the outcomes of one rule."""
    one = quantity(measure, **more)
    rows = outcomes_of(
        case or Case((body(),)), [rule or Rule("r", "height", 10.0)], {"height": one}, {"sun": "Sun"}, Silent()
    )
    return [(row.found.object, row.found.outcome) for row in rows]


def yields(*found):
    return lambda case, rule: iter(found)


def test_a_value_within_its_norm_complies_and_one_beyond_it_does_not():
    case = Case((body("low", height=9.0), body("high", x=20, height=11.0)))
    assert outcomes(top, case=case) == [("low", "compliant"), ("high", "non_compliant")]


def test_a_level_that_is_not_known_complies_with_nothing():
    assert outcomes(top, case=Case((body(peil=math.nan),))) == [("house", "insufficient_data")]


@pytest.mark.parametrize("sense", [AT_MOST, AT_LEAST])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_complies_with_nothing(sense, value):
    # without a neighbour the nearest is infinitely far; that says nothing
    assert outcomes(yields(Found("a", value)), sense=sense) == [("a", "insufficient_data")]


def test_a_doubt_that_reaches_the_norm_is_for_people():
    assert outcomes(yields(Found("a", 9.9, doubt=0.3))) == [("a", "review_required")]
    assert outcomes(yields(Found("a", 9.9, doubt=math.nan))) == [("a", "review_required")]


def test_a_norm_of_words_and_a_test_that_proves_nothing_are_for_people():
    assert outcomes(top, Rule("r", "height", math.nan)) == [("house", "review_required")]
    assert outcomes(top, proves=False) == [("house", "review_required")]


@pytest.mark.parametrize("outcome", ["compliant", "fine", "COMPLIANT"])
def test_a_measurement_cannot_decide_that_something_complies(outcome):
    rows = outcomes(yields(Found("a", math.nan, outcome)))
    assert rows == [("", "insufficient_data")]


def test_what_is_needed_and_not_given_is_named_by_its_title():
    one = quantity(needs=("terrain", "sun"))
    case = Case((body("a"), body("b")), terrain=object())
    rows = outcomes_of(case, [Rule("r", "height", 10.0)], {"height": one}, {"sun": "Sun on facades"}, Silent())
    assert [(row.found.object, row.found.outcome) for row in rows] == [("a", "insufficient_data"),
                                                                      ("b", "insufficient_data")]  # fmt: skip
    assert rows[0].sentence == "Not enough data. Height of a is not known. Sun on facades was not given."


ELSEWHERE = shapely.box(X + 500, Y, X + 510, Y + 10)


def test_a_rule_for_elsewhere_does_not_apply():
    rule = Rule("r", "height", 10.0, where=ELSEWHERE)
    assert outcomes(yields(), rule) == [("", "not_applicable")]
    assert outcomes(yields(), rule, needs=("plot",)) == [("", "not_applicable")]
    # many buildings that are not there are one row
    absent = [Found(name, math.nan, "not_applicable") for name in "abc"]
    assert outcomes(yields(*absent), rule) == [("", "not_applicable")]
    # the windows that a rule on sun is about stand elsewhere than the plan: their lack is not that of a rule
    assert outcomes(yields(), rule, needs=("sun",)) == [("house", "insufficient_data")]


def test_what_is_measured_elsewhere_counts():
    # a house that stands in no building area at all is outside it
    rule = Rule("r", "height", 0.0, where=ELSEWHERE)
    assert outcomes(yields(Found("house", 80.0)), rule) == [("house", "non_compliant")]


def test_nothing_measured_here_is_no_good_outcome():
    assert outcomes(yields(), Rule("r", "height", 10.0, where=shapely.box(X, Y, X + 1, Y + 1))) == [
        ("", "insufficient_data")
    ]
    assert outcomes(yields()) == [("", "insufficient_data")]


def breaks(error):
    def measure(case, rule):
        yield Found("a", 9.0)
        raise error

    return measure


def test_an_error_leaves_other_rules_their_outcome_and_complies_with_nothing():
    progress = Silent()
    rules = [Rule("bad", "bad", 10.0), Rule("good", "height", 10.0)]
    table = {"bad": quantity(breaks(ZeroDivisionError("of 0")), "bad"), "height": quantity()}
    rows = outcomes_of(Case((body(),)), rules, table, {}, progress)
    assert [(row.rule.id, row.found.object, row.found.outcome) for row in rows] == [
        ("bad", "a", "compliant"), ("bad", "", "insufficient_data"), ("good", "house", "compliant"),
    ]  # fmt: skip
    assert "ZeroDivisionError: of 0" in rows[1].sentence and "bad was not tested" in progress.warnings[0]
    objects = objects_layer((body("a"),), rows)
    assert objects.columns["outcome"].tolist() == ["insufficient_data"], "what failed for the plan is of each building"


def test_an_error_that_people_understand_is_the_reason():
    one = quantity(breaks(InputError("The base map has no {field}.", field="klasse")))
    rows = outcomes_of(Case((body(),)), [Rule("r", "height", 1.0)], {"height": one}, {}, Silent())
    assert rows[1].sentence.endswith("The base map has no klasse.")


def test_a_sentence_that_cannot_be_made_is_a_fault_and_no_outcome():
    assert outcomes(yields(Found("a", 9.0, reason="It is {high:.2f} m."))) == [("", "insufficient_data")]


def test_work_is_cancelled_between_objects():
    class Stopping(Silent):
        asked = 0

        def is_cancelled(self):
            self.asked += 1
            return self.asked > 3

    seen = []

    def many(case, rule):
        for number in range(1000):
            seen.append(number)
            yield Found(str(number), 1.0)

    with pytest.raises(Cancelled):
        outcomes_of(Case((body(),)), [Rule("r", "height", 10.0)], {"height": quantity(many)}, {}, Stopping())
    assert len(seen) == 4


@given(
    st.floats(allow_nan=True), st.floats(-100, 100), st.floats(0, 5), st.floats(0, 5),
    st.sampled_from([AT_MOST, AT_LEAST]),
)  # fmt: skip
def test_whatever_is_measured_complies_only_when_all_that_may_be_is_within_the_norm(
    value, norm, tolerance, doubt, sense
):
    one = quantity(yields(Found("a", value, doubt=doubt)), sense=sense)
    (row,) = outcomes_of(Case((body(),)), [Rule("r", "height", norm, tolerance)], {"height": one}, {}, Silent())
    beyond = value - norm if sense == AT_MOST else norm - value
    if row.found.outcome == "compliant":
        assert math.isfinite(value) and beyond + doubt <= tolerance + 1e-8
    elif row.found.outcome == "non_compliant":
        assert beyond - doubt > tolerance
    else:
        assert row.found.outcome == ("review_required" if math.isfinite(value) else "insufficient_data")


RULE = Rule("r", "height", 11.0, 0.05)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Found("a", 12.5, "non_compliant"),
         "Does not comply. Height of a is 12.50 m; at most 11.00 m is allowed, with a tolerance of 0.05 m."),
        # rounded to its norm a value would look as if it were allowed
        (Found("a", 11.0021, "non_compliant"),
         "Does not comply. Height of a is 11.002 m; at most 11.000 m is allowed, with a tolerance of 0.05 m."),
        (Found("", 10.9, "review_required", doubt=0.3),
         "Needs a review. Height of the plan is 10.90 m; at most 11.00 m is allowed, with a tolerance of 0.05 m. "
         "It may be 0.30 m off."),
        (Found("a", math.nan, "insufficient_data", "No {what} at {z:.1f}, {n} times.",
                                                                       {"what": "roof", "z": 2.25, "n": 3}),
         "Not enough data. Height of a is not known. No roof at 2.2, 3 times."),
        (Found("a", math.nan, "not_applicable", doubt=0.3), "Not applicable. Height is not tested for a."),
    ],
)  # fmt: skip
def test_an_outcome_is_a_sentence(found, words):
    assert sentence(quantity(), RULE, found) == words


def test_a_sentence_is_in_the_language_of_who_reads_it(monkeypatch):
    monkeypatch.setattr(translate, "_language", "nl")
    words = sentence(quantity(), RULE, Found("a", 12.5, "non_compliant", "{z:.1f} m", {"z": 13.25}))
    assert "12,50 m" in words and "13,2 m" in words and "." not in words.replace(". ", "").rstrip("m")


def test_the_worst_outcome_is_what_asks_most_of_people():
    assert set(SEVERITY) == set(TITLES) == set(OUTCOMES)
    assert worst(OUTCOMES) == "non_compliant" and worst(["not_applicable", "compliant"]) == "compliant"


def rows_of(*bodies):
    rules = [Rule("max", "height", 10.0, 0.1, title="Max height", text="10 m", source="Plan A", link="https://a.nl",
                  date="2024-01-01"), Rule("words", "height", math.nan)]  # fmt: skip
    return outcomes_of(Case(bodies), rules, {"height": quantity()}, {}, Silent())


def test_tables_hold_what_an_officer_needs_to_check_it():
    rows = rows_of(body("low"), body("high", x=20, height=12.0))
    table = outcomes_table(rows, SET)
    assert set(table) == {item.name: item for item in PLANCHECK.outputs}["outcomes"].columns.keys()
    second = {name: values[1] for name, values in table.items()}
    assert (second["rule"], second["object"], second["outcome"]) == ("max", "high", "non_compliant")
    assert (second["value"], second["norm"], second["unit"], second["tolerance"]) == (12.0, 10.0, "m", 0.1)
    assert (second["peil"], second["peil_from"], second["date"]) == (1.0, PEIL_GIVEN, "2024-01-01")
    assert (second["rule_set"], second["digest"], second["source"]) == ("delft-test 3", "ab" * 32, "Plan A")
    assert table["norm"][2] is None, "a norm of words is no number, and not 0 either"
    assert summary_table(rows)["count"] == [1, 1, 2, 0, 0] and summary_table(rows)["outcome"] == list(OUTCOMES)


def test_layers_show_the_worst_of_each_building_and_where_it_is():
    bodies = (body("low"), body("high", x=20, height=12.0))
    rows = rows_of(*bodies)
    objects = objects_layer(bodies, rows)
    assert objects.columns["outcome"].tolist() == ["review_required", "non_compliant"]
    assert objects.columns["non_compliant"].tolist() == [0, 1] and objects.columns["top"].tolist() == [10.0, 13.0]
    assert "12.00 m" in objects.columns["sentences"][1] and "\n" not in objects.columns["sentences"][1]
    assert objects.geometries.bounds()[1].tolist() == [X + 20, Y, X + 30, Y + 8]
    places = violations_layer(rows, bodies)
    assert places.columns["object"].tolist() == ["high"] and places.columns["value"].tolist() == [12.0]
    assert places.geometries.has_z and set(places.geometries.coordinates[:, 2]) == {13.0 + OFF}
    assert len(places.geometries.parts) - 1 == 2, "the two triangles of its roof"


def test_no_violation_is_an_empty_layer_in_space():
    places = violations_layer(rows_of(body()))
    assert len(places) == 0 and places.geometries.has_z and "sentence" in places.columns


def test_rings_without_an_area_or_a_number_are_left_out():
    line = np.array([[0, 0, 1], [1, 0, 1]], float)
    hole = np.array([[0, 0, 1], [1, 0, np.nan], [1, 1, 1]], float)
    rows = outcomes_of(Case((body(),)), [Rule("r", "height", 1.0)],
                  {"height": quantity(yields(Found("a", 9.0, places=(line, hole))))}, {}, Silent())  # fmt: skip
    assert len(violations_layer(rows)) == 0


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("ring", "way"),
    [
        ([(0, 0, 5), (10, 0, 5), (10, 0, 9), (0, 0, 9)], (0, -1, 0)),  # the south wall of 10 by 8 m, to the south
        ([(0, 8, 5), (10, 8, 5), (10, 8, 9), (0, 8, 9)], (0, 1, 0)),
        ([(0, 0, 10), (10, 0, 10), (10, 8, 10), (0, 8, 10)], (0, 0, 1)),  # the roof, up
        ([(12, 0, 4), (14, 0, 4), (14, 8, 4), (12, 8, 4)], (0, 0, -1)),  # the underside of what hangs over, down
        ([(40, 0, 1), (44, 0, 1), (44, 8, 1), (40, 8, 1)], (0, 0, 1)),  # the ground beside it, up
    ],
)  # fmt: skip
def test_places_are_drawn_on_the_side_from_which_they_are_seen(ring, way, turned):
    house, porch = shapely.box(X, Y, X + 10, Y + 8), shapely.box(X + 10, Y, X + 14, Y + 8)
    triangles = np.concatenate([extruded(house, 1.0, 10.0)[0], extruded(porch, 4.0, 6.0)[0]])
    outline = house.union(porch)
    one = Body("a", triangles, np.full(len(triangles), ""), outline, house, 1.0, PEIL_GIVEN)
    place = np.array(ring[::-1] if turned else ring, float) + [X, Y, 0]
    moved = shown([closed(place)], one)[0] - closed(place)
    assert moved == pytest.approx(np.tile(np.array(way) * OFF, (5, 1)), abs=1e-6)


def rule_file(folder, rules, **more):
    content = {
        "format": "dtwin-rules", "format_version": 1, "id": "delft-test", "version": "1", "title": "Test",
        "owner": "Gemeente Delft", "date": "2026-01-01", "language": "en", "licence": "CC0-1.0", "source": "A test",
        "peil": "ground", "rules": rules, "plan_rules": {}, **more,
    }  # fmt: skip
    path = folder / "rules.json"
    path.write_text(json.dumps(content, indent=1))
    return path


def a_rule(name="max", quantity="building_height", norm=10.0, **more):
    return {"id": name, "title": name, "quantity": quantity, "norm": norm, "unit": "m", "tolerance": 0.0,
            "area": "everywhere", "text": "t", "source": "s", "link": "https://example.nl", "date": "2026-01-01",
            **more}  # fmt: skip


def values(path, plan, **given) -> Values:
    return {item.name: None for item in PLANCHECK.inputs} | {"rules": path, "plan": plan} | given


def blocks(*heights):
    shapes = [shapely.box(X + 20 * i, Y, X + 20 * i + 10, Y + 8) for i in range(len(heights))]
    return Features(geometries_of(shapes), {"height": np.array(heights), "base": np.full(len(heights), 1.0)})


def test_a_run_gives_tables_layers_and_numbers(tmp_path):
    path = rule_file(tmp_path, [a_rule()])
    made = PLANCHECK.run(values(path, blocks(9.0, 12.0), peil=1.0), Silent())
    assert made["outcomes"]["outcome"] == ["compliant", "non_compliant"]
    assert made["outcomes"]["value"] == pytest.approx([9.0, 12.0])
    assert (made["compliant"], made["non_compliant"], made["review_required"]) == (1, 1, 0)
    assert made["summary"]["count"] == [1, 1, 0, 0, 0] and len(made["objects"]) == 2
    z = made["violations"].geometries.coordinates[:, 2]
    # what rises over 10 m from a level of 1 m, the top drawn a little over itself
    assert z.min() == pytest.approx(11.0) and z.max() == pytest.approx(13.0 + OFF)


def test_the_level_of_the_file_counts_until_another_is_given(tmp_path):
    path = rule_file(tmp_path, [a_rule()], peil={"level": 3.0, "text": "3 m NAP"})
    made = PLANCHECK.run(values(path, blocks(12.0)), Silent())
    assert made["outcomes"]["value"] == pytest.approx([10.0]) and made["outcomes"]["peil_from"] == [PEIL_GIVEN]
    made = PLANCHECK.run(values(path, blocks(12.0), peil=1.0), Silent())
    assert made["outcomes"]["value"] == pytest.approx([12.0])


def test_without_a_level_heights_are_not_known_and_it_is_told(tmp_path):
    progress = Silent()
    made = PLANCHECK.run(values(rule_file(tmp_path, [a_rule()]), blocks(9.0)), progress)
    assert made["outcomes"]["outcome"] == ["insufficient_data"] and made["outcomes"]["value"] == [None]
    assert "level of reference is not known of 1 buildings" in progress.warnings[0]


def test_a_file_without_rules_tests_nothing_and_says_so(tmp_path):
    path = rule_file(tmp_path, [], plan_rules={"building_height": {"tolerance": 0.0}})
    with pytest.raises(InputError, match="no rule to test"):
        PLANCHECK.run(values(path, blocks(9.0)), Silent())


def test_a_mistake_in_the_file_is_told_before_the_run(tmp_path):
    path = rule_file(tmp_path, [a_rule(quantity="building_hight")])
    problems = [problem.text() for problem in PLANCHECK.check(values(path, blocks(9.0)))]
    assert len(problems) == 1 and "building_height" in problems[0] and "Line " in problems[0]


def test_each_layer_of_a_case_can_be_given():
    inputs = {item.name for item in PLANCHECK.inputs}
    assert {name for name in Case.__dataclass_fields__ if name != "bodies"} <= inputs
    for one in registry.QUANTITIES.values():
        assert set(one.needs) <= inputs, one.id
