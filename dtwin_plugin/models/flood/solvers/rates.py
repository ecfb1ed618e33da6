"""Rain and infiltration, kept until there is enough of them to add to a float32 depth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

ENOUGH = 2e-5  # m; less is not worth a pass over all cells, and would be lost in the rounding of a deep cell


class Rate:
    """A rate [m s-1] over the cells whose depth is handed out in portions.

    Parameters
    ----------
    rate : float, array_like or None
        One rate, or shape (rows, cols); NaN counts as 0. None is 0.
    """

    def __init__(self, rate: ArrayLike | None, shape: tuple[int, int], dtype: type, name: str) -> None:
        values = np.nan_to_num(np.asarray(0.0 if rate is None else rate, float, order="C"), nan=0.0)
        if values.ndim and values.shape != shape:
            raise InputError(
                "{name} must be a number or have the shape {shape} of the terrain; found {found}.",
                name=name,
                shape=shape,
                found=values.shape,
            )
        if not np.isfinite(values).all() or (values < 0).any():
            raise InputError(
                "{name} must be 0 m/s or more; found {lowest}.", name=name, lowest=float(np.nanmin(values))
            )
        self.largest = float(values.max())
        self.uniform = values.ndim == 0
        self._rate = np.full((1, shape[1]), float(values)) if self.uniform else values
        padding = ((0, 0), (1, 1)) if self.uniform else 1
        self._portion: NDArray[np.floating] = np.pad(np.zeros(self._rate.shape, dtype), padding)
        self._seconds = 0.0

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._seconds += seconds

    @property
    def seconds(self) -> float:
        """Time that waits [s]."""
        return self._seconds

    @property
    def pending(self) -> float:
        """Largest depth that waits [m]."""
        return self.largest * self._seconds

    @property
    def portion(self) -> NDArray[np.floating]:
        """What `take` handed out last [m]."""
        return self._portion

    def take(self) -> NDArray[np.floating]:
        """Return the depth to add now [m], shape (1 or rows + 2, cols + 2); the next call writes over it."""
        from ..surface.vertical_kernels import portion

        rows = self._portion if self.uniform else self._portion[1:-1]
        portion(rows[:, 1:-1], self._rate, self._seconds)
        self._seconds = 0.0
        return self._portion
