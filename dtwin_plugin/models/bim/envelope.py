"""The outer envelope of a building model: blocks of several heights over the outline that is seen from above.

Method: the elements are looked at from above on a fine grid that is turned along the walls. Cells under any element
are the outline; gaps up to two cells are closed and specks are left out. Heights above the cells are parted into
levels where they jump, and each level becomes a block from the ground to the height that 70 per cent of it stays
below, as LoD 1.3 of the 3DBAG. What is lower than 0.5 m is pavement. Blocks share their edges, so that the envelope
is closed.

Validity: the outline is within half a cell for walls along the main directions, and within one cell elsewhere. What
stands below an overhang is part of the block, as in the outline from above that the BAG asks for. The height of the
eaves is an estimate: the height along the outline that three quarters of it stay above.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import ndimage

from dtwin_plugin.data import Features, Geometries, Surfaces
from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import InputError

from .heights import Heights, heights
from .outlines import Arc, arcs, polygons

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOD = "1.3"
_LOW = 0.5  # m above the ground; what is lower is pavement or a terrace
_JUMP = 1.0  # m between heights of two blocks
_SPECK = 2.0  # m2; a smaller block is part of its neighbour, a smaller part of the outline is left out
_SHARE = 0.02  # of the outline that a level has to have
_EDGE = 0.6  # m from the outline in which the eaves are looked for
# What stands in or around a building and is no part of its outside.
LOOSE = (
    "IfcFurnishingElement", "IfcFurniture", "IfcSystemFurnitureElement", "IfcSpace", "IfcSite", "IfcOpeningElement",
    "IfcVirtualElement", "IfcGeographicElement", "IfcFlowTerminal", "IfcAnnotation", "IfcGrid",
)  # fmt: skip
_BURIED = ("IfcFooting", "IfcPile", "IfcReinforcingBar", "IfcReinforcingMesh")


@dataclass(frozen=True)
class Envelope:
    """The outside of a model.

    Attributes
    ----------
    surfaces : Surfaces
        Ground, walls and roofs of the blocks.
    footprint : Features
        One outline with its heights.
    cell : float
        Size of the cells that it was made with [m].
    """

    surfaces: Surfaces
    footprint: Features
    cell: float


def envelope(elements: Surfaces, name: str, ground: float | None = None, cell: float = 0.1) -> Envelope:
    """Return the envelope of the elements of a model.

    Parameters
    ----------
    elements
        Elements of a building model in RD and m NAP, with their IFC class as type.
    name : str
        Id of the building.
    ground : float, optional
        Height of the ground at the building [m NAP]; default the lowest door, else wall, of the storey at the
        zero of the model.
    cell : float
        Detail [m].

    Raises
    ------
    InputError
        If nothing is seen from above.
    """
    types = elements.columns["type"][elements.objects]
    solid = elements.take(np.flatnonzero(~np.isin(types, (*LOOSE, *_BURIED))))
    if not len(solid):
        raise InputError("{name} has no elements that make an envelope.", hint="Read more classes.", name=name)
    seen = heights(solid, cell)
    base = _ground(solid) if ground is None else ground
    mask = _outline(seen, base + _LOW)
    if not mask.any():
        mask = _outline(seen, -np.inf)
    if not mask.any():
        raise InputError("{name} has no elements that make an envelope.", hint="Read more classes.", name=name)
    top = _filled(seen.top, mask)
    labels, levels = _blocks(top, mask, seen.cell)
    levels = np.maximum(levels, base + 0.01)
    surfaces = _surfaces(seen, labels, levels, base, name)
    footprint = _footprint(seen, mask, top, labels, levels, base, name)
    return Envelope(surfaces, footprint, seen.cell)


def _outline(seen: Heights, lowest: float) -> NDArray[np.bool_]:
    """Return the cells where the model is higher than this, without gaps between elements and without specks."""
    mask = np.pad(np.nan_to_num(seen.top, nan=-np.inf) > lowest, 2)
    mask = ndimage.binary_closing(mask, np.ones((3, 3)))[2:-2, 2:-2]
    holes, count = ndimage.label(~mask)
    if count:
        sizes = np.bincount(holes.ravel()) * seen.cell**2
        small = sizes < _SPECK
        small[0] = False
        mask |= small[holes]
    parts, count = ndimage.label(mask)
    sizes = np.bincount(parts.ravel()) * seen.cell**2
    large = sizes >= min(_SPECK, float(sizes[1:].max(initial=0.0)))
    large[0] = False
    return large[parts]


def _ground(solid: Surfaces) -> float:
    """Return the lowest height of doors, else walls, of the storey at the model's zero, else of all [m NAP]."""
    spans = solid.geometries.coordinate_spans()
    z = np.minimum.reduceat(solid.geometries.coordinates[:, 2], spans[:-1])
    levels = solid.columns.get("storey_elevation")
    entrance = np.zeros(len(solid), bool)
    if levels is not None and levels.dtype.kind == "f" and np.isfinite(levels).any():
        entrance = (levels == levels[np.nanargmin(np.abs(levels))])[solid.objects]
    for floor in (entrance, ~entrance):
        for kind in ("Door", "WallSurface"):
            chosen = (solid.semantics == kind) & floor
            if chosen.any():
                return float(z[chosen].min())
    return float(z.min())


def _filled(top: NDArray[np.float64], mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return heights for the cells of the outline, those of the nearest where there is none."""
    nearest = ndimage.distance_transform_edt(np.isnan(top), return_distances=False, return_indices=True)
    return np.where(mask, top[tuple(nearest)], np.nan)


def _blocks(
    top: NDArray[np.float64], mask: NDArray[np.bool_], cell: float
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return the block of each cell (0 outside), and the height of each block [m NAP]."""
    values = np.sort(top[mask])
    # a jump counts where enough of the outline lies on both sides of it
    jumps = np.flatnonzero(np.diff(values) > 0.2)
    enough = max(int(_SHARE * len(values)), int(_SPECK / cell**2), 1)
    cuts: list[float] = []
    begin = 0
    for jump in jumps.tolist():
        if jump + 1 - begin >= enough and len(values) - jump - 1 >= enough:
            if np.median(values[jump + 1 : jump + 1 + enough]) - np.median(values[begin : jump + 1]) >= _JUMP:
                cuts.append(float((values[jump] + values[jump + 1]) / 2))
                begin = jump + 1
    level = np.where(mask, np.digitize(np.nan_to_num(top), cuts) + 1, 0)
    for _ in range(2):
        level = np.where(mask, _without_specks(level, cell), 0)
    labels = np.zeros(mask.shape, np.int32)
    count = 0
    for number in np.unique(level[mask]).tolist():
        parts, found = ndimage.label(level == number)
        labels = np.where(parts > 0, parts + count, labels).astype(np.int32)
        count += found
    tops = np.array([np.percentile(top[labels == number], 70) for number in range(1, count + 1)])
    return labels, tops


def _without_specks(level: NDArray[Any], cell: float) -> NDArray[Any]:
    """Give small parts of a level to what lies nearest."""
    keep = np.zeros(level.shape, bool)
    for number in np.unique(level[level > 0]).tolist():
        parts, _ = ndimage.label(level == number)
        sizes = np.bincount(parts.ravel())
        large = sizes * cell**2 >= _SPECK
        large[0] = False
        keep |= large[parts]
    if not keep.any():
        return np.where(level > 0, 1, 0)
    nearest = ndimage.distance_transform_edt(~keep, return_distances=False, return_indices=True)
    return level[tuple(nearest)]


def _surfaces(
    seen: Heights, labels: NDArray[np.int32], levels: NDArray[np.float64], base: float, name: str
) -> Surfaces:
    lines = arcs(labels)
    features: list[list[list[NDArray[np.float64]]]] = []
    kinds: list[str] = []
    for number, height in enumerate(levels.tolist(), 1):
        for polygon in polygons(lines, number):
            flat = [seen.to_rd(ring.astype(float)) for ring in polygon]
            features.append([[_at(ring, height) for ring in flat]])
            features.append([[_at(ring[::-1], base) for ring in flat]])
            kinds += ["RoofSurface", "GroundSurface"]
    for line in lines:
        walls = _walls(seen, line, levels, base)
        features += [[[wall]] for wall in walls]
        kinds += ["WallSurface"] * len(walls)
    shapes = Geometries.build("polygon", [[[ring.tolist() for ring in part] for part in f] for f in features])
    columns = {"id": [name], "type": ["Building"], "lod": [LOD], "parent": [None]}
    rows = {key: np.array(value, object) for key, value in columns.items()}
    return Surfaces(shapes, np.array(kinds, object), np.zeros(len(kinds), np.int64), rows, name="envelope")


def _walls(seen: Heights, line: Arc, levels: NDArray[np.float64], base: float) -> list[NDArray[np.float64]]:
    """Return the walls along a line, from the lower to the higher side, seen from the lower one."""
    left, right = (base if side == 0 else float(levels[side - 1]) for side in (line.left, line.right))
    if left == right:
        return []
    corners = line.corners if left > right else line.corners[::-1]  # the higher side to the left
    xy = seen.to_rd(corners.astype(float))
    low, high = min(left, right), max(left, right)
    walls = []
    for one, two in zip(xy[:-1], xy[1:]):
        wall = [(*one, low), (*two, low), (*two, high), (*one, high), (*one, low)]
        walls.append(np.array(wall))
    return walls


def _at(ring: NDArray[np.float64], height: float) -> NDArray[np.float64]:
    return np.column_stack([ring, np.full(len(ring), height)])


def _footprint(
    seen: Heights,
    mask: NDArray[np.bool_],
    top: NDArray[np.float64],
    labels: NDArray[np.int32],
    levels: NDArray[np.float64],
    base: float,
    name: str,
) -> Features:
    parts = polygons(arcs(mask.astype(np.int32)), 1)
    shape = Geometries.build("polygon", [[[seen.to_rd(r.astype(float)).tolist() for r in part] for part in parts]])
    depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1] * seen.cell
    edge = mask & (depth <= max(_EDGE, 2 * seen.cell))
    area = float(mask.sum()) * seen.cell**2
    volume = float((levels[labels[mask] - 1] - base).sum()) * seen.cell**2
    values: dict[str, Any] = {
        "id": name,
        "height_ground": base,
        "height_eaves": float(np.percentile(top[edge], 25)),
        "height_70p": float(np.percentile(top[mask], 70)),
        "height_max": float(np.nanmax(top)),
        "area": area,
        "volume": volume,
    }
    columns: dict[str, NDArray[Any]] = {key: np.array([value]) for key, value in values.items() if key != "id"}
    units = {key: "m" for key in values if key.startswith("height")} | {"area": "m2", "volume": "m3"}
    return Features(shape, {"id": np.array([name], object), **columns}, units, RD, "footprint")
