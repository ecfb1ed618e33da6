"""Sources are tested one polite question each, and what is found is what is there."""

import threading
import time
from dataclasses import replace

import pytest

from dtwin_plugin.catalogue import Entry
from dtwin_plugin.errors import Cancelled, UnavailableError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.check import check_sources
from dtwin_plugin.sources.peek import peek


@pytest.fixture
def services(catalogue_server):
    with catalogue_server.serve(catalogue_server.Services()) as state:
        yield state


@pytest.fixture
def peeker(qgis_app):
    from dtwin_plugin.layers.peek import QgisPeeker

    return QgisPeeker()


def entry(url, kind="wfs", **more):
    return Entry("a", "A", "O", kind, url, "CC0 1.0", "O", "open", more=more)


def check_one(found, peeker, **options):
    return check_sources([found], peeker, **{"timeout": 5.0, "slow": 4.0, **options})[0]


def test_a_source_of_every_kind_that_is_there_works(services, catalogue_server, peeker):
    entries = [entry(services.url + path, kind) for path, kind in catalogue_server.KINDS.items()]
    found = check_sources(entries, peeker, timeout=10, slow=5)
    assert {finding.entry.kind: (finding.state, finding.detail) for finding in found if finding.state != "ok"} == {}
    assert all(0 < finding.seconds < 5 for finding in found)
    assert len(services.asked) == len(entries)


@pytest.mark.parametrize(
    "path, kind, state, word",
    [
        ("/key", "wfs", "key", "401"),
        ("/forbidden", "rest", "key", "403"),
        ("/nothing", "wfs", "dead", "404"),
        ("/gone", "rest", "dead", "410"),
        ("/broken", "ogcapi", "dead", "500"),
        ("/crowded", "wms", "slow", "busy"),
        ("/page", "wfs", "wrong", "web page"),
        ("/complaint", "wms", "wrong", "error message"),
        ("/wms/v1_0", "3dtiles", "wrong", "does not understand|error message"),
        ("/height.tif", "copc", "wrong", "no {kind}"),
        ("/rest", "ogcapi", "wrong", "no {kind}"),
        ("/parameters", "geocoder", "ok", ""),
        ("/nothing", "bro-rest", "unclear", "404"),
        ("/busy/wfs", "wfs", "ok", ""),
        ("/slash", "wfs", "ok", ""),
        ("/loop", "wfs", "dead", "redirects more than"),
        ("/file", "wfs", "dead", "not one of a web server"),
    ],
)
def test_each_state_is_told_apart(services, peeker, path, kind, state, word):
    import re

    finding = check_one(entry(services.url + path, kind), peeker)
    assert finding.state == state
    text = finding.detail + " " + " ".join(str(value) for value in finding.values.values())
    assert re.search(word, text) if word else not finding.detail


@pytest.mark.parametrize("path", ["/old/wfs", "/older/wfs"])
def test_a_permanent_redirect_gives_the_new_address(services, peeker, path):
    finding = check_one(entry(services.url + path), peeker)
    assert (finding.state, finding.new_url) == ("moved", services.url + "/wfs/v2_0")


def test_a_dead_service_is_looked_for_where_it_went(services, peeker, monkeypatch):
    from dtwin_plugin.catalogue.moved import MOVED, Proposal

    followed = Proposal(services.url + "/wfs/v2_0", MOVED)
    monkeypatch.setattr("dtwin_plugin.sources.probe.proposed", lambda url: followed if url.endswith("/gone") else None)
    assert check_one(entry(services.url + "/gone"), peeker).new_url == services.url + "/wfs/v2_0"


def test_a_dead_version_is_looked_for_at_the_next(services, peeker):
    finding = check_one(entry(services.url + "/wfs/v1_1"), peeker)
    assert (finding.state, finding.new_url) == ("moved", services.url + "/wfs/v2_0")


def test_a_slow_answer_is_told_with_its_seconds(services, peeker):
    finding = check_one(entry(services.url + "/slow"), peeker, slow=0.3)
    assert finding.state == "slow" and finding.seconds > 0.5


def test_no_answer_in_time_is_slow_and_not_dead(services, peeker):
    begin = time.monotonic()
    finding = check_one(entry(services.url + "/never"), peeker, timeout=0.5)
    assert finding.state == "slow" and finding.seconds is None and time.monotonic() - begin < 4


def test_what_has_no_address_of_its_own_is_not_asked(services, peeker):
    found = check_sources([entry(None), entry(services.url + "/{z}/{x}.laz", "laz")], peeker)
    assert [finding.state for finding in found] == ["skipped"] * 2 and not services.asked


def test_only_the_first_bytes_are_taken(services, peeker):
    assert check_one(entry(services.url + "/cloud.copc.laz", "copc"), peeker).state == "ok"
    assert services.sent < 15_000_000  # of 30 MB; the rest is what lies in buffers


def test_no_server_gets_a_crowd(services, peeker):
    entries = [entry(services.url + "/slow") for _ in range(8)]
    services.sleep = 0.1
    check_sources(entries, peeker, timeout=5, slow=4)
    assert services.most <= 2 and len(services.asked) == 8


class Offline:
    def __init__(self):
        self.asked = 0

    def hop(self, url, **_):
        self.asked += 1
        time.sleep(0.05)
        raise UnavailableError("No answer came from {server}: {reason}.", server=url, reason="no such host")


def test_a_computer_without_a_network_says_so_once():
    peeker = Offline()
    entries = [entry(f"https://host{number}.example/wfs/v1_0") for number in range(60)]
    with pytest.raises(UnavailableError, match="no connection"):
        check_sources(entries, peeker)
    assert peeker.asked < 60


def test_a_proxy_that_wants_a_login_is_no_answer_of_the_servers():
    class Proxy:
        def hop(self, url, **_):
            from dtwin_plugin.sources.transport import Response

            return Response(407, b"login")

    with pytest.raises(UnavailableError, match="proxy settings"):
        check_sources([entry(f"https://host{number}.example/", "rest") for number in range(5)], Proxy())


def test_one_silent_server_among_others_is_dead(services, peeker):
    with_port_of_nobody = entry("http://127.0.0.1:9/wfs")
    found = check_sources([with_port_of_nobody, entry(services.url + "/wfs/v2_0")], peeker, timeout=5, slow=4)
    assert [finding.state for finding in found] == ["dead", "ok"] and not found[0].answered


def test_cancelling_stops_at_once(services, peeker):
    class Stopping(Silent):
        def is_cancelled(self):
            return len(services.asked) > 0

    begin = time.monotonic()
    with pytest.raises(Cancelled):
        check_sources([entry(services.url + "/never")] * 4, peeker, Stopping(), timeout=30)
    assert time.monotonic() - begin < 3


def test_a_fault_of_the_program_is_not_swallowed():
    class Faulty:
        def hop(self, url, **_):
            raise KeyError("oops")

    with pytest.raises(KeyError):
        check_sources([entry("https://a.example/wfs")], Faulty())


def test_a_network_that_never_comes_back_does_not_stop_the_others(monkeypatch):
    hanging = threading.Event()

    class Hanging:
        def hop(self, url, **_):
            if "hang" in url:
                hanging.wait(30)
            from dtwin_plugin.sources.transport import Response

            return Response(200, b"<WFS_Capabilities/>")

    monkeypatch.setattr("dtwin_plugin.sources.check._GRACE", 0.2)
    found = check_sources([entry("https://hang.example/wfs"), entry("https://b.example/wfs")], Hanging(), timeout=0.1)
    hanging.set()
    assert [finding.state for finding in found] == ["slow", "ok"]


def test_redirects_are_told_with_their_status(services, peeker):
    result = []

    def ask():
        result.append(peek(peeker, services.url + "/older/wfs?SERVICE=WFS&REQUEST=GetCapabilities"))

    thread = threading.Thread(target=ask)  # as `QgisPeeker` needs it
    thread.start()
    thread.join()
    assert [status for status, _ in result[0].redirects] == [308, 301]
    assert result[0].status == 200 and b"WFS_Capabilities" in result[0].body


def test_a_redirect_away_from_a_safe_connection_is_refused():
    class Downgrading:
        def hop(self, url, **_):
            from dtwin_plugin.sources.transport import Response

            return Response(301, b"", {"location": "http://a.example/wfs"}, url)

    assert check_one(replace(entry("https://a.example/wfs")), Downgrading()).state == "dead"


def test_the_real_pygeoapi_is_what_it_says(root, tmp_path, pygeoapi_server, peeker):
    import json

    if pygeoapi_server.python(root) is None:
        pytest.skip("needs pygeoapi: run scripts/setup.sh server")
    points = [{"type": "Feature", "id": 1, "properties": {}, "geometry": {"type": "Point", "coordinates": [4.3, 52]}}]
    file = tmp_path / "points.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": points}))
    made = pygeoapi_server.collection(file, "GeoJSON", None, [pygeoapi_server.CRS84], "id")
    with pygeoapi_server.serve(root, tmp_path, {"points": made}) as url:
        entries = [
            entry(url, "ogcapi-features"),
            entry(url + "/collections", "ogcapi"),
            entry(url, "wfs"),
            entry(url + "/nothing", "ogcapi-features"),
            entry(url + "/collections/points/items", "geojson", probe="?f=json&limit=1"),
        ]
        found = check_sources(entries, peeker, timeout=20, slow=15)
    assert [finding.state for finding in found] == ["ok", "ok", "wrong", "dead", "ok"]
