"""Rain radar of the KNMI: amounts, times and places as its files state them."""

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import FormatError, InputError, SourceError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.knmi_radar import read_radar
from dtwin_plugin.sources.knmi_radar.images import Place
from dtwin_plugin.sources.knmi_radar.series import _between

pytest.importorskip("osgeo")
pytest.importorskip("h5py")
# A pixel over Emmeloord in files of the KNMI: row 353, column 403 at 52.71 N, 5.75 E
EMMELOORD, PIXEL = (179_500.0, 525_300.0), "353,403"
AREA = Extent(179_000, 525_000, 180_000, 526_000)
STARTS = ["28-JUN-2011;20:00:00.000", "28-JUN-2011;20:05:00.000", "28-JUN-2011;20:10:00.000"]


@pytest.fixture(scope="module")
def radar(tmp_path_factory):
    """Three files: 1.5 mm, 12 mm and no measurement in one pixel; a forecast; reflectivity; a later file."""
    folder = tmp_path_factory.mktemp("radar")
    times = [*STARTS, "28-JUN-2011;20:15:00.000"]
    given = [
        {"path": f"{folder}/{k}.h5", "images": [{PIXEL: value}], "start": times[k], "end": times[k + 1]}
        for k, value in enumerate((150, 1200, 65534))
    ]
    (folder / "other").mkdir()
    period = {"start": STARTS[0], "end": STARTS[2]}
    given += [
        {"path": f"{folder}/other/forecast.h5", "images": [{PIXEL: 5}, {PIXEL: 7}], "valid": STARTS[1:], **period},
        {"path": f"{folder}/other/dbz.h5", "images": [{}], "quantity": "REFLECTIVITY_[DBZ]",
         "formula": "GEO=0.500000*PV+-32.000000", **period},
        {"path": f"{folder}/other/late.h5", "images": [{PIXEL: 100}], "start": "28-JUN-2011;20:25:00.000",
         "end": "28-JUN-2011;20:30:00.000"},
    ]  # fmt: skip
    script = Path(__file__).with_name("write_radar.py")
    subprocess.run([sys.executable, str(script), json.dumps(given)], check=True)
    return folder


def test_corners_lie_where_the_knmi_says():
    """The corners of its grid, from the longitudes and latitudes in its files, to half a cell (1 km)."""
    from dtwin_plugin.sources.osgeo_scope import osgeo

    projection = "+proj=stere +lat_0=90 +lon_0=0.0 +lat_ts=60.0 +a=6378140.0 +b=6356750.0 +no_defs"
    with osgeo() as lib:
        here, there = lib.osr.SpatialReference(), lib.osr.SpatialReference()
        here.ImportFromProj4("+proj=longlat +a=6378140.0 +b=6356750.0 +no_defs")
        there.ImportFromProj4(projection)
        change = lib.osr.CoordinateTransformation(here, there)
        stated = [(0, 49.362064), (0, 55.973602), (10.856453, 55.388973), (9.0093, 48.8953)]
        found = np.array(change.TransformPoints(stated))[:, :2]
    np.testing.assert_allclose(found, [(0, -4415e3), (0, -3650e3), (700e3, -3650e3), (700e3, -4415e3)], atol=10)
    place = Place((765, 700), 0.0, -3650e3, 1000.0, -1000.0, projection)
    x, y = _between(place.projection, np.array([EMMELOORD]))[0]
    assert (int((y + 3650e3) / -1000), int(x / 1000)) == (353, 403)


def test_a_folder_is_a_series_whose_times_end_the_steps(radar):
    grid, step = read_radar(radar, AREA, Silent())
    assert step == 300 and grid.unit == "mm" and grid.cell_size == 1000
    assert [str(time) for time in grid.times] == ["2011-06-28T20:05:00", "2011-06-28T20:10:00", "2011-06-28T20:15:00"]
    np.testing.assert_allclose(grid.values[:, 0, 0], [1.5, 12.0, np.nan], rtol=1e-6)


def test_no_amount_is_smoothed_or_lost_on_a_large_area(radar):
    grid, _ = read_radar(radar / "1.h5", None, Silent())
    assert grid.shape == (330, 300)
    wet = np.argwhere(grid.values[0] == 12.0)
    assert 1 <= len(wet) <= 2 and set(np.unique(grid.values[0][np.isfinite(grid.values[0])])) == {0.0, 12.0}
    row, column = wet[0]
    x, y = grid.x_min + (column + 0.5) * 1000, grid.y_max - (row + 0.5) * 1000
    assert np.hypot(x - EMMELOORD[0], y - EMMELOORD[1]) < 1500  # a cell's diagonal


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "zip"])
def test_archives_are_read_as_the_folder_is(radar, tmp_path, kind):
    path = tmp_path / f"radar.{kind}"
    files = [radar / f"{k}.h5" for k in (2, 0, 1)]
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for file in files:
                archive.write(file, f"sub/{file.name}")
    else:
        with tarfile.open(path, "w:gz" if kind.endswith("gz") else "w") as archive:
            for file in files:
                archive.add(file, f"../{file.name}")  # a name that would leave the folder does no harm
    packed, plain = read_radar(path, AREA, Silent())[0], read_radar(radar, AREA, Silent())[0]
    np.testing.assert_array_equal(packed.values, plain.values)
    np.testing.assert_array_equal(packed.times, plain.times)
    assert sorted(file.name for file in tmp_path.iterdir()) == [path.name]


def test_a_forecast_has_an_image_for_each_moment(radar):
    grid, step = read_radar(radar / "other" / "forecast.h5", AREA, Silent())
    assert step == 300 and [str(time)[11:16] for time in grid.times] == ["20:05", "20:10"]
    np.testing.assert_allclose(grid.values[:, 0, 0], [0.05, 0.07], rtol=1e-6)


def test_what_is_no_rain_is_refused_in_a_sentence(radar, tmp_path):
    with pytest.raises(FormatError, match="REFLECTIVITY"):
        read_radar(radar / "other" / "dbz.h5", AREA, Silent())
    (tmp_path / "text.h5").write_text("no HDF5")
    with pytest.raises(FormatError, match="no rain radar of the KNMI"):
        read_radar(tmp_path / "text.h5", AREA, Silent())
    whole = (radar / "0.h5").read_bytes()
    (tmp_path / "half.h5").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FormatError, match="no rain radar of the KNMI"):
        read_radar(tmp_path / "half.h5", AREA, Silent())
    with pytest.raises(SourceError, match="does not exist"):
        read_radar(tmp_path / "absent.h5", AREA, Silent())
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="no file that ends in .h5"):
        read_radar(tmp_path / "empty", AREA, Silent())
    with pytest.raises(InputError, match="no rain radar in this area"):
        read_radar(radar / "0.h5", Extent(-2_000_000, 0, -1_990_000, 10_000), Silent())


def test_moments_that_are_there_twice_are_refused(radar, tmp_path):
    for name in ("a.h5", "b.h5"):
        (tmp_path / name).write_bytes((radar / "0.h5").read_bytes())
    with pytest.raises(InputError, match="same moment"):
        read_radar(tmp_path, AREA, Silent())


def test_the_loader_gives_the_wettest_period_and_the_flood_model_takes_it(radar, tmp_path):
    from dtwin_plugin.models.flood.rainfall.rain_grid import check_grid, grid_rain_of
    from processing_algorithms.loaders.radar import LOAD_RADAR

    for k in (0, 1):
        (tmp_path / f"{k}.h5").write_bytes((radar / f"{k}.h5").read_bytes())
    values = {"file": None, "folder": str(tmp_path), "extent": AREA, "hours": None}
    made = LOAD_RADAR.run(values, Silent())
    assert made["start_time"] == "2011-06-28T20:00:00" and made["step"] == 5
    assert made["mean_total"] == pytest.approx(13.5) and float(made["total"].values[0, 0]) == pytest.approx(13.5)
    wettest = LOAD_RADAR.run({**values, "hours": 1 / 12}, Silent())
    assert wettest["series"] == {"time": ["2011-06-28T20:10:00"], "rain": [12.0]}
    from dtwin_plugin.data import Grid

    terrain = Grid(np.zeros((10, 10)), 179_400, 525_400, 10.0, unit="m")
    chosen = {"rain_grid": made["rain_grid"], "rain_grid_unit": "mm", "rain_grid_step": 5.0, "rain_gaps": "stop"}
    assert list(check_grid({**chosen, "terrain": terrain})) == []
    rain = grid_rain_of(chosen, terrain)
    np.testing.assert_allclose(np.unique(rain.rate(0.0)), [1.5e-3 / 300], rtol=1e-6)
    np.testing.assert_allclose(np.unique(rain.rate(300.0)), [12e-3 / 300], rtol=1e-6)
