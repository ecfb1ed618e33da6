"""Rule files: a right one becomes rules, and each mistake is told with its line, its reason and what to do."""

import hashlib
import json
import math

import pytest

from dtwin_plugin.errors import InputError, MissingDependencyError
from dtwin_plugin.models.plan import rule_file
from dtwin_plugin.models.plan.quantities import QUANTITIES
from dtwin_plugin.models.plan.quantity import AT_LEAST, AT_MOST, Quantity
from dtwin_plugin.models.plan.rule_file import MOST, examined, read_rules, rules_in
from dtwin_plugin.models.problem import WARNING

RIGHT = """{
 "format": "dtwin-rules",
 "format_version": 1,
 "id": "delft-centrum",
 "version": "1.2.0",
 "title": "Binnenstad",
 "owner": "Gemeente Delft",
 "date": "2026-01-31",
 "language": "nl",
 "licence": "CC0",
 "source": "Made up for a test",
 "peil": {"level": 0.85, "text": "Kruin van de weg."},
 "areas": {
  "west": {"title": "West", "geometry": {"type": "Polygon", "coordinates": [[
   [84600, 447400], [84700, 447400], [84700, 447500], [84600, 447500], [84600, 447400]]]}},
  "east": {"title": "Oost", "geometry": {"type": "MultiPolygon", "coordinates": [[[
   [84700, 447400], [84800, 447400], [84800, 447500], [84700, 447500], [84700, 447400]]]]}}
 },
 "rules": [
  {"id": "h-west", "title": "Hoogte west", "quantity": "building_height", "norm": 11.5, "unit": "m",
   "tolerance": 0.05, "area": "west", "text": "Ten hoogste 11,5 m.", "source": "Plan, art. 3",
   "link": "https://example.org/plan#art3", "date": "2020-02-29", "settings": {"minor_area": 4}},
  {"id": "h-east", "title": "Hoogte oost", "quantity": "building_height", "norm": null, "unit": "m",
   "area": "east", "text": "Passend in de straat.", "source": "Plan, art. 4"},
  {"id": "clear", "title": "Vrije hoogte", "quantity": "overhang_clearance", "norm": 4.2, "unit": "m",
   "area": "everywhere", "text": "Niet lager dan 4,20 m.", "source": "Plan, art. 7"}
 ],
 "plan_rules": {
  "building_height": {"tolerance": 0.05, "settings": {"minor_area": 2}},
  "overhang_clearance": {}
 }
}
"""


def quantity(name, unit, sense, **settings):
    return Quantity(name, name, unit, sense, lambda case, rule: (), "", settings=settings)


@pytest.fixture(autouse=True)
def quantities(monkeypatch):
    """Quantities of which the tests know units and settings."""
    for name in list(QUANTITIES):
        monkeypatch.delitem(QUANTITIES, name)
    for item in (
        quantity("building_height", "m", AT_MOST, minor_area=1.0, share=0.1),
        quantity("overhang_clearance", "m", AT_LEAST, elsewhere=2.2),
        quantity("noise_level", "dB", AT_MOST),
    ):
        monkeypatch.setitem(QUANTITIES, item.id, item)


@pytest.fixture
def path(tmp_path):
    result = tmp_path / "own.json"
    result.write_text(RIGHT, "utf-8")
    return result


def problems(text):
    rules, found = rules_in(text.encode("utf-8"), "own.json")
    assert (rules is None) == any(problem.level != WARNING for problem in found)
    return found


def changed(old, new):
    """The text with one change, and the line on which it is."""
    assert RIGHT.count(old) == 1, old
    return RIGHT.replace(old, new), RIGHT[: RIGHT.index(old)].count("\n") + 1


def test_what_stands_in_a_file_becomes_rules(path):
    rules = read_rules(path)
    assert (rules.id, rules.version, rules.title, rules.owner) == (
        "delft-centrum", "1.2.0", "Binnenstad", "Gemeente Delft")  # fmt: skip
    assert (rules.date, rules.language, rules.licence, rules.source) == (
        "2026-01-31", "nl", "CC0", "Made up for a test")  # fmt: skip
    assert (rules.peil, rules.peil_text) == (0.85, "Kruin van de weg.")
    west, east, clear = rules.rules
    assert (west.id, west.quantity, west.norm, west.tolerance) == ("h-west", "building_height", 11.5, 0.05)
    assert (west.settings, west.date, west.link) == ({"minor_area": 4}, "2020-02-29", "https://example.org/plan#art3")
    assert (west.title, west.text, west.source) == ("Hoogte west", "Ten hoogste 11,5 m.", "Plan, art. 3")
    assert west.where.area == pytest.approx(100 * 100) and west.where.bounds == (84600, 447400, 84700, 447500)
    assert math.isnan(east.norm) and east.tolerance == 0 and east.where.bounds[0] == 84700
    assert clear.where is None and clear.settings == {}
    assert [rule.line for rule in rules.rules] == [20, 23, 25]
    assert [rule.area for rule in rules.rules] == ["West", "Oost", ""]


def test_norms_of_plans_are_taken_as_the_file_says(path):
    taken = read_rules(path).plan_rules
    assert list(taken) == ["building_height", "overhang_clearance"]
    assert (taken["building_height"].tolerance, taken["building_height"].settings) == (0.05, {"minor_area": 2})
    assert (taken["overhang_clearance"].tolerance, taken["overhang_clearance"].settings) == (0, {})


def test_the_digest_is_that_of_the_file(path):
    assert read_rules(path).digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_ground_may_be_the_level(path):
    path.write_text(changed('{"level": 0.85, "text": "Kruin van de weg."}', '"ground"')[0], "utf-8")
    assert read_rules(path).peil is None


def test_a_file_of_windows_reads_alike(path):
    path.write_bytes(b"\xef\xbb\xbf" + RIGHT.replace("\n", "\r\n").encode("utf-8"))
    assert [rule.line for rule in read_rules(path).rules] == [20, 23, 25]


MISTAKES = [  # what stands there, what is written instead, code, part of the sentence
    ('"dtwin-rules"', '"rules"', "DT212", 'its key "format" must be "dtwin-rules"'),
    ('"format_version": 1', '"format_version": 2', "DT212", '"format_version" is 2 and this plugin reads 1'),
    ('"format_version": 1', '"format_version": true', "DT212", '"format_version" is True and'),
    ('"owner":', '"ouner":', "DT213", '"ouner" is no key of a rule file; perhaps "owner" is meant'),
    ('"licence":', '"xyz":', "DT213", '"xyz" is no key of a rule file; it may have "$schema", "format"'),
    ('"id": "delft-centrum"', '"id": "Delft Centrum"', "DT214", '"id" is "Delft Centrum"; expected letters, digits'),
    ('"title": "Binnenstad"', '"title": " "', "DT214", '"title" is empty'),
    ('"2026-01-31"', '"31-01-2026"', "DT214", '"date" is "31-01-2026"; expected a day of the calendar as 2026-01-31'),
    ('"2020-02-29"', '"2021-02-29"', "DT214", '"date" is "2021-02-29"; expected a day'),
    ('"language": "nl"', '"language": "Dutch"', "DT214", '"language" is "Dutch"; expected two small letters'),
    ('"level": 0.85', '"level": "0,85"', "DT214", '"level" is the text "0,85" and not a number; write 0.85'),
    ('"level": 0.85', '"level": 850', "DT215", '"level" is 850; expected m NAP, from -20.0 to 400.0'),
    ('"level": 0.85', '"level": -21', "DT215", '"level" is -21; expected m NAP, from -20.0 to 400.0'),
    ('{"level": 0.85, "text": "Kruin van de weg."}', '"maaiveld"', "DT214", '"peil" is "maaiveld"; write "ground"'),
    ('{"level": 0.85, "text": "Kruin van de weg."}', "0.85", "DT214", '"peil" is a number; expected a text'),
    ('"quantity": "building_height", "norm": 11.5', '"quantity": "bulding_height", "norm": 11.5', "DT216",
     '"bulding_height" is no quantity that can be measured; nearest are "building_height".'),
    ('"quantity": "overhang_clearance"', '"quantity": "zzz"', "DT216",
     'nearest are "building_height", "overhang_clearance", "noise_level"'),
    ('"norm": 11.5', '"norm": "11,5"', "DT214", '"norm" is the text "11,5" and not a number; write 11.5'),
    ('"norm": 11.5', '"norm": "11 m"', "DT214", "write 11 without quotes"),
    ('"norm": 11.5', '"norm": "zie art. 3"', "DT214", "write null, and these words in the text of the rule"),
    ('"norm": 11.5', '"norm": 1e999', "DT215", '"norm" is too large to be a number'),
    ('"norm": 11.5', '"norm": true', "DT214", '"norm" is true or false; expected a number'),
    ('"norm": 11.5', '"norm": [11.5]', "DT214", '"norm" is a list; expected a number'),
    ('"norm": 11.5', '"norm": NaN', "DT211", "write null where there is no number"),
    ('"norm": 11.5', '"norm": 11,5', "DT211", "behind a point and not a comma, as 11.5"),
    ('"unit": "m",\n   "tolerance"', '"unit": "cm",\n   "tolerance"', "DT217",
     'the unit of "building_height" is "m" and not "cm"; give its norm in "m"'),
    ('"tolerance": 0.05, "area"', '"tolerance": -0.05, "area"', "DT215", '"tolerance" is -0.05; give 0 or more'),
    ('"norm": 11.5', '"norm": -11.5', "DT215", '"norm" is -11.5; give 0 or more'),
    ('"settings": {"minor_area": 4}', '"settings": {"minor_area": -4}', "DT215", '"minor_area" is -4; give 0 or more'),
    ('"tolerance": 0.05, "area"', '"tolerance": null, "area"', "DT214", '"tolerance" is null; expected a number'),
    ('"area": "west"', '"area": "wets"', "DT219", 'there is no area "wets"; nearest are "west"'),
    ('"settings": {"minor_area": 4}', '"settings": {"minor": 4}', "DT218",
     '"minor" is no setting of "building_height"; it has "minor_area", "share"'),
    ('"settings": {"minor_area": 4}', '"settings": {"minor_area": "4"}', "DT214", "write 4 without quotes"),
    ('"settings": {"minor_area": 4}', '"settings": 4', "DT214", '"settings" is a number; expected an object'),
    ('"https://example.org/plan#art3"', '"javascript:alert(1)"', "DT214",
     '"link" is "javascript:alert(1)"; expected a web address that begins with https://'),
    ('"https://example.org/plan#art3"', '"www.example.org"', "DT214", '"link" is "www.example.org"; expected a web'),
    ('"https://example.org/plan#art3"', f'"https://example.org/{"a" * 2000}"', "DT214", "begins with https://"),
    ('"id": "clear"', '"id": "h-west"', "DT220", 'the id "h-west" is that of the rule on line 20 too'),
    ('"east": {"title"', '"everywhere": {"title"', "DT220", '"everywhere" cannot be the id of an area'),
    ('"east": {"title"', '"e st": {"title"', "DT220", '"e st" cannot be the id of an area'),
    ('"tolerance": 0.05, "settings": {"minor_area": 2}', '"tolerance": "0.05"', "DT214", "write 0.05 without quotes"),
    ('"overhang_clearance": {}', '"overhang": {}', "DT216", 'nearest are "overhang_clearance"'),
    ('"overhang_clearance": {}', '"overhang_clearance": 1', "DT214", "a plan rule is a number; expected an object"),
    ('"overhang_clearance": {}', '"overhang_clearance": {"norm": 1}', "DT213", '"norm" is no key of a plan rule'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "sentence"), MISTAKES)
def test_a_mistake_is_told_with_its_line(old, new, code, sentence):
    text, line = changed(old, new)
    said = [problem.text() for problem in problems(text)]
    (told,) = [one for one in said if one.startswith(code) and sentence in one]
    assert f"Line {line} of own.json" in told
    assert told[-1] == "." and told.count("\n") == 0


@pytest.mark.parametrize("key", [
    "format_version", "id", "version", "title", "owner", "date", "language", "licence", "source", "peil", "rules",
    "plan_rules",
])  # fmt: skip
def test_a_key_that_is_needed_is_missed(key):
    value = json.loads(RIGHT)
    del value[key]
    said = [problem.text() for problem in problems(json.dumps(value))]
    assert any(key in one and one[:5] in ("DT213", "DT212") for one in said)


@pytest.mark.parametrize("key", ["id", "title", "quantity", "norm", "unit", "area", "text", "source"])
def test_a_key_that_a_rule_needs_is_missed(key):
    value = json.loads(RIGHT)
    del value["rules"][0][key]
    assert [problem.text().partition(": ")[2] for problem in problems(json.dumps(value, indent=1))][0].startswith(
        f'a rule lacks the key "{key}"; give a '
    )


@pytest.mark.parametrize("old", ['"title": "Hoogte west", ', '"link": "https://example.org/plan#art3", '])
def test_links_may_be_left_out_and_titles_not(old):
    assert bool(problems(changed(old, "")[0])) == ("title" in old)


def test_a_set_without_any_rule_is_told():
    root = {**json.loads(RIGHT), "rules": [], "plan_rules": {}, "areas": {}}
    assert [problem.code for problem in problems(json.dumps(root))] == ["DT224"]
    assert problems(json.dumps({**root, "plan_rules": {"building_height": {}}})) == []


def test_an_area_without_a_rule_is_a_warning_and_the_rules_are_there():
    root = json.loads(RIGHT)
    del root["rules"][1]
    rules, (problem,) = rules_in(json.dumps(root, indent=1).encode(), "own.json")
    assert (problem.code, problem.level, len(rules.rules)) == ("DT225", WARNING, 2)
    assert 'no rule names area "east"' in problem.text()


def test_all_mistakes_are_listed_in_the_order_of_their_lines():
    text = RIGHT
    for old, new, code, _ in MISTAKES:
        if code in ("DT217", "DT218", "DT219") or new == '"title": " "':
            text = text.replace(old, new)
    found = problems(text)
    assert [problem.code for problem in found] == ["DT214", "DT225", "DT217", "DT219", "DT218"][:1] + [
        "DT217", "DT219", "DT218", "DT225"]  # fmt: skip
    lines = [problem.values["line"] for problem in found if problem.level != WARNING]
    assert lines == sorted(lines)


def test_reading_raises_the_first_mistake_and_tells_how_many_follow(path):
    path.write_text(RIGHT.replace('"owner"', '"ouner"').replace('"norm": 11.5', '"norm": "11,5"'), "utf-8")
    with pytest.raises(InputError) as caught:
        read_rules(path)
    assert str(caught.value) == (
        'Line 1 of own.json: a rule file lacks the key "owner"; give a text. '
        "There are 2 more mistakes; the algorithm Check a rule file lists them."
    )
    dutch = {"a rule file": "een regelbestand", "a text": "een tekst"}
    assert 'een regelbestand lacks the key "owner"; give een tekst.' in caught.value.text(
        lambda text: dutch.get(text, text)
    )


def test_words_of_the_file_are_not_translated():
    def dutch(text):
        return {"norm": "NORM", "wets": "NAT", "west": "WEST", "h-west": "X"}.get(text, text)

    text = RIGHT.replace('"norm": 11.5', '"norm": "11,5"').replace('"area": "west"', '"area": "wets"')
    said = [problem.text(dutch) for problem in problems(text)]
    assert not any(word in one for word in ("NORM", "NAT", "WEST") for one in said)
    assert any('"norm" is the text "11,5"' in one for one in said) and any('no area "wets"' in one for one in said)


def test_reading_raises_a_single_mistake_alone(path):
    path.write_text(changed('"norm": 11.5', '"norm": "11,5"')[0], "utf-8")
    with pytest.raises(InputError, match=r"write 11\.5 without quotes\.$"):
        read_rules(path)


def test_a_file_that_is_not_there_is_told(tmp_path):
    rules, (problem,) = examined(tmp_path / "none.json")
    assert rules is None and problem.text() == "DT210 none.json cannot be read: No such file or directory."


def test_without_shapely_it_is_told_what_to_install(path, monkeypatch):
    monkeypatch.setattr(rule_file, "find_spec", lambda name: None)
    with pytest.raises(
        MissingDependencyError, match="shapely is not installed; it is needed to test plans against rules"
    ):
        examined(path)


def test_a_folder_is_no_file(tmp_path):
    assert examined(tmp_path)[1][0].code == "DT210"


def test_no_more_is_read_of_a_file_than_it_may_have(path, monkeypatch):
    monkeypatch.setattr(rule_file, "LARGEST", 100)
    monkeypatch.setattr("dtwin_plugin.models.json_lines.LARGEST", 100)
    (problem,) = examined(path)[1]
    assert problem.values["size"] == 101 and problem.code == "DT210"


def test_the_list_of_mistakes_has_an_end():
    root = json.loads(RIGHT)
    root["rules"] = [{"a": 1}] * 50_000
    found = problems(json.dumps(root))
    assert len(found) == MOST + 1
    assert found[-1].text() == f"DT223 own.json has more than {MOST} mistakes; mend these first."


START = b'{"format": "dtwin-rules", "format_version": 1'


@pytest.mark.parametrize("content", [
    b"", b"{}", b"[]", b"1", b"null", b'"a"', b"\x00\xff", b"%PDF-1.7", b"<xml/>", b'{"format": {}}',
    START + b', "rules": {}, "areas": [], "plan_rules": 1, "peil": []}',
    START + b', "rules": [1, null, []], "areas": {"a": 1}, "plan_rules": {"a": 1}}',
    START + b', "rules": [{"id": [], "area": {}, "quantity": []}]}',
    START + b', "areas": {"a": {"geometry": {"type": [], "coordinates": {}}}}}',
    START + b', "areas": {"a": {"geometry": {"type": "Polygon", "coordinates": [1]}}}}',
    START + b'e999}',
])  # fmt: skip
def test_hostile_files_are_refused_with_a_sentence(content):
    rules, found = rules_in(content, "own.json")
    assert rules is None and found
    assert all(problem.text().endswith(".") and len(problem.text()) < 400 for problem in found)


def test_words_of_a_file_are_shown_short_and_without_what_they_could_do():
    (problem,) = problems(
        RIGHT.replace('"area": "west"', json.dumps("area") + ": " + json.dumps("{x}\n" + "y" * 9999))
    )[:1]
    assert "{x} yyy" in problem.text() and len(problem.text()) < 300
