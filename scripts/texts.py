"""The texts that a user can see, and which of them have no translation: `python -m scripts.texts nl`.

Texts are found where they are given to a function that shows them, as a constant or as a name that holds one. What is
in a table that is shown elsewhere is wrapped in `dtwin_plugin.translate.mark`.
"""

from __future__ import annotations

import ast
import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from dtwin_plugin import errors
from dtwin_plugin.translate import texts

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("dtwin_plugin", "processing_algorithms")
CLASS_TEXTS = ("TITLE", "GROUP", "SUMMARY")
TABLES = ("resources/flood/events.csv", "resources/flood/soils.csv")  # with a column "title" that choices show


class Shown(NamedTuple):
    """Which arguments of a function are texts: by their places, and by their names."""

    places: tuple[int, ...]
    names: tuple[str, ...] = ()


ANY = ("tr", "translate", "mark", "plural")  # every text given to them counts; elsewhere only words and sentences
ERRORS = {
    name: Shown((0, 1), ("message", "hint"))
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.DtwinError)
}
SHOWN = {
    **dict.fromkeys(ANY, Shown((0,))),
    "plural": Shown((1, 2)),
    **ERRORS,
    "Entry": Shown((1,)),
    "Field": Shown((1,), ("title", "doc", "choices")),
    "MissingDependencyError": Shown((1,), ("purpose",)),
    "Model": Shown((), ("title", "group", "summary", "validity", "uncertainty")),
    "Problem": Shown((2,), ("message",)),
    "Step": Shown((2,)),
    "report": Shown((1,), ("message",)),
    "warn": Shown((0,), ("message",)),
    # what makes or names part of a message
    "Rate": Shown((3,)),
    "_cells": Shown((1,)),
    "_damaged": Shown((1,)),
    "_features": Shown((1, 3)),
    "_grid": Shown((1, 3)),
    "_interrupted": Shown((0,)),
    "_made": Shown((1, 3)),
    "_refused": Shown((1,)),
    "_unavailable": Shown((0, 2), ("hint",)),
    "_unreadable": Shown((2,)),
    "_wrong": Shown((0,)),
    "load_numba": Shown((0,)),
    "remark": Shown((0,)),
    "thread_count": Shown((1,)),
    "wrong": Shown((2, 3)),
}


class _Module:
    """The texts of one file."""

    def __init__(self, path: Path) -> None:
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.is_errors = path.samefile(str(errors.__file__))
        self.named: dict[str, list[ast.AST]] = {}
        for node in ast.walk(self.tree):
            for target in node.targets if isinstance(node, ast.Assign) else ():
                if isinstance(target, ast.Name):
                    self.named.setdefault(target.id, []).append(node.value)

    def texts(self) -> Iterator[str]:
        """Yield all that is shown."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield from self._of_call(node)
            elif isinstance(node, ast.ClassDef):
                for statement in node.body:
                    if isinstance(statement, ast.Assign):
                        yield from filter(_is_prose, self._of_class(statement))

    def _of_call(self, call: ast.Call) -> Iterator[str]:
        name = getattr(call.func, "id", "") or getattr(call.func, "attr", "")
        if name == "__init__" and self.is_errors:  # an error with words of its own
            name = "DtwinError"
        shown = SHOWN.get(name)
        if shown is None:
            return
        found = [call.args[place] for place in shown.places if place < len(call.args)]
        found += [keyword.value for keyword in call.keywords if keyword.arg in shown.names]
        constants = [text for node in found for text in self._constants(node)]
        if name in ERRORS:  # their values may be texts too
            for keyword in call.keywords:
                constants += [] if isinstance(keyword.value, ast.Name) else self._constants(keyword.value)
        yield from (text for text in constants if name in ANY or _is_prose(text))

    def _of_class(self, statement: ast.Assign) -> list[str]:
        target, value = statement.targets[0], statement.value
        pairs = zip(target.elts, value.elts) if isinstance(target, ast.Tuple) else [(target, value)]
        return [
            text for name, node in pairs if getattr(name, "id", "") in CLASS_TEXTS for text in self._constants(node)
        ]

    def _constants(self, node: ast.AST, follow: bool = True) -> list[str]:
        """Return the texts that a node can be; an f-string is none, as its words cannot be looked up."""
        if isinstance(node, ast.Constant):
            return [node.value] if isinstance(node.value, str) else []
        nodes: list[ast.AST] = []
        if isinstance(node, ast.Name) and follow:
            nodes, follow = self.named.get(node.id, []), False
        elif isinstance(node, ast.IfExp):
            nodes = [node.body, node.orelse]
        elif isinstance(node, (ast.BoolOp, ast.Dict)):
            nodes = list(node.values)
        return [text for part in nodes for text in self._constants(part, follow)]


def _is_prose(text: str) -> bool:
    """Tell whether a text has words: a space, or a capital in front."""
    return any(c.isalpha() for c in text) and (" " in text or text[0].isupper())


def collect() -> dict[str, str]:
    """Return every text with the file that it stands in."""
    result: dict[str, str] = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for text in _Module(path).texts():
                result.setdefault(text, str(path.relative_to(ROOT)))
    for table in TABLES:
        with (ROOT / table).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                result.setdefault(row["title"], table)
    return result


def missing(code: str) -> dict[str, str]:
    """Return the texts without a translation in a language."""
    known = texts(code)
    return {text: place for text, place in collect().items() if text not in known}


if __name__ == "__main__":
    lacking = missing(sys.argv[1] if len(sys.argv) > 1 else "nl")
    for text, place in lacking.items():
        print(f"{place}: {text}")
    sys.exit(1 if lacking else 0)
