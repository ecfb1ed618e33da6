"""A rule file tested from the toolbox: its mistakes as a table, and a page of its rules."""

import json
import re

import pytest
from qgis.core import QgsProcessingFeedback, QgsVectorLayer

from dtwin_plugin.translate import language, set_language


@pytest.fixture
def example(root, tmp_path):
    """The worked example of the documentation as a file."""
    text = (root / "docs" / "models" / "plan-rules.md").read_text("utf-8")
    path = tmp_path / "own.json"
    path.write_text(re.findall(r"```json\n(\{\n \"format\".*?)```", text, re.DOTALL)[0], "utf-8")
    return path


@pytest.fixture
def run(provider, context, tmp_path):
    def run_algorithm(rules, **parameters):
        algorithm = provider.algorithm("checkrules").create()
        feedback = QgsProcessingFeedback(False)
        given = {
            "rules": str(rules),
            "problems": str(tmp_path / "p.gpkg"),
            "page": str(tmp_path / "p.html"),
            **parameters,
        }
        result, ok = algorithm.run(given, context, feedback, {}, False)
        assert ok
        return result, feedback.textLog()

    return run_algorithm


def rows(path):
    layer = QgsVectorLayer(path, "p", "ogr")
    assert layer.isValid()
    names = ("line", "code", "level", "sentence")
    return [[feature[name] for name in names] for feature in layer.getFeatures()]


def test_a_right_file_has_no_row_and_a_page_with_its_rules(run, example):
    result, log = run(example)
    assert (result["errors"], result["warnings"], result["count"]) == (0, 0, 3)
    assert rows(result["problems"]) == []
    assert "own.json has 3 rules that can be used." in log
    page = open(result["page"], encoding="utf-8").read()
    assert "Building height: at most 11.5 m</span>, Langs de gracht" in page
    assert "Clear height above the carriageway: at least 4.2 m</span>, everywhere" in page
    assert "no number, to be read by a person" in page and "tolerance 0.05 m" in page and "strip = 0.5" in page
    assert "Heights are measured from: 0.85 m NAP. De hoogte van de kruin" in page and "SHA-256 " in page
    assert page.count("<path") == 1 and ">Langs de gracht</text>" in page and "RD 84600, 447400 - 84700, 447500" in page


def test_numbers_of_a_dutch_page_have_a_comma(run, example):
    before = language()
    set_language("nl")
    try:
        page = open(run(example)[0]["page"], encoding="utf-8").read()
    finally:
        set_language(before)
    assert '<html lang="nl">' in page and "11,5 m" in page and "0,05 m" in page and "strip = 0,5" in page


def test_mistakes_are_rows_with_their_lines_and_the_run_goes_on(run, example):
    text = (
        example.read_text("utf-8")
        .replace('"norm": 11.5', '"norm": "11,5"')
        .replace('"area": "gracht"', '"area": "grach"')
    )
    example.write_text(text, "utf-8")
    result, log = run(example)
    found = rows(result["problems"])
    assert (result["errors"], result["warnings"], result["count"]) == (3, 1, 0)
    assert [row[1] for row in found] == ["DT214", "DT219", "DT219", "DT225"] and found[0][2] == "error"
    line = text[: text.index('"11,5"')].count("\n") + 1
    assert found[0][0] == line and found[0][3].startswith(f'Line {line} of own.json: "norm" is the text ')
    assert "DT214 Line" in log
    page = open(result["page"], encoding="utf-8").read()
    assert "own.json cannot be used" in page and "write 11.5 without quotes." in page and "<h3>" not in page


def test_a_file_that_is_no_json_has_one_row(run, tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"norm": 11,5}')
    ((line, code, _, sentence),) = rows(run(path)[0]["problems"])
    assert (line, code) == (1, "DT211") and "as 11.5" in sentence


def test_words_of_a_file_do_nothing_on_the_page(run, example):
    root = json.loads(example.read_text("utf-8"))
    bad = "<script>alert('x')</script>"
    root.update(title=bad, owner=bad, source=bad, note=bad)
    root["areas"]["gracht"]["title"] = bad
    root["rules"][0].update(title=bad, text=bad + "\nline", source=bad, link="https://a.nl/'onclick=1")
    example.write_text(json.dumps(root), "utf-8")
    page = open(run(example)[0]["page"], encoding="utf-8").read()
    assert "<script" not in page and "&lt;script&gt;" in page and "'onclick" not in page


def test_table_and_page_may_be_left_out(run, example):
    result, _ = run(example, problems=None, page=None)
    assert result["errors"] == 0 and not result.get("page") and not result.get("problems")
