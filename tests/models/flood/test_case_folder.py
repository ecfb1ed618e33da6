"""A folder of plain files, a folder a case: rasters, polygons, tables in their variants, references."""

import json
import subprocess
import sys

import numpy as np
import pytest

from dtwin_plugin.data import Grid
from dtwin_plugin.sources.raster_write import write_cog

ROWS, COLUMNS, SIZE = 30, 40, 2.0
CORNER = (85_000.0, 447_000.0)


def height(x, y):
    return 0.02 * np.abs(x - CORNER[0] - 40) + 0.01 * np.abs(y - CORNER[1] - 30)


def centres(size=SIZE, rows=ROWS, columns=COLUMNS):
    x = CORNER[0] + (np.arange(columns) + 0.5) * size
    y = CORNER[1] + (rows - np.arange(rows) - 0.5) * size
    return np.meshgrid(x, y)


def tif(path, values, size=SIZE):
    write_cog(Grid(values.astype(np.float32), CORNER[0], CORNER[1] + values.shape[0] * size, size, unit="m"), path)


def ascii_grid(path, values):
    head = f"ncols {COLUMNS}\nnrows {ROWS}\nxllcorner {CORNER[0]}\nyllcorner {CORNER[1]}\ncellsize {SIZE}\n"
    lines = "\n".join(" ".join(f"{value:.4f}" for value in row) for row in values)
    path.write_text(f"{head}NODATA_value -9999\n{lines}\n")


def geojson(path, *rings):
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}} for ring in rings
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def square(x, y, side):
    x, y = x + CORNER[0], y + CORNER[1]
    return [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]


def place(x, y):
    return {"x": CORNER[0] + x, "y": CORNER[1] + y}


def town(folder):
    """A case with everything from files; the same rain four ways."""
    folder.mkdir()
    x, y = centres()
    tif(folder / "dem.tif", height(x, y))
    tif(folder / "classes.tif", np.where(x < CORNER[0] + 40, 1.0, 2.0))
    tif(folder / "zones.tif", np.where(y < CORNER[1] + 30, 1.0, 2.0))
    geojson(folder / "houses.geojson", square(10, 10, 8), square(60, 40, 8))
    (folder / "point.csv").write_text("ID;X;Y;level\n1;85040,5;447030,5;0,0\n")
    (folder / "rain.csv").write_text("minutes,north,south\n0,36,36\n10,0,0\n")
    (folder / "inflow.csv").write_text("time_min\tm3s\n0\t0.1\n10\t0.1\n")
    return {
        "model": "flood",
        "terrain": {"raster": "dem.tif"},
        "buildings": {"file": "houses.geojson", "raise": 3.0},
        "roughness": {"raster": "classes.tif", "classes": {"1": 0.02, "2": 0.05}},
        "rain": {"zones": {"raster": "zones.tif"}, "csv": "rain.csv"},
        "inflow": [{"line": [[85_004, 447_052], [85_012, 447_052]], "discharge": {"csv": "inflow.csv"}}],
        "duration": 600,
        "expected": [
            {"quantity": "rain_volume", "value": 0.006 * 80 * 60, "tolerance": 1e-3},
            {"quantity": "inflow_volume", "value": 60, "tolerance": 1e-3},
            {"quantity": "depth", "points": "point.csv", "value": 0.2, "tolerance": 0.2},
        ],
    }


@pytest.fixture
def validate(root, tmp_path):
    def run():
        command = [sys.executable, "-m", "scripts.validate", "--cases", str(tmp_path)]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=240)

    return run


def test_a_folder_for_each_case(validate, tmp_path):
    case = town(tmp_path / "town")
    (tmp_path / "town" / "case.json").write_text(json.dumps(case))
    (tmp_path / "town" / "notes.json").write_text("[1, 2]")  # no case: left alone
    turned = {**case, "case": "turned", "turn": 90, "mirror": True}
    (tmp_path / "town" / "turned.json").write_text(json.dumps(turned))
    done = validate()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 values, 0 outside" in done.stdout
    assert "| town " in done.stdout and "| turned " in done.stdout


def run(case, folder):
    from scripts.validate.flood import simulate

    return simulate({"case": "case", "expected": [], **case}, folder)


@pytest.mark.parametrize(
    "rain",
    [
        36.0,
        {"total": 6, "duration": 600},
        {"csv": "a.csv"},
        {"csv": "mm.csv", "unit": "mm"},
        {"frames": [[0, 36.0], [300, {"expression": "36 + 0 * x"}]]},
    ],
)
def test_rain_may_be_told_in_many_ways(tmp_path, rain):
    (tmp_path / "a.csv").write_text("time;mm per hour\n0;36,0\n600;0\n")
    (tmp_path / "mm.csv").write_text("# a comment\nmin,rain\n0,0\n5,3\n10,3\n")
    flat = {"terrain": {"values": [[0.0] * 4] * 4}, "cell_size": 1.0, "roughness": 0.03, "duration": 600}
    assert run({**flat, "rain": rain}, tmp_path).solver.volumes.rain == pytest.approx(16 * 0.006, rel=1e-5)


def test_a_hydrograph_brings_its_whole_volume_whatever_the_interval(tmp_path):
    """65.5 m3/s that comes and goes in 5 s, as in test 3 of the Environment Agency: 65.5 x 25 m3."""
    case = {"terrain": {"values": [[0.0] * 60] * 20}, "cell_size": 5.0, "roughness": 0.03, "duration": 60}
    rows = [[0, 0], [5, 65.5], [25, 65.5], [30, 0]]
    for interval in (60, 20, 7):
        item = {"edge": "west", "discharge": rows}
        water = run({**case, "interval": interval, "inflow": [item]}, tmp_path)
        assert water.solver.volumes.inflow == pytest.approx(65.5 * 25, rel=1e-6)


def test_a_series_may_jump_and_have_gaps_and_ends_with_its_last_value():
    from scripts.validate.series import Series

    jump = Series([0, 10, 10, 20, 30], [1, 1, 3, np.nan, 3])
    assert jump.mean(5, 15) == pytest.approx(2.0) and jump.mean(25, 45) == pytest.approx(3.0)
    assert jump.mean(-10, 0) == pytest.approx(1.0) and jump(25) == 3.0


def test_turned_and_mirrored_ground_gives_the_same_answer(tmp_path):
    case = town(tmp_path / "town")
    straight = run(case, tmp_path / "town").depths[-1]
    for more in ({"turn": 90}, {"turn": 180}, {"turn": 270}, {"mirror": True}):
        assert np.nanmax(np.abs(run({**case, **more}, tmp_path / "town").depths[-1] - straight)) < 2e-5


@pytest.mark.parametrize("more", [{"scheme": "advection"}, {"scheme": "volumes"}, {"scheme": "subgrid", "factor": 5}])
def test_a_case_may_ask_for_another_scheme(tmp_path, more):
    case = town(tmp_path / "town")
    water = run({**case, **more}, tmp_path / "town")
    assert water.solver.volumes.rain == pytest.approx(0.006 * 80 * 60, rel=1e-5)
    assert water.solver.volumes.inflow == pytest.approx(60, rel=1e-5)
    assert water.solver.volumes.error < 1e-6 and water.lowest == 0.0


def test_an_outlet_in_a_part_of_an_edge_lets_all_water_out_there(tmp_path):
    outlet = {"edge": "south", "from": 8, "to": 12}
    case = {
        "terrain": {"rows": 20, "columns": 10, "expression": "0.02 * y + 0.01 * abs(x - 10)"},
        "cell_size": 2.0,
        "roughness": 0.03,
        "rain": 36.0,
        "duration": 1800,
    }
    for kind in ("open", "fall"):
        water = run({**case, "boundary": [{**outlet, "kind": kind}]}, tmp_path)
        assert water.depths[-1].shape == (20, 10)
        assert water.rates()[-1] == pytest.approx(800 * 1e-5, rel=0.01)  # steady: what falls flows out
        assert water.solver.volumes.error < 1e-6


def test_a_reference_raster_may_have_other_cells_and_another_format(tmp_path):
    from scripts.validate.fields import field, grid_of

    x, y = centres()
    ascii_grid(tmp_path / "other.asc", height(x, y))
    fine = centres(1.0, 2 * ROWS, 2 * COLUMNS)
    tif(tmp_path / "fine.tif", height(*fine), 1.0)
    domain = grid_of(ROWS, COLUMNS, SIZE, *CORNER)
    assert field({"raster": "other.asc"}, domain, tmp_path) == pytest.approx(height(x, y), abs=1e-4)
    assert field({"raster": "fine.tif", "scale": 100, "add": 1}, domain, tmp_path) == pytest.approx(
        100 * height(x, y) + 1,
        abs=0.6,  # the mean over a fold is not its middle
    )


def test_a_stage_file_is_a_table(tmp_path):
    from scripts.validate.tables import read_table

    (tmp_path / "a.stage").write_text(
        "Stage output\n\nStage information (stage,x,y,elev):\n1\t1.0\t2.0\t3.0\n\nOutput, depths:\n"
        "Time; stages 1 to 2\n 10.0  0.5  0.6\n 20.0  0.7  0.8\n"
    )
    table = read_table(tmp_path / "a.stage")
    assert {name: values.tolist() for name, values in table.items()} == {
        "time": [10.0, 20.0],
        "p1": [0.5, 0.7],
        "p2": [0.6, 0.8],
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sheme": "inertial"}, "unknown field sheme"),
        ({"scheme": "magic"}, "Scheme magic is not known"),
        ({"roughness": {"raster": "classes.tif", "classes": {"1": 0.02}}}, "classes 2"),
        ({"roughness": "0.03 + __import__('os')"}, "expression"),
        ({"inflow": [{"point": [0, 0], "discharge": 1}]}, "outside its terrain"),
        ({"rain": {"csv": "rain.csv", "value": "west"}}, "no column west"),
        ({"rain": {"csv": "rain.csv", "unit": "inch"}}, "inch"),
        ({"inflow": [{"edge": "west", "discharge": [[60, 1], [0, 0]]}]}, "do not go back"),
        ({"rain": [[600, 0], [0, 36]]}, "do not go back"),
        ({"buildings": {"file": "none.gpkg"}}, "none.gpkg"),
    ],
)
def test_what_is_wrong_in_a_case_is_one_sentence(tmp_path, change, message):
    from dtwin_plugin.errors import DtwinError
    from scripts.validate.flood import case_rows

    case = {"case": "town", **town(tmp_path / "town"), **change}
    with pytest.raises(DtwinError, match=message):
        list(case_rows(case, tmp_path / "town"))
