"""Voxels of soil as columns from the ground downwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid, Voxels

    from .settlement import Columns

    Floats = NDArray[np.float64]

# Voxels end at one height for 100 x 100 m, in steps of 0.5 m (GeoTOP); real ground lies up to this much above them.
ABOVE = 2.0  # m


def lithoclasses(soil: Voxels) -> NDArray[np.int64]:
    """Return the lithoclass of each voxel by the name of its class; -1 where it has none.

    Raises
    ------
    InputError
        If none of the classes is a lithoclass.
    """
    by_name = {name: code for code, name in LITHOCLASSES.items()}
    codes = np.array([by_name.get(name, -1) for name in soil.names] + [-1], np.int64)
    if (codes < 0).all():
        raise InputError(
            "The soil has the classes {found}, which are no lithoclasses of GeoTOP.",
            hint="Choose the soil of Load GeoTOP.",
            found=", ".join(soil.names[:5]),
        )
    return codes[soil.classes]


def layers_above(soil: Voxels) -> int:
    """Return how many layers to add above the voxels: `ABOVE`, and one that is unknown to ground that lies higher."""
    return int(np.ceil(ABOVE / soil.cell_size[2] - 1e-9)) + 1


def raised(known: NDArray[np.bool_], thickness: float) -> NDArray[np.int64]:
    """Return for each layer the number of the one whose soil it has.

    That is itself, but for layers up to `ABOVE` over the highest one that is known, which are taken to be of its soil.

    Parameters
    ----------
    known : ndarray
        Shape (..., layers), from the top downwards.
    thickness : float
        Of a layer [m].

    Examples
    --------
    >>> raised(np.array([[False, False, True, False, True]]), 2.0).tolist()
    [[0, 2, 2, 3, 4]]
    """
    layers = np.arange(known.shape[-1])
    first = known.argmax(axis=-1)[..., None]
    near = (layers < first) & ((first - layers) * thickness <= ABOVE + 1e-9)
    return np.where(near & known.any(axis=-1)[..., None], first, layers)


def soil_columns(soil: Voxels, terrain: Grid) -> tuple[Columns, Floats, Floats]:
    """Return all columns from the top downwards, and where their middles are.

    The ground of a column is the mean of the terrain in it, or the terrain at its middle where that has no cell there.
    """
    from .ground import bilinear
    from .settlement import Columns
    from .voxels import terrain_means

    nx, ny, nz = soil.classes.shape
    x, y = np.meshgrid(
        soil.x_min + (np.arange(nx) + 0.5) * soil.cell_size[0],
        soil.y_min + (np.arange(ny) + 0.5) * soil.cell_size[1],
        indexing="ij",
    )
    more = layers_above(soil)
    middle = soil.z_min + (np.arange(nz + more) + 0.5) * soil.cell_size[2]
    air = np.full((nx * ny, more), -1, np.int64)
    classes = np.hstack([air, lithoclasses(soil).reshape(nx * ny, nz)[:, ::-1]])
    classes = np.take_along_axis(classes, raised(classes >= 0, soil.cell_size[2]), axis=1)
    ground = terrain_means(soil, terrain)
    ground = np.where(np.isnan(ground), bilinear(terrain, x, y), ground).ravel()
    return Columns(classes, middle[::-1].copy(), soil.cell_size[2], ground), x.ravel(), y.ravel()


def grid_of(soil: Voxels, values: Floats, unit: str, name: str) -> Grid:
    """Return values of columns as a grid; the cells of the voxels must be square."""
    from dtwin_plugin.data import Grid

    nx, ny, _ = soil.classes.shape
    if abs(soil.cell_size[0] - soil.cell_size[1]) > 1e-6:
        raise InputError("The soil has cells of {size} m; expected square ones.", size=soil.cell_size[:2])
    rows = values.reshape(nx, ny).T[::-1].astype(np.float32)
    return Grid(rows, soil.x_min, soil.y_min + ny * soil.cell_size[1], soil.cell_size[0], unit=unit, name=name)
