"""A vertical electrical sounding of DINO: apparent resistance of the ground by the distance of the electrodes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.log_files import Found, Warn

from .blocks import Block, blocks_of, date_of, iso_day
from .place import place_in


def sounding(lines: Iterator[list[str]], file: str, warn: Warn, position: tuple[float, float] | None) -> list[Found]:
    """Return a sounding as a point: "curve" has pairs of half the distance [m] and the resistance [ohm m] as JSON.

    Interpretations are in "layers": a list a table, each with the values by their names in the file.

    Raises
    ------
    FormatError
        If it has no measurements.
    """
    blocks = blocks_of(lines)
    empty = Block("", [])
    general = next((block for block in blocks if block.place("x-coord") is not None and block.rows), empty)
    head = next((block for block in blocks if block.place("meetdatum") is not None), empty)
    measured = next((block for block in blocks if block.place("l/2") is not None), empty)
    half, resistance = measured.numbers("l/2"), measured.numbers("r")
    curve = [pair for pair in zip(half.tolist(), resistance.tolist()) if all(map(math.isfinite, pair))]
    if not curve:
        raise FormatError("{file} has no measurements.", hint="Ask for another sounding.", file=file)
    surface = general.number("hoogte")
    if math.isnan(surface):
        warn("{file} does not tell the height of the surface; depths cannot be shown as heights.", file=file)
    layers = [_plain(block) for block in blocks if block.title.startswith("interpretaties")]
    site: dict[str, Any] = {
        "id": general.first("nitg-nr") or file.rpartition(".")[0],
        "date": iso_day(date_of(head.first("meetdatum"))),
        "configuration": head.first("configuratie"),
        "direction": head.number("richting"),
        "largest_half_distance": float(np.nanmax(half)),
        "measurements": len(curve),
        "curve": [list(pair) for pair in curve],
        "layers": layers or None,
    }
    facts = {
        "kind": "electrical sounding", "id": site["id"], "rows": len(measured.rows), "surface": surface,
        "date": site["date"], "configuration": site["configuration"], "interpretations": len(layers),
        "half_distances": [float(np.nanmin(half)), float(np.nanmax(half))],
        "resistances": [min(pair[1] for pair in curve), max(pair[1] for pair in curve)],
    }  # fmt: skip
    return [Found("electrical sounding", file, place_in(general, surface, position), site, {}, {}, facts)]


def _plain(block: Block) -> list[dict[str, str]]:
    return [{name: value for name, value in zip(block.names, row) if name and value} for row in block.rows]
