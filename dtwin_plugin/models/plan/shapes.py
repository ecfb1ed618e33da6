"""Polygons of features as shapely has them, and back; and what shapely must not be asked within QGIS.

There its calls may reach the GEOS of QGIS, which may be older than its own. A call that only the newer one knows, as
those of `shapely.contains_xy` and `shapely.orient_polygons`, then gets what the older one made, and the process dies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Geometries
from dtwin_plugin.data.wkb import read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from dtwin_plugin.data import Features


def quiet() -> AbstractContextManager[Any]:
    """Return within what numpy does not warn of numbers that are none.

    GEOS up to 3.11, which shapely's calls reach within QGIS, compares the corners of empty boxes, which are NaN. That
    raises a flag of the processor of which numpy warns after the call, whose result is right: the tests of plans give
    the same with that GEOS and with shapely's own.
    """
    return np.errstate(invalid="ignore")


def places_in(area: BaseGeometry, x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which places lie within an area.

    >>> import shapely
    >>> places_in(shapely.box(0, 0, 2, 2), np.array([1.0, 3.0]), np.array([1.0, 1.0])).tolist()
    [True, False]
    """
    import shapely

    shapely.prepare(area)
    return np.asarray(shapely.contains(area, shapely.points(x, y)))


def oriented(shape: BaseGeometry) -> BaseGeometry:
    """Return a polygon that lies left of all its rings.

    >>> import shapely
    >>> oriented(shapely.box(0, 0, 1, 1, ccw=False)).exterior.is_ccw
    True
    """
    import shapely

    rings = [shape.exterior, *shape.interiors]
    turned = [ring if ring.is_ccw == (number == 0) else ring.reverse() for number, ring in enumerate(rings)]
    return shapely.Polygon(turned[0], turned[1:]) if not shape.is_empty else shape


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
    return [areas_of(shape) for shape in found]


def geometries_of(shapes: Sequence[BaseGeometry]) -> Geometries:
    """Return shapes as polygons of features, a multipolygon each.

    >>> import shapely
    >>> len(geometries_of([shapely.box(0, 0, 1, 1), shapely.Polygon()]))
    2
    """
    import shapely

    return read([shapely.to_wkb(areas_of(shape), output_dimension=3, flavor="iso") for shape in shapes], "polygon")


def areas_of(shape: BaseGeometry) -> BaseGeometry:
    """Return what of a shape has an area, valid; lines and points that a repair leaves are none."""
    import shapely

    whole = shape if shape.is_valid else shapely.make_valid(shape)
    parts = shapely.get_parts(shapely.get_parts(whole))  # twice: a repair may give a collection with a multipolygon
    parts = parts[shapely.get_type_id(parts) == 3]
    return shapely.multipolygons(parts) if len(parts) else shapely.Polygon()
