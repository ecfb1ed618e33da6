"""The record of a run: enough to judge a result years later, and to make it again.

Terms after W3C PROV: a run is an activity that used entities (inputs) and generated entities (outputs).
"""

from __future__ import annotations

import hashlib
import json
import math
import platform
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.paths import version

_BLOCK = 1 << 20


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


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: NumPy's numbers as numbers, what is not finite as null, the rest as text."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (str, int)) else str(value)


@dataclass(frozen=True)
class InputRecord:
    """What a run used: where it came from, when it was made, and its checksum if it is a file."""

    name: str
    source: str
    modified: str = ""
    sha256: str = ""

    @classmethod
    def of_file(cls, name: str, path: Path, cancelled: Callable[[], bool] = lambda: False) -> InputRecord:
        """Return the record of a file."""
        modified = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc).isoformat(timespec="seconds")
        return cls(name, str(path), modified, checksum(path, cancelled))


@dataclass
class RunRecord:
    """What was run, on what, by which version, for how long, and why."""

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
    privacy: str = ""  # one of privacy.LEVELS, "" where nothing is said
    keep_until: str = ""  # day after which the results must be destroyed, ISO
    id: str = field(default_factory=lambda: f"run-{uuid.uuid4()}")
    started: str = field(default_factory=_now)
    ended: str = ""

    def __post_init__(self) -> None:
        self.software = {"dtwin": version(), "python": platform.python_version(), **self.software}

    def end(self) -> None:
        """Note the time at which the run was done."""
        self.ended = _now()

    def as_json(self) -> str:
        """Return the record as JSON text."""
        return json.dumps(_plain(asdict(self)), indent=2, ensure_ascii=False, allow_nan=False)

    def write(self, path: Path) -> None:
        """Write the record as a JSON file."""
        with written_beside(path) as temporary:
            # the bytes of a file name that are no text become JSON escapes
            temporary.write_text(self.as_json(), encoding="utf-8", errors="backslashreplace")

    def lines(self) -> list[str]:
        """Return the record as lines for the history of a layer's metadata."""
        used = [
            f"{i.name}: {i.source}" + (f" (sha256 {i.sha256[:16]}…, {i.modified})" * bool(i.sha256))
            for i in self.inputs
        ]
        return [
            f"{self.title} {self.model_version}, run {self.id}, {self.started} - {self.ended}",
            *([f"Purpose: {self.purpose}"] if self.purpose else []),
            *(f"Input {line}" for line in used),
            *([f"Privacy {self.privacy}, keep until {self.keep_until or 'further notice'}"] if self.privacy else []),
            "Parameters " + json.dumps(_plain(self.parameters), ensure_ascii=False),
            "Software " + ", ".join(f"{name} {number}" for name, number in self.software.items()),
            *(f"Warning: {warning}" for warning in self.warnings),
        ]
