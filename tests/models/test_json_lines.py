"""JSON with its lines: what it holds is what `json` reads, and what is no JSON is told by line, column and reason."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.models import json_hints, json_lines
from dtwin_plugin.models.json_lines import DEEPEST, parsed, quoted

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab\u00eb\n", max_size=3), inner, max_size=4),
    max_leaves=12,
)


def reason(text):
    """The code, line, column, what was found and why, of the first problem."""
    value, problems = parsed(text.encode(), "own.json")
    assert value is None
    (problem,) = problems
    assert problem.text().startswith("DT211 Line ") and problem.text().endswith(".")
    values = problem.values
    return values["line"], values["column"], values["found"].removeprefix('"').removesuffix('"'), values["reason"]


@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_what_json_writes_is_read_back(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert parsed(text.encode("utf-8"), "f") == (value, [])


@given(st.text('{}[]",:0123.-eEntu\\ \n', max_size=30))
def test_what_json_refuses_is_refused_and_nothing_else(text):
    try:
        expected = json.loads(text)
    except ValueError:
        expected = ValueError
    value, problems = parsed(text.encode(), "f")
    twice = any(problem.code == "DT213" for problem in problems)  # allowed by json, which keeps the last
    assert (expected is ValueError) == any(problem.code == "DT211" for problem in problems)
    assert expected is ValueError or twice or value == expected


def test_every_member_and_item_knows_its_line():
    value, problems = parsed(b'{\n"a": ["1",\n\n 2],\r\n"b":\n{"c": null}\n}', "f")
    assert not problems
    assert (value.line, value.lines) == (1, {"a": 2, "b": 5})
    assert (value["a"].line, value["a"].lines) == (2, [2, 4])
    assert (value["b"].line, value["b"].lines) == (6, {"c": 6})


def test_pairs_of_numbers_are_read_as_all_other_numbers_are():
    assert parsed(b"[[84000.5, 447000], [ -1e3 ,\n2 ], [1, 2, 3]]", "f")[0] == [
        [84000.5, 447000],
        [-1000, 2],
        [1, 2, 3],
    ]


@pytest.mark.parametrize(("text", "line", "column", "found", "why"), [
    ('{"norm": 11,5}', 1, 13, "5", json_hints.COMMA),
    ('{\n "norm": 11,5\n}', 2, 13, "5", json_hints.COMMA),
    ('{"a": 1,\n}', 2, 1, "}", json_hints.LAST),
    ("[1, 2, ]", 1, 8, "]", json_hints.LAST),
    ('{"a": 1\n "b": 2}', 2, 2, '"', json_hints.MISSING),
    ("[1 2]", 1, 4, "2", json_hints.MISSING),
    ("{a: 1}", 1, 2, "a", json_hints.QUOTE),
    ("{'a': 1}", 1, 2, "'", json_hints.HINTS["'"]),
    ('{"a" 1}', 1, 6, "1", json_hints.COLON),
    ('{"a": 1', 1, 8, "its end", json_hints.OPEN),
    ('{"a": ', 1, 7, "its end", json_hints.OPEN),
    ("", 1, 1, "its end", json_hints.OPEN),
    ('{"a": "b\n"}', 1, 7, '"', json_hints.TEXT),
    ('{"a": "b', 1, 7, '"', json_hints.TEXT),
    (r'{"a": "c:\plan"}', 1, 10, "\\plan", json_hints.ESCAPE),
    (r'["\ud800"]', 1, 2, '"', json_hints.HALF),
    ("[NaN]", 1, 2, "NaN", json_hints.NAMES["nan"]),
    ("[-Infinity]", 1, 2, "-Infinity", json_hints.NAMES["infinity"]),
    ("[True]", 1, 2, "True", json_hints.NAMES["true"]),
    ("[None]", 1, 2, "None", json_hints.NAMES["none"]),
    ("[// a\n1]", 1, 2, "//", json_hints.HINTS["/"]),
    ('{"a": 1 /* b */}', 1, 9, "/*", json_hints.HINTS["/"]),
    ("[+1]", 1, 2, "+1", json_hints.HINTS["+"]),
    ("[.5]", 1, 2, ".5", json_hints.HINTS["."]),
    ("[05]", 1, 2, "05", json_hints.ZERO),
    ("[\u201ca\u201d]", 1, 2, "\u201ca\u201d", json_hints.HINTS["\u201c"]),
    ("[" + "1" * 31 + "]", 1, 2, "1" * 19 + "…", json_hints.LONG),
    ("{} {}", 1, 4, "{", json_hints.BEHIND),
    ("[1] x", 1, 5, "x", json_hints.BEHIND),
    ("what", 1, 1, "what", json_hints.NO_VALUE),
])  # fmt: skip
def test_what_is_no_json_is_told_with_its_place_and_what_to_write(text, line, column, found, why):
    assert reason(text) == (line, column, found, why)


def test_a_key_stands_once_and_the_first_is_kept():
    value, (problem,) = parsed(b'{"a": 1,\n"b": 2,\n"a": 3}', "own.json")
    assert value == {"a": 1, "b": 2}
    assert problem.text() == 'DT213 Line 3 of own.json: "a" stands here and on line 1; keep one.'


@pytest.mark.parametrize("bracket", ["[", '{"a":'])
def test_nesting_without_end_is_refused(bracket):
    assert reason(bracket * 100_000)[3] == json_hints.DEEP
    assert str(DEEPEST) in json_hints.DEEP


def test_a_file_may_nest_as_deep_as_it_says():
    assert parsed(b"[" * DEEPEST + b"[]" + b"]" * DEEPEST, "f")[1] == []
    assert reason("[" * (DEEPEST + 1) + "[]" + "]" * (DEEPEST + 1))[3] == json_hints.DEEP


def test_too_large_a_file_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(json_lines, "LARGEST", 10)
    assert parsed(b"[1, 2, 3]  ", "own.json")[1][0].code == "DT210"
    assert parsed(b"[1, 2, 3] ", "own.json")[1] == []


def test_a_byte_order_mark_of_utf_8_is_passed_over():
    assert parsed(b"\xef\xbb\xbf[1]", "f") == ([1], [])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_of_unicode_are_told(encoding):
    (problem,) = parsed('{"a": 1}'.encode(encoding), "own.json")[1]
    assert problem.text().startswith("DT210 own.json is text as UTF-16 or UTF-32")


def test_what_is_no_utf_8_is_told_with_its_line():
    (problem,) = parsed('[\n"caf\u00e9"]'.encode("latin-1"), "own.json")[1]
    assert problem.text().startswith("DT210 Line 2 of own.json has a character that is no UTF-8")


@pytest.mark.parametrize(("value", "text"), [
    ("a\nb\x00c", "a b c"), ("x" * 60, "x" * 60), ("x" * 61, "x" * 59 + "…"), (1.5, "1.5"), (None, "None"),
])  # fmt: skip
def test_a_value_is_shown_short_and_on_one_line(value, text):
    assert quoted(value) == f'"{text}"'
