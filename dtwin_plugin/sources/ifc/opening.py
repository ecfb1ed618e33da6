"""An IFC file, checked and opened; out of a zip where it is in one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dtwin_plugin.errors import FormatError, MissingDependencyError, SourceError
from dtwin_plugin.progress import Progress

from ..archive import members
from ..lfs import refuse_pointer
from .georeference import Note, mark
from .step import check, schema_of

_HEAD = 64 << 10
_NAMES = (".ifc", ".ifcxml", ".xml")
_XML_NAMES = (b"<ifcXML", b"iso_10303_28", b"ifcXML")


@dataclass(frozen=True)
class Opened:
    """A file that is in memory, and what was wrong with it.

    Attributes
    ----------
    model : ifcopenshell.file
    schema : str
        As the file states it.
    """

    model: Any
    schema: str
    notes: tuple[Note, ...] = ()


def library() -> Any:
    """Return the module ifcopenshell; raises MissingDependencyError."""
    try:
        import ifcopenshell
        import ifcopenshell.geom
    except ImportError:
        raise MissingDependencyError("ifcopenshell", "read IFC models") from None
    return ifcopenshell


@contextmanager
def opened(path: Path, progress: Progress) -> Iterator[Opened]:
    """Give the model of a file, checked before ifcopenshell sees it.

    Raises
    ------
    SourceError, FormatError
        If it cannot be read or is no IFC.
    MissingDependencyError
        If ifcopenshell is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="dtwin-ifc-") as folder:
        plain = _plain(path, Path(folder))
        with plain.open("rb") as stream:
            head = stream.read(_HEAD)
        _refuse_other(head, path.name)
        stated, schema = schema_of(head, path.name)
        check(plain, path.name, progress)
        notes = []
        if stated.upper() != schema:
            plain = _renamed(plain, Path(folder), stated, schema)
        if schema == "IFC4X3_ADD2" and stated.upper() not in ("IFC4X3_ADD2", "IFC4X3"):
            notes.append(Note(mark("The schema {schema} is read as IFC4X3_ADD2."), {"schema": stated}))
        model, errors = _open(plain, path.name)
        if errors:
            notes.append(Note(mark("{count} instances of the file could not be read."), {"count": errors}))
        yield Opened(model, stated, tuple(notes))


def _plain(path: Path, folder: Path) -> Path:
    """Return the file itself, or the one IFC file within a zip, unpacked for as long as it is needed."""
    found = list(members(path, lambda name: name.lower().endswith(_NAMES)))
    if not found:
        raise FormatError("{file} holds no IFC file.", hint="Choose a zip with one .ifc file.", file=path.name)
    if not found[0].names:
        return path
    if len(found) > 1:
        raise FormatError(
            "{file} holds {count} IFC files; expected one.",
            hint="Unpack it and load them one by one.",
            file=path.name,
            count=len(found),
        )
    target = folder / "model.ifc"
    with found[0].open() as stream, target.open("wb") as copy:
        shutil.copyfileobj(stream, copy, 1 << 20)
    return target


def _refuse_other(head: bytes, file: str) -> None:
    refuse_pointer(head, file)
    if not head.strip():
        raise FormatError("{file} is empty.", hint="Download or export it again.", file=file)
    if any(name in head[:4096] for name in _XML_NAMES):
        raise FormatError(
            "{file} is IFC as XML, which is not read here.",
            hint="Export it as IFC (STEP), with suffix .ifc.",
            file=file,
        )
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"ISO-10303-21"):
        raise FormatError(
            "{file} is no IFC file: it begins with {found}; expected ISO-10303-21.",
            hint="Export it again as IFC.",
            file=file,
            found=repr(head[:20].decode("latin-1")),
        )


def _renamed(plain: Path, folder: Path, stated: str, schema: str) -> Path:
    """Return a copy whose header states the schema that ifcopenshell knows."""
    target = folder / "renamed.ifc"
    with plain.open("rb") as stream, target.open("wb") as copy:
        head = stream.read(_HEAD)
        copy.write(head.replace(f"'{stated}'".encode("latin-1"), f"'{schema}'".encode("latin-1")))
        shutil.copyfileobj(stream, copy, 1 << 20)
    return target


def _open(plain: Path, file: str) -> tuple[Any, int]:
    """Return the model and how many instances were wrong."""
    lib = library()
    lib.get_log()  # what was said of another file
    try:
        model = lib.open(str(plain))
    except lib.Error as error:
        reason = str(error).split("\n")[0].rstrip(".")
        raise FormatError(
            "{file} is not a readable IFC file: {reason}.", hint="Export it again.", file=file, reason=reason
        ) from error
    except (OSError, RuntimeError, ValueError) as error:
        raise SourceError("{file} cannot be read: {reason}.", file=file, reason=str(error).rstrip(".")) from error
    errors = sum(line.startswith("[error]") for line in lib.get_log().splitlines())
    return model, errors
