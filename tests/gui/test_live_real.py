"""The panel Live in the real QGIS: asking, state, map, plot, time, and stopping; a local server plays the NDW."""

import csv
import threading
import time
from pathlib import Path

import pytest

from dtwin_plugin.twin.live.feed import Feed


@pytest.mark.gl
@pytest.mark.slow
def test_the_panel_live_in_the_real_qgis(real_qgis, keep_pictures, tmp_path, monkeypatch, root):
    monkeypatch.syspath_prepend(str(root / "tests" / "twin" / "live"))
    monkeypatch.syspath_prepend(str(root / "tests" / "servers"))
    import live_server
    import silent_server
    from test_an_hour import played

    # an hour that ended two minutes ago, of which ten minutes lack
    monkeypatch.setattr(live_server, "START", int(time.time()) // 60 * 60 - 3720)
    over = threading.Event()
    with live_server.serve_ndw(live_server.Ndw(((1200, 1800, "down"),))) as state, silent_server.serve() as silent:
        feed = Feed(state.url, spoken="datex2", interval=60.0, days=0)
        played(state, feed, tmp_path / "history.gpkg").close()
        thread = threading.Thread(target=_go_on, args=(state, over), daemon=True)
        thread.start()
        found = real_qgis("live_trial", tmp_path, "nl", DTWIN_LIVE=state.url, DTWIN_SILENT=f"{silent.url}/v1.1")
        over.set()
        thread.join()
    keep_pictures(tmp_path, ("live", "live_moment"), "live")
    assert found["loaded at the start"] is False
    assert found["answered"] and found["seconds to ask"] < 1.0 and found["message"] == ""
    assert found["row"][1] == "loopt" and int(found["row"][3]) >= 1
    assert len(found["layers"]) == 2 and found["layers"]["Actueel"] == 2
    # where the NDW has them, in RD New
    assert all(70_000 < x < 90_000 and 440_000 < y < 460_000 for x, y in found["places"])
    assert len(found["times"]) == 1
    assert len(found["stations"]) == 2 and found["points"] > 45 and found["gaps"] >= 1
    assert found["moment"] == found["map time"]
    assert found["chosen on the map"]
    with Path(tmp_path / "series.csv").open() as file:
        series = list(csv.DictReader(file))
    assert len(series) > 45 and {row["value"] for row in series} > {""}  # no value is empty
    assert found["waits"] and found["seconds to stop"] < 3.0
    assert found["rows after"] == 0
    # opened again, what ran goes on: its server was started here before
    assert found["again"] == [True]


def _go_on(state, over):
    while not over.wait(0.2):
        state.now = time.time()


@pytest.mark.gl
@pytest.mark.slow
def test_qgis_quits_while_a_source_is_asked(real_qgis, tmp_path, monkeypatch, root):
    monkeypatch.syspath_prepend(str(root / "tests" / "servers"))
    import silent_server

    with silent_server.serve() as silent:
        found = real_qgis("live_quit", tmp_path, DTWIN_SILENT=f"{silent.url}/v1.1")
    assert found["waits"] and silent.waiting >= 1
    assert time.time() - found["quit"] < 9.0  # the threads of a pool would be waited for 10 s
