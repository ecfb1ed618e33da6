"""Small shapes that the tests of the carriers are written with."""

from types import SimpleNamespace

import numpy as np
import pytest

from dtwin_plugin.data import Geometries, Surfaces


def box(x_min, y_min, x_max, y_max, z=None):
    """Return a closed ring, anticlockwise."""
    corners = [(x_min, y_min), (x_max, y_min), (x_max, y_max), (x_min, y_max), (x_min, y_min)]
    return corners if z is None else [(*corner, z) for corner in corners]


def wall(x_min, y_min, x_max, y_max, low, high):
    """Return a closed upright ring between two points on the map."""
    return [(x_min, y_min, low), (x_max, y_max, low), (x_max, y_max, high), (x_min, y_min, high), (x_min, y_min, low)]


def surfaces(objects, faces):
    """Return surfaces of object rows (id, lod, parent) and faces (object row, semantics, ring)."""

    def texts(values):
        return np.array(list(values), object)

    return Surfaces(
        Geometries.build("polygon", [[[ring]] for _, _, ring in faces]),
        texts(semantics for _, semantics, _ in faces),
        np.array([row for row, _, _ in faces], np.int64),
        {
            "id": texts(identity for identity, _, _ in objects),
            "type": texts("Building" for _ in objects),
            "lod": texts(lod for _, lod, _ in objects),
            "parent": texts(parent for _, _, parent in objects),
        },
    )


@pytest.fixture(scope="session")
def shapes():
    """The builders above."""
    return SimpleNamespace(box=box, wall=wall, surfaces=surfaces)
