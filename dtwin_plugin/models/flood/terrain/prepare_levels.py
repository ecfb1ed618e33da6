"""What lies over what on the base map: decks are taken off the terrain, and the bed below them is drawn through.

In the BGT each object has a relative height: 0 on the ground, 1 or more on a bridge, -1 or less in a tunnel or below
a road at ground level. Where two overlap, water flows over the lower one, whose height is known beside the deck.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.columns import number_of
from dtwin_plugin.data.rasterise import labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Grid

    from .prepare_findings import Findings

CLASS, LEVEL = "klasse", "relatieve_hoogteligging"
WATER = "waterdeel"
COVERED, SPANNED = 1, 2
# What can be ground or deck. Buildings are no deck: the flood model lets water flow around them.
GROUND = (
    "wegdeel",
    "ondersteunendwegdeel",
    "waterdeel",
    "ondersteunendwaterdeel",
    "begroeidterreindeel",
    "onbegroeidterreindeel",
    "overbruggingsdeel",
    "tunneldeel",
)
_RIM = 20.0  # m beside a deck from which the bed is drawn through
_LOWERED = 0.05  # m, a deck is taken off where the bed is lower than this
_KNOWN = 3  # cells of the bed that must be known beside a deck


@dataclass(frozen=True)
class Layers:
    """Polygons of the base map that are ground or deck.

    Attributes
    ----------
    features : Features
    classes : ndarray of str
        Class of each.
    kinds : ndarray of str
        Class and function: a railway is no continuation of a street.
    level : ndarray
        Relative height of each; 0 where it is not known.
    """

    features: Features
    classes: NDArray[Any]
    kinds: NDArray[Any]
    level: NDArray[np.int64]


def layers_of(base_map: Features) -> Layers:
    """Return the polygons that are ground or deck, with their relative height.

    Examples
    --------
    >>> from dtwin_plugin.data import Features, Geometries
    >>> square = [[[(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]]]
    >>> columns = {"klasse": np.array(["pand", "wegdeel"], object), "relatieve_hoogteligging": np.array(["0", "1"])}
    >>> layers_of(Features(Geometries.build("polygon", [square, square]), columns)).level.tolist()
    [1]
    """
    classes = np.array([str(name).lower() for name in base_map.columns[CLASS]], object)
    chosen = np.flatnonzero(np.isin(classes, GROUND))
    features = base_map.take(chosen)
    found = features.columns.get(LEVEL, np.zeros(len(chosen)))
    functions = features.columns.get("functie", np.full(len(chosen), None))
    kinds = np.array([f"{name} {function}" for name, function in zip(classes[chosen], functions)], object)
    return Layers(features, classes[chosen], kinds, np.array([_whole(value) for value in found], np.int64))


def take_off_decks(
    heights: NDArray[np.float32],
    cells: Grid,
    layers: Layers,
    longest: float,
    findings: Findings,
    *,
    levelled: bool = True,
) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Return the terrain with the bed below decks drawn through from what lies beside them, and what is below decks.

    That is COVERED where it stays closed, and SPANNED where water passes: it is left without height, and gets the
    level of its water body. Water passes below a deck that is drawn over water, or over nothing between water: some
    maps end the water at its bridges.

    Parameters
    ----------
    heights : ndarray
        [m], shape (rows, cols) of `cells`; NaN = not known.
    longest : float
        Length [m] up to which something below the ground is opened; a longer one is a tunnel and stays closed.
    levelled : bool
        Whether water gets its level afterwards; else its bed too is drawn through.
    """
    from scipy import ndimage

    covered, below, above = _covered(cells, layers)
    result, below_decks = heights.copy(), np.zeros(heights.shape, np.int8)
    is_water = np.append(False, layers.classes == WATER)
    decks, _ = ndimage.label(covered, np.ones((3, 3)))
    margin = max(2, int(np.ceil(_RIM / cells.cell_size)))
    for index, box in enumerate(ndimage.find_objects(decks), 1):
        window = tuple(
            slice(max(0, side.start - margin), min(size, side.stop + margin)) for side, size in zip(box, heights.shape)
        )
        deck = decks[window] == index
        corner = (window[0].start, window[1].start)
        under, over = below[window], above[window]
        free = np.where(covered[window], np.float32(np.nan), heights[window])
        bed = _bed(free, deck, (under, over), layers, cells.cell_size, longest)
        closed = deck & np.isnan(bed) & (np.append(0, layers.level)[under] < 0)
        if closed.any():
            findings.add("DT170", closed, _length(closed, cells.cell_size), corner=corner)
            below_decks[window][closed] = COVERED
        opened = deck & ~closed
        unknown = opened & np.isnan(bed)
        beside_water = ndimage.binary_dilation(is_water[under], np.ones((3, 3)), 2)
        wet = opened & (is_water[under] | ((under == 0) & (beside_water & deck).any()))
        wet &= unknown | levelled
        below_decks[window][wet] = SPANNED
        unknown &= ~wet
        bed[wet] = np.nan
        if unknown.any():
            findings.add("DT167", unknown, corner=corner)
            bed[unknown] = _around(free, unknown)
        # terrain that is lower than the bed drawn through is the bed: the deck was taken off before
        lowest = np.where(np.isnan(bed), bed, np.fmin(bed, heights[window]))
        lowered = opened & (lowest < heights[window] - _LOWERED)
        if lowered.any():
            change = float((lowest - heights[window])[lowered].mean())
            findings.add("DT171", lowered, -change, change, corner)
        result[window][opened] = lowest[opened]
    return result, below_decks


def covered_cells(cells: Grid, layers: Layers) -> NDArray[np.int8]:
    """Return COVERED where something lies over something else."""
    return _covered(cells, layers)[0].astype(np.int8) * np.int8(COVERED)


def _covered(cells: Grid, layers: Layers) -> tuple[NDArray[np.bool_], NDArray[np.int32], NDArray[np.int32]]:
    """Return where something lies over something else, and what is lowest and highest (0 = nothing, k = polygon k - 1).

    Both are known near decks only, which saves drawing the whole map.
    """
    box = layers.features.geometries.bounds() + np.array([-_RIM, -_RIM, _RIM, _RIM])
    raised = np.flatnonzero((layers.level != 0) & np.isfinite(box).all(axis=1))
    near = np.zeros(len(box), bool)
    for k in raised:
        near |= (
            (box[:, 0] <= box[k, 2]) & (box[:, 2] >= box[k, 0]) & (box[:, 1] <= box[k, 3]) & (box[:, 3] >= box[k, 1])
        )
    chosen = np.flatnonzero(near)
    if not len(raised):
        nothing = np.zeros(cells.shape, np.int32)
        return nothing > 0, nothing, nothing
    shapes, level = layers.features.geometries, np.append(-99, layers.level)

    def drawn(order: NDArray[np.int64]) -> NDArray[np.int32]:
        found = labels(shapes.take(chosen[order]), cells)
        return np.append(-1, chosen[order])[found].astype(np.int32) + 1

    top = drawn(np.argsort(layers.level[chosen], kind="stable"))
    bottom = drawn(np.argsort(-layers.level[chosen], kind="stable"))
    bridges = np.append(False, layers.classes == "overbruggingsdeel")
    over = (level[top] > level[bottom]) & (bottom > 0)
    alone = (top > 0) & (top == bottom) & (level[top] > 0) & bridges[top]  # a deck over what nobody mapped
    return over | alone, np.where(alone, 0, bottom).astype(np.int32), top


def _bed(
    free: NDArray[np.float32],
    deck: NDArray[np.bool_],
    things: tuple[NDArray[np.int32], NDArray[np.int32]],
    layers: Layers,
    size: float,
    longest: float,
) -> NDArray[np.float32]:
    """Return the bed below one deck: each kind of thing that passes below it, drawn through; NaN where not known.

    Known is the bed beside the deck within the polygons that pass below it, or where these end, within those of the
    same kind and level, as the map cuts a road into pieces. What goes down below the ground comes up beside it at
    level 0. What lies on top there is no bed.
    """
    from scipy import ndimage

    from ...terrain.filling import filled

    under, over = things
    bed = np.full(free.shape, np.nan, np.float32)
    kinds, level = np.append("", layers.kinds), np.append(0, layers.level)
    tops = np.unique(over[deck])
    below = np.unique(under[deck])
    for name, height in sorted({(kinds[k], int(level[k])) for k in below if k}):
        alike = (kinds == name) & (level == height)
        mine = alike[under] & deck
        own = alike & np.isin(np.arange(len(kinds)), below)
        wider = (kinds == name) & ((level == height) | ((level == 0) & (height < 0)))
        own[tops], wider[tops] = False, False
        passes = own if (np.isfinite(free) & own[under]).sum() >= _KNOWN else wider
        beside = np.isfinite(free) & passes[under]
        mouths, count = ndimage.label(beside & ndimage.binary_dilation(mine, np.ones((3, 3)), 2), np.ones((3, 3)))
        if (mouths > 0).sum() < _KNOWN:
            continue
        if height < 0 and (_length(mine, size) > longest or count < 2):
            continue
        within = mine | (passes[under] & ~deck)
        bed[mine] = filled(np.where(beside, free, np.float32(np.nan)), np.inf, within)[mine]
    return bed


def _length(chosen: NDArray[np.bool_], size: float) -> float:
    """Return the diagonal of the box around chosen cells [m]."""
    row, column = np.nonzero(chosen)
    return float(np.hypot(np.ptp(row) + 1, np.ptp(column) + 1)) * size


def _around(free: NDArray[np.float32], unknown: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return heights for unknown cells from all that is known around them; NaN if nothing is."""
    from ...terrain.filling import filled

    found: NDArray[np.float32] = filled(free, np.inf)[unknown]
    return found


def _whole(value: Any) -> int:
    number = number_of(value)
    return int(number) if np.isfinite(number) else 0
