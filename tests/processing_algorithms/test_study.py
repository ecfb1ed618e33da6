"""A study: scenarios through one chain, kept, compared and judged."""

import json
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsRasterLayer, QgsVectorLayer

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import column
from dtwin_plugin.layers.write import write_features
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.raster_whole import read_whole
from dtwin_plugin.twin.study.reading import read_study
from processing_algorithms.loaders import LOADERS
from processing_algorithms.study.choices import numbered

OPEN = {"licence": "CC0-1.0", "privacy": "open"}


def square(x, y, size):
    return [[[(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]]]


def areas(path, *squares, **columns):
    shapes = Geometries.build("polygon", [square(*one) for one in squares])
    write_features(Features(shapes, {name: column(values) for name, values in columns.items()}), path, "a", Silent())


@pytest.fixture
def twin(terrain_file, buildings_file, tmp_path):
    """A study of three scenarios in the valley: nothing, a wadi on its lowest ground, and crates higher up."""
    areas(tmp_path / "wadi.gpkg", (84_936, 447_548, 8), type=["wadi"], parking=[3.0])
    areas(tmp_path / "crates.gpkg", (84_970, 447_510, 4), type=["infiltration_crates"], parking=[0.0])
    areas(tmp_path / "street.gpkg", (84_930, 447_500, 20), name=["Dal"])
    files = {"terrain": "terrain.tif", "houses": "buildings.gpkg", "street": "street.gpkg", "wadi": "wadi.gpkg",
             "crates": "crates.gpkg"}  # fmt: skip
    found = {
        "format": "dtwin-twin", "format_version": 1, "title": "The valley", "purpose": "Which measure helps most?",
        "sources": {name: {"title": name, "path": file, **OPEN} for name, file in files.items()},
        "scenarios": [
            {"id": "base", "title": "Nothing"},
            {"id": "wadi", "title": "Wadi", "values": {"measures": "{source:wadi}"}},
            {"id": "crates", "title": "Crates", "values": {"measures": "{source:crates}"}},
        ],
        "steps": [
            {"id": "ground", "algorithm": "dtwin:floodterrain",
             "inputs": {"terrain": "{source:terrain}", "buildings": "{source:houses}"},
             "outputs": {"prepared": ".tif"}},
            {"id": "with", "algorithm": "dtwin:floodmeasures", "when": "measures",
             "inputs": {"terrain": "{step:ground.prepared}", "measures": "{scenario:measures}", "infiltration": 5},
             "outputs": {"new_terrain": ".tif", "new_infiltration_capacity": ".tif", "cost": ""},
             "otherwise": {"new_terrain": "{step:ground.prepared}"}},
            {"id": "flood", "algorithm": "dtwin:flood",
             "inputs": {"terrain": "{step:with.new_terrain}", "buildings": "{source:houses}", "rain": 40,
                        "infiltration": 5, "infiltration_capacity": "{step:with.new_infiltration_capacity}",
                        "rain_duration": 0.1, "after": 0.1},
             "outputs": {"depth_max": ".tif", "flooded_area": ""}},
        ],
        "indicators": [
            {"id": "street", "title": "Water in the street", "from": "flood.depth_max", "measure": "volume",
             "within": "{source:street}", "unit": "m3", "better": "lower", "norm": 0, "alert": 1000},
            {"id": "area", "title": "Flooded", "from": "flood.flooded_area", "unit": "m2", "better": "lower"},
            {"id": "deepest", "title": "Deepest", "from": "flood.depth_max", "measure": "max", "unit": "m",
             "better": "lower"},
            {"id": "cost", "title": "Cost", "from": "with.cost", "unit": "EUR", "better": "lower", "otherwise": 0},
            {"id": "parking", "title": "Places lost", "from": "{scenario:measures}", "measure": "sum",
             "column": "parking", "unit": "1", "better": "lower", "otherwise": 0},
        ],
        "differences": [{"id": "less", "title": "Less water", "of": "flood.depth_max", "threshold": 0.02, "unit": "m"}],
    }  # fmt: skip
    path = tmp_path / "valley.json"

    def write(change=None):
        if change:
            change(found)
        path.write_text(json.dumps(found))
        return path

    return write


@pytest.fixture
def study(provider, context, tmp_path):
    def run(path, feedback=None, **parameters):
        feedback = feedback or QgsProcessingFeedback(False)
        asked = {"twin": str(path), "results": str(tmp_path / "results"), **parameters}
        result, ok = provider.algorithm("runstudy").create().run(asked, context, feedback, {}, False)
        assert ok
        return result

    return run


def test_scenarios_are_run_compared_and_judged(twin, study, tmp_path):
    result = study(twin())
    told = json.loads(Path(result["study"]).read_text())
    values = told["indicators"]
    depth = {name: read_whole(told["scenarios"][name]["flood"]["outputs"]["depth_max"]).values for name in values}
    inside = np.zeros(depth["base"].shape, bool)
    inside[40:60, 30:50] = True  # 84,930-84,950 and 447,500-447,520 of a terrain from 84,900 and 447,560 down
    for name, found in depth.items():
        assert values[name]["street"] == pytest.approx(np.nansum(np.where(inside, found.astype(float), np.nan)))
        assert values[name]["deepest"] == pytest.approx(np.nanmax(found))
    assert values["base"]["cost"] == 0 and values["wadi"]["cost"] > 0
    assert [values[name]["parking"] for name in values] == [0, 3, 0]
    # the terrain was prepared once for all
    assert (result["calculated"], result["reused"]) == (6, 2)
    assert len({told["scenarios"][name]["ground"]["folder"] for name in values}) == 1
    less = depth["wadi"].astype(float) - depth["base"]
    drawn = read_whole(tmp_path / "results" / "differences" / "less_wadi.tif").values
    shown = np.abs(less) >= 0.02
    assert shown.any() and np.array_equal(np.isfinite(drawn), shown)
    assert np.allclose(drawn[shown], less[shown], atol=1e-6)  # float32
    layer = QgsRasterLayer(str(tmp_path / "results" / "differences" / "less_wadi.tif"))
    assert layer.customProperty("dtwin/style") == "water_difference"
    page = Path(result["page"]).read_text()
    assert "Which measure helps most?" in page and "Water in the street [m³]" in page
    table = QgsVectorLayer(result["table"], "t", "ogr")
    assert table.featureCount() == 15
    assert Path(result["csv"]).read_text("utf-8-sig").splitlines()[0].startswith("indicator,title,scenario")


def test_what_has_not_changed_is_not_run_again(twin, study, tmp_path):
    first = study(twin())
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "results" / "steps").rglob("*.tif")}
    again = study(twin())
    assert (again["calculated"], again["reused"]) == (0, 8)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    values = [json.loads(Path(one["study"]).read_text())["indicators"] for one in (first, again)]
    assert values[0] == values[1]
    # another storm: the flood of each of three scenarios, and nothing before it
    other = study(twin(lambda t: t["steps"][2]["inputs"].update(rain=60)))
    assert (other["calculated"], other["reused"]) == (3, 5)
    # other content of a file of the same name: what uses it, and what uses that
    areas(tmp_path / "wadi.gpkg", (84_938, 447_548, 6), type=["wadi"], parking=[2.0])
    moved = study(twin())
    assert (moved["calculated"], moved["reused"]) == (2, 6)


def test_a_result_that_was_changed_or_left_half_way_is_made_again(twin, study, tmp_path):
    told = json.loads(Path(study(twin())["study"]).read_text())
    flood = told["scenarios"]["base"]["flood"]
    with open(flood["outputs"]["depth_max"], "ab") as stream:
        stream.write(b"x")
    assert study(twin())["calculated"] == 1
    (Path(flood["folder"]) / "step.json").unlink()
    assert study(twin())["calculated"] == 1
    record = json.loads(Path(flood["record"]).read_text())
    assert record["outputs"]["depth_max"] == flood["outputs"]["depth_max"]  # the path is where it lies
    assert record["purpose"] == "Which measure helps most?"


def test_levels_and_licences_of_the_twin_file_are_inherited(twin, study):
    result = study(twin(lambda t: t["sources"]["houses"].update(privacy="confidential", licence="Ours")))
    told = json.loads(Path(result["study"]).read_text())
    record = json.loads(Path(told["scenarios"]["base"]["flood"]["record"]).read_text())
    assert told["privacy"] == "confidential" and record["privacy"] == "confidential" and "Ours" in record["rights"]
    assert "Confidential: not for others" in Path(result["page"]).read_text()
    told = json.loads(Path(study(twin(lambda t: t["sources"]["houses"].update(OPEN)))["study"]).read_text())
    assert told["privacy"] == "open"  # and was calculated anew


def test_runs_are_written_where_asked(twin, study):
    path = twin()
    before = path.read_bytes()
    study(path)
    assert path.read_bytes() == before
    study(path, update=True, person="A. de Vries")
    after = json.loads(path.read_text())
    runs = after.pop("runs")
    assert after == json.loads(before) and set(runs) == {"base", "wadi", "crates"}
    assert all(name.startswith("run-") for name in runs["wadi"]["runs"]) and len(runs["wadi"]["runs"]) == 3
    assert runs["wadi"]["indicators"]["parking"] == 3
    assert read_study(path).runs == runs  # it can be read again


def test_a_step_compares_with_what_the_first_scenario_made_and_is_made_again_with_it(twin, study):
    def change(rain):
        def changed(found):
            compare = {"before": "{first:flood.depth_max}", "after": "{step:flood.depth_max}"}
            found["steps"][2:] = [
                {**found["steps"][2], "inputs": {**found["steps"][2]["inputs"], "rain": rain}},
                {"id": "compare", "algorithm": "dtwin:flooddifference", "when": "measures", "inputs": compare,
                 "outputs": {"mean_difference": ""}},
            ]  # fmt: skip

        return changed

    found = []
    for rain in (40, 50):
        told = json.loads(Path(study(twin(change(rain)), scenarios="wadi")["study"]).read_text())["scenarios"]
        base, wadi = (read_whole(told[name]["flood"]["outputs"]["depth_max"]).values for name in ("base", "wadi"))
        both = np.isfinite(base) & np.isfinite(wadi)
        found.append(told["wadi"]["compare"]["outputs"]["mean_difference"])
        assert "compare" not in told["base"]
        assert found[-1] == pytest.approx(np.mean((wadi.astype(float) - base)[both]), rel=1e-4)
    assert found[0] != found[1]


@pytest.mark.parametrize(
    "given, number", [("0", 2), ("2", 6), (" 2.2", 7), ("all", 1), ("{scenario:lod}", "{scenario:lod}")]
)
def test_a_choice_is_meant_by_its_name_also_where_that_is_a_number(given, number):
    found = numbered("a", {"lod": given, "rain": 70}, LOADERS["loadcityjson"].inputs)
    assert found == {"lod": number, "rain": 70}


def test_one_scenario_is_compared_with_the_first(twin, study):
    told = json.loads(Path(study(twin(), scenarios="crates")["study"]).read_text())
    assert list(told["scenarios"]) == ["base", "crates"]


BUILDINGS = {"id": "load", "algorithm": "dtwin:loadcityjson", "inputs": {"file": "{source:houses}", "lod": 0},
             "outputs": {"surfaces": ".gpkg"}}  # fmt: skip
MISTAKES = [
    (lambda t: t["steps"][2].update(algorithm="dtwin:nothing"), "dtwin:nothing, which is not here"),
    (lambda t: t["steps"][2].update(algorithm="native:buffer"), "no model of this plugin"),
    (lambda t: t["steps"][2]["inputs"].update(rane=5), "has no rane"),
    (lambda t: t["steps"][2]["inputs"].update(depth="/tmp/x.tif"), "has no depth"),
    (lambda t: t["steps"][2]["inputs"].update(record="/tmp/x.json"), "has no record"),
    (lambda t: t["steps"][2]["outputs"].update(mass_error=".tif"), "has no mass_error"),
    (lambda t: t["steps"].insert(0, BUILDINGS), "is 0, which could be a number of a choice or its name"),
    (lambda t: t["steps"][2]["inputs"].update(terrain="/etc/passwd"), "no source and no result of a step"),
    (lambda t: t["steps"][1]["inputs"].update(measures_table="../costs.csv"), "no source and no result of a step"),
    (lambda t: t["sources"]["terrain"].update(path="gone.tif"), "is not there"),
    (lambda t: t["sources"]["terrain"].update(sha256="00"), "another file than the twin file tells"),
    (lambda t: t["sources"].update(terrain={"title": "t", "url": "https://example.nl/a", **OPEN}), "and no file"),
    (lambda t: t["indicators"][4].update(column="none"), "there is no column none; expected one of"),
    (lambda t: t["steps"][2]["inputs"].update(rain=-5), "Nothing, "),  # which step of which scenario
    (lambda t: t["differences"][0].update(of="flood.none"), "DT325 Line"),
]


@pytest.mark.parametrize("change, expected", MISTAKES)
def test_a_mistake_is_one_sentence_and_nothing_is_left(twin, study, tmp_path, change, expected):
    with pytest.raises(QgsProcessingException) as caught:
        study(twin(change))
    assert expected in str(caught.value)
    assert not (tmp_path / "results" / "study.json").exists()
    steps = tmp_path / "results" / "steps"
    assert all((folder / "step.json").is_file() for folder in (steps.iterdir() if steps.is_dir() else ()))


def test_a_folder_of_somebody_else_is_not_replaced(twin, study, tmp_path):
    (tmp_path / "results" / "differences").mkdir(parents=True)
    with pytest.raises(QgsProcessingException, match="that no study made"):
        study(twin())


class Stopping(QgsProcessingFeedback):
    """Stopped some time after a text is told."""

    def __init__(self, text, after):
        super().__init__(False)
        self.text, self.after, self.stopped = text, after, 0.0

    def pushInfo(self, info):
        if self.text in info and not self.stopped:
            threading.Timer(self.after, self.stop).start()

    def stop(self):
        self.stopped = time.monotonic()
        self.cancel()


def test_a_study_stops_at_once_and_goes_on_where_it_was(twin, study, tmp_path):
    path = twin(lambda t: t["steps"][2]["inputs"].update(rain_duration=24, rain=300, after=200))
    feedback = Stopping("Nothing: Flood", 0.5)
    with pytest.raises(QgsProcessingException, match="Stopped by the user"):
        study(path, feedback)
    assert 0 < time.monotonic() - feedback.stopped < 1.0  # s, as the design asks
    assert not (tmp_path / "results" / "study.json").exists()
    folders = list((tmp_path / "results" / "steps").iterdir())
    assert len(folders) == 1 and (folders[0] / "step.json").is_file()  # the terrain is kept, of the flood is nothing
    short = twin(lambda t: t["steps"][2]["inputs"].update(rain_duration=0.1, after=0.1))
    assert study(short)["calculated"] == 5  # of 6


def test_the_folder_of_results_may_move(twin, study, tmp_path):
    study(twin())
    shutil.move(tmp_path / "results", tmp_path / "other")
    assert study(twin(), results=str(tmp_path / "other"))["calculated"] == 0
