"""Twin files, read so that every mistake is named with its line.

The form is described in `docs/guide/scenarios.md` and `docs/schemas/twin-1.schema.json`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.json_lines import LARGEST, Members, parsed, plain, quoted
from dtwin_plugin.models.json_members import check_members, expected_object
from dtwin_plugin.models.problem import Problem
from dtwin_plugin.translate import mark

from ..privacy import LEVELS
from .keys import (
    BETTER,
    DIFFERENCE_KEYS,
    FORMAT,
    FORMAT_VERSION,
    INDICATOR_KEYS,
    MEASURES,
    OF_RASTERS,
    SCENARIO_KEYS,
    SOURCE_KEYS,
    STEP_KEYS,
    TWIN_KEYS,
)
from .links import links

MOST = 100  # of scenarios, steps, indicators and sources each
_CODES = {"DT210": "DT320", "DT211": "DT321", "DT213": "DT322", "DT214": "DT323", "DT215": "DT324"}
_PARTS = {
    "scenarios": (SCENARIO_KEYS, mark("a scenario")),
    "steps": (STEP_KEYS, mark("a step")),
    "indicators": (INDICATOR_KEYS, mark("an indicator")),
    "differences": (DIFFERENCE_KEYS, mark("a map of differences")),
}


@dataclass(frozen=True)
class Study:
    """What a twin file says, as plain data.

    Attributes
    ----------
    sources : dict of str to dict
        By id; "path" is that of the file itself, with the name of a layer behind it where one is chosen.
    scenarios, steps, indicators, differences : list of dict
        As in the file.
    """

    file: Path
    title: str
    purpose: str = ""
    area: tuple[float, ...] = ()
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    scenarios: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    indicators: list[dict[str, Any]] = field(default_factory=list)
    differences: list[dict[str, Any]] = field(default_factory=list)
    runs: dict[str, Any] = field(default_factory=dict)


def read_study(path: Path) -> Study:
    """Return what a twin file says.

    Raises
    ------
    InputError
        If it has mistakes; all are listed with their lines.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        raise InputError("{file} cannot be read: {reason}.", file=path.name, reason=error.strerror or error) from error
    study, problems = study_in(content, path)
    if study is None:
        raise InputError("{problems}", problems="\n".join(problem.text() for problem in problems))
    return study


def study_in(content: bytes, path: Path) -> tuple[Study | None, list[Problem]]:
    """Return what stands in a twin file, None where it has mistakes, and those in the order of their lines.

    >>> study_in(b"[]", Path("own.json"))[1][0].text()
    'DT323 Line 1 of own.json: a twin file is a list; expected an object between { and }.'
    """
    root, problems = parsed(content, path.name)
    if root is not None or not problems:
        problems += _Check(path).whole(root)
    problems = [dataclasses.replace(one, code=_CODES.get(one.code, one.code), field="twin") for one in problems]
    problems.sort(key=lambda problem: problem.values.get("line", 0))
    return (None if problems else _study(root, path)), problems


class _Check:
    """A twin file that is looked at."""

    def __init__(self, path: Path) -> None:
        self.path, self.file = path, path.name

    def whole(self, root: Any) -> Iterator[Problem]:
        if not isinstance(root, Members):
            yield expected_object(getattr(root, "line", 1), root, self.file, mark("a twin file"))
            return
        problems = list(check_members(root, TWIN_KEYS, self.file, mark("a twin file")))
        problems += [*self._sources(root["sources"])] if "sources" in root and not problems else []
        for part, (keys, what) in _PARTS.items():
            problems += [] if problems and part not in root else self._rows(root.get(part, []), keys, what)
        yield from problems or self._meaning(root)

    def _sources(self, sources: Any) -> Iterator[Problem]:
        for name, node in sources.items():
            if not isinstance(node, Members):
                yield expected_object(sources.lines[name], node, self.file, mark("a source"))
                continue
            yield from check_members(node, SOURCE_KEYS, self.file, mark("a source"))

    def _rows(self, rows: Any, keys: Any, what: str) -> Iterator[Problem]:
        lines = getattr(rows, "lines", [])
        if len(rows) > MOST:
            yield self._wrong(rows.line, quoted(len(rows)), mark("at most a hundred"))
            return
        for line, node in zip(lines, rows):
            if isinstance(node, Members):
                yield from check_members(node, keys, self.file, what)
            else:
                yield expected_object(line, node, self.file, what)

    def _meaning(self, root: Members) -> Iterator[Problem]:
        if (root["format"], root["format_version"]) != (FORMAT, FORMAT_VERSION):
            yield self._wrong(root.lines["format"], quoted(root["format"]), f'"{FORMAT}", {FORMAT_VERSION}')
        area = root.get("area", [0.0, 0.0, 1.0, 1.0])
        numbers = len(area) == 4 and all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in area)
        if not numbers or not (area[0] < area[2] and area[1] < area[3]):
            yield self._wrong(root.lines["area"], quoted(area), mark("west, south, east and north in metres"))
        for node in root["sources"].values():
            yield from self._source(node)
        for part in _PARTS:
            names = [node["id"] for node in root.get(part, [])]
            for node in root.get(part, []):
                if names.count(node["id"]) > 1:
                    yield self._wrong(node.lines["id"], quoted(node["id"]), mark("a name that stands once"))
        for node in root["scenarios"][1:]:
            if node.get("reference"):
                yield self._wrong(
                    node.lines["reference"], quoted(True), mark("a reference as the first scenario alone")
                )
        if not root["scenarios"] or not root["steps"]:
            yield self._wrong(root.line, quoted(0), mark("at least one scenario and one step"))
        yield from self._steps(root)
        yield from self._results(root)

    def _source(self, node: Members) -> Iterator[Problem]:
        if node["privacy"] not in LEVELS:
            yield self._wrong(node.lines["privacy"], quoted(node["privacy"]), ", ".join(LEVELS))
        if ("path" in node) + ("url" in node) == 0:
            yield self._wrong(node.line, quoted("path"), mark("a path or a url"))
        if "path" in node and _file_of(self.path, node["path"]) is None:
            yield self._wrong(node.lines["path"], quoted(node["path"]), mark("a file beside the twin file or below it"))

    def _steps(self, root: Members) -> Iterator[Problem]:
        values = {name for scenario in root["scenarios"] for name in scenario.get("values", {})}
        made: set[str] = set()
        every = {f"{step['id']}.{name}" for step in root["steps"] for name in step["outputs"]}
        for step in root["steps"]:
            for name, suffix in step["outputs"].items():
                if not isinstance(suffix, str) or not (suffix == "" or suffix[:1] == "." and suffix[1:].isalnum()):
                    yield self._wrong(step["outputs"].lines[name], quoted(suffix), mark("a suffix as .tif, or nothing"))
            known = {"source": set(root["sources"]), "step": made, "first": every, "scenario": values}
            for kind, name in links([step["inputs"], step.get("otherwise", {})]):
                if name not in known[kind]:
                    expected = ", ".join(sorted(known[kind])) or "-"
                    yield self._wrong(step.lines["inputs"], quoted(f"{kind}:{name}"), expected)
            for name in step.get("otherwise", {}):
                if name not in step["outputs"]:
                    yield self._wrong(step["otherwise"].lines[name], quoted(name), ", ".join(step["outputs"]) or "-")
            if "when" in step and step["when"] not in values:
                yield self._wrong(step.lines["when"], quoted(step["when"]), ", ".join(sorted(values)) or "-")
            made |= {f"{step['id']}.{name}" for name in step["outputs"]}

    def _results(self, root: Members) -> Iterator[Problem]:
        made = {f"{step['id']}.{name}": suffix for step in root["steps"] for name, suffix in step["outputs"].items()}
        values = {name for scenario in root["scenarios"] for name in scenario.get("values", {})}
        linked = {f"{{source:{name}}}" for name in root["sources"]} | {f"{{scenario:{name}}}" for name in values}
        for node in root.get("differences", []):
            if node["of"] not in made:
                yield self._wrong(node.lines["of"], quoted(node["of"]), ", ".join(sorted(made)))
        for node in root.get("indicators", []):
            if node["from"] not in {*made, *linked}:
                yield self._wrong(node.lines["from"], quoted(node["from"]), ", ".join(sorted({*made, *linked})))
            within = linked | {f"{{step:{name}}}" for name in made}
            if node.get("within", "") not in {"", *within}:
                yield self._wrong(node.lines["within"], quoted(node["within"]), ", ".join(sorted(within)))
            yield from self._measure(node, made.get(node["from"], "."))

    def _measure(self, node: Members, suffix: str) -> Iterator[Problem]:
        """Yield what is wrong with how an indicator is taken from what a step makes."""
        if node["better"] not in BETTER:
            yield self._wrong(node.lines["better"], quoted(node["better"]), ", ".join(BETTER))
        measure = node.get("measure")
        if measure is not None and measure not in MEASURES:
            yield self._wrong(node.lines["measure"], quoted(measure), ", ".join(MEASURES))
        elif "column" in node and measure in OF_RASTERS:
            known = [name for name in MEASURES if name not in OF_RASTERS]
            yield self._wrong(node.lines["measure"], quoted(measure), ", ".join(known))
        if (measure is None) == bool(suffix):
            expected = mark("a measure of a file, and none of a number")
            yield self._wrong(node.lines["from"], quoted(measure or ""), expected)

    def _wrong(self, line: int, found: str, expected: str) -> Problem:
        return Problem(
            "DT325",
            "twin",
            "Line {line} of {file}: {found}; expected {expected}.",
            {"line": line, "file": self.file, "found": found, "expected": expected},
        )


def _file_of(twin: Path, text: str) -> str | None:
    """Return the path of a source; None where it leads out of the folder of the twin file."""
    name, bar, layer = text.partition("|")
    folder = twin.parent.resolve()
    if not name or Path(name).is_absolute() or "\\" in name or ":" in name:
        return None
    found = (folder / name).resolve()
    return f"{found}{bar}{layer}" if folder in found.parents else None


def _study(root: Members, path: Path) -> Study:
    found = plain(root)
    for source in found["sources"].values():
        if "path" in source:
            source["path"] = _file_of(path, source["path"])
    parts = {name: found[name] for name in ("purpose", "sources", "indicators", "differences", "runs") if name in found}
    return Study(
        path,
        found["title"],
        area=tuple(found.get("area", ())),
        scenarios=found["scenarios"],
        steps=found["steps"],
        **parts,
    )
