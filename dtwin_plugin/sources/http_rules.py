"""What may be kept of an HTTP answer, and for how long (RFC 9111), as a private cache has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timezone
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlsplit

from .transport import Response

# Of these a whole answer comes (RFC 9110, 15.1); 206 is kept by its range.
_KEPT = (200, 203, 206, 301, 308, 404, 410)
_ABSENT = (404, 410)
_ABSENT_LIFETIME = 60.0, 300.0  # s that "it is not there" holds if nothing is said, and at most
_HEURISTIC_SHARE, _HEURISTIC_MOST = 0.1, 24 * 3600.0  # of the age of what was last modified then (RFC 9111, 4.2.2)
_MOST = 2**31  # s; RFC 9111, 1.2.2: what is longer counts as this

_CREDENTIALS = ("authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "apikey")
_SECRETS = (
    *("apikey", "api_key", "api-key", "key", "token", "access_token", "accesstoken", "access_key", "auth", "authkey"),
    *("password", "pwd", "secret", "client_secret", "signature", "sig", "subscription-key", "sessionid", "session"),
    *("x-amz-signature", "x-amz-security-token", "x-goog-signature"),
)
# A 304 describes the answer that is kept, whose length and form stay (RFC 9111, 3.2).
_NOT_REFRESHED = ("content-length", "content-encoding", "content-type", "content-range", "transfer-encoding")
_NEVER_KEPT = ("set-cookie", "connection", "keep-alive", "proxy-authenticate", "x-dtwin-cache")

_DIRECTIVE = re.compile(r'([A-Za-z0-9_-]+)\s*(?:=\s*("[^"]*"|[^,"]*))?')


def directives(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the directives of Cache-Control, their names in lower case.

    >>> directives({"cache-control": 'Private, max-age=60, ext="a, b"'})
    {'private': '', 'max-age': '60', 'ext': 'a, b'}
    """
    found = _DIRECTIVE.findall(headers.get("cache-control", "")[:4096])
    return {name.lower(): value.strip().strip('"') for name, value in found}


def has_credentials(url: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a request carries something that proves who asks; its answer is for that person only.

    >>> has_credentials("https://a.nl/items?API_KEY=1", {}), has_credentials("https://a.nl/items?limit=1", {})
    (True, False)
    """
    parts = urlsplit(url)
    names = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    given = {name.lower() for name in headers}
    return bool("@" in parts.netloc or names.intersection(_SECRETS) or given.intersection(_CREDENTIALS))


def may_keep(response: Response, ranged: bool) -> bool:
    """Tell whether an answer may be stored; `ranged` where a part was asked."""
    if response.status not in _KEPT or (response.status == 206) != ranged:
        return False  # a whole answer to a question for a part would be kept once for every part
    if response.status == 206 and "content-range" not in response.headers:
        return False
    return "no-store" not in directives(response.headers) and response.headers.get("vary", "").strip() != "*"


def lifetime(response: Response, received: float) -> float:
    """Return how long an answer is fresh [s], from the moment that the server made it (RFC 9111, 4.2.1)."""
    stated = _stated(response.headers, received)
    if response.status in _ABSENT:
        usual, most = _ABSENT_LIFETIME
        return min(usual if stated is None else stated, most)
    if stated is not None:
        return stated
    modified = moment(response.headers.get("last-modified", ""))
    if modified is None:
        return 0.0
    made = moment(response.headers.get("date", ""))
    return min(max(0.0, (received if made is None else made) - modified) * _HEURISTIC_SHARE, _HEURISTIC_MOST)


def _stated(headers: Mapping[str, str], received: float) -> float | None:
    """Return the lifetime that the server states, None if it states none."""
    rules = directives(headers)
    if "no-cache" in rules:
        return 0.0
    if "max-age" in rules:
        value = rules["max-age"]
        return float(min(int(value[:12]), _MOST)) if value.isascii() and value.isdigit() else 0.0
    if "expires" in headers:
        expires, made = moment(headers["expires"]), moment(headers.get("date", ""))
        return 0.0 if expires is None else max(0.0, expires - (received if made is None else made))
    return None


def age_when_received(headers: Mapping[str, str], asked: float, received: float) -> float:
    """Return how old an answer was when it came [s] (RFC 9111, 4.2.3)."""
    made, stated = moment(headers.get("date", "")), headers.get("age", "")
    apparent = 0.0 if made is None else max(0.0, received - made)
    corrected = (float(stated[:12]) if stated.isascii() and stated.isdigit() else 0.0) + max(0.0, received - asked)
    return max(apparent, corrected)


def may_be_stale(headers: Mapping[str, str]) -> bool:
    """Tell whether an old answer may stand in for one that does not come (RFC 9111, 4.2.4)."""
    return not {"no-cache", "must-revalidate"}.intersection(directives(headers))


def conditions(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the request headers that ask whether an answer that is kept still holds (RFC 9111, 4.3.1)."""
    found = {"If-None-Match": headers.get("etag", ""), "If-Modified-Since": headers.get("last-modified", "")}
    return {name: value for name, value in found.items() if value}


def confirms(response: Response, kept: Mapping[str, str]) -> bool:
    """Tell whether a 304 is about the answer that is kept, and not about another version (RFC 9111, 4.3.4)."""
    new, old = response.headers.get("etag", ""), kept.get("etag", "")
    return response.status == 304 and (not new or not old or new.removeprefix("W/") == old.removeprefix("W/"))


def refreshed(kept: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of an answer that is kept after a 304 (RFC 9111, 3.2)."""
    return {**kept, **to_keep({name: value for name, value in new.items() if name not in _NOT_REFRESHED})}


def to_keep(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that are kept with an answer."""
    return {name: value for name, value in headers.items() if name not in _NEVER_KEPT}


def moment(text: str) -> float | None:
    """Return an HTTP date in seconds since 1970, None if it is none.

    >>> moment("Thu, 01 Jan 1970 00:01:00 GMT"), moment("0")
    (60.0, None)
    """
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
