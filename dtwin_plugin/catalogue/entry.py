"""One source of the catalogue, and whether a row of a list describes one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Callable
from urllib.parse import urlsplit

from dtwin_plugin.errors import FormatError
from dtwin_plugin.translate import mark

ACCESS_LEVELS = ("open", "open-linkable", "internal", "personal", "confidential")
# words of "updated" that are shown in the user's language
FREQUENCIES = (
    mark("every minute"),
    mark("hourly"),
    mark("daily"),
    mark("weekly"),
    mark("monthly"),
    mark("quarterly"),
    mark("yearly"),
)
_EDITION = mark("edition {name}")
_LONGEST = 4000  # characters of a text; an address or a note is never longer


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

    @property
    def is_template(self) -> bool:
        """Whether the address has places to fill in, such as the number of a tile."""
        return "{" in (self.url or "")

    @property
    def updated(self) -> str | None:
        """How fresh the data are ("daily", "edition 2025.09.03"), as the list says it; None: unknown."""
        return self.more.get("updated") or None

    def freshness(self, translate: Callable[[str], str] = str) -> str:
        """Return how fresh the data are, for people.

        >>> item = Entry("a", "A", "O", "wfs", None, "CC0", "O", "open", more={"updated": "yearly, edition 2026"})
        >>> item.freshness({"yearly": "jaarlijks", "edition {name}": "uitgave {name}"}.get)
        'jaarlijks, uitgave 2026'
        """
        parts = []
        for part in (self.updated or mark("unknown")).split(", "):
            edition = part.startswith("edition ")
            text = translate(_EDITION if edition else part) or part
            parts.append(text.format(name=part[8:]) if edition else text)
        return ", ".join(parts)

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers or collections that the list names."""
        return tuple(self.more.get("layers", ()))

    @property
    def moved_from(self) -> tuple[str, ...]:
        """Beginnings of addresses that it had before."""
        return tuple(self.more.get("moved_from", ()))

    def title_in(self, language: str) -> str:
        """Return the title in a language ("nl"), in English where it has none."""
        return str(self.more.get(f"title_{language}") or self.title)

    def as_row(self) -> dict[str, Any]:
        """Return the entry as a row of a list: what `entry_of` reads."""
        plain = {item: getattr(self, item) for item in _NAMES}
        return {
            **{name: value for name, value in plain.items() if value not in (None, "") or name == "url"},
            **self.more,
        }


_NAMES = tuple(item.name for item in fields(Entry) if item.name != "more")
_REQUIRED = _NAMES[: _NAMES.index("crs")]
_TEXTS = (*_REQUIRED, "theme", "auth", "notes", "updated", "refresh", "version", "title_nl", "probe")
_MAY_BE_NONE = ("url", "crs")
_LISTS = ("layers", "moved_from")


def entry_of(number: int, row: Any, file: str) -> Entry:
    """Return the source that a row of a list describes.

    >>> entry_of(1, {"id": "a"}, "own.json")
    Traceback (most recent call last):
    ...
    dtwin_plugin.errors.FormatError: Source 1 of the catalogue own.json lacks title, owner, kind, url, licence, \
attribution, access_level.

    Raises
    ------
    FormatError
        If it lacks something, or something is not what it should be.
    """
    _expect_all(number, row, file)
    _expect_texts(number, row, file)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", row["id"]):  # names folders and is part of addresses
        raise FormatError(
            "Source {number} of the catalogue {file} has the id {id}; expected letters, digits, dots and hyphens.",
            number=number,
            file=file,
            id=repr(row["id"][:100]),
        )
    if row["url"] is not None and not _is_web_address(row["url"]):
        raise FormatError(
            "Source {id} of the catalogue {file} has the address {url}; expected one that starts with https://.",
            id=row["id"],
            file=file,
            url=row["url"],
        )
    if row["access_level"] not in ACCESS_LEVELS:
        raise FormatError(
            "Source {id} of the catalogue {file} has the access level {found}; expected one of {expected}.",
            id=row["id"],
            file=file,
            found=repr(row["access_level"]),
            expected=", ".join(ACCESS_LEVELS),
        )
    more = {name: value for name, value in row.items() if name not in _NAMES}
    return Entry(**{name: row[name] for name in _NAMES if name in row}, more=MappingProxyType(more))


def _expect_all(number: int, row: Any, file: str) -> None:
    missing = [name for name in _REQUIRED if name not in row] if isinstance(row, dict) else list(_REQUIRED)
    if missing:
        raise FormatError(
            "Source {number} of the catalogue {file} lacks {missing}.",
            number=number,
            file=file,
            missing=", ".join(missing),
        )


def _expect_texts(number: int, row: Mapping[str, Any], file: str) -> None:
    wrong = [name for name in (*_TEXTS, "crs") if name in row and not _is_text(name, row[name])]
    wrong += [name for name in _LISTS if name in row and not _is_list_of_texts(row[name])]
    if wrong:
        raise FormatError(
            "Source {number} of the catalogue {file} has no text in {names}.",
            number=number,
            file=file,
            names=", ".join(wrong),
        )
    if not isinstance(row.get("confirmed", False), bool):
        raise FormatError(
            "Source {number} of the catalogue {file} has {found} in confirmed; expected true or false.",
            number=number,
            file=file,
            found=repr(row["confirmed"])[:100],
        )


def _is_text(name: str, value: Any) -> bool:
    return value is None and name in _MAY_BE_NONE or isinstance(value, str) and len(value) <= _LONGEST


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(_is_text("", item) for item in value)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s<>\"]", url)
    except ValueError:  # "https://[" is no address either
        return False
