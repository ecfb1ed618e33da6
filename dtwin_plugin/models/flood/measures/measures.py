"""Measures put into the inputs of a flood: the terrain, what soil and leaves take, sewers, walls and thresholds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Features
from dtwin_plugin.data.rasterise import labels

from ...attributes import column_of
from ..columns import THRESHOLDS, numbers_of
from ..consequences.consequences import surfaces_of
from ..sewers.sewer_districts import numbers_of_districts
from .measures_table import (
    BARRIER,
    CRATES,
    GREEN_ROOF,
    PAVING,
    SEWER,
    STREET,
    THRESHOLD,
    WADI,
    Kind,
    kinds_of,
    sizes_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid

    Floats = NDArray[np.float64]

MM = 1e-3  # m
_UNITS = {"storage_mm": "mm", "storage_m3": "m3", "capacity_mmh": "mm h-1"}


@dataclass
class Layers:
    """The inputs of a run that measures change, on the cells of the terrain; NaN where the run has no value.

    Attributes
    ----------
    terrain : ndarray
        Height of the ground [m NAP].
    capacity, storage, interception : ndarray
        Infiltration capacity [mm h-1], storage of the soil and of leaves and puddles [mm].
    soaking : ndarray
        bool, where a measure lets water into the soil.
    rows : list of tuple
        Type, quantity, unit, and cost low, mean and high [EUR], of each measure.
    """

    terrain: Floats
    capacity: Floats
    storage: Floats
    interception: Floats
    soaking: NDArray[np.bool_]
    rows: list[tuple[str, float, str, float, float, float]] = field(default_factory=list)

    def add_cost(self, kind: Kind, quantity: float) -> None:
        """Add what a measure costs."""
        low, mean, high = (quantity * one for one in kind.cost)
        self.rows.append((kind.name, quantity, kind.unit, low, mean, high))


def apply_areas(layers: Layers, areas: Features, table: dict[str, Kind], grid: Grid) -> None:
    """Put measures that are areas into the layers, in the order in which they are drawn.

    - Green roof: its cells hold `storage_mm` more before rain runs off.
    - Wadi: the ground becomes level, `depth` below the lowest of the ground that lies there, and takes
      `infiltration_mmh`; soil under it has no limit of its own.
    - Lowered street: the ground becomes `depth` lower.
    - Permeable paving: takes `infiltration_mmh`, up to `storage_mm` and what the soil holds, where that is known.
    - Crates: the same, up to `volume` [m3] under all of its cells.

    Examples
    --------
    >>> from dtwin_plugin.data import Features, Geometries, Grid
    >>> from .measures_table import measures_table
    >>> square = Geometries.build("polygon", [[[[(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]]]])
    >>> none = np.full((1, 2), np.nan)
    >>> layers = Layers(np.zeros((1, 2)), none.copy(), none.copy(), none.copy(), np.zeros((1, 2), bool))
    >>> street = Features(square, {"type": np.array(["lowered street"], object), "depth": np.array([0.2])})
    >>> apply_areas(layers, street, measures_table(), Grid([[0.0, 0.0]], 0, 1, 1))
    >>> layers.terrain.tolist(), [row[:2] for row in layers.rows]
    ([[-0.2, 0.0]], [('lowered_street', 1.0)])
    """
    kinds = kinds_of(areas, table)
    size = {name: sizes_of(areas, kinds, name) for name in ("storage_mm", "depth", "infiltration_mmh", "volume")}
    surface = surfaces_of(areas.geometries)
    for index, kind in enumerate(kinds):
        if kind is None or kind.name in (SEWER, THRESHOLD, BARRIER):
            continue
        there = labels(areas.geometries.take(np.array([index])), grid) > 0
        storage, rate = size["storage_mm"][index], size["infiltration_mmh"][index]
        if kind.name == GREEN_ROOF:
            layers.interception[there] = np.nan_to_num(layers.interception[there]) + storage
        elif kind.name == STREET:
            layers.terrain[there] -= size["depth"][index]
        elif kind.name == WADI and np.isfinite(layers.terrain[there]).any():
            layers.terrain[there] = np.nanmin(layers.terrain[there]) - size["depth"][index]
            _soak(layers, there, rate, np.nan)
        elif kind.name == PAVING:
            _soak(layers, there, rate, storage)
        elif kind.name == CRATES:
            # all of the volume lies under the cells of the area, whatever their number
            held = size["volume"][index] / max(there.sum() * grid.cell_size**2, 1e-9) / MM
            _soak(layers, there, rate, held)
        layers.add_cost(kind, size["volume"][index] if kind.name == CRATES else float(surface[index]))


def _soak(layers: Layers, there: NDArray[np.bool_], rate: float, storage: float) -> None:
    """Let cells take water at a rate [mm h-1], up to a storage [mm]; NaN = no limit."""
    layers.capacity[there] = np.fmax(layers.capacity[there], rate)
    layers.storage[there] = storage if np.isnan(storage) else np.nan_to_num(layers.storage[there]) + storage
    layers.soaking |= there


def raised(buildings: Features, areas: Features, table: dict[str, Kind], sill: float, layers: Layers) -> Features:
    """Return buildings with their thresholds [m], raised for those with their middle in such a measure."""
    kinds = kinds_of(areas, table)
    height = sizes_of(areas, kinds, "height")
    name = column_of(buildings, THRESHOLDS) or "threshold"
    known = numbers_of(buildings, None, THRESHOLDS)
    threshold = np.where(np.isfinite(known), known, sill)
    for index, kind in enumerate(kinds):
        if kind is not None and kind.name == THRESHOLD:
            chosen = _within(areas, index, _middles(buildings))
            threshold[chosen] += height[index]
            layers.add_cost(kind, float(chosen.sum()))
    return buildings.with_columns({name: threshold}, {name: "m"})


def enlarged(
    districts: Features | None,
    areas: Features,
    table: dict[str, Kind],
    usual: tuple[float, float],
    layers: Layers,
) -> Features | None:
    """Return sewer districts with more storage [mm] and capacity [mm h-1] where a larger sewer is drawn.

    Those with their middle in the area become larger; the others keep what they have, or the rule of the run. An area
    without such a middle becomes a district of its own, as large as the one in which its middle lies, and that much
    more; without one, only as large as what is added. Its volume, and so its cost, is the added storage over the whole
    area: not all of that may be connected.

    Parameters
    ----------
    usual : tuple of float
        Storage [mm], NaN = no limit, and capacity [mm h-1] of districts that have no columns for them.
    """
    kinds = kinds_of(areas, table)
    names = ("storage_mm", "capacity_mmh")
    added = np.array([sizes_of(areas, kinds, name) for name in names])
    mine = [index for index, kind in enumerate(kinds) if kind is not None and kind.name == SEWER]
    if not mine:
        return districts
    surface = surfaces_of(areas.geometries)
    known = np.zeros((2, 0))
    if districts is not None:
        numbers = numbers_of_districts(districts)
        known = np.array([numbers["storage_mm"], numbers["rate_mm"]])
        volume = numbers["storage_m3"]  # it counts before one in mm
        across = surfaces_of(districts.geometries)
        known[0] = np.where(np.isfinite(volume), volume / across / MM, known[0])
    sizes = np.where(np.isfinite(known), known, np.array(usual)[:, None])
    more = np.zeros_like(sizes)
    alone: list[int] = []
    own: list[Floats] = []
    for index in mine:
        layers.add_cost(table[SEWER], float(added[0, index] * MM * surface[index]))
        chosen = np.zeros(0, bool) if districts is None else _within(areas, index, _middles(districts))
        more[:, chosen] += added[:, [index]]
        if not chosen.any():
            place = _middles(areas)[[index]]
            count = 0 if districts is None else len(districts)
            below = [k for k in range(count) if districts is not None and _within(districts, k, place)[0]]
            alone.append(index)
            own.append(added[:, index] + (sizes[:, below[-1]] if below else 0.0))
    pieces: list[Features] = []
    if districts is not None:
        columns = {name: np.where(more[k] > 0, sizes[k] + more[k], known[k]) for k, name in enumerate(names)}
        if np.isfinite(volume).any():
            columns["storage_m3"] = volume + more[0] * MM * across
        pieces.append(districts.with_columns(columns, _UNITS))
    if alone:
        columns = {name: np.array([one[k] for one in own]) for k, name in enumerate(names)}
        pieces.append(Features(areas.geometries.take(np.array(alone)), columns, _UNITS, areas.crs))
    return Features.concatenate(pieces)


def _middles(features: Features) -> Floats:
    box = features.geometries.bounds()
    return np.column_stack([box[:, 0] + box[:, 2], box[:, 1] + box[:, 3]]) / 2


def _within(areas: Features, index: int, points: Floats) -> NDArray[np.bool_]:
    """Return whether points lie in one of the areas (even-odd rule)."""
    shapes = areas.geometries
    inside = np.zeros(len(points), bool)
    x, y = points.T
    for part in range(shapes.features[index], shapes.features[index + 1]):
        for ring in range(shapes.parts[part], shapes.parts[part + 1]):
            xy = shapes.coordinates[shapes.rings[ring] : shapes.rings[ring + 1], :2]
            for (x1, y1), (x2, y2) in zip(xy[:-1], xy[1:]):
                if y1 != y2:
                    inside ^= ((y1 <= y) != (y2 <= y)) & (x < x1 + (y - y1) / (y2 - y1) * (x2 - x1))
    return inside
