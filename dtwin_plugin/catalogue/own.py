"""The organisation's own list: add, replace and remove sources, take over a list of others, hand out one's own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import FormatError, InputError
from dtwin_plugin.translate import mark

from .entry import Entry, entry_of
from .products import LOADERS
from .reading import OWN_LIST, entries, national_entries, own_entries, own_list_path, rows_of, twice
from .searching import folded

# what a person must fill in of a source, and what it is called there
NEEDED = {"title": mark("Title"), "url": mark("Web address"), "owner": mark("Owner"), "licence": mark("Licence")}
_LAYERS = mark("Layers")
_LONGEST_ID = 40


@dataclass(frozen=True)
class Imported:
    """What became of the rows of a list that was taken over.

    Attributes
    ----------
    added, replaced, unchanged : tuple of str
        Ids; replaced are those that the own list had, with other facts.
    refused : tuple of (str, FormatError)
        What it was called, and why it is none.
    overriding : tuple of str
        Ids of the national list among those added and replaced: theirs are the addresses from now on.
    """

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    refused: tuple[tuple[str, FormatError], ...] = ()
    overriding: tuple[str, ...] = ()


def described(values: Mapping[str, str], earlier: Entry | None = None) -> Entry:
    """Return the source that a person describes; what else an earlier form of it says stays.

    Parameters
    ----------
    values : mapping
        "title", "url", "kind", "owner", "licence", "access_level", "theme", and "layers" with commas between them.
    earlier : Entry, optional
        What is changed: its id stays. Without it the id follows from the title.

    Raises
    ------
    InputError
        If something is not filled in that is needed.
    FormatError
        If something is not what it should be.
    """
    given = {name: " ".join(text.split()) for name, text in values.items()}
    layers = [name for name in (part.strip() for part in given.pop("layers", "").split(",")) if name]
    for name, title in NEEDED.items():
        if not given.get(name):
            raise InputError("The field {field} is empty.", hint="A source needs it.", field=title)
    if LOADERS.get(given["kind"], ("", ""))[1] and not layers:
        raise InputError(
            "The field {field} is empty.",
            hint="Name the layers or collections to load, with commas between them.",
            field=_LAYERS,
        )
    row = earlier.as_row() if earlier is not None else {"id": fresh_id(given["title"])}
    if earlier is not None and earlier.title != given["title"]:
        row.pop("title_nl", None)  # it would hide the new one
    if earlier is None or earlier.attribution == earlier.owner:
        row["attribution"] = given["owner"]
    return entry_of(1, {**row, **given, "layers": layers}, _place().name)


def fresh_id(title: str) -> str:
    """Return an id for a source that no source has, after its title.

    >>> fresh_id("Bomen van Súdwest-Fryslân"), fresh_id("BAG WFS")
    ('bomen-van-sudwest-fryslan', 'bag-wfs-2')
    """
    bare = "".join(c for c in folded(title) if c.isascii()).split()
    stem = "-".join(bare)[:_LONGEST_ID].strip("-") or "source"
    known = entries()
    names = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(known) + 2))
    return next(name for name in names if name not in known)


def put(entry: Entry) -> None:
    """Add a source to the own list, or replace the one of the same id.

    Raises
    ------
    FormatError
        If a fact of it is not what it should be.
    InputError
        If there is no place for an own list.
    """
    _write({**_known(), entry.id: entry_of(1, entry.as_row(), _place().name)})


def remove(name: str) -> None:
    """Remove a source from the own list; a national one of the same id is seen again.

    Raises
    ------
    InputError
        If the own list does not have it.
    """
    known = _known()
    if name not in known:
        raise InputError(
            "The own list has no source {id}; those of the national list stay.",
            hint="The own list has: {known}.",
            id=name,
            known=", ".join(sorted(known)) or "-",
        )
    del known[name]
    _write(known)


def import_list(content: bytes, file: str) -> Imported:
    """Take over the sources of a list of the same form into the own list, in one write.

    The whole list is looked at before anything changes; rows that describe no source are refused and the others kept.

    Raises
    ------
    FormatError
        If it is no list, or none of its rows is a source.
    InputError
        If there is no place for an own list.
    """
    path, known = _place(), _known()
    fresh: dict[str, Entry] = {}
    refused: list[tuple[str, FormatError]] = []
    rows = rows_of(content, file)
    for number, row in enumerate(rows, 1):
        try:
            item = entry_of(number, row, file)
            if item.id in fresh:
                raise twice(item.id, file)
            fresh[item.id] = item
        except FormatError as error:
            named = row.get("id") if isinstance(row, dict) else None
            refused.append((named[:100] if isinstance(named, str) else f"{number}", error))
    if rows and not fresh:
        raise refused[0][1]
    changed = {name: item for name, item in fresh.items() if name in known and known[name] != item}
    added = tuple(name for name in fresh if name not in known)
    if added or changed:
        _write({**known, **fresh}, path)
    same = tuple(name for name in fresh if name in known and name not in changed)
    overriding = tuple(name for name in (*added, *changed) if name in national_entries())
    return Imported(added, tuple(changed), same, tuple(refused), overriding)


def write_list(entries: Iterable[Entry], path: Path) -> None:
    """Write sources as a list, one a line, sorted by id; what was there is replaced when all is written."""
    rows = [json.dumps(item.as_row(), ensure_ascii=False) for item in sorted(entries, key=lambda item: item.id)]
    with written_beside(path) as temporary:
        temporary.write_text("[\n" + ",\n".join(f" {row}" for row in rows) + "\n]\n", encoding="utf-8")


def _place() -> Path:
    path = own_list_path()
    if path is None:
        raise InputError(
            "There is no place for an own list of sources.",
            hint="Set the environment variable {variable} to a file.",
            variable=OWN_LIST,
        )
    return path


def _known() -> dict[str, Entry]:
    """Return what the own list has; nothing where it has not been made yet, also if the environment names it."""
    path = own_list_path()
    return dict(own_entries()) if path is not None and path.exists() else {}


def _write(known: dict[str, Entry], path: Path | None = None) -> None:
    write_list(known.values(), path or _place())
