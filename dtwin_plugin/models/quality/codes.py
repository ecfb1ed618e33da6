"""What may be wrong, by code: those of val3dity for geometry, and our own for the rest of the data."""

from __future__ import annotations

from typing import NamedTuple

from dtwin_plugin.translate import mark

ERROR, WARNING = "error", "warning"


class Code(NamedTuple):
    """A kind of fault: its name in val3dity or here, what it means, and how much it hurts."""

    name: str
    text: str
    severity: str = ERROR


# 101-601 and 999 mean what they mean in val3dity 2.x (docs/errors.rst there). Q-codes are our own.
CODES = {
    "101": Code("TOO_FEW_POINTS", mark("A ring has fewer than three points.")),
    "102": Code("CONSECUTIVE_POINTS_SAME", mark("Two points of a ring that follow each other are the same.")),
    "103": Code("RING_NOT_CLOSED", mark("The first and the last point of a ring differ.")),
    "104": Code("RING_SELF_INTERSECTION", mark("A ring crosses or touches itself, or is a line.")),
    "201": Code("INTERSECTION_RINGS", mark("Rings of a polygon cross.")),
    "202": Code("DUPLICATED_RINGS", mark("A polygon has the same ring twice.")),
    "203": Code(
        "NON_PLANAR_POLYGON_DISTANCE_PLANE", mark("A point lies too far from the plane of its polygon."), WARNING
    ),
    "204": Code("NON_PLANAR_POLYGON_NORMALS_DEVIATION", mark("A polygon has a fold."), WARNING),
    "205": Code("POLYGON_INTERIOR_DISCONNECTED", mark("The holes of a polygon cut it in two.")),
    "206": Code("INNER_RING_OUTSIDE", mark("A hole lies outside its polygon.")),
    "207": Code("INNER_RINGS_NESTED", mark("A hole lies in another hole.")),
    "208": Code("ORIENTATION_RINGS_SAME", mark("A hole runs in the same direction as the outline.")),
    "301": Code("TOO_FEW_POLYGONS", mark("A shell has fewer than four polygons.")),
    "302": Code("SHELL_NOT_CLOSED", mark("A shell is not closed.")),
    "303": Code(
        "NON_MANIFOLD_CASE", mark("More than two polygons meet at an edge, or a shell meets itself at a point.")
    ),
    "305": Code("MULTIPLE_CONNECTED_COMPONENTS", mark("A shell falls apart into pieces.")),
    "306": Code("SHELL_SELF_INTERSECTION", mark("Polygons of a shell go through each other.")),
    "307": Code("POLYGON_WRONG_ORIENTATION", mark("A polygon faces the other way than its neighbour.")),
    "401": Code("INTERSECTION_SHELLS", mark("Shells of a solid cross or share a face.")),
    "402": Code("DUPLICATED_SHELLS", mark("A solid has the same shell twice.")),
    "403": Code("INNER_SHELL_OUTSIDE", mark("An inner shell lies outside the solid.")),
    "405": Code("WRONG_ORIENTATION_SHELL", mark("The polygons of a shell face inwards.")),
    "501": Code("INTERSECTION_SOLIDS", mark("Solids of a composite solid overlap."), WARNING),
    "502": Code("DUPLICATED_SOLIDS", mark("A composite solid has the same solid twice."), WARNING),
    "503": Code("DISCONNECTED_SOLIDS", mark("A composite solid falls apart."), WARNING),
    "601": Code("BUILDINGPARTS_OVERLAP", mark("Parts of a building overlap."), WARNING),
    "999": Code("UNKNOWN_ERROR", mark("A coordinate is not a number.")),
    "Q01": Code("HEIGHT_MISSING", mark("A height is missing."), WARNING),
    "Q02": Code("ID_DUPLICATED", mark("An id occurs more than once."), WARNING),
    "Q03": Code("OUTSIDE_AREA", mark("An object lies outside the area asked."), WARNING),
    "Q04": Code("QUALITY_INDICATOR", mark("The owner doubts the model of this object."), WARNING),
    "Q05": Code("GEOMETRY_MISSING", mark("An object has no geometry."), WARNING),
    "Q06": Code("NO_DATA", mark("A part of the area has no data."), WARNING),
}


class Tolerances(NamedTuple):
    """How far from perfect is good enough; the defaults of val3dity.

    Attributes
    ----------
    snap : float
        Points of a shell closer than this are one [m].
    plane : float
        Most distance of a point to the plane of its polygon [m].
    fold : float
        Most angle between a triangle of a polygon and its plane [degree].
    overlap : float
        Bodies that go into each other less than this do not overlap [m]; exact geometry has no such margin.
    """

    snap: float = 0.001
    plane: float = 0.01
    fold: float = 20.0
    overlap: float = 0.01
