"""How soft the ground is to sound, by class of land cover: a table that a municipality can change.

References
----------
C: Directive (EU) 2015/996 (2015), annex, table 2.5.a: G of eight types of ground. Of which type a class of the BGT
is, is no part of the directive: the table has it by the descriptions of the types.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from dtwin_plugin.errors import InputError
from dtwin_plugin.paths import plugin_file

_LARGEST = 1_000_000  # bytes
_COLUMNS = ["what", "name", "type", "g", "title"]


class GroundTable(NamedTuple):
    """G, 0 for hard and 1 for soft, by class of land cover and by what is there on it; names in small letters."""

    classes: dict[str, float]
    kinds: dict[str, float]


@lru_cache(maxsize=1)
def ground_table() -> GroundTable:
    """Return the table that is shipped.

    >>> ground_table().classes["begroeidterreindeel"], ground_table().kinds["half verhard"]
    (1.0, 0.3)
    """
    return read_ground(plugin_file("resources", "noise", "ground.csv"))


def read_ground(path: Path) -> GroundTable:
    """Return a table that was read from a CSV file with the columns of `resources/noise/ground.csv`.

    A row of a `type` has G; one of a `class` or a `kind` has a type that stands above it, or G of its own.

    Raises
    ------
    InputError
        If a row has another column count or an unknown type, or G is no number from 0 to 1.
    """
    if path.stat().st_size > _LARGEST:
        raise InputError("{file} is larger than a table of types of ground can be.", file=path.name)
    found: dict[str, dict[str, float]] = {"type": {}, "class": {}, "kind": {}}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for number, row in enumerate(csv.reader(stream), 1):
            if number > 1 and row:
                _take(row, found, f"{path.name}, line {number}")
    return GroundTable(found["class"], found["kind"])


def _take(row: list[str], found: dict[str, dict[str, float]], where: str) -> None:
    if len(row) != len(_COLUMNS) or row[0] not in found:
        raise InputError(
            "{where}: expected what (type, class or kind), a name, a type, G and a title.",
            hint="Keep the columns of the table that is shipped.",
            where=where,
        )
    what, name, kind, text = (part.strip() for part in row[:4])
    try:
        value = float(text) if text else found["type"][kind]
    except (ValueError, KeyError):
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise InputError(
            "{where}: {name} has no type that is known and no G from 0 to 1.",
            hint="Write a type of the rows above it, or a number such as 0.7.",
            where=where,
            name=name[:40],
        )
    found[what][name if what == "type" else name.lower()] = value
