"""A flood that goes on from a saved state, and one on cells taken together, as a person runs them."""

import csv

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsProcessingException, QgsProcessingFeedback


@pytest.fixture
def run(provider, context, tmp_path, terrain_file):
    def run_flood(name, **parameters):
        algorithm = provider.algorithm("flood").create()
        outputs = {"depth_max": str(tmp_path / f"{name}.tif"), "balance": str(tmp_path / f"{name}.csv")}
        given = {"terrain": str(terrain_file), "rain": 70, "boundary": 1, **outputs, **parameters}
        result, fine = algorithm.run(given, context, QgsProcessingFeedback(), {}, False)
        assert fine
        return result

    return run_flood


def band(path):
    return gdal.Open(path).ReadAsArray()


def test_a_run_in_two_parts_is_the_run_in_one(run, tmp_path):
    state = tmp_path / "state.npz"
    extra = {"velocity_max": str(tmp_path / "v.tif"), "duration": str(tmp_path / "d.tif")}
    run("first", after=0, state=str(state), **extra)
    parts = run("second", after=0.5, start_state=str(state), **extra)
    parts_maps = [band(parts[name]) for name in ("depth_max", *extra)]
    whole = run("whole", after=0.5, **extra)
    for name, part in zip(("depth_max", *extra), parts_maps):
        assert np.array_equal(part, band(whole[name]), equal_nan=True), name
    assert open(parts["balance"]).read() == open(whole["balance"]).read()
    with pytest.raises(QgsProcessingException, match="(?s)minute 60.*minute 60"):
        run("over", after=0, start_state=str(state), **extra)


def test_cells_taken_together_give_a_map_of_the_fine_cells(run):
    fine, coarse = run("fine", after=0.5), run("coarse", after=0.5, coarse_factor=5)
    assert band(coarse["depth_max"]).shape == band(fine["depth_max"]).shape
    assert abs(coarse["mass_error"]) < 1e-9
    assert coarse["flooded_area"] == pytest.approx(fine["flooded_area"], rel=0.3)  # a small, steep terrain


def test_a_table_of_events_says_how_often_a_place_floods(provider, context, tmp_path, terrain_file):
    (tmp_path / "events.csv").write_text("event,rain,duration,return_period\nten years,30,0.5,10\n100,70,0.5,100\n")
    given = {
        "terrain": str(terrain_file),
        "events": str(tmp_path / "events.csv"),
        "after": 0.1,
        "boundary": 1,
        "exceeds_015": str(tmp_path / "often.tif"),
        "figures": str(tmp_path / "figures.csv"),
    }
    result, fine = provider.algorithm("floodensemble").create().run(given, context, QgsProcessingFeedback(), {}, False)
    assert fine and result["failed"] == 0
    assert band(result["exceeds_015"]).max() == pytest.approx(0.1, rel=1e-6)
    with open(result["figures"], newline="") as file:
        assert [row["event"] for row in csv.DictReader(file)] == ["ten years", "100"]
