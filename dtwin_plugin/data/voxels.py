"""Classes of the subsurface on a block of cells."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dtwin_plugin.errors import InputError

from .crs import RD_NAP
from .extent import Extent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NO_CLASS = -1


@dataclass(frozen=True)
class Voxels:
    """The most likely class, and the probability of every class, of each cell of a block.

    Attributes
    ----------
    classes : ndarray
        int16, shape (x, y, z): index into `names`; -1 where nothing is known.
    probability : ndarray or None
        float32, shape (x, y, z, classes) [1], NaN where nothing is known.
    x_min, y_min, z_min : float
        Lower south-west corner [m; z in m NAP].
    cell_size : tuple of float
        Size along x, y and z [m].
    names : tuple of str
        The name of each class.
    layers : dict of str to ndarray
        What else is known of each cell, shape (x, y, z): "stratigraphy" (int16 code, 0 unknown), "uncertainty" and
        "uncertainty_stratigraphy" (float32 entropy [1] as the source gives it, NaN unknown), and so on.
    """

    classes: NDArray[np.int16]
    probability: NDArray[np.float32] | None
    x_min: float
    y_min: float
    z_min: float
    cell_size: tuple[float, float, float]
    names: tuple[str, ...]
    crs: str = RD_NAP
    layers: dict[str, NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.classes.ndim != 3 or min(self.cell_size) <= 0:
            raise InputError("Voxels need classes of shape (x, y, z) and cell sizes above 0 m.")
        expected = (*self.classes.shape, len(self.names))
        if self.probability is not None and self.probability.shape != expected:
            raise InputError(
                "The probabilities need shape {expected}; found {found}.",
                expected=expected,
                found=self.probability.shape,
            )
        if self.classes.size and not NO_CLASS <= int(self.classes.min()) <= int(self.classes.max()) < len(self.names):
            raise InputError("A voxel has a class outside the {count} names.", count=len(self.names))

        for name, values in self.layers.items():
            if values.shape != self.classes.shape:
                raise InputError(
                    "The layer {name} of the voxels needs shape {expected}; found {found}.",
                    name=name,
                    expected=self.classes.shape,
                    found=values.shape,
                )

    @property
    def z_max(self) -> float:
        """Top of the block [m NAP]."""
        return self.z_min + self.classes.shape[2] * self.cell_size[2]

    @property
    def extent(self) -> Extent:
        """The outer edges of the block."""
        columns, rows, _ = self.classes.shape
        return Extent(
            self.x_min,
            self.y_min,
            self.x_min + columns * self.cell_size[0],
            self.y_min + rows * self.cell_size[1],
            self.crs,
        )

    def window(self, extent: Extent) -> Voxels:
        """Return the cells that touch an area.

        Raises
        ------
        InputError
            If the area lies outside the voxels.
        """
        if not self.extent.intersects(extent):
            raise InputError(
                "The area {area} lies outside the voxels, which cover {covered}.",
                hint="Choose an area within the voxels.",
                area=extent.bounds,
                covered=self.extent.bounds,
            )
        columns, rows, _ = self.classes.shape
        left, right = _touched(extent.x_min, extent.x_max, self.x_min, self.cell_size[0], columns)
        south, north = _touched(extent.y_min, extent.y_max, self.y_min, self.cell_size[1], rows)
        part = slice(left, right), slice(south, north)
        return replace(
            self,
            classes=self.classes[part],
            probability=None if self.probability is None else self.probability[part],
            x_min=self.x_min + left * self.cell_size[0],
            y_min=self.y_min + south * self.cell_size[1],
            layers={name: values[part] for name, values in self.layers.items()},
        )


def _touched(low: float, high: float, origin: float, size: float, count: int) -> tuple[int, int]:
    """Return the first cell that a range touches, and the one after the last."""
    tiny = 1e-6  # of a cell: an edge that lies on a cell border belongs to the cell inside
    first = min(max(0, math.floor((low - origin) / size + tiny)), count - 1)
    return first, max(first + 1, min(count, math.ceil((high - origin) / size - tiny)))
