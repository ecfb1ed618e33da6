"""JSON from and for anybody: read with limits, written so that the same value is the same bytes."""

from __future__ import annotations

import json
import math
from typing import Any

from dtwin_plugin.errors import FormatError

_LONGEST = 308  # digits of a whole number: as a float it is finite then
DEEPEST = 64  # lists and objects within each other; a description or a collection of features has a dozen


def parsed(data: bytes | str, what: str) -> Any:
    """Return the value of a JSON text.

    Parameters
    ----------
    what : str
        Names the text in errors.

    Raises
    ------
    FormatError
        If it is no JSON (RFC 8259, so no NaN), no UTF-8, nested too deep, or has a number that no float holds: 1e999
        would be infinite, and break what calculates with it far from here.

    Examples
    --------
    >>> parsed(b'{"a": [1, 2.5]}', "the answer")
    {'a': [1, 2.5]}
    """
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
        found = json.loads(text, parse_constant=_refuse, parse_float=_real, parse_int=_whole)
    except RecursionError:
        raise _too_deep(what) from None
    except UnicodeDecodeError as error:
        raise FormatError("{what} is not UTF-8 text.", hint="Tell who keeps the server.", what=what) from error
    except ValueError as error:
        reason = f"{error.msg}: {error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)
        raise FormatError(
            "{what} is not valid JSON ({reason}).", hint="Tell who keeps the server.", what=what, reason=reason
        ) from error
    _expect_shallow(found, what)
    return _writable(found) if "\\ud" in text or "\\uD" in text else found


def dumped(value: Any) -> bytes:
    r"""Return JSON as UTF-8, without spaces; raises ValueError for NaN.

    >>> dumped({"b": 1.0, "a": "é"})
    b'{"b":1.0,"a":"\xc3\xa9"}'
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _real(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(f"{text[:40]} is larger than a number can be")
    return found


def _whole(text: str) -> int:
    if len(text) > _LONGEST:
        raise ValueError(f"{text[:40]}… is larger than a number can be")
    return int(text)


def _writable(value: Any) -> Any:
    """Return a value with ? for halves of a character (RFC 7493, 2.1), which nothing can write as UTF-8."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def _expect_shallow(value: Any, what: str) -> None:
    """Look level by level, so that a deep text cannot exhaust the stack here either."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return
    raise _too_deep(what)


def _too_deep(what: str) -> FormatError:
    return FormatError(
        "{what} nests lists and objects deeper than {limit} levels.",
        hint="Do not trust it.",
        what=what,
        limit=DEEPEST,
    )
