"""Lines, areas and a block of cells that sections are made of."""

import numpy as np

from dtwin_plugin.data import Features, Geometries, Grid, Voxels
from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.models.subsurface.section_line import SectionLine

EAST = SectionLine.through([(100.0, 50.0), (200.0, 50.0)])
BENT = SectionLine.through([(100.0, 50.0), (130.0, 50.0), (130.0, 90.0), (180.0, 90.0)])


def lines(*rows, **columns):
    shapes = Geometries.build("line", [[[row]] for row in rows])
    return Features(shapes, {name: np.array(values) for name, values in columns.items()})


def rectangle(x, y, width, height):
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]


def block(classes=None, **more):
    numbers = np.zeros((12, 8, 3), np.int16) if classes is None else classes
    names = tuple(LITHOCLASSES.values())
    return Voxels(numbers, more.get("probability"), 90.0, 40.0, -3.0, (10.0, 10.0, 0.5), names)


def of_kind(shapes, kind, form="polygon"):
    return [shape for shape in shapes if shape.kind == kind and shape.form == form]


def size(shape):
    return np.ptp(shape.points, axis=0).tolist()


def pipe(degrees, diameter=500.0, z=(-1.0, -1.0), at=50.0, **columns):
    way = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]) * 30
    first, last = (100 + at, 50) - way, (100 + at, 50) + way
    values = {"theme": ["water"], "diameter": [diameter], "xy_uncertainty": [0.3], "z_uncertainty": [0.2]} | columns
    return lines([(*first, z[0]), (*last, z[1])], **values)


def plane():
    """1 m NAP at x = 100, 1 cm a metre up to the east."""
    return Grid(np.tile(1.0 + 0.01 * (np.arange(120) + 0.5 - 10), (80, 1)), 90.0, 120.0, 1.0, unit="m")
