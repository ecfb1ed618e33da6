"""One GEF as one place with its rows, and the facts of it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries, Logs
from dtwin_plugin.errors import FormatError

from . import bore, cpt
from .body import rows_of
from .header import Header, Warn, decode, parse, to_number
from .place import Place, place_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KIND = re.compile(r"(?:GEF-)?([A-Z]+)-REPORT")
_UNITS = {"cpt": cpt.UNITS, "borehole": bore.UNITS}


@dataclass(frozen=True)
class Found:
    """What one GEF holds: its header, kind, place and rows in the units of the carrier."""

    header: Header
    kind: str
    place: Place
    rows: dict[str, NDArray[Any]]
    delivered: int  # rows in the file

    @property
    def id(self) -> str:
        """The name of the test, of the file where it has none."""
        return ", ".join(value for value in self.header.first("TESTID") if value) or self.header.file.rpartition(".")[0]

    def logs(self) -> Logs:
        """Return it as logs of one site in RD New; raises CrsError where it cannot be placed."""
        x, y = self.place.in_rd(self.header.file)
        more = cpt.site_columns(self.header) if self.kind == "cpt" else bore.site_columns(self.header)
        values: dict[str, Any] = {
            "id": self.id,
            "file": self.header.file,
            "date": date_of(self.header),
            "project": self.header.raw("PROJECTNAME") or self.header.raw("PROJECTID"),
            "company": next(iter(self.header.first("COMPANYID")), None),
        }
        columns: dict[str, NDArray[Any]] = {name: _text(value) for name, value in values.items()}
        columns["surface"] = np.array([self.place.surface])
        columns |= {name: np.array([value]) for name, value in more.items()}
        sites = Features(Geometries.points(np.array([[x, y]])), columns, _SITE_UNITS, name=self.kind)
        count = len(next(iter(self.rows.values())))
        units = {name: unit for name, unit in _UNITS[self.kind].items() if name in self.rows}
        return Logs(self.kind, sites, np.array([0, count], np.int64), self.rows, units)

    def facts(self) -> dict[str, Any]:
        """Return what is in the file, as it is written there."""
        header, known = self.header, header_columns(self.header)
        bottom = self.rows["depth" if self.kind == "cpt" else "bottom"]
        return {
            "kind": self.kind,
            "id": self.id,
            "version": header.raw("GEFID"),
            "report": header.raw("REPORTCODE") or header.raw("PROCEDURECODE"),
            "columns": len(known),
            "quantities": known,
            "rows": self.delivered,
            "xyid": header.raw("XYID"),
            "zid": header.raw("ZID"),
            "surface": self.place.surface,
            "depth": float(np.nanmax(bottom)),
            "date": date_of(header),
        }


_SITE_UNITS = {"surface": "m", "predrilled_depth": "m", "final_depth": "m", "cone_area": "mm2"}


def read_gef(data: bytes, file: str, warn: Warn, position: tuple[float, float] | None = None) -> Found:
    """Return what a GEF holds.

    Raises
    ------
    FormatError
        If it is no GEF of a cone penetration test or a borehole, or lacks what makes it one.
    """
    header = parse(decode(data), file)
    kind = kind_of(header)
    if not header.columns():
        raise FormatError("{file} does not say what its columns hold.", hint="Export it again.", file=file)
    if not header.ended:
        warn("{file} has no line #EOH= at the end of its header; the data begin at the first number.", file=file)
    rows = rows_of(header)
    if not rows:
        raise FormatError("{file} has a header and no rows of data.", hint="Ask for the whole file.", file=file)
    expected = to_number((header.first("LASTSCAN") or [""])[0])
    if expected > len(rows):
        warn(
            "{file} says that it has {expected:g} rows, and has {found}.", file=file, expected=expected, found=len(rows)
        )
    found = cpt.cpt_rows(header, rows, warn) if kind == "cpt" else bore.bore_rows(header, rows, warn)
    return Found(header, kind, place_of(header, warn, position), found, len(rows))


def kind_of(header: Header) -> str:
    r"""Return "cpt" or "borehole" by the code of the report, by the columns where it has none.

    >>> kind_of(parse("#REPORTCODE= GEF-BORE-Report, 1, 0, 0\n#EOH=", "a.gef"))
    'borehole'
    """
    other = ""
    for keyword in ("REPORTCODE", "PROCEDURECODE"):
        code = (header.raw(keyword) or "").upper()
        if "BORE" in code:
            return "borehole"
        if "CPT" in code:
            return "cpt"
        stated = _KIND.search(code)
        other = other or (stated[1] if stated else "")
    if other:
        raise FormatError(
            "{file} is a GEF of kind {kind}; read are CPT and BORE.",
            hint="Open the GEF of the test itself.",
            file=header.file,
            kind=other,
        )
    names = " ".join(one.name.lower() for one in header.columns().values())
    return (
        "borehole"
        if ("bovenkant" in names and "onderkant" in names) or header.lines.get("COLUMNTEXT") and "laag" in names
        else "cpt"
    )


def header_columns(header: Header) -> list[str]:
    """Return the columns as names with their units."""
    return [f"{one.name} [{one.unit}]" for one in header.columns().values()]


def date_of(header: Header) -> str | None:
    r"""Return the day of the test in ISO 8601, None where it is not told.

    >>> date_of(parse("#STARTDATE= 2016, 7, 13\n#EOH=", "a.gef"))
    '2016-07-13'
    """
    numbers = [to_number(value) for value in header.first("STARTDATE")[:3]]
    text = header.text(16)
    if len(numbers) < 3 and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        numbers = [float(part) for part in text.split("-")]
    if len(numbers) < 3 or not all(map(math.isfinite, numbers)):
        return None
    year, month, day = (int(number) for number in numbers)
    sound = 1850 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= 31
    return f"{year:04d}-{month:02d}-{day:02d}" if sound else None


def _text(value: Any) -> NDArray[Any]:
    result = np.empty(1, object)
    result[0] = value
    return result
