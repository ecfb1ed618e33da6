"""Bodies with heights and areas that are known by hand; places count from a corner in Delft, heights from 0 m NAP."""

import numpy as np
import shapely

from dtwin_plugin.data import Features
from dtwin_plugin.models.plan.case import PEIL_GIVEN, Body, Case
from dtwin_plugin.models.plan.outline import outline_above
from dtwin_plugin.models.plan.shapes import geometries_of

X, Y = 84_600.0, 447_400.0
ROOF, WALL, GROUND = "RoofSurface", "WallSurface", "GroundSurface"


def rectangle(x0, y0, x1, y1):
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


def layer(*shapes):
    return Features(geometries_of(list(shapes)))


def fan(kind, *corners):
    """A convex face as triangles with its kind."""
    ring = np.array(corners, float) + [X, Y, 0]
    triangles = [ring[[0, step, step + 1]] for step in range(1, len(ring) - 1)]
    return [(kind, triangle) for triangle in triangles]


def sides(ring, bottom, top, kind=WALL):
    faces = []
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]]):
        faces += fan(kind, (x0, y0, bottom), (x1, y1, bottom), (x1, y1, top), (x0, y0, top))
    return faces


def box(x0, y0, x1, y1, bottom, top, kinds=(ROOF, WALL, GROUND)):
    ring = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    roof, wall, ground = kinds
    return [
        *fan(roof, *[(*corner, top) for corner in ring]),
        *sides(ring, bottom, top, wall),
        *fan(ground, *[(*corner, bottom) for corner in ring[::-1]]),
    ]


def gable(x0, y0, x1, y1, bottom, eaves, ridge):
    """The ridge runs along x, in the middle."""
    middle = (y0 + y1) / 2
    return [
        *fan(ROOF, (x0, y0, eaves), (x1, y0, eaves), (x1, middle, ridge), (x0, middle, ridge)),
        *fan(ROOF, (x1, y1, eaves), (x0, y1, eaves), (x0, middle, ridge), (x1, middle, ridge)),
        *fan(WALL, (x0, y1, eaves), (x0, y0, eaves), (x0, middle, ridge)),
        *fan(WALL, (x1, y0, eaves), (x1, y1, eaves), (x1, middle, ridge)),
        *sides([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], bottom, eaves),
        *fan(GROUND, (x0, y1, bottom), (x1, y1, bottom), (x1, y0, bottom), (x0, y0, bottom)),
    ]


def hip(x0, y0, x1, y1, bottom, eaves, ridge):
    """Four planes of one slope; the ridge runs along x."""
    middle, inset = (y0 + y1) / 2, (y1 - y0) / 2
    a, b = (x0 + inset, middle, ridge), (x1 - inset, middle, ridge)
    return [
        *fan(ROOF, (x0, y0, eaves), (x1, y0, eaves), b, a),
        *fan(ROOF, (x1, y1, eaves), (x0, y1, eaves), a, b),
        *fan(ROOF, (x0, y1, eaves), (x0, y0, eaves), a),
        *fan(ROOF, (x1, y0, eaves), (x1, y1, eaves), b),
        *sides([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], bottom, eaves),
    ]


def body(faces, peil=0.0, told=PEIL_GIVEN, foot=None, name="house", semantics=True, **more):
    kinds = np.array([kind if semantics else "" for kind, _ in faces], object)
    triangles = np.array([triangle for _, triangle in faces]).reshape(-1, 3, 3)
    outline = outline_above(triangles, 0.5) if np.isfinite(triangles).all() else rectangle(0, 0, 1, 1)
    return Body(name, triangles, kinds, outline, outline if foot is None else foot, peil, told, **more)


def case(*bodies, **more):
    return Case(tuple(bodies), **more)


def turned(triangles, angle, shift=(0.0, 0.0)):
    """Places turned about the corner in Delft [radians] and moved."""
    c, s = np.cos(angle), np.sin(angle)
    local = triangles - [X, Y, 0]
    x, y, z = local[..., 0], local[..., 1], local[..., 2]
    return np.stack([c * x - s * y + X + shift[0], s * x + c * y + Y + shift[1], z], axis=-1)
