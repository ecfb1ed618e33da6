"""Shadow on a surface of cells: ground, roofs and crowns of trees.

The surface is a height for each cell, as of a DSM; crowns let through part of the light. Beyond the edge of the surface
nothing throws a shadow: take it larger than what is asked by the length of the longest shadow.

References
----------
Ratti, Richens (1999), Urban texture analysis with image processing techniques, CAAD Futures, 49-64: shadow by moving a
surface of cells. Here it is swept once for each position, in a time that does not go with the length of shadows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.progress import Progress, Silent

from ..parallel import parallel_kernels, thread_count
from .position import Sun

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

SHADOW, FILTERED, LIT = 0, 1, 2
_AT_ONCE = 16  # positions in one call: between them a user may stop it
_HIGHEST = 89.9  # degrees: above, shadows are shorter than any cell
_STEEP = 2.0  # m down in a m along: a wall, and no roof (63 degrees)


class Surface:
    """A surface that light falls on.

    Parameters
    ----------
    heights : array_like
        Shape (rows, cols) [m], row 0 in the north: ground and roofs. NaN = no data: it throws no shadow.
    cell_size : float
        Side of a cell [m].
    crowns : array_like, optional
        Tops of the crowns of trees [m], in the datum of the heights; NaN where there are none.
    convergence : float
        Of the map's grid: degrees that its north lies east of true north.

    Examples
    --------
    A wall of 2 m throws a shadow of 2 m to the north when the sun stands at 45 degrees in the south:

    >>> wall = np.zeros((5, 3))
    >>> wall[4] = 2.0
    >>> Surface(wall, 1.0).light(Sun(np.array([45.0]), np.array([180.0])))[0, :, 1].tolist()
    [2, 2, 2, 0, 2]
    """

    def __init__(
        self, heights: ArrayLike, cell_size: float, crowns: ArrayLike | None = None, convergence: float = 0.0
    ) -> None:
        given = np.asarray(heights, np.float64)
        if given.ndim != 2 or not np.isfinite(given).any():
            raise InputError("The surface has no heights.", hint="Choose another raster or area.")
        self.known = np.isfinite(given)
        self._datum = float(np.median(given[self.known]))  # float32 is finer near 0
        self.cell_size, self._convergence = float(cell_size), float(convergence)
        self._heights = self._both_ways(given)
        self._crowns = (np.zeros((0, 0), np.float32),) * 2
        if crowns is not None:
            tops = np.asarray(crowns, np.float64)
            if tops.shape != given.shape:
                raise InputError("Crowns and surface differ in shape: {one} and {other}.", one=tops.shape,
                                 other=given.shape)  # fmt: skip
            self._crowns = self._both_ways(tops)

    def _both_ways(self, heights: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return heights as they are kept, and those turned."""
        from .shadow_kernels import LOWEST

        kept = np.where(np.isfinite(heights), heights - self._datum, LOWEST).astype(np.float32)
        return np.ascontiguousarray(kept), np.ascontiguousarray(kept.T)

    def light(self, sun: Sun) -> NDArray[np.uint8]:
        """Return what each cell gets at each position: LIT, FILTERED by crowns, or SHADOW, as below the horizon.

        Shape (positions, rows, cols); cells without data have some value.
        """
        from . import shadow_kernels

        found = np.zeros((np.size(sun.elevation), *self.known.shape), np.uint8)
        for k, (turned, *sweep) in self._sweeps(sun):
            lit = np.zeros(self._heights[turned].shape, np.uint8)
            shadow_kernels.shadow(self._heights[turned], self._crowns[turned], *sweep, lit)
            found[k] = lit.T if turned else lit
        return found

    def counts(
        self, sun: Sun, threads: int | None = None, progress: Progress | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return at how many positions each cell is in the sun, and in light through crowns.

        The result is the same for any number of threads.
        """
        from . import shadow_kernels

        progress, threads = progress or Silent(), thread_count(threads, "calculate shadows")
        direct, filtered = (np.zeros(self.known.shape, np.int64) for _ in range(2))
        sweeps = [sweep for _, sweep in self._sweeps(sun)]
        done = 0
        for turned in (0, 1):
            wanted = [sweep[1:] for sweep in sweeps if sweep[0] == turned]
            for begin in range(0, len(wanted), _AT_ONCE):
                if progress.is_cancelled():
                    raise Cancelled
                part = wanted[begin : begin + _AT_ONCE]
                parts = min(threads, len(part))
                shape = self._heights[turned].shape
                found = np.zeros((parts, *shape), np.uint16)
                through = np.zeros((parts if self._crowns[0].size else 0, *shape), np.uint16)
                columns = [np.array(column) for column in zip(*part)]
                with parallel_kernels(parts):
                    shadow_kernels.count(self._heights[turned], self._crowns[turned], *columns, found, through)
                for total, counted in ((direct, found), (filtered, through)):
                    summed = counted.sum(axis=0, dtype=np.int64)
                    total += (summed.T if turned else summed) if len(counted) else 0
                done += len(part)
                progress.report(done / len(sweeps))
        return direct, filtered

    def _sweeps(self, sun: Sun) -> list[tuple[int, tuple[int, bool, float, float, float]]]:
        """Return, for each position above the horizon, its number and how it is swept.

        That is whether the surface is turned, whether from the last row, by how many columns the light moves and how
        much it sinks [m] from row to row, and what fall in a row [m] is a wall.
        """
        found: list[tuple[int, tuple[int, bool, float, float, float]]] = []
        for k, (height, azimuth) in enumerate(zip(np.ravel(sun.elevation), np.ravel(sun.azimuth))):
            if not height > 0:
                continue
            turn = np.radians(azimuth - self._convergence)
            # away from the sun, in rows (to the south) and columns (to the east)
            along, across = float(np.cos(turn)), float(-np.sin(turn))
            turned = int(abs(across) > abs(along))
            if turned:
                along, across = across, along
            step = self.cell_size / abs(along)
            sink = float(np.tan(np.radians(min(height, _HIGHEST)))) * step
            found.append((k, (turned, along < 0, across / abs(along), sink, _STEEP * step)))
        return found
