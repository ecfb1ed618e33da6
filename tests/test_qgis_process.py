"""The assembled plugin in `qgis_process`, as a batch job runs it."""

import json
import os
import subprocess

import numpy as np
import pytest

from dtwin_plugin.data import Grid
from dtwin_plugin.sources.raster_write import write_cog


@pytest.fixture(scope="module")
def process(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("profile")
    variables = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(folder),
        "QGIS_CUSTOM_CONFIG_PATH": str(folder),
        "QGIS_PLUGINPATH": str(root / "build"),
        "PATH": f"{root / '.venv/bin'}:{os.environ['PATH']}",
    }

    def run(*arguments, inputs=None):
        return subprocess.run(
            ["qgis_process", *arguments], env=variables, capture_output=True, text=True, timeout=120,
            input=None if inputs is None else json.dumps({"inputs": inputs}),
        )  # fmt: skip

    assert run("plugins", "enable", "dtwin_plugin").returncode == 0
    return run


@pytest.fixture(scope="module")
def terrain(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "terrain.tif"
    rows, columns = np.mgrid[0:40, 0:50]
    write_cog(Grid(-1 + 0.02 * np.abs(columns - 25) + 0 * rows, 84_900, 447_560, 1.0, unit="m"), path)
    return path


def test_list_shows_the_provider_and_its_algorithms(process):
    text = process("list").stdout
    assert "Digital Twin" in text and "dtwin:flood" in text and "dtwin:loadcityjson" in text


def test_help_shows_units_and_a_sentence_for_each_parameter(process):
    text = process("help", "dtwin:flood").stdout
    for phrase in ("Rain [mm]", "0 - 1000 mm.", "Roughness (Manning) [s m-1/3]", "Halving it takes 8 times as long."):
        assert phrase in text


def test_a_run_returns_its_declared_outputs_as_json(process, terrain, tmp_path):
    inputs = {
        "terrain": str(terrain), "rain": 20, "after": 0,
        "depth_max": str(tmp_path / "max.tif"), "record": str(tmp_path / "run.json"),
    }  # fmt: skip
    done = process("--json", "run", "dtwin:flood", "-", inputs=inputs)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert set(results) >= {"depth_max", "flooded_area", "mass_error", "record"}
    assert (tmp_path / "max.tif").is_file() and abs(results["mass_error"]) < 1e-5  # as the design asks


@pytest.mark.parametrize(
    "name, content, sentence",
    [
        ("none.city.json", None, "does not exist"),
        ("cut.city.json", '{"type": "CityJSON", "version": "2.0", "transform": {"scale": [1,', "cut.city.json"),
        ("empty.city.json", "", "is empty"),
    ],
)
def test_bad_input_is_one_sentence_a_failure_and_no_output(process, tmp_path, name, content, sentence):
    if content is not None:
        (tmp_path / name).write_text(content)
    target = tmp_path / "out.gpkg"
    inputs = {"file": str(tmp_path / name), "surfaces": str(target)}
    done = process("run", "dtwin:loadcityjson", "-", inputs=inputs)
    assert done.returncode != 0
    assert sentence in done.stderr + done.stdout
    assert "Traceback" not in done.stderr + done.stdout
    assert not list(tmp_path.glob("*out.gpkg*"))


def test_roads_of_another_country_are_refused_in_one_sentence_that_names_where_they_are(
    process, shared, terrain, tmp_path
):
    """Lorient: its .prj is a system of coordinates that QGIS finds no number for."""
    roads = str(shared / "traffic" / "noise_lorient" / "roads_traff.shp")
    target = tmp_path / "points.gpkg"
    inputs = {"roads": roads, "terrain": str(terrain), "points": str(target), "summary": str(tmp_path / "classes.csv")}
    refused = process("run", "dtwin:roadnoise", "-", inputs=inputs)
    assert refused.returncode != 0 and not target.exists()
    assert "RGF93" in refused.stderr and "EPSG:28992" in refused.stderr and "Traceback" not in refused.stderr
