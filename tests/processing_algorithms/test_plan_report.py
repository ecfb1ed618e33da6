"""The report of the test of a plan: all that was found stands in it, and nothing that was not."""

import itertools
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import column
from dtwin_plugin.layers.plan_outcomes import counts_of, rows_of
from dtwin_plugin.layers.write import write_features, write_table
from dtwin_plugin.progress import Silent

OUTCOMES = ("compliant", "non_compliant", "review_required", "insufficient_data", "not_applicable")
DIGEST = "ab" * 32
X, Y = 112_642.0, 460_446.0


def row(number, **given):
    outcome = OUTCOMES[number % 5]
    return {
        "rule": f"rule-{number:03d}", "title": "Maximum height", "object": "Block A", "outcome": outcome,
        "quantity": "building_height", "value": 12.5, "norm": 11.0, "unit": "m", "tolerance": 0.05, "doubt": 0.0,
        "peil": -0.35, "peil_from": "given with the plan", "sentence": f"Sentence {number} of what was found.",
        "text": "A building is at most 11 m high.", "source": "Plan Parkwijk", "link": "https://example.nl/plan",
        "date": "2026-01-02", "rule_set": "parkwijk 1.2", "digest": DIGEST, **given,
    }  # fmt: skip


def record(folder, **more):
    inputs = [{"name": "rules", "source": "/x/rules.json", "modified": "2026-01-01T10:00:00+00:00", "sha256": DIGEST}]
    found = {
        "model": "plancheck", "model_version": "1.0.0", "title": "Test a plan against rules", "purpose": "Does it fit?",
        "parameters": {"peil": -0.35}, "inputs": inputs, "outputs": {}, "software": {"qgis": "3.40"}, "warnings": [],
        "id": "run-77", "started": "2026-11-27T10:00:00+00:00", "ended": "2026-11-27T10:00:05+00:00",
    }  # fmt: skip
    path = folder / "run.json"
    path.write_text(json.dumps({**found, **more}))
    return str(path)


@pytest.fixture
def report(provider, context, tmp_path):
    numbers = itertools.count()

    def run(rows, feedback=None, **parameters):
        names, table = list(rows[0]), tmp_path / f"rows-{next(numbers)}.gpkg"  # QGIS keeps a layer that it has read
        write_table({name: [each[name] for each in rows] for name in names}, table, "rows", Silent())
        given = {"record": record(tmp_path), "outcomes": str(table), "report": str(tmp_path / "out.pdf")}
        given.update(title="Block A", **parameters)
        algorithm = provider.algorithm("planreport").create()
        result, _ = algorithm.run(given, context, feedback or QgsProcessingFeedback(False), {}, False)
        return result["report"]

    return run


@pytest.fixture
def layers(tmp_path):
    """A block that does not comply, and its top that goes beyond."""
    ring = [(X, Y), (X + 30, Y), (X + 30, Y + 14), (X, Y + 14), (X, Y)]
    top = [(x, y, 12.0) for x, y in ring]
    columns = {"object": column(["Block A"]), "outcome": column(["non_compliant"]), "bottom": np.zeros(1),
               "top": np.full(1, 12.0), "drawn": np.ones(1, int)}  # fmt: skip
    write_features(Features(Geometries.build("polygon", [[[ring]]]), columns), tmp_path / "o.gpkg", "o", Silent())
    found = {"rule": column(["rule-001"]), "outcome": column(["non_compliant"])}
    write_features(Features(Geometries.build("polygon", [[[top]]]), found), tmp_path / "v.gpkg", "v", Silent())
    return {"objects": str(tmp_path / "o.gpkg"), "violations": str(tmp_path / "v.gpkg")}


def text_of(path):
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext (poppler-utils)")
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout


# 60 objects fill pages of every table; QGIS takes the square of the time for more
@pytest.mark.parametrize("count", [3, 60])
def test_all_outcomes_stand_in_the_report(report, count):
    rows = [row(number, rule=f"rule-{number % 20:03d}", object=f"block-{number:03d}") for number in range(count)]
    text = text_of(report(rows))
    # a sentence may be broken into lines; the name of an object is one word
    assert {int(found) for found in re.findall(r"block-(\d{3})", text)} == set(range(count))
    assert {int(found) for found in re.findall(r"rule-(\d{3})", text)} == set(range(min(count, 20)))
    assert "No decision on a permit" in text and "Block A" in text and "Does it fit?" in text
    assert "12.50 m" in text and "11.00 m" in text and "0.05 m" in text and "-0.35 m NAP" in text
    assert "parkwijk 1.2" in text and DIGEST in text and "run-77" in text and "https://example.nl/plan" in text


def test_the_cover_counts_each_outcome(report):
    text = text_of(report([row(number) for number in (1, 1, 1, 2, 0)])).split("\f")[0]
    line = next(line for line in text.splitlines() if re.fullmatch(r"\s*3\s+1\s+0\s+1\s+0\s*", line))
    assert line  # in the order of what asks most: broken, review, data, met, not applicable


def test_the_map_has_the_colours_of_the_outcomes(qgis_app, layers):
    from qgis.core import QgsVectorLayer

    from dtwin_plugin.layers.film import pixels_of
    from dtwin_plugin.layers.plan_pictures import PlanScenery, plan_map
    from dtwin_plugin.layers.styles_plan import BREACH

    found = [QgsVectorLayer(path, name, "ogr") for name, path in layers.items()]
    picture, scale = plan_map(PlanScenery(*found), 100.0, 80.0)
    pixels = pixels_of(picture).astype(int)
    loud = [int(BREACH["non_compliant"][k : k + 2], 16) for k in (1, 3, 5)]
    share = (np.abs(pixels - loud).max(axis=2) < 12).mean()
    # a block of 30 m by 14 m on a map of so many metres, and its edge of 0.6 mm around it
    area = 30 * 14 / (100 * scale * 80 * scale)
    assert area * 0.6 < share < area * 1.6


def test_a_table_of_something_else_is_refused(report):
    plain = row(0)
    for rows, expected in (
        ([{**plain, "outcome": "fine"}], "Row 1 of the outcomes has 'fine' as its outcome"),
        ([{name: value for name, value in plain.items() if name != "sentence"}], "no column sentence"),
    ):
        with pytest.raises(QgsProcessingException, match=expected):
            report(rows)


def test_a_record_of_another_run_is_refused(report, tmp_path):
    with pytest.raises(QgsProcessingException, match="another rule file"):
        report([row(0, digest="cd" * 32)])
    for content in ("[1]", "{", json.dumps({"model": "flood"}), json.dumps({"model": "plancheck"})):
        (tmp_path / "other.json").write_text(content)
        with pytest.raises(QgsProcessingException, match="other.json is not the run record of a test of a plan"):
            report([row(0)], record=str(tmp_path / "other.json"))
    assert not (tmp_path / "out.pdf").exists()


def test_layers_of_something_else_are_refused(report, layers):
    with pytest.raises(QgsProcessingException, match="has no column object"):
        report([row(0)], objects=layers["violations"])


def test_what_may_not_be_handed_on_is_asked_for(report, tmp_path):
    (tmp_path / "closed").mkdir()
    closed = record(tmp_path / "closed", privacy="confidential")
    with pytest.raises(QgsProcessingException, match="may not be in what others get"):
        report([row(0)], record=closed)
    text = text_of(report([row(0)], confidential=True, record=closed))
    assert "Confidential" in text


def test_who_stops_it_finds_no_report(report, tmp_path):
    feedback = QgsProcessingFeedback(False)
    feedback.cancel()
    with pytest.raises(QgsProcessingException, match="Stopped by the user"):
        report([row(0)], feedback)
    assert not (tmp_path / "out.pdf").exists()


def test_rows_are_ordered_by_what_asks_most_and_unknown_numbers_are_dashes():
    rows = rows_of([row(0), row(1, value=None, peil=float("nan")), row(2, doubt=0.3, value="12,5")])
    assert [each.outcome for each in rows] == ["non_compliant", "review_required", "compliant"]
    assert rows[0].value == rows[0].peil == "–" and rows[1].value == "–" and rows[2].tolerance == "0.05 m"
    assert list(counts_of(rows).values()) == [1, 1, 0, 1, 0]
    assert rows_of([row(0, object="", norm=float("inf"))])[0].object == "the plan as a whole"
