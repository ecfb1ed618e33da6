"""Arrays of GeoTOP to voxels: lithoclass with the chance of each, stratigraphy, and how sure the model is.

References
----------
TNO - Geological Survey of the Netherlands: GeoTOP 1.6. Labels are the lower corner of a voxel; -127 is no data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, Voxels
from dtwin_plugin.data.crs import RD_NAP, in_rd_bounds, is_rd
from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.data.voxels import NO_CLASS
from dtwin_plugin.errors import CrsError, FormatError, InputError
from dtwin_plugin.progress import Part, Progress

from ..stop import stop_if_asked
from .arrays import Arrays, axes_of, crs_code, find, ordered
from .axes import Axis, axis_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

LITHOCLASS = ("lithok", "lithoklasse", "lithoclass")
STRATIGRAPHY = ("strat", "lithostrat", "stratigraphy")
_LAYERS = {
    "stratigraphy": STRATIGRAPHY,
    "uncertainty": ("onz_lk", "modelonzekerheid_lithoklasse", "onzekerheid_lithoklasse"),
    "uncertainty_stratigraphy": ("onz_ls", "modelonzekerheid_lithostratigrafie", "onzekerheid_lithostratigrafie"),
}
_CHANCE = re.compile(r"(?:kans|probability|p)_?(\d)(?:_.*)?$", re.IGNORECASE)
_STEP = {"x": 100.0, "y": 100.0, "z": 0.5}  # m, of GeoTOP
CHUNK = 1_000_000  # cells: 40 MB of chances
NAMES = tuple(LITHOCLASSES.values())  # the number of a class is its index


@dataclass(frozen=True)
class Block:
    """Where the arrays of GeoTOP lie, and which is which.

    Attributes
    ----------
    axes : dict of str to Axis
        "x", "y" and "z".
    dimensions : dict of str to str
        What each axis is called.
    variables : dict of str to str
        "class", "stratigraphy" and so on to the name of the array.
    chances : dict of int to str
        Number of a class to the array with its chance.
    """

    axes: dict[str, Axis]
    dimensions: dict[str, str]
    variables: dict[str, str]
    chances: dict[int, str]
    crs: str

    @property
    def extent(self) -> Extent:
        """The outer edges."""
        x, y = self.axes["x"], self.axes["y"]
        return Extent(x.lower, y.lower, x.upper, y.upper, self.crs)


def block_of(arrays: Arrays, progress: Progress) -> Block:
    """Find axes and variables.

    Raises
    ------
    FormatError
        If lithoclass or an axis is absent, or cells are not of one size.
    CrsError
        If it is not in RD New.
    """
    lithoclass = find(arrays, LITHOCLASS)
    if lithoclass is None:
        raise FormatError(
            "{file} has no array of lithoclasses; it has {found}.",
            hint="Choose a GeoTOP file.",
            file=arrays.name,
            found=", ".join(list(arrays.dimensions())[:20]) or "-",
        )
    dimensions = axes_of(arrays, lithoclass, "xyz")
    axes = axes_from(arrays, dimensions, _STEP, True, progress)
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
    shapes = arrays.dimensions()
    alike = {name for name in shapes if sorted(shapes[name].items()) == sorted(shapes[lithoclass].items())}
    found = {role: find(arrays, names) for role, names in _LAYERS.items()}
    variables = {"class": lithoclass, **{role: name for role, name in found.items() if name in alike and name}}
    chances = {int(match[1]): name for name in sorted(alike) if (match := _CHANCE.match(name))}
    return Block(axes, dimensions, variables, {n: chances[n] for n in sorted(chances) if n < len(NAMES)}, RD_NAP)


def axes_from(
    arrays: Arrays, dimensions: Mapping[str, str], steps: Mapping[str, float], corner: bool, progress: Progress
) -> dict[str, Axis]:
    """Return the axes of dimensions from their labels; raises FormatError where one has none."""
    missing = [name for name in dimensions.values() if name not in arrays.dimensions()]
    if missing:
        raise FormatError("{file} has no labels for the dimension {name}.", file=arrays.name, name=missing[0])
    labels = arrays.read(list(dimensions.values()), {}, progress)
    return {
        axis: axis_of(np.asarray(labels[name], np.float64).ravel(), name, arrays.name, steps[axis], corner)
        for axis, name in dimensions.items()
    }


@dataclass(frozen=True)
class Cut:
    """The cells of a block that are wanted: first and the one after the last on each axis, from the lowest."""

    x: tuple[int, int]
    y: tuple[int, int]
    z: tuple[int, int]

    @property
    def count(self) -> int:
        """Number of cells."""
        return int(np.prod([last - first for first, last in (self.x, self.y, self.z)]))

    def slabs(self, most: int) -> Iterator[Cut]:
        """Yield pieces of at most so many cells, in slabs along x, and along y too where one slab is more."""
        across = (self.y[1] - self.y[0]) * (self.z[1] - self.z[0])
        wide = max(1, most // max(across, 1))
        deep = max(1, most // max(self.z[1] - self.z[0], 1)) if across > most else self.y[1] - self.y[0]
        for x in range(self.x[0], self.x[1], wide):
            for y in range(self.y[0], self.y[1], max(deep, 1)):
                yield Cut((x, min(x + wide, self.x[1])), (y, min(y + deep, self.y[1])), self.z)


def cut_of(axes: Mapping[str, Axis], extent: Extent | None, heights: tuple[float, float] | None, name: str) -> Cut:
    """Return the cells that touch an area and a range of heights [m NAP]; raises InputError where there are none."""
    low, high = heights or (-np.inf, np.inf)
    x, y, z = axes["x"], axes["y"], axes["z"]
    wanted = extent or Extent(x.lower, y.lower, x.upper, y.upper)
    cells = x.cells(wanted.x_min, wanted.x_max), y.cells(wanted.y_min, wanted.y_max), z.cells(low, high)
    if cells[0] is None or cells[1] is None:
        raise InputError(
            "The area {area} lies outside {file}, which covers {covered}.",
            hint="Choose an area within it.",
            area=wanted.bounds,
            file=name,
            covered=(x.lower, y.lower, x.upper, y.upper),
        )
    if cells[2] is None:
        raise InputError(
            "The heights {low} to {high} m lie outside {file}, which goes from {bottom} to {top} m NAP.",
            hint="Choose other heights.",
            low=low,
            high=high,
            file=name,
            bottom=z.lower,
            top=z.upper,
        )
    return Cut(cells[0], cells[1], cells[2])


def voxels(arrays: Arrays, block: Block, cut: Cut, progress: Progress, most: int = CHUNK) -> Iterator[Voxels]:
    """Yield the cells of a cut in slabs of at most `most` cells."""
    slabs = list(cut.slabs(most))
    for number, slab in enumerate(slabs):
        stop_if_asked(progress)
        part = Part(progress, number / len(slabs), (number + 1) / len(slabs))
        yield _slab(arrays, block, slab, part)
        progress.report((number + 1) / len(slabs), "part {part} of {count}", part=number + 1, count=len(slabs))


def read_cut(
    arrays: Arrays, names: list[str], axes: Mapping[str, Axis], dimensions: Mapping[str, str], cut: Cut,
    progress: Progress,
) -> dict[str, NDArray[Any]]:  # fmt: skip
    """Return arrays of shape (x, y, z), from the lowest cell up on each axis."""
    spans = {"x": cut.x, "y": cut.y, "z": cut.z}
    window = {dimensions[axis]: axes[axis].stored(*spans[axis]) for axis in "xyz"}
    found = arrays.read(names, window, progress)
    wanted = [dimensions[axis] for axis in "xyz"]
    flips = tuple(slice(None, None, 1 if axes[axis].ascending else -1) for axis in "xyz")
    return {n: ordered(values, list(arrays.dimensions()[n]), wanted)[flips] for n, values in found.items()}


def _slab(arrays: Arrays, block: Block, cut: Cut, progress: Progress) -> Voxels:
    names = [*block.variables.values(), *block.chances.values()]
    found = read_cut(arrays, names, block.axes, block.dimensions, cut, progress)
    numbers = found[block.variables["class"]]
    known = np.isin(numbers, list(LITHOCLASSES))
    strange = np.isfinite(numbers) & ~known & (numbers >= 0)
    if strange.any():
        raise FormatError(
            "{file} has the lithoclass {found}; expected 0 to {last}.",
            file=arrays.name,
            found=f"{numbers[strange][0]:g}",
            last=max(LITHOCLASSES),
        )
    classes = np.where(known, numbers, NO_CLASS).astype(np.int16)
    layers = {role: _layer(role, found[name]) for role, name in block.variables.items() if role != "class"}
    chances = {number: found[name] for number, name in block.chances.items()}
    x, y, z = (block.axes[axis] for axis in "xyz")
    return Voxels(
        classes,
        probabilities(chances, classes.shape) if chances else None,
        x.lower + cut.x[0] * x.step,
        y.lower + cut.y[0] * y.step,
        z.lower + cut.z[0] * z.step,
        (x.step, y.step, z.step),
        NAMES,
        block.crs,
        layers,
    )


def _layer(role: str, values: NDArray[Any]) -> NDArray[Any]:
    known = np.isfinite(values) & (values > 0 if role == "stratigraphy" else values >= 0)
    if role != "stratigraphy":
        return np.where(known, values, np.nan).astype(np.float32)
    return np.where(known & (values <= np.iinfo(np.int16).max), values, 0).astype(np.int16)


def probabilities(chances: Mapping[int, NDArray[Any]], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return the chance of each class as a part of 1; NaN where none is above 0, such as in made ground (class 0).

    >>> probabilities({1: np.array([25.0, 0.0]), 5: np.array([75.0, 0.0])}, (2,))[:, [1, 2, 5]].tolist()
    [[0.25, 0.0, 0.75], [nan, nan, nan]]
    """
    result = np.zeros((*shape, len(NAMES)), np.float32)
    for number, values in chances.items():
        result[..., number] = np.where(np.isfinite(values) & (values > 0), values, 0)
    total = result.sum(axis=-1, keepdims=True)
    total[total == 0] = np.nan
    result /= total
    return result
