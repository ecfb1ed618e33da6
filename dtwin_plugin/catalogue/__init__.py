"""Which source exists where: the national list, and the organisation's own that goes before it.

The addresses, licences and access levels live in data files, never in code. The national list ships with the plugin;
the environment variable `DTWIN_CATALOGUE` names a JSON file of the same form, whose entries replace those of the same
id and are added otherwise.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from dtwin_plugin.errors import FormatError, InputError, SourceError
from dtwin_plugin.paths import plugin_file

OWN_LIST = "DTWIN_CATALOGUE"
ACCESS_LEVELS = ("open", "open-linkable", "internal", "personal", "confidential")


@dataclass(frozen=True)
class Entry:
    """A source that exists: where it is, whose it is, and what may be done with it.

    Attributes
    ----------
    kind : str
        What it speaks ("wcs", "cityjson-api", "ogcapi-features", …).
    url : str or None
        None: it comes as a file.
    access_level : str
        One of "open", "open-linkable", "internal", "personal", "confidential".
    auth : str
        "none", or what the service asks for.
    confirmed : bool
        Whether address and behaviour were seen in the publisher's own documentation.
    more : mapping
        What else the list says ("layers", "paging", "version", "notes", …).
    """

    id: str
    title: str
    owner: str
    kind: str
    url: str | None
    licence: str
    attribution: str
    access_level: str
    crs: str | None = None
    theme: str = ""
    auth: str = "none"
    confirmed: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def needs_key(self) -> bool:
        """Whether the service asks for a key or an account."""
        return self.auth != "none"


_NAMES = tuple(item.name for item in fields(Entry) if item.name != "more")
_REQUIRED = _TEXTS = _NAMES[: _NAMES.index("crs")]


def entries() -> dict[str, Entry]:
    """Return all known sources by id, the organisation's own before the national ones.

    Raises
    ------
    SourceError, FormatError
        If the organisation's own list cannot be read.
    """
    found = _read(plugin_file("resources", "catalogue", "national.json"))
    own = os.environ.get(OWN_LIST, "")
    return {**found, **_read(Path(own))} if own else found


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


def _read(path: Path) -> dict[str, Entry]:
    try:
        items = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or error
        raise SourceError(
            "The catalogue {file} cannot be read: {reason}.",
            hint="Check the environment variable {variable}.",
            file=str(path),
            reason=reason,
            variable=OWN_LIST,
        ) from error
    except (ValueError, RecursionError) as error:
        raise FormatError("The catalogue {file} is not JSON: {reason}.", file=path.name, reason=error) from error
    if not isinstance(items, list):
        raise FormatError("The catalogue {file} is not a list of sources.", file=path.name)
    return {item.id: item for item in (_entry(number, item, path) for number, item in enumerate(items, 1))}


def _entry(number: int, item: Any, path: Path) -> Entry:
    missing = [name for name in _REQUIRED if name not in item] if isinstance(item, dict) else list(_REQUIRED)
    if missing:
        raise FormatError(
            "Source {number} of the catalogue {file} lacks {missing}.",
            number=number,
            file=path.name,
            missing=", ".join(missing),
        )
    wrong = [name for name in _TEXTS if not isinstance(item[name], str) and (name, item[name]) != ("url", None)]
    if wrong:
        raise FormatError(
            "Source {number} of the catalogue {file} has no text in {names}.",
            number=number,
            file=path.name,
            names=", ".join(wrong),
        )
    if item["url"] is not None and urlsplit(item["url"]).scheme not in ("http", "https"):
        raise FormatError(
            "Source {id} of the catalogue {file} has the address {url}; expected one that starts with https://.",
            id=item["id"],
            file=path.name,
            url=item["url"],
        )
    if item["access_level"] not in ACCESS_LEVELS:
        raise FormatError(
            "Source {id} of the catalogue {file} has the access level {found}; expected one of {expected}.",
            id=item["id"],
            file=path.name,
            found=repr(item["access_level"]),
            expected=", ".join(ACCESS_LEVELS),
        )
    more = {name: value for name, value in item.items() if name not in _NAMES}
    return Entry(**{name: item[name] for name in _NAMES if name in item}, more=MappingProxyType(more))
