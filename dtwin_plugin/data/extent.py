"""A rectangle on the map."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from dtwin_plugin.errors import InputError

from .crs import RD


@dataclass(frozen=True)
class Extent:
    """A rectangle [m] in a coordinate reference system; edges belong to it.

    >>> Extent(0, 0, 10, 5).intersects(Extent(10, 5, 20, 20)), Extent(0, 0, 10, 5).area
    (True, 50.0)
    """

    x_min: float
    y_min: float
    x_max: float
    y_max: float
    crs: str = RD

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, self.bounds)) or self.x_min > self.x_max or self.y_min > self.y_max:
            raise InputError(
                "The area {bounds} is not a rectangle: expected finite x min <= x max and y min <= y max.",
                hint="Draw the area again.",
                bounds=self.bounds,
            )

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """The edges as (x min, y min, x max, y max) [m]."""
        return self.x_min, self.y_min, self.x_max, self.y_max

    @property
    def width(self) -> float:
        """East-west size [m]."""
        return self.x_max - self.x_min

    @property
    def height(self) -> float:
        """North-south size [m]."""
        return self.y_max - self.y_min

    @property
    def area(self) -> float:
        """Area [m2]."""
        return float(self.width * self.height)

    def intersects(self, other: Extent) -> bool:
        """Tell whether two rectangles share at least a point."""
        return (
            self.x_min <= other.x_max
            and other.x_min <= self.x_max
            and self.y_min <= other.y_max
            and other.y_min <= self.y_max
        )

    def contains(self, other: Extent) -> bool:
        """Tell whether `other` lies wholly within this rectangle."""
        return (
            self.x_min <= other.x_min
            and self.y_min <= other.y_min
            and other.x_max <= self.x_max
            and other.y_max <= self.y_max
        )

    def intersection(self, other: Extent) -> Extent | None:
        """Return the shared rectangle, or None where there is none."""
        if not self.intersects(other):
            return None
        return Extent(
            max(self.x_min, other.x_min),
            max(self.y_min, other.y_min),
            min(self.x_max, other.x_max),
            min(self.y_max, other.y_max),
            self.crs,
        )

    def buffered(self, distance: float) -> Extent:
        """Return the rectangle grown by `distance` [m] on every side."""
        return Extent(
            self.x_min - distance, self.y_min - distance, self.x_max + distance, self.y_max + distance, self.crs
        )

    def tiles(self, size: float) -> Iterator[Extent]:
        """Cut the rectangle into tiles of at most `size` [m] a side, row by row from the south-west."""
        columns, rows = _cuts(self.x_min, self.x_max, size), _cuts(self.y_min, self.y_max, size)
        for south, north in zip(rows, rows[1:]):
            for west, east in zip(columns, columns[1:]):
                yield Extent(west, south, east, north, self.crs)


def _cuts(start: float, stop: float, size: float) -> list[float]:
    """Return the edges of pieces of `size` that end exactly at `stop`; rounding adds no sliver and leaves no gap."""
    count = max(1, math.ceil((stop - start) / size - 1e-9))
    return [start + index * size for index in range(count)] + [stop]
