"""The JSON Schema and the reader are of one mind, and so are the shipped rules and the page on how to write them."""

import copy
import json
import re

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtwin_plugin.models.plan.quantities import QUANTITIES
from dtwin_plugin.models.plan.rule_file import examined, rules_in
from dtwin_plugin.models.plan.rule_keys import PLAN_RULE_KEYS, RULE_KEYS, SET_KEYS
from dtwin_plugin.models.plan.rule_schema import schema
from scripts.rule_schema import SCHEMA, texts

SQUARE = [[84600, 447400], [84700, 447400], [84700, 447500], [84600, 447500], [84600, 447400]]
RIGHT = {
    "$schema": "https://example.org/rules-1.schema.json", "format": "dtwin-rules", "format_version": 1, "id": "a",
    "version": "1", "title": "A", "owner": "A", "date": "2026-01-31", "language": "nl", "licence": "CC0",
    "source": "Made up", "note": "None", "peil": {"level": -0.4, "text": "A"},
    "areas": {"west": {"title": "W", "geometry": {"type": "Polygon", "coordinates": [SQUARE]}}},
    "rules": [{
        "id": "h", "title": "H", "quantity": "building_height", "norm": None, "unit": "m", "tolerance": 0.05,
        "area": "west", "text": "T", "source": "S", "link": "https://example.org/a?b#c", "date": "2024-02-29",
        "settings": {"minor_area": 4},
    }],
    "plan_rules": {"built_percentage": {"tolerance": 1, "settings": {}}},
}  # fmt: skip


SHARE = {"quantity": "built_percentage", "unit": "percent", "settings": {}}


def judged(value):
    """What the schema and the reader say of a file: whether it is right."""
    by_schema = jsonschema.Draft202012Validator(schema()).is_valid(value)
    return by_schema, rules_in(json.dumps(value).encode(), "own.json")[0] is not None


def changed(place, value):
    root = copy.deepcopy(RIGHT)
    *way, last = place
    node = root
    for step in way:
        node = node[step]
    if value is ...:
        del node[last]
    else:
        node[last] = value
    return root


def test_the_schema_and_the_page_are_up_to_date():
    stale = [path.name for path, text in texts().items() if path.read_text("utf-8") != text]
    assert not stale, "run: python -m scripts.rule_schema"


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(json.loads(SCHEMA.read_text("utf-8")))


def test_the_schema_names_every_quantity_with_its_unit_and_settings():
    rule = schema()["properties"]["rules"]["items"]
    assert rule["properties"]["quantity"]["enum"] == list(QUANTITIES)
    for case, item in zip(rule["allOf"], QUANTITIES.values()):
        assert case["if"]["properties"]["quantity"]["const"] == item.id
        assert case["then"]["properties"]["unit"]["const"] == item.unit
        assert list(case["then"]["properties"]["settings"]["properties"]) == list(item.settings)


def test_a_right_file_is_right_to_both():
    assert judged(RIGHT) == (True, True)
    assert judged(changed(["rules", 0], {**RIGHT["rules"][0], **SHARE, "norm": 100})) == (True, True)


@pytest.mark.parametrize("key", [key for key, item in SET_KEYS.items() if item.required])
def test_a_key_that_is_needed_is_missed_by_both(key):
    assert judged(changed([key], ...)) == (False, False)


@pytest.mark.parametrize("key", [key for key, item in RULE_KEYS.items() if item.required])
def test_a_key_that_a_rule_needs_is_missed_by_both(key):
    assert judged(changed(["rules", 0, key], ...)) == (False, False)


@pytest.mark.parametrize("place", [
    [key] for key, item in SET_KEYS.items() if not item.required and key != "areas"
] + [["rules", 0, key] for key, item in RULE_KEYS.items() if not item.required] + [
    ["plan_rules", "built_percentage", key] for key in PLAN_RULE_KEYS])  # fmt: skip
def test_a_key_that_may_be_left_out_is_not_missed(place):
    assert judged(changed(place, ...)) == (True, True)


@pytest.mark.parametrize(("place", "value"), [
    (["format"], "rules"), (["format_version"], 2), (["format_version"], "1"), (["extra"], 1), (["id"], "a b"),
    (["id"], ""), (["title"], "  "), (["title"], 1), (["date"], "2026-1-31"), (["language"], "NL"), (["peil"], "nap"),
    (["peil"], 1), (["peil", "level"], "0"), (["peil", "text"], ...), (["areas"], []), (["rules"], {}),
    (["plan_rules"], []), (["plan_rules", "gone"], {}), (["plan_rules", "built_percentage", "tolerance"], -1),
    (["plan_rules", "built_percentage", "norm"], 1), (["plan_rules", "built_percentage", "settings"], {"gone": 1}),
    (["areas", "everywhere"], RIGHT["areas"]["west"]), (["areas", "a b"], RIGHT["areas"]["west"]),
    (["areas", "west", "extra"], 1), (["areas", "west", "title"], ...),
    (["areas", "west", "geometry", "type"], "Point"),
    (["areas", "west", "geometry", "coordinates"], []), (["areas", "west", "geometry", "coordinates"], [SQUARE[:3]]),
    (["areas", "west", "geometry", "coordinates"], [SQUARE[:3] + [["a", 1]]]),
    (["areas", "west", "geometry", "coordinates"], [[SQUARE]]), (["areas", "west", "geometry", "crs"], {}),
    (["rules", 0, "quantity"], "gone"), (["rules", 0, "norm"], "11,5"), (["rules", 0, "norm"], True),
    (["rules", 0, "unit"], "cm"), (["rules", 0, "tolerance"], -0.1), (["rules", 0, "tolerance"], None),
    (["rules", 0, "link"], "ftp://a"), (["rules", 0, "link"], "a"), (["rules", 0, "settings"], {"gone": 1}),
    (["rules", 0, "settings"], {"minor_area": "4"}), (["rules", 0, "settings"], {"minor_area": -4}),
    (["rules", 0, "norm"], -1), (["plan_rules", "built_percentage", "settings"], {"projections": -1}),
    (["rules", 0], {**RIGHT["rules"][0], **SHARE, "norm": 101}),
    (["rules", 0, "extra"], 1), (["rules", 0], []),
])  # fmt: skip
def test_a_mistake_is_one_to_both(place, value):
    assert judged(changed(place, value)) == (False, False)


@pytest.mark.parametrize(("place", "value"), [
    (["date"], "2026-02-30"), (["rules", 0, "area"], "gone"), (["peil", "level"], 850),
    (["areas", "west", "geometry", "coordinates"], [SQUARE[:-1]]),
    (["areas", "west", "geometry", "coordinates"], [[[4, 52], [5, 52], [5, 53], [4, 52]]]),
    (["rules"], [RIGHT["rules"][0]] * 2),
])  # fmt: skip
def test_the_reader_knows_more_than_a_schema_can(place, value):
    assert judged(changed(place, value)) == (True, False)


def places(node, way=()):
    """All places in a file."""
    yield way
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from places(value, (*way, key))


PLACES = [way for way in places(RIGHT) if way]
ANYTHING = st.sampled_from([
    ..., None, True, 0, -1, 1, 11.5, 1e308, 84650.0, "", "a", "m", "west", "everywhere", "ground", "2026-01-31",
    "https://a.nl", "building_height", "fire_distance", [], {}, [[]], [1, 2], {"a": 1}, SQUARE, [SQUARE], [[SQUARE]],
])  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(PLACES), ANYTHING), min_size=1, max_size=3))
def test_whatever_stands_in_a_file_is_refused_or_right_to_both(changes):
    root = RIGHT
    for place, value in changes:
        try:
            root = copy.deepcopy(root)
            *way, last = place
            node = root
            for step in way:
                node = node[step]
            if value is ...:
                del node[last]
            else:
                node[last] = value
        except (KeyError, IndexError, TypeError):  # the place went with an earlier change
            continue
    by_schema, by_reader = judged(root)
    assert by_schema or not by_reader
    found = rules_in(json.dumps(root).encode(), "own.json")[1]
    assert all(problem.text().endswith(".") and "Line 1 of own.json" in problem.text() for problem in found)


@pytest.fixture(scope="module")
def shipped(root):
    return root / "resources" / "plan" / "rules.json"


def test_the_shipped_rules_are_right_to_both(shipped):
    rules, problems = examined(shipped)
    assert not problems and rules.peil is None
    jsonschema.Draft202012Validator(schema()).validate(json.loads(shipped.read_text("utf-8")))


def test_the_shipped_rules_have_the_figures_of_their_sources(shipped):
    rules = {rule.quantity: rule for rule in examined(shipped)[0].rules}
    # Kloosterpark art. 7.1: 4.20 m over the carriageway and 0.50 m beside it, 2.20 m over the rest of the road
    assert (rules["overhang_carriageway"].norm, rules["overhang_carriageway"].settings) == (4.2, {"strip": 0.5})
    assert rules["overhang_road"].norm == 2.2
    assert rules["sun_hours"].norm == 2  # TNO light
    assert rules["fire_distance"].norm != rules["fire_distance"].norm  # NaN: no distance proves anything
    assert all(rule.where is None and rule.link and rule.source for rule in rules.values())


def test_what_plans_are_no_law_is_said(shipped):
    rules, _ = examined(shipped)
    assert all(
        "geen landelijke" in rule.text or "Voorbeeld" in rule.text for rule in rules.rules if "over" in rule.quantity
    )
    assert "voorbeelden" in json.loads(shipped.read_text("utf-8"))["note"]


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs" / "models" / "plan-rules.md").read_text("utf-8")


def test_the_example_of_the_page_is_a_right_file(page):
    (example,) = re.findall(r"```json\n(\{\n \"format\".*?)```", page, re.DOTALL)
    rules, problems = rules_in(example.encode(), "example.json")
    assert not problems and len(rules.rules) >= 3


def test_the_page_tells_every_key(page):
    for keys in (SET_KEYS, RULE_KEYS, PLAN_RULE_KEYS):
        assert all(f"| `{key}` |" in page for key in keys)


@pytest.mark.parametrize("name", QUANTITIES)
def test_the_page_tells_every_quantity_with_its_settings(page, name):
    (row,) = [line for line in page.split("\n") if line.startswith(f"| `{name}` |")]
    item = QUANTITIES[name]
    sense = {"at_most": "at most", "at_least": "at least"}[item.sense]
    assert f"| {item.unit} | {sense} |" in row
    for key, default in item.settings.items():
        assert f"`{key}` {default:g}" in row
