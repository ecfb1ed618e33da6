"""Areas around lines in which they may lie: as wide as their horizontal uncertainty and half of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qgis.core import QgsGeometry

from dtwin_plugin.data import Features
from dtwin_plugin.data.crs import RD
from dtwin_plugin.data.wkb import read as read_wkb
from dtwin_plugin.sources.stop import stop_if_asked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.progress import Progress

_SEGMENTS = 6  # of a quarter circle: the edge is within 1 % of the width


def sleeves(lines: Features, distance: NDArray[np.float64], progress: Progress) -> Features:
    """Return the area within a distance of each line, with its columns and "distance" [m].

    Raises
    ------
    Cancelled
        If the user stops it.
    """
    blobs = []
    for index in range(len(lines)):
        if index % 500 == 0:
            stop_if_asked(progress)
        geometry = QgsGeometry()
        geometry.fromWkb(lines.geometries.wkb(index))
        blobs.append(bytes(geometry.buffer(float(distance[index]), _SEGMENTS).asWkb()))
    shapes = read_wkb(blobs, "polygon")
    columns = {**lines.columns, "distance": np.round(distance, 3)}
    return Features(shapes, columns, {**lines.units, "distance": "m"}, RD, "sleeves")
