"""Models of somebody else that were added: each a folder below one root, copied whole from a folder or a zip."""

from __future__ import annotations

import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from dtwin_plugin.errors import FormatError, InputError, file_error
from dtwin_plugin.models.problem import Problem

from .keys import FILE
from .reading import Plugged, read_description

MOST_FILES, MOST_BYTES = 10_000, 1 << 30
_RATIO = 200  # a file that shrinks more is no program and no data
_LEFT_OUT = ("__pycache__", ".git", "__MACOSX")
_BLOCK = 1 << 20
_BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError, ValueError)


def add(source: Path, root: Path, taken: frozenset[str] = frozenset()) -> tuple[Plugged | None, list[Problem]]:
    """Copy a model to where models are kept, in the place of an older version of it; it is not trusted by that.

    Parameters
    ----------
    source : Path
        A folder with a description, or a zip of it.
    root : Path
        Where models are kept.
    taken : frozenset of str
        Ids of our own models.

    Returns
    -------
    plugged : Plugged or None
        None where the description cannot be used; nothing is kept then.
    problems : list of Problem

    Raises
    ------
    InputError, FormatError, SourceError
        If it is neither a folder nor a zip, is too large, or would write outside its folder.
    """
    root.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".added-", dir=root))
    try:
        _unzip(source, temporary) if source.is_file() else _copy(source, temporary)
        plugged, problems = read_description(_inner(temporary))
        if plugged is not None and plugged.id in taken:
            message = "There is a model {id} already; choose another id."
            problems.append(Problem("DT305", "description", message, {"id": plugged.id}))
            plugged = None
        return (_moved(plugged, root) if plugged else None), problems
    except OSError as error:
        raise file_error(error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _moved(plugged: Plugged, root: Path) -> Plugged:
    """Put the folder of a model where it is kept, in the place of an older version."""
    target, old = root / plugged.id, root / f".old-{plugged.id}"
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    plugged.folder.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    return replace(plugged, folder=target)


def added(root: Path) -> Iterator[Plugged]:
    """Yield the models that were added, by id; those whose description is damaged are passed over."""
    if root.is_dir():
        for folder in sorted(item for item in root.iterdir() if (item / FILE).is_file() and item.name[0] != "."):
            plugged = read_description(folder)[0]
            if plugged is not None and plugged.id == folder.name:
                yield plugged


def one(root: Path, name: str) -> Plugged:
    """Return a model that was added; raises InputError where there is none."""
    found = next((plugged for plugged in added(root) if plugged.id == name), None)
    if found is None:
        raise InputError("There is no model of others {id}.", hint="Add it first; choose one of those.", id=name)
    return found


def remove(root: Path, name: str) -> None:
    """Remove a model that was added."""
    shutil.rmtree(one(root, name).folder)


def _inner(folder: Path) -> Path:
    """Return the folder of the description: many zips hold one folder with all in it."""
    inside = [item for item in folder.iterdir() if item.name not in _LEFT_OUT]
    if not (folder / FILE).exists() and len(inside) == 1 and inside[0].is_dir():
        return inside[0]
    return folder


def _copy(source: Path, target: Path) -> None:
    if not source.is_dir():
        raise InputError(
            "{path} is no folder and no zip file.", hint="Choose the folder of the model or its zip.", path=str(source)
        )
    paths = [path for path in source.rglob("*") if not set(path.relative_to(source).parts) & set(_LEFT_OUT)]
    files = [path for path in paths if path.is_symlink() or not path.is_dir()]
    for path in files:
        if path.is_symlink() or not path.is_file():
            raise _refused(path.name, source)
    _check_size(source, len(files), sum(path.stat().st_size for path in files))
    for path in files:
        copied = target / path.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copied)


def _unzip(source: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(source) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check_size(source, len(entries), sum(entry.file_size for entry in entries))
            for entry in entries:
                parts = _safe_parts(entry, source)
                if not set(parts) & set(_LEFT_OUT):
                    _extract(archive, entry, target.joinpath(*parts), source)
    except _BROKEN as error:
        raise FormatError(
            "{file} is no zip file that can be read.", hint="Download it again.", file=source.name
        ) from error


def _safe_parts(entry: zipfile.ZipInfo, source: Path) -> tuple[str, ...]:
    mode = entry.external_attr >> 16
    path = PurePosixPath(entry.filename)
    unsafe = path.is_absolute() or ".." in path.parts or any(c in entry.filename for c in "\\:\0")
    if unsafe or (stat.S_IFMT(mode) and not stat.S_ISREG(mode)) or entry.flag_bits & 1:
        raise _refused(entry.filename, source)
    if entry.file_size > _RATIO * max(entry.compress_size, 1) and entry.file_size > _BLOCK:
        raise _refused(entry.filename, source)
    return path.parts


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, source: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    left = entry.file_size
    with archive.open(entry) as stream, path.open("xb") as copy:
        while block := stream.read(_BLOCK):
            left -= len(block)
            if left < 0:  # larger than it said
                raise _refused(entry.filename, source)
            copy.write(block)
    if (entry.external_attr >> 16) & 0o111:
        path.chmod(0o755)


def _check_size(source: Path, files: int, size: int) -> None:
    if files > MOST_FILES or size > MOST_BYTES:
        raise InputError(
            "{path} holds {files} files of {size} bytes together; at most {most} files and {limit} bytes are taken.",
            hint="Choose the folder of one model, without results or data.",
            path=source.name,
            files=files,
            size=size,
            most=MOST_FILES,
            limit=MOST_BYTES,
        )


def _refused(name: str, source: Path) -> FormatError:
    return FormatError(
        "{file} in {path} is refused: it is a link, locked, grows without measure or lies outside its folder.",
        hint="Ask the owner of the model for a plain folder or zip.",
        file=name[:100],
        path=source.name,
    )
