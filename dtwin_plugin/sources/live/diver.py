"""Files of Diver loggers (.MON): pressure and temperature in a well, without a place and without a zone of time."""

from __future__ import annotations

import re

from dtwin_plugin.data.series import INVALID, UNKNOWN
from dtwin_plugin.errors import FormatError

from .builder import Builder, number_of
from .times import CET, moment
from .units import unit_of

_ROW = re.compile(r"\s*(\d{4})/(\d\d)/(\d\d)\s+(\d\d:\d\d:\d\d(?:\.\d+)?)\s+(\S.*)")


def add_logger(text: str, build: Builder) -> None:
    """Add the rows of a logger; its clock is taken as Dutch winter time, which is told.

    Raises
    ------
    FormatError
        If it has no data.
    """
    before, found, after = text.partition("[Data]")
    if not found:
        raise FormatError("{file} has no [Data].", hint="Export it again.", file=build.source)
    station = build.station(_setting(before, "Location") or build.source, serial=_setting(before, "Serial number"))
    kinds: list[int] = []
    for block in re.split(r"\[Channel \d+\]", before)[1:]:
        label = _setting(block, "Identification") or f"channel {len(kinds) + 1}"
        written = (_setting(block, "Range") or "").split()
        given = written[-1].replace("\ufffd", "°") if len(written) > 1 else ""
        unit, given = unit_of(given)
        kinds.append(build.quantity(label.lower(), unit, given, title=label))
    lines = after.splitlines()
    told = next((int(line) for line in lines[:5] if line.strip().isdecimal() and len(line) < 12), None)
    rows = 0
    for line in lines:
        match = _ROW.fullmatch(line)
        if match is None:
            continue
        year, month, day, clock, rest = match.groups()
        at, values = moment(f"{year}-{month}-{day}T{clock}", CET), rest.split()
        if at is None:
            build.remark("{file} has rows without a site or a time; they are left out.", file=build.source)
            continue
        rows += 1
        for kind, written_value in zip(kinds, values):
            value = number_of(written_value)
            build.add(station, kind, at, value, quality=INVALID if value != value else UNKNOWN)
    build.remark("{file} names no zone of time; Dutch winter time (UTC+1) is taken.", file=build.source)
    if told is not None and told != rows:
        build.remark(
            "{file} says that it has {expected} rows and has {found}.", file=build.source, expected=told, found=rows
        )


def _setting(text: str, name: str) -> str:
    match = re.search(rf"^\s*{re.escape(name)}\s*=(.*)$", text, re.MULTILINE)
    return match[1].strip() if match else ""
