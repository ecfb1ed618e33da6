"""What a program of somebody else reads and writes: inputs as files and words, and its files as results."""

from __future__ import annotations

import csv
import re
import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from dtwin_plugin.data import Grid
from dtwin_plugin.errors import DtwinError, ModelError
from dtwin_plugin.models.base import Field
from dtwin_plugin.progress import Progress

from ..media import Value, decode, encode, suffix_of
from ..media.formats import CITYJSON, GEOPACKAGE, GEOTIFF

_FORMATS = {"grid": GEOTIFF, "features": GEOPACKAGE, "surfaces": CITYJSON}
_SUFFIXES = {"table": ".csv", "file": ".bin"}
# Of at most 15 whole digits, which a float keeps, and without a zero before them.
_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]{0,14})(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
LARGEST = 4 << 30  # bytes of one result


@dataclass(frozen=True)
class Delivered:
    """A file that a program made, which knows how to be written elsewhere."""

    content: bytes

    def write(self, path: Path) -> None:
        """Write it beside and rename it."""
        from dtwin_plugin.data.atomic import written_beside

        with written_beside(path) as temporary:
            temporary.write_bytes(self.content)


def given(item: Field, value: Any, folder: Path, progress: Progress) -> str:
    """Return what a program is given for an input: a word, or the path of a file that is written for it.

    A grid is a GeoTIFF, features are a GeoPackage, surfaces CityJSON and a table CSV; a file is copied, so that no
    program changes the file of the user.
    """
    path = folder / f"{item.name}{_suffix(item)}"
    if item.kind in _FORMATS:
        path.write_bytes(encode(item, value, _FORMATS[item.kind], progress).data)
    elif item.kind in ("file", "points"):
        path = folder / f"{item.name}{Path(value).suffix}"
        shutil.copyfile(value, path)
    elif item.kind == "table":
        _write_table(value, path)
    else:
        return _word(value)
    return str(path)


def place_of(item: Field, folder: Path) -> Path:
    """Return the path that a program must write a result to; plain values are written as text."""
    return folder / f"{item.name}{_suffix(item)}"


def taken(item: Field, path: Path, title: str, progress: Progress) -> Any:
    """Return the result in a file that a program made, None where an optional one is not there.

    Raises
    ------
    ModelError
        If it is not there, too large, or not what its description says.
    """
    if not path.is_file():
        if item.optional:
            return None
        raise _wrong(item, title, "it was not made")
    if path.stat().st_size > LARGEST:
        raise _wrong(item, title, "it is larger than 4 GB")
    try:
        if item.kind in _FORMATS:
            value = Value(path.read_bytes(), _FORMATS[item.kind])
            return _stated(item, decode(item, value, path.parent, to_rd=True, progress=progress))
        return _plain(item, path)
    except (DtwinError, ValueError, KeyError, csv.Error, OSError) as error:
        raise _wrong(item, title, str(error)) from error


def _stated(item: Field, carrier: Any) -> Any:
    """Return a result with the unit of its description; raises ValueError where its file says another."""
    if not isinstance(carrier, Grid):
        return carrier
    if carrier.unit not in ("1", "", item.unit):
        raise ValueError(f"its unit is {carrier.unit}; expected {item.unit}")
    return replace(carrier, unit=item.unit, name=item.title)


def _plain(item: Field, path: Path) -> Any:
    if item.kind == "file":
        return Delivered(path.read_bytes())
    if item.kind == "table":
        return _read_table(item, path)
    text = path.read_text(encoding="utf-8-sig").strip()
    if item.kind == "boolean":
        found = {"true": True, "false": False, "1": True, "0": False}.get(text.lower())
        if found is None:
            raise ValueError(f"it is {text[:60]}; expected true or false")
        return found
    return {"number": float, "integer": int}.get(item.kind, str)(text)


def _suffix(item: Field) -> str:
    if item.kind in _FORMATS:
        return suffix_of(_FORMATS[item.kind])
    if item.kind == "file" and item.style.startswith(".") and item.style[1:].isalnum():
        return item.style
    return _SUFFIXES.get(item.kind, ".txt")


def _word(value: Any) -> str:
    """Return a plain value as a program reads it.

    >>> _word(True), _word(2.50), _word("a b")
    ('true', '2.5', 'a b')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "bounds"):  # an area in RD New
        return ",".join(f"{number:.3f}" for number in value.bounds)
    return str(value)


def _write_table(columns: dict[str, list[Any]], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(["" if cell is None else cell for cell in row] for row in zip(*columns.values()))


def _read_table(item: Field, path: Path) -> dict[str, list[Any]]:
    with path.open(newline="", encoding="utf-8-sig") as stream:
        rows = [row for row in csv.reader(stream) if row]
    header, rows = (rows[0], rows[1:]) if rows else ([], [])
    missing = [name for name in item.columns if name not in header]
    if missing or len(set(header)) < len(header) or any(len(row) != len(header) for row in rows):
        raise ValueError(f"its columns are {', '.join(header)}; expected {', '.join(item.columns)}")
    return {name: _column([row[place].strip() for row in rows]) for place, name in enumerate(header)}


def _column(texts: list[str]) -> list[Any]:
    """Return a column as numbers where all are: as such, 0363 would lose its zero and a long id its last digits.

    >>> _column(["1.5", "", "-2e3"]), _column(["0363100012168052", "", "1"]), _column(["NaN"])
    ([1.5, None, -2000.0], ['0363100012168052', None, '1'], [nan])
    """
    told = [text for text in texts if text]
    is_number = all(_NUMBER.fullmatch(text) or text.lower() == "nan" for text in told)
    return [(float(text) if is_number else text) if text else None for text in texts]


def _wrong(item: Field, title: str, reason: str) -> ModelError:
    return ModelError(
        "{title} gave no usable {field}: {reason}.",
        hint="Ask the owner of the model.",
        title=title,
        field=item.title,
        reason=reason.rstrip("."),
    )
