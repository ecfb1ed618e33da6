"""Where a file of DINO says that it was measured."""

from __future__ import annotations

import math

from dtwin_plugin.data.crs import RD, in_rd_bounds
from dtwin_plugin.sources.log_files import Place

from .blocks import Block

_RD_NAMES = ("rd", "rijksdriehoek", "31000", "28992", "")


def place_in(block: Block, surface: float, position: tuple[float, float] | None) -> Place:
    """Return the place in the first row of a table; `position` in RD New where it tells none.

    >>> place_in(Block("", ["x-coordinaat", "y-coordinaat", "crs"], [["118435", "439819", "RD2000"]]), -1.2, None)
    Place(x=118435.0, y=439819.0, crs='EPSG:28992', surface=-1.2)
    """
    x, y = block.number("x-coord"), block.number("y-coord")
    stated = (block.first("crs") or block.first("coordinaat systeem") or "").lower()
    if not (math.isfinite(x) and math.isfinite(y)) or (x == 0 and y == 0):
        return placed(position, surface)
    in_rd = in_rd_bounds(x, y, x, y) or stated.startswith(_RD_NAMES[:-1])
    if not in_rd and position is not None:
        return placed(position, surface)
    return Place(x, y, RD if in_rd else None, surface)


def placed(position: tuple[float, float] | None, surface: float = math.nan) -> Place:
    """Return a place that the user gave, or none."""
    return Place(surface=surface) if position is None else Place(*position, RD, surface)
