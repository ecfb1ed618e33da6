"""What other models have found, as a plan is tested on it: columns, and places near a building."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.columns import number_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from dtwin_plugin.data import Features

    Floats = NDArray[np.float64]

# columns with the name of a building; before a BAG number what is unique in the BGT, where one may have several parts
NAMES = ("building", "identificatie", "lokaal_id", "lokaalid", "identificatie_bag_pnd", "id", "object_id")


def column_of(features: Features, names: Sequence[str]) -> str | None:
    """Return the first of the names that is a column, whether in capitals or not; None where none is.

    >>> from dtwin_plugin.data import Features, Geometries
    >>> column_of(Features(Geometries.points(np.zeros((1, 2))), {"Lden": np.zeros(1)}), ["level", "lden"])
    'Lden'
    """
    found = {name.lower(): name for name in features.columns}
    return next((found[name.lower()] for name in names if name.lower() in found), None)


def numbers_of(features: Features, name: str, least: float = -np.inf) -> Floats:
    """Return a column as numbers, NaN for what is none or below a limit: -9999 often stands for what is not known."""
    found = np.array([number_of(value) for value in features.columns[name].tolist()], float)
    return np.where(np.isfinite(found) & (found >= least), found, np.nan)


def names_of(features: Features) -> list[str]:
    """Return the name of each building, its number from 1 where it has none."""
    name = column_of(features, NAMES)
    values = features.columns[name].tolist() if name else [None] * len(features)
    return [str(row + 1) if value is None or value == "" else str(value) for row, value in enumerate(values)]


def places_of(points: Features, height: float) -> Floats:
    """Return where points lie, shape (n, 3), at a height where they have none; the first of a multipoint."""
    spans = points.geometries.coordinate_spans()
    xyz = np.full((len(points), 3), np.nan)
    filled = np.flatnonzero(np.diff(spans) > 0)
    some = points.geometries.coordinates[spans[:-1][filled]]
    xyz[filled, : some.shape[1]] = some
    return np.where(np.isnan(xyz) & (np.arange(3) == 2), height, xyz)


def inside(places: Floats, where: BaseGeometry | None) -> NDArray[np.bool_]:
    """Return which places lie in an area, all where it is None."""
    import shapely

    known = np.isfinite(places[:, :2]).all(axis=1)
    if where is None:
        return known
    shapely.prepare(where)
    return known & np.asarray(shapely.intersects(where, shapely.points(places[:, 0], places[:, 1])))


def marks(places: Floats, size: float) -> tuple[Floats, ...]:
    """Return a flat square at each place, its corners in a ring."""
    corners = np.array([(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)], float) * size / 2
    return tuple(place + corners for place in places)
