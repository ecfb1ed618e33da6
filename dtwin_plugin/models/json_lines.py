"""JSON that knows on which line everything stands, read with care: who edits a file of rules by hand makes mistakes.

Stricter than `json`: NaN is no number, a key stands once, and a file cannot nest or grow without end. A byte order mark
of UTF-8, which some editors write, is passed over.
"""

from __future__ import annotations

import bisect
import re
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import Any, NoReturn

from dtwin_plugin.models.problem import Problem
from dtwin_plugin.translate import mark

from . import json_hints as hints

LARGEST = 10 << 20  # bytes; the areas of a whole municipality take less
DEEPEST = 32  # levels; a file of rules needs 9
_LONGEST_NUMBER = 30  # characters

_SPACE = re.compile(r"[ \t\r\n]*")
_DIGITS = r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?"
_NUMBER = re.compile(_DIGITS)
_PLACE = re.compile(rf"\[\s*({_DIGITS})\s*,\s*({_DIGITS})\s*\][ \t\r\n]*")  # most of a large file: read at once
_WORD = re.compile(r"[^\s,\[\]{}:\"']+|.", re.DOTALL)
_WORDS = {"true": True, "false": False, "null": None}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Members(dict):
    """The members of an object; `lines` has the line of each key, `line` that of its opening bracket."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line, self.lines = line, dict[str, int]()


class Items(list):
    """The items of a list; `lines` has the line of each, `line` that of its opening bracket."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line, self.lines = line, list[int]()


def parsed(content: bytes, file: str) -> tuple[Any, list[Problem]]:
    r"""Return what JSON holds, and what is wrong with it.

    Parameters
    ----------
    content : bytes
        UTF-8.
    file : str
        Name of the file, for the sentences.

    Returns
    -------
    value : object
        Objects are `Members` and lists are `Items`; a pair of numbers, of which there are many, is a plain list.
        None where it cannot be read to its end.
    problems : list of Problem
        DT210 (no text), DT211 (no JSON), DT213 (a key that stands twice; the first is kept).

    Examples
    --------
    >>> value, problems = parsed(b'{"norm":\n 11.5}', "own.json")
    >>> value, value.lines, problems
    ({'norm': 11.5}, {'norm': 1}, [])
    >>> parsed(b'{"norm":\n 11,5}', "own.json")[1][0].values["reason"]
    'write the decimals of a number behind a point and not a comma, as 11.5'
    """
    text = _decoded(content, file)
    if isinstance(text, Problem):
        return None, [text]
    reader = _Reader(text, file)
    try:
        return reader.whole(), reader.problems
    except _StopError:
        return None, reader.problems


def quoted(value: Any, longest: int = 60) -> str:
    r"""Return a value of a file as a message shows it: short, on one line, in quotes, so that no word is translated.

    >>> quoted("a\nb"), len(quoted("x" * 1000))
    ('"a b"', 62)
    """
    text = "".join(c if c.isprintable() else " " for c in str(value)[: longest + 1])
    return f'"{text}"' if len(text) <= longest else f'"{text[: longest - 1]}…"'


def _decoded(content: bytes, file: str) -> str | Problem:
    if len(content) > LARGEST:
        return Problem(
            "DT210",
            "rules",
            "{file} has {size} bytes, and at most {limit} are read: leave out what is not needed, as corners of areas.",
            {"file": file, "size": len(content), "limit": LARGEST},
        )
    if content.startswith(_UTF16) or b"\0" in content[:4]:
        return Problem(
            "DT210", "rules", "{file} is text as UTF-16 or UTF-32: save it as UTF-8 in your editor.", {"file": file}
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Problem(
            "DT210",
            "rules",
            "Line {line} of {file} has a character that is no UTF-8: save the file as UTF-8 in your editor.",
            {"file": file, "line": line},
        )


class _StopError(Exception):
    """What follows cannot be read."""


class _Reader:
    """A reader of one text; every method takes a place in it and returns what stands there with the place behind."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.ends = [match.start() for match in re.finditer("\n", text)]
        self.problems: list[Problem] = []

    def whole(self) -> Any:
        value, at = self._value(self._space(0), 0)
        if at < len(self.text):
            self._stop(at, hints.BEHIND)
        return value

    def line(self, at: int) -> int:
        return bisect.bisect_left(self.ends, at) + 1

    def _space(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def _stop(self, at: int, reason: str) -> NoReturn:
        line = self.line(at)
        found = _WORD.match(self.text, at)
        self.problems.append(
            Problem(
                "DT211",
                "rules",
                "Line {line} of {file}, column {column}, is no JSON at {found}: {reason}.",
                {
                    "line": line,
                    "file": self.file,
                    "column": at - (self.ends[line - 2] if line > 1 else -1),
                    "found": quoted(found.group(), 20) if found else mark("its end"),
                    "reason": reason if found else hints.OPEN,
                },
            )
        )
        raise _StopError

    def _value(self, at: int, depth: int) -> tuple[Any, int]:
        """Read a value; the place behind it is behind the space that follows."""
        first = self.text[at : at + 1]
        if depth > DEEPEST:
            self._stop(at, hints.DEEP)
        if first == "{":
            return self._object(at, depth)
        if first == "[":
            return self._list(at, depth)
        value, at = self._string(at) if first == '"' else self._bare(at)
        return value, self._space(at)

    def _bare(self, at: int) -> tuple[Any, int]:
        """Read a number, true, false or null."""
        match = _NUMBER.match(self.text, at)
        if match:
            digits = match.group()
            if len(digits) > _LONGEST_NUMBER:
                self._stop(at, hints.LONG)
            if self.text[match.end() : match.end() + 1].isdigit():
                self._stop(at, hints.ZERO)
            return float(digits) if set(digits) & set(".eE") else int(digits), match.end()
        found = _WORD.match(self.text, at)
        word = found.group() if found else ""
        if word in _WORDS:
            return _WORDS[word], at + len(word)
        self._stop(at, hints.NAMES.get(word.lower(), hints.HINTS.get(word[:1], hints.NO_VALUE)))

    def _string(self, at: int) -> tuple[str, int]:
        try:
            value, end = scanstring(self.text, at + 1, True)
        except JSONDecodeError as error:
            if "escape" in error.msg.lower():
                self._stop(error.pos, hints.ESCAPE)
            self._stop(at, hints.TEXT)
        if any("\ud800" <= c <= "\udfff" for c in value):  # cannot be written in any file
            self._stop(at, hints.HALF)
        return value, end

    def _object(self, at: int, depth: int) -> tuple[Members, int]:
        found = Members(self.line(at))
        at = self._space(at + 1)
        while self.text[at : at + 1] != "}":
            if self.text[at : at + 1] != '"':
                self._stop(at, self._key_hint(at))
            line = self.line(at)
            key, behind = self._string(at)
            behind = self._space(behind)
            if self.text[behind : behind + 1] != ":":
                self._stop(behind, hints.COLON)
            value, at = self._value(self._space(behind + 1), depth + 1)
            if key in found:
                self._twice(key, line, found.lines[key])
            else:
                found[key], found.lines[key] = value, line
            at = self._next(at, "}")
        return found, self._space(at + 1)

    def _list(self, at: int, depth: int) -> tuple[Items, int]:
        found = Items(self.line(at))
        at = self._space(at + 1)
        while self.text[at : at + 1] != "]":
            found.lines.append(self.line(at))
            place = _PLACE.match(self.text, at)
            if place and len(place[1]) + len(place[2]) <= _LONGEST_NUMBER:
                value, at = [float(place[1]), float(place[2])], place.end()
            else:
                value, at = self._value(at, depth + 1)
            found.append(value)
            at = self._next(at, "]")
        return found, self._space(at + 1)

    def _next(self, at: int, closing: str) -> int:
        """Return the place of the next member or item, or of the closing bracket."""
        sign = self.text[at : at + 1]
        if sign == ",":
            at = self._space(at + 1)
            if self.text[at : at + 1] == closing:
                self._stop(at, hints.LAST)
        elif sign != closing:
            self._stop(at, hints.HINTS.get(sign, hints.MISSING))
        return at

    def _key_hint(self, at: int) -> str:
        """Return what may be wrong where a key should stand: decimals behind a comma look like one."""
        is_decimal = self.text[at : at + 1].isdigit() and re.search(r"\d,\s?$", self.text[max(at - 9, 0) : at])
        return hints.COMMA if is_decimal else hints.HINTS.get(self.text[at : at + 1], hints.QUOTE)

    def _twice(self, key: str, line: int, first: int) -> None:
        self.problems.append(
            Problem(
                "DT213",
                "rules",
                "Line {line} of {file}: {key} stands here and on line {first}; keep one.",
                {"line": line, "file": self.file, "key": quoted(key), "first": first},
            )
        )


def plain(value: Any) -> Any:
    """Return a value without its lines: members and items as dict and list.

    >>> plain(parsed(b'{"a": [1]}', "f.json")[0])
    {'a': [1]}
    """
    if isinstance(value, Members):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (Items, list)) else value
