"""What the objects of a file in JSON must hold, as rules and descriptions do: each key known, there, and of its kind.

The problems name the input "rules"; who reads another file sets its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from dtwin_plugin.models.problem import Problem
from dtwin_plugin.translate import mark

from .json_lines import Members, quoted

KINDS = {
    "text": mark("a text"),
    "number": mark("a number"),
    "null": mark("null"),
    "list": mark("a list"),
    "object": mark("an object"),
    "boolean": mark("true or false"),
}
FORMS = {
    "id": mark("letters, digits, points, dashes and underscores, at most 64, the first a letter or digit"),
    "date": mark("a day of the calendar as 2026-01-31"),
    "link": mark("a web address that begins with https://"),
    "language": mark("two small letters, as nl"),
}
PATTERNS = {
    "id": r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
    "date": r"\d{4}-\d{2}-\d{2}",
    "link": r"https?://[^\s<>\"/:]+(?::\d+)?(?:/[^\s<>\"]*)?",
    "language": r"[a-z]{2}",
}
_LONGEST_LINK = 2000
_WRITTEN_NUMBER = re.compile(r"\s*(-?\d+)(?:[.,](\d+))?\s*[a-zA-Z%0-9]{0,8}\s*")  # a unit may stand behind it


@dataclass(frozen=True)
class Key:
    """A key of an object.

    Attributes
    ----------
    kinds : tuple of str
        "text", "number", "boolean", "null", "list" or "object".
    doc : str
        What it holds, for the schema.
    required : bool
        Whether it must be there.
    form : str
        Of a text: "id", "date", "link", "language", or "" for any.
    """

    kinds: tuple[str, ...]
    doc: str
    required: bool = True
    form: str = ""


def kind_of(value: Any) -> str:
    """Return the kind of a value of JSON.

    >>> kind_of(True), kind_of(11.5), kind_of(None)
    ('boolean', 'number', 'null')
    """
    kinds = ((bool, "boolean"), (str, "text"), (list, "list"), (dict, "object"), (type(None), "null"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "number")


def known(node: Members, key: str, keys: Mapping[str, Key]) -> Any:
    """Return the value of a key where it is right, and None where it is not there or wrong."""
    value = node.get(key)
    right = key in node and kind_of(value) in keys[key].kinds and has_form(value, keys[key].form)
    return value if right and _is_finite(value) else None


def check_members(node: Members, keys: Mapping[str, Key], file: str, what: str) -> Iterator[Problem]:
    """Yield what is wrong with an object.

    Parameters
    ----------
    node : Members
        Of the file.
    keys : mapping of str to Key
        What it may hold.
    file, what : str
        Name of the file, and what the object is, for the sentences.

    Yields
    ------
    Problem
        DT213 (a key), DT214 (the kind or form of a value), DT215 (a number that is not finite).
    """
    for key in node:
        if key not in keys:
            yield unknown_key(node, key, keys, file, what)
        else:
            yield from _check_value(node, key, keys[key], file)
    for key in (key for key, item in keys.items() if item.required and key not in node):
        yield Problem(
            "DT213",
            "rules",
            "Line {line} of {file}: {what} lacks the key {key}; give {kind}.",
            {"line": node.line, "file": file, "what": what, "key": quoted(key), "kind": KINDS[keys[key].kinds[0]]},
        )


def unknown_key(node: Members, key: str, keys: Iterable[str], file: str, what: str) -> Problem:
    """Return that an object has no such key, with the nearest that it may have."""
    nearest = get_close_matches(key, list(keys), 1)
    if nearest:
        return Problem(
            "DT213",
            "rules",
            "Line {line} of {file}: {key} is no key of {what}; perhaps {nearest} is meant.",
            {"line": node.lines[key], "file": file, "key": quoted(key), "what": what, "nearest": quoted(nearest[0])},
        )
    return Problem(
        "DT213",
        "rules",
        "Line {line} of {file}: {key} is no key of {what}; it may have {known}.",
        {
            "line": node.lines[key],
            "file": file,
            "key": quoted(key),
            "what": what,
            "known": ", ".join(map(quoted, keys)) or "-",
        },
    )


def check_number(node: Members, key: str, file: str) -> Iterator[Problem]:
    """Yield what is wrong with what must be a finite number (DT214, DT215)."""
    yield from _check_value(node, key, Key(("number",), ""), file)


def expected_object(line: int, value: Any, file: str, what: str) -> Problem:
    """Return that something is no object."""
    return Problem(
        "DT214",
        "rules",
        "Line {line} of {file}: {what} is {found}; expected an object between {{ and }}.",
        {"line": line, "file": file, "what": what, "found": KINDS[kind_of(value)]},
    )


def _is_finite(value: Any) -> bool:
    return kind_of(value) != "number" or math.isfinite(value)


def has_form(value: Any, form: str) -> bool:
    """Tell whether a text is not empty and of its form; what is no text is."""
    if not isinstance(value, str):
        return True
    if not value.strip() or form and not re.fullmatch(PATTERNS[form], value):
        return False
    if form == "date":
        try:
            date.fromisoformat(value)
        except ValueError:
            return False
    return form != "link" or len(value) <= _LONGEST_LINK


def _check_value(node: Members, key: str, item: Key, file: str) -> Iterator[Problem]:
    value, line = node[key], node.lines[key]
    if kind_of(value) not in item.kinds:
        yield _wrong_kind(line, key, value, item, file)
    elif not _is_finite(value):
        yield Problem(
            "DT215",
            "rules",
            "Line {line} of {file}: {key} is too large to be a number; give one that was measured.",
            {"line": line, "file": file, "key": quoted(key)},
        )
    elif isinstance(value, str) and not value.strip():
        yield Problem(
            "DT214",
            "rules",
            "Line {line} of {file}: {key} is empty; fill it in.",
            {"line": line, "file": file, "key": quoted(key)},
        )
    elif not has_form(value, item.form):
        yield Problem(
            "DT214",
            "rules",
            "Line {line} of {file}: {key} is {found}; expected {form}.",
            {"line": line, "file": file, "key": quoted(key), "found": quoted(value), "form": FORMS[item.form]},
        )


def _wrong_kind(line: int, key: str, value: Any, item: Key, file: str) -> Problem:
    number = _WRITTEN_NUMBER.fullmatch(value[:50]) if isinstance(value, str) and "number" in item.kinds else None
    if number:
        return Problem(
            "DT214",
            "rules",
            "Line {line} of {file}: {key} is the text {found} and not a number; write {number} without quotes.",
            {
                "line": line,
                "file": file,
                "key": quoted(key),
                "found": quoted(value),
                "number": ".".join(filter(None, number.groups())),
            },
        )
    if isinstance(value, str) and "null" in item.kinds:
        return Problem(
            "DT214",
            "rules",
            "Line {line} of {file}: {key} is the text {found} and not a number; write null, and these words in the "
            "text of the rule, where a person must read them.",
            {"line": line, "file": file, "key": quoted(key), "found": quoted(value)},
        )
    return Problem(
        "DT214",
        "rules",
        "Line {line} of {file}: {key} is {found}; expected {kind}.",
        {"line": line, "file": file, "key": quoted(key), "found": KINDS[kind_of(value)], "kind": KINDS[item.kinds[0]]},
    )
