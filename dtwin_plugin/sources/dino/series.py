"""Series of groundwater levels of the BRO (GLD) as text: a column a status, or a table an observation."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.bro.groundwater import STATUSES, moment
from dtwin_plugin.sources.gef.header import to_number
from dtwin_plugin.sources.log_files import Found, Warn

from .blocks import iso_day, objects
from .place import placed

UNITS = {"level": "m NAP"}
# What a column begins with -> status and kind of observation.
_STATES = {
    "voorlopig": ("voorlopig", "reguliereMeting"),
    "beoordeeld": ("volledigBeoordeeld", "reguliereMeting"),
    "controle": (None, "controlemeting"),
    "onbekend": ("onbekend", "reguliereMeting"),
}
_MILLISECONDS = re.compile(r"-?\d{9,14}", re.ASCII)
_BATCH = 100_000  # rows between which texts become numbers

Row = tuple[Any, float, Any, Any, Any]  # time, level, quality, status, observation


def series(lines: Iterator[list[str]], file: str, warn: Warn, position: tuple[float, float] | None) -> list[Found]:
    """Return a series with a column a status: a row a value, by moment; raises FormatError where it has none."""
    return [_found(_of_series(lines), file, position)]


def dossier(lines: Iterator[list[str]], file: str, warn: Warn, position: tuple[float, float] | None) -> list[Found]:
    """Return the observations of a dossier below each other; raises FormatError where it has none."""
    return [_found(_of_dossier(lines), file, position)]


def moment_of(text: str) -> np.datetime64:
    """Return a moment in UTC, of ISO 8601 or as milliseconds since 1970; NaT where it is none.

    >>> str(moment_of("1600041600000")), str(moment_of("2020-09-14T02:00:00+02:00"))
    ('2020-09-14T00:00:00', '2020-09-14T00:00:00')
    """
    if _MILLISECONDS.fullmatch(text):
        return np.datetime64(int(text) // 1000, "s")
    return moment(text)


def _of_series(lines: Iterator[list[str]]) -> Iterator[Row]:
    places: list[tuple[int, int, str | None, str]] = []
    for row in lines:
        if not places:
            names = [cell.lower() for cell in row]
            if names and names[0] == "tijdstip":
                for start, (status, kind) in _STATES.items():
                    of_status = [n for n, name in enumerate(names) if name.startswith(start)]
                    if len(of_status) == 2:
                        places.append((of_status[0], of_status[1], status, kind))
            continue
        for value, remark, status, kind in places:
            level = to_number(row[value]) if value < len(row) else math.nan
            if math.isfinite(level):
                yield moment_of(row[0]), level, (row[remark] if remark < len(row) else "") or None, status, kind


def _of_dossier(lines: Iterator[list[str]]) -> Iterator[Row]:
    status = kind = None
    names: list[str] | None = None
    for row in lines:
        if row and row[0].lower() == "observatie id":
            names = [cell.lower() for cell in row]
        elif names is not None and row:
            kind, status = _cell(names, row, "observatietype", 3), _cell(names, row, "beoordeling", 4)
            names = None
        elif len(row) >= 2 and math.isfinite(to_number(row[1])):
            at = moment_of(row[0])
            if not np.isnat(at):
                yield at, to_number(row[1]), (row[2] if len(row) > 2 else "") or None, status, kind


def _cell(names: list[str], row: list[str], part: str, usual: int) -> str | None:
    """Return the cell of a column by a part of its name, or where it usually stands."""
    place = next((number for number, name in enumerate(names) if part in name), usual)
    return (row[place] or None) if place < len(row) else None


def _found(rows: Iterator[Row], file: str, position: tuple[float, float] | None) -> Found:
    batches: list[tuple[Any, ...]] = []
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= _BATCH:
            batches.append(_arrays(batch))
            batch = []
    batches.append(_arrays(batch))
    time, level, quality, status, kind = (np.concatenate(parts) for parts in zip(*batches))
    if not len(time):
        raise FormatError("{file} has no levels.", hint="Download it again.", file=file)
    rank = {name: number for number, name in enumerate(STATUSES)}
    order = np.lexsort((np.array([rank.get(name, len(rank)) for name in status.tolist()]), time))
    columns = {"time": time, "level": level, "quality": quality, "status": status, "observation": kind}
    columns = {name: values[order] for name, values in columns.items()}
    known = time[~np.isnat(time)]
    days = (iso_day(known.min()), iso_day(known.max())) if len(known) else (None, None)
    site = {"id": file.rpartition(".")[0].split("_")[0], "first_date": days[0], "last_date": days[1]}
    states = [state or "none" for state in status.tolist()]
    facts = {
        "kind": "levels", "id": site["id"], "rows": len(time), "first_date": days[0], "last_date": days[1],
        "statuses": {name: states.count(name) for name in dict.fromkeys(states)},
        "lowest": float(level.min()), "highest": float(level.max()),
    }  # fmt: skip
    return Found("levels", file, placed(position), site, columns, UNITS, facts)


def _arrays(batch: list[Row]) -> tuple[Any, ...]:
    time, level, *texts = zip(*batch) if batch else ((), (), (), (), ())
    return np.array(time, "datetime64[s]"), np.array(level, np.float64), *map(objects, texts)
