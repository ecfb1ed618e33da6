"""Passwords and keys out of what is kept: the address of a layer may hold them, a record never does."""

from __future__ import annotations

import re

_GONE = "***"
_NAMES = (
    r"pass(?:word|wd)?|pwd|(?:[a-z]+[_-]?)?token|(?:x[_-])?(?:api|access|subscription)[_-]?key"
    r"|(?:client[_-]?)?secret|sig(?:nature)?|authorization"
)
_IS, _END = r"(?:=|%3D)", r"(?:'[^']*'|\"[^\"]*\"|(?:(?!%26)[^&\s;|'\"])+)"
# `key` alone is the column of a database's primary key in an address of QGIS, but a secret in a query
_VALUES = re.compile(rf"(?i)((?:(?:(?<=%3F)|(?<=%26)|(?<![a-z0-9]))(?:{_NAMES})|(?:[?&]|%3F|%26)key){_IS}){_END}")
_ACCOUNT = re.compile(r"(?i)((?::|%3A)(?://|%2F%2F))(?:(?!%2F|%40)[^/@\s?#])+(@|%40)")


def without_secrets(text: str) -> str:
    """Return a text with the values of passwords, keys and tokens left out; a configuration of QGIS's stays.

    >>> without_secrets("dbname='twin' user='jan' password='geheim' key='id' authcfg=ab12cd3")
    "dbname='twin' user='jan' password=*** key='id' authcfg=ab12cd3"
    >>> without_secrets("https://jan:geheim@server.nl/wfs?apikey=123&layer=a")
    'https://***@server.nl/wfs?apikey=***&layer=a'
    >>> without_secrets("url=https%3A%2F%2Fserver.nl%3Fkey%3D123%26layer%3Da")
    'url=https%3A%2F%2Fserver.nl%3Fkey%3D***%26layer%3Da'
    """
    return _VALUES.sub(rf"\g<1>{_GONE}", _ACCOUNT.sub(rf"\g<1>{_GONE}\g<2>", text))
