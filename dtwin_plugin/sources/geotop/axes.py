"""Axes of a block of cells: where their cells lie, whatever the order and the place of their labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import FormatError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_REGULAR = 1e-3  # of a step, by which labels that were kept as float32 may lie beside their place
_TINY = 1e-6  # of a step: an edge that lies on a cell border belongs to the cell inside


@dataclass(frozen=True)
class Axis:
    """Cells of one size in a row.

    Attributes
    ----------
    lower : float
        Lower edge of the lowest cell [m].
    step : float
        Size of a cell [m].
    count : int
    ascending : bool
        Whether the source keeps the lowest cell first.

    Examples
    --------
    >>> axis = Axis(13_600.0, 100.0, 2646, True)
    >>> axis.cells(172_250.0, 172_250.0), axis.cells(0.0, 1.0)
    ((1586, 1587), None)
    """

    lower: float
    step: float
    count: int
    ascending: bool

    @property
    def upper(self) -> float:
        """Upper edge of the highest cell [m]."""
        return self.lower + self.count * self.step

    def cells(self, low: float, high: float) -> tuple[int, int] | None:
        """Return the first cell that touches a range [m], and the one after the last, from the lowest; None if none."""
        first = int(np.floor((max(low, self.lower) - self.lower) / self.step + _TINY))
        last = int(np.ceil((min(high, self.upper) - self.lower) / self.step - _TINY))
        if high < self.lower or low > self.upper or first >= self.count:
            return None
        return first, max(last, first + 1)

    def stored(self, first: int, last: int) -> tuple[int, int]:
        """Return the same cells as the source counts them."""
        return (first, last) if self.ascending else (self.count - last, self.count - first)


def axis_of(labels: NDArray[np.float64], name: str, file: str, step: float, corner: bool) -> Axis:
    """Return the axis that labels stand for.

    Labels that are whole multiples of the step are lower corners, those half a step beside it are centres.

    Parameters
    ----------
    labels : ndarray
        One for each cell [m], up or down.
    step : float
        Size of a cell where there is one label only [m].
    corner : bool
        Whether labels that are neither are lower corners.

    Raises
    ------
    FormatError
        If they are not finite, or not of one step.

    Examples
    --------
    >>> axis_of(np.array([-50.0, -49.5]), "z", "a.nc", 0.5, True).lower
    -50.0
    >>> axis_of(np.array([371_550.0, 371_450.0, 371_350.0]), "y", "a.nc", 100.0, True)
    Axis(lower=371300.0, step=100.0, count=3, ascending=False)
    """
    if not labels.size or not np.isfinite(labels).all():
        raise FormatError("{file} has an axis {axis} without labels, or with labels that are nowhere.", file=file,
                          axis=name)  # fmt: skip
    ascending = bool(labels[-1] >= labels[0])
    values = labels if ascending else labels[::-1]
    if len(values) > 1:
        step = float(values[-1] - values[0]) / (len(values) - 1)
        places = values[0] + step * np.arange(len(values))
        if not step > 0 or not np.allclose(values, places, rtol=0, atol=_REGULAR * step):
            raise FormatError("{file} has an axis {axis} whose cells are not of one size.", file=file, axis=name)
    step = float(np.round(step, 6))
    beside = (float(values[0]) / step) % 1.0
    if abs(beside - 0.5) < _REGULAR:
        corner = False
    elif min(beside, 1.0 - beside) < _REGULAR:
        corner = True
    return Axis(float(values[0]) - (0.0 if corner else step / 2), step, len(values), ascending)
