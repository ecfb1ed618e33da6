"""The coordinate reference system that a LAS file states, in WKT or in GeoTIFF keys.

References
----------
ASPRS (2019). LAS specification 1.4 - R15, clause 3. OGC 19-008r4 GeoTIFF 1.1, clause 7 and annex B (keys).
OGC 18-010r11 Well-known text of coordinate reference systems, clauses 6 and 7.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from dtwin_plugin.data.crs import NAP, RD, RD_NAP, is_rd, normalise

_WKT, _KEYS, _ASCII = (("LASF_Projection", number) for number in (2112, 34735, 34737))
_PROJECTED, _GEODETIC, _VERTICAL = 3072, 2048, 4096  # GeoTIFF keys
_CITATIONS = (3073, 1026, 2049)
_VERTICAL_UNIT = 4099
_USER_DEFINED = 32767
_FEET = {9002: ("foot", 0.3048), 9003: ("US survey foot", 1200 / 3937)}  # EPSG codes of units of length
_TOKEN = re.compile(r'"(?:[^"]|"")*"|[\[\]()]|[^\s\[\](),"]+')
_NAMES = {"amersfoort / rd new": RD, "rd_new": RD, "amersfoort / rd new + nap height": RD_NAP}  # where no code is given
_COMPOUND = ("COMPD_CS", "COMPOUNDCRS")
_VERTICAL_WORDS = ("VERT_CS", "VERTCS", "VERTCRS", "VERTICALCRS")


class HeightUnit(NamedTuple):
    """A unit of height other than the metre, and what it is in metres."""

    name: str
    metres: float


@dataclass(frozen=True)
class StatedCrs:
    """What a file states about its CRS.

    Attributes
    ----------
    code : str or None
        The normalised name ("EPSG:28992"; RD New with NAP is "EPSG:7415"), None if none is given.
    name : str
        As people read it; with a name and no code, there is a CRS of the file's own.
    vertical : str or None
        Normalised name of the CRS of the heights, where it is stated apart.
    height_unit : HeightUnit or None
        Of the heights, where it is stated and is not the metre.
    """

    code: str | None = None
    name: str = ""
    vertical: str | None = None
    height_unit: HeightUnit | None = None

    @property
    def heights_are_nap(self) -> bool:
        """Whether heights are in m NAP, or nothing else is stated."""
        return self.vertical in (None, NAP)


def stated_crs(records: Mapping[tuple[str, int], bytes], prefers_wkt: bool) -> StatedCrs:
    """Return the CRS of the records of a file; of WKT and keys the preferred one that has a code."""
    found = [from_wkt(_text(records.get(_WKT, b""))), from_keys(records.get(_KEYS, b""), records.get(_ASCII, b""))]
    if not prefers_wkt:
        found.reverse()
    return next((crs for crs in found if crs.code), next((crs for crs in found if crs.name), StatedCrs()))


def from_keys(directory: bytes, texts: bytes) -> StatedCrs:
    """Return the CRS of a GeoTIFF key directory.

    >>> from_keys(struct.pack("<12H", 1, 1, 0, 2, 3072, 0, 1, 28992, 4096, 0, 1, 5709), b"").code
    'EPSG:7415'
    """
    numbers = struct.unpack(f"<{len(directory) // 2}H", directory[: len(directory) // 2 * 2])
    count = min(numbers[3], len(numbers) // 4 - 1) if len(numbers) >= 4 else 0
    keys = {numbers[n]: numbers[n + 1 : n + 4] for n in range(4, 4 + 4 * count, 4)}

    def code(key: int) -> int:
        place, _, value = keys.get(key, (0, 0, 0))
        return 0 if place else value

    horizontal = code(_PROJECTED) or code(_GEODETIC)
    name = next((_citation(keys[key], texts) for key in _CITATIONS if key in keys), "")
    if not horizontal:
        return StatedCrs()
    if horizontal == _USER_DEFINED:
        return StatedCrs(None, name or "unnamed")
    vertical = code(_VERTICAL)
    known = vertical not in (0, _USER_DEFINED)
    unit = _FEET.get(code(_VERTICAL_UNIT))
    return _stated(f"EPSG:{horizontal}", f"EPSG:{vertical}" if known else None, name, unit and HeightUnit(*unit))


def _citation(key: tuple[int, ...], texts: bytes) -> str:
    place, length, start = key
    return _text(texts[start : start + length]).strip("| ") if place == _ASCII[1] else ""


@dataclass
class _Node:
    """A keyword of WKT with its plain values and the keywords within it."""

    word: str
    values: list[str] = field(default_factory=list)
    children: list[_Node] = field(default_factory=list)

    def named(self, *words: str) -> list[_Node]:
        return [child for child in self.children if child.word.upper() in words]

    @property
    def name(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def code(self) -> str | None:
        """The code of this keyword itself, or of a name that can be of one CRS only."""
        for child in self.named("AUTHORITY", "ID"):
            if len(child.values) > 1 and child.name.upper() == "EPSG":
                return normalise(child.values[1])
        return _NAMES.get(self.name.lower())


def from_wkt(text: str) -> StatedCrs:
    """Return the CRS of well-known text, version 1 or 2; of a compound also from its parts.

    >>> from_wkt('COMPD_CS["a",PROJCS["RD",AUTHORITY["EPSG","28992"]],VERT_CS["NAP",AUTHORITY["EPSG","5709"]]]').code
    'EPSG:7415'
    >>> from_wkt('PROJCRS["local",BASEGEOGCRS["x",ID["EPSG",4289]]]')
    StatedCrs(code=None, name='local', vertical=None, height_unit=None)
    """
    root = _parsed(text)
    if root is None:
        return StatedCrs()
    name = root.name or "unnamed"
    if root.word.upper() == "BOUNDCRS":
        sources = [child for part in root.named("SOURCECRS") for child in part.children]
        root = sources[0] if sources else root
    heights = next((child for child in root.named(*_VERTICAL_WORDS)), None)
    vertical = None if heights is None else NAP if heights.name.upper().startswith("NAP") else heights.code
    if heights is not None and vertical is None:
        vertical = heights.name
    code = root.code
    if root.word.upper() in _COMPOUND and code is None:
        code = next((child.code for child in root.children if child is not heights and child.code), None)
    return _stated(code, vertical, name, None if heights is None else _height_unit(heights))


def _height_unit(heights: _Node) -> HeightUnit | None:
    """Return the unit of a vertical CRS where it is not the metre; of WKT 2 that of its axis counts too."""
    within = [heights, *heights.named("AXIS")]
    for unit in (unit for node in within for unit in node.named("UNIT", "LENGTHUNIT")):
        try:
            metres = float(unit.values[1])
        except (IndexError, ValueError):
            continue
        return HeightUnit(unit.name, metres) if 0 < metres < 1e3 and metres != 1 else None
    return None


def _stated(code: str | None, vertical: str | None, name: str, unit: HeightUnit | None = None) -> StatedCrs:
    if code and is_rd(code) and vertical == NAP:
        code = RD_NAP
    return StatedCrs(code, name or code or "", vertical, unit)


def _parsed(text: str) -> _Node | None:
    """Return the outermost keyword, None if the text has none."""
    top = _Node("")
    stack = [top]
    for token in _TOKEN.findall(text):
        here = stack[-1]
        if token in "[(":
            # The word before a bracket is its keyword.
            node = _Node(here.values.pop() if here.values else "")
            here.children.append(node)
            stack.append(node)
        elif token in "])":
            if len(stack) > 1:
                stack.pop()
        else:
            here.values.append(token.strip('"'))
    return top.children[0] if top.children else None


def _text(raw: bytes) -> str:
    return raw.split(b"\0")[0].decode("utf-8", "replace")
