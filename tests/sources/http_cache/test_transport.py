"""Answers that are kept, and when they are asked again."""

from email.utils import formatdate

import pytest

from dtwin_plugin.errors import Cancelled, OfflineError, UnavailableError
from dtwin_plugin.sources.http_cache import CachingTransport
from dtwin_plugin.sources.retry import Retrying
from dtwin_plugin.sources.transport import CancellableTransport, Response
from tests.servers.recorded import RecordedTransport
from tests.sources.http_cache.server import NOW, URL, Server, ok


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
