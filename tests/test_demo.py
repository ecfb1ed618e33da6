"""The story of the demo on somebody's own files, from the script that `make demo` runs."""

import importlib.util
import json
import os
import re
import shutil
import subprocess

import numpy as np
import pytest

from dtwin_plugin.data import Extent, Grid
from dtwin_plugin.sources.raster_write import write_cog
from scripts.demo import told

OUTPUTS = ("report.html", "twin.qgz", "map.png", "view3d.png", "water_depth_max.tif", "building_depth.gpkg", "run.json")


@pytest.fixture(scope="module")
def delivered(root, tmp_path_factory):
    """A folder with a terrain and one house."""
    spec = importlib.util.spec_from_file_location("modeller", root / "tests/processing_algorithms/test_modeller.py")
    modeller = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(modeller)
    folder = tmp_path_factory.mktemp("delivered")
    rows, columns = np.mgrid[0:80, 0:100]
    values = -1.5 + 0.02 * np.hypot(columns - 50, rows - 40)
    write_cog(Grid(values, 84_900, 447_560, 1.0, unit="m"), folder / "terrain.tif")
    (folder / "buildings.city.json").write_text(modeller.cube_model(Extent(84_900, 447_480, 85_000, 447_560)))
    return folder


def run(root, data, out):
    variables = {**os.environ, "DATA": str(data), "OUT": str(out), "CELL_SIZE": "1.0"}
    command = ["bash", str(root / "scripts" / "demo.sh")]
    return subprocess.run(command, env=variables, cwd=root, capture_output=True, text=True, timeout=240)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="needs xvfb-run for the 3D picture")
def test_the_demo_runs_on_own_files(root, delivered, tmp_path):
    done = run(root, delivered, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in OUTPUTS:
        assert (tmp_path / name).stat().st_size > 500, name
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["outputs"]["flooded_area"] > 0 and abs(record["outputs"]["mass_error"]) < 1e-5  # as the design asks
    assert "report.html" in done.stdout


def test_a_folder_without_terrain_is_one_sentence(root, tmp_path):
    (tmp_path / "in").mkdir()
    done = run(root, tmp_path / "in", tmp_path / "out")
    assert done.returncode == 1
    assert "holds no terrain; expected terrain_05m_filled.tif terrain.tif." in done.stderr


def test_each_step_of_the_demo_asks_an_algorithm_for_what_it_has(root, qgis_processing):
    """All six questions, without running them: names that nobody has are passed over by qgis_process."""
    from processing_algorithms.provider import DtwinProvider

    provider = DtwinProvider()
    provider.refreshAlgorithms()
    text = "".join(path.read_text() for path in sorted((root / "scripts" / "demo").glob("*.sh")))
    steps = re.findall(r"(?:run |dtwin:)(\w+) (?:- >\S+ )?<<EOF2\n(.*?)\nEOF2", text, re.DOTALL)
    both = "".join(re.findall(r"^  both\+?=(.*)$", text, re.MULTILINE)).replace("\\", "")  # of both runs of noise
    asked = {"flood", "clash", "roadnoise", "noisedifference", "shadowstudy", "plancheck", "planreport", "runstudy"}
    assert {*asked, "archivestudy"} <= {name for name, _ in steps}
    for name, given in steps:
        algorithm = provider.algorithm(name)
        assert algorithm is not None, name
        known = {parameter.name() for parameter in algorithm.parameterDefinitions()} | {"inputs"}
        given += both if "$both" in given else ""
        asked = set(re.findall(r'"(\w+)":', given)) | set(re.findall(r"\$\(with_map (\w+)", given))
        assert asked <= known, (name, asked - known)


def test_what_was_answered_is_told_and_what_was_not_is_left_out(tmp_path):
    assert list(told.told(tmp_path)) == []
    results = tmp_path / "traffic" / "results"
    results.mkdir(parents=True)
    for name, trips in (("now", 100), ("homes", 130)):
        (results / f"{name}.csv").write_text(f"origin,destination,out,back,through\na,b,{trips},{trips},5\n")
    steps = {
        name: {"trips": {"outputs": {"matrix": str(results / f"{name}.csv")}}, "assign": {"outputs": {"flows": "-"}}}
        for name in ("now", "homes")
    }
    (results / "study.json").write_text(json.dumps({"scenarios": steps}))
    (results / "indicators.csv").write_text(
        "title,scenario_title,value,unit,best\nLoud,Now,1200,1,1\nLoud,Homes,,1,0\nWay,Now,2.5,km,0\nWay,Homes,2,km,0\n"
    )
    lines = list(told.told(tmp_path))
    assert "60 movements of vehicles a day more, on 205 now" in lines[0]
    assert lines[2].split() == ["Loud", "1,200*", "not", "known"] and lines[3].split() == ["Way", "[km]", "2.5", "2"]
    assert any("traffic/results/indicators.csv" in line for line in lines)
    assert told.made(results / "study.json", "homes", "trips", "matrix").endswith("homes.csv")
