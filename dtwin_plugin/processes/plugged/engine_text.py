"""What a description says of its engine, checked: its keys, its files, and the names it stands in for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from dtwin_plugin.models.json_lines import Members, quoted
from dtwin_plugin.models.json_members import check_members
from dtwin_plugin.models.problem import Problem
from dtwin_plugin.translate import mark

from .fields import wrong
from .keys import ENGINE_KEYS, PLATFORMS

PLACES = ("folder", "work", "python")
PLACE = re.compile(r"\{([^{}]*)\}")
LONGEST_TIME = 7 * 24 * 3600.0  # s
_WHAT = mark("an engine")


def check_engine(
    engine: Any, inputs: dict[str, str], outputs: dict[str, str], folder: Path, file: str
) -> Iterator[Problem]:
    """Yield what is wrong with an engine.

    Parameters
    ----------
    engine : Members
        Of the file.
    inputs, outputs : dict of str to str
        Kind of each by its name.
    folder : Path
        Where the files of the engine are.
    file : str
        Name of the description, for the sentences.
    """
    kind = engine.get("kind")
    if kind not in ENGINE_KEYS:
        key = "kind" if "kind" in engine else ""
        if key:
            yield wrong(engine, key, file, ", ".join(ENGINE_KEYS))
        else:
            yield from check_members(engine, ENGINE_KEYS["command"], file, _WHAT)
        return
    problems = list(check_members(engine, ENGINE_KEYS[kind], file, _WHAT))
    yield from problems
    if problems:
        return
    if not 0 < engine.get("timeout", 1) <= LONGEST_TIME:
        yield wrong(engine, "timeout", file, mark("seconds, more than 0 and at most a week"))
    if kind == "command":
        yield from _check_command(engine, {*inputs, *outputs, *PLACES}, file)
    elif kind == "bmi":
        yield from _check_bmi(engine, inputs, outputs, folder, file)


def commands(engine: Members) -> dict[str, list[Any]]:
    """Return the command by system; "" stands for any."""
    found = engine["command"]
    return dict(found) if isinstance(found, dict) else {"": found}


def _check_command(engine: Members, names: set[str], file: str) -> Iterator[Problem]:
    for system, items in commands(engine).items():
        if system and system not in PLATFORMS or not isinstance(items, list) or not items:
            yield wrong(engine, "command", file, mark("a list of texts, or one for linux, windows or macos"))
            continue
        for item in items:
            texts = item if isinstance(item, list) else [item]
            if not all(isinstance(text, str) for text in texts):
                yield wrong(engine, "command", file, mark("a list of texts, or one for linux, windows or macos"))
                return
            yield from _check_places(engine, "command", PLACE.findall(" ".join(texts)), names, file)
    for name in engine.get("needs", ()):
        if not isinstance(name, str) or not re.fullmatch(r"[\w.+-]{1,64}", name):
            yield wrong(engine, "needs", file, mark("a list of names of programs"))


def _check_places(node: Members, key: str, found: Iterable[str], names: set[str], file: str) -> Iterator[Problem]:
    for name in found:
        if name not in names:
            yield Problem(
                "DT305",
                "description",
                "Line {line} of {file}: {key} names {found}; expected one of {names}.",
                {
                    "line": node.lines[key],
                    "file": file,
                    "key": quoted(key),
                    "found": quoted("{" + name + "}"),
                    "names": ", ".join(sorted(names)),
                },
            )


def _check_bmi(
    engine: Members, inputs: dict[str, str], outputs: dict[str, str], folder: Path, file: str
) -> Iterator[Problem]:
    for key in ("module", "config"):
        if key in engine and not is_inside(folder, engine[key]):
            yield wrong(engine, key, file, mark("a file in the folder of the description"))
    if not re.fullmatch(r"[A-Za-z_]\w*", engine["class"]):
        yield wrong(engine, "class", file, mark("the name of a class"))
    if engine.get("rows", "south") not in ("north", "south"):
        yield wrong(engine, "rows", file, "north, south")
    numbers = {name for name, kind in inputs.items() if kind in ("number", "integer")}
    if "until" in engine and engine["until"] not in numbers:
        yield wrong(engine, "until", file, mark("the name of an input that is a number"))
    for key, kinds in (("inputs", inputs), ("outputs", outputs)):
        grids = {name for name, kind in kinds.items() if kind == "grid"}
        yield from _check_places(engine, key, engine.get(key, ()), grids, file)


def is_inside(folder: Path, name: str) -> bool:
    """Return whether a name is that of a file in the folder, and not above it or behind a link.

    >>> is_inside(Path("/tmp"), "../etc/passwd"), is_inside(Path("/tmp"), "/etc/passwd")
    (False, False)
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        return False
    found = (folder / path).resolve()
    return found.is_file() and folder.resolve() in found.parents
