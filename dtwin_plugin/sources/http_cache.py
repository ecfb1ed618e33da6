"""A cache between a source and the network, as HTTP means it (RFC 9111), that also works without a network."""

from __future__ import annotations

import hashlib
import inspect
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable

from dtwin_plugin.errors import OfflineError, UnavailableError

from . import http_rules as rules
from .http_store import Entry, HttpStore
from .passing import Passed, PassingTransport
from .transport import Response, Transport

LIMIT = 2 << 30  # bytes
STATE = "x-dtwin-cache"  # header that tells where an answer comes from:
HIT, STALE, REVALIDATED, MISS = "hit", "stale", "revalidated", "miss"
_OWN_CONDITIONS = ("if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range")


@dataclass(frozen=True)
class _Question:
    """A request as the cache sees it; header names are in lower case."""

    url: str
    headers: dict[str, str]
    ask: Callable[[dict[str, str]], Response]  # with these headers besides its own

    @property
    def key(self) -> str:
        """All that an answer may depend on: the packing is undone before it comes here."""
        left_out = ("accept-encoding", "cache-control", "pragma")
        kept = sorted(f"{name}:{value}" for name, value in self.headers.items() if name not in left_out)
        return hashlib.sha256("\n".join([self.url, *kept]).encode()).hexdigest()

    @property
    def passes(self) -> bool:
        """Whether it concerns nobody but who asks: it carries credentials, or knows a cache of its own."""
        own = "no-store" in rules.directives(self.headers) or any(name in self.headers for name in _OWN_CONDITIONS)
        return own or rules.has_credentials(self.url, self.headers)


class CachingTransport(PassingTransport):
    """A `Transport` that answers from a folder what it may, and asks another transport for the rest.

    An answer's headers tell in "x-dtwin-cache" whether it is a "hit" (fresh), "revalidated" (the server says that it
    still holds), "stale" (the server does not answer, or one works offline) or a "miss" (from the server); "age" is
    then its age in seconds. Requests with credentials are neither stored nor answered from the store, and credentials
    that the inner transport adds by itself are not seen here: let `store` refuse those.

    Parameters
    ----------
    transport : Transport
        Asked for what is not kept. If it can break off a request (`get_unless`), so can this one.
    folder : Path
        The cache's own; several processes may share it.
    limit : int
        Bytes of all answers together; the least recently used leave.
    offline : bool
        Give what is kept, however old, and ask nothing.
    clock : callable
        Seconds since 1970.
    store : callable
        Tells of a whole address whether its answer may be kept; what a confidential source says may not.
    """

    def __init__(
        self,
        transport: Transport,
        folder: Path,
        *,
        limit: int = LIMIT,
        offline: bool = False,
        clock: Callable[[], float] = time.time,
        store: Callable[[str], bool] = lambda url: True,
    ) -> None:
        super().__init__(transport)
        self.offline, self._clock, self._may_store = offline, clock, store
        self._kept = HttpStore(folder, limit)
        self._takes_headers = "headers" in inspect.signature(transport.get).parameters

    def _passed(self, request: Passed) -> Response:
        """Return the answer, kept or new; raises UnavailableError where there is none."""
        given = request.headers
        named = {name.lower(): value for name, value in given.items()}
        return self._answer(_Question(request.url, named, lambda more: request.ask({**given, **more})))

    def clear(self) -> None:
        """Forget all answers."""
        self._kept.clear()

    def size(self) -> int:
        """Return the bytes that are kept."""
        return self._kept.size()

    def count(self) -> int:
        """Return how many answers are kept."""
        return self._kept.count()

    def close(self) -> None:
        """Let go of the folder's index; the next question opens it again."""
        self._kept.close()

    def _answer(self, question: _Question) -> Response:
        if question.passes or not self._may_store(question.url):
            if self.offline:
                raise _not_kept(question.url)
            return _marked(question.ask({}), MISS)
        now = self._clock()
        entry = self._kept.find(question.key, now)
        if entry is None:
            if self.offline:
                raise _not_kept(question.url)
            return self._from_server(question)
        age = rules.age_when_received(entry.headers, entry.asked, entry.received) + max(0.0, now - entry.received)
        fresh = age < rules.lifetime(_response(entry), entry.received)
        wants_new = "no-cache" in rules.directives(question.headers)
        if fresh and not wants_new or self.offline:
            return _marked(_response(entry), HIT if fresh else STALE, age)
        return self._revalidated(question, entry, age)

    def _revalidated(self, question: _Question, entry: Entry, age: float) -> Response:
        """Ask whether an answer still holds; it stands in for the server if that fails."""
        asked = self._clock()
        try:
            response = question.ask(rules.conditions(entry.headers) if self._takes_headers else {})
        except UnavailableError:
            if not rules.may_be_stale(entry.headers):
                raise
            return _marked(_response(entry), STALE, age)
        if rules.confirms(response, entry.headers):
            headers = rules.refreshed(entry.headers, response.headers)
            entry = replace(entry, headers=headers, asked=asked, received=self._clock())
            self._kept.refresh(entry)
            return _marked(_response(entry), REVALIDATED, rules.age_when_received(headers, asked, entry.received))
        if response.status == 304:  # about a version that is not kept
            self._kept.drop(question.key)
            return self._from_server(question)
        if response.status >= 500:
            stale = rules.may_be_stale(entry.headers)
            return _marked(_response(entry), STALE, age) if stale else _marked(response, MISS)
        self._kept.drop(question.key)  # the answer that came may be one that is not kept
        return self._kept_now(question, response, asked)

    def _from_server(self, question: _Question) -> Response:
        asked = self._clock()
        return self._kept_now(question, question.ask({}), asked)

    def _kept_now(self, question: _Question, response: Response, asked: float) -> Response:
        """Keep an answer if it may be kept, and return it."""
        received, key = self._clock(), question.key
        final = response.url or question.url
        if rules.may_keep(response, "range" in question.headers) and not rules.has_credentials(final, {}):
            headers = rules.to_keep(response.headers)
            if response.status == 206 and "etag" in headers:
                self._kept.drop_other_versions(question.url, headers["etag"])
            entry = Entry(key, question.url, final, response.status, headers, asked, received, response.body)
            self._kept.put(entry)
        return _marked(response, MISS)


def _response(entry: Entry) -> Response:
    return Response(entry.status, entry.body, entry.headers, entry.final)


def _marked(response: Response, state: str, age: float | None = None) -> Response:
    more = {STATE: state} if age is None else {STATE: state, "age": str(int(age))}
    return replace(response, headers={**response.headers, **more})


def _not_kept(url: str) -> OfflineError:
    return OfflineError(
        "{address} is not in the cache, and you work offline.",
        hint="Work online, or choose an area that was loaded before.",
        address=url.split("?")[0],
    )
