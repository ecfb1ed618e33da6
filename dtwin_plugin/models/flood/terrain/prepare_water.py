"""Open water gets one level: laser light that water throws back is noise, or nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.columns import number_with_comma
from dtwin_plugin.data.rasterise import labels

from .prepare_levels import COVERED, SPANNED, WATER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid

    from .prepare_findings import Findings
    from .prepare_levels import Layers

LEVEL_COLUMN = "peil"  # of a layer that has it: the BGT itself has no levels
_LOW, _HIGH = 10, 90  # percentiles of the heights within a water body; the lower one is its level
_SHARE = 0.02  # of a water body whose heights must be known
_BANK = 3  # cells from the bank, where heights are often drawn from it
_UNEVEN = 0.30  # m between those percentiles
_HIGHER = 0.5  # m above the level: banks and boats, or another water body if they are
_MUCH = 0.25  # of the water body or more


def level_water(
    heights: NDArray[np.float32], below_decks: NDArray[np.int8], cells: Grid, layers: Layers, findings: Findings
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the terrain with a level surface on each water body, and which cells that is.

    Polygons of water that touch are one body. Its level is that of the column `peil` where there is one [m NAP], else
    the 10th percentile of the heights within it; where fewer than 2 % of its cells are known, that of the bank beside
    it. Heights of more than 0.5 m above that level are banks, boats and flanks of bridges, and are lowered to it;
    unless they are a quarter of the water body: then it has more than one level, and they stay.

    Parameters
    ----------
    heights : ndarray
        [m], shape (rows, cols); NaN = not known.
    below_decks : ndarray
        COVERED cells lie below something that was not taken off, and are left as they are; SPANNED ones are water too.
    """
    from scipy import ndimage

    water = np.flatnonzero((layers.classes == WATER) & (layers.level <= 0))
    result, wet = heights.copy(), np.zeros(heights.shape, bool)
    if not len(water):
        return result, wet
    drawn = np.where(below_decks == COVERED, 0, labels(layers.features.geometries.take(water), cells))
    known = np.isfinite(heights)
    bodies, _ = ndimage.label((drawn > 0) | (below_decks == SPANNED), np.ones((3, 3)))
    given = _levels(layers, water)
    for index, box in enumerate(ndimage.find_objects(bodies), 1):
        window = tuple(slice(max(0, side.start - 2), side.stop + 2) for side in box)
        inside = bodies[window] == index
        corner = (window[0].start, window[1].start)
        own = _own(heights[window], inside, known[window])
        parts = np.unique(drawn[window][inside])
        stated = given[parts[parts > 0] - 1]
        stated = stated[np.isfinite(stated)]
        if len(stated):
            level = float(np.median(stated))
        elif len(own):
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
            high = inside & (before > level + _HIGHER)
        flat = inside & ~high if high.sum() > _MUCH * inside.sum() else inside
        change = float(np.nanmean(np.append(level - before[flat & np.isfinite(before)], 0.0)))
        result[window][flat] = level
        wet[window] |= flat
        findings.add("DT173", inside, level, change, corner)
    return result, wet


def _own(heights: NDArray[np.float32], inside: NDArray[np.bool_], known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the heights of a water body, away from its banks if there are enough; none if too few are known."""
    from scipy import ndimage

    for area in (ndimage.binary_erosion(inside, np.ones((3, 3)), _BANK), inside):
        own = heights[area & known]
        if len(own) and len(own) >= _SHARE * area.sum():
            return own
    return heights[:0].ravel()


def _levels(layers: Layers, water: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the level that the layer gives each water body [m NAP]; NaN where it gives none."""
    column = layers.features.columns.get(LEVEL_COLUMN)
    values = [None] * len(water) if column is None else column[water].tolist()
    return np.array([number_with_comma(value) for value in values], float)
