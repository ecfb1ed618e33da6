"""The history: what is written whole, what of it may be kept, and what two programs do to it."""

import math
import sqlite3
import subprocess
import sys
from contextlib import closing

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Series
from dtwin_plugin.data.series import Quantity
from dtwin_plugin.errors import FormatError, InputError, UnavailableError
from dtwin_plugin.twin.live import schema
from dtwin_plugin.twin.live.admit import admitted
from dtwin_plugin.twin.live.feed import Feed, Watch
from dtwin_plugin.twin.live.history import History
from dtwin_plugin.twin.live.resample import channels

START = np.datetime64("2026-01-01T00", "ms")
MINUTE = np.timedelta64(60_000, "ms")


def series(values, *, known=None, step=60, name="flow", source="x", crs="EPSG:28992"):
    count = len(values)
    place = Features(
        Geometries.points(np.array([[85_000.0, 447_000.0]])), {"station": np.array(["a"], object)}, crs=crs
    )
    begins = START + np.arange(count) * step * MINUTE
    known = np.full(count, "NaT", "datetime64[ms]") if known is None else START + np.array(known) * MINUTE
    zero = np.zeros(count, int)
    return Series(source, place, (Quantity(name, "1/h"),), zero, zero, begins, begins + step * MINUTE, known,
                  np.array(values, float))  # fmt: skip


def rows(history, table):
    return history.rows(f"SELECT value, known FROM {table} ORDER BY begins, fid")


def test_a_correction_replaces_and_what_was_said_before_is_kept(tmp_path):
    with History(tmp_path / "h.gpkg") as history:
        assert history.add(series([1, 2], known=[60, 120]), START).added == 2
        assert history.add(series([1, 2], known=[60, 120]), START).known == 2
        assert history.add(series([5, 2], known=[90, 120]), START).corrected == 1
        # an older saying that comes last changes nothing, and is kept too
        assert history.add(series([7, 2], known=[30, 120]), START).corrected == 0
        assert [value for value, _ in rows(history, "observations")] == [5, 2]
        assert [value for value, _ in rows(history, "revisions")] == [1, 7]
        # no value is no correction, unless it is newer
        assert history.add(series([np.nan, 2], known=[90, 120]), START).corrected == 0
        assert history.add(series([np.nan, 2], known=[95, 120]), START).corrected == 1
        assert rows(history, "observations")[0][0] is None


def test_a_value_from_the_future_is_neither_the_last_nor_hides_what_comes_before_it(tmp_path):
    watch = Watch(Feed("x", keeps=86_400.0, late=0.0))
    with History(tmp_path / "h.gpkg") as history:
        history.add(series([1, 2, 9], step=60), START + 100 * 365 * 24 * 60 * MINUTE)  # of another source's clock
        history.add(series([5, 99], step=60 * 24 * 365, source="y"), START + 60 * MINUTE)  # 99 is of next year
        assert history.rows("SELECT value FROM last_values ORDER BY source") == [(9.0,), (5.0,)]
        watch.feed = Feed("y", keeps=86_400.0, late=0.0)
        assert watch.since(history) == START + 60 * MINUTE


def test_a_clock_that_was_set_wrong_empties_nothing(tmp_path):
    watch = Watch(Feed("x", days=1.0))
    with History(tmp_path / "h.gpkg") as history:
        watch.arrived(history, series([1, 2, 3]), START, 0.0)
        watch.arrived(history, series([1, 2, 3, 4]), START + 10_000 * 24 * 60 * MINUTE, 1.0)
        assert len(rows(history, "observations")) == 4
        watch.arrived(history, series([5], step=4 * 24 * 60), START + 4 * 24 * 60 * MINUTE, 2.0)
        assert [value for value, _ in rows(history, "observations")] == [5]  # a day is kept, as asked


def test_what_cannot_be_written_whole_leaves_the_history_usable(tmp_path):
    with History(tmp_path / "h.gpkg") as history:
        history.add(series([1]), START)
        pages = history.rows("PRAGMA page_count")[0][0]
        history.rows(f"PRAGMA max_page_count = {pages}")  # as a disk that is full
        with pytest.raises(sqlite3.Error, match="full"):
            history.add(series(range(20_000), step=1), START)
        history.rows("PRAGMA max_page_count = 1000000")
        assert history.add(series([1, 2]), START).added == 1
        assert [value for value, _ in rows(history, "observations")] == [1, 2]


def test_the_last_value_is_that_of_the_last_time(tmp_path):
    with History(tmp_path / "h.gpkg") as history:
        history.add(series([1, 2, 3]), START)
        history.add(series([9]), START)  # a late correction of the first
        assert history.rows("SELECT value FROM last_values") == [(3.0,)]


def test_old_observations_go_and_take_their_revisions_along(tmp_path):
    with History(tmp_path / "h.gpkg") as history:
        history.add(series([1, 2, 3]), START)
        history.add(series([4, 2, 3]), START)
        history.add(series([1, 2], source="other"), START)
        assert history.forget("x", START + 121 * MINUTE) == 2
        assert sorted(value for value, _ in rows(history, "observations")) == [1, 2, 3]
        assert not rows(history, "revisions")
        assert history.rows("SELECT count(*) FROM last_values") == [(2,)]


def test_a_geopackage_of_another_is_refused_and_left_as_it_was(tmp_path):
    path = tmp_path / "other.gpkg"
    with sqlite3.connect(path) as store:
        store.execute("CREATE TABLE mine (a)")
    before = path.read_bytes()
    with pytest.raises(FormatError, match="no history"):
        History(path)
    assert path.read_bytes() == before
    (tmp_path / "text.gpkg").write_text("no database at all, and long enough to be looked at" * 20)
    with pytest.raises(FormatError, match="no history"):
        History(tmp_path / "text.gpkg")


def test_stations_in_another_system_are_refused(tmp_path):
    with History(tmp_path / "h.gpkg") as history, pytest.raises(InputError, match="RD New"):
        history.add(series([1], crs="EPSG:4326"), START)


_WRITER = """
import os, sys
sys.path.insert(0, {tests!r})
from test_history import *
history = History({path!r})
for number in range({count}):
    history.add(series(list(range(50 + number))), START)
    if {dies} and number == 3:
        history._store.execute("BEGIN IMMEDIATE")
        history._observations(series([1000.0] * 70), history._channels(series([1000.0] * 70)), START)
        os._exit(9)
"""


def _write(path, count, dies, root):
    code = _WRITER.format(path=str(path), count=count, dies=dies, tests=str(root / "tests" / "twin" / "live"))
    return subprocess.Popen([sys.executable, "-c", code], cwd=root)


def test_two_programs_write_at_once_and_nothing_is_doubled(tmp_path, root):
    path = tmp_path / "h.gpkg"
    both = [_write(path, 20, False, root) for _ in range(2)]
    assert [program.wait(60) for program in both] == [0, 0]
    with History(path) as history:
        assert history.rows("SELECT count(*), count(DISTINCT begins) FROM observations") == [(69, 69)]
        assert history.rows("PRAGMA integrity_check") == [("ok",)]


def test_a_program_that_dies_half_way_leaves_what_was_whole(tmp_path, root):
    path = tmp_path / "h.gpkg"
    assert _write(path, 9, True, root).wait(60) == 9
    with History(path) as history:
        assert history.rows("SELECT count(*), max(value) FROM observations") == [(53, 52.0)]
        history.add(series([5.0]), START)  # and one can go on


def test_confidential_sources_and_what_names_vehicles_are_refused():
    assert admitted(series([1]), "open").values.tolist() == [1]
    with pytest.raises(InputError, match="not kept"):
        admitted(series([1]), "confidential")
    with pytest.raises(InputError, match="not kept"):
        admitted(series([1], name="license_plate"), "open")


def test_passages_of_single_vehicles_become_means_of_quarters():
    """A passage a minute for an hour, and 3 in the second quarter: whole quarters of 10 or more tell something."""
    passages = series(range(60), step=1)
    found = admitted(passages, "personal")
    assert found.values.tolist() == [22.0, 37.0]  # the quarters at both ends may have been cut
    assert (found.ends - found.begins == 15 * MINUTE).all() and found.extras["count"].tolist() == [15, 15]
    few = admitted(passages.take(np.r_[0:15, 15:18, 30:60]), "personal")
    assert math.isnan(few.values[0]) and few.values[1] == 37.0


def test_hours_tell_how_much_of_them_was_measured(tmp_path):
    with History(tmp_path / "h.gpkg") as history:
        history.add(series([60, 120, np.nan, 240, 30], step=20), START)
        (row,) = channels(history)
        assert row.values.tolist() == [90.0, 135.0] and row.share.round(3).tolist() == [0.667, 0.667]
        (part,) = channels(history, begin=START + 60 * MINUTE, end=START + 120 * MINUTE)
        assert part.values.tolist() == [135.0] and part.begins[0] == START + 60 * MINUTE
        assert not list(channels(history, quantity="speed"))


def test_a_server_that_fails_is_left_alone_longer_each_time_and_as_long_as_it_asks():
    watch, pauses = Watch(Feed("x", interval=60.0, keeps=3600.0)), []
    for _ in range(12):
        watch.failed("busy", 0.0)
        pauses.append(watch.due)
    assert pauses[0] < 6 and pauses == sorted(pauses[:8]) + pauses[8:] and 900 <= pauses[-1] <= 990
    watch.failed("busy", 0.0, 5000.0)
    assert watch.due == 5000.0
    watch.unchanged(START, 0.0)
    assert watch.due == 60.0 and not watch.failures


def test_a_feed_of_a_project_of_anybody_keeps_its_limits():
    feed = Feed.of({"source": "a", "interval": 0.001, "keeps": float("inf"), "running": "yes", "title": 5})
    assert feed.interval == 10.0 and feed.keeps == 3.2e7 and not feed.running and feed.title == "5"
    with pytest.raises(InputError, match="without a name"):
        Feed.of(["a"])


def test_a_history_that_another_program_keeps_busy_is_told_in_plain_words(tmp_path, monkeypatch):
    monkeypatch.setattr(schema, "_PATIENCE", 0.1)
    path = tmp_path / "history.gpkg"
    with History(path) as history, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(
            UnavailableError, match=r"^history.gpkg is kept busy by another program for more than 0.1 s"
        ):
            history.add(series([1.0]), np.datetime64("2026-01-01"))
        other.execute("ROLLBACK")
        assert history.add(series([1.0]), np.datetime64("2026-01-01")).added == 1
