"""A borehole of DINO as text: general facts, and layers with their soils in words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.log_files import Found, Warn
from dtwin_plugin.sources.soil_codes import lithoclass

from .blocks import Block, blocks_of, date_of, iso_day, objects
from .place import place_in

UNITS = {
    "top": "m", "bottom": "m", "sand_median": "µm",
    **dict.fromkeys(("clay_content", "silt_content", "sand_content", "gravel_content", "organic_content"), "%"),
}  # fmt: skip
_PERCENTAGES = {
    "lutum %": "clay_content", "silt %": "silt_content", "zand %": "sand_content", "grind %": "gravel_content",
    "organische stof %": "organic_content",
}  # fmt: skip


def borehole(lines: Iterator[list[str]], file: str, warn: Warn, position: tuple[float, float] | None) -> list[Found]:
    """Return a borehole with its layers by depth; raises FormatError where it has none."""
    blocks = blocks_of(lines)
    general = next((block for block in blocks if block.place("x-coord") is not None and block.rows), Block("", []))
    layers = next((block for block in blocks if block.place("bovenkant laag") is not None), None)
    if layers is None or not layers.rows:
        raise FormatError(
            "{file} has no layers: DINO has no description of this borehole.", hint="Ask for another one.", file=file
        )
    rows = _layers(layers)
    kept = np.flatnonzero(np.isfinite(rows["top"]) & np.isfinite(rows["bottom"]) & (rows["bottom"] >= rows["top"]))
    if len(kept) < len(layers.rows):
        missing = len(layers.rows) - len(kept)
        warn("{file}: {count} layers have no top above their bottom and are left out.", file=file, count=missing)
    kept = kept[np.argsort(rows["top"][kept], kind="stable")]
    rows = {name: values[kept] for name, values in rows.items()}
    surface = general.number("maaiveldhoogte")
    if math.isnan(surface):
        warn("{file} does not tell the height of the surface; depths cannot be shown as heights.", file=file)
    site: dict[str, Any] = {
        "id": general.first("nitg-nr") or file.rpartition(".")[0],
        "date": iso_day(date_of(general.first("datum boring"))),
        "final_depth": general.number("einddiepte"),
        "method": general.first("boormethode"),
        "company": general.first("uitvoerder"),
    }
    facts = {
        "kind": "borehole", "id": site["id"], "rows": len(layers.rows), "surface": surface, "date": site["date"],
        "depth": float(rows["bottom"].max()) if len(kept) else None, "columns": [name for name in layers.names if name],
        "tables": [block.title for block in blocks if block.title],
    }  # fmt: skip
    return [Found("borehole", file, place_in(general, surface, position), site, rows, UNITS, facts)]


def _layers(block: Block) -> dict[str, Any]:
    main, median, size = (
        block.texts("hoofdgrondsoort"),
        block.numbers("zandmediaan m63"),
        block.texts("zandmediaanklasse"),
    )
    mixed = [n for n, name in enumerate(block.names) if name.startswith("bijmenging")]
    soils, classes = [], []
    for row, soil, grain, words in zip(block.rows, main, median.tolist(), size):
        found = [row[place] for place in mixed if place < len(row) and row[place]]
        soils.append(", ".join(filter(None, (soil, *found))) or None)
        classes.append(lithoclass(" ".join(filter(None, (*found, soil))), grain, words))
    rows: dict[str, Any] = {
        "top": block.numbers("bovenkant laag"),
        "bottom": block.numbers("onderkant laag"),
        "soil": objects(soils),
        "lithoclass": np.array(classes, np.int64),
        "colour": objects(block.texts("kleur")),
    }
    rows |= {"sand_median": median} if np.isfinite(median).any() else {}
    for name, column in _PERCENTAGES.items():
        values = block.numbers(name)
        rows |= {column: values} if np.isfinite(values).any() else {}
    return rows
