"""Descriptions of a DAP2 service: the structure of a data set (.dds), its attributes (.das) and its errors.

References
----------
Gallagher, J., Potter, N., Sgouros, T., Hankin, S., Flierl, G. (2007). The Data Access Protocol - DAP 2.0.
ESE-RFC-004.1.2, chapters 6 (attributes and structure) and 7 (responses).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dtwin_plugin.errors import FormatError
from dtwin_plugin.translate import mark

# type -> NumPy's big-endian type as it travels, and bytes of one value; bytes of a Byte array are packed
BASE = {
    "byte": ("u1", 1), "int16": (">i4", 4), "uint16": (">u4", 4), "int32": (">i4", 4), "uint32": (">u4", 4),
    "float32": (">f4", 4), "float64": (">f8", 8), "string": ("", 0), "url": ("", 0),
}  # fmt: skip
_STRUCTURE, _ATTRIBUTES = mark("structure"), mark("attributes")
_LONGEST = 4_000_000  # characters of a description
_MOST = 5_000  # variables
_DEEPEST = 8  # structures within structures
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\];:=,]|[^\s{}\[\];:=,"]+')
_ERROR = re.compile(rb"^\s*Error\s*\{", re.IGNORECASE)
_MESSAGE = re.compile(r'message\s*=\s*"((?:[^"\\]|\\.){0,500})', re.IGNORECASE)
_CODE = re.compile(r"code\s*=\s*(-?\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Variable:
    """An array of a data set.

    Attributes
    ----------
    kind : str
        A key of `BASE`.
    sizes : dict of str to int
        Size of each dimension, in order.
    owner : str
        Name of the Grid or Structure that it stands in, "" for none.
    """

    name: str
    kind: str
    sizes: dict[str, int]
    owner: str = ""


def variables(text: str, server: str) -> list[Variable]:
    """Return the arrays of a .dds in their order; those of a Grid follow each other, the array before its maps.

    Raises
    ------
    FormatError
        If it is none, or has a Sequence.

    Examples
    --------
    >>> dds = "Dataset { Grid { Array: Int16 a[x = 2]; Maps: Int32 x[x = 2]; } a; Byte b; } c;"
    >>> [(v.owner, v.name, v.kind, v.sizes) for v in variables(dds, "s")]
    [('a', 'a', 'int16', {'x': 2}), ('a', 'x', 'int32', {'x': 2}), ('', 'b', 'byte', {})]
    """
    tokens = _tokens(text, server)
    if not tokens or tokens[0].lower() != "dataset" or len(tokens) < 4:
        raise _no_description(server, _STRUCTURE)
    found, place = _members(tokens, 1, server, 0)
    if place >= len(tokens):
        raise _no_description(server, _STRUCTURE)
    return found


def _members(tokens: list[str], place: int, server: str, depth: int) -> tuple[list[Variable], int]:
    """Return the variables between braces, and the place after the closing one."""
    if depth > _DEEPEST or place >= len(tokens) or tokens[place] != "{":
        raise _no_description(server, _STRUCTURE)
    found: list[Variable] = []
    place += 1
    while place < len(tokens) and tokens[place] != "}":
        word = tokens[place].lower()
        if word in ("array", "maps") and tokens[place + 1 : place + 2] == [":"]:
            place += 2
        elif word in ("grid", "structure"):
            inner, place = _members(tokens, place + 1, server, depth + 1)
            owner, place = _name(tokens, place, server)
            found += [Variable(v.name, v.kind, v.sizes, v.owner or owner) for v in inner]
        elif word in BASE:
            variable, place = _array(tokens, place, server)
            found.append(variable)
        else:
            raise FormatError("{server} has data of a kind that is not read here: {kind}.", server=server, kind=word)
        if len(found) > _MOST:
            raise _no_description(server, _STRUCTURE)
    return found, place + 1


def _name(tokens: list[str], place: int, server: str) -> tuple[str, int]:
    if tokens[place + 1 : place + 2] != [";"]:
        raise _no_description(server, _STRUCTURE)
    return tokens[place], place + 2


def _array(tokens: list[str], place: int, server: str) -> tuple[Variable, int]:
    """Return an array from its type on: `Int16 a[x = 2][3];`."""
    try:
        kind, name, place = tokens[place].lower(), tokens[place + 1], place + 2
        sizes: dict[str, int] = {}
        while tokens[place] == "[":
            end = tokens.index("]", place)
            inner = tokens[place + 1 : end]
            dimension = inner[0] if "=" in inner else f"dimension_{len(sizes)}"
            sizes[dimension] = int(inner[-1])
            place = end + 1
        if tokens[place] != ";" or min(sizes.values(), default=0) < 0:
            raise _no_description(server, _STRUCTURE)
    except (IndexError, ValueError):
        raise _no_description(server, _STRUCTURE) from None
    return Variable(name, kind, sizes), place + 1


def attributes(text: str, server: str) -> dict[str, dict[str, Any]]:
    r"""Return the attributes of a .das by variable; those of the whole (global) under "".

    Raises
    ------
    FormatError
        If it is none.

    Examples
    --------
    >>> attributes('Attributes { x { Int32 epsg 7415; } NC_GLOBAL { String title "a"; } }', "s")
    {'x': {'epsg': 7415}, '': {'title': 'a'}}
    """
    tokens = _tokens(text, server)
    if tokens[:1] == [] or tokens[0].lower() != "attributes" or tokens[1:2] != ["{"]:
        raise _no_description(server, _ATTRIBUTES)
    found: dict[str, dict[str, Any]] = {}
    path: list[str] = []
    place = 2
    while place < len(tokens):
        if tokens[place] == "}":
            if not path:
                break
            path.pop()
            place += 1
        elif tokens[place + 1 : place + 2] == ["{"]:
            path.append(tokens[place])
            place += 2
        else:
            name, value, place = _attribute(tokens, place)
            if path and name:
                whole = path[0].upper().endswith("GLOBAL")
                found.setdefault("" if whole else path[0], {}).setdefault(name, value)
        if len(path) > _DEEPEST:
            raise _no_description(server, _ATTRIBUTES)
    return found


def _attribute(tokens: list[str], place: int) -> tuple[str, Any, int]:
    """Return name and first value of `Type name value, value;`, and the place after it."""
    end = place
    while end < len(tokens) and tokens[end] != ";":
        end += 1
    parts = tokens[place:end]
    if len(parts) < 3:
        return "", None, end + 1
    kind, name, text = parts[0].lower(), parts[1], parts[2]
    if kind in ("string", "url"):
        inner = text[1:-1] if text.startswith('"') and len(text) > 1 else text
        return name, inner.replace('\\"', '"'), end + 1
    try:
        value = float(text)
    except ValueError:
        return name, None, end + 1
    return name, int(value) if "float" not in kind and value == value and abs(value) < 1e15 else value, end + 1


def error_in(body: bytes) -> tuple[int | None, str] | None:
    """Return code and message of an error that a service sent instead of data, None where it is none.

    >>> error_in(b'Error { code = 1005; message = "out of range"; };'), error_in(b"Dataset {}")
    ((1005, 'out of range'), None)
    """
    head = body[:4000]
    if not _ERROR.match(head):
        return None
    text = head.decode("utf-8", "replace")
    code, message = _CODE.search(text), _MESSAGE.search(text)
    told = " ".join(message.group(1).replace('\\"', '"').split()) if message else ""
    return int(code.group(1)) if code else None, told or "no reason given"


def _tokens(text: str, server: str) -> list[str]:
    if len(text) > _LONGEST:
        raise _no_description(server, _STRUCTURE)
    return list(_tokens_in(text))


def _tokens_in(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        yield match.group(0)


def _no_description(server: str, what: str) -> FormatError:
    return FormatError(
        "{server} sent no description of its {what}.",
        hint="Check the address in the catalogue: it is that of an OPeNDAP data set.",
        server=server,
        what=what,
    )
