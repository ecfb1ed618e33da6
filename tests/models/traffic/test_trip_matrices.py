"""Matrices to new totals, over modes and on the map."""

import numpy as np
import pytest

from dtwin_plugin.data.matrices import Matrices
from dtwin_plugin.models import MODELS
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.traffic.matrix_files import MatrixFile
from dtwin_plugin.progress import Silent
from tests.models.traffic.demand_cases import matrix, problems, run, squares, values, written


def test_a_matrix_grows_to_a_table_of_totals(tmp_path):
    totals = written(tmp_path, "zone;production;attraction\nb;20;15\na;10;15\n")
    made = run("matrixfactor", matrix=matrix(tmp_path, np.ones((2, 2))), totals=totals)
    assert made["result"].matrices.one().tolist() == [[5, 5], [10, 10]]


@pytest.mark.parametrize(("text", "code"), [
    ("zone,production,attraction\nx,1,1\n", "DT363"),
    ("zone,production,attraction\na,1,1\na,1,1\n", "DT363"),
    ("zone,production,attraction\na,0,0\n", "DT365"),
])  # fmt: skip
def test_totals_that_cannot_be_used_are_told(tmp_path, text, code):
    found = problems("matrixfactor", matrix=matrix(tmp_path, np.ones((2, 2))), totals=written(tmp_path, text))
    assert (code, "error") in found


def test_totals_of_a_layer_that_cannot_be_used_are_told_there(tmp_path):
    zones = squares(2, production=[0.0, 0.0], attraction=[1.0, 2.0])
    found = check(MODELS["matrixfactor"], values("matrixfactor", matrix=matrix(tmp_path, np.ones((2, 2))), zones=zones))
    assert [(one.code, one.field) for one in found] == [("DT365", "zones")]


COEFFICIENTS = "mode,term,value\ncar,constant,0\ncar,car_time,-0.1\ncar,occupancy,1.25\nbike,bike_time,-0.1\n"


def test_modes_share_trips_by_their_times(tmp_path):
    times = {
        "car_time": np.array([[5.0, 10.0], [10.0, 5.0]]),
        "bike_time": np.array([[5.0, 10 + 10 * np.log(3)], [np.nan, 5.0]]),
    }
    skims = tmp_path / "skims.omx"
    pytest.importorskip("h5py")
    MatrixFile(Matrices(("a", "b"), times)).write(skims)
    made = run("modalsplit", matrix=matrix(tmp_path, [[10, 40], [30, 0]]), skims=skims,
               coefficients=written(tmp_path, COEFFICIENTS))  # fmt: skip
    found = made["persons"].matrices.values
    assert found["car"].tolist() == [pytest.approx([5, 30]), pytest.approx([30, 0])]
    assert found["bike"].tolist() == [pytest.approx([5, 10]), pytest.approx([0, 0])]
    assert made["vehicles"].matrices.values["car_vehicles"][0, 1] == pytest.approx(24)


def test_trips_without_any_mode_are_told(tmp_path):
    times = Matrices(("a", "b"), {"car_time": np.full((2, 2), np.nan), "bike_time": np.full((2, 2), np.nan)})
    MatrixFile(times).write(tmp_path / "skims.csv")
    progress = Silent()
    made = run("modalsplit", progress, matrix=matrix(tmp_path, [[0, 7], [0, 0]]), skims=tmp_path / "skims.csv",
               coefficients=written(tmp_path, COEFFICIENTS))  # fmt: skip
    assert made["without_mode"] == 7 and "no mode at all" in progress.warnings[0]


@pytest.mark.parametrize("text", ["mode,term,value\ncar,constant,0\n", COEFFICIENTS + "car,constant,1\n",
                                  COEFFICIENTS + "car,,1\n", "mode,term\ncar,x\n"])  # fmt: skip
def test_coefficients_that_cannot_be_are_told(tmp_path, text):
    cells = matrix(tmp_path, np.ones((2, 2)))
    assert ("DT367", "error") in problems("modalsplit", matrix=cells, skims=cells, coefficients=written(tmp_path, text))


def test_lines_show_the_most_and_tell_what_they_leave_out(tmp_path):
    cells = [[9, 50, 5], [30, 0, 1], [4, 0, 0]]
    progress = Silent()
    made = run("matrixlines", progress, matrix=matrix(tmp_path, cells), zones=squares(3), most=2)
    lines = made["lines"].columns
    assert lines["trips"].tolist() == [9, 80] and lines["trips_there"].tolist() == [5, 50]
    assert lines["distance"].tolist() == [2, 1]
    assert made["totals"].columns["begin"].tolist() == [64, 31, 4] and made["totals"].columns["within"][0] == 9
    assert progress.warnings == ["The lines show 98.9 percent of the trips between zones."]


def test_zones_that_only_a_matrix_has_are_told(tmp_path):
    path = matrix(tmp_path, np.ones((3, 3)))
    assert ("DT360", "warning") in problems("matrixlines", matrix=path, zones=squares(2))
    other = matrix(tmp_path, np.ones((2, 2)), "other", ("x", "y"))
    assert ("DT360", "error") in problems("matrixlines", matrix=other, zones=squares(2))
