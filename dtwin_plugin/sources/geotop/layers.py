"""Layers with a top and a bottom (REGIS II, DGM): their arrays, as grids and as voxels.

References
----------
TNO - Geological Survey of the Netherlands: REGIS II 2.2; DGM 2.2. Tops and bottoms in m NAP, conductivities in m d-1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, Grid, Voxels
from dtwin_plugin.data.crs import RD, RD_NAP, in_rd_bounds, is_rd
from dtwin_plugin.data.voxels import NO_CLASS
from dtwin_plugin.errors import CrsError, FormatError, InputError
from dtwin_plugin.progress import Progress

from .arrays import Arrays, axes_of, crs_code, find, ordered
from .axes import Axis, axis_of
from .join import expect_room

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEP = 100.0  # m, of REGIS and DGM
_MOST_LAYERS = 1000
_BOTTOM = ("botm", "bottom", "bot")
CONDUCTIVITIES = ("kh", "kv")  # horizontal and vertical [m d-1]


@dataclass(frozen=True)
class Stack:
    """Layers on cells, from the highest down as the model has them.

    Attributes
    ----------
    names : tuple of str
    values : dict of str to ndarray
        "top" and "bottom" [m NAP], and "kh" and "kv" [m d-1] where they are known; float32, shape (layers, x, y) from
        the south-west up, NaN where a layer is absent.
    """

    names: tuple[str, ...]
    values: dict[str, NDArray[np.float32]]
    x_min: float
    y_min: float
    cell_size: float

    @property
    def extent(self) -> Extent:
        """The outer edges."""
        _, columns, rows = self.values["top"].shape
        size = self.cell_size
        return Extent(self.x_min, self.y_min, self.x_min + columns * size, self.y_min + rows * size, RD)

    def grid(self, name: str, layer: int | None = None) -> Grid:
        """Return a value of one layer, or of all layers as bands, as a grid."""
        chosen = self.values[name] if layer is None else self.values[name][layer]
        north_up = np.swapaxes(chosen, -1, -2)[..., ::-1, :]
        unit = "m d-1" if name in CONDUCTIVITIES else "m"
        title = name if layer is None else f"{self.names[layer]} {name}"
        return Grid(north_up, self.x_min, self.extent.y_max, self.cell_size, RD, unit, name=title)


@dataclass(frozen=True)
class StackArrays:
    """Where the arrays of layers lie, and which is which."""

    axes: dict[str, Axis]
    dimensions: dict[str, str]
    variables: dict[str, str]
    names: tuple[str, ...]
    crs: str


def stack_arrays(arrays: Arrays, progress: Progress) -> StackArrays:
    """Find axes, variables and the names of layers.

    Raises
    ------
    FormatError
        If top, bottom or an axis is absent, or cells are not square.
    CrsError
        If it is not in RD New.
    """
    top, bottom = find(arrays, ("top",)), find(arrays, _BOTTOM)
    if top is None or bottom is None:
        raise FormatError(
            "{file} has no arrays of tops and bottoms; it has {found}.",
            hint="Choose a file of REGIS II or DGM.",
            file=arrays.name,
            found=", ".join(list(arrays.dimensions())[:20]) or "-",
        )
    dimensions = axes_of(arrays, top, ("layer", "x", "y"))
    shapes = arrays.dimensions()
    axes = {axis: _axis(arrays, dimensions[axis], progress) for axis in "xy"}
    if abs(axes["x"].step - axes["y"].step) > 1e-6 * axes["x"].step:
        raise FormatError("{file} has cells that are not square.", file=arrays.name)
    crs = crs_code(arrays) or RD_NAP
    x, y = axes["x"], axes["y"]
    if not is_rd(crs) or not in_rd_bounds(x.lower, y.lower, x.upper, y.upper):
        raise CrsError(
            "{file} is not in RD New: it states {crs}, and x {x} and y {y}.",
            hint="Download it again.",
            file=arrays.name,
            crs=crs,
            x=(x.lower, x.upper),
            y=(y.lower, y.upper),
        )
    extra = {name: find(arrays, (name,)) for name in CONDUCTIVITIES}
    variables = {"top": top, "bottom": bottom}
    variables |= {role: name for role, name in extra.items() if name and sorted(shapes[name]) == sorted(shapes[top])}
    if sorted(shapes[bottom].items()) != sorted(shapes[top].items()):
        raise FormatError("{file} has tops and bottoms of other layers.", file=arrays.name)
    names = _names(arrays, dimensions["layer"], shapes[top][dimensions["layer"]])
    return StackArrays(axes, dimensions, variables, names, RD_NAP)


def _axis(arrays: Arrays, name: str, progress: Progress) -> Axis:
    """Return an axis from the bounds of its cells where those are told, else from its labels."""
    bounds = find(arrays, (f"{name.lower()}_bounds", f"{name.lower()}_bnds"))
    if bounds is not None and len(arrays.dimensions()[bounds]) == 2:
        edges = np.asarray(arrays.read([bounds], {}, progress)[bounds], np.float64)
        if edges.shape[-1] == 2 and np.isfinite(edges).all():
            return axis_of(edges.mean(axis=-1), name, arrays.name, _STEP, False)
    if name not in arrays.dimensions():
        raise FormatError("{file} has no labels for the dimension {name}.", file=arrays.name, name=name)
    labels = arrays.read([name], {}, progress)[name]
    return axis_of(np.asarray(labels, np.float64).ravel(), name, arrays.name, _STEP, False)


def _names(arrays: Arrays, dimension: str, count: int) -> tuple[str, ...]:
    if not 0 < count <= _MOST_LAYERS:
        raise FormatError("{file} has {count} layers; at most {limit} are read.", file=arrays.name, count=count,
                          limit=_MOST_LAYERS)  # fmt: skip
    try:
        names = arrays.texts(dimension) if dimension in arrays.dimensions() else []
    except FormatError:  # numbers instead of names
        names = []
    return tuple(names) if len(names) == count else tuple(str(number + 1) for number in range(count))


def read_stack(arrays: Arrays, found: StackArrays, extent: Extent | None, progress: Progress) -> Stack:
    """Return the layers of the cells that touch an area (None = all); raises InputError where there are none."""
    x, y = found.axes["x"], found.axes["y"]
    wanted = extent or Extent(x.lower, y.lower, x.upper, y.upper)
    across, along = x.cells(wanted.x_min, wanted.x_max), y.cells(wanted.y_min, wanted.y_max)
    if across is None or along is None:
        raise InputError(
            "The area {area} lies outside {file}, which covers {covered}.",
            hint="Choose an area within it.",
            area=wanted.bounds,
            file=arrays.name,
            covered=(x.lower, y.lower, x.upper, y.upper),
        )
    expect_room(len(found.names) * (across[1] - across[0]) * (along[1] - along[0]), arrays.name)
    window = {found.dimensions["x"]: x.stored(*across), found.dimensions["y"]: y.stored(*along)}
    raw = arrays.read(list(found.variables.values()), window, progress)
    order = [found.dimensions[axis] for axis in ("layer", "x", "y")]
    flips = (slice(None), slice(None, None, 1 if x.ascending else -1), slice(None, None, 1 if y.ascending else -1))
    shapes = arrays.dimensions()
    values = {r: ordered(raw[n], list(shapes[n]), order)[flips].astype(np.float32) for r, n in found.variables.items()}
    for role, cells in values.items():
        cells[np.abs(cells) >= 9999 if role in ("top", "bottom") else cells < 0] = np.nan
    return Stack(found.names, values, x.lower + across[0] * x.step, y.lower + along[0] * y.step, x.step)


def voxels_of(
    stack: Stack, height: float, heights: tuple[float, float] | None, progress: Progress, name: str = ""
) -> Voxels:
    """Return the layer that each cell of a height has at its middle, as its class.

    Parameters
    ----------
    height : float
        Height of a cell [m]; levels are whole multiples of it from NAP.
    heights : tuple of float or None
        Lowest and highest height that is wanted [m NAP]; default from the lowest bottom to the highest top.

    Returns
    -------
    Voxels
        Classes are the layers by their names; "kh" and "kv" [m d-1] are layers of the voxels, where they are known.

    Raises
    ------
    InputError
        If the height is not above 0, there is no layer, or there are too many cells.

    Examples
    --------
    >>> from dtwin_plugin.progress import Silent
    >>> values = {"top": np.float32([[[2.0]], [[0.5]]]), "bottom": np.float32([[[0.5]], [[-1.0]]])}
    >>> found = voxels_of(Stack(("a", "b"), values, 0.0, 0.0, 100.0), 1.0, None, Silent())
    >>> found.z_min, found.classes.tolist()
    (-1.0, [[[1, 0, 0]]])
    """
    if not height > 0:
        raise InputError("The height of a cell must be above 0 m; found {size}.", size=height)
    top, bottom = stack.values["top"], stack.values["bottom"]
    present = np.isfinite(top) & np.isfinite(bottom) & (top > bottom)
    if not present.any():
        raise InputError("{file} has no layer in this area.", hint="Choose another area.", file=name or "REGIS II")
    low, high = float(bottom[present].min()), float(top[present].max())
    if heights is not None:
        low, high = max(low, heights[0]), min(high, heights[1])
    first, last = int(np.floor(low / height)), int(np.ceil(high / height))
    if last <= first:
        raise InputError(
            "The heights {low} to {high} m lie outside {file}, which goes from {bottom} to {top} m NAP.",
            hint="Choose other heights.",
            low=(heights or (low, high))[0],
            high=(heights or (low, high))[1],
            file=name or "REGIS II",
            bottom=float(bottom[present].min()),
            top=float(top[present].max()),
        )
    _, columns, rows = top.shape
    expect_room(columns * rows * (last - first), name or "REGIS II")
    middles = (np.arange(first, last) + 0.5) * height
    classes = np.full((columns, rows, last - first), NO_CLASS, np.int16)
    extra = {key: np.full(classes.shape, np.nan, np.float32) for key in CONDUCTIVITIES if key in stack.values}
    thin = []
    for layer in range(len(stack.names)):
        inside = present[layer][..., None] & (middles >= bottom[layer][..., None]) & (middles < top[layer][..., None])
        if present[layer].any() and not inside.any() and heights is None:
            thin.append(stack.names[layer])
        classes[inside] = layer
        for key, values in extra.items():
            values[inside] = np.broadcast_to(stack.values[key][layer][..., None], inside.shape)[inside]
        progress.report((layer + 1) / len(stack.names))
    if thin:
        progress.warn(
            "{count} layers are too thin for cells of {size} m and are not in the voxels: {names}.",
            count=len(thin), size=height, names=", ".join(thin[:12]),
        )  # fmt: skip
    size = stack.cell_size
    return Voxels(classes, None, stack.x_min, stack.y_min, first * height, (size, size, height), stack.names, RD_NAP,
                  extra)  # fmt: skip


def table_of(stack: Stack) -> dict[str, list[Any]]:
    """Return a row for each layer that is there: its name, cells, highest top, lowest bottom, thickness, kh and kv."""
    rows: dict[str, list[Any]] = {name: [] for name in LAYER_COLUMNS}
    top, bottom = stack.values["top"], stack.values["bottom"]
    for number, name in enumerate(stack.names):
        there = np.isfinite(top[number]) & np.isfinite(bottom[number])
        if not there.any():
            continue
        thickness = (top[number] - bottom[number])[there]
        cells: Sequence[Any] = (
            number + 1, name, int(there.sum()), float(top[number][there].max()), float(bottom[number][there].min()),
            float(thickness.mean()), *(_mean(stack.values, key, number) for key in CONDUCTIVITIES),
        )  # fmt: skip
        for column, value in zip(LAYER_COLUMNS, cells):
            rows[column].append(value)
    return rows


LAYER_COLUMNS = {
    "number": "1", "layer": "1", "cells": "1", "top": "m", "bottom": "m", "thickness": "m", "kh": "m d-1",
    "kv": "m d-1",
}  # fmt: skip


def _mean(values: Mapping[str, NDArray[np.float32]], key: str, layer: int) -> float | None:
    known = values[key][layer][np.isfinite(values[key][layer])] if key in values else np.empty(0)
    return float(known.mean()) if known.size else None
