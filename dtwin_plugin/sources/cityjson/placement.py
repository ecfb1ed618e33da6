"""Where the coordinates of a file are in RD New and m NAP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.crs import in_rd_bounds, is_rd, normalise
from dtwin_plugin.errors import CrsError
from dtwin_plugin.progress import Progress

from .header import Header

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Placement:
    """Coordinates of a file to RD New and m NAP."""

    def __init__(self, header: Header, assume_crs: str | None, progress: Progress) -> None:
        self._header, self._progress, self._warned = header, progress, False
        self._crs = header.crs
        if header.stated_crs is None and assume_crs:
            self._crs = normalise(assume_crs)
            if self._crs is None:
                raise CrsError(
                    "The coordinate reference system {crs} is not known; expected for example EPSG:7415.",
                    crs=assume_crs,
                )
        elif header.stated_crs is not None and header.crs is None:
            raise CrsError(
                "{file} states the coordinate reference system {crs}, which is not known.",
                hint="Correct metadata.referenceSystem in the file.",
                file=header.file,
                crs=header.stated_crs,
            )

    def __call__(self, xyz: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return coordinates (n, 3) of the file in RD New and m NAP; raises CrsError where that cannot be."""
        if self._crs is None:
            self._require_rd(xyz)
        if self._crs is None or is_rd(self._crs):
            return xyz
        from ..crs import to_rd

        return to_rd(xyz, self._crs)

    def _require_rd(self, xyz: NDArray[np.float64]) -> None:
        """Take coordinates without a CRS for RD New where they can be that."""
        (x_min, y_min), (x_max, y_max) = xyz[:, :2].min(axis=0).tolist(), xyz[:, :2].max(axis=0).tolist()
        if not in_rd_bounds(x_min, y_min, x_max, y_max):
            raise CrsError(
                "{file} states no coordinate reference system, and its coordinates (x {x:.2f}, y {y:.2f}) do not lie "
                "in the Netherlands.",
                hint="Set the coordinate reference system to assume (assume_crs), if you know it.",
                file=self._header.file,
                x=x_min,
                y=y_min,
            )
        if not self._warned:
            self._warned = True
            message = "{file} states no coordinate reference system; it is taken for RD New and NAP."
            self._progress.warn(message, file=self._header.file)
