"""Where the coordinates of a file are in RD New and m NAP, and which objects touch an area."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Extent, Surfaces
from dtwin_plugin.data.crs import in_rd_bounds, is_rd
from dtwin_plugin.errors import CrsError
from dtwin_plugin.progress import Progress

from ..crs import to_rd
from ..gml import crs_of, ordered

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Place:
    """Coordinates of a file to RD New and m NAP."""

    def __init__(self, file: str, assumed: str | None, progress: Progress) -> None:
        self._file, self._assumed, self._progress, self._warned = file, assumed, progress, False

    def __call__(self, xyz: NDArray[np.float64], srs: str | None) -> NDArray[np.float64]:
        """Return coordinates (n, 3) of the CRS that is written with them; raises CrsError where that cannot be."""
        crs = crs_of(srs) if srs else self._assumed
        if srs and crs is None:
            raise CrsError(
                "{file} states the coordinate reference system {crs}, which is not known.",
                hint="Correct srsName in the file.",
                file=self._file,
                crs=srs[:200],
            )
        if crs is None:
            low, high = xyz[:, :2].min(axis=0).tolist(), xyz[:, :2].max(axis=0).tolist()
            if not in_rd_bounds(*low, *high):
                raise CrsError(
                    "{file} states no coordinate reference system, and its coordinates (x {x:.2f}, y {y:.2f}) do not "
                    "lie in the Netherlands.",
                    hint="Set the coordinate reference system to assume (assume_crs), if you know it.",
                    file=self._file,
                    x=low[0],
                    y=low[1],
                )
            if not self._warned:
                self._warned = True
                message = "{file} states no coordinate reference system; it is taken for RD New and NAP."
                self._progress.warn(message, file=self._file)
            return xyz
        if is_rd(crs):
            return xyz
        return to_rd(ordered(xyz, crs), crs)


def within(surfaces: Surfaces | None, extent: Extent | None) -> Iterator[Surfaces]:
    """Yield the objects that touch an area, each whole; none if there are none."""
    if surfaces is None:
        return
    if extent is None:
        yield surfaces
        return
    box = surfaces.geometries.bounds()
    whole = np.tile([np.inf, np.inf, -np.inf, -np.inf], (surfaces.object_count, 1))
    for column, smaller in ((0, True), (1, True), (2, False), (3, False)):
        (np.minimum if smaller else np.maximum).at(whole[:, column], surfaces.objects, box[:, column])
    touches = (whole[:, 0] <= extent.x_max) & (whole[:, 2] >= extent.x_min)
    touches &= (whole[:, 1] <= extent.y_max) & (whole[:, 3] >= extent.y_min)
    chosen = np.flatnonzero(touches[surfaces.objects])
    if len(chosen):
        yield surfaces.take(chosen)
