"""The fine cells below the coarse ones, as the surface sees them: how much of them is wet, and the water on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .rates import Rate
from .state import ENDLESS, WALL

if TYPE_CHECKING:
    from numpy.typing import NDArray


class WetRate(Rate):
    """Infiltration that waits, of which the dry part of a cell takes no more than the rain that fell on it.

    Parameters
    ----------
    fall, loss : Rate
        Rain, of which the portion is taken first, and infiltration.
    wet : ndarray
        Part of each cell that is wet, with the ring.
    """

    def __init__(self, fall: Rate, loss: Rate, wet: NDArray[np.float64]) -> None:
        self._fall, self._loss, self._wet = fall, loss, wet
        self.largest = loss.largest

    @property
    def seconds(self) -> float:
        """Time that waits [s]."""
        return self._loss.seconds

    @property
    def pending(self) -> float:
        """Largest depth that waits [m]."""
        return self._loss.pending

    def take(self) -> NDArray[np.floating]:
        """Return the depth to take now [m], shape (rows + 2, cols + 2)."""
        loss, rain = self._loss.take(), self._fall.portion
        return np.ascontiguousarray(self._wet * loss + (1.0 - self._wet) * np.minimum(loss, rain))


class FineWater:
    """What `Surface.take` needs to know of fine cells, as `State` has it."""

    def __init__(self, bed: NDArray[np.float32], storage: NDArray[np.float64] | None) -> None:
        self.shape, self.dtype = bed.shape, np.float32
        self.inside = np.isfinite(bed)
        walls = np.pad(np.where(self.inside, np.float32(0.0), np.float32(WALL)), 1, constant_values=WALL)
        self.bed = (walls,)
        self.depth, self.lost = np.zeros(walls.shape, np.float32), np.zeros(walls.shape, np.float32)
        self.room = np.zeros((0, 0))
        if storage is not None:
            limited = np.where(np.isnan(storage), ENDLESS, np.minimum(storage, ENDLESS))
            self.room = np.pad(np.broadcast_to(limited, bed.shape), 1)
