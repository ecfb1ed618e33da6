"""What the objects in tiles are called: by the register that knows them, else by their place in the tileset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# A building in the BAG: 10 after the municipality in 16 digits (15 as a number). Tiles say nothing else.
_BUILDING = re.compile(r"(NL\.IMBAG\.Pand\.\d{16}|[01]?\d{3}10\d{10})(?!\d)")
_BAG = "NL.IMBAG."
# Names are compared in small letters, without what joins words.
_BAG_NAMES = (
    "identificatie", "pandid", "bagid", "bagpandid", "pandidentificatie", "bagidentificatie", "identificatiebagpnd",
    "bagpnd", "bagpand", "pandcode",
)  # fmt: skip
_OTHER_NAMES = ("gmlid", "lokaalid", "globalid", "ifcguid", "guid", "uuid", "id", "tag")
_JOINTS = re.compile(r"[\s_.:\-]")

Columns = Mapping[str, "list[Any]"]


@dataclass(frozen=True)
class Names:
    """What the rows of a table are called.

    Attributes
    ----------
    ids : list of (str or None)
        A name for each row, None where the table has none.
    buildings : list of bool
        Whether the BAG knows the row as a building.
    """

    ids: list[str | None]
    buildings: list[bool]


def names_of(columns: Columns, rows: list[int]) -> Names:
    """Return what `rows` of a table are called: first as the BAG does, then by another column with ids.

    A column whose values are the numbers of its rows says nothing: such ids begin anew in every tile.

    >>> names_of({"id": [0, 1], "bag": ["0363100012061219", "0363100012061220"]}, [1])
    Names(ids=['0363100012061220'], buildings=[True])
    >>> names_of({"identificatie": ["G0363.1"], "bag_pnd": ["0363100012061219"]}, [0]).ids
    ['0363100012061219']
    >>> names_of({"id": [0, 1]}, [0, 1]).ids, names_of({"id": [7, 9]}, [1]).ids
    ([None, None], ['9'])
    """
    short = {name: _JOINTS.sub("", name).lower() for name in columns}
    known = [name for wanted in _BAG_NAMES for name in columns if short[name] == wanted]
    # By their values: every value that is there is a building, so that a number of 16 digits by chance is none.
    found = [name for name in columns if name not in known and _all_buildings(columns[name])]
    others = [
        name
        for wanted in _OTHER_NAMES
        for name in columns
        if short[name] == wanted and name not in found and not _counts(columns[name])
    ]
    ids, buildings = [], []
    for row in rows:
        texts = [text for name in (*known, *found, *others) if (text := _text(columns[name], row)) is not None]
        own = texts[0] if texts else None
        pand = next((text for text in texts if _is_building(text)), None)
        # Of a building that has an id in another register too (the BGT's "identificatie") that of the BAG counts; what
        # is something else in the BAG, such as an address, is not the building that it lies in.
        chosen = own if pand is None or str(own).startswith(_BAG) else pand
        ids.append(chosen)
        buildings.append(_is_building(chosen))
    return Names(ids, buildings)


def merging_key(name: str) -> str:
    """Return a name so that all ways to write the id of one BAG building are equal.

    >>> merging_key("NL.IMBAG.Pand.0363100012061219") == merging_key("363100012061219") == "0363100012061219"
    True
    """
    bare = name.removeprefix("NL.IMBAG.Pand.")
    return bare.zfill(16) if bare.isdigit() and _is_building(bare) else name


def _is_building(value: str | None) -> bool:
    return value is not None and _BUILDING.match(value) is not None


def _text(column: list[Any], row: int) -> str | None:
    """Return a value as an id, None where there is none."""
    value = column[row] if 0 <= row < len(column) else None
    if isinstance(value, float):  # a number of 15 digits that was kept as float
        value = int(value) if value.is_integer() else None
    if value is None or isinstance(value, (bool, list, dict)):
        return None
    return str(value).strip() or None


def _all_buildings(column: list[Any]) -> bool:
    some = False
    for row in range(len(column)):
        text = _text(column, row)
        if text is not None:
            some = True
            if not _is_building(text):
                return False
    return some


def _counts(column: list[Any]) -> bool:
    numbers = all(isinstance(value, (int, float)) for value in column)
    return numbers and {value - row for row, value in enumerate(column)} in ({0}, {1})
