"""Rain as the KNMI gives it: in 0.1 mm, traces as nothing, gaps as gaps."""

import numpy as np
import pytest

from dtwin_plugin.errors import FormatError, InputError, SourceError
from dtwin_plugin.sources.knmi_rain import read_rain

HOURS = """BRON: KNMI
# STN,YYYYMMDD,   HH,   RH,    P

  260,20110628,   22,   -1,10100
  260,20110628,   23,  125,10100
  260,20110628,   24,  790,10100
  260,20110629,    1,     ,10100
  260,20110629,    2,  800,10100
"""


def written(tmp_path, text):
    path = tmp_path / "uurgeg.txt"
    path.write_text(text)
    return path


def test_hours_end_at_their_number_and_a_trace_is_nothing(tmp_path):
    series = read_rain(written(tmp_path, HOURS))
    assert series.station == "260" and series.step == 3600
    assert str(series.ends[0]) == "2011-06-28T22:00:00" and str(series.ends[2]) == "2011-06-29T00:00:00"
    np.testing.assert_array_equal(series.rain, [0.0, 12.5, 79.0, np.nan, 80.0])


def test_the_wettest_period_has_no_gap_in_it(tmp_path):
    series = read_rain(written(tmp_path, HOURS))
    assert series.wettest(1) == slice(4, 5) and series.wettest(2) == slice(1, 3) and series.wettest(3) == slice(0, 3)
    with pytest.raises(InputError, match="No 4 hours"):
        series.wettest(4)
    with pytest.raises(InputError, match="has 5 hours; 6 were asked"):
        series.wettest(6)


def test_rows_that_are_not_there_are_a_gap(tmp_path):
    series = read_rain(written(tmp_path, HOURS.replace("  260,20110628,   23,  125,10100\n", "")))
    with pytest.raises(InputError, match="No 2 hours"):
        series.wettest(2)


@pytest.mark.parametrize(("text", "message"), [
    ("minutes,rain\n0,1\n", "no row of names"),
    ("# STN,YYYYMMDD,HH,T\n260,20110628,1,5\n", "no column RH"),
    (HOURS.replace("  125", "  mist"), "'mist' for rain"),
    (HOURS.replace("  125", "   -9"), "'-9' for rain"),
    (HOURS.replace("20110628,   23", "onbekend,   23"), "without a date"),
    (HOURS.replace("  260,20110628,   22", "  344,20110628,   22"), "stations 260, 344"),
])  # fmt: skip
def test_what_is_no_rain_of_the_knmi_is_named(tmp_path, text, message):
    with pytest.raises(FormatError, match=message):
        read_rain(written(tmp_path, text))


def test_a_file_that_is_absent_is_named(tmp_path):
    with pytest.raises(SourceError, match="none.txt cannot be read"):
        read_rain(tmp_path / "none.txt")


def test_one_of_several_stations_can_be_chosen(tmp_path):
    path = written(tmp_path, HOURS.replace("  260,20110628,   22", "  344,20110628,   22"))
    assert read_rain(path, "344").rain.tolist() == [0.0]


def test_real_hours_and_days(shared):
    folder = shared / "flood" / "rain_knmi"
    hours = read_rain(folder / "uurgeg_260_1991-2000.txt")
    assert hours.rain.size == 8784 and not np.isnan(hours.rain).any()  # hours of the leap year 2000
    days = read_rain(folder / "neerslaggeg_DE-BILT_550.txt")
    assert days.rain.size == 366 and str(days.ends[0]) == "2000-01-01T08:00:00" and days.rain[0] == pytest.approx(1.1)
    # two instruments of De Bilt agree on the year
    assert hours.rain.sum() == pytest.approx(days.rain.sum(), rel=0.1)
    wettest = days.wettest(24)
    assert days.rain[wettest].sum() == days.rain.max()


def test_the_loader_gives_a_series_that_the_flood_model_takes(shared):
    from dtwin_plugin.models.flood.rainfall.rain import storm_of
    from dtwin_plugin.progress import Silent
    from processing_algorithms.loaders.rain import LOAD_RAIN

    path = shared / "flood" / "rain_knmi" / "uurgeg_260_1991-2000.txt"
    made = LOAD_RAIN.run({"file": path, "hours": 6.0, "station": None}, Silent())
    storm = storm_of({"rain_series": made["rain_series"]})
    assert storm.depth() == pytest.approx(made["total"] / 1000) and storm.times[-1] == 6 * 3600
    assert 15 < made["total"] < 60 and made["start_time"].startswith("2000-")
