"""What a STEP file looks like before anything trusts it: whole, of a known schema, and without circles.

A reader of STEP follows references by recursion: a placement that is relative to itself, or a chain of a million,
ends the whole program. Both are found here first, on the bytes.
"""

from __future__ import annotations

import mmap
import re
from array import array
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import FormatError
from dtwin_plugin.progress import Progress, Silent

from ..stop import stop_if_asked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = bytes | mmap.mmap

_HEADER = 64 << 10  # bytes in which the schema must stand
_TAIL = 4096
_DEEPEST = 3000  # references one after the other; real models have up to about 100
_LARGEST = 2**53
_SCHEMA = re.compile(rb"FILE_SCHEMA\s*\(\s*\(\s*'([^']{1,80})'", re.IGNORECASE)
_TOKEN = re.compile(rb"'[^']*'|/\*.*?\*/|#(\d{1,20})(\s*=)?", re.DOTALL)
_LOOK = 200_000  # tokens between looks at whether the user wants to stop

# The schemas that are read, and as what.
_SCHEMAS = (
    (re.compile(r"IFC2X3(_TC1|_FINAL)?$"), "IFC2X3"),
    (re.compile(r"IFC4(_ADD\d(_TC\d)?)?$"), "IFC4"),
    (re.compile(r"IFC4X[123](_\w+)?$"), "IFC4X3_ADD2"),
)


def schema_of(head: bytes, file: str) -> tuple[str, str]:
    """Return the schema that a file states, and the one that it is read as.

    Raises
    ------
    FormatError
        If it states none, or one that is not read.
    """
    match = _SCHEMA.search(head[:_HEADER])
    if match is None:
        raise FormatError(
            "{file} has no FILE_SCHEMA in its header; expected an IFC file (STEP).",
            hint="Export it again as IFC2x3, IFC4 or IFC4.3.",
            file=file,
        )
    stated = match.group(1).decode("latin-1").strip()
    for pattern, name in _SCHEMAS:
        if pattern.match(stated.upper()):
            return stated, name
    raise FormatError(
        "{file} is a STEP file of the schema {schema}; read are IFC2x3, IFC4 and IFC4.3.",
        hint="Export it again in one of these.",
        file=file,
        schema=stated,
    )


def check(path: Path, file: str, progress: Progress | None = None) -> None:
    """Refuse a file that is cut off, or that would make a reader follow references without end.

    Raises
    ------
    FormatError
        If it is.
    Cancelled
        If the user stops it.
    """
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if b"END-ISO-10303-21" not in content[max(0, len(content) - _TAIL) :]:
            raise FormatError(
                "{file} is cut off: it does not end with END-ISO-10303-21.",
                hint="Download or export it again.",
                file=file,
            )
        start = max(content.find(b"DATA;"), 0)
        targets, sources = _references(content, start, progress or Silent())
    depth = _depth(targets, sources)
    if depth is None:
        raise FormatError(
            "{file} has instances that refer to themselves in a circle, which no IFC does.",
            hint="Do not trust it.",
            file=file,
        )
    if depth > _DEEPEST:
        raise FormatError("{file} nests references deeper than {limit} levels.", file=file, limit=_DEEPEST)


def _references(content: Bytes, start: int, progress: Progress) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which instance (second) refers to which (first)."""
    targets, sources = array("q"), array("q")
    current, tokens = -1, 0
    for match in _TOKEN.finditer(content, start):
        number = match.group(1)
        if number is None:
            continue
        value = min(int(number), _LARGEST)
        if match.group(2) is not None:
            current = value
        elif current >= 0:
            targets.append(value)
            sources.append(current)
        tokens += 1
        if tokens % _LOOK == 0:
            stop_if_asked(progress)
    return np.frombuffer(targets, np.int64).copy(), np.frombuffer(sources, np.int64).copy()


def _depth(targets: NDArray[np.int64], sources: NDArray[np.int64]) -> int | None:
    """Return the longest chain of references, None if there is a circle; stops counting beyond the limit."""
    if not len(targets):
        return 0
    _, both = np.unique(np.concatenate([targets, sources]), return_inverse=True)
    both = both.reshape(-1)
    targets, sources = both[: len(targets)], both[len(targets) :]
    count = int(both.max()) + 1
    order = np.argsort(targets, kind="stable")
    followers = sources[order]  # who refers to an instance, instance by instance
    starts = np.searchsorted(targets[order], np.arange(count + 1))
    waiting = np.bincount(sources, minlength=count)
    ready = np.flatnonzero(waiting == 0)
    done = depth = 0
    while len(ready) and depth <= _DEEPEST:
        done += len(ready)
        depth += 1
        spans = starts[ready + 1] - starts[ready]
        begin = np.repeat(starts[ready] - np.concatenate([[0], np.cumsum(spans)[:-1]]), spans)
        next_ones, counts = np.unique(followers[np.arange(spans.sum()) + begin], return_counts=True)
        waiting[next_ones] -= counts
        ready = next_ones[waiting[next_ones] == 0]
    return depth if done == count or depth > _DEEPEST else None
