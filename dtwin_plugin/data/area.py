"""The area of a load: a rectangle on the map, and within it polygons where the choice was no rectangle."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import CrsError

from .boundary import Boundary, even_odd
from .crs import is_rd
from .extent import Extent
from .geometries import Geometries

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Area:
    """What a user chose to load, in RD New.

    Two areas are equal where they cover the same place; a title makes no difference.

    Attributes
    ----------
    extent : Extent
        What services are asked for; the edges belong to it.
    title : str
        For the legend and the log ("Waterdam", "Dam 1, Amsterdam").
    polygon : Geometries or None
        Polygons whose union is the area; None where it is the rectangle itself.
    source : str
        How it was chosen: "extent", "polygon", "municipality", "address", "bag".

    Examples
    --------
    >>> area = Area(Extent(0, 0, 10, 10))
    >>> lines = Geometries.build("line", [[[[(-1, 5), (11, 5)]]], [[[(-5, 8), (8, 21)]]]])
    >>> area.touching(lines).tolist(), area.covers(np.array([5.0, 12.0]), np.array([5.0, 5.0])).tolist()
    ([True, False], [True, False])
    """

    extent: Extent
    title: str = ""
    polygon: Geometries | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if not is_rd(self.extent.crs):
            raise CrsError("The area is in {crs}; expected RD New (EPSG:28992).", crs=self.extent.crs)

    @classmethod
    def of_polygon(cls, polygon: Geometries, title: str = "", source: str = "polygon") -> Area | None:
        """Return the area that polygons cover, None if they have no coordinate."""
        extent = polygon.extent()
        return None if extent is None else cls(extent, title, polygon, source)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Area) and self.key() == other.key()

    def __hash__(self) -> int:
        return hash(self.key())

    def key(self) -> str:
        """Return a short text that is the same for the same place, to the millimetre, on every machine."""
        pieces = [np.array(self.extent.bounds)]
        levels: list[NDArray[np.int64]] = []
        if self.polygon is not None:
            pieces.append(self.polygon.coordinates[:, :2].ravel())
            levels = [self.polygon.rings, self.polygon.parts]
        whole = hashlib.sha256()
        for piece in pieces:
            whole.update(np.where(np.isfinite(piece), np.round(piece * 1000), -1e15).astype("<i8").tobytes())
        for level in levels:
            whole.update(level.astype("<i8").tobytes())
        return whole.hexdigest()[:20]

    def buffered(self, distance: float) -> Area:
        """Return the rectangle around it, grown by `distance` [m] on every side."""
        return replace(self, extent=self.extent.buffered(distance), polygon=None)

    def covers(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which points [m] lie within; the edges of a rectangle belong to it."""
        x, y = np.asarray(x, float), np.asarray(y, float)
        if self.polygon is not None:
            return self._boundary.covers(x, y)
        area = self.extent
        return np.asarray((x >= area.x_min) & (x <= area.x_max) & (y >= area.y_min) & (y <= area.y_max))

    def touching(self, geometries: Geometries) -> NDArray[np.bool_]:
        """Tell which features share at least a point with the area; an empty geometry does not."""
        result = np.zeros(len(geometries), bool)
        area, bounds = self.extent, geometries.bounds()
        with np.errstate(invalid="ignore"):  # NaN, for an empty one, compares False
            overlap = (bounds[:, :2] <= (area.x_max, area.y_max)) & (bounds[:, 2:] >= (area.x_min, area.y_min))
        chosen = np.flatnonzero(overlap.all(axis=1))
        if not len(chosen):
            return result
        found = geometries.take(chosen)
        spans = found.coordinate_spans()
        x, y = found.coordinates[:, 0], found.coordinates[:, 1]
        result[chosen] = np.logical_or.reduceat(self.covers(x, y), spans[:-1])
        if geometries.kind == "point":
            return result
        unsure = chosen[~result[chosen] & self._boundary.near(bounds[chosen])]
        result[unsure] = self._crossed(geometries.take(unsure))
        if geometries.kind == "polygon":
            for feature in self._around(bounds, ~result):
                result[feature] = _surrounds(geometries, feature, self._boundary.starts)
        return result

    @cached_property
    def _boundary(self) -> Boundary:
        return Boundary(self.polygon if self.polygon is not None else rectangle(self.extent))

    def _crossed(self, geometries: Geometries) -> NDArray[np.bool_]:
        """Tell which features have a line that crosses the edge of the area."""
        xy = geometries.coordinates[:, :2]
        spans = geometries.coordinate_spans()
        lines = np.hstack([xy[:-1], xy[1:]])
        inner = np.ones(max(0, len(xy) - 1), bool)
        ends = geometries.rings[(geometries.rings > 0) & (geometries.rings < len(xy))]
        inner[ends - 1] = False  # from the end of a ring to the start of the next
        feature = np.repeat(np.arange(len(geometries)), np.diff(spans))[:-1]
        hit = np.flatnonzero(inner)[self._boundary.crosses(lines[inner])]
        result = np.zeros(len(geometries), bool)
        result[feature[hit]] = True
        return result

    def _around(self, bounds: NDArray[np.float64], among: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the features whose box holds a corner of the area, which they may surround as a whole."""
        found = np.zeros(len(bounds), bool)
        for x, y in self._boundary.starts:
            with np.errstate(invalid="ignore"):
                found |= (bounds[:, 0] <= x) & (bounds[:, 1] <= y) & (bounds[:, 2] >= x) & (bounds[:, 3] >= y)
        return np.flatnonzero(found & among)


def rectangle(extent: Extent) -> Geometries:
    """Return a rectangle as a polygon."""
    x_min, y_min, x_max, y_max = extent.bounds
    corners = [(x_min, y_min), (x_max, y_min), (x_max, y_max), (x_min, y_max), (x_min, y_min)]
    return Geometries.build("polygon", [[[corners]]])


def circle(x: float, y: float, radius: float, corners: int = 64) -> Geometries:
    """Return a circle [m] as a polygon."""
    angles = np.linspace(0, 2 * np.pi, corners + 1)
    xy = np.column_stack([x + radius * np.cos(angles), y + radius * np.sin(angles)])
    xy[-1] = xy[0]
    levels = np.array([0, 1], np.int64)
    return Geometries("polygon", xy, np.array([0, len(xy)], np.int64), levels, levels)


def _surrounds(geometries: Geometries, feature: int, starts: NDArray[np.float64]) -> bool:
    """Tell whether a part of a feature holds any of some points."""
    for part in range(geometries.features[feature], geometries.features[feature + 1]):
        rings = [
            geometries.coordinates[geometries.rings[ring] : geometries.rings[ring + 1]]
            for ring in range(geometries.parts[part], geometries.parts[part + 1])
        ]
        if rings and any(even_odd(float(x), float(y), rings) for x, y in starts):
            return True
    return False
