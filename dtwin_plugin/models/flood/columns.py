"""Columns of a layer that may have one of several names, with numbers as people write them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

FLOORS, THRESHOLDS = ("floor_level", "vloerpeil"), ("threshold", "drempel")  # of buildings [m NAP], [m]


def decimal(value: Any) -> float:
    """Return a number, NaN for what is none; a comma may stand for the point.

    >>> decimal("1,5"), decimal(None), decimal("?")
    (1.5, nan, nan)
    """
    if isinstance(value, str):
        value = value.replace(",", ".")
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def column_of(features: Features, chosen: str | None, usual: tuple[str, ...]) -> NDArray[Any] | None:
    """Return the chosen column, else the first of the usual ones that is there, in capitals or not.

    Raises
    ------
    InputError
        If one is chosen that is not there.
    """
    lower = {name.lower(): name for name in features.columns}
    if chosen and chosen.strip():
        if chosen.strip().lower() not in lower:
            raise InputError(
                "There is no column {column}; found {columns}.", column=chosen, columns=", ".join(features.columns)
            )
        return features.columns[lower[chosen.strip().lower()]]
    return next((features.columns[lower[name]] for name in usual if name in lower), None)


def values_of(features: Features, names: tuple[str, ...]) -> list[Any]:
    """Return for each feature the first value that is there in the columns of these names, None for none.

    Layers that are put together have the columns of both, in Dutch and in English.

    >>> from dtwin_plugin.data import Features, Geometries
    >>> columns = {"type": np.array([None, "levee"], object), "Soort": np.array(["stuw", None], object)}
    >>> values_of(Features(Geometries.points(np.zeros((2, 2))), columns), ("type", "soort"))
    ['stuw', 'levee']
    """
    present = {name.lower(): name for name in features.columns}
    found: list[Any] = [None] * len(features)
    for name in names:
        if name in present:
            values = features.columns[present[name]].tolist()
            found = [new if _absent(old) else old for old, new in zip(found, values)]
    return found


def _absent(value: Any) -> bool:
    return value is None or value != value or value == ""


def numbers_of(features: Features, chosen: str | None, usual: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the chosen column, if it is there, else the usual ones as numbers, shape (features,); NaN for none.

    >>> from dtwin_plugin.data import Features, Geometries
    >>> houses = Features(Geometries.points(np.zeros((2, 2))), {"Drempel": np.array(["0,25", None], object)})
    >>> numbers_of(houses, None, THRESHOLDS).tolist()
    [0.25, nan]
    """
    own = chosen.strip().lower() if chosen else ""
    names = (own,) if own in {name.lower() for name in features.columns} else usual
    return np.array([decimal(value) for value in values_of(features, names)], float)
