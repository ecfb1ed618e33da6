"""Texts in the user's language: English in the code, other languages in `resources/i18n/<language>.json`.

A plain mapping from the English text to the other: no compiler, one file to read and to review, and a test can hold
every description against it.
"""

from __future__ import annotations

import json
from functools import lru_cache

from .paths import plugin_file

_language = "en"


def set_language(locale: str) -> None:
    """Choose the language by a locale name ("nl", "nl_NL", "en_GB"); "C", which servers have, is English."""
    global _language
    code = locale.split("_")[0].split(".")[0].lower()
    _language = "en" if code in ("", "c", "posix") else code


def language() -> str:
    """Return the language in use, as an ISO 639-1 code."""
    return _language


@lru_cache(maxsize=4)
def texts(code: str) -> dict[str, str]:
    """Return the texts of a language; empty for English and for languages that are not there."""
    try:
        return json.loads(plugin_file("resources", "i18n", f"{code}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def tr(text: str) -> str:
    """Return a text in the language in use, in English where it has no translation."""
    return texts(_language).get(text, text)


def plural(count: float, one: str, more: str) -> str:
    """Return the text that goes with a number: Dutch and English both have one form for 1 and one for all else.

    >>> [plural(count, "{count} source", "{count} sources").format(count=count) for count in (0, 1, 2)]
    ['0 sources', '1 source', '2 sources']
    """
    return one if count == 1 else more


def mark(text: str) -> str:
    """Return a text as it is: marks it as one that is translated where it is shown, for `scripts/texts.py`."""
    return text


class Number(float):
    """A number that is written as the user's language does: in Dutch with a decimal comma.

    >>> f"{Number(1234.5):,.2f}", f"{Number(0.5)}"
    ('1,234.50', '0.5')
    """

    def __format__(self, form: str) -> str:
        text = format(float(self), form)
        return text.translate(_DUTCH) if _language == "nl" else text


_DUTCH = str.maketrans(",.", ".,")
