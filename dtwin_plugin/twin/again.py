"""A run that is made again: what has changed since, and whether its results are the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dtwin_plugin.translate import mark

from .record import InputRecord, RunRecord, checksum, checksum_of_data, plain

VERSION, SOFTWARE, INPUT, UNCHECKED, DEFAULT, NEW, GONE = (
    "version", "software", "input", "unchecked", "default", "new", "gone"
)  # fmt: skip
# kind of change -> its sentence
MESSAGES = {
    VERSION: mark("{name} was of version {first}, and is of version {now}."),
    SOFTWARE: mark("{name} was {first}, and is {now}."),
    INPUT: mark("The data of {name} have changed: SHA-256 was {first}, and is {now}."),
    UNCHECKED: mark("Whether the data of {name} are the same cannot be told: {first} is no file with a checksum."),
    DEFAULT: mark("The default of {name} was {first}, and is {now}; the run has {first}."),
    NEW: mark("{name} is new; the run has its default, {now}."),
    GONE: mark("{name} was {first}, and is asked no longer."),
}


@dataclass(frozen=True)
class Change:
    """What is no longer as it was: a key of `MESSAGES`, of what, and both values."""

    kind: str
    name: str
    first: Any = ""
    now: Any = ""

    def text(self, translate: Callable[[str], str] = str) -> str:
        """Return it as one sentence.

        >>> Change(SOFTWARE, "qgis", "3.34", "3.40").text()
        'qgis was 3.34, and is 3.40.'
        """
        return translate(MESSAGES[self.kind]).format(name=self.name, first=self.first, now=self.now)


def located(item: InputRecord, folder: Path | None) -> Path | None:
    """Return where the file of an input is: in a folder that is looked in first, or where it was; None if nowhere."""
    places = [Path(item.source)]
    if folder is not None and folder.is_dir():
        named = (path for path in folder.iterdir() if path.name.startswith(f"{item.name}."))
        places[:0] = [folder / Path(item.source).name, *sorted(named)]
    return next((path for path in places if _is_file(path)), None)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a record may name anything: this is too long for a name
        return False


def changes(
    record: RunRecord,
    version: str,
    defaults: Mapping[str, Any],
    software: Mapping[str, str],
    language: str,
    files: Mapping[str, Path | None],
) -> list[Change]:
    """Return what has changed since a run.

    Parameters
    ----------
    version : str
        Of the model now.
    defaults : mapping of str to object
        Default of each parameter of the model that is no data.
    software : mapping of str to str
        Versions now.
    files : mapping of str to Path or None
        Where the file of each input is now.
    """
    found = [] if record.model_version == version else [Change(VERSION, record.model, record.model_version, version)]
    for name, number in record.software.items():
        if software.get(name, number) != number:
            found.append(Change(SOFTWARE, name, number, software[name]))
    if record.language and record.language != language:
        found.append(Change(SOFTWARE, "language", record.language, language))
    for item in record.inputs:
        path = files.get(item.name)
        now = checksum_of_data(path) if path is not None and item.sha256 else ""
        if not now:
            found.append(Change(UNCHECKED, item.name, item.source))
        elif now != item.sha256:
            found.append(Change(INPUT, item.name, item.sha256, now))
    return found + _of_parameters(record, defaults)


def _of_parameters(record: RunRecord, defaults: Mapping[str, Any]) -> list[Change]:
    found = []
    for name, now in defaults.items():
        if name not in record.parameters:
            found.append(Change(NEW, name, "", plain(now)))
        elif name in record.defaults and record.parameters[name] != plain(now):
            found.append(Change(DEFAULT, name, record.parameters[name], plain(now)))
    used = {item.name for item in record.inputs}
    gone = [name for name in record.parameters if name not in defaults and name not in used]
    return found + [Change(GONE, name, record.parameters[name]) for name in gone if record.parameters[name] is not None]


def compared(record: RunRecord, made: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row for each result of a run: its name, what it was, what it is, and whether these are equal.

    Files are compared by their SHA-256, others by their values. Where the first is not known, `equal` is None.

    Parameters
    ----------
    made : mapping of str to object
        The results of the new run: paths and values.
    """
    rows = []
    for name, first in record.outputs.items():
        if name not in made:
            rows.append({"name": name, "first": plain(first), "again": None, "equal": False})
            continue
        path = Path(str(made[name]))
        if name in record.checksums or (isinstance(first, str) and path.is_file()):
            before = record.checksums.get(name, "")
            again = checksum(path) if path.is_file() else ""
            rows.append({"name": name, "first": before, "again": again, "equal": before == again if before else None})
        else:
            before, again = plain(first), plain(made[name])
            rows.append({"name": name, "first": before, "again": again, "equal": before == again})
    return rows
