"""Columns of a layer that may have one of several names, with numbers as people write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.columns import number_with_comma

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

FLOORS, THRESHOLDS = ("floor_level", "vloerpeil"), ("threshold", "drempel")  # of buildings [m NAP], [m]


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
    return np.array([number_with_comma(value) for value in values_of(features, names)], float)
