"""Whether a raster is likely to be in another unit than is expected: by what it states, or by its values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.translate import mark

from ..base import Values
from ..problem import ERROR, WARNING, Problem

if TYPE_CHECKING:
    from dtwin_plugin.data import Grid

# The steepest half of the Netherlands is far from this; heights in cm are above it on the flattest polder
STEEPEST = 1.0
ENOUGH = 4_000_000  # cells
HEIGHTS = ("mm", "millimetre", "millimeter", "cm", "centimetre", "centimeter", "dm", "ft", "foot", "feet")
# input -> what it is called, its unit, and the largest value below which it is likely to be in a larger unit
SMALL = {
    "infiltration_capacity": (mark("Infiltration capacity"), "mm h-1", 0.1),
    "soil_storage": (mark("Storage of the soil"), "mm", 5.0),
}
RATES = ("m d-1", "m/d", "m/day", "m s-1", "m/s", "m h-1", "m/h", "cm d-1", "cm/d", "mm d-1", "mm/d", "cm h-1", "cm/h")
DEPTHS = ("cm", "dm")


def check_heights(values: Values) -> Iterator[Problem]:
    """Yield whether the terrain is likely to be in mm or cm: it says so, or half of it is steeper than 45 degrees."""
    terrain: Grid = values["terrain"]
    steep = median_slope(terrain)
    if terrain.unit.strip().lower() in HEIGHTS or steep > STEEPEST:
        yield Problem(
            "DT132",
            "terrain",
            "The terrain states the unit {unit}, and half of it is steeper than {slope:.2g} m per m; expected heights "
            "in m. Multiply it by 0.01 or 0.001 first if it is in cm or mm.",
            {"unit": terrain.unit or "-", "slope": steep},
            ERROR,
        )


def median_slope(terrain: Grid) -> float:
    """Return the slope [m m-1] that half of the steps between neighbouring cells are above; 0 where there are none.

    >>> from dtwin_plugin.data import Grid
    >>> median_slope(Grid([[0.0, 1.0, 2.0], [0.0, 1.0, 2.0], [0.0, 1.0, 2.0]], 0, 3, 2.0))
    0.25
    """
    some = max(1, terrain.values.size // ENOUGH)  # of the rows and columns: a few million steps say it
    steps = np.abs(
        np.concatenate(
            [np.diff(terrain.values[::some], axis=1).ravel(), np.diff(terrain.values[:, ::some], axis=0).ravel()]
        )
    )
    known = steps[np.isfinite(steps)]
    return float(np.median(known)) / terrain.cell_size if known.size else 0.0


def check_soil(values: Values) -> Iterator[Problem]:
    """Yield which rasters of the soil are likely to be in another unit."""
    for name, (title, unit, small) in SMALL.items():
        grid: Grid | None = values[name]
        if grid is None:
            continue
        high = float(np.nanmax(grid.values))
        stated = grid.unit.strip().lower()
        other = stated in (RATES if unit == "mm h-1" else DEPTHS)
        if other or 0 < high < small:
            yield Problem(
                "DT132",
                name,
                "{field} states the unit {stated} and is at most {high:.3g}; expected {unit}. Convert it first if it "
                "is in another unit.",
                {"field": title, "stated": grid.unit or "-", "high": high, "unit": unit},
                ERROR if other else WARNING,
            )
