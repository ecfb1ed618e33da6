"""Descriptions of models of somebody else, read so that every mistake is named with its line.

The form is described in `docs/models/own-models.md` and `docs/schemas/model-1.schema.json`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dtwin_plugin.catalogue.entry import ACCESS_LEVELS
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.models.json_lines import LARGEST, Members, parsed, plain, quoted
from dtwin_plugin.models.json_members import check_members, expected_object
from dtwin_plugin.models.problem import ERROR, Problem
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

from .engine_text import check_engine
from .fields import check_fields, field_of, repeated, wrong
from .keys import FILE, FORMAT, FORMAT_VERSION, MODEL_KEYS

GROUP = mark("Models of others")
ID = re.compile(r"[a-z][a-z0-9]{0,62}")
_WHAT = mark("a description of a model")
# the reader of JSON has the codes of rule files
_CODES = {"DT210": "DT300", "DT211": "DT301", "DT213": "DT302", "DT214": "DT303", "DT215": "DT304"}


@dataclass(frozen=True)
class Plugged:
    """A model of somebody else.

    Attributes
    ----------
    owner, licence, contact, uncertainty : str
        As its description says; "" where it does not.
    engine : dict
        What calculates: "kind" and its keys.
    folder : Path
        Where its files are.
    """

    id: str
    version: str
    title: str
    summary: str
    owner: str
    licence: str
    validity: str
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]
    engine: dict[str, Any]
    folder: Path
    references: tuple[str, ...] = ()
    contact: str = ""
    uncertainty: str = ""
    privacy: str = ""

    def model(self, run: Callable[[Values, Progress], dict[str, Any]]) -> Model:
        """Return it as a model of the socket."""
        return Model(
            self.id,
            self.version,
            self.title,
            GROUP,
            self.summary,
            self.inputs,
            self.outputs,
            run,
            self.references,
            self.validity,
            privacy=self.privacy,
            uncertainty=self.uncertainty,
            owner=self.owner,
            licence=self.licence,
        )


def read_description(folder: Path) -> tuple[Plugged | None, list[Problem]]:
    """Return the model that a folder describes, None where it cannot be used, and what is wrong.

    Returns
    -------
    plugged : Plugged or None
    problems : list of Problem
        DT300 (cannot be read), DT301 (no JSON), DT302 (keys), DT303 (kinds and forms), DT304 (numbers), DT305 (what
        they say), in the order of the lines.
    """
    try:
        with (folder / FILE).open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        return None, [
            Problem(
                "DT300",
                "description",
                "{file} cannot be read: {reason}; put the description of the model in the folder under that name.",
                {"file": FILE, "reason": error.strerror or str(error)},
            )
        ]
    return description_in(content, folder)


def description_in(content: bytes, folder: Path) -> tuple[Plugged | None, list[Problem]]:
    """Return the model of what stands in a description, as `read_description` does.

    >>> description_in(b"[]", Path("."))[1][0].text()
    'DT303 Line 1 of model.json: a description of a model is a list; expected an object between { and }.'
    """
    root, problems = parsed(content, FILE)
    if root is not None or not problems:
        problems += _check(root, folder)
    problems = [_own(problem) for problem in problems]
    problems.sort(key=lambda problem: problem.values.get("line", 0))
    if any(problem.level == ERROR for problem in problems):
        return None, problems
    return _plugged(root, folder), problems


def _own(problem: Problem) -> Problem:
    return dataclasses.replace(problem, code=_CODES.get(problem.code, problem.code), field="description")


def _check(root: Any, folder: Path) -> Iterator[Problem]:
    if not isinstance(root, Members):
        yield expected_object(getattr(root, "line", 1), root, FILE, _WHAT)
        return
    problems = list(check_members(root, MODEL_KEYS, FILE, _WHAT))
    yield from problems
    if problems:
        return
    if root["format"] != FORMAT:
        yield wrong(root, "format", FILE, quoted(FORMAT))
    if root["format_version"] != FORMAT_VERSION:
        yield wrong(root, "format_version", FILE, str(FORMAT_VERSION))
    if not ID.fullmatch(root["id"]):
        yield wrong(root, "id", FILE, mark("small letters and digits, the first a letter"))
    if root.get("privacy", "open") not in ACCESS_LEVELS:
        yield wrong(root, "privacy", FILE, ", ".join(ACCESS_LEVELS))
    if not all(isinstance(text, str) for text in root.get("references", ())):
        yield wrong(root, "references", FILE, mark("a list of texts"))
    yield from _check_parts(root, folder)


def _check_parts(root: Members, folder: Path) -> Iterator[Problem]:
    problems = [*check_fields(root["inputs"], "inputs", FILE), *check_fields(root["outputs"], "outputs", FILE)]
    yield from problems
    if problems:
        return
    if not root["outputs"]:
        yield wrong(root, "outputs", FILE, mark("at least one output"))
    inputs, outputs = ({item["name"]: item["kind"] for item in root[part]} for part in ("inputs", "outputs"))
    for name in repeated(_names(root)):
        yield Problem(
            "DT305",
            "description",
            "Line {line} of {file}: the name {name} stands more than once; each input and output needs its own.",
            {"line": root.lines["inputs"], "file": FILE, "name": quoted(name)},
        )
    yield from check_engine(root["engine"], inputs, outputs, folder, FILE)


def _names(root: Members) -> list[str]:
    return [item["name"] for part in ("inputs", "outputs") for item in root[part]]


def _plugged(root: Members, folder: Path) -> Plugged:
    given = ("id", "version", "title", "summary", "owner", "licence", "validity", "contact", "uncertainty", "privacy")
    parts: dict[str, Any] = {name: root[name] for name in given if name in root}
    return Plugged(
        **parts,
        inputs=tuple(map(field_of, root["inputs"])),
        outputs=tuple(map(field_of, root["outputs"])),
        engine=plain(root["engine"]),
        folder=folder,
        references=tuple(root.get("references", ())),
    )
