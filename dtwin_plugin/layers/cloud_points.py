"""Points of a point cloud that a line of sight passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qgis.core import QgsDoubleRange, QgsGeometry, QgsPointCloudLayer, QgsPointXY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_BEFORE = 100.0  # m in front of what else is seen in which points are looked for: more of the cloud takes long to read
_MOST = 20_000  # points that are looked at


def point_near(
    layer: QgsPointCloudLayer, origin: Floats, direction: Floats, reach: float, pixel: float
) -> dict[str, Any] | None:
    """Return what is known of the first point that a ray passes, None if there is none.

    Parameters
    ----------
    origin, direction : ndarray
        Of the ray, in the CRS of the layer.
    reach : float
        How far the ray is seen [m].
    pixel : float
        Size of what the user can point at, at a distance of 1.
    """
    begin, end = max(reach - _BEFORE, 0.0), reach + 1.0
    near, far = origin + begin * direction, origin + end * direction
    width = max(pixel * end, 0.05)
    ends = QgsPointXY(*near[:2]), QgsPointXY(*far[:2])
    line = (
        QgsGeometry.fromPolylineXY(list(ends))
        if ends[0].distance(ends[1]) > width
        else QgsGeometry.fromPointXY(ends[0])
    )
    heights = QgsDoubleRange(min(near[2], far[2]) - width, max(near[2], far[2]) + width)
    found = layer.dataProvider().identify(width, line.buffer(width, 4), heights, _MOST)
    if not found:
        return None
    places = np.array([[point["X"], point["Y"], point["Z"]] for point in found], float)
    along = (places - origin) @ direction
    apart = np.linalg.norm(places - origin - along[:, None] * direction, axis=1)
    seen = np.flatnonzero((apart <= pixel * along) & (along > 0))
    return dict(found[seen[np.argmin(along[seen])]]) if len(seen) else None
