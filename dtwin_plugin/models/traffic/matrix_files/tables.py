"""Matrices as text: a row for each pair of zones, a row for each origin, and a row for each trip of a survey."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dtwin_plugin.data.matrices import Matrices, zone_text
from dtwin_plugin.errors import FormatError

from .limits import expect_names, expect_room
from .numbers import decimal_of, numbers_of, spoilt

_SEPARATORS = ";\t|,"
# names of columns, of letters and digits alone and in small letters: of models, CBS StatLine and the survey ODiN
ORIGINS = (
    "origin", "orig", "o", "from", "fromzone", "ozone", "i", "row", "herkomst", "herkomstzone", "van", "vanzone",
    "vertrek", "vertrekzone", "vertpc", "vertgem", "woonregio", "woonregios", "woongemeente", "woongebied",
)  # fmt: skip
DESTINATIONS = (
    "destination", "dest", "d", "to", "tozone", "dzone", "j", "column", "col", "bestemming", "bestemmingzone",
    "bestemmingszone", "naar", "naarzone", "aankomst", "aankomstzone", "aankpc", "aankgem", "werkregio", "werkregios",
    "werkgemeente", "werkgebied",
)  # fmt: skip
_SURVEY = "factorv"  # weight of a trip in ODiN, OViN and MON: many rows a pair, which add up
_NO_VALUES = ("id", "perioden", "periode", "jaar")  # of StatLine: numbers that are no trips
_VALUE = "trips"  # name of a matrix whose file does not name it
_MOST_COLUMNS = 20_000
_MOST_ROWS = 60_000_000


class _Sheet(NamedTuple):
    names: list[str]
    columns: list[list[str]]
    decimal: str
    file: str


def read_table(path: Path, names: Collection[str] | None = None) -> Matrices:
    """Return the matrices of a text file.

    Separators may be `;`, tab, `|` or a comma, decimals have a point or a comma. A pair without a row is 0; a cell
    without a number is not known.

    Raises
    ------
    FormatError
        If columns for origins and destinations cannot be told, a pair stands twice, or the table is not square.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            head = stream.read(65_536)
            separator = _separator(head, path)
            stream.seek(0)
            reader = csv.reader(stream, delimiter=separator)
            first = [text.strip() for text in next(reader, [])]
            if not first or len(first) > _MOST_COLUMNS:
                raise FormatError("{file} has no table of zones.", file=path.name)
            ends = _ends(first)
            if ends:
                return _long(_sheet(first, reader, separator, path), ends, names)
            return _square(first, list(_whole(reader, len(first), path)), separator, path, names)
    except UnicodeDecodeError as error:
        raise FormatError("{file} is no text in UTF-8.", hint="Save it as UTF-8.", file=path.name) from error
    except csv.Error as error:
        raise FormatError("{file} is no table: {reason}.", file=path.name, reason=str(error)) from error


def plain_name(name: str) -> str:
    """Return the name of a column as it is looked up.

    >>> plain_name("Woonregio's"), plain_name(" From_Zone ")
    ('woonregios', 'fromzone')
    """
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _separator(head: str, path: Path) -> str:
    line = next((line for line in head.splitlines() if line.strip()), "")
    found = max(_SEPARATORS, key=line.count)  # the first of the list where two are alike: a comma may be a decimal
    if not line.count(found):
        raise FormatError("{file} has one column; expected columns between ; or commas or tabs.", file=path.name)
    return found


def _ends(first: list[str]) -> tuple[int, int] | None:
    """Return the columns of the origins and the destinations."""
    plain = [plain_name(name) for name in first]
    origin = next((plain.index(name) for name in ORIGINS if name in plain), None)
    destination = next((plain.index(name) for name in DESTINATIONS if name in plain), None)
    return None if origin is None or destination is None else (origin, destination)


def _whole(reader: Iterator[list[str]], count: int, path: Path) -> Iterator[list[str]]:
    """Yield the rows that hold anything."""
    for number, row in enumerate(reader, 2):
        if not any(text.strip() for text in row):
            continue
        if len(row) != count:
            raise FormatError(
                "{file}, row {row}: {found} values, while the first row has {expected}.",
                file=path.name,
                row=number,
                found=len(row),
                expected=count,
            )
        if number > _MOST_ROWS:
            raise FormatError("{file} has more rows than matrices can have.", file=path.name)
        yield row


def _sheet(first: list[str], reader: Iterator[list[str]], separator: str, path: Path) -> _Sheet:
    columns: list[list[str]] = [list(column) for column in zip(*_whole(reader, len(first), path))]
    if not columns:
        raise FormatError("{file} has no rows.", file=path.name)
    ends = _ends(first) or (-1, -1)
    texts = (text for place, column in enumerate(columns) if place not in ends for text in column)
    return _Sheet(first, columns, decimal_of(texts, separator, path.name), path.name)


def _long(sheet: _Sheet, ends: tuple[int, int], wanted: Collection[str] | None) -> Matrices:
    survey = next((k for k, name in enumerate(sheet.names) if plain_name(name) == _SURVEY), None)
    origins, destinations = ([zone_text(text) for text in sheet.columns[place]] for place in ends)
    values = _value_columns(sheet, ends, survey, wanted)
    if survey is not None:  # a row without a place is a person who stayed at home
        rows = [k for k, pair in enumerate(zip(origins, destinations)) if all(pair)]
        origins, destinations = [origins[k] for k in rows], [destinations[k] for k in rows]
        values = {name: column[rows] for name, column in values.items()}
    zones = in_order({*origins, *destinations})
    if not zones or not all(zones):
        raise FormatError("{file} has rows without an origin or a destination.", file=sheet.file)
    expect_room(len(zones), len(values), sheet.file)
    place = {zone: k for k, zone in enumerate(zones)}
    cells = np.array([place[zone] for zone in origins]) * len(zones) + np.array([place[z] for z in destinations])
    if survey is None:
        found, counts = np.unique(cells, return_counts=True)
        if counts.max() > 1:
            pair = divmod(int(found[np.argmax(counts)]), len(zones))
            raise FormatError(
                "{file} has the pair {origin} - {destination} in {count} rows; expected one row a pair.",
                hint="Keep one period and one kind of trip in a file.",
                file=sheet.file,
                origin=zones[pair[0]],
                destination=zones[pair[1]],
                count=int(counts.max()),
            )
    matrices = {}
    for name, column in values.items():
        flat = np.zeros(len(zones) ** 2)
        np.add.at(flat, cells, column)
        matrices[name] = flat.reshape(len(zones), len(zones))
    return Matrices(zones, matrices)


def _value_columns(
    sheet: _Sheet, ends: tuple[int, int], survey: int | None, wanted: Collection[str] | None
) -> dict[str, NDArray[np.float64]]:
    if survey is None:
        expect_names(wanted, [name for k, name in enumerate(sheet.names) if k not in ends], sheet.file)
    found = {}
    for place, name in enumerate(sheet.names):
        if place in ends or plain_name(name) in _NO_VALUES or (survey is not None and place != survey):
            continue
        if wanted is not None and name not in wanted and survey is None:
            continue
        numbers = numbers_of(sheet.columns[place], sheet.decimal)
        if numbers is not None:
            found[_VALUE if place == survey else name or _VALUE] = numbers
            continue
        row = spoilt(sheet.columns[place], sheet.decimal)
        if row is not None or (wanted and name in wanted):  # left out, its trips would be lost without a word
            cell = sheet.columns[place][row or 0]
            raise FormatError(
                "{file}: {found} is no number as the others of the column {name} are (origin {origin}).",
                hint="Mend it, or leave the cell empty; decimals have the same mark in the whole table.",
                file=sheet.file,
                found=repr(cell[:40]),
                name=name[:60],
                origin=sheet.columns[ends[0]][row or 0][:60],
            )
    if not found:
        raise FormatError(
            "{file} has no column of numbers beside those of the zones; it has {names}.",
            file=sheet.file,
            names=", ".join(sheet.names)[:200],
        )
    return found


def _square(
    first: list[str], rows: list[list[str]], separator: str, path: Path, wanted: Collection[str] | None
) -> Matrices:
    """Return the matrix of a table with a row for each origin, with ids along both sides or none at all."""
    ids, above = [zone_text(row[0]) for row in rows], [zone_text(text) for text in first[1:]]
    body = [row[1:] for row in rows]
    if set(ids) != set(above) and len(rows) + 1 == len(first) and all(first):  # no ids at all
        body, ids = [first, *rows], [str(k + 1) for k in range(len(first))]
        above = ids
    if not ids or len(ids) != len(above) or set(ids) != set(above):
        raise FormatError(
            "{file} is no matrix: expected columns origin and destination, or as many rows as columns with the same "
            "ids of zones.",
            file=path.name,
        )
    expect_room(len(ids), 1, path.name)
    decimal = decimal_of((text for row in body for text in row), separator, path.name)
    values = np.empty((len(ids), len(ids)))
    for row, texts in enumerate(body):
        numbers = numbers_of(texts, decimal)
        if numbers is None:
            raise FormatError("{file}: the row of zone {zone} has no numbers.", file=path.name, zone=ids[row][:60])
        values[row] = numbers
    name = next(iter(wanted)) if wanted else _VALUE
    place = {zone: column for column, zone in enumerate(above)}
    return Matrices(tuple(ids), {name: values[:, [place[zone] for zone in ids]]})


def in_order(zones: Collection[str]) -> tuple[str, ...]:
    """Return ids of zones as people list them: numbers by their size, then texts.

    >>> in_order({"10", "9", "b", "a"})
    ('9', '10', 'a', 'b')
    """
    return tuple(sorted(zones, key=lambda zone: (0, int(zone), zone) if zone.isdecimal() else (1, 0, zone)))
