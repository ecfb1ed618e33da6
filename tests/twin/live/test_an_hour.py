"""An hour of a live source, played by a server with faults: nothing is lost, nothing is doubled, gaps are told."""

import math
import random
from dataclasses import replace

import live_server
import numpy as np
import pytest

from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import DtwinError
from dtwin_plugin.sources.live import ask
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.watching import UnchangedError, WatchingTransport
from dtwin_plugin.twin.live.feed import Feed, Watch
from dtwin_plugin.twin.live.history import History, moment

STEP = 5  # s of simulated time between two looks


def played(state, feed, path, seconds=3600 + 40, restart=0):
    """Let time pass, and ask when it is due; `restart` opens all anew so many seconds after the start.

    It ends 40 s after the hour, so that what was published last was asked for.
    """
    transport = WatchingTransport(_Quick(RequestsTransport()), feed.source)
    watch, history = Watch(feed, random=random.Random(1)), History(path)
    for passed in range(0, seconds + 1, STEP):
        state.now = live_server.START + passed
        state.publish()
        if passed == restart and restart:
            history.close()
            transport = WatchingTransport(_Quick(RequestsTransport()), feed.source)
            watch, history = Watch(feed, random=random.Random(2)), History(path)
        if watch.due > passed:
            continue
        now = np.datetime64(int(state.now * 1000), "ms")
        try:
            series = ask(transport, feed.source, None, watch.since(history), spoken=feed.spoken)
            series = replace(series, stations=replace(series.stations, crs=RD))  # where they lie is not tested here
            watch.arrived(history, series, now, passed)
            transport.taken()
        except UnchangedError:
            watch.unchanged(now, passed)
        except DtwinError as error:
            watch.failed(str(error), passed, getattr(error, "wait", None))
    return history


class _Quick:
    """A transport that waits a moment only: the hour is a simulated one."""

    def __init__(self, inner):
        self._inner = inner

    def get(self, url, params=None, *, timeout=60.0, headers=None):
        return self._inner.get(url, params, timeout=0.3, headers=headers)


def kept(history):
    rows = history.rows("SELECT station, begins, value FROM observed")
    assert len({row[:2] for row in rows}) == len(rows)  # nothing is doubled
    return {
        (station, int(moment(begins).astype(np.int64) // 1000)): math.nan if value is None else value
        for station, begins, value in rows
    }


def ndw_feed(state):
    return Feed(state.url, spoken="datex2", interval=60.0, keeps=0.0, days=0)


@pytest.mark.parametrize(
    "faults",
    [
        (),
        ((600, 610, "half"), (1200, 1215, "busy"), (1800, 1810, "silent"), (2400, 2410, "down"), (3000, 3020, "half")),
        ((0, 3700, "tagless"),),
        ((900, 1500, "clock"),),
    ],
    ids=["well", "short faults", "no tag and a time of change that never moves", "a wrong clock"],
)
def test_an_hour_of_the_ndw_is_kept_whole(tmp_path, faults):
    with live_server.serve_ndw(live_server.Ndw(faults)) as state:
        history = played(state, ndw_feed(state), tmp_path / "h.gpkg")
        found = kept(history)
        assert set(found) == set(state.published)
        for key, value in state.published.items():
            assert found[key] == value or (math.isnan(value) and math.isnan(found[key])), key
        assert len(found) == 2 * 61 and not history.gaps()
        if not faults:
            assert state.unchanged > 40  # most of what did not change was not sent again
            assert state.asked <= 123  # twice a minute, and no more


def test_an_outage_of_the_ndw_is_a_gap_and_all_else_is_kept(tmp_path):
    faults = ((1000, 1700, "down"), (2500, 2800, "same"))
    with live_server.serve_ndw(live_server.Ndw(faults)) as state:
        history = played(state, ndw_feed(state), tmp_path / "h.gpkg")
        found, gaps = kept(history), history.gaps()
        lost = set(state.published) - set(found)
        assert lost and not set(found) - set(state.published)
        ranges = [(int(a.astype(np.int64)) // 1000, int(b.astype(np.int64)) // 1000) for _, a, b, _ in gaps]
        assert all(any(a <= begin < b for a, b in ranges) for _, begin in lost)
        # and no gap holds what is known
        assert not [key for key in found if any(a <= key[1] < b for a, b in ranges)]
        # the file that stood still is a gap too: nobody wrote those minutes
        assert len(gaps) == 2


def test_qgis_that_was_closed_leaves_a_gap_and_goes_on(tmp_path):
    with live_server.serve_ndw(live_server.Ndw()) as state:
        feed = ndw_feed(state)
        played(state, feed, tmp_path / "h.gpkg", 600).close()
        # twenty minutes in which nobody asks
        history = _later(state, feed, tmp_path / "h.gpkg", 1800, 2400)
        (gap,) = history.gaps()
        assert gap[1] == np.datetime64(live_server.START + 600, "s") and gap[2] - gap[1] == np.timedelta64(19, "m")


def _later(state, feed, path, begin, end):
    start, live_server.START = live_server.START, live_server.START + begin
    try:
        return played(state, feed, path, end - begin)
    finally:
        live_server.START = start


@pytest.mark.parametrize("restart", [0, 1500])
def test_an_hour_of_sensorthings_is_kept_once_with_late_and_corrected_values(tmp_path, restart):
    faults = ((700, 1300, "down"),)  # shorter than what it keeps: nothing is lost
    with live_server.serve_sensors(live_server.Sensors(faults=faults)) as state:
        feed = Feed(state.url, spoken="sensorthings", interval=60.0, keeps=1800.0, late=900.0, days=0)
        history = played(state, feed, tmp_path / "h.gpkg", restart=restart)
        found = {begin: value for (_, begin), value in kept(history).items()}
        # what came in the last step may not have been asked for yet
        late = live_server.START + 3600 - 60
        published = {begin: value for begin, value in state.published.items() if begin < late}
        missing = {begin for begin in published if begin not in found}
        assert not {b for b in missing if b + 660 < state.now} and not set(found) - set(state.published)
        settled = {b: v for b, v in published.items() if b + 960 < state.now}
        assert {b: found[b] for b in settled} == settled and len(settled) > 30
        assert not history.gaps()
        corrected = history.rows("SELECT begins, value FROM revisions")
        assert len(corrected) >= 5  # and what was said before is kept


def test_an_outage_longer_than_a_server_keeps_is_a_gap(tmp_path):
    with live_server.serve_sensors(live_server.Sensors(keeps=900, faults=((900, 2400, "down"),))) as state:
        feed = Feed(state.url, spoken="sensorthings", interval=60.0, keeps=900.0, late=900.0, days=0)
        history = played(state, feed, tmp_path / "h.gpkg")
        found = {begin for _, begin in kept(history)}
        ((_, begin, end, _),) = history.gaps()
        lost = set(state.published) - found
        begin, end = (int(t.astype(np.int64)) // 1000 for t in (begin, end))
        assert lost and all(begin <= t < end or t > state.now - 120 for t in lost), (begin, end, sorted(lost))
