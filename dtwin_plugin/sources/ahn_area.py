"""What all ways to the heights of the AHN share: its models, and the cells of an area."""

from __future__ import annotations

from dtwin_plugin.data import Extent
from dtwin_plugin.data.crs import in_rd_bounds
from dtwin_plugin.errors import InputError

from .raster_resample import Cells, target_cells

CELL = 0.5  # m
MODELS = {"dtm_05m": "terrain", "dsm_05m": "surface"}
MAX_CELLS = 100_000_000  # 25 km2 at 0.5 m, 400 MB


def known_model(model: str) -> str:
    """Return the name of a model of the AHN; raises InputError for another."""
    if model not in MODELS:
        raise InputError("AHN has no coverage {found}; it has {known}.", found=repr(model), known=", ".join(MODELS))
    return model


def cells_of(extent: Extent | None, cell_size: float) -> Cells:
    """Return the cells that touch an area [RD].

    Raises
    ------
    InputError
        If there is no area, it lies outside the Netherlands, or has too many cells.
    """
    if extent is None:
        raise InputError("AHN is read by area.", hint="Choose an area.")
    if not in_rd_bounds(*extent.bounds):
        raise InputError("The area {area} lies outside the Netherlands.", area=extent.bounds)
    cells = target_cells(extent, cell_size)
    if cells.rows * cells.columns > MAX_CELLS:
        raise InputError(
            "The area {area} has {count} million cells of {size} m; at most {limit} million are read at once.",
            hint="Choose a smaller area or a larger cell size.",
            area=extent.bounds,
            count=cells.rows * cells.columns // 1_000_000,
            size=cell_size,
            limit=MAX_CELLS // 1_000_000,
        )
    return cells
