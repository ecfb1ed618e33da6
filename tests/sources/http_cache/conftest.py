"""A cache before a server."""

import pytest

from dtwin_plugin.sources.http_cache import CachingTransport
from tests.sources.http_cache.server import Clock, Server


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
