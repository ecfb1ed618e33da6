"""What the soil of each cell takes: how fast, by which law, and how much at most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.translate import mark

from ...base import Field, Values
from ...problem import ERROR, Problem
from ..cells import on_cells
from .soil_table import soils_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid

    from .landcover import CoverMap
    from .surface import SoilLaw

    Floats = NDArray[np.float64]

MM, HOUR = 1e-3, 3600.0  # m, s
INPUTS = (
    Field(
        "infiltration",
        "Infiltration and sewer",
        "number",
        "mm h-1",
        20.0,
        0,
        500,
        doc="What soil and sewer take together, everywhere. 20 mm per hour is used by the national flood map.",
    ),
    Field(
        "infiltration_capacity",
        "Infiltration capacity",
        "grid",
        "mm h-1",
        optional=True,
        advanced=True,
        doc="In place of the number where it has data; under buildings nothing infiltrates then. That of the soil "
        "knows no paving and no sewer: leave paved places without data, so that the number holds there.",
    ),
    Field(
        "soil_storage",
        "Storage of the soil",
        "grid",
        "mm",
        optional=True,
        advanced=True,
        doc="What the soil takes at most: once full, it infiltrates no more. No limit where it has no data; under "
        "buildings nothing infiltrates then.",
    ),
)
CONSTANT, HORTON, GREEN_AMPT = "constant", "horton", "greenampt"
ADVANCED = (
    Field(
        "roughness",
        "Roughness (Manning)",
        "number",
        "s m-1/3",
        0.03,
        0.005,
        1,
        advanced=True,
        doc="Manning's n: 0.015 asphalt, 0.03 gardens, 0.05 rough green.",
    ),
    Field(
        "infiltration_method",
        "Infiltration through time",
        "choice",
        default=CONSTANT,
        choices={
            CONSTANT: "Constant",
            HORTON: "Horton: slows down to the infiltration as the soil takes water",
            GREEN_AMPT: "Green-Ampt: a wetting front in a class of soil",
        },
        advanced=True,
        doc="Holds where the soil lies open; paving and roofs keep their constant rate. Soil does not dry in a run.",
    ),
    Field(
        "horton_ratio",
        "First over final infiltration",
        "number",
        default=2.0,
        minimum=1,
        maximum=100,
        advanced=True,
        doc="Of Horton: how many times the infiltration a dry soil takes at first. The plan of Rhenen has 41 and 20.8 "
        "mm per hour.",
    ),
    Field(
        "horton_decay",
        "Decay of the infiltration",
        "number",
        "h-1",
        2.0,
        0.01,
        100,
        advanced=True,
        doc="Of Horton: how fast the soil slows down. Guides give 2 to 7 per hour.",
    ),
    Field(
        "soil_class",
        "Class of soil",
        "choice",
        default="loam",
        choices={name: soil.title for name, soil in soils_of().items()},
        advanced=True,
        doc="Of Green-Ampt: suction, pores and, where neither land cover nor raster gives it, conductivity.",
    ),
    Field(
        "soil_moisture",
        "Moisture of the soil",
        "number",
        default=0.3,
        minimum=0,
        maximum=1,
        advanced=True,
        doc="Of Green-Ampt: share of the pores that holds water at the start; 1 takes no more than its conductivity.",
    ),
)
GRIDS = {
    "infiltration_capacity": (mark("Infiltration capacity"), "mm h-1"),
    "soil_storage": (mark("Storage of the soil"), "mm"),
}
# Gravel takes some 4,000 mm/h and 30 m of sand holds 10,000 mm: above this it is another unit or a code for no data
MOST = 100_000


def soil_of(
    values: Values, terrain: Grid, covered: NDArray[np.integer] | None, cover: CoverMap | None = None
) -> tuple[float | Floats, Floats | None]:
    """Return the infiltration of each cell [m s-1] and the storage of its soil [m], NaN = no limit.

    Without land cover and rasters they are the number that holds everywhere, and None. With a raster of the soil,
    nothing infiltrates under buildings; it counts where the soil decides: not on paving, where land cover says so.

    Parameters
    ----------
    values : mapping
        "infiltration" [mm h-1], and the grids "infiltration_capacity" [mm h-1] and "soil_storage" [mm], or None.
    terrain : Grid
        The cells of the run.
    covered : ndarray or None
        Shape (rows, cols): 0 = no building, k = building k.
    cover : CoverMap, optional

    Examples
    --------
    >>> from dtwin_plugin.data import Grid
    >>> ground = Grid(np.zeros((1, 3)), 0, 1, 1)
    >>> values = {
    ...     "infiltration": 18,
    ...     "infiltration_capacity": Grid([[3.6, 3.6, np.nan]], 0, 1, 1),
    ...     "soil_storage": None,
    ...     "infiltration_method": "constant",
    ... }
    >>> rate, storage = soil_of(values, ground, np.array([[0, 1, 0]]))
    >>> rate.round(9).tolist(), storage
    ([[1e-06, 0.0, 5e-06]], None)
    """
    number = float(values["infiltration"] * MM / HOUR)
    capacity, storage = (on_cells(values[name], terrain) for name in GRIDS)
    known = None if cover is None else cover.infiltration
    if values["infiltration_method"] == GREEN_AMPT:
        number = soils_of()[values["soil_class"]].conductivity
        if cover is not None and known is not None and cover.natural is not None:
            known = np.where(cover.natural, number, known)
    elif capacity is None and storage is None and known is None and values["infiltration_method"] == CONSTANT:
        return number, None
    rate = np.full(terrain.shape, number) if known is None else np.where(np.isnan(known), number, known)
    natural = True if cover is None or cover.natural is None else cover.natural
    if capacity is not None:
        rate = np.where(np.isnan(capacity) | ~np.asarray(natural), rate, capacity * MM / HOUR)
    if covered is not None:
        rate[covered > 0] = 0.0
    return rate, None if storage is None else storage * MM


def law_of(values: Values, rate: float | Floats, cover: CoverMap | None, shape: tuple[int, int]) -> SoilLaw | None:
    """Return how the soil slows down from or to its rate [m s-1], None where the rate is constant.

    Where land cover says that the soil does not decide, as on paving, the rate stays constant.
    """
    from .soil_laws import GreenAmpt, Horton

    method = values["infiltration_method"]
    if method == CONSTANT:
        return None
    natural = np.ones(shape, bool) if cover is None or cover.natural is None else cover.natural
    if method == HORTON:
        first = np.where(natural, rate * values["horton_ratio"], rate)
        return Horton(shape, rate, first, values["horton_decay"] / HOUR)
    soil = soils_of()[values["soil_class"]]
    return GreenAmpt(shape, rate, np.where(natural, soil.suction * soil.porosity * (1 - values["soil_moisture"]), 0.0))


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with the grids of the soil."""
    for name, (title, unit) in GRIDS.items():
        grid = values[name]
        if grid is None:
            continue
        low, high = float(np.nanmin(grid.values)), float(np.nanmax(grid.values))
        if low < 0 or high > MOST:
            yield Problem(
                "DT105",
                name,
                "{field} runs from {low:.6g} to {high:.6g} {unit}; expected 0 to {most}.",
                {"field": title, "low": low, "high": high, "unit": unit, "most": MOST},
                ERROR,
            )
