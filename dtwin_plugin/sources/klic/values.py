"""Values of IMKL as they are written: code lists, quantities with their unit, moments, free texts."""

from __future__ import annotations

import math
import re
from datetime import datetime, timezone
from typing import Any

_FACTORS = {
    "mm": {"mm": 1.0, "millimetre": 1.0, "cm": 10.0, "centimetre": 10.0, "dm": 100.0, "m": 1000.0, "metre": 1000.0},
    "bar": {"bar": 1.0, "mbar": 1e-3, "millibar": 1e-3, "kpa": 0.01, "pa": 1e-5, "mpa": 10.0},
    "V": {"v": 1.0, "volt": 1.0, "kv": 1000.0, "kilovolt": 1000.0},
    "degree": {"deg": 1.0, "degree": 1.0, "rad": 180.0 / math.pi, "radian": 180.0 / math.pi},
}
_NEVER_NEGATIVE = ("mm", "V")
_LONGEST = 1000  # characters of a text that are kept
_OTHER_NAMES = {"rioolOnderDruk": "rioolOnderOverOfOnderdruk"}  # of themes, in IMKL 1.x
# E-mail addresses and Dutch telephone numbers: operators write them in remarks too.
_CONTACTS = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.-]+|(?<![\w.])(?:\+31|0031)[\d\s().-]{8,14}\d|(?<![\w.])06[\s-]?\d(?:[\s-]?\d){7}(?![\w.])"
    r"|(?<![\w.])0\d{2,3}[\s-]\d{6,7}(?![\w.])|(?<=tel\.\s)0\d{9}\b|(?<=tel\s)0\d{9}\b",
    re.IGNORECASE,
)


def code(text: str) -> str | None:
    """Return a value of a code list: the last part of its address.

    >>> code("http://definities.geostandaarden.nl/imkl2015/id/waarde/Thema/rioolOnderDruk"), code("underground")
    ('rioolOnderOverOfOnderdruk', 'underground')
    """
    value = text.strip().rstrip("/").rpartition("/")[2].rpartition("#")[2][:_LONGEST]
    return _OTHER_NAMES.get(value, value) or None


def quantity(text: str, uom: str | None, unit: str) -> float | None:
    """Return a quantity in a unit (mm, m, bar, V, degree); None if it is no number or its unit is not known.

    A number without a unit could be millimetres or metres, and is therefore unknown; so is a voltage of -1, which
    operators write for it.

    >>> quantity("12.5", "urn:ogc:def:uom:OGC::cm", "mm"), quantity("42", "cm", "m"), quantity("3", None, "mm")
    (125.0, 0.42, None)
    >>> quantity("-1", "V", "V"), quantity("-0.3", "bar", "bar")
    (None, -0.3)
    """
    name = re.split(r"[:/#]", (uom or "").strip())[-1]
    factor = _FACTORS["mm" if unit == "m" else unit].get(name if name == "MPa" else name.lower())
    try:
        number = float(text)
    except ValueError:
        return None
    if factor is None or not math.isfinite(number) or (number < 0 and unit in _NEVER_NEGATIVE):
        return None
    return number * factor / 1000.0 if unit == "m" else number * factor


def moment(text: str) -> str | None:
    """Return a moment as ISO text; None for the year 9999 and what is none.

    >>> moment("2022-11-18T09:28:28.291+01:00"), moment("9999-01-01T09:30:47.0"), moment("soon")
    ('2022-11-18T09:28:28', None, None)
    """
    found = re.match(r"(\d{4})-\d\d-\d\d(T\d\d:\d\d:\d\d)?", text.strip())
    return None if found is None or found[1] == "9999" else found[0]


def instant(text: str) -> datetime | None:
    """Return a moment with its time zone (UTC where it has none), None if it is none.

    >>> instant("2022-11-18T09:28:28.291+01:00").isoformat()
    '2022-11-18T08:28:28+00:00'
    """
    plain = re.match(r"(\d{4}-\d\d-\d\d)(T\d\d:\d\d:\d\d)?(?:\.\d+)?(Z|[+-]\d\d:\d\d)?", text.strip())
    if plain is None:
        return None
    zone = "+00:00" if plain[3] in (None, "Z") else plain[3]
    try:
        return datetime.fromisoformat(f"{plain[1]}{plain[2] or 'T00:00:00'}{zone}").astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def free_text(text: str) -> str | None:
    """Return a text without e-mail addresses and telephone numbers, None if it is empty.

    >>> free_text(" Bel 06-12345678 of jan@net.nl "), free_text("PVC 110 2006-1234")
    ('Bel … of …', 'PVC 110 2006-1234')
    """
    return _CONTACTS.sub("…", text.strip()[:_LONGEST]).strip() or None


def value(kind: str, text: str, uom: str | None) -> Any:
    """Return a property of a kind (see `names.PROPERTIES`) as a plain value, None if it says nothing.

    >>> value("whole", " 12 ", None), value("whole", "1²", None), value("flag", "true", None)
    (12, None, True)
    """
    if kind == "text":
        return free_text(text)
    if kind == "code":
        return code(text)
    if kind == "time":
        return moment(text)
    if kind == "flag":
        return {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower())
    if kind == "whole":
        return int(text) if re.fullmatch(r"\s*[0-9]{1,9}\s*", text) else None
    return quantity(text, uom, kind)
