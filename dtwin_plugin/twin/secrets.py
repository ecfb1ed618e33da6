"""Passwords and keys out of what is kept: the address of a layer may hold them, a record never does."""

from __future__ import annotations

import re

GONE = "***"
_NAMES = (
    r"pass(?:word|wd)?|pwd|(?:[a-z]+[_-]?)?token|(?:x[_-])?(?:api|access|subscription)[_-]?key"
    r"|(?:client[_-]?)?secret|sig(?:nature)?|authorization"
)
# what comes under a name of these is one: {"token": "a"}, a member of parameters; in a header after a colon
_NAMED = re.compile(rf"(?i)(?:.*[^a-z0-9])?(?:{_NAMES})")
_MEMBER = re.compile(rf"(?i)(([\"'])(?:[\w.:-]*[^a-z0-9\"'])?(?:{_NAMES})\2\s*:\s*)(?:\"(?:[^\"\\]|\\.)*\"|'[^']*')")
_HEADER = re.compile(
    r"(?i)(\bauthorization\s*:\s*|\bbearer\s+(?=[\w+/=.~-]{8})(?=\S*\d))(?:(?:bearer|basic|token)\s+)?[^\s,;'\"]+"
)
_IS, _END = r"(?:=|%3D)", r"(?:'[^']*'|\"[^\"]*\"|(?:(?!%26)[^&\s;|'\"])+)"
# `key` alone is the column of a database's primary key in an address of QGIS, but a secret in a query
_VALUES = re.compile(rf"(?i)((?:(?:(?<=%3F)|(?<=%26)|(?<![a-z0-9]))(?:{_NAMES})|(?:[?&]|%3F|%26)key){_IS}){_END}")
# up to the last @ of the host: a password may hold one itself
_ACCOUNT = re.compile(r"(?i)((?::|%3A)(?://|%2F%2F))(?:(?!%2F|%3F|%23|%26)[^/\s?#&'\"])+(@|%40)")


def without_secrets(text: str) -> str:
    """Return a text with the values of passwords, keys and tokens left out; a configuration of QGIS's stays.

    >>> without_secrets("dbname='twin' user='jan' password='geheim' key='id' authcfg=ab12cd3")
    "dbname='twin' user='jan' password=*** key='id' authcfg=ab12cd3"
    >>> without_secrets("https://jan:geheim@server.nl/wfs?apikey=123&layer=a")
    'https://***@server.nl/wfs?apikey=***&layer=a'
    >>> without_secrets('{"api_key": "123", "a": 4}'), without_secrets("Authorization: Bearer abc.def")
    ('{"api_key": "***", "a": 4}', 'Authorization: ***')
    >>> without_secrets("url=https%3A%2F%2Fserver.nl%3Fkey%3D123%26layer%3Da")
    'url=https%3A%2F%2Fserver.nl%3Fkey%3D***%26layer%3Da'
    """
    found = _VALUES.sub(rf"\g<1>{GONE}", _ACCOUNT.sub(rf"\g<1>{GONE}\g<2>", text))
    return _HEADER.sub(rf"\g<1>{GONE}", _MEMBER.sub(rf'\g<1>"{GONE}"', found))


def is_secret(name: str) -> bool:
    """Tell whether what is called so opens a door.

    >>> [is_secret(name) for name in ("api_key", "db-password", "accesstoken", "key", "signal", "compass")]
    [True, True, True, False, False, False]
    """
    return _NAMED.fullmatch(name) is not None


def hidden(value: object) -> object:
    """Return what is kept in the place of a value that is one; nothing stays nothing."""
    return GONE if isinstance(value, str) and value else value
