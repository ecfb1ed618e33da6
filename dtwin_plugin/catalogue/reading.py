"""Reading the lists: the national one that ships, and the organisation's own before it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from dtwin_plugin.errors import DtwinError, FormatError, InputError, SourceError
from dtwin_plugin.paths import plugin_file

from .entry import Entry, entry_of

OWN_LIST = "DTWIN_CATALOGUE"
LARGEST = 16 << 20  # bytes of a list; the national one takes 40 kB

_State = tuple[str, int, int]
_read_lists: dict[_State, Mapping[str, Entry]] = {}
_own_list: list[Path] = []  # the path that the plugin gave, if it gave one


def use_own_list(path: str | Path | None) -> None:
    """Use an organisation's own list, which need not exist yet; the environment variable goes before it."""
    _own_list[:] = [] if path is None else [Path(path)]


def own_list_path() -> Path | None:
    """Return where the organisation's own list is, or will be when something is added; None: nowhere."""
    named = os.environ.get(OWN_LIST, "")
    return Path(named) if named else next(iter(_own_list), None)


def entries() -> dict[str, Entry]:
    """Return all known sources by id, the organisation's own before the national ones.

    Raises
    ------
    SourceError, FormatError
        If the organisation's own list cannot be read.
    """
    return {**national_entries(), **own_entries()}


def national_entries() -> Mapping[str, Entry]:
    """Return the sources of the list that ships, by id."""
    return read_list(plugin_file("resources", "catalogue", "national.json"))


def own_entries() -> Mapping[str, Entry]:
    """Return the sources of the organisation's own list, by id; none where it has not been made yet.

    Raises
    ------
    SourceError, FormatError
        If it cannot be read, or is not there while the environment variable names it.
    """
    path = own_list_path()
    if path is None or not os.environ.get(OWN_LIST) and not path.exists():
        return {}
    return read_list(path)


def entry(name: str) -> Entry:
    """Return one source.

    >>> entry("3dbag-api").licence
    'CC BY 4.0'

    Raises
    ------
    InputError
        If the catalogue has no source of that id.
    """
    found = entries()
    if name not in found:
        raise InputError(
            "The catalogue has no source {id}.",
            hint="Known are: {known}.",
            id=name,
            known=", ".join(sorted(found)),
        )
    return found[name]


def url_of(name: str) -> str:
    """Return the address of one source.

    Raises
    ------
    InputError
        If the catalogue has no source of that id, or it has no address.
    """
    found = entry(name)
    if not found.url:
        raise InputError("The source {title} has no address; it comes as a file.", title=found.title)
    return found.url


def read_list(path: Path) -> Mapping[str, Entry]:
    """Return the sources of a list by id; one that has not changed is not read again.

    Raises
    ------
    SourceError, FormatError
        If it cannot be read, or is not a list of sources.
    """
    try:
        status = path.stat()
        state = (str(path), status.st_mtime_ns, status.st_size)
        known = _read_lists.get(state)
        if known is None:
            _expect_size(status.st_size, path.name)
            known = MappingProxyType(parsed(path.read_bytes(), path.name))
            for old in [other for other in list(_read_lists) if other[0] == state[0]]:
                _read_lists.pop(old, None)  # another thread may have been here
            _read_lists[state] = known
    except OSError as error:
        raise SourceError(
            "The catalogue {file} cannot be read: {reason}.",
            hint="Check the environment variable {variable}.",
            file=str(path),
            reason=error.strerror or error,
            variable=OWN_LIST,
        ) from error
    return known


def parsed(content: bytes, file: str) -> dict[str, Entry]:
    """Return the sources of a list by id; all of it must be right.

    Raises
    ------
    FormatError
        If it is not a list of sources, or names one twice.
    """
    found: dict[str, Entry] = {}
    for number, row in enumerate(rows_of(content, file), 1):
        item = entry_of(number, row, file)
        if item.id in found:
            raise twice(item.id, file)
        found[item.id] = item
    return found


def rows_of(content: bytes, file: str) -> list[object]:
    """Return the rows of a list as they are.

    Raises
    ------
    FormatError
        If it is too large, or no list as JSON.
    """
    _expect_size(len(content), file)
    try:
        rows = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FormatError("The catalogue {file} is not JSON: {reason}.", file=file, reason=error) from error
    if not isinstance(rows, list):
        raise FormatError("The catalogue {file} is not a list of sources.", file=file)
    return rows


def twice(name: str, file: str) -> DtwinError:
    """Return the error of an id that stands twice in a list."""
    return FormatError("The catalogue {file} has the source {id} twice.", hint="Remove one.", file=file, id=name)


def _expect_size(size: int, file: str) -> None:
    if size > LARGEST:
        raise FormatError(
            "The catalogue {file} has {size} bytes; expected at most {limit}.", file=file, size=size, limit=LARGEST
        )
