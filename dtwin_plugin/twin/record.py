"""The record of a run: enough to judge a result years later, and to make it again.

Terms after W3C PROV: a run is an activity that used entities (inputs) and generated entities (outputs).
"""

from __future__ import annotations

import hashlib
import json
import math
import platform
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.paths import version

from .secrets import hidden, is_secret, without_secrets

FORMAT, FORMAT_VERSION = "dtwin-run", 1
_BLOCK = 1 << 20
_BESIDE = {".shp": (".dbf", ".shx", ".prj", ".cpg")}  # files that belong to one, and change without it


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def checksum(path: Path, cancelled: Callable[[], bool] = lambda: False) -> str:
    """Return the SHA-256 of a file, empty if `cancelled` says so on the way.

    >>> import tempfile
    >>> empty = Path(tempfile.mkstemp()[1])
    >>> checksum(empty)[:8]
    'e3b0c442'
    """
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            if cancelled():
                return ""
            digest.update(block)
    return digest.hexdigest()


def plain(value: Any) -> Any:
    """Return a value as JSON has it: NumPy's numbers as numbers, what is not finite as null, the rest as text."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Mapping):
        return {str(name): plain(hidden(item) if is_secret(str(name)) else item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, int) else without_secrets(str(value))


def checksum_of_data(path: Path, cancelled: Callable[[], bool] = lambda: False) -> str:
    """Return the SHA-256 of a file; of a shapefile that of its parts together, for the table may change alone."""
    found = [checksum(path, cancelled)]
    for suffix in _BESIDE.get(path.suffix.lower(), ()):
        part = path.with_suffix(suffix)
        found += [checksum(part, cancelled)] if part.is_file() else []
    return found[0] if len(found) == 1 else hashlib.sha256("".join(found).encode()).hexdigest()


@dataclass(frozen=True)
class InputRecord:
    """What a run used: where it came from, when it was made, its checksum if it is a file, and whose it is.

    Attributes
    ----------
    name : str
        Of the input of the model.
    source : str
        Path of the file, or address without passwords and keys.
    modified : str
        When the file was last changed, ISO 8601 in UTC.
    sha256 : str
        Of the file; of a shapefile of its parts together.
    layer : str
        How QGIS opens it, where that says more than the path: the table, a filter.
    part : str
        Expression of QGIS that chooses the features that were used, where not all were.
    licence, privacy : str
        As the layer's metadata say; empty where they say nothing.
    """

    name: str
    source: str
    modified: str = ""
    sha256: str = ""
    layer: str = ""
    part: str = ""
    licence: str = ""
    privacy: str = ""

    def __post_init__(self) -> None:
        for name in ("source", "layer"):
            object.__setattr__(self, name, without_secrets(getattr(self, name)))

    def named_as(self, first: InputRecord | None) -> InputRecord:
        """Return the input with the place and the date that it had for a first run, if the data are the same."""
        if first is None or not self.sha256 or first.sha256 != self.sha256:
            return self
        return replace(self, source=first.source, modified=first.modified, layer=first.layer, part=first.part)

    @classmethod
    def of_file(cls, name: str, path: Path, cancelled: Callable[[], bool] = lambda: False, **more: str) -> InputRecord:
        """Return the record of a file."""
        modified = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc).isoformat(timespec="seconds")
        return cls(name, str(path), modified, checksum_of_data(path, cancelled), **more)


_first: ContextVar[RunRecord | None] = ContextVar("first", default=None)  # the run that is made again


@contextmanager
def made_again(first: RunRecord) -> Iterator[None]:
    """Give records that are made meanwhile the id and the times of a run: its results can then be the same bytes.

    The times in a result are when it was made for the first time, as builds that can be repeated have them
    (SOURCE_DATE_EPOCH).
    """
    token = _first.set(first)
    try:
        yield
    finally:
        _first.reset(token)


@dataclass
class RunRecord:
    """What was run, on what, by which version, for how long, and why.

    Attributes
    ----------
    model, model_version, title : str
        What was run.
    purpose, person : str
        Why, and who did it; only what the user wrote, nothing is filled in.
    parameters : dict
        Values of the inputs that are no data, with those that kept their default.
    inputs : list of InputRecord
        The data.
    outputs : dict
        Paths of the files and values of the numbers that were made.
    software : dict
        Versions.
    warnings : list of str
        As the user saw them.
    rights : list of str
        Owners and licences of the data that the results are made of.
    privacy : str
        A level of `twin.privacy`, "" where nothing is said.
    keep_until : str
        Day after which the results must be destroyed, ISO.
    id, started, ended : str
        Times are ISO 8601 in UTC.
    defaults : list of str
        Parameters that had the default of that version.
    checksums : dict
        SHA-256 of the files in `outputs`, by their names there.
    language : str
        ISO 639 code of the titles in the results.
    format, format_version : str, int
        Of the record itself; a record without is older, and read as well.
    """

    model: str
    model_version: str
    title: str
    purpose: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    inputs: list[InputRecord] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    software: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    rights: list[str] = field(default_factory=list)
    privacy: str = ""
    keep_until: str = ""
    id: str = ""
    started: str = ""
    ended: str = ""
    person: str = ""
    defaults: list[str] = field(default_factory=list)
    checksums: dict[str, str] = field(default_factory=dict)
    language: str = ""
    format: str = FORMAT
    format_version: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        self.software = {"dtwin": version(), "python": platform.python_version(), **self.software}
        self.purpose, self.person = without_secrets(self.purpose), without_secrets(self.person)
        first = _first.get()
        self.id = self.id or (first.id if first else f"run-{uuid.uuid4()}")
        self.started = self.started or (first.started if first else _now())
        if first:
            known = {item.name: item for item in first.inputs}
            self.inputs = [item.named_as(known.get(item.name)) for item in self.inputs]

    def end(self) -> None:
        """Note the time at which the run was done."""
        first = _first.get()
        self.ended = first.ended if first and first.ended else _now()

    @property
    def seconds(self) -> float | None:
        """How long the run took [s]; None where it has no end."""
        try:
            return (datetime.fromisoformat(self.ended) - datetime.fromisoformat(self.started)).total_seconds()
        except (ValueError, TypeError):
            return None

    def as_json(self) -> str:
        """Return the record as JSON text."""
        return json.dumps(plain(asdict(self)), indent=2, ensure_ascii=False, allow_nan=False)

    def write(self, path: Path) -> None:
        """Write the record as a JSON file."""
        with written_beside(path) as temporary:
            # the bytes of a file name that are no text become JSON escapes
            temporary.write_text(self.as_json(), encoding="utf-8", errors="backslashreplace")

    def lines(self) -> list[str]:
        """Return the record as lines for the history of a layer's metadata."""
        used = [
            f"{i.name}: {i.source}"
            + (f" (sha256 {i.sha256[:16]}…, {i.modified})" * bool(i.sha256))
            + (f", {i.licence}" * bool(i.licence))
            for i in self.inputs
        ]
        return [
            f"{self.title} {self.model_version}, run {self.id}, {self.started} - {self.ended}",
            *([f"Purpose: {self.purpose}"] if self.purpose else []),
            *([f"Person: {self.person}"] if self.person else []),
            *(f"Input {line}" for line in used),
            *([f"Privacy {self.privacy}, keep until {self.keep_until or 'further notice'}"] if self.privacy else []),
            "Parameters " + json.dumps(plain(self.parameters), ensure_ascii=False),
            "Software " + ", ".join(f"{name} {number}" for name, number in self.software.items()),
            *(f"Warning: {without_secrets(warning)}" for warning in self.warnings),
        ]
