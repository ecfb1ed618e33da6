"""What voxels tell on a plane, in a column and of a unit: plain functions on carriers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Grid, Voxels
from dtwin_plugin.data.crs import RD
from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.data.voxels import NO_CLASS
from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import tr

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_TINY = 1e-6  # of a cell: a height on a border belongs to the cell above
LITHOCLASS, CLASS = "lithoclass", "class"  # what a raster of classes is called


def tops(voxels: Voxels) -> NDArray[np.float64]:
    """Return the upper edge of the highest cell with a class of each column [m NAP], shape (x, y); NaN where none.

    >>> tops(Voxels(np.array([[[0, 0, -1]]], np.int16), None, 0.0, 0.0, -2.0, (1.0, 1.0, 0.5), ("clay",))).tolist()
    [[-1.0]]
    """
    return _upper(voxels, voxels.classes != NO_CLASS)


def levels_at(voxels: Voxels, height: float) -> NDArray[np.int64]:
    """Return the level of a height [m NAP] in each column, shape (x, y); -1 outside the block."""
    return _levels(voxels, np.full(voxels.classes.shape[:2], height))


def levels_below(voxels: Voxels, depth: float, terrain: Grid | None = None) -> NDArray[np.int64]:
    """Return the level at a depth below the surface [m] in each column, shape (x, y); -1 where there is none.

    Parameters
    ----------
    terrain : Grid or None
        Height of the ground [m NAP], of which the mean in a column counts; without it the surface is that of the
        voxels themselves, which is a cell (0.5 m in GeoTOP) wide of the real one.
    """
    surface = tops(voxels) if terrain is None else terrain_means(voxels, terrain)
    return _levels(voxels, surface - depth - 3 * _TINY * voxels.cell_size[2])  # a border belongs to the cell below


def _levels(voxels: Voxels, heights: NDArray[np.float64]) -> NDArray[np.int64]:
    place = np.floor((heights - voxels.z_min) / voxels.cell_size[2] + _TINY)
    inside = (place >= 0) & (place < voxels.classes.shape[2])  # NaN is outside
    return np.where(inside, place, -1).astype(np.int64)


def terrain_means(voxels: Voxels, terrain: Grid) -> NDArray[np.float64]:
    """Return the mean height of the terrain in each column [m NAP], shape (x, y); NaN where it has none.

    >>> voxels = Voxels(np.zeros((1, 1, 1), np.int16), None, 0.0, 0.0, 0.0, (2.0, 2.0, 1.0), ("clay",))
    >>> terrain_means(voxels, Grid(np.array([[1.0, 2.0], [np.nan, 3.0]]), 0.0, 2.0, 1.0)).tolist()
    [[2.0]]
    """
    values = terrain.values.reshape(-1, *terrain.shape)[0]
    rows, columns = np.nonzero(np.isfinite(values))
    x = terrain.x_min + (columns + 0.5) * terrain.cell_size
    y = terrain.y_max - (rows + 0.5) * terrain.cell_size
    wide, high, _ = voxels.classes.shape
    i, j, inside = column_of(voxels, x, y)
    cell = i[inside] * high + j[inside]
    sums = np.bincount(cell, values[rows[inside], columns[inside]].astype(float), wide * high)
    counts = np.bincount(cell, minlength=wide * high)
    means = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return means.reshape(wide, high)


def column_of(
    voxels: Voxels, x: ArrayLike, y: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return the column on x and on y, and whether it is inside, of each point [m]; outside both are -1.

    Shapes are those of `x` and `y`.
    """
    i = np.floor((np.asarray(x, float) - voxels.x_min) / voxels.cell_size[0] + _TINY)
    j = np.floor((np.asarray(y, float) - voxels.y_min) / voxels.cell_size[1] + _TINY)
    wide, high, _ = voxels.classes.shape
    inside = (i >= 0) & (i < wide) & (j >= 0) & (j < high)
    return np.where(inside, i, -1).astype(np.int64), np.where(inside, j, -1).astype(np.int64), inside


def at_levels(values: NDArray[Any], levels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the value of each column at its level, shape (x, y); NaN where the level is -1.

    >>> at_levels(np.array([[[1, 2], [3, 4]]]), np.array([[1, -1]]))
    array([[ 2., nan]])
    """
    found = np.take_along_axis(values, np.maximum(levels, 0)[..., None], axis=2)[..., 0].astype(np.float64)
    found[levels < 0] = np.nan
    return found


def class_slice(voxels: Voxels, levels: NDArray[np.int64]) -> Grid:
    """Return the number of the class of each column at its level, as a grid; NaN where there is none.

    >>> voxels = Voxels(np.array([[[0, 1]]], np.int16), None, 0.0, 0.0, 0.0, (1.0, 1.0, 0.5), ("clay", "sand"))
    >>> class_slice(voxels, levels_at(voxels, 0.5)).values.tolist()
    [[1.0]]
    """
    numbers = at_levels(voxels.classes, levels)
    numbers[numbers == NO_CLASS] = np.nan
    named = voxels.names == tuple(LITHOCLASSES.values())
    return grid_of(voxels, numbers, "1", LITHOCLASS if named else CLASS)


def probability_slice(voxels: Voxels, levels: NDArray[np.int64], number: int | None = None) -> Grid:
    """Return the probability of a class at the level of each column [1], as a grid.

    Parameters
    ----------
    levels : ndarray
        Number of a voxel from below in each column, shape (x, y); -1 gives NaN.
    number : int or None
        Of the class; None for the class that each voxel has.

    Raises
    ------
    InputError
        If the voxels have no probabilities, or no class of that number.
    """
    chances = _chances(voxels)
    if number is not None and not 0 <= number < len(voxels.names):
        raise InputError(
            "There is no class {found}; the voxels have {names}.",
            found=number,
            names=", ".join(f"{index} {name}" for index, name in enumerate(voxels.names)),
        )
    if number is not None:
        return grid_of(voxels, at_levels(chances[..., number], levels), "1", "probability")
    chosen = np.take_along_axis(chances, np.maximum(voxels.classes, 0)[..., None], axis=3)[..., 0]
    values = at_levels(chosen, levels)
    values[~(at_levels(voxels.classes, levels) >= 0)] = np.nan
    return grid_of(voxels, values, "1", "probability")


def _chances(voxels: Voxels) -> NDArray[np.float32]:
    if voxels.probability is None:
        raise InputError(
            "The voxels have no probabilities, only one class a cell.", hint="Choose voxels of GeoTOP with chances."
        )
    return voxels.probability


def layer_slice(voxels: Voxels, name: str, levels: NDArray[np.int64]) -> Grid:
    """Return what else is known (such as "uncertainty") at the level of each column, as a grid; raises InputError.

    `levels` are those of `probability_slice`.
    """
    if name not in voxels.layers:
        raise InputError("The voxels have no {name}; they have {known}.", name=name, known=", ".join(voxels.layers))
    values = voxels.layers[name]
    found = at_levels(values, levels)
    if values.dtype.kind != "f":
        found[found == 0] = np.nan
    return grid_of(voxels, found, "1", name)


def grid_of(voxels: Voxels, values: NDArray[Any], unit: str, name: str) -> Grid:
    """Return values of columns, shape (x, y), as a grid; raises InputError where the columns are not square."""
    width, height, _ = voxels.cell_size
    if abs(width - height) > _TINY * width:
        raise InputError("The voxels are {width} by {height} m; a raster needs square ones.", width=width,
                         height=height)  # fmt: skip
    return Grid(values.T[::-1], voxels.x_min, voxels.extent.y_max, width, RD, unit, name=name)


def cells_with(
    voxels: Voxels, classes: set[int] | None = None, units: set[int] | None = None, probability: float | None = None
) -> NDArray[np.bool_]:
    """Return which cells have one of the classes and one of the units of stratigraphy, shape (x, y, z).

    Parameters
    ----------
    classes, units : set of int or None
        None for any.
    probability : float or None
        The classes together have at least this probability [1], instead of being the class that a cell has.

    Raises
    ------
    InputError
        If what is asked is not in the voxels.
    """
    chosen = voxels.classes != NO_CLASS
    if classes is not None and probability is not None:
        wanted = [number for number in sorted(classes) if 0 <= number < len(voxels.names)]
        # the sum of a few float32 may stay a little below what it should be
        chosen &= np.nansum(_chances(voxels)[..., wanted], axis=-1) >= probability - 1e-6
    elif classes is not None:
        chosen &= np.isin(voxels.classes, sorted(classes))
    if units is not None:
        if "stratigraphy" not in voxels.layers:
            raise InputError("The voxels have no stratigraphy.", hint="Choose a class instead of a unit.")
        chosen &= np.isin(voxels.layers["stratigraphy"], sorted(units))
    return chosen


def unit_top(voxels: Voxels, chosen: NDArray[np.bool_]) -> Grid:
    """Return the upper edge of the highest chosen cell of each column [m NAP]; NaN where there is none.

    `chosen` has the shape of the voxels (x, y, z).
    """
    return grid_of(voxels, _upper(voxels, chosen), "m", "top")


def unit_bottom(voxels: Voxels, chosen: NDArray[np.bool_]) -> Grid:
    """Return the lower edge of the lowest chosen cell of each column [m NAP]; NaN where there is none.

    `chosen` has the shape of the voxels (x, y, z).
    """
    lowest = voxels.z_min + chosen.argmax(axis=2) * voxels.cell_size[2]
    return grid_of(voxels, np.where(chosen.any(axis=2), lowest, np.nan), "m", "bottom")


def unit_thickness(voxels: Voxels, chosen: NDArray[np.bool_]) -> Grid:
    """Return the height of all chosen cells of each column together [m], gaps between not counted; NaN where none.

    >>> voxels = Voxels(np.array([[[0, 1, 0]]], np.int16), None, 0.0, 0.0, -1.0, (1.0, 1.0, 0.5), ("clay", "sand"))
    >>> clay = cells_with(voxels, {0})
    >>> [float(grid(voxels, clay).values[0, 0]) for grid in (unit_top, unit_bottom, unit_thickness)]
    [0.5, -1.0, 1.0]
    """
    count = chosen.sum(axis=2)
    return grid_of(voxels, np.where(count > 0, count * voxels.cell_size[2], np.nan), "m", "thickness")


def _upper(voxels: Voxels, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    levels = chosen.shape[2]
    highest = levels - chosen[..., ::-1].argmax(axis=2)
    return np.where(chosen.any(axis=2), voxels.z_min + highest * voxels.cell_size[2], np.nan)


def column_table(voxels: Voxels, x: float, y: float) -> dict[str, list[Any]]:
    """Return the cells below a point from the top down, those with a class; empty where there is none.

    Returns
    -------
    dict
        "z_max" and "z_min" [m NAP], "class" (number), "class_name", "probability" (of that class [1]), "p_0" and so on
        (of each class [1]), and what else is known, by its name; None where unknown.

    Examples
    --------
    >>> voxels = Voxels(np.array([[[1, 0]]], np.int16), None, 0.0, 0.0, -1.0, (1.0, 1.0, 0.5), ("clay", "sand"))
    >>> column_table(voxels, 0.5, 0.5)
    {'z_max': [0.0, -0.5], 'z_min': [-0.5, -1.0], 'class': [0.0, 1.0], 'class_name': ['clay', 'sand']}
    """
    i, j, inside = column_of(voxels, [x], [y])
    numbers = voxels.classes[i[0], j[0]] if inside[0] else np.full(0, NO_CLASS, np.int16)
    levels = np.flatnonzero(numbers != NO_CLASS)[::-1]
    step = voxels.cell_size[2]
    table: dict[str, list[Any]] = {
        "z_max": (voxels.z_min + (levels + 1) * step).tolist(),
        "z_min": (voxels.z_min + levels * step).tolist(),
        "class": numbers[levels].astype(float).tolist(),
        "class_name": [tr(voxels.names[number]) for number in numbers[levels]],
    }
    if voxels.probability is not None:
        chances = voxels.probability[i[0], j[0]][levels] if inside[0] else np.empty((0, len(voxels.names)))
        table["probability"] = _known(chances[np.arange(len(levels)), numbers[levels]])
        table |= {f"p_{number}": _known(chances[:, number]) for number in range(len(voxels.names))}
    for name, values in voxels.layers.items():
        table[name] = _known(values[i[0], j[0]][levels]) if inside[0] else []
    return table


def _known(values: NDArray[Any]) -> list[float | None]:
    return [None if value != value else float(value) for value in values.tolist()]
