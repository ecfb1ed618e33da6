"""Answers that are kept, and when they are asked again."""

import multiprocessing
import sqlite3
import threading
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.errors import Cancelled, OfflineError, UnavailableError
from dtwin_plugin.sources import http_rules as rules
from dtwin_plugin.sources.http_cache import CachingTransport
from dtwin_plugin.sources.http_store import Entry, HttpStore
from dtwin_plugin.sources.retry import Retrying
from dtwin_plugin.sources.transport import CancellableTransport, RecordedTransport, Response

URL = "https://a.nl/tile"
NOW = 1_700_000_000.0


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


class Server:
    """A transport that plays a server: `reply(url, headers)` gives the answer, an exception is raised."""

    def __init__(self, reply):
        self.reply, self.asked = reply, []

    def get(self, url, params=None, *, timeout=60.0, headers=None):
        self.asked.append((url, dict(headers or {})))
        answer = self.reply(url, {name.lower(): value for name, value in (headers or {}).items()})
        if isinstance(answer, BaseException):
            raise answer
        return answer


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def cache(tmp_path, clock):
    """A function that puts a cache before a server."""
    opened = []

    def make(reply, **options):
        server = Server(reply if callable(reply) else lambda url, headers: reply)
        opened.append(CachingTransport(server, tmp_path / "cache", clock=clock, **options))
        return opened[-1], server

    yield make
    for transport in opened:
        transport.close()


def ok(body=b"abc", status=200, **headers):
    return Response(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def state(response):
    return response.headers["x-dtwin-cache"]


def test_a_fresh_answer_is_not_asked_again_and_an_old_one_is(cache, clock):
    transport, server = cache(ok(cache_control="max-age=60", date=formatdate(NOW, usegmt=True)))
    assert state(transport.get(URL)) == "miss"
    clock.now += 59
    again = transport.get(URL)
    assert (again.body, state(again), again.headers["age"]) == (b"abc", "hit", "59")
    clock.now += 2
    assert state(transport.get(URL)) == "miss" and len(server.asked) == 2


def test_an_answer_outlives_the_program(cache):
    first, _ = cache(ok(cache_control="max-age=60"))
    first.get(URL, {"a": "1"})
    first.close()
    second, server = cache(UnavailableError("closed"))
    assert second.get(URL, {"a": "1"}).body == b"abc" and not server.asked


def test_parameters_and_headers_tell_answers_apart(cache):
    transport, server = cache(lambda url, headers: ok(headers.get("accept", "").encode(), cache_control="max-age=9"))
    assert transport.get(URL, headers={"Accept": "a"}).body == b"a"
    assert transport.get(URL, headers={"Accept": "b"}).body == b"b"
    assert state(transport.get(URL, headers={"accept": "a", "Accept-Encoding": "gzip"})) == "hit"
    transport.get(URL, {"q": "1"})
    assert len(server.asked) == 3 and transport.count() == 3


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache_control": "max-age=100, private"}, 100),
        ({"cache_control": "public, s-maxage=5, max-age=100"}, 100),
        ({"cache_control": "no-cache, max-age=100"}, 0),
        ({"cache_control": "max-age=-1"}, 0),
        ({"cache_control": "max-age=abc"}, 0),
        ({"cache_control": "max-age=99999999999999999999"}, 2**31),
        ({"expires": formatdate(NOW + 30, usegmt=True)}, 30),
        ({"expires": "0"}, 0),
        ({"cache_control": "max-age=7", "expires": formatdate(NOW + 30, usegmt=True)}, 7),
        ({"last_modified": formatdate(NOW - 1000, usegmt=True)}, 100),
        ({"last_modified": formatdate(NOW - 10**8, usegmt=True)}, 24 * 3600),
        ({"last_modified": "yesterday"}, 0),
        ({}, 0),
    ],
)
def test_lifetime(headers, seconds):
    assert rules.lifetime(ok(date=formatdate(NOW, usegmt=True), **headers), NOW) == pytest.approx(seconds)


@pytest.mark.parametrize(("headers", "seconds"), [({}, 60), ({"cache_control": "max-age=9999"}, 300)])
def test_what_is_not_there_is_believed_for_a_short_time(headers, seconds):
    assert rules.lifetime(ok(status=404, **headers), NOW) == seconds


def test_age_counts_what_passed_before_it_came():
    headers = {"date": formatdate(NOW - 20, usegmt=True), "age": "50"}
    assert rules.age_when_received(headers, NOW - 2, NOW) == 52
    assert rules.age_when_received({"age": "x"}, NOW, NOW) == 0


@given(st.text(max_size=80))
def test_no_header_is_too_strange(text):
    headers = {name: text for name in ("cache-control", "expires", "date", "age", "last-modified", "vary", "etag")}
    assert rules.lifetime(Response(200, b"", headers), NOW) >= 0
    assert rules.age_when_received(headers, NOW, NOW) >= 0
    rules.may_keep(Response(200, b"", headers), False)


@pytest.mark.parametrize(
    "response",
    [
        ok(cache_control="no-store, max-age=60"),
        ok(cache_control="max-age=60", vary="*"),
        ok(status=500, cache_control="max-age=60"),
        ok(status=401, cache_control="max-age=60"),
        ok(status=206, cache_control="max-age=60", content_range="bytes 0-2/9"),  # nobody asked for a part
        Response(200, b"abc", {"cache-control": "max-age=60"}, "https://store.nl/a?X-Amz-Signature=1"),
    ],
)
def test_what_may_not_be_kept_is_not(cache, response):
    transport, server = cache(response)
    transport.get(URL), transport.get(URL)
    assert len(server.asked) == 2 and transport.count() == 0


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("https://a.nl/x?apikey=1", {}),
        ("https://a.nl/x?b=1&Access_Token=2", {}),
        ("https://a.nl/x?key=", {}),
        ("https://jan:geheim@a.nl/x", {}),
        ("https://a.nl/x", {"Authorization": "Basic x"}),
        ("https://a.nl/x", {"X-Api-Key": "x"}),
        ("https://a.nl/confidential", {}),
        ("https://a.nl/x", {"If-None-Match": '"1"'}),
        ("https://a.nl/x", {"Cache-Control": "no-store"}),
    ],
)
def test_secrets_and_confidential_sources_pass_by(cache, tmp_path, url, headers):
    transport, server = cache(ok(cache_control="max-age=60"), store=lambda url: "confidential" not in url)
    transport.get(url, headers=headers)
    assert state(transport.get(url, headers=headers)) == "miss" and len(server.asked) == 2
    assert not list(tmp_path.rglob("*"))  # not even an index


def test_a_cookie_that_came_with_an_answer_is_not_kept(cache):
    transport, _ = cache(ok(cache_control="max-age=60", set_cookie="a=b"))
    transport.get(URL)
    assert "set-cookie" not in transport.get(URL).headers


def test_an_answer_that_still_holds_is_not_sent_again(cache, clock):
    def reply(url, headers):
        if headers.get("if-none-match") == '"v1"':
            return ok(b"", 304, etag='"v1"', cache_control="max-age=100", content_length="0")
        return ok(b"whole", etag='"v1"', cache_control="max-age=10", last_modified="Thu, 01 Jan 1970 00:00:00 GMT")

    transport, server = cache(reply)
    transport.get(URL)
    clock.now += 11
    held = transport.get(URL)
    assert (held.status, held.body, state(held)) == (200, b"whole", "revalidated")
    assert "content-length" not in held.headers
    assert server.asked[1][1] == {"If-None-Match": '"v1"', "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}
    clock.now += 99
    assert state(transport.get(URL)) == "hit"


def test_a_304_about_another_version_is_not_believed(cache, clock):
    answers = iter([ok(b"one", etag='"1"'), ok(b"", 304, etag='"2"'), ok(b"two", etag='"2"')])
    transport, server = cache(lambda url, headers: next(answers))
    transport.get(URL)
    clock.now += 1
    assert transport.get(URL).body == b"two" and server.asked[2][1] == {}


def test_a_new_version_replaces_the_old(cache, clock):
    answers = iter([ok(b"one", etag='"1"'), ok(b"two", etag='"2"', cache_control="max-age=9")])
    transport, _ = cache(lambda url, headers: next(answers))
    transport.get(URL)
    assert transport.get(URL).body == b"two"
    assert (transport.get(URL).body, transport.count(), transport.size()) == (b"two", 1, 3)


def test_a_new_version_that_may_not_be_kept_removes_the_old(cache):
    answers = iter([ok(b"one"), ok(b"two", cache_control="no-store")])
    transport, _ = cache(lambda url, headers: next(answers))
    transport.get(URL), transport.get(URL)
    assert transport.count() == 0


@pytest.mark.parametrize("fault", [UnavailableError("closed"), ok(b"", 503), ok(b"", 500)])
def test_an_old_answer_stands_in_for_a_server_that_fails(cache, clock, fault):
    answers = iter([ok(cache_control="max-age=1"), fault, fault])
    transport, _ = cache(lambda url, headers: next(answers))
    transport.get(URL)
    clock.now += 5000
    old = transport.get(URL)
    assert (old.status, old.body, state(old), old.headers["age"]) == (200, b"abc", "stale", "5000")


@pytest.mark.parametrize("rule", ["max-age=1, must-revalidate", "no-cache"])
def test_an_answer_that_must_be_checked_stands_in_for_nothing(cache, clock, rule):
    answers = iter([ok(cache_control=rule), UnavailableError("closed"), ok(b"", 503)])
    transport, _ = cache(lambda url, headers: next(answers))
    transport.get(URL)
    clock.now += 5
    with pytest.raises(UnavailableError, match="closed"):
        transport.get(URL)
    assert transport.get(URL).status == 503


def test_a_server_at_fault_is_no_reason_to_forget(cache, clock):
    answers = iter([ok(), ok(b"", 503), UnavailableError("closed")])
    transport, _ = cache(lambda url, headers: next(answers))
    transport.get(URL), transport.get(URL)
    assert transport.get(URL).body == b"abc"


def test_a_user_can_ask_for_the_newest(cache):
    transport, server = cache(ok(cache_control="max-age=60"))
    transport.get(URL)
    assert state(transport.get(URL, headers={"Cache-Control": "no-cache"})) == "miss"
    assert state(transport.get(URL)) == "hit"


def test_offline_all_that_is_kept_is_given_and_nothing_asked(cache, clock):
    online, _ = cache(ok(cache_control="max-age=1, must-revalidate"))
    online.get(URL)
    clock.now += 10**8
    offline, server = cache(ok(), offline=True)
    assert state(offline.get(URL)) == "stale"
    for url in (URL + "2", URL + "?token=1"):
        with pytest.raises(UnavailableError, match="not in the cache, and you work offline"):
            offline.get(url)
    assert not server.asked


def test_offline_is_not_tried_again(cache):
    offline, _ = cache(ok(), offline=True)
    waits = []
    with pytest.raises(OfflineError):
        Retrying(offline, sleep=waits.append).get(URL)
    assert not waits


def ranged(url, headers):
    first, last = (int(edge) for edge in headers["range"].removeprefix("bytes=").split("-"))
    version = ranged.version
    body = bytes([version]) * (last - first + 1)
    return ok(body, 206, content_range=f"bytes {first}-{last}/100", etag=f'"{version}"', cache_control="max-age=9")


def test_parts_of_a_file_are_kept_by_their_range(cache):
    ranged.version = 1
    transport, server = cache(ranged)
    one, two = {"Range": "bytes=0-9"}, {"Range": "bytes=10-19"}
    assert [len(transport.get(URL, headers=part).body) for part in (one, two, one, two)] == [10] * 4
    assert len(server.asked) == 2
    ranged.version = 2  # the file changes: a part of the old one would not fit
    transport.get(URL, headers={"Range": "bytes=20-29"})
    assert transport.get(URL, headers=one).body == b"\2" * 10


def test_a_whole_file_that_came_for_a_part_is_not_kept(cache):
    transport, _ = cache(ok(cache_control="max-age=9"))
    transport.get(URL, headers={"Range": "bytes=0-1"})
    assert transport.count() == 0


def test_a_transport_without_headers_is_asked_whole_again(tmp_path, clock):
    class Plain:
        def get(self, url, params=None, *, timeout=60.0):
            return ok(etag='"1"')

    transport = CachingTransport(Plain(), tmp_path, clock=clock)
    assert [state(transport.get(URL)) for _ in range(2)] == ["miss", "miss"]
    transport.close()


def test_a_request_can_be_broken_off_where_the_inner_one_can(tmp_path, cache):
    class Breakable(Server):
        def get_unless(self, cancelled, url, params=None, *, timeout=60.0, headers=None):
            if cancelled():
                raise Cancelled
            return self.get(url, params, timeout=timeout, headers=headers)

    transport = CachingTransport(Breakable(lambda url, headers: ok(cache_control="max-age=9")), tmp_path)
    assert isinstance(transport, CancellableTransport)
    with pytest.raises(Cancelled):
        transport.get_unless(lambda: True, URL)
    transport.get_unless(lambda: False, URL)
    assert state(transport.get(URL)) == "hit"
    transport.close()
    assert not isinstance(cache(ok())[0], CancellableTransport)
    assert not isinstance(CachingTransport(RecordedTransport({}), tmp_path), CancellableTransport)


def entry(number, size=1000, at=NOW, key=None):
    return Entry(key or f"{number:064x}", URL, URL, 200, {}, at, at, bytes([number % 256]) * size)


def test_the_least_recently_used_leave(tmp_path):
    store = HttpStore(tmp_path, 3000)
    for number in range(3):
        store.put(entry(number, at=NOW + number))
    assert store.find(f"{0:064x}", NOW + 100) is not None  # used again
    store.put(entry(3, at=NOW + 200))
    assert [store.find(f"{n:064x}", NOW + 300) is not None for n in range(4)] == [True, False, True, True]
    assert (store.size(), store.count()) == (3000, 3)
    assert sum(path.stat().st_size for path in tmp_path.glob("??/*")) == 3000
    store.put(entry(4, 3001))
    assert store.count() == 3
    store.close()


def test_clear_removes_all_that_is_ours_and_nothing_else(tmp_path):
    store = HttpStore(tmp_path, 10**6)
    store.put(entry(1))
    orphan, foreign = tmp_path / "00" / ("0" * 64), tmp_path / "00" / "holiday.jpg"
    orphan.write_bytes(b"x"), foreign.write_bytes(b"x")
    store.clear()
    assert (store.size(), store.count()) == (0, 0)
    assert [path.name for path in tmp_path.glob("??/*")] == ["holiday.jpg"]
    store.put(entry(1))
    assert store.count() == 1
    store.close()


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 1000, None])
def test_a_damaged_body_is_dropped(tmp_path, damage):
    store = HttpStore(tmp_path, 10**6)
    store.put(entry(1))
    (path,) = tmp_path.glob("??/*")
    path.unlink() if damage is None else path.write_bytes(damage)
    assert store.find(f"{1:064x}", NOW) is None and store.count() == 0
    store.put(entry(1))
    assert store.find(f"{1:064x}", NOW).body == b"\1" * 1000
    store.close()


@pytest.mark.parametrize("version", ["garbage", "other", "cut"])
def test_a_damaged_index_is_made_anew(tmp_path, version):
    store = HttpStore(tmp_path, 10**6)
    for number in range(200):
        store.put(entry(number, 10))
    store.close()
    index = tmp_path / "index.sqlite"
    if version == "other":
        database = sqlite3.connect(index)
        database.execute("PRAGMA user_version=99")
        database.close()
    else:
        index.write_bytes(b"no database" * 1000 if version == "garbage" else index.read_bytes()[:8192])
    found = [store.find(f"{number:064x}", NOW) for number in range(200)]
    assert all(item is None or len(item.body) == 10 for item in found)
    store.put(entry(7))
    assert store.find(f"{7:064x}", NOW) is not None
    assert store.count() <= 200
    store.close()


def test_a_folder_that_cannot_be_used_keeps_nothing_and_stops_nobody(tmp_path, clock):
    (tmp_path / "cache").write_text("a file where the folder should be")
    transport = CachingTransport(Server(lambda url, headers: ok(cache_control="max-age=60")), tmp_path / "cache")
    assert [transport.get(URL).body for _ in range(2)] == [b"abc"] * 2
    assert (transport.size(), transport.count()) == (0, 0)
    transport.clear()


def test_many_threads_share_a_cache(cache):
    transport, _ = cache(lambda url, headers: ok(url.encode() * 50, cache_control="max-age=60"), limit=20_000)
    wrong = []

    def work(seed):
        for step in range(40):
            url = f"{URL}/{(seed * 7 + step * 3) % 17}"
            if transport.get(url).body != url.encode() * 50:
                wrong.append(url)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not wrong and transport.size() <= 20_000


def _fill(folder, seed):
    """Put and find in a process of its own; ends with the number of wrong answers."""
    store, wrong = HttpStore(folder, 50_000), 0
    for step in range(60):
        number = (seed + step) % 40
        found = store.find(f"{number:064x}", NOW + step)
        wrong += found is not None and found.body != bytes([number]) * 2000
        store.put(entry(number, 2000, NOW + step))
    store.close()
    raise SystemExit(wrong)


def test_processes_share_a_cache(tmp_path):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_fill, args=(tmp_path, seed)) for seed in (0, 20, 30)]
    [worker.start() for worker in workers]
    [worker.join(60) for worker in workers]
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    store = HttpStore(tmp_path, 50_000)
    assert 0 < store.size() <= 50_500
    assert not list(tmp_path.rglob("*.part"))
    store.close()


def test_with_a_real_server_that_knows_versions(tmp_path, bag3d_server, clock):
    requests = pytest.importorskip("requests")
    from http.server import BaseHTTPRequestHandler

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.state.seen.append(self.headers.get("If-None-Match"))
            same = self.headers.get("If-None-Match") == '"v1"'
            body = b"" if same else b"a tile"
            self.send_response(304 if same else 200)
            self.send_header("ETag", '"v1"')
            if not same:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *args):
            pass

    class State:
        url, seen = "", []

    class Plain:
        def get(self, url, params=None, *, timeout=60.0, headers=None):
            try:
                answer = requests.get(url, params=params, headers=headers, timeout=timeout)
            except requests.ConnectionError:
                raise UnavailableError("closed") from None
            return Response(answer.status_code, answer.content, {k.lower(): v for k, v in answer.headers.items()})

    with bag3d_server.serve(State(), Handler, "/a") as running:
        transport = CachingTransport(Plain(), tmp_path)
        states = [state(transport.get(running.url)) for _ in range(3)]
        assert states == ["miss", "revalidated", "revalidated"]
        assert running.seen == [None, '"v1"', '"v1"']
    assert state(transport.get(running.url)) == "stale"
    transport.close()
