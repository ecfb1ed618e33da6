"""The ground that water flows over: terrain, buildings and the cells of a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.rasterise import labels
from dtwin_plugin.data.resample import coarsened

from ..base import Field, Values
from ..problem import WARNING, Problem
from .cells import on_cells
from .columns import FLOORS, THRESHOLDS, numbers_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Grid

INPUTS = (
    Field(
        "terrain",
        "Terrain",
        "grid",
        "m",
        doc="Height of the ground in m NAP, without buildings and trees (AHN DTM).",
    ),
    Field(
        "buildings",
        "Buildings",
        "features",
        geometry="polygon",
        optional=True,
        doc="Footprints. Water flows around them, and each gets the largest water depth at its walls.",
    ),
    Field("extent", "Area", "extent", optional=True, doc="The part of the terrain to calculate; default all of it."),
    Field(
        "cell_size",
        "Cell size",
        "number",
        "m",
        minimum=0.1,
        maximum=100,
        optional=True,
        doc="A whole multiple of the terrain's; default its own. Halving it takes 8 times as long.",
    ),
)
BLOCK, OPEN, FLOOR = "block", "open", "floor"  # what water does at buildings
ADVANCED = (
    Field(
        "building_flow",
        "Water and buildings",
        "choice",
        default="block",
        choices={
            BLOCK: "Water flows around buildings",
            OPEN: "Water flows through buildings",
            FLOOR: "Water comes in above the threshold",
        },
        advanced=True,
        doc="Around: buildings are blocks, and roofs drain onto the street. Through: the ground below them counts, "
        "also for the rain. Above the threshold: of the column threshold or drempel, or floor_level or vloerpeil "
        "[m NAP], else 0.15 m above the ground around.",
    ),
    Field(
        "gaps",
        "Cells without data",
        "choice",
        default="fill",
        choices={"fill": "Fill enclosed holes from around", "wall": "Walls, no water passes"},
        advanced=True,
        doc="AHN has holes under buildings and water. Holes that touch the edge always stay walls.",
    ),
    Field(
        "initial_depth",
        "Water at the start",
        "grid",
        "m",
        optional=True,
        advanced=True,
        doc="Depth of the water that stands there before the rain, such as that of a quick scan; no data counts as 0.",
    ),
)


@dataclass(frozen=True)
class Ground:
    """The cells of a run.

    Attributes
    ----------
    terrain : Grid
        As the user gave it, on the cells of the run.
    bed : ndarray
        What water flows over [m], shape (rows, cols), NaN = outside.
    buildings : Features or None
    covered : ndarray or None
        Shape (rows, cols): 0 = no building, k = building k.
    water : ndarray or None
        Depth at the start [m], shape (rows, cols), NaN = not known; None is no water.
    """

    terrain: Grid
    bed: NDArray[np.float32]
    buildings: Features | None
    covered: NDArray[np.integer] | None
    water: NDArray[np.float64] | None = None


def ground_of(values: Values) -> Ground:
    """Return the ground of a run."""
    from .buildings import fill_holes

    terrain, buildings = values["terrain"], values["buildings"]
    if values["cell_size"]:
        terrain = coarsened(terrain, values["cell_size"])
    bed = np.array(terrain.values, np.float32)
    covered = None if buildings is None else labels(buildings.geometries, terrain)
    if values["gaps"] == "fill":
        bed = fill_holes(bed)
    if buildings is not None and covered is not None:
        bed = built(bed, covered, buildings, values["building_flow"])
    return Ground(terrain, bed, buildings, covered, on_cells(values["initial_depth"], terrain))


def built(
    bed: NDArray[np.float32], covered: NDArray[np.integer], buildings: Features, flow: str
) -> NDArray[np.float32]:
    """Return the bed with the buildings in it, as blocks, as floors or not at all.

    Parameters
    ----------
    bed : ndarray
        Height of the ground [m], shape (rows, cols).
    covered : ndarray
        Shape (rows, cols): 0 = no building, k = building k.
    flow : str
        BLOCK, FLOOR or OPEN.
    """
    from .buildings import raise_buildings, with_floors

    if flow == FLOOR:
        own = (numbers_of(buildings, None, names) for names in (THRESHOLDS, FLOORS))
        return with_floors(bed, covered, *own)
    return raise_buildings(bed, covered) if flow == BLOCK else bed


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with the ground."""
    terrain: Grid = values["terrain"]
    low, high = np.nanmin(terrain.values), np.nanmax(terrain.values)
    if low < -30 or high > 350:  # lowest pit and highest hill of the country, with a margin
        yield Problem(
            "DT103",
            "terrain",
            "Terrain heights run from {low:.1f} to {high:.1f}; expected m NAP between -30 and 350.",
            {"low": float(low), "high": float(high)},
            WARNING,
        )
    size = values["cell_size"] or terrain.cell_size
    cells = terrain.extent.area / size**2
    if cells > 4e6:
        yield Problem(
            "DT102",
            "cell_size",
            "The area has {cells:.1f} million cells; halving the cell size takes 8 times as long. "
            "Choose a larger cell size or a smaller area if this takes too long.",
            {"cells": cells / 1e6},
            WARNING,
        )
