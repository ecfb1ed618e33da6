"""A borehole in a GEF: layers with codes of NEN 5104 behind their numbers.

References
----------
GEF-BORE-Report 1.0.0: numbers of quantities (1 top, 2 bottom, 3-7 lutum, silt, sand, gravel, organic, 8 sand median);
with #COLUMNTEXT on, texts follow: main soil with admixtures, colour, and other codes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.log_files import Warn
from dtwin_plugin.sources.soil_codes import lithoclass

from . import units
from .body import Rows
from .header import Column, Header, to_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNITS = {
    "top": "m",
    "bottom": "m",
    "sand_median": "µm",
    **dict.fromkeys(("clay_content", "silt_content", "sand_content", "gravel_content", "organic_content"), "%"),
}
_PERCENTAGES = {3: "clay_content", 4: "silt_content", 5: "sand_content", 6: "gravel_content", 7: "organic_content"}


def bore_rows(header: Header, rows: Rows, warn: Warn) -> dict[str, NDArray[Any]]:
    """Return the columns of a borehole by depth; `warn` hears what a user should know of them.

    Raises
    ------
    FormatError
        If it has no tops and bottoms of layers.
    """
    columns = header.columns()
    places = {column.quantity: (place, column) for place, column in reversed(columns.items()) if column.quantity}
    if not {1, 2} <= set(places):
        raise FormatError(
            "{file} has no columns with the top and the bottom of its layers (quantities 1 and 2).",
            hint="Ask who made it for the whole file.",
            file=header.file,
        )
    top, bottom = (_lengths(rows, *places[number]) for number in (1, 2))
    first_text = max(columns) + 1
    soil = _texts(rows, first_text)
    median = _median(rows, places.get(8))
    result: dict[str, NDArray[Any]] = {"top": top, "bottom": bottom, "soil": soil}
    result["lithoclass"] = np.array([lithoclass(*pair) for pair in zip(soil, median.tolist())], np.int64)
    result["colour"] = _texts(rows, first_text + 1)
    result["remarks"] = _remarks(rows, first_text + 2)
    if np.isfinite(median).any():
        result["sand_median"] = median
    for number, name in _PERCENTAGES.items():
        if number in places:
            values = rows.numbers(places[number][0], places[number][1].void)
            result |= {name: values} if np.isfinite(values).any() else {}
    return _in_order(header, result, warn)


def site_columns(header: Header) -> dict[str, float]:
    """Return what is known of the borehole as a whole: NaN where it is not."""
    depth = header.variable(16)
    return {"final_depth": depth if 0 < depth < 5000 else math.nan}


def _lengths(rows: Rows, place: int, column: Column) -> NDArray[np.float64]:
    void = math.nan if column.void == 0 else column.void
    known = units.factor(column.unit, units.LENGTH)
    return rows.numbers(place, void) * (1.0 if known is None else known)


def _median(rows: Rows, found: tuple[int, Column] | None) -> NDArray[np.float64]:
    """Return the sand median [um]; it is often written in um where the file says mm."""
    if found is None:
        return np.full(len(rows), np.nan)
    values = rows.numbers(found[0], found[1].void)
    values = np.where(values <= 2, values * 1000, values)  # no sand is finer than 2 um or coarser than 2 mm
    return np.where(values > 0, values, np.nan)


def _texts(rows: Rows, place: int) -> NDArray[Any]:
    """Return a column of texts; None where a row has none, or a number."""
    result = np.empty(len(rows), object)
    for number, row in enumerate(rows.cells):
        text = row[place].strip("'\" ") if place < len(row) else ""
        result[number] = text if text and math.isnan(to_number(text)) else None
    return result


def _remarks(rows: Rows, place: int) -> NDArray[Any]:
    result = np.empty(len(rows), object)
    result[:] = [
        " ".join(text.strip("'\" ") for text in row[place:] if text.strip("'\" ")) or None for row in rows.cells
    ]
    return result


def _in_order(header: Header, result: dict[str, NDArray[Any]], warn: Warn) -> dict[str, NDArray[Any]]:
    top, bottom = result["top"], result["bottom"]
    if np.isfinite(top).any() and np.nanmedian(bottom) < 0 and np.nanmedian(top) <= 0:  # counted as heights
        top, bottom = result["top"], result["bottom"] = -top, -bottom
    kept = np.flatnonzero(np.isfinite(top) & np.isfinite(bottom) & (bottom >= top))
    if len(kept) < len(top):
        missing = len(top) - len(kept)
        warn("{file}: {count} layers have no top above their bottom and are left out.", file=header.file, count=missing)
    if not len(kept):
        raise FormatError("{file} has no layers.", hint="Export it again.", file=header.file)
    kept = kept[np.argsort(top[kept], kind="stable")]
    return {name: values[kept] for name, values in result.items()}
