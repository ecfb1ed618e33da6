"""Rain as an event, a series and rasters: what falls is what was given, and what cannot be is named beforehand."""

from pathlib import Path

import numpy as np
import pytest

from dtwin_plugin.data import Grid
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.csv_table import rows_of, shipped
from dtwin_plugin.models.flood import FLOOD
from dtwin_plugin.models.flood.rainfall.events import events_of, shaped
from dtwin_plugin.models.flood.rainfall.rain import storm_of
from dtwin_plugin.progress import Silent

FLAT = Grid(np.full((8, 8), -1.0), 100.0, 208.0, 1.0, unit="m")
MM = 1e-3


def values_of(**values):
    defaults = {item.name: item.default for item in FLOOD.inputs}
    return {**defaults, "terrain": FLAT, "boundary": "closed", "after": 0.0, "threads": 1, **values}


def problems(**values):
    return {problem.code: problem for problem in check(FLOOD, values_of(**values))}


def fallen(**values):
    found = FLOOD.run(values_of(infiltration=0.0, **values), Silent())
    assert found["mass_error"] < 1e-6
    return dict(zip(found["balance"]["term"], found["balance"]["volume"]))["rain"]


def series(minutes, rain):
    return {"minutes": minutes, "rain": rain}


# --- events ---


def test_every_event_of_the_table_has_a_source_and_rains_what_it_says():
    rows = rows_of(shipped("flood", "events.csv"), ("event", "source", "confirmed"))
    assert len({row["event"] for row in rows}) == len(rows) >= 18
    for row in rows:
        assert row["source"] and row["confirmed"] in ("yes", "no")
        storm = storm_of(values_of(event=row["event"]))
        assert storm.depth() == pytest.approx(float(row["rain"]) * MM, rel=1e-9)
        assert storm.times[-1] == pytest.approx(60 * float(row["minutes"]))
    assert set(FLOOD.input("event").choices) == {"own", *(row["event"] for row in rows)}


@pytest.mark.parametrize(("event", "rain", "minutes", "peak"), [
    ("stress100", 70, 60, 70), ("stress250", 90, 60, 90), ("stress1000", 160, 120, 80), ("national140", 140, 120, 70),
    ("bluelabel", 93, 70, 79.714), ("bui08", 19.8, 60, 39.6), ("bui10", 35.7, 45, 75.6),
])  # fmt: skip
def test_events_are_what_practice_knows_them_by(event, rain, minutes, peak):
    storm = storm_of(values_of(event=event))
    assert storm.depth() == pytest.approx(rain * MM) and storm.times[-1] == minutes * 60
    assert max(storm.rates) * 3600 / MM == pytest.approx(peak, rel=1e-4)  # mm/h


def test_an_event_with_its_peak_last_is_its_mirror():
    for first, last in (("bui01", "bui02"), ("bui03", "bui04"), ("bui05", "bui06"), ("bui07", "bui08")):
        steps = events_of()
        assert steps[first].steps == steps[last].steps[::-1]
        assert np.argmax(steps[first].steps) < np.argmax(steps[last].steps)


@pytest.mark.parametrize("shape", ["even", "first", "middle", "last"])
def test_the_course_of_the_rain_changes_when_it_falls_and_not_how_much(shape):
    steps = shaped(70.0, shape)
    assert sum(steps) == pytest.approx(70.0) and min(steps) > 0
    where = np.argmax(steps) / max(len(steps) - 1, 1)
    assert {"even": 0.0, "first": 0.0, "last": 1.0}.get(shape, 0.45) == pytest.approx(where, abs=0.1)
    assert fallen(rain=30.0, rain_shape=shape) == pytest.approx(64 * 0.030, rel=1e-6)


def test_the_model_rains_the_event_and_not_the_number():
    assert fallen(event="bui08", rain=500.0) == pytest.approx(64 * 0.0198, rel=1e-6)


def test_an_own_table_as_excel_saves_it(tmp_path):
    table = tmp_path / "own.csv"
    table.write_text(
        "event;title;minutes;rain;steps\nkort;Kort en fel;10;12,5;2,5 10\nlang;;60;20;\n", encoding="utf-8-sig"
    )
    storm = storm_of(values_of(event_table=table, event_name="kort"))
    assert storm.depth() == pytest.approx(12.5 * MM) and storm.times == (0.0, 300.0, 600.0)
    assert storm_of(values_of(event_table=table)).depth() == pytest.approx(12.5 * MM)  # the first
    assert "DT121" not in problems(event_table=table, event_name="lang")
    found = problems(event_table=table, event_name="anders")["DT121"]
    assert "no event 'anders'; it has kort, lang" in found.text() and found.level == "error"


@pytest.mark.parametrize(("text", "message"), [
    ("event,minutes\na,1\n", "no column title, rain, steps"),
    ("event,title,minutes,rain,steps\na,,10,5,1 2\n", "steps of a add up to 3.0 mm; its rain is 5.0"),
    ("event,title,minutes,rain,steps\na,,0,5,\n", "'0' for minutes in the row a; expected a number from 1"),
    ("event,title,minutes,rain,steps\na,,10,veel,\n", "'veel' for rain"),
    ("event,title,minutes,rain,steps\na,,10,-1,\n", "'-1' for rain"),
])  # fmt: skip
def test_a_table_that_cannot_be_is_named_with_its_row(tmp_path, text, message):
    table = tmp_path / "own.csv"
    table.write_text(text)
    with pytest.raises(InputError, match=message):
        events_of(table)


def test_rain_that_is_given_twice_is_refused():
    found = problems(event="bui08", rain_series=series([0, 5], [0, 1]))["DT120"]
    assert found.level == "error" and "rain_series, event" in found.text()


# --- a series ---


def test_a_series_with_an_empty_or_negative_row_is_refused_with_its_place():
    found = problems(rain_series=series([0, 5, 10, 15], [0, None, 3, None]))["DT122"]
    assert "2 of its rows, the first of them row 2, 4" in found.text() and found.level == "error"
    found = problems(rain_series=series([0, 5, 10], [0, -2, 3]))["DT104"]
    assert "below 0 at minute 5" in found.text()


def test_rain_in_the_row_that_starts_a_series_is_not_lost_in_silence():
    """As a table whose times begin their steps has it: its 5 mm would not fall."""
    found = problems(rain_series=series([0, 5, 10], [5, 3, 0]))["DT134"]
    assert "5 mm" in found.text() and found.level == "error"
    assert "DT134" not in problems(rain_series=series([0, 5, 10], [0, 3, 0]))


def test_a_series_with_a_row_missing_is_told():
    found = problems(rain_series=series([0, 5, 10, 20, 25], [0, 1, 2, 3, 4]))["DT123"]
    assert "1 steps longer than its others" in found.text() and "10 - 20" in found.text() and found.level == "warning"
    assert "DT123" not in problems(rain_series=series([0, 60, 120], [0, 1, 2]))


# --- rasters ---


def radar(bands, cell_size=4.0, x_min=100.0, times=True):
    values = np.array(bands, float)
    moments = np.datetime64("2011-06-28T20:05", "s") + np.arange(len(values)) * np.timedelta64(300, "s")
    return Grid(values, x_min, 208.0, cell_size, unit="mm", times=moments if times else None)


HALVES = [[[1.0, 3.0]] * 2, [[0.0, 6.0]] * 2]  # mm in 5 minutes, west and east


@pytest.mark.parametrize("times", [True, False])
def test_rasters_of_larger_cells_rain_on_the_terrain_below_them(times):
    storm = storm_of(values_of(rain_grid=radar(HALVES, times=times)), FLAT)
    assert storm.times == (0.0, 300.0, 600.0)
    first = storm.rate(0.0) * 300 / MM
    assert first.shape == (8, 8) and first[:, :4] == pytest.approx(1.0) and first[:, 4:] == pytest.approx(3.0)
    assert storm.rate(299.0) is storm.rate(0.0) and storm.rate(600.0) == 0.0
    assert fallen(rain_grid=radar(HALVES, times=times)) == pytest.approx((32 * 1 + 32 * 9) * MM, rel=1e-6)


def test_rasters_in_mm_per_hour_rain_for_as_long_as_their_step():
    rain = fallen(rain_grid=radar([[[12.0]]], 8.0, times=False), rain_grid_unit="mm h-1", rain_grid_step=15.0)
    assert rain == pytest.approx(64 * 3 * MM, rel=1e-6)


def test_rasters_give_what_one_number_gives_where_they_are_the_same_everywhere():
    bands = np.full((12, 2, 2), 70 / 12)
    plain = FLOOD.run(values_of(), Silent())
    found = FLOOD.run(values_of(rain_grid=radar(bands)), Silent())
    np.testing.assert_allclose(found["depth_max"].values, plain["depth_max"].values, atol=1e-6)


def test_the_maps_have_the_time_of_the_rasters():
    found = FLOOD.run(values_of(rain_grid=radar(HALVES), after=1.0), Silent())
    assert str(found["depth"].times[-1]) == "2011-06-28T21:10:00"  # from 20:00 to 20:10, and an hour after
    assert storm_of(values_of(rain_grid=radar(HALVES)), FLAT).times[-1] == 600.0
    plain = FLOOD.run(values_of(rain_grid=radar(HALVES, times=False), after=1.0), Silent())
    assert str(plain["depth"].times[-1]) == "2000-01-01T01:10:00"


def test_a_step_that_is_missing_is_dry_and_told_beforehand():
    grid = radar([[[1.0]], [[2.0]], [[3.0]]], 8.0)
    times = grid.times.copy()
    times[2] += np.timedelta64(900, "s")
    late = Grid(grid.values, grid.x_min, grid.y_max, grid.cell_size, times=times)
    found = problems(rain_grid=late)["DT125"]
    assert found.level == "error" and "before 1 of its bands: 3 (2011-06-28T20:30:00)" in found.text()
    assert problems(rain_grid=late, rain_gaps="dry")["DT125"].level == "warning"
    storm = storm_of(values_of(rain_grid=late), FLAT)
    assert storm.times == (0.0, 300.0, 600.0, 1500.0, 1800.0) and storm.rate(700.0)[0, 0] == 0
    assert fallen(rain_grid=late, rain_gaps="dry") == pytest.approx(64 * 6 * MM, rel=1e-6)


def test_bands_in_the_wrong_order_are_refused():
    grid = radar([[[1.0]], [[2.0]], [[3.0]]], 8.0)
    turned = Grid(grid.values, grid.x_min, grid.y_max, grid.cell_size, times=grid.times[::-1])
    assert problems(rain_grid=turned)["DT127"].level == "error"


def test_a_hole_over_the_terrain_is_told_with_its_time_and_one_beside_it_is_not():
    hole = [[[1.0, np.nan]] * 2, [[2.0, 2.0]] * 2]
    found = problems(rain_grid=radar(hole))["DT124"]
    assert found.level == "error" and "in 1 of 2 steps: 1 (2011-06-28T20:05:00)" in found.text()
    assert fallen(rain_grid=radar(hole), rain_gaps="dry") == pytest.approx((32 * 3 + 32 * 2) * MM, rel=1e-6)
    beside = [[[1.0, 1.0, np.nan]] * 2]
    assert "DT124" not in problems(rain_grid=radar(beside))


def test_rasters_that_do_not_cover_the_terrain_are_told():
    found = problems(rain_grid=radar([[[1.0]] * 2], x_min=104.0))["DT124"]
    assert "beside 50.0% of the terrain" in found.text()


@pytest.mark.parametrize(("value", "code"), [(-1.0, "DT126"), (65535.0, "DT126"), (5.0, None), (0.0, None)])
def test_rain_below_nought_or_more_than_ever_fell_is_refused_with_its_time(value, code):
    found = problems(rain_grid=radar([[[1.0]], [[value]]], 8.0)).get("DT126")
    assert (found is not None) == (code is not None)
    if found is not None:
        assert found.level == "error" and "2 (2011-06-28T20:10:00)" in found.text()


def test_the_bands_and_times_of_a_raster_file_are_read(tmp_path):
    pytest.importorskip("osgeo")
    from dtwin_plugin.sources.raster_series import read_series
    from dtwin_plugin.sources.raster_write import write_cog

    grid = radar([[[1.0, 2.0]] * 2, [[np.nan, np.nan]] * 2, [[3.0, 4.0]] * 2], 1000.0, x_min=100_000.0)
    grid = Grid(grid.values, 100_000.0, 450_000.0, 1000.0, unit="mm", times=grid.times)
    path = tmp_path / "radar.tif"
    write_cog(grid, path)
    found = read_series(path)
    np.testing.assert_array_equal(found.values, grid.values)
    assert (found.times == grid.times).all() and found.cell_size == 1000.0


def test_the_times_of_a_netcdf_file_are_read(shared: Path):
    gdal = pytest.importorskip("osgeo.gdal")
    from dtwin_plugin.sources.raster_series import times_of

    times = times_of(gdal.Open(str(shared / "flood" / "sfincs_test" / "precip_2d.nc")))
    assert len(times) == 49 and str(times[0]) == "2010-02-05T00:00:00" and str(times[-1]) == "2010-02-07T00:00:00"


def test_the_rain_of_a_step_is_looked_at_once_however_often_the_run_stops_in_it(monkeypatch):
    from dtwin_plugin.models.flood.solvers import flow
    from dtwin_plugin.models.flood.solvers.solver import InertialSolver

    made = []
    plain = flow.Rate
    monkeypatch.setattr(flow, "Rate", lambda *given: made.append(given[-1]) or plain(*given))
    storm = storm_of(values_of(rain_grid=radar(HALVES)), FLAT)
    solver = InertialSolver(FLAT.values, 1.0, 0.03, threads=1)
    for _ in range(20):
        solver.advance(30.0, rain=storm.rate(solver.time))
    assert made.count("The rain") == 2  # one for each of the two steps
    assert solver.volumes.rain == pytest.approx((32 * 1 + 32 * 9) * MM, rel=1e-6) and solver.volumes.error < 1e-6
    changing = np.full((8, 8), 1e-5)
    solver.advance(10.0, rain=changing)
    changing[:] = 0.0
    before = solver.volumes.rain
    solver.advance(10.0, rain=changing)
    assert solver.volumes.rain == before
