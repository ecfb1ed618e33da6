"""Bodies made by hand, each right or with one fault, under the codes of val3dity; `tests/models/quality` uses them too.

A shell is (object row, kind of geometry, geometry, solid, shell, polygons); a polygon is a list of rings of points.
"""

import numpy as np

from dtwin_plugin.data import Geometries, Surfaces
from dtwin_plugin.data.surfaces import SHELL, shell_name

BOX = [[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]
PYRAMID = [[0, 1, 2], [0, 3, 1], [1, 3, 2], [0, 2, 3]]  # faces inwards: an inner shell
ROOF = [(0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)]
INNER = [(0.2, 0.2, 0.2), (0.8, 0.2, 0.2), (0.5, 0.5, 0.2), (0.5, 0.5, 0.9)]


def texts(*values):
    result = np.empty(len(values), object)
    result[:] = values
    return result


def carrier(shells, types=("Building",), parents=(None,)):
    """Surfaces of shells."""
    polygons = [[[[*ring, ring[0]] for ring in rings]] for *_, faces in shells for rings in faces]
    names = [shell_name(*shell[1:5]) for shell in shells for _ in shell[5]]
    rows = [shell[0] for shell in shells for _ in shell[5]]
    columns = {"id": texts(*(f"o{n}" for n in range(len(types)))), "type": texts(*types), "parent": texts(*parents)}
    columns["lod"] = texts(*["2.2"] * len(types))
    shapes = Geometries.build("polygon", polygons)
    semantics = texts(*["Unknown"] * len(names))
    return Surfaces(shapes, semantics, np.array(rows), columns, {SHELL: texts(*names)})


def box(low=(0, 0, 0), high=(1, 1, 1), leave=(), turn=()):
    (x, y, z), (a, b, c) = low, high
    points = [(x, y, z), (a, y, z), (a, b, z), (x, b, z), (x, y, c), (a, y, c), (a, b, c), (x, b, c)]
    faces = [(face[::-1] if number in turn else face) for number, face in enumerate(BOX) if number not in leave]
    return [[[points[corner] for corner in face]] for face in faces]


def pyramid(points):
    return [[[points[corner] for corner in face]] for face in PYRAMID]


def top(*rings):
    """A unit box with another top."""
    return [*box(leave=(1,)), list(rings)]


def hole(low, high, step=1):
    return [(low[0], low[1], 1), (low[0], high[1], 1), (high[0], high[1], 1), (high[0], low[1], 1)][::step]


def solid(faces, kind="Solid"):
    return carrier([(0, kind, 0, 0, 0, faces)])


FAULTS = {
    "101": top([(0, 0, 1), (1, 0, 1)]),
    "102": top([(0, 0, 1), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)]),
    "104": top([(0, 0, 1), (1, 1, 1), (1, 0, 1), (0, 1, 1)]),
    "201": top(ROOF, hole((0.5, 0.5), (1.5, 0.8))),
    "202": top(ROOF, hole((0.2, 0.2), (0.5, 0.5)), hole((0.2, 0.2), (0.5, 0.5))),
    "203": top([(0, 0, 1), (1, 0, 1), (1, 1, 1.1), (0, 1, 1)]),
    "204": top([(0, 0, 1), (0.5, 0, 1), (0.5, 0, 1.004), (1, 0, 1.004), (1, 1, 1.004), (0.5, 1, 1.004), (0, 1, 1)]),
    "205": top(ROOF, [(0.5, 0, 1), (0.2, 0.5, 1), (0.5, 1, 1), (0.6, 0.5, 1)]),
    "206": top(ROOF, hole((2, 2), (3, 3))),
    "207": top(ROOF, hole((0.2, 0.2), (0.8, 0.8)), hole((0.4, 0.4), (0.6, 0.6))),
    "208": top(ROOF, hole((0.2, 0.2), (0.8, 0.8), -1)),
    "301": box(leave=(0, 1, 2)),
    "302": box(leave=(1,)),
    "303": [*box(), *box((1, 1, 1), (2, 2, 2))],  # share a point
    "305": [*box(), *box((3, 3, 3), (4, 4, 4))],
    "306": [*box((0, 0, 0), (1, 1, 1), leave=(1,)), *[[[(0, 0, 1), (1, 0, 1), (0.5, 0.5, -1)]]],
            *[[[a, b, (0.5, 0.5, -1)]] for a, b in zip(ROOF[1:], [*ROOF[2:], ROOF[0]])]],
    "307": box(turn=(2,)),
    "405": box(turn=range(6)),
}  # fmt: skip
INNER_SHELLS = [  # a pyramid within a unit box
    ("hollow box", INNER, ""),
    ("inner shell through the roof", [(*p[:2], p[2] + 0.5) for p in INNER], "401"),
    ("inner shell on the floor", [(p[0], p[1], p[2] - 0.2) for p in INNER], "401"),
    ("inner shell outside", [(*p[:2], p[2] + 5) for p in INNER], "403"),
    ("inner shell inside out", [INNER[0], INNER[2], INNER[1], INNER[3]], "405"),
]
COMPOSITES = [  # a unit box and this one
    ("two boxes side by side", box((1, 0, 0), (2, 1, 1)), ""),
    ("two boxes that overlap", box((0.5, 0, 0), (1.5, 1, 1)), "501"),
    ("a box within a box", box((0.2, 0.2, 0.2), (0.8, 0.8, 0.8)), "501"),
    ("the same box twice", box(), "502"),
    ("two boxes apart", box((5, 0, 0), (6, 1, 1)), "503"),
]
PARTS = [(1.0, ""), (1.5, ""), (0.995, ""), (0.97, "601"), (0.5, "601")]  # m; a unit box and one moved so far


def hollow(points):
    return carrier([(0, "Solid", 0, 0, 0, box()), (0, "Solid", 0, 0, 1, pyramid(points))])


def composite(second, kind="CompositeSolid"):
    return carrier([(0, kind, 0, number, 0, faces) for number, faces in enumerate((box(), second))])


def parts(shift, parents=("b", "b")):
    shells = [(0, "Solid", 0, 0, 0, box()), (1, "Solid", 0, 0, 0, box((shift, 0, 0), (shift + 1, 1, 1)))]
    return carrier(shells, ("BuildingPart", "BuildingPart"), parents)


def not_closed():
    """A unit box of which one ring does not end where it began."""
    right = solid(box())
    shapes = right.geometries
    xyz = shapes.coordinates.copy()
    xyz[4] += 0.5
    broken = Geometries("polygon", xyz, shapes.rings, shapes.parts, shapes.features)
    return Surfaces(broken, right.semantics, right.objects, right.columns, right.surface_columns)


def by_hand():
    """Yield a name, the surfaces and the code that they must have ("" where they are right)."""
    yield "unit box", solid(box()), ""
    yield "box in RD New below NAP", solid(box((84_000, 447_000, -6), (84_010, 447_008.5, 3.25))), ""
    yield "box with a filled hole", solid([*top(ROOF, ring := hole((0.2, 0.2), (0.8, 0.8))), [ring[::-1]]]), ""
    yield "loose surfaces", solid(box(leave=(0, 1)), "MultiSurface"), ""
    for code, faces in FAULTS.items():
        yield "box with one fault", solid(faces), code
    yield "box with one fault", not_closed(), "103"
    yield "coordinate that is no number", solid(top([(0, 0, np.nan), (1, 0, 1), (1, 1, 1)])), "999"
    yield "boxes that share an edge", solid([*box(), *box((1, 1, 0), (2, 2, 1))]), "303"
    yield "the same shell twice", carrier([(0, "Solid", 0, 0, n, box(turn=range(6 * n))) for n in (0, 1)]), "402"
    for name, points, code in INNER_SHELLS:
        yield name, hollow(points), code
    for name, second, code in COMPOSITES:
        yield name, composite(second), code
    for shift, code in PARTS:
        yield f"parts of 1 m, {shift:g} m apart", parts(shift), code
