"""Requests, and asking again."""

import threading
import time
from http.server import BaseHTTPRequestHandler

import pytest

from dtwin_plugin.errors import Cancelled, FormatError, UnavailableError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying, retry_after, retrying
from dtwin_plugin.sources.transport import Response, full_url
from tests.servers.recorded import RecordedTransport

URL = "https://example.nl/items"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.state.seen = dict(self.headers)
        self.server.state.reply(self)
        self.close_connection = True

    def log_message(self, *args):
        pass


@pytest.fixture
def server(bag3d_server):
    """A server whose answer a test puts in `state.reply`: a function of the handler."""

    class State:
        url, reply, seen = "", None, None

    with bag3d_server.serve(State(), Handler, "/a") as state:
        yield state


def answering(body=b"", status=200, **headers):
    def reply(handler):
        handler.send_response(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(body)), **named}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def test_an_answer_has_status_body_headers_and_address(server):
    server.reply = answering(b"abc", 404, X_Kind="none")
    answer = RequestsTransport().get(server.url, {"limit": "1"})
    assert (answer.status, answer.body, answer.headers["x-kind"]) == (404, b"abc", "none")
    assert answer.url.endswith("/a?limit=1")


def test_requests_say_who_asks(server):
    server.reply = answering()
    RequestsTransport().get(server.url)
    assert server.seen["User-Agent"].startswith("dtwin_plugin/")


def test_a_shorter_body_than_announced_is_refused(server):
    server.reply = answering(b"half", Content_Length="8")
    with pytest.raises(UnavailableError, match="4 of 8 bytes|No whole answer"):
        RequestsTransport().get(server.url)


def test_a_larger_body_than_allowed_is_refused(server):
    server.reply = answering(b"x" * 300_000)
    with pytest.raises(FormatError, match="larger than"):
        RequestsTransport(max_bytes=200_000).get(server.url)


def test_a_body_that_is_announced_as_too_large_is_not_read_nor_asked_again(server):
    asked = []
    server.reply = lambda handler: (asked.append(1), answering(b"x" * 1000, Content_Length="400000000")(handler))
    with pytest.raises(FormatError, match="larger than"):
        Retrying(RequestsTransport(max_bytes=200_000), sleep=lambda s: None).get(server.url)
    assert len(asked) == 1


def test_a_small_body_that_unpacks_to_a_large_one_is_refused(server):
    import gzip

    server.reply = answering(gzip.compress(b"\0" * 5_000_000), Content_Encoding="gzip")
    with pytest.raises(FormatError, match="larger than"):
        RequestsTransport(max_bytes=1_000_000).get(server.url)


def test_a_redirect_is_followed_and_keys_stay_with_their_server(server, bag3d_server):
    class Elsewhere:
        url, reply, seen = "", staticmethod(answering(b"there")), None

    with bag3d_server.serve(Elsewhere(), Handler, "/b") as other:
        server.reply = answering(b"", 302, Location=other.url)
        answer = RequestsTransport(headers={"X-Api-Key": "secret"}).get(server.url)
        assert answer.body == b"there"
        assert server.seen["X-Api-Key"] == "secret"
        assert "X-Api-Key" not in other.seen


def test_a_redirect_is_told_with_its_status(server):
    replies = [answering(b"", 308, Location="/b"), answering(b"", 302, Location="/c"), answering(b"there")]
    server.reply = lambda handler: replies.pop(0)(handler)
    answer = RequestsTransport().get(server.url)
    assert [status for status, _ in answer.redirects] == [308, 302] and answer.redirects[0][1] == server.url


def test_a_redirect_away_from_a_safe_connection_is_refused():
    from dtwin_plugin.sources.requests_transport import safe_target

    assert safe_target("https://a.nl/x", "/y") == "https://a.nl/y"
    assert safe_target("http://a.nl/x", "https://a.nl/x") == "https://a.nl/x"
    with pytest.raises(UnavailableError, match="not safe"):
        safe_target("https://a.nl/x", "http://a.nl/x")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.nl/a", "gopher://x"])
def test_a_redirect_to_anything_but_a_web_server_is_refused(server, target):
    server.reply = answering(b"", 302, Location=target)
    with pytest.raises(UnavailableError, match="not one of a web server"):
        RequestsTransport().get(server.url)


def test_endless_redirects_are_refused(server):
    server.reply = answering(b"", 302, Location="/a")
    with pytest.raises(UnavailableError, match="redirects more than 5 times"):
        RequestsTransport().get(server.url)


def test_a_silent_server_is_left_after_the_time_given(server):
    server.reply = lambda handler: time.sleep(1.5)
    begin = time.monotonic()
    with pytest.raises(UnavailableError, match="did not answer within 0.2 s"):
        RequestsTransport().get(server.url, timeout=0.2)
    assert time.monotonic() - begin < 1.2  # s, well before the server wakes


def test_a_server_that_dribbles_is_left_after_the_time_given(server):
    def dribble(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        for _ in range(20):
            handler.wfile.write(b"x" * 70_000)
            time.sleep(0.1)

    server.reply = dribble
    with pytest.raises(UnavailableError, match="too slowly"):
        RequestsTransport().get(server.url, timeout=0.4)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a", "http://no-such-host.invalid/a"])
def test_a_server_that_is_not_there_is_one_sentence(url):
    with pytest.raises(UnavailableError, match="No whole answer came from|did not answer") as caught:
        RequestsTransport().get(url, timeout=5)
    assert "\n" not in str(caught.value)


def test_an_answer_of_a_busy_server_is_asked_again():
    recorded = RecordedTransport({URL: [Response(503, b""), Response(500, b""), b"at last"]})
    waits = []
    assert Retrying(recorded, sleep=waits.append).get(URL).body == b"at last"
    assert len(waits) == 2 and 0 <= waits[0] <= 1 and 0 <= waits[1] <= 2


def test_silence_is_asked_again():
    recorded = RecordedTransport({URL: [UnavailableError("closed"), b"at last"]})
    assert Retrying(recorded, sleep=lambda s: None).get(URL).body == b"at last"


def test_retry_after_is_honoured():
    recorded = RecordedTransport({URL: [Response(429, b"", {"retry-after": "7"}), b"at last"]})
    waits = []
    Retrying(recorded, sleep=waits.append).get(URL)
    assert waits == [7.0]


def test_a_retry_after_of_an_hour_ends_it():
    recorded = RecordedTransport({URL: Response(429, b"", {"retry-after": "3600"})})
    with pytest.raises(UnavailableError, match="HTTP 429, after 1 attempts"):
        Retrying(recorded, sleep=lambda s: None).get(URL)


@pytest.mark.parametrize("status", [200, 304, 400, 401, 404])
def test_an_answer_that_will_not_change_is_not_asked_again(status):
    recorded = RecordedTransport({URL: Response(status, b"")})
    assert Retrying(recorded, sleep=lambda s: None).get(URL).status == status
    assert len(recorded.asked) == 1


def test_attempts_end():
    recorded = RecordedTransport({URL: Response(500, b"", url=URL)})
    with pytest.raises(UnavailableError, match="HTTP 500, after 3 attempts"):
        Retrying(recorded, attempts=3, sleep=lambda s: None).get(URL)
    assert len(recorded.asked) == 3


def test_the_user_can_stop_a_wait(cancelling):
    recorded = RecordedTransport({URL: Response(503, b"", {"retry-after": "60"})})
    begin = time.monotonic()
    with pytest.raises(Cancelled):
        retrying(recorded, cancelling(after=3)).get(URL)
    assert time.monotonic() - begin < 1  # s, what an algorithm owes its user


def test_the_user_can_stop_a_silent_server(cancelling):
    release = threading.Event()

    class Silence:
        def get(self, url, params=None, *, timeout=60.0):
            release.wait(5)
            return Response(200, b"")

    begin = time.monotonic()
    with pytest.raises(Cancelled):
        retrying(Silence(), cancelling(after=1)).get(URL)
    release.set()
    assert time.monotonic() - begin < 1  # s


def test_the_settings_of_a_retrying_transport_are_kept():
    first = Retrying(RecordedTransport({}), attempts=2)
    assert retrying(first, Silent()).attempts == 2


@pytest.mark.parametrize("value", ["soon", "", "-1"])
def test_a_retry_after_that_says_nothing_is_none(value):
    assert retry_after(value) is None


def test_parameters_follow_those_in_the_address():
    assert full_url("https://a.nl/x?b=1", {"c": "2,3"}) == "https://a.nl/x?b=1&c=2,3"
