"""One GEF as one place with its rows, and the facts of it."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.log_files import Found, Warn

from . import bore, cpt
from .body import Rows
from .header import Header, decode, parse, to_number
from .place import place_of

_KIND = re.compile(r"(?:GEF-)?([A-Z]+)-REPORT")
_UNITS = {"cpt": cpt.UNITS, "borehole": bore.UNITS}


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
    rows = Rows(header)
    if not len(rows):
        raise FormatError("{file} has a header and no rows of data.", hint="Ask for the whole file.", file=file)
    expected = to_number((header.first("LASTSCAN") or [""])[0])
    if expected > len(rows):
        warn(
            "{file} says that it has {expected:g} rows, and has {found}.", file=file, expected=expected, found=len(rows)
        )
    found = cpt.cpt_rows(header, rows, warn) if kind == "cpt" else bore.bore_rows(header, rows, warn)
    place = place_of(header, warn, position)
    name = ", ".join(value for value in header.first("TESTID") if value) or file.rpartition(".")[0]
    site = {
        "id": name,
        "date": date_of(header),
        "project": header.raw("PROJECTNAME") or header.raw("PROJECTID"),
        "company": next(iter(header.first("COMPANYID")), None),
        **(cpt.site_columns(header) if kind == "cpt" else bore.site_columns(header)),
    }
    facts = {"kind": kind, "id": name, **_facts(header), "rows": len(rows), "surface": place.surface}
    facts["depth"] = float(np.nanmax(found["depth" if kind == "cpt" else "bottom"]))
    return Found(kind, file, place, site, found, _UNITS[kind], facts)


def _facts(header: Header) -> dict[str, Any]:
    """Return what is in the header, as it is written there."""
    columns = [f"{one.name} [{one.unit}]" for one in header.columns().values()]
    return {
        "version": header.raw("GEFID"),
        "report": header.raw("REPORTCODE") or header.raw("PROCEDURECODE"),
        "columns": len(columns),
        "quantities": columns,
        "xyid": header.raw("XYID"),
        "zid": header.raw("ZID"),
        "date": date_of(header),
    }


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
    return "borehole" if "bovenkant" in names and "onderkant" in names else "cpt"


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
