"""Sources that sound louder to one side: a table of what is added by the angle from where they face.

References
----------
C: Directive (EU) 2015/996 (2015), annex, 2.3.1: the directivity of a source of industry is added to its power.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..attributes import column_of, numbers_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    Floats = NDArray[np.float64]

DIRECTION = ("direction", "richting")  # columns, degrees clockwise from north
ANGLES = (0, 45, 90, 135, 180)  # degrees from there, of the columns dir_0 to dir_180 [dB]
OFF = 1.0  # dB that a table may add to the power all around: what makers round


def faces_of(features: Features) -> Floats:
    """Return where sources face and how loud they are to each side, shape (n, 7).

    They are x and y of a step that way, NaN for a source that sounds the same to all sides, and dB at each of `ANGLES`.
    Angles whose column is not there lie on the line between those that are.

    Examples
    --------
    >>> from dtwin_plugin.data import Features, Geometries
    >>> fan = Features(
    ...     Geometries.points(np.zeros((1, 2))),
    ...     {"direction": np.array([90.0]), "dir_0": np.array([6.0]), "dir_180": np.array([-6.0])},
    ... )
    >>> faces_of(fan).round(9).tolist()
    [[1.0, 0.0, 6.0, 3.0, 0.0, -3.0, -6.0]]
    """
    found = np.full((len(features), 2 + len(ANGLES)), np.nan)
    name = column_of(features, DIRECTION)
    given = np.column_stack([_column(features, f"dir_{angle}") for angle in ANGLES])
    facing = np.radians(numbers_of(features, name)) if name else np.full(len(features), np.nan)
    known = np.isfinite(given)
    for row in np.flatnonzero(np.isfinite(facing) & known.any(axis=1)):
        some = np.flatnonzero(known[row])
        found[row, :2] = np.sin(facing[row]), np.cos(facing[row])
        found[row, 2:] = np.interp(ANGLES, np.array(ANGLES)[some], given[row, some])
    return found


def half_told(features: Features) -> NDArray[np.bool_]:
    """Return which sources have a table and no direction, or a direction and no table."""
    name = column_of(features, DIRECTION)
    faces = np.isfinite(numbers_of(features, name)) if name else np.zeros(len(features), bool)
    tables = np.column_stack([_column(features, f"dir_{angle}") for angle in ANGLES])
    return np.asarray(faces != np.isfinite(tables).any(axis=1))


def all_around(faces: Floats) -> Floats:
    """Return what tables add to the power of a source over all directions [dB]; 0 where it has none.

    >>> all_around(np.array([[0.0, 1.0, 3, 3, 3, 3, 3], [np.nan] * 7])).round(6).tolist()
    [3.0, 0.0]
    """
    angles = np.radians(np.arange(0.5, 180.0))
    weights = np.sin(angles) / np.sin(angles).sum()
    each = np.array([np.interp(np.degrees(angles), ANGLES, row[2:]) for row in faces]).reshape(-1, len(angles))
    return np.nan_to_num(10.0 * np.log10((10.0 ** (each / 10.0) * weights).sum(axis=1)))


def _column(features: Features, name: str) -> Floats:
    found = column_of(features, (name,))
    return numbers_of(features, found) if found else np.full(len(features), np.nan)
