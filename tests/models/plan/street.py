"""A house at a street: a yard, a footway of 2 m and a carriageway of 6 m, all level."""

import numpy as np
import shapely

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.models.plan.case import PEIL_GIVEN, Body, Case
from dtwin_plugin.models.plan.quantity import judged
from dtwin_plugin.models.plan.rules import Rule

ROAD = 1.0  # m NAP, of the road in all cases
BIG, REACH = 1e-6, 0.002  # m: rounding of a shift in RD; what merely touches is 1 mm less


def box(x_min, y_min, z_min, x_max, y_max, z_max):
    """Return the twelve triangles of a block."""
    corners = np.array([[x, y, z] for z in (z_min, z_max) for y in (y_min, y_max) for x in (x_min, x_max)], float)
    sides = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    return np.array([[corners[side[i]] for i in three] for side in sides for three in ((0, 1, 2), (0, 2, 3))])


def body(*blocks, foot=None, name="house"):
    """Return a body of blocks, of which the first stands on the ground."""
    triangles = np.concatenate(blocks)
    areas = [shapely.box(*block[:, :, :2].min((0, 1)), *block[:, :, :2].max((0, 1))) for block in blocks]
    foot = areas[0] if foot is None else foot
    return Body(name, triangles, np.full(len(triangles), "", object), shapely.union_all(areas), foot, ROAD, PEIL_GIVEN)


def ring(x_min, y_min, x_max, y_max):
    return [[[(x_min, y_min), (x_max, y_min), (x_max, y_max), (x_min, y_max), (x_min, y_min)]]]


def base_map(shift=(0.0, 0.0), drives="rijbaan lokale weg", level=0, walks="voetpad"):
    """Return a yard up to y = 0, a footway of 2 m, and a carriageway of 6 m beyond."""
    squares = [ring(-50, -40, 50, 0), ring(-50, 0, 50, 2), ring(-50, 2, 50, 8), ring(-50, 8, 50, 40)]
    shapes = Geometries.build("polygon", squares)
    shapes = Geometries("polygon", shapes.coordinates + shift, shapes.rings, shapes.parts, shapes.features)
    columns = {
        "klasse": np.array(["onbegroeidterreindeel", "wegdeel", "wegdeel", "onbegroeidterreindeel"], object),
        "functie": np.array([None, walks, drives, None], object),
        "relatieve_hoogteligging": np.array([0, level, level, 0]),
    }
    return Features(shapes, columns)


def flat(height=ROAD, shift=(0.0, 0.0), size=0.5):
    return Grid(np.full((int(100 / size), int(100 / size)), height), shift[0] - 50, shift[1] + 50, size)


HOUSE = box(-5, -10, 1, 5, 0, 11)  # stands with its front at the edge of the footway


def found(quantity, norm, *bodies, given=None, **rule):
    case = Case(bodies, **{"terrain": flat(), "base_map": base_map(), **(given or {})})
    made = Rule("r", quantity.id, norm, **rule)
    results = [judged(quantity, made, one) for one in quantity.measure(case, made)]
    for one in results:
        assert one.reason.format(**one.values)  # every sentence has its values
    return results[0] if len(bodies) == 1 else results
