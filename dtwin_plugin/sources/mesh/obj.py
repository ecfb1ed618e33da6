"""Wavefront OBJ: faces with any number of corners, by object, group and material."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import FormatError
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

from ..stop import stop_if_asked
from .group import MAX_GROUPS, Group
from .references import beside

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LINE = 1 << 20  # characters
_LOOK = 50_000  # lines between looks at whether the user wants to stop
_Key = tuple[str, str]


def read_obj(path: Path, progress: Progress) -> list[Group]:
    """Return the groups of an OBJ file.

    Raises
    ------
    FormatError
        If a line is not what OBJ should be; it names the line.
    """
    vertices: array[float] = array("d")
    faces: dict[_Key, list[tuple[int, ...]]] = {}
    colours: dict[str, str] = {}
    part = group = material = ""
    for number, words in _lines(path, progress):
        kind = words[0]
        if kind == "v":
            vertices.extend(_vertex(words, path.name, number))
        elif kind == "f":
            key = (" ".join(filter(None, (part, group))), material)
            if key not in faces and len(faces) >= MAX_GROUPS:
                raise _wrong(path.name, number, mark("more groups than a model has"))
            faces.setdefault(key, []).append(_face(words, len(vertices) // 3, path.name, number))
        elif kind == "o":
            part, group = " ".join(words[1:])[:200], ""
        elif kind == "g":
            group = " ".join(words[1:])[:200]
        elif kind == "usemtl":
            material = " ".join(words[1:])[:200]
        elif kind == "mtllib":
            colours.update(_materials(beside(path, " ".join(words[1:]))))
    xyz = np.frombuffer(vertices, np.float64).reshape(-1, 3)
    return [_group(name, xyz, found, material, colours) for (name, material), found in faces.items()]


def _lines(path: Path, progress: Progress) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that say something, by number, as words."""
    with path.open("r", encoding="utf-8", errors="replace") as stream:
        number, begun = 0, ""
        while True:
            line = stream.readline(_LINE)
            if not line:
                return
            number += 1
            if len(line) >= _LINE or len(begun) >= _LINE:
                raise _wrong(path.name, number, mark("a line longer than 1 MB"))
            if number % _LOOK == 0:
                stop_if_asked(progress)
            line = begun + line.rstrip("\r\n")
            begun = line[:-1] + " " if line.endswith("\\") else ""
            words = line.split("#", 1)[0].split()
            if words and not begun:
                yield number, words


def _vertex(words: list[str], file: str, line: int) -> tuple[float, ...]:
    try:
        x, y, z = (float(word) for word in words[1:4])
    except ValueError:
        raise _wrong(file, line, " ".join(words)[:60]) from None
    return x, y, z


def _face(words: list[str], count: int, file: str, line: int) -> tuple[int, ...]:
    try:
        numbers = [int(word.split("/", 1)[0]) for word in words[1:]]
    except ValueError:
        raise _wrong(file, line, " ".join(words)[:60]) from None
    corners = tuple(number - 1 if number > 0 else count + number for number in numbers)
    if len(corners) < 3 or not all(0 <= corner < count for corner in corners):
        raise _wrong(file, line, " ".join(words)[:60])
    return corners


def _group(
    name: str, xyz: NDArray[np.float64], faces: list[tuple[int, ...]], material: str, colours: dict[str, str]
) -> Group:
    """Return a group with its own vertices only."""
    flat = np.fromiter((corner for face in faces for corner in face), np.int64)
    used, inverse = np.unique(flat, return_inverse=True)
    numbers = inverse.reshape(-1).tolist()
    own, start = [], 0
    for face in faces:
        own.append(numbers[start : start + len(face)])
        start += len(face)
    return Group(name, xyz[used], own, material or None, colours.get(material))


def _materials(path: Path) -> dict[str, str]:
    """Return the colours of a material library; none if it is not there, for shapes do not need it."""
    found, name = {}, ""
    try:
        with path.open("r", encoding="utf-8", errors="replace") as stream:
            for line in stream:
                words = line.split()
                if words[:1] == ["newmtl"]:
                    name = " ".join(words[1:])[:200]
                elif words[:1] == ["Kd"] and len(words) >= 4:
                    found[name] = colour_of(words[1:4])
    except OSError:
        return {}
    return {name: colour for name, colour in found.items() if colour}


def colour_of(parts: list[str]) -> str:
    """Return three shares of 0 to 1 as "#rrggbb"; "" for anything else.

    >>> colour_of(["1", "0.5", "0"]), colour_of(["a", "b", "c"])
    ('#ff8000', '')
    """
    try:
        shares = [float(part) for part in parts]
    except ValueError:
        return ""
    if not all(math.isfinite(share) for share in shares):
        return ""
    return "#" + "".join(f"{round(255 * min(max(share, 0.0), 1.0)):02x}" for share in shares)


def _wrong(file: str, line: int, found: str) -> FormatError:
    return FormatError(
        "{file}, line {line}: {found} is not what OBJ has there.",
        hint="Export it again.",
        file=file,
        line=line,
        found=repr(found),
    )
