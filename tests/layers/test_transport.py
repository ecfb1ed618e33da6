"""Requests inside QGIS against servers that mean harm."""

import gzip
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import serving

from dtwin_plugin.errors import FormatError, UnavailableError
from dtwin_plugin.layers.transport import QgisTransport
from dtwin_plugin.sources.http_range import HttpRanges, Listener
from dtwin_plugin.sources.retry import Retrying


class _Hostile(serving.Handler):
    def do_GET(self):
        packed = gzip.compress(b"0" * 5_000_000) if self.path == "/bomb" else gzip.compress(b"hello")
        if self.path == "/damaged":
            packed = packed[:-9]
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(10**6 if self.path == "/slow" else len(packed)))
        self.end_headers()
        if self.path != "/slow":
            self.wfile.write(packed)
            return
        end = time.monotonic() + 10
        while time.monotonic() < end:  # a byte now and then: Qt's own time-out is about silence
            try:
                self.wfile.write(b"x")
            except OSError:
                return
            time.sleep(0.1)


@pytest.fixture(scope="module")
def server():
    with serving.server(_Hostile)(SimpleNamespace()) as state:
        yield state.url


def test_a_packed_answer_is_unpacked(server, qgis_app):
    assert QgisTransport().get(server + "/hello").body == b"hello"


def test_a_packed_answer_that_grows_too_large_is_refused(server, qgis_app):
    with pytest.raises(FormatError, match="more than 1000000 bytes"):
        QgisTransport(maximum=1_000_000).get(server + "/bomb")


def test_a_packed_answer_that_ends_too_soon_is_refused(server, qgis_app):
    with pytest.raises(FormatError, match="damaged"):
        QgisTransport().get(server + "/damaged")


def test_an_answer_that_trickles_ends_at_the_time_limit(server, qgis_app):
    begin = time.monotonic()
    with pytest.raises(UnavailableError, match="within 1 s"):
        QgisTransport().get(server + "/slow", timeout=1)
    assert time.monotonic() - begin < 5  # 1 s and a few looks, on a busy machine


@pytest.fixture
def two(tiles_server):
    """Two hosts: the first may send on to the second."""
    with tiles_server.serve(tiles_server.Tiles({"/b/a": b"here"})) as host:
        with tiles_server.serve(tiles_server.Tiles({"/a": b"there"})) as other:
            yield host, other


@pytest.mark.parametrize("location", ["/b/a", "a", "./../b/a", "{url}/b/a", "//{server}/b/a"])
def test_a_redirect_is_followed_whether_its_address_is_whole_or_relative(two, qgis_app, location):
    host, _ = two
    host.moved["/b/old"] = location.format(url=host.url, server=host.url.removeprefix("http://"))
    answer = QgisTransport().get(host.url + "/b/old")
    assert (answer.status, answer.body, answer.url) == (200, b"here", host.url + "/b/a")


def test_parts_of_a_file_are_read_also_behind_a_redirect(files_server, tiles_server, qgis_app):
    body = bytes(range(256)) * 100
    with files_server.serve(files_server.Files({"/b.bin": body})) as host:
        with tiles_server.serve(tiles_server.Tiles()) as first:
            first.moved["/a.bin"] = host.url + "/b.bin"
            ranges = HttpRanges(first.url + "/a.bin", QgisTransport(), Listener())
            assert (ranges.size, ranges.read(10_000, 5)) == (len(body), body[10_000:10_005])
            assert host.sent < 5000


def test_a_server_without_parts_is_told_and_asked_once(files_server, qgis_app):
    with files_server.serve(files_server.Files({"/b.bin": bytes(50_000)}, ranges=False)) as host:
        with pytest.raises(UnavailableError, match="does not give parts of b.bin, but only all of it"):
            HttpRanges(host.url + "/b.bin", Retrying(QgisTransport(), base=0.01), Listener())
        assert len(host.asked) == 1


@pytest.mark.parametrize("form", ["{url}/a", "//{server}/a"])
def test_keys_do_not_follow_a_redirect_to_another_server(two, qgis_app, form):
    host, other = two
    host.moved["/old"] = form.format(url=other.url, server=other.url.removeprefix("http://"))
    keys = {"Authorization": "Bearer secret", "X-Api-Key": "secret", "Cookie": "secret"}
    answer = QgisTransport().get(host.url + "/old?key=secret", headers=keys)
    assert (answer.body, answer.url) == (b"there", other.url + "/a")
    assert host.asked[0][2]["Authorization"] == "Bearer secret"
    ((_, query, headers),) = other.asked
    assert query == {} and "secret" not in str(headers)


def test_an_address_that_moved_to_another_is_where_the_answer_comes_from(two, qgis_app):
    host, _ = two
    assert QgisTransport().get(host.url + "/b/a?x=a%2Fb&y=1,2").url == host.url + "/b/a?x=a%2Fb&y=1,2"


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1:9/a", "data:text/plain,a"])
def test_a_redirect_to_anything_but_a_web_server_is_refused(two, qgis_app, location):
    host, _ = two
    host.moved["/old"] = location
    with pytest.raises(UnavailableError):
        QgisTransport().get(host.url + "/old")


def test_endless_redirects_end(two, qgis_app):
    host, _ = two
    host.moved.update({"/one": "/two", "/two": "/one"})
    with pytest.raises(UnavailableError, match="redirects more than 5 times"):
        QgisTransport().get(host.url + "/one")
    assert len(host.asked) == 6


def test_a_redirect_to_itself_ends(two, qgis_app):
    host, _ = two
    host.moved["/loop"] = host.url + "/loop"
    with pytest.raises(UnavailableError):
        QgisTransport().get(host.url + "/loop")
    assert len(host.asked) == 1


@pytest.mark.parametrize("packed", [True, False, None])
@pytest.mark.parametrize("moved", [False, True])
def test_a_packed_answer_is_unpacked_also_behind_a_redirect(two, qgis_app, moved, packed):
    host, other = two
    if packed is not None:
        other.packed["/a"] = packed
    host.moved["/old"] = other.url + "/a"
    answer = QgisTransport().get(host.url + "/old" if moved else other.url + "/a")
    assert answer.body == (gzip.compress(b"there") if packed is False else b"there")


@pytest.mark.parametrize("moved", [False, True])
def test_what_is_packed_too_large_is_refused_also_behind_a_redirect(two, qgis_app, moved):
    host, other = two
    other.files["/a"], other.packed["/a"] = bytes(20_000_000), True
    host.moved["/old"] = other.url + "/a"
    with pytest.raises(FormatError, match="more than 1000000 bytes"):
        QgisTransport(maximum=1_000_000).get(host.url + "/old" if moved else other.url + "/a")


@pytest.mark.parametrize("thread", ["main", "other"])
@pytest.mark.parametrize("announced", [None, 600 << 20])
def test_what_has_no_end_is_broken_off(two, qgis_app, announced, thread):
    host, _ = two
    host.endless["/a"] = announced

    def ask():
        with pytest.raises(FormatError, match="more than 1000000 bytes"):
            QgisTransport(maximum=1_000_000).get(host.url + "/a")

    if thread == "main":
        ask()
    else:
        with ThreadPoolExecutor(1) as executor:
            executor.submit(ask).result()
    assert getattr(host, "sent", 0) < 64 << 20  # a second of it: ten looks a second, and the system has its buffers


@pytest.mark.parametrize("workers", [0, 4])  # 0: in the main thread
def test_a_server_at_fault_is_not_answered_for_by_the_cache_of_qgis(two, qgis_app, workers):
    """Qt has an earlier answer at hand, and gives it, or it and the fault behind it, as a new one."""
    host, _ = two
    host.files["/b/a"] = bytes(5000)
    for _ in range(10):
        host.faults["/b/a"] = []
        assert len(QgisTransport().get(host.url + "/b/a").body) == 5000
        host.faults["/b/a"] = [(503, {"Retry-After": "7"})] * 4

        def ask(_):
            return QgisTransport().get(host.url + "/b/a")

        with ThreadPoolExecutor(workers or 1) as executor:
            answers = list(executor.map(ask, range(4)) if workers else map(ask, range(4)))
        assert {(found.status, found.body, found.headers["retry-after"]) for found in answers} == {(503, b"no", "7")}


@pytest.mark.parametrize("thread", ["main", "other"])
@pytest.mark.parametrize("moved", [False, True])
def test_nothing_stays_in_the_cache_of_qgis(two, qgis_app, thread, moved):
    from qgis.core import QgsNetworkAccessManager
    from qgis.PyQt.QtCore import QUrl

    host, other = two
    host.moved["/old"] = other.url + "/a?key=secret"
    address = host.url + "/old" if moved else other.url + "/a?key=secret"
    if thread == "main":
        QgisTransport().get(address)
    else:
        with ThreadPoolExecutor(1) as executor:
            executor.submit(QgisTransport().get, address).result()
    cache = QgsNetworkAccessManager.instance().cache()
    assert not any(cache.metaData(QUrl(url)).isValid() for url in (address, other.url + "/a?key=secret"))


def test_a_redirect_that_may_not_be_followed_is_refused_and_not_asked(qgis_app, processes_server):
    other = processes_server.State()
    with processes_server.serve(other) as elsewhere:
        state = processes_server.State(quirks={"redirect elsewhere"}, other=elsewhere)
        with processes_server.serve(state) as url:
            with pytest.raises(FormatError, match="refused"):
                QgisTransport(may_lead=lambda address: address.startswith(url)).get(f"{url}/jobs/1/results")
            assert QgisTransport().get(f"{url}/jobs/1/results").body == b"of a link"
    assert other.asked == ["GET /file.bin"]


def test_a_wish_to_remove_something_is_sent_once(qgis_app, processes_server):
    state = processes_server.State()
    with processes_server.serve(state) as url:
        found = QgisTransport().delete(f"{url}/jobs/1")
    assert (found.status, state.asked, state.dismissed) == (200, ["DELETE /jobs/1"], ["1"])
