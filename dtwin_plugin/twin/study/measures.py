"""The number that an indicator takes from the cells of a raster or the rows of a column."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def measured(measure: str, values: ArrayLike, above: float | None = None, cell: float = 1.0) -> float | None:
    """Return one number for many.

    Parameters
    ----------
    measure : str
        "max", "mean" or "sum", "count" of what there is, "area" that times `cell`, or "volume", the sum times `cell`.
    values : array_like
        Any shape; NaN is not known and counts nowhere.
    above : float, optional
        Only what is larger counts.
    cell : float
        Area of a cell [m2].

    Returns
    -------
    float or None
        None where nothing is known, and of max and mean where nothing is above; a sum, count or area is 0 then.

    Examples
    --------
    >>> depth = [0.0, 0.1, 0.3, float("nan")]
    >>> measured("count", depth, 0.05), measured("area", depth, 0.05, 4.0), measured("volume", depth, 0.2, 10.0)
    (2.0, 8.0, 3.0)
    >>> measured("max", depth), measured("max", depth, 1.0), measured("sum", depth, 1.0), measured("sum", [np.nan])
    (0.3, None, 0.0, None)
    """
    found = np.asarray(values, float).ravel()
    found = found[np.isfinite(found)]
    if not found.size:
        return None
    if above is not None:
        found = found[found > above]
    if measure in ("max", "mean"):
        return float(found.max() if measure == "max" else found.mean()) if found.size else None
    number = float(found.size) if measure in ("count", "area") else float(found.sum())
    return number * cell if measure in ("area", "volume") else number
