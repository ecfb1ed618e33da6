"""Values through time on the faces of a mesh."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

from .crs import RD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from .grid import Grid


@dataclass(frozen=True)
class MeshSeries:
    """Values through time on faces of four corners.

    Attributes
    ----------
    nodes : ndarray
        float64, shape (n, 3): x, y [m] and the height of the ground [m NAP].
    faces : ndarray
        int32, shape (m, 4): nodes of each face, counter-clockwise.
    times : ndarray
        datetime64[s], shape (k,), increasing.
    values : dict of str to ndarray
        float32, shape (k, m), or (k, m, 2) for a vector of x and y; NaN = none.
    units, titles : dict of str to str
        Unit and legend of each value.
    """

    nodes: NDArray[np.float64]
    faces: NDArray[np.int32]
    times: NDArray[np.datetime64]
    values: dict[str, NDArray[np.float32]]
    units: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    crs: str = RD

    def __post_init__(self) -> None:
        expected = (len(self.times), len(self.faces))
        for name, values in self.values.items():
            if values.shape[:2] != expected or values.shape[2:] not in ((), (2,)):
                raise InputError(
                    "The values {name} of a mesh need the shape {expected} of its times and faces; found {found}.",
                    name=name,
                    expected=expected,
                    found=values.shape,
                )


def mesh_of_cells(
    ground: Grid,
    chosen: NDArray[np.bool_],
    times: NDArray[np.datetime64],
    values: Mapping[str, Iterable[NDArray[np.floating]]],
    units: dict[str, str],
    titles: dict[str, str],
) -> MeshSeries:
    """Return chosen cells as faces of a mesh.

    Parameters
    ----------
    ground : Grid
        Heights [m NAP], shape (rows, cols); those of a corner are the mean of the chosen cells around it.
    chosen : ndarray
        bool, shape (rows, cols).
    values : mapping
        A map for each time, shape (rows, cols) or (rows, cols, 2).

    Examples
    --------
    >>> from .grid import Grid
    >>> mesh = mesh_of_cells(
    ...     Grid([[1.0, 3.0]], 0, 1, 1),
    ...     np.array([[True, True]]),
    ...     np.array(["2026-01-01"], "datetime64[s]"),
    ...     {"depth": [np.array([[0.1, 0.2]])]},
    ...     {"depth": "m"},
    ...     {"depth": "Depth"},
    ... )
    >>> mesh.faces.tolist(), mesh.nodes[:, 2].tolist()
    ([[3, 4, 1, 0], [4, 5, 2, 1]], [1.0, 2.0, 3.0, 1.0, 2.0, 3.0])
    """
    row, column = np.nonzero(chosen)
    across = ground.shape[1] + 1
    north_west = row * across + column
    corners = np.column_stack([north_west + across, north_west + across + 1, north_west + 1, north_west])
    used, faces = np.unique(corners, return_inverse=True)
    faces = faces.reshape(corners.shape)
    height = np.repeat(ground.values[row, column].astype(float), 4)
    count = np.bincount(faces.ravel(), minlength=len(used))
    nodes = np.column_stack(
        [
            ground.x_min + (used % across) * ground.cell_size,
            ground.y_max - (used // across) * ground.cell_size,
            np.bincount(faces.ravel(), height, minlength=len(used)) / np.maximum(count, 1),
        ]
    )
    kept = {name: np.stack([np.asarray(one, np.float32)[row, column] for one in maps]) for name, maps in values.items()}
    return MeshSeries(nodes, faces.astype(np.int32), times, kept, units, titles, ground.crs)
