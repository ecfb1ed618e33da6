"""Polygons of features as shapely has them, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dtwin_plugin.data import Geometries
from dtwin_plugin.data.wkb import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from dtwin_plugin.data import Features


def polygons(features: Features) -> list[BaseGeometry]:
    """Return the polygons of each feature, seen from above and made valid; one without any is empty.

    Examples
    --------
    >>> from dtwin_plugin.data import Features
    >>> square = [[(0, 0), (2, 0), (2, 2), (0, 2), (0, 0)]]
    >>> [shape.area for shape in polygons(Features(Geometries.build("polygon", [[square], []])))]
    [4.0, 0.0]
    """
    import shapely

    shapes = features.geometries
    found = shapely.force_2d(shapely.from_wkb([shapes.wkb(row) for row in range(len(shapes))]))
    return [_areas(shape) for shape in found]


def geometries_of(shapes: Sequence[BaseGeometry]) -> Geometries:
    """Return shapes as polygons of features, a multipolygon each.

    >>> import shapely
    >>> len(geometries_of([shapely.box(0, 0, 1, 1), shapely.Polygon()]))
    2
    """
    import shapely

    return read([shapely.to_wkb(_areas(shape), flavor="iso") for shape in shapes], "polygon")


def _areas(shape: BaseGeometry) -> BaseGeometry:
    """Return what of a shape has an area, valid; lines and points that a repair leaves are none."""
    import shapely

    whole = shape if shape.is_valid else shapely.make_valid(shape)
    parts = shapely.get_parts(shapely.get_parts(whole))  # twice: a repair may give a collection with a multipolygon
    parts = parts[shapely.get_type_id(parts) == 3]
    return shapely.multipolygons(parts) if len(parts) else shapely.Polygon()
