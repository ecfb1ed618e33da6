"""JSON as sensors and their servers leave it: one document, one a line, or one after another, some of them broken."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from dtwin_plugin.errors import FormatError
from dtwin_plugin.translate import mark

from .builder import Builder

LARGEST = 256 << 20  # bytes
_REPAIRS = 50  # commas that are put back in one file
_SEARCHED = 1_000_000_000  # characters: of each fault the line is counted from the begin, so that many take for ever
_FEW = 20  # faults that are left out of a file of any size
_SPACE = re.compile(r"[\s\x1e,]*")  # RFC 7464 puts a record separator before each document
_NEXT = re.compile(r"^\s*[{\[]", re.MULTILINE)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_number)


def documents(data: bytes, build: Builder) -> list[Any]:
    r"""Return the documents of a text; what is broken is left out and told with its line.

    A comma that was forgotten at the end of a line is put back, and told too.

    Raises
    ------
    FormatError
        If nothing can be read, it is too large, or it nests too deep.

    Examples
    --------
    >>> build = Builder("a.json")
    >>> documents(b'{"a": 1}\n{"b": }\n{"c": 3}', build), [str(item) for item in build.series().remarks]
    ([{'a': 1}, {'c': 3}], ['Line 2 of a.json is no JSON (Expecting value); it is left out.'])
    """
    if len(data) > LARGEST:
        raise FormatError(
            "{file} has {size} MB; at most {limit} MB are read.",
            hint="Read a part of it.",
            file=build.source,
            size=len(data) >> 20,
            limit=LARGEST >> 20,
        )
    text = data.decode("utf-8-sig", "replace")
    found: list[Any] = []
    at, repairs, broken = _after_space(text, 0), 0, None
    faults, most = 0, max(_FEW, _SEARCHED // max(len(text), 1))
    while at < len(text):
        try:
            value, at = _DECODER.raw_decode(text, at)
            found.append(value)
        except RecursionError:
            raise FormatError("{file} nests deeper than any data does.", file=build.source) from None
        except ValueError as error:
            place, reason = getattr(error, "pos", at), getattr(error, "msg", str(error))
            line = text.count("\n", 0, place) + 1
            if repairs < _REPAIRS and "',' delimiter" in reason and text[place : place + 1] == '"':
                before = len(text[:place].rstrip())
                text = text[:before] + "," + text[before:]
                repairs += 1
                build.remark(
                    "Line {line} of {file} lacks the comma before it, which is put back.", line=line, file=build.source
                )
                continue
            broken, faults = broken or (line, reason), faults + 1
            if faults > most:
                raise FormatError(
                    "{file} is broken in more than {count} places, the first in line {line}: {reason}.",
                    hint="Ask its owner for a whole file.",
                    file=build.source,
                    count=most,
                    line=broken[0],
                    reason=broken[1],
                ) from None
            build.remark(
                "Line {line} of {file} is no JSON ({reason}); it is left out.",
                line=line,
                file=build.source,
                reason=reason,
            )
            at = _resumed(text, max(place, at + 1))
        at = _after_space(text, at)
    if not found:
        line, reason = broken or (1, mark("it is empty"))
        raise FormatError("{file} is no JSON: line {line}, {reason}.", file=build.source, line=line, reason=reason)
    return found


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _resumed(text: str, at: int) -> int:
    """Return where the next document may begin: at an opening bracket at the start of a line."""
    match = _NEXT.search(text, text.find("\n", at) + 1 or len(text))
    return match.end() - 1 if match else len(text)
