"""Counts of the NDW (Dexter) and water levels of Rijkswaterstaat (Waterinfo) as CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import timezone

from dtwin_plugin.data.series import GOOD, INVALID, SUSPECT, UNKNOWN
from dtwin_plugin.errors import FormatError

from .builder import Builder, number_of
from .datex import FLOW, SPEED, UNITS
from .heads import NDW, WATER_DATE, WATER_VALUE
from .times import CET, moment
from .units import unit_of

_LONGEST_ROW = 100_000  # characters
_MISSING = 9e8  # Rijkswaterstaat writes 999999999 or -999999999 where nothing was measured
_EXCLUDED = {FLOW: "i", SPEED: "v"}  # intensity and velocity, as the NDW marks what it leaves out itself
_JUDGED = {"normale waarde": GOOD, "00": GOOD, "onbetrouwbare waarde": SUSPECT, "hiaat waarde": INVALID, "99": INVALID}


def add_ndw(text: str, build: Builder) -> None:
    """Add the rows of an export of Dexter; its times are Dutch winter time where they name no zone."""
    for row in _rows(text, build):
        lower = {name.lower().strip(): value for name, value in row.items()}
        found = {key: next((lower[n] for n in names if lower.get(n)), "") for key, names in NDW.items()}
        begin, end = moment(found["begin"], CET), moment(found["end"], CET)
        if begin is None or not found["station"]:
            build.remark("{file} has rows without a site or a time; they are left out.", file=build.source)
            continue
        place = number_of(found["x"]), number_of(found["y"])
        known = place[0] == place[0] and place[1] == place[1]
        station = build.station(found["station"], place if known else None, name=found["name"])
        detail = " ".join(part for part in (found["lane"], found["vehicles"]) if part)
        excluded = found["excluded"].lower().replace(" ", "").split(",")
        for kind, unit in UNITS.items():
            if not found[kind]:
                continue
            told = {name: found.get(f"{name}_{kind}") or found[name] for name in ("error", "count", "deviation")}
            value, count = number_of(found[kind]), number_of(told["count"])
            if told["error"].lower() in ("1", "true") or value < 0 or (kind == SPEED and count == 0):
                value = float("nan")
            quality = INVALID if value != value else SUSPECT if _EXCLUDED.get(kind) in excluded else UNKNOWN
            build.add(
                station, build.quantity(kind, unit, detail=detail), begin, value, end,
                quality=quality, count=count, deviation=number_of(told["deviation"]),
            )  # fmt: skip


def add_water(text: str, build: Builder) -> None:
    """Add the rows of an export of Waterinfo: times are CET all year, as the name of the column says."""
    for row in _rows(text, build):
        date, clock = row.get(WATER_DATE, ""), next((v for k, v in row.items() if k.startswith("WAARNEMINGTIJD")), "")
        day = re.fullmatch(r"(\d\d)-(\d\d)-(\d{4})", date)
        zone = CET if any(key.startswith("WAARNEMINGTIJD") and "CET" in key for key in row) else timezone.utc
        begin = moment(f"{day[3]}-{day[2]}-{day[1]}T{clock or '00:00'}", zone) if day else None
        name = row.get("LOCATIE_CODE") or row.get("MEETPUNT_IDENTIFICATIE") or ""
        if begin is None or not name:
            build.remark("{file} has rows without a site or a time; they are left out.", file=build.source)
            continue
        build.crs = f"EPSG:{row['EPSG']}" if re.fullmatch(r"\d{4,6}", row.get("EPSG", "")) else build.crs
        place = number_of(row.get("X")), number_of(row.get("Y"))
        station = build.station(
            name, place if place[0] == place[0] and place[1] == place[1] else None,
            name=row.get("MEETPUNT_IDENTIFICATIE"), instrument=row.get("MEETAPPARAAT_OMSCHRIJVING"),
        )  # fmt: skip
        unit, given = unit_of(row.get("EENHEID_CODE"))
        code = row.get("GROOTHEID_ CODE") or row.get("GROOTHEID_CODE") or "value"
        reference = row.get("HOEDANIGHEID_CODE") or ""
        kind = build.quantity(code, unit, given, reference, row.get("GROOTHEID_OMSCHRIJVING") or "")
        value = number_of(row.get(WATER_VALUE))
        quality = _JUDGED.get((row.get("KWALITEITSOORDEEL_CODE") or "").lower(), UNKNOWN)
        if abs(value) >= _MISSING or quality == INVALID:
            value = float("nan")
        build.add(station, kind, begin, value, quality=INVALID if value != value else quality)


def _rows(text: str, build: Builder) -> Iterator[Mapping[str, str]]:
    """Yield the rows of a table by the names of its columns, whatever parts them."""
    head, lines = text.partition("\n")[0], text.splitlines()
    if any(len(line) > _LONGEST_ROW for line in lines):
        raise FormatError("{file} has a line that is longer than any row is.", file=build.source)
    separator = max(";,\t", key=head.count)
    names: list[str] = []
    try:
        for number, row in enumerate(csv.reader(lines, delimiter=separator), 1):
            if not names:
                names = [name.strip() for name in row]
            elif len(row) >= len(names) - 1 and any(row):
                yield dict(zip(names, row))
            elif any(row):
                build.remark(
                    "Line {line} of {file} has {found} columns of the {expected}; it is left out.",
                    line=number,
                    file=build.source,
                    found=len(row),
                    expected=len(names),
                )
    except csv.Error as error:
        raise FormatError("{file} is no CSV: {reason}.", file=build.source, reason=error) from error
