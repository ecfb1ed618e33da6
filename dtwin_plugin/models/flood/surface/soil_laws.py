"""Soil that slows down as it fills, as a `SoilLaw` of a `Surface`: Horton and Green-Ampt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import mark

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


class Horton:
    """Capacity that falls from a first to a final rate as the soil takes water (Horton 1941).

    f = fc + (f0 - fc) e^(-k t), where t is counted by what the soil took and not by the clock: it stands still while
    the soil gets less than it can take. It does not recover in the run.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns.
    final, first : float or array_like
        fc and f0 [m s-1], one or shape (rows, cols); NaN counts as 0.
    decay : float
        k [s-1].

    Raises
    ------
    InputError
        If a rate is below 0, the first below the final, or the decay not above 0.

    Examples
    --------
    From 36 to 18 mm/h with k = 2 per hour, an hour of water: 18 + 18 / 2 (1 - e^-2) = 25.78 mm:

    >>> from ..solvers.solver import InertialSolver
    >>> from .surface import Surface
    >>> solver = InertialSolver(np.zeros((3, 3)), 1.0, 0.03, initial_depth=0.1)
    >>> solver.surface = Surface((3, 3), law=Horton((3, 3), 5e-6, 1e-5, 2 / 3600))
    >>> solver.advance(3600)
    >>> round(1000 * solver.surface.accounts["soil"] / 9, 2)
    25.78
    """

    def __init__(self, shape: tuple[int, int], final: ArrayLike, first: ArrayLike, decay: float) -> None:
        self._final = _padded(shape, final, mark("final infiltration"))
        start = _padded(shape, first, mark("first infiltration"))
        self._extra = start - self._final
        if not (self._extra >= 0).all() or not 0 < decay < np.inf:
            raise InputError(
                "Horton's first infiltration must not be below the final one, and the decay must be above 0; found "
                "{first} m/s, {final} m/s and {decay} 1/s.",
                first=float(start.min()),
                final=float(self._final.max()),
                decay=decay,
            )
        self._decay = float(decay)
        self._fresh = np.ones((shape[0] + 2, shape[1] + 2))

    @property
    def arrays(self) -> dict[str, Floats]:
        """How fresh the soil is: e^(-k t), 1 at first, with the ring."""
        return {"horton": self._fresh}

    def soak(self, first: int, stop: int, water: tuple[Any, ...], seconds: float, sums: Floats) -> None:
        """Let rain fall on some rows and the soil take its part; see `vertical_kernels`."""
        from .soil_kernels import soak_horton

        soak_horton(first, stop, water, (self._final, self._extra, self._decay, self._fresh), seconds, sums)


class GreenAmpt:
    """A wetting front that sinks into dry soil (Green and Ampt 1911).

    f = K (1 + psi dtheta / F), F what the soil took; the depth of the water on it adds nothing to the suction psi, as
    in Chow et al. (1988) section 4.3.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns.
    conductivity : float or array_like
        K [m s-1], one or shape (rows, cols); NaN counts as 0: nothing infiltrates.
    suction : float or array_like
        psi times dtheta [m].

    Raises
    ------
    InputError
        If a number is below 0.

    Examples
    --------
    Silt loam, K = 0.65 cm/h, psi = 16.7 cm, dtheta = 0.340, under water for an hour: F - 5.68 ln(1 + F / 5.68) = 0.65
    has the root 3.17 cm (Chow et al. 1988, example 4.3.1):

    >>> from ..solvers.solver import InertialSolver
    >>> from .surface import Surface
    >>> solver = InertialSolver(np.zeros((3, 3)), 1.0, 0.03, initial_depth=0.1)
    >>> solver.surface = Surface((3, 3), law=GreenAmpt((3, 3), 0.0065 / 3600, 0.167 * 0.340))
    >>> solver.advance(3600)
    >>> round(100 * solver.surface.accounts["soil"] / 9, 2)
    3.17
    """

    def __init__(self, shape: tuple[int, int], conductivity: ArrayLike, suction: ArrayLike) -> None:
        self._conductivity = _padded(shape, conductivity, mark("conductivity"))
        self._suction = _padded(shape, suction, mark("suction"))
        self._taken = np.zeros((shape[0] + 2, shape[1] + 2))

    @property
    def arrays(self) -> dict[str, Floats]:
        """What the soil took [m], with the ring."""
        return {"green_ampt": self._taken}

    def soak(self, first: int, stop: int, water: tuple[Any, ...], seconds: float, sums: Floats) -> None:
        """Let rain fall on some rows and the soil take its part; see `vertical_kernels`."""
        from .soil_kernels import soak_green_ampt

        soak_green_ampt(first, stop, water, (self._conductivity, self._suction, self._taken), seconds, sums)


def _padded(shape: tuple[int, int], values: ArrayLike, name: str) -> Floats:
    """Return one row that holds for all, or all rows, with the ring, which takes nothing."""
    cells = np.nan_to_num(np.asarray(values, float), nan=0.0)
    if (cells.ndim and cells.shape != shape) or not np.isfinite(cells).all() or (cells < 0).any():
        raise InputError(
            "The {name} of the soil must be 0 or more, one number or of the shape {shape}; found {low} to {high}.",
            name=name,
            shape=shape,
            low=float(cells.min()),
            high=float(cells.max()),
        )
    return np.pad(np.full((1, shape[1]), cells), ((0, 0), (1, 1))) if cells.ndim == 0 else np.pad(cells, 1)
