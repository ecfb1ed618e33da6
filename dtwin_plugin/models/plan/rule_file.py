"""Rule files: the rules that a municipality writes, read so that every mistake is named with its line.

The form is described in `docs/models/plan-rules.md` and `docs/schemas/rules-1.schema.json`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from dtwin_plugin.errors import InputError, MissingDependencyError
from dtwin_plugin.models.json_lines import LARGEST, Members, parsed, quoted
from dtwin_plugin.models.json_members import check_members, expected_object, known
from dtwin_plugin.models.problem import ERROR, WARNING, Problem
from dtwin_plugin.translate import mark

from .rule_items import Area, areas_in, plan_rules_in, rule_in
from .rule_keys import FORMAT, FORMAT_VERSION, GROUND, PEIL_KEYS, SET_KEYS
from .rules import PlanRule, Rule, RuleSet

MOST = 200  # problems that are listed of a file
_LEVELS = (-20.0, 400.0)  # m NAP: below the deepest polder and above the highest hill nobody builds
_SET, _PEIL = mark("a rule file"), mark("peil")


def read_rules(path: Path) -> RuleSet:
    """Return the rules of a file.

    Raises
    ------
    InputError
        If the file has a mistake: the first, and how many more there are.
    """
    rules, problems = examined(path)
    if rules is None:
        raise _error_of([problem for problem in problems if problem.level == ERROR])
    return rules


def examined(path: Path) -> tuple[RuleSet | None, list[Problem]]:
    """Return the rules of a file, None where it has a mistake, and all that is wrong with it in the order of its lines.

    The file is read once, so that its digest is that of the rules.

    Returns
    -------
    rules : RuleSet or None
    problems : list of Problem
        DT210 to DT225, those of level "error" first; at most `MOST`.

    Raises
    ------
    MissingDependencyError
        If shapely is not installed.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        return None, [
            Problem(
                "DT210",
                "rules",
                "{file} cannot be read: {reason}.",
                {"file": path.name, "reason": error.strerror or str(error)},
            )
        ]
    return rules_in(content, path.name)


def rules_in(content: bytes, file: str) -> tuple[RuleSet | None, list[Problem]]:
    """Return the rules of what stands in a file, as `examined` does.

    >>> rules_in(b"[]", "own.json")[1][0].text()
    'DT214 Line 1 of own.json: a rule file is a list; expected an object between { and }.'
    """
    _require_shapely()
    root, problems = parsed(content, file)
    if not problems or root is not None:
        draft = _Draft(file)
        problems += islice(draft.check(root), MOST + 1)
        problems.sort(key=lambda problem: (problem.level, problem.values.get("line", 0)))
        if len(problems) > MOST:
            problems[MOST:] = [_too_many(file)]
        if not any(problem.level == ERROR for problem in problems):
            return draft.rule_set(root, hashlib.sha256(content).hexdigest()), problems
    return None, problems


def _require_shapely() -> None:
    """Tell at once that the package is missing, with which all of a plan check is measured."""
    if find_spec("shapely") is None:
        raise MissingDependencyError("shapely", "test plans against rules")


class _Draft:
    """A rule set in the making."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.areas: dict[str, Area] = {}
        self.placed: list[tuple[Rule, str]] = []
        self.plan_rules: dict[str, PlanRule] = {}

    def check(self, root: Any) -> Iterator[Problem]:
        """Yield what is wrong, and keep what is right."""
        if not isinstance(root, Members):
            yield expected_object(1, root, self.file, _SET)
            return
        other = _other_format(root, self.file)
        if other is not None:
            yield other
            return
        yield from check_members(root, SET_KEYS, self.file, _SET)
        yield from self._check_peil(root)
        yield from areas_in(known(root, "areas", SET_KEYS) or Members(0), self.file, self.areas)
        yield from self._check_rules(root)
        yield from plan_rules_in(known(root, "plan_rules", SET_KEYS) or Members(0), self.file, self.plan_rules)
        yield from self._check_together(root)

    def rule_set(self, root: Members, digest: str) -> RuleSet:
        """Return the rules of a file without mistakes."""
        peil = root["peil"] if isinstance(root["peil"], Members) else {}
        names = ("id", "version", "title", "owner", "date", "language", "licence", "source")
        return RuleSet(
            rules=tuple(rule for rule, _ in self.placed),
            peil=float(peil["level"]) if peil else None,
            digest=digest,
            peil_text=peil.get("text", ""),
            note=root.get("note", ""),
            plan_rules=self.plan_rules,
            **{name: root[name] for name in names},
        )

    def _check_peil(self, root: Members) -> Iterator[Problem]:
        peil = known(root, "peil", SET_KEYS)
        if isinstance(peil, Members):
            yield from check_members(peil, PEIL_KEYS, self.file, _PEIL)
            level = known(peil, "level", PEIL_KEYS)
            if level is not None and not _LEVELS[0] <= level <= _LEVELS[1]:
                yield Problem(
                    "DT215",
                    "rules",
                    'Line {line} of {file}: "level" is {found}; expected m NAP, from {low} to {high}.',
                    {
                        "line": peil.lines["level"],
                        "file": self.file,
                        "found": level,
                        "low": _LEVELS[0],
                        "high": _LEVELS[1],
                    },
                )
        elif peil is not None and peil != GROUND:
            yield Problem(
                "DT214",
                "rules",
                'Line {line} of {file}: "peil" is {found}; write "ground", or an object with "level" and "text".',
                {"line": root.lines["peil"], "file": self.file, "found": quoted(peil)},
            )

    def _check_rules(self, root: Members) -> Iterator[Problem]:
        ids: dict[str, int] = {}
        items = known(root, "rules", SET_KEYS) or []
        for item, line in zip(items, getattr(items, "lines", [])):
            yield from rule_in(item, line, self.file, self.areas, self.placed)
            name = item.get("id") if isinstance(item, Members) else None
            if not isinstance(name, str):
                continue
            if name in ids:
                yield Problem(
                    "DT220",
                    "rules",
                    "Line {line} of {file}: the id {id} is that of the rule on line {first} too; give another.",
                    {"line": item.lines["id"], "file": self.file, "id": quoted(name), "first": ids[name]},
                )
            ids.setdefault(name, line)

    def _check_together(self, root: Members) -> Iterator[Problem]:
        """Yield what is wrong with rules and areas that are right by themselves."""
        from .rule_overlaps import Placed, check_overlaps

        lines = {name: area.line for name, area in self.areas.items()}
        placed = [Placed(rule, area, lines.get(area, 0)) for rule, area in self.placed]
        yield from check_overlaps(placed, self.file)
        if root.get("rules") == [] and root.get("plan_rules") == {}:
            yield Problem(
                "DT224",
                "rules",
                "Line {line} of {file}: there is no rule, and none is taken from plans; add one.",
                {"line": root.lines["rules"], "file": self.file},
            )
        used = _areas_named(root)
        for name, line in lines.items():
            if name not in used:
                yield Problem(
                    "DT225",
                    "rules",
                    "Line {line} of {file}: no rule names area {area}; take it away if none should.",
                    {"line": line, "file": self.file, "area": quoted(name)},
                    WARNING,
                )


def _areas_named(root: Members) -> set[str]:
    """Return the areas that rules name, those with mistakes too."""
    items = root.get("rules")
    named = [item.get("area") for item in items if isinstance(item, Members)] if isinstance(items, list) else []
    return {name for name in named if isinstance(name, str)}


def _other_format(root: Members, file: str) -> Problem | None:
    """Return that a file is no rule file, or of a later form; of what else stands in it nothing can be said."""
    found = root.get("format")
    if found != FORMAT:
        return Problem(
            "DT212",
            "rules",
            'Line {line} of {file}: this is no rule file; its key "format" must be "{format}".',
            {"line": root.lines.get("format", root.line), "file": file, "format": FORMAT},
        )
    version = root.get("format_version")
    if isinstance(version, bool) or version != FORMAT_VERSION:
        return Problem(
            "DT212",
            "rules",
            'Line {line} of {file}: "format_version" is {found} and this plugin reads {known}; write that, or take the '
            "version of the plugin that the file was made for.",
            {
                "line": root.lines.get("format_version", root.line),
                "file": file,
                "found": version if isinstance(version, (int, float)) else quoted(version),
                "known": FORMAT_VERSION,
            },
        )
    return None


def _error_of(problems: list[Problem]) -> InputError:
    """Return the first mistake as an error, which keeps its template for other languages, with how many follow."""
    error = InputError("{problems}", problems="")
    error.message, error.values = problems[0].message, {**problems[0].values, "count": len(problems) - 1}
    if len(problems) > 1:
        error.hint = mark("There are {count} more mistakes; the algorithm Check a rule file lists them.")
    return error


def _too_many(file: str) -> Problem:
    return Problem(
        "DT223",
        "rules",
        "{file} has more than {count} mistakes; mend these first.",
        {"file": file, "count": MOST},
    )
