"""All logs of a file, a zip or a folder, whatever their formats: what each part is, and how it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Union

from dtwin_plugin.data import Extent, Features, Logs
from dtwin_plugin.errors import DtwinError, FormatError, InputError, SourceError
from dtwin_plugin.progress import Progress

from . import registry
from .archive import Member, members
from .stop import stop_if_asked

Found = Union[Logs, Features]
_KINDS = ("bro", "bro_geopackage", "dino", "gef", "log_tables")
INSIDE = ("bro", "gef", "dino")  # what is read from a zip
_SUFFIXES = (".csv", ".gef", ".gpkg", ".parquet", ".txt", ".xml", ".zip")
_NAMED = (".gef", ".gpkg", ".parquet", ".zip")  # of which it is told when they cannot be read; others are no logs
_FILES = 100_000  # in a folder
_HEAD = 8192  # bytes that tell the kind


@dataclass(frozen=True)
class Reading:
    """A part that one source reads.

    Attributes
    ----------
    name : str
        Of the file or folder, for who must know that it is refused.
    read : callable
        `read(extent, progress)` yields its chunks; raises DtwinError where it is refused.
    """

    name: str
    read: Callable[[Extent | None, Progress], Iterator[Found]]


def readings(path: str | Path, *, assume_crs: str | None = None, told: Progress) -> list[Reading]:
    """Return the parts of a file, a zip or a folder.

    Parameters
    ----------
    path : str or path
    assume_crs : str, optional
        Of tables, which cannot state it.
    told : Progress
        Asked whether the user wants to stop.

    Raises
    ------
    InputError
        If it is a file of another kind, or a folder or zip without any logs.
    SourceError, FormatError
        If it is absent, broken or no format that is read here.
    Cancelled
        If the user stops it.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        return _of_folder(path, assume_crs, told)
    if is_zip(path):
        return _of_zip(path) or _refuse_kind(path, registry.find(path).title)
    entry = registry.find(path)
    name = _name_of(entry)
    return [_reading(path, name, assume_crs)] if name in _KINDS else _refuse_kind(path, entry.title)


def _of_folder(folder: Path, assume_crs: str | None, told: Progress) -> list[Reading]:
    """Return the parts of a folder: the documents of the BRO together, as objects lie in wells of other documents."""
    found: list[Reading] = []
    has_bro = False
    for number, file in enumerate(sorted(folder.rglob("*"))):
        stop_if_asked(told)
        if number >= _FILES:
            raise SourceError("{file} holds more than {limit} files.", file=folder.name, limit=_FILES)
        if file.suffix.lower() not in _SUFFIXES or not file.is_file():
            continue
        try:
            if is_zip(file):
                inside = kinds_in(file)
                has_bro |= "bro" in inside
                found += [_reading(file, name, None) for name in inside if name != "bro"]
                continue
            name = _name_of(registry.find(file))
        except DtwinError as error:
            if file.suffix.lower() in _NAMED:
                found.append(_refused(file.name, error))
            continue
        if name == "bro":
            has_bro = True
        elif name in _KINDS:
            found.append(_reading(file, name, assume_crs))
    if has_bro:
        found.insert(0, _reading(folder, "bro", None))
    if not found:
        raise InputError(
            "{file} holds no soundings, boreholes, wells or levels that are read here.",
            hint="Choose a folder with GEF, BRO, DINO or table files.",
            file=folder.name,
        )
    return found


def _of_zip(path: Path) -> list[Reading]:
    return [_reading(path, name, None) for name in kinds_in(path)]


def kinds_in(path: Path) -> list[str]:
    """Return the sources of logs that read something in a zip, each once; raises SourceError, FormatError."""
    found: dict[str, None] = {}
    for member in members(path, lambda name: name.lower().endswith((".csv", ".gef", ".txt", ".xml"))):
        head = _head(member)
        found.update(dict.fromkeys(name for name in INSIDE if registry.SOURCES[name].signature(head)))
        if member.name.lower().endswith(".gef"):
            found["gef"] = None
        if len(found) == len(INSIDE):
            break
    return [name for name in INSIDE if name in found]


def _head(member: Member) -> bytes:
    with member.open() as stream:
        return stream.read(_HEAD)


def is_zip(path: Path) -> bool:
    """Tell whether a file is a zip; raises SourceError where there is none."""
    try:
        with path.open("rb") as stream:
            return stream.read(4) == b"PK\x03\x04"
    except FileNotFoundError:
        raise SourceError("{file} does not exist.", hint="Check the path.", file=str(path)) from None


def _name_of(entry: registry.Entry) -> str:
    return next(name for name, known in registry.SOURCES.items() if known is entry)


def _reading(path: Path, name: str, assume_crs: str | None) -> Reading:
    def read(extent: Extent | None, progress: Progress) -> Iterator[Found]:
        options: dict[str, Any] = {"assume_crs": assume_crs} if name == "log_tables" else {}
        source: Any = registry.SOURCES[name].load()(path, **options)
        yield from source.read(extent, progress)

    return Reading(path.name, read)


def _refused(name: str, error: DtwinError) -> Reading:
    def read(extent: Extent | None, progress: Progress) -> Iterator[Found]:
        raise error
        yield  # a generator, as those that read

    return Reading(name, read)


def _refuse_kind(path: Path, title: str) -> list[Reading]:
    raise FormatError(
        "{file} is of the kind {kind}.", hint="Load it with the algorithm for that.", file=path.name, kind=title
    )
