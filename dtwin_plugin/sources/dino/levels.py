"""Groundwater and surface water levels of DINO: a table of wells over time, and a table of levels in cm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.gef.header import to_number
from dtwin_plugin.sources.log_files import Found, Warn

from .blocks import Block, blocks_of, date_of, iso_day, objects
from .place import place_in

UNITS = {"level": "m NAP"}
_CM = 100.0  # in a metre; divided by, so that -95 cm is -0.95 m and no digit more


def levels(lines: Iterator[list[str]], file: str, warn: Warn, position: tuple[float, float] | None) -> list[Found]:
    """Return a series for each tube of a file, by moment; one without levels has no rows.

    A level that is told below the measuring point or the surface only is brought to NAP by the height of that moment.

    Raises
    ------
    FormatError
        If it has no table of wells.
    """
    blocks = [block for block in blocks_of(lines) if block.place("locatie") is not None]
    wells = next((block for block in blocks if block.place("x-coord") is not None and block.rows), None)
    measured = next((block for block in blocks if block.place("peil", "datum") is not None), Block("", []))
    if wells is None:
        raise FormatError(
            "{file} tells of no well: DINO has no levels of it.", hint="Ask for another well or tube.", file=file
        )
    found = []
    tubes = dict.fromkeys(map(_key, _names(wells)))
    for name, tube in tubes:
        about = _part(wells, (name, tube))
        found.append(_series(about, _part(measured, (name, tube)), file, position))
        if not len(found[-1].rows["time"]):
            warn("{file} has no levels of {well}.", file=file, well=found[-1].site["id"])
    return found


def _series(about: Block, measured: Block, file: str, position: tuple[float, float] | None) -> Found:
    name, tube = _key(next(iter(_names(about))))
    moments = np.array([date_of(text) for text in measured.texts("peil", "datum")], "datetime64[s]")
    level = _levels(about, measured, moments)
    remarks = zip(measured.texts("bijzonderheid"), measured.texts("opmerking"))
    rows = {
        "time": moments,
        "level": level,
        "remarks": objects(" ".join(filter(None, pair)) or None for pair in remarks),
    }
    kept = np.flatnonzero(~np.isnat(moments))
    kept = kept[np.argsort(moments[kept], kind="stable")]
    rows = {key: values[kept] for key, values in rows.items()}
    last = Block("", about.names, about.rows[-1:])  # what holds now
    surface = last.number("maaiveld", "nap") / _CM
    times = rows["time"]
    site: dict[str, Any] = {
        "id": f"{name}-{tube.zfill(3)}" if tube else name,
        "well": name,
        "tube": to_number(tube),
        "other_name": last.first("externe"),
        "tube_top": last.number("meetpunt", "nap") / _CM,
        "screen_top": last.number("bovenkant") / _CM,
        "screen_bottom": last.number("onderkant") / _CM,
        "first_date": iso_day(times[0]) if len(times) else None,
        "last_date": iso_day(times[-1]) if len(times) else None,
    }
    known = rows["level"][np.isfinite(rows["level"])]
    facts = {
        "kind": "levels",
        "id": site["id"],
        "rows": len(times),
        "unknown": len(times) - len(known),
        "periods": len(about.rows),
        "first_date": site["first_date"],
        "last_date": site["last_date"],
        "surface": surface,
        "lowest": float(known.min()) if len(known) else None,
        "highest": float(known.max()) if len(known) else None,
    }
    return Found("levels", file, place_in(last, surface, position), site, rows, UNITS, facts)


def _levels(about: Block, measured: Block, moments: Any) -> Any:
    """Return levels [m NAP], from those below the measuring point or the surface where they are told so only."""
    level = measured.numbers("stand", "nap") / _CM
    since = np.array([date_of(text) for text in about.texts("start", "datum")], "datetime64[s]")
    order = np.argsort(since, kind="stable")
    known = order[~np.isnat(since[order])]
    for below, height in ((("stand", "mp"), ("meetpunt", "nap")), (("stand", "mv"), ("maaiveld", "nap"))):
        tops = about.numbers(*height)
        if len(known):
            place = np.clip(np.searchsorted(since[known], moments, side="right") - 1, 0, len(known) - 1)
            tops = tops[known][place]
        else:
            tops = np.full(len(moments), tops[-1])
        computed = (tops - measured.numbers(*below)) / _CM
        level = np.where(np.isnan(level), computed, level)
    return level


def _names(block: Block) -> list[tuple[str | None, str | None]]:
    return list(zip(block.texts("locatie"), block.texts("filternummer")))


def _key(pair: tuple[str | None, str | None]) -> tuple[str, str]:
    return pair[0] or "?", pair[1] or ""


def _part(block: Block, key: tuple[str, str]) -> Block:
    """Return the rows of one tube."""
    chosen = [row for row, pair in zip(block.rows, _names(block)) if _key(pair) == key]
    return Block(block.title, block.names, chosen)
