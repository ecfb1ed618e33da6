"""Twin files: read whole, every mistake named with its line, and judged by their indicators."""

import copy
import json

import jsonschema
import pytest

from dtwin_plugin.errors import InputError
from dtwin_plugin.twin.study.links import LEFT_OUT, filled
from dtwin_plugin.twin.study.reading import read_study, study_in
from dtwin_plugin.twin.study.schema import schema
from dtwin_plugin.twin.study.table import rows
from scripts.twin_schema import SCHEMA, text

TWIN = {
    "format": "dtwin-twin", "format_version": 1, "title": "Waterdam", "purpose": "Which measure helps most?",
    "crs": "EPSG:7415", "area": [112000, 460000, 113000, 461000],
    "sources": {
        "terrain": {"title": "Terrain", "path": "terrain.tif", "licence": "CC0-1.0", "privacy": "open"},
        "plan": {"title": "Plan", "path": "own/plan.gpkg|layername=a", "licence": "CC0-1.0", "privacy": "internal"},
    },
    "scenarios": [
        {"id": "base", "title": "Nothing is done"},
        {"id": "wadi", "title": "Wadi", "values": {"measures": "{source:plan}", "rain": 70}},
    ],
    "steps": [
        {"id": "ground", "algorithm": "dtwin:floodmeasures", "when": "measures",
         "inputs": {"terrain": "{source:terrain}", "measures": "{scenario:measures}"},
         "outputs": {"new_terrain": ".tif"}, "otherwise": {"new_terrain": "{source:terrain}"}},
        {"id": "flood", "algorithm": "dtwin:flood",
         "inputs": {"terrain": "{step:ground.new_terrain}", "event": 1}, "outputs": {"depth_max": ".tif", "area": ""}},
    ],
    "indicators": [
        {"id": "area", "title": "Flooded", "from": "flood.area", "unit": "m2", "better": "lower",
         "norm": 0, "alert": 90},
    ],
    "differences": [{"id": "less", "title": "Less water", "of": "flood.depth_max", "threshold": 0.02, "unit": "m"}],
}  # fmt: skip


def found(tmp_path, change=None):
    twin = copy.deepcopy(TWIN)
    if change:
        change(twin)
    return study_in(json.dumps(twin, indent=1).encode(), tmp_path / "own.json")


def test_a_twin_file_is_read_with_the_paths_of_its_sources(tmp_path):
    study, problems = found(tmp_path)
    assert not problems
    assert study.sources["terrain"]["path"] == str(tmp_path / "terrain.tif")
    assert study.sources["plan"]["path"] == f"{tmp_path / 'own' / 'plan.gpkg'}|layername=a"
    assert [scenario["id"] for scenario in study.scenarios] == ["base", "wadi"]


def test_the_schema_is_up_to_date_and_takes_what_the_reader_takes():
    assert SCHEMA.read_text("utf-8") == text(), "run `python -m scripts.twin_schema`"
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(TWIN, schema())


MISTAKES = [
    (lambda twin: twin.update(format="other"), '"other"; expected "dtwin-twin", 1'),
    (lambda twin: twin.update(extra=1), "is no key of a twin file"),
    (lambda twin: twin.update(area=[5, 0, 1, 2]), "west, south, east and north"),
    (lambda twin: twin.update(area=[5, 0, 1]), "west, south, east and north"),
    (lambda twin: twin.update(scenarios=[]), "at least one scenario"),
    (lambda twin: twin["scenarios"].append({"id": "base", "title": "Again"}), "a name that stands once"),
    (lambda twin: twin["scenarios"].append(5), "a scenario is a number"),
    (lambda twin: twin["sources"]["terrain"].update(path="../terrain.tif"), "beside the twin file or below it"),
    (lambda twin: twin["sources"]["terrain"].update(path="/etc/passwd"), "beside the twin file or below it"),
    (lambda twin: twin["sources"]["terrain"].update(privacy="secret"), "expected open"),
    (lambda twin: twin["sources"]["terrain"].pop("path"), "a path or a url"),
    (lambda twin: twin["steps"][1]["inputs"].update(x="{step:flood.depth_max}"), '"step:flood.depth_max"'),
    (lambda twin: twin["steps"][1]["inputs"].update(x="{source:none}"), '"source:none"; expected plan, terrain'),
    (lambda twin: twin["steps"][1]["outputs"].update(x="../a"), "a suffix as .tif"),
    (lambda twin: twin["steps"][0].update(otherwise={"x": 5}), '"x"; expected new_terrain'),
    (lambda twin: twin["steps"][0].update(when="sun"), '"sun"; expected measures, rain'),
    (lambda twin: twin["indicators"][0].update({"from": "flood.none"}), "flood.area, flood.depth_max"),
    (lambda twin: twin["indicators"][0].update({"from": "{source:none}"}), "{source:plan}, {source:terrain}"),
    (lambda twin: twin["indicators"][0].update(measure="max"), "a measure of a file, and none of a number"),
    (lambda twin: twin["indicators"][0].update({"from": "flood.depth_max"}), "a measure of a file"),
    (lambda twin: twin["indicators"][0].update({"from": "flood.depth_max", "measure": "least"}), "max, mean, sum"),
    (lambda twin: twin["indicators"][0].update({"from": "{source:plan}", "column": "a", "measure": "area"}), '"area"'),
    (lambda twin: twin["indicators"][0].update(within="{source:none}"), '"{source:none}"; expected'),
    (lambda twin: twin["indicators"][0].update(better="more"), "expected lower, higher"),
    (lambda twin: twin["differences"][0].update(of="none"), '"none"; expected'),
    (lambda twin: twin["scenarios"].extend([{"id": f"a{n}", "title": "A"} for n in range(200)]), "at most a hundred"),
    (
        lambda twin: twin["scenarios"].append({"id": "z", "title": "Z", "reference": True}),
        "as the first scenario alone",
    ),
    (lambda twin: twin["scenarios"][0].update(reference="yes"), "expected true or false"),
]


@pytest.mark.parametrize("change, expected", MISTAKES)
def test_a_mistake_is_named_with_its_line(tmp_path, change, expected):
    study, problems = found(tmp_path, change)
    texts = [problem.text() for problem in problems]
    assert study is None and any(expected in text and "Line " in text for text in texts), texts


def test_mistakes_are_listed_together(tmp_path):
    path = tmp_path / "own.json"
    path.write_text(json.dumps({**TWIN, "area": [1], "scenarios": []}))
    with pytest.raises(InputError) as caught:
        read_study(path)
    assert str(caught.value).count("DT325") == 4  # and what names values of the scenario


def test_links_are_filled_in_and_what_a_scenario_does_not_give_is_left_out():
    given = {"source": {"a": "/x.tif"}, "step": {"s.o": 5.0}, "scenario": {}}
    asked = {"a": "{source:a}", "b": "{step:s.o}", "c": "{scenario:none}", "d": ["{source:a}|layername=b", 3]}
    assert filled(asked, given) == {"a": "/x.tif", "b": 5.0, "d": ["/x.tif|layername=b", 3]}
    assert filled("before {scenario:none}", given) is LEFT_OUT
    # in the first scenario itself nothing was made before: the parameter is left out
    stored = {"stored": "{first:noise.transfer}"}
    assert filled(stored, {**given, "first": {}}) == {}
    assert filled(stored, {**given, "first": {"noise.transfer": "/t.npz"}}) == {"stored": "/t.npz"}


def test_what_is_not_known_is_no_good_outcome_and_no_best(tmp_path):
    study, _ = found(tmp_path)
    table = rows(study.indicators, study.scenarios, {"base": {"area": 95.0}, "wadi": {"area": None}})
    assert table["outcome"] == ["alarm", "unknown"] and table["best"] == [0, 0] and table["change"] == [0.0, None]
    table = rows(study.indicators, study.scenarios, {"base": {"area": 95.0}, "wadi": {"area": 40.0}})
    assert table["outcome"] == ["alarm", "not met"] and table["best"] == [0, 1] and table["change"] == [0.0, -55.0]
