"""Requests in turn."""

import threading
import time

import pytest

from dtwin_plugin.errors import Cancelled, UnavailableError
from dtwin_plugin.sources.polite import PoliteTransport
from dtwin_plugin.sources.transport import CancellableTransport, Response
from tests.servers.recorded import RecordedTransport


class Counting:
    """Counts how many requests are under way at each server."""

    def __init__(self, seconds=0.02):
        self.seconds, self.now, self.most, self.starts = seconds, {}, {}, []
        self.lock = threading.Lock()

    def get(self, url, params=None, *, timeout=60.0, headers=None):
        host = url.split("/")[2]
        with self.lock:
            self.starts.append(time.monotonic())
            self.now[host] = self.now.get(host, 0) + 1
            self.most[host] = max(self.most.get(host, 0), self.now[host])
        time.sleep(self.seconds)
        with self.lock:
            self.now[host] -= 1
        if url.endswith("broken"):
            raise UnavailableError("broken")
        return Response(200, b"", headers or {})


class Breakable(Counting):
    def get_unless(self, cancelled, url, params=None, *, timeout=60.0, headers=None):
        return self.get(url, params, timeout=timeout, headers=headers)


def together(count, work):
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]


def test_each_server_gets_a_few_at_a_time():
    inner = Counting()
    transport = PoliteTransport(inner, at_once=2)
    together(12, lambda number: transport.get(f"https://{'ab'[number % 2]}.nl/{number}"))
    assert inner.most == {"a.nl": 2, "b.nl": 2}


def test_requests_keep_their_distance():
    inner = Counting(0.0)
    transport = PoliteTransport(inner, spacing=0.05)
    together(4, lambda number: transport.get("https://a.nl/x"))
    gaps = [after - before for before, after in zip(inner.starts, inner.starts[1:])]
    assert min(gaps) > 0.04


def test_a_failed_request_leaves_its_place():
    transport = PoliteTransport(Counting(0.0), at_once=1)
    for _ in range(3):
        with pytest.raises(UnavailableError):
            transport.get("https://a.nl/broken")


def test_headers_are_passed_on():
    assert PoliteTransport(Counting(0.0)).get("https://a.nl/x", headers={"Range": "bytes=0-1"}).headers == {
        "Range": "bytes=0-1"
    }
    assert PoliteTransport(RecordedTransport({"https://a.nl/x": b"a"})).get("https://a.nl/x").body == b"a"


def test_who_waits_can_stop():
    transport = PoliteTransport(Breakable(1.0), at_once=1)
    assert isinstance(transport, CancellableTransport)
    first = threading.Thread(target=transport.get, args=("https://a.nl/x",))
    first.start()
    time.sleep(0.05)
    begin = time.monotonic()
    with pytest.raises(Cancelled):
        transport.get_unless(lambda: time.monotonic() - begin > 0.1, "https://a.nl/y")
    assert time.monotonic() - begin < 0.5  # s, before the first is done
    first.join()
    assert not isinstance(PoliteTransport(Counting()), CancellableTransport)


def test_no_place_at_all_is_a_mistake():
    with pytest.raises(ValueError, match="1 or more"):
        PoliteTransport(Counting(), at_once=0)
