"""Attributes and places of the objects of a layer as models read them: columns by their names, numbers, names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.columns import number_of
from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


def chosen_column(features: Features, named: str | None, usual: Sequence[str]) -> NDArray[Any] | None:
    """Return the values of the column that is named, else of the first usual one that is there; None where none is.

    Raises
    ------
    InputError
        If there is no column of the name that is given.

    Examples
    --------
    >>> from dtwin_plugin.data import Features, Geometries
    >>> layer = Features(Geometries.points(np.zeros((1, 2))), {"Drempel": np.array([0.15])})
    >>> chosen_column(layer, None, ("threshold", "drempel")), chosen_column(layer, " ", ("threshold",))
    (array([0.15]), None)
    """
    wanted = (named or "").strip()
    name = column_of(features, (wanted,) if wanted else usual)
    if wanted and name is None:
        raise InputError(
            "There is no column {column}; found {columns}.", column=named, columns=", ".join(features.columns) or "-"
        )
    return None if name is None else features.columns[name]


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
    """Return where points lie [m], shape (n, 3), at a height where they have none; the first of a multipoint."""
    spans = points.geometries.coordinate_spans()
    xyz = np.full((len(points), 3), np.nan)
    filled = np.flatnonzero(np.diff(spans) > 0)
    some = points.geometries.coordinates[spans[:-1][filled]]
    xyz[filled, : some.shape[1]] = some
    return np.where(np.isnan(xyz) & (np.arange(3) == 2), height, xyz)
