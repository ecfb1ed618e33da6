"""Sites for tests of road noise, in m from a corner in RD New."""

import numpy as np

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.data.columns import from_rows
from dtwin_plugin.data.wkb import read
from dtwin_plugin.models.noise.road_noise_model import ROAD_NOISE

X, Y = 120_000.0, 486_000.0


def terrain(size=400, height=1.0, cell=1.0):
    count = int(size / cell)
    return Grid(np.full((count, count), height, np.float32), X, Y + size, cell, unit="m")


def lines(*points, **columns):
    shapes = Geometries.build("line", [[[[(X + x, Y + y) for x, y in line]]] for line in points])
    return Features(shapes, {name: np.array(values) for name, values in columns.items()})


def box(left, bottom, right, top):
    corners = [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
    return [(X + x, Y + y) for x, y in corners]


def houses(*boxes, **columns):
    shapes = Geometries.build("polygon", [[[box(*each)]] for each in boxes])
    return Features(shapes, {name: np.array(values) for name, values in columns.items()})


def places(*xy, **columns):
    shapes = Geometries.points(np.array([(X + x, Y + y) for x, y in xy], float).reshape(-1, 2))
    return Features(shapes, {name: np.array(values, object) for name, values in columns.items()})


def street(daily=10_000.0):
    return lines([(10, 200), (390, 200)], daily=[daily])


def given(**values):
    """The values of a run on a flat site with one street; only what is told differs."""
    found = {field.name: field.default for field in ROAD_NOISE.inputs}
    return {**found, "roads": street(), "terrain": terrain(), "wanted": {"points", "summary"}, **values}


def read_shapes(path, kind):
    """Read a layer in its own coordinates, as those of another country cannot become RD New."""
    from osgeo import ogr

    ogr.UseExceptions()
    source = ogr.Open(str(path))
    found = [(feature.items(), bytes(feature.geometry().ExportToIsoWkb())) for feature in source.GetLayer()]
    return Features(read([shape for _, shape in found], kind), from_rows([row for row, _ in found]))
