"""Composition of groundwater: a report of the BRO (GAR) as text, and the wide table of DINO."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.bro.groundwater import moment
from dtwin_plugin.sources.gef.header import to_number
from dtwin_plugin.sources.log_files import Found, Warn

from .blocks import Block, blocks_of, date_of, iso_day, objects
from .place import place_in, placed

# A column of the wide table: a parameter and its unit.
_PARAMETER = re.compile(r"(.+?)\s*[(\[]([^()\[\]]+)[)\]]\s*$")
_ABOUT = (
    "nitg", "filter", "monster", "datum", "analyse", "buis", "peilbuis", "laborator", "opmerking", "kwaliteit",
    "diepte", "bovenkant", "onderkant", "x-coord", "y-coord",
)  # fmt: skip
_COLUMNS = ("parameter", "value", "unit", "quality", "limit_symbol", "reporting_limit")


def samples(lines: Iterator[list[str]], file: str, warn: Warn, position: tuple[float, float] | None) -> list[Found]:
    """Return a report of the BRO: a row a parameter; raises FormatError where it has none."""
    blocks = blocks_of(lines)
    general = next((block for block in blocks if block.place("bro-id") is not None and block.rows), Block("", []))
    taken = moment(general.first("tijdstip veldonderzoek"))
    rows: list[tuple[Any, ...]] = []
    for block in blocks:
        if block.place("parameter") is None or block is general:
            continue
        names, codes = block.texts("parameter"), block.texts("aquo")
        values, units = block.texts("meetwaarde"), block.texts("eenheid", "me")
        limits, symbols = block.numbers("rapportagegrens"), block.texts("limietsymbool")
        for name, code, value, unit, quality, symbol, limit in zip(
            names, codes, values, units, block.texts("kwaliteitscontrole"), symbols, limits.tolist()
        ):
            if name:
                rows.append((name, to_number(value or ""), unit, quality, symbol, limit, code))
    name = general.first("bro-id") or file.rpartition(".")[0]
    if not rows:
        raise FormatError("{file} has no measured parameters.", hint="Download it again.", file=file)
    site = {
        "id": name,
        "tube": general.number("buis"),
        "date": iso_day(taken),
        "quality_regime": general.first("kwaliteitsregime"),
    }
    columns = _table([row[:6] for row in rows], np.full(len(rows), taken, "datetime64[s]"))
    columns["code"] = objects(row[6] for row in rows)
    facts = {
        "kind": "samples", "id": name, "rows": len(rows), "date": site["date"], "parameters": [row[0] for row in rows],
    }  # fmt: skip
    return [Found("samples", file, placed(position), site, columns, {}, facts)]


def quality(lines: Iterator[list[str]], file: str, warn: Warn, position: tuple[float, float] | None) -> list[Found]:
    """Return the samples of a well of DINO: a row a parameter that was measured; raises FormatError where none was."""
    blocks = blocks_of(lines)
    general = next((block for block in blocks if block.place("x-coord") is not None and block.rows), Block("", []))
    measured = next((block for block in blocks if block.place("monster") is not None and block is not general), None)
    rows: list[tuple[Any, ...]] = []
    moments: list[np.datetime64] = []
    tubes: list[str | None] = []
    if measured is not None:
        dates, filters = measured.texts("monster", "datum"), measured.texts("filter")
        for row, day, tube in zip(measured.rows, dates, filters):
            for cell, heading in zip(row, measured.names):
                value = to_number(cell.lstrip("<> "))
                if heading and not heading.startswith(_ABOUT) and math.isfinite(value):
                    parts = _PARAMETER.match(heading)
                    name, unit = (parts[1], parts[2]) if parts else (heading, None)
                    symbol = cell[0] if cell[0] in "<>" else None
                    rows.append((name, value, unit, None, symbol, value if symbol else math.nan))
                    moments.append(date_of(day))
                    tubes.append(tube)
    name = general.first("nitg-nr") or file.rpartition(".")[0]
    if not rows:
        raise FormatError("{file} has no measured parameters.", hint="Ask for another well.", file=file)
    times = np.array(moments, "datetime64[s]")
    order = np.argsort(times, kind="stable")
    columns = {key: values[order] for key, values in {**_table(rows, times), "tube": objects(tubes)}.items()}
    known = times[~np.isnat(times)]
    site = {"id": name, "date": iso_day(known.max()) if len(known) else None}
    surface = general.number("maaiveldhoogte")
    facts = {
        "kind": "samples", "id": name, "rows": len(rows), "date": site["date"], "surface": surface,
        "parameters": sorted({row[0] for row in rows}), "samples": len(measured.rows) if measured else 0,
    }  # fmt: skip
    return [Found("samples", file, place_in(general, surface, position), site, columns, {}, facts)]


def _table(rows: list[tuple[Any, ...]], times: Any) -> dict[str, Any]:
    columns = dict(zip(_COLUMNS, zip(*rows)))
    result: dict[str, Any] = {"time": times}
    for name, values in columns.items():
        numbers = name in ("value", "reporting_limit")
        result[name] = np.array(values, np.float64) if numbers else objects(values)
    return result
