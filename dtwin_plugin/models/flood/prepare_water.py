"""Open water gets one level: laser light that water throws back is noise, or nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.rasterise import labels

from .prepare_levels import WATER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid

    from .prepare_findings import Findings
    from .prepare_levels import Layers

LEVEL_COLUMN = "peil"  # of a layer that has it: the BGT itself has no levels
_LOW, _HIGH = 10, 90  # percentiles of the heights within a water body; the lower one is its level
_SHARE = 0.02  # of a water body whose heights must be known
_UNEVEN = 0.30  # m between those percentiles
_MOST_ABOVE = 0.5  # m: heights that are higher above the level than this are banks, quays and boats, and stay


def level_water(
    heights: NDArray[np.float32], covered: NDArray[np.bool_], cells: Grid, layers: Layers, findings: Findings
) -> NDArray[np.float32]:
    """Return the terrain with a level surface on each water body.

    Polygons of water that touch are one body. Its level is that of the column `peil` where there is one [m NAP], else
    the 10th percentile of the heights within it; where fewer than 2 % of its cells are known, that of the bank beside
    it. Water that is known to lie more than 0.5 m above that level stays: it is a bank or another water body.

    Parameters
    ----------
    heights : ndarray
        [m], shape (rows, cols); NaN = not known.
    covered : ndarray of bool
        Cells below something that was not taken off; they are left as they are.
    """
    from scipy import ndimage

    water = np.flatnonzero((layers.classes == WATER) & (layers.level <= 0))
    result = heights.copy()
    if not len(water):
        return result
    drawn = np.where(covered, 0, labels(layers.features.geometries.take(water), cells))
    known = np.isfinite(heights)
    bodies, _ = ndimage.label(drawn > 0, np.ones((3, 3)))
    given = _levels(layers, water)
    for index, box in enumerate(ndimage.find_objects(bodies), 1):
        window = tuple(slice(max(0, side.start - 2), side.stop + 2) for side in box)
        inside = bodies[window] == index
        corner = (window[0].start, window[1].start)
        own = heights[window][inside & known[window]]
        stated = given[np.unique(drawn[window][inside]) - 1]
        stated = stated[np.isfinite(stated)]
        if len(stated):
            level = float(np.median(stated))
        elif len(own) and len(own) >= _SHARE * inside.sum():
            level = float(np.percentile(own, _LOW))
            spread = float(np.percentile(own, _HIGH)) - level
            if spread > _UNEVEN:
                findings.add("DT168", inside, spread, corner=corner)
        else:
            bank = heights[window][ndimage.binary_dilation(inside, np.ones((3, 3)), 2) & ~inside & known[window]]
            if not len(bank):
                continue
            level = float(np.percentile(bank, _LOW))
            findings.add("DT169", inside, level, corner=corner)
        before = heights[window]
        with np.errstate(invalid="ignore"):
            flat = inside & ~(known[window] & (before > level + _MOST_ABOVE))
        change = float(np.nanmean(np.append(level - before[flat & np.isfinite(before)], 0.0)))
        result[window][flat] = level
        findings.add("DT173", inside, level, change, corner)
    return result


def _levels(layers: Layers, water: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the level that the layer gives each water body [m NAP]; NaN where it gives none."""
    column: Any = layers.features.columns.get(LEVEL_COLUMN)
    result = np.full(len(water), np.nan)
    if column is not None:
        for k, value in enumerate(column[water]):
            try:
                result[k] = float(value)
            except (TypeError, ValueError):
                continue
    return result
