"""Objects divided over squares: a square with too many is cut in four, and shows them coarser than its quarters do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEEPEST = 16  # cuts: objects at one place cannot be divided


@dataclass(frozen=True)
class Square:
    """A square of the division.

    Attributes
    ----------
    name : str
        "level-column-row", columns to the east and rows to the north.
    objects : ndarray
        Those whose middle is in it.
    quarters : list of Square
        Those with objects; none where the square is fine enough.
    """

    name: str
    objects: NDArray[np.int64]
    quarters: list[Square] = field(default_factory=list)

    @property
    def height(self) -> int:
        """How many squares lie below one another in it."""
        return 1 + max((quarter.height for quarter in self.quarters), default=-1)

    def all(self) -> list[Square]:
        """Return it and what is in it."""
        return [self, *(square for quarter in self.quarters for square in quarter.all())]


def divided(middles: NDArray[np.float64], sizes: NDArray[np.int64], most: int) -> Square:
    """Return the square around all objects.

    Parameters
    ----------
    middles, sizes : ndarray
        x, y of each object [m], and its triangles.
    most : int
        Triangles in a square that is not cut.

    Examples
    --------
    >>> whole = divided(np.array([[0.0, 0.0], [9.0, 0.0], [9.0, 9.0]]), np.array([5, 5, 5]), 5)
    >>> [square.name for square in whole.all()]
    ['0-0-0', '1-0-0', '1-1-0', '1-1-1']
    """
    low = middles.min(axis=0)
    size = max(float(np.ptp(middles, axis=0).max()), 1.0)

    def square(level: int, column: int, row: int, objects: NDArray[np.int64]) -> Square:
        found = Square(f"{level}-{column}-{row}", objects)
        if sizes[objects].sum() <= most or len(objects) == 1 or level == _DEEPEST:
            return found
        step = size / 2 ** (level + 1)
        half = low + step * np.array([2 * column + 1, 2 * row + 1])
        east, north = (middles[objects] >= half).T
        for up in (0, 1):
            for right in (0, 1):
                inside = objects[(east == right) & (north == up)]
                if len(inside):
                    found.quarters.append(square(level + 1, 2 * column + right, 2 * row + up, inside))
        return found

    return square(0, 0, 0, np.arange(len(middles), dtype=np.int64))
