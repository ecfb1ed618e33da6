"""A plan for the Parklaan: forty trees, and crates that let the rain into the ground."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from osgeo import ogr

from .. import X_ORIGIN, Y_ORIGIN
from ..geometry import at, beside, polygon, stations
from ..streets import Street
from ..trees import Tree
from ..write import ORIGIN, _create, _insert, _layer

STREET = "Parklaan"
# Rows of trees: metres to the left of the middle, first place along the street, distance [m], how many, species.
_ROWS = (
    ("park edge", 14.0, 150.0, 14.0, 15, "Quercus robur", 1.8),
    ("verge", 8.95, 196.0, 30.0, 8, "Tilia cordata", 1.5),
    ("northern bays", 3.8, 60.0, 44.0, 7, "Acer campestre", 1.2),
    ("southern bays", -3.8, 74.0, 44.0, 6, "Acer campestre", 1.2),
    ("southern pavement", -5.6, 96.0, 88.0, 4, "Prunus avium", 1.0),
)
_ROOTS = 1.0  # depth of the root zone [m]
_APART = 3.0  # m from trees that stand there
# Rows of crates: metres to the left, first place along, distance [m], how many.
_CRATES = ((3.3, 40.0, 52.0, 4), (3.9, 248.0, 52.0, 4), (-3.3, 52.0, 52.0, 8))
_LONG, _WIDE, _TOP, _BOTTOM = 9.6, 1.2, 0.80, 1.46  # m; of a row of eight crates of 1.2 x 1.2 x 0.66 m
KIND = {"trees": ogr.wkbPoint, "crates": ogr.wkbPolygon}


def plan_trees(street: Street, standing: Sequence[Tree]) -> list[dict]:
    """Return the new trees: place, row, species, radius and depth of the root zone."""
    there = np.array([(tree.x, tree.y) for tree in standing]).reshape(-1, 2)
    found = []
    for row, left, first, step, count, species, radius in _ROWS:
        line = beside(street.line, left)
        for number in range(count):
            place = at(line, first + number * step)
            for shift in (0.0, 2.0, -2.0, 3.0, -3.0, 4.0):
                moved = at(line, first + number * step + shift)
                if not len(there) or np.hypot(*(there - moved).T).min() >= _APART:
                    place = moved
                    break
            x, y = np.round(place, 2).tolist()
            found.append({"x": x, "y": y, "row": row, "species": species, "radius": radius})
    return found


def plan_crates(street: Street) -> list[dict]:
    """Return the rows of crates: corners, and depth of top and bottom below the ground."""
    found = []
    for left, first, step, count in _CRATES:
        line = beside(street.line, left)
        for number in range(count):
            begin = first + number * step
            if begin + _LONG > stations(line)[-1]:
                break
            axis = at(line, np.array([begin, begin + _LONG]))
            along = (axis[1] - axis[0]) / np.hypot(*(axis[1] - axis[0]))
            side = np.array([-along[1], along[0]]) * _WIDE / 2
            ring = np.round(np.array([axis[0] - side, axis[1] - side, axis[1] + side, axis[0] + side]), 3)
            found.append({"ring": ring, "side": "north" if left > 0 else "south"})
    return found


def write_plan(streets: list[Street], standing: Sequence[Tree], path: Path) -> dict[str, int]:
    """Write the plan as a GeoPackage; give how many trees and crates it has."""
    street = next(item for item in streets if item.name == STREET)
    trees, crates = plan_trees(street, standing), plan_crates(street)
    text, real = ogr.OFTString, ogr.OFTReal
    depths = {"depth_top": real, "depth_bottom": real}
    source = _create(path)
    layer = _layer(source, "trees", KIND["trees"], {"object_id": text, "kind": text, "row": text, "species": text,
                                                    "radius": real, **depths})  # fmt: skip
    layer.StartTransaction()
    for number, tree in enumerate(trees, 1):
        point = ogr.Geometry(ogr.wkbPoint)
        point.AddPoint_2D(round(tree["x"] + X_ORIGIN, 2), round(tree["y"] + Y_ORIGIN, 2))
        values = {"object_id": f"tree {number}", "kind": "tree", "row": tree["row"], "species": tree["species"],
                  "radius": tree["radius"], "depth_top": 0.0, "depth_bottom": _ROOTS}  # fmt: skip
        _insert(layer, point, values)
    layer.CommitTransaction()
    layer = _layer(source, "crates", KIND["crates"], {"object_id": text, "kind": text, "side": text, **depths})
    layer.StartTransaction()
    for number, crate in enumerate(crates, 1):
        values = {"object_id": f"crate {number}", "kind": "crate", "side": crate["side"], "depth_top": _TOP,
                  "depth_bottom": _BOTTOM}  # fmt: skip
        _insert(layer, polygon(crate["ring"] + ORIGIN), values)
    layer.CommitTransaction()
    layer = source = None
    return {"planned_trees": len(trees), "planned_crates": len(crates)}
