"""Time series: what is told twice stands once, and pieces join by station and quantity."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.series import NEVER, Quantity, Remark, Series
from dtwin_plugin.errors import InputError

HOUR = np.timedelta64(1, "h")
START = np.datetime64("2026-01-01T00:00", "ms")
NO2 = (Quantity("NO2"),)


def stations(*names, place=(4.9, 52.4), crs="OGC:CRS84"):
    shapes = Geometries.build("point", [[[[place]]] if place else [] for _ in names])
    return Features(shapes, {"station": np.array(names, object)}, crs=crs)


def series(hours, values, results=None, names=("a",), quantities=NO2, station=None, **more):
    rows = len(values)
    begins = START + np.array(hours, int) * HOUR
    known = np.full(rows, NEVER) if results is None else START + np.array(results, int) * HOUR
    station = np.zeros(rows, np.int64) if station is None else np.array(station, np.int64)
    where = more.pop("stations", stations(*names))
    return Series("x", where, quantities, station, np.zeros(rows, np.int64), begins, begins + HOUR, known,
                  np.array(values, float), **more)  # fmt: skip


def test_a_corrected_value_replaces_the_first_and_an_older_result_does_not():
    found = series([1, 0, 1, 1], [1.0, 2.0, 3.0, 4.0], [2, 1, 9, 5]).unique()
    assert found.values.tolist() == [2.0, 3.0]  # in order of time; the result of hour 9 is the newest


def test_of_two_without_a_result_time_the_last_told_is_kept_and_one_with_a_time_goes_before_both():
    assert series([0, 0], [1.0, 2.0]).unique().values.tolist() == [2.0]
    late = series([0, 0], [1.0, 2.0])
    known = late.results.copy()
    known[0] = START
    told = Series("x", late.stations, late.quantities, late.station, late.quantity, late.begins, late.ends, known,
                  late.values)  # fmt: skip
    assert told.unique().values.tolist() == [1.0]


def test_the_last_of_each_station_is_told_also_where_it_has_no_value():
    found = series([0, 1, 0], [1.0, np.nan, 5.0], names=("a", "b"), station=[0, 0, 1]).latest()
    assert found.station.tolist() == [0, 1]
    assert np.isnan(found.values[0]) and found.values[1] == 5.0


def test_pieces_join_by_station_and_quantity_and_keep_a_known_place():
    first = series([0], [1.0], stations=stations("a", place=None), extras={"count": np.array([3.0])})
    second = series([1, 1], [2.0, 3.0], names=("b", "a"), station=[0, 1], quantities=(Quantity("O3"),))
    whole = Series.concatenate([first, second])
    assert whole.stations.columns["station"].tolist() == ["a", "b"]
    assert whole.stations.geometries.coordinates.tolist() == [[4.9, 52.4], [4.9, 52.4]]
    assert [item.name for item in whole.quantities] == ["NO2", "O3"]
    assert (whole.station.tolist(), whole.quantity.tolist()) == ([0, 1, 0], [0, 1, 1])
    assert whole.extras["count"][0] == 3 and np.isnan(whole.extras["count"][1:]).all()


def test_pieces_in_two_systems_are_refused():
    other = series([0], [1.0], stations=stations("b", place=(121_000, 487_000), crs="EPSG:28992"))
    with pytest.raises(InputError, match="EPSG:28992, OGC:CRS84"):
        Series.concatenate([series([0], [1.0]), other])


@pytest.mark.parametrize(
    "wrong",
    [
        {"names": ("a", "a")},
        {"station": [1]},
        {"extras": {"count": np.zeros(2)}},
        {"qualities": np.zeros(3, np.uint8)},
    ],
)
def test_what_does_not_fit_together_is_refused(wrong):
    with pytest.raises(InputError, match="do not fit together"):
        series([0], [1.0], **wrong)


def test_an_end_before_its_begin_is_refused():
    one = series([0], [1.0])
    with pytest.raises(InputError, match="begins, ends"):
        Series("x", one.stations, one.quantities, one.station, one.quantity, one.begins, one.begins - HOUR, one.results,
               one.values)  # fmt: skip


def test_none_is_none():
    empty = series([], [])
    assert len(empty.unique()) == len(empty.latest()) == 0 and empty.period is None
    assert str(Remark("{file} is odd.", {"file": "a"})) == "a is odd."
