"""What a description says of one input or output, checked beyond the kind of its keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from dtwin_plugin.models.base import Field
from dtwin_plugin.models.json_lines import Members, quoted
from dtwin_plugin.models.json_members import check_members, expected_object, kind_of
from dtwin_plugin.models.problem import Problem
from dtwin_plugin.translate import mark

from ..remote.binding import TAKEN
from .keys import FIELD_KEYS

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
INPUT_KINDS = (
    *("grid", "features", "surfaces", "points", "extent", "table", "file"),
    *("number", "integer", "boolean", "choice", "datetime", "text"),
)
OUTPUT_KINDS = ("grid", "features", "surfaces", "table", "file", "number", "integer", "boolean", "text")
# Parameters that every algorithm has, and what a command names beside its inputs: an input would be lost under these.
RESERVED = (*TAKEN, "folder", "work", "python")
GEOMETRIES = ("point", "line", "polygon")
MOST = 200  # inputs or outputs: a form with more cannot be filled in
_VALUE = {"number": "number", "integer": "number", "boolean": "boolean", "choice": "text", "text": "text"}
_OF_KIND = {
    "choices": ("choice", mark("choices of a choice, and of nothing else")),
    "columns": ("table", mark("columns of a table, and of nothing else")),
}
_WHAT = {"inputs": mark("an input"), "outputs": mark("an output")}


def check_fields(fields: Any, part: str, file: str) -> Iterator[Problem]:
    """Yield what is wrong with the list of inputs or outputs.

    Parameters
    ----------
    fields : Items
        Of the file.
    part : {"inputs", "outputs"}
    file : str
        Name of the file, for the sentences.
    """
    if len(fields) > MOST:
        yield Problem(
            "DT305",
            "description",
            "Line {line} of {file}: {found} {part}; at most {limit}.",
            {"line": fields.line, "file": file, "found": len(fields), "part": quoted(part), "limit": MOST},
        )
        return
    for line, node in zip(fields.lines, fields):
        if not isinstance(node, Members):
            yield expected_object(line, node, file, _WHAT[part])
            continue
        problems = list(check_members(node, FIELD_KEYS, file, _WHAT[part]))
        yield from problems or _check_field(node, part, file)


def field_of(node: Members) -> Field:
    """Return the field of a description that was checked."""
    parts: dict[str, Any] = {key: dict(value) if isinstance(value, dict) else value for key, value in node.items()}
    if parts["kind"] == "integer":
        for key in ("default", "minimum", "maximum"):
            if key in parts:
                parts[key] = int(parts[key])
    return Field(**parts)


def _check_field(node: Members, part: str, file: str) -> Iterator[Problem]:
    kinds = INPUT_KINDS if part == "inputs" else OUTPUT_KINDS
    if not NAME.fullmatch(node["name"]):
        yield wrong(node, "name", file, mark("small letters, digits and underscores, the first a letter"))
    if node["name"] in RESERVED:
        yield wrong(node, "name", file, mark("a name that is not taken already"))
    if node["kind"] not in kinds:
        yield wrong(node, "kind", file, ", ".join(kinds))
        return
    if node.get("geometry", "point") not in GEOMETRIES:
        yield wrong(node, "geometry", file, ", ".join(GEOMETRIES))
    for key, (kind, needs) in _OF_KIND.items():
        if (key in node) != (node["kind"] == kind) or not node.get(key, True):
            yield wrong(node, key if key in node else "kind", file, needs)
        yield from _check_texts(node.get(key, {}), file)
    yield from _check_default(node, file)
    yield from _check_limits(node, file)


def _check_texts(node: Any, file: str) -> Iterator[Problem]:
    for key in node:
        if not isinstance(node[key], str):
            yield wrong(node, key, file, mark("a text"))


def _check_default(node: Members, file: str) -> Iterator[Problem]:
    if "default" not in node:
        return
    value, expected = node["default"], _VALUE.get(node["kind"])
    if expected is None:
        yield wrong(node, "default", file, mark("no default: only values have one, and no files or layers"))
    elif kind_of(value) != expected:
        yield wrong(node, "default", file, expected)
    elif node["kind"] == "integer" and not float(value).is_integer():
        yield wrong(node, "default", file, mark("a whole number"))
    elif node["kind"] == "choice" and value not in node.get("choices", {}):
        yield wrong(node, "default", file, ", ".join(map(quoted, node.get("choices", {}))))
    elif expected == "number" and not node.get("minimum", value) <= value <= node.get("maximum", value):
        yield wrong(node, "default", file, mark("a number within its own limits"))


def _check_limits(node: Members, file: str) -> Iterator[Problem]:
    for key in ("minimum", "maximum"):
        if key in node and node["kind"] not in ("number", "integer"):
            yield wrong(node, key, file, mark("no limit: only numbers have one"))
        elif key in node and node["kind"] == "integer" and not float(node[key]).is_integer():
            yield wrong(node, key, file, mark("a whole number"))
    if node.get("minimum", 0) > node.get("maximum", node.get("minimum", 0)):
        yield wrong(node, "maximum", file, mark("at least the minimum"))


def wrong(node: Members, key: str, file: str, expected: str) -> Problem:
    """Return that the value of a key is not what it must be."""
    return Problem(
        "DT305",
        "description",
        "Line {line} of {file}: {key} is {found}; expected {expected}.",
        {
            "line": node.lines[key],
            "file": file,
            "key": quoted(key),
            "found": quoted(node[key]),
            "expected": expected,
        },
    )


def repeated(names: Iterable[str]) -> list[str]:
    """Return the names that stand more than once.

    >>> repeated(["a", "b", "a"])
    ['a']
    """
    seen: set[str] = set()
    return [name for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
