"""The one way to the network inside QGIS: its proxy and keys, a cache, patience, and no crowd at one server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from qgis.core import QgsApplication

from dtwin_plugin.catalogue import entries
from dtwin_plugin.sources.http_cache import CachingTransport
from dtwin_plugin.sources.passing import Passed, PassingTransport
from dtwin_plugin.sources.polite import PoliteTransport
from dtwin_plugin.sources.retry import Retrying
from dtwin_plugin.sources.transport import Response, Transport

from . import settings
from .transport import QgisTransport

ATTEMPTS, PAUSE = 5, 1.0  # questions to a busy server, and the longest wait after the first [s]
_NEVER_KEPT = ("internal", "personal", "confidential")  # access levels whose answers stay out of the cache
_offline: ContextVar[bool] = ContextVar("dtwin_offline", default=False)
_tally: ContextVar[Tally | None] = ContextVar("dtwin_tally", default=None)
_polite = PoliteTransport(QgisTransport())


@dataclass
class Tally:
    """Where the answers of a piece of work came from.

    Attributes
    ----------
    counts : dict of str to int
        By "hit", "revalidated", "stale" (the server was silent, or one works offline) and "miss" (the server).
    oldest : float
        Age of the oldest answer that was not checked with its server [s].
    """

    counts: dict[str, int] = field(default_factory=dict)
    oldest: float = 0.0

    def add(self, response: Response) -> None:
        """Count an answer."""
        state = response.headers.get("x-dtwin-cache", "miss")
        self.counts[state] = self.counts.get(state, 0) + 1
        if state == "stale":
            self.oldest = max(self.oldest, float(response.headers.get("age", 0) or 0))


class _Noted(PassingTransport):
    """A transport whose answers are counted for the piece of work that asked."""

    def _passed(self, request: Passed) -> Response:
        response, tally = request.ask(request.headers), _tally.get()
        if tally is not None:
            tally.add(response)
        return response


def transport(authentication: str = "") -> Transport:
    """Return the way to the network: from the cache where that is fresh, again where a server is busy.

    Parameters
    ----------
    authentication : str
        Id of a configuration in QGIS's authentication database, which holds a key; its answers are not kept.
    """
    kept = cache(_offline.get(), authentication)
    return Retrying(_Noted(kept), attempts=1 if _offline.get() else ATTEMPTS, base=PAUSE)


def direct(authentication: str = "") -> Transport:
    """Return the way to the network without a cache and without asking again, for who comes back by itself."""
    return _signed(authentication) if authentication else _polite


def cache(offline: bool = False, authentication: str = "") -> CachingTransport:
    """Return the cache; what sources say that are not open, or is asked with a key, stays out of it."""
    closed = [e.url for e in entries().values() if e.url and (e.access_level in _NEVER_KEPT or e.needs_key)]
    return CachingTransport(
        _signed(authentication) if authentication else _polite,
        cache_folder(),
        limit=cache_limit(),
        offline=offline,
        store=lambda url: not (authentication or any(url.startswith(address) for address in closed)),
    )


@lru_cache(maxsize=16)
def _signed(authentication: str) -> PoliteTransport:
    """Return the one way for all who ask with a key, so that they wait for each other too."""
    return PoliteTransport(QgisTransport(authentication))


def cache_folder() -> Path:
    """Return the folder of the cache, in the user's profile where no other is set."""
    profile = Path(QgsApplication.qgisSettingsDirPath()) / "dtwin" / "cache"
    return Path(settings.CACHE_FOLDER.value or profile)


def cache_limit() -> int:
    """Return how many bytes the cache may hold."""
    return settings.cache_limit() << 20


def set_cache_limit(megabytes: int) -> None:
    """Keep the size that the cache may have [MB]."""
    settings.CACHE_LIMIT.keep(int(megabytes))


@contextmanager
def offline(wanted: bool = True) -> Iterator[None]:
    """Let all requests within the block be answered from the cache only, also in threads that it starts."""
    token = _offline.set(wanted)
    try:
        yield
    finally:
        _offline.reset(token)


@contextmanager
def tallied() -> Iterator[Tally]:
    """Count where the answers within the block come from."""
    tally = Tally()
    token = _tally.set(tally)
    try:
        yield tally
    finally:
        _tally.reset(token)
