"""Blocks, doors, ground and roads of which the level is known by hand."""

import numpy as np
import shapely

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.data.columns import from_rows
from dtwin_plugin.models.plan.blocks import extruded
from dtwin_plugin.models.plan.shapes import geometries_of

X, Y = 84_600.0, 447_400.0
SHARP = 1e-6  # m2: corners are rounded to a millimetre, those of the cases lie on one


def rectangle(x0, y0, x1, y1):
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


def block(shape, bottom, top, name="a", **columns):
    """Rows of a layer with the surfaces of a block."""
    triangles, kinds = extruded(shape, bottom, top)
    return [([[*corners.tolist(), corners[0].tolist()]], {"id": name, "surface": kind, **columns})
            for corners, kind in zip(triangles, kinds)]  # fmt: skip


def layer(*blocks):
    rows = [row for found in blocks for row in found]
    shapes = Geometries.build("polygon", [[polygon] for polygon, _ in rows])
    columns = from_rows([{"type": "Building", "parent": None, "lod": "2.2", **row} for _, row in rows])
    return Features(shapes, columns)


def wall(x0, y0, x1, y1, bottom, top, kind, name):
    a, b = (X + x0, Y + y0), (X + x1, Y + y1)
    ring = [(*a, bottom), (*b, bottom), (*b, top), (*a, top), (*a, bottom)]
    return [([ring], {"id": name, "surface": kind, "type": "BuildingPart", "parent": "a"})]


def ground(height=1.0, slope=0.0, cell=0.5):
    """Ground of 100 by 100 m around the cases that rises to the north."""
    count = int(100 / cell)
    y = 50 - (np.arange(count) + 0.5) * cell
    return Grid(np.repeat((height + slope * y)[:, None], count, axis=1), X - 50, Y + 50, cell, unit="m")


def drawn(shape, **columns):
    return Features(geometries_of([shape]), {name: np.array([value]) for name, value in columns.items()})
