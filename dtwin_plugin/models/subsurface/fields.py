"""Columns of features as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features


def numbers_of(layer: Features, name: str | None, default: float) -> NDArray[np.float64]:
    """Return a column as numbers, and the default where it has none.

    Raises
    ------
    InputError
        If the layer has no such column, or it holds something that is no number.

    Examples
    --------
    >>> from dtwin_plugin.data import Features, Geometries
    >>> layer = Features(Geometries.points(np.zeros((2, 2))), {"top": np.array(["-1.5", None], object)})
    >>> numbers_of(layer, "top", 3.0).tolist(), numbers_of(layer, None, 3.0).tolist()
    ([-1.5, 3.0], [3.0, 3.0])
    """
    if not name:
        return np.full(len(layer), float(default))
    if name not in layer.columns:
        raise InputError(
            "The layer has no field {field}; found {found}.", field=name, found=", ".join(layer.columns) or "-"
        )
    try:
        found = np.array([np.nan if value is None else float(value) for value in layer.columns[name].tolist()])
    except (TypeError, ValueError):
        raise InputError("The field {field} holds something that is no number.", field=name) from None
    return np.where(np.isnan(found), default, found)
