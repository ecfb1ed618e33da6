"""A block for each object: its outline from its lowest point to the mean height of its roofs (LoD 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Geometries
from dtwin_plugin.data.footprints import outlines, owners_of
from dtwin_plugin.data.offsets import offsets_of, ranges_of
from dtwin_plugin.data.triangulate import triangles_of
from dtwin_plugin.progress import Progress

from ..stop import stop_if_asked
from .write_mesh import Mesh, Town

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_WALL = 0.17  # vertical part of a normal: within 10 degrees of upright
_TOP, _SIDE = 0, 1


def blocks_of(town: Town, progress: Progress) -> Mesh:
    """Return a block with walls and a flat roof for each object; one without an outline has none. Raises Cancelled."""
    shapes, rows = outlines(town.surfaces)
    owner = owners_of(town.surfaces)
    number_of_row = np.full(town.surfaces.object_count, -1, np.int64)
    number_of_row[owner[town.rows]] = np.arange(len(town.rows))
    numbers = number_of_row[rows]
    keep = np.flatnonzero(numbers >= 0)
    shapes, numbers = shapes.take(keep), numbers[keep]
    low, high, colours = _measures(town)
    lengths = np.diff(shapes.coordinate_spans())
    of_corner = np.repeat(numbers, lengths)
    roof, parts = _roofs(shapes, progress)
    base, walls, normals = _walls(shapes)
    of_wall = of_corner[base[:, 0]]
    top = np.column_stack([shapes.coordinates, high[of_corner]])
    sides = np.concatenate(
        [
            np.column_stack([shapes.coordinates[base[:, corner]], height[of_wall]])
            for corner, height in ((0, low), (1, low), (1, high), (0, high))
        ]
    )
    up = np.broadcast_to([0.0, 0.0, 1.0], top.shape)
    of_roof = np.repeat(numbers, np.diff(shapes.features))[parts]
    owners = np.concatenate([of_roof, np.tile(of_wall, 2)])
    order = np.argsort(owners, kind="stable")
    count = len(town.rows)
    return Mesh(
        np.concatenate([top, sides]),
        np.concatenate([up, np.tile(normals, (4, 1))]),
        np.concatenate([colours[of_corner, _TOP], np.tile(colours[of_wall, _SIDE], 4)]),
        np.concatenate([of_corner, np.tile(of_wall, 4)]),
        np.concatenate([roof, walls + len(top)])[order],
        offsets_of(np.bincount(owners, minlength=count)),
        {name: values[town.rows] for name, values in town.surfaces.columns.items()},
    )


def volumes_of(blocks: Mesh) -> Floats:
    """Return how much each block takes [m3]: the smallest are left out first where all are seen from afar."""
    corners = blocks.xyz[blocks.triangles]
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    across = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]) / 2  # of a wall 0
    owner = np.repeat(np.arange(len(blocks.counts)), blocks.counts)
    low, high = np.full(len(blocks.counts), np.inf), np.full(len(blocks.counts), -np.inf)
    np.minimum.at(low, owner, corners[:, :, 2].min(axis=1))
    np.maximum.at(high, owner, corners[:, :, 2].max(axis=1))
    tall = np.where(blocks.counts > 0, high - low, 0.0)
    return np.asarray(np.bincount(owner, across, len(blocks.counts)) * tall)


def _measures(town: Town) -> tuple[Floats, Floats, Integers]:
    """Return of each object its lowest point, the mean height of its roofs [m NAP], and the colours of roof and walls.

    The mean is by the area that is seen from above; a colour is the one that most of the area has.
    """
    mesh, count = town.mesh, len(town.rows)
    owner = np.repeat(np.arange(count), mesh.counts)
    corners = mesh.xyz[mesh.triangles]
    z = corners[:, :, 2]
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, owner, z.min(axis=1))
    np.maximum.at(high, owner, z.max(axis=1))
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    upward = mesh.normals[mesh.triangles[:, 0], 2]
    seen = np.where(upward > _WALL, area * upward, 0.0)
    total = np.bincount(owner, seen, count)
    mean = np.bincount(owner, seen * z.mean(axis=1), count) / np.where(total > 0, total, 1.0)
    colour = mesh.colours[mesh.triangles[:, 0]]
    roof = _most(owner, colour, seen, town)
    wall = _most(owner, colour, np.where(np.abs(upward) <= _WALL, area, 0.0), town)
    every = _most(owner, colour, area, town)
    colours = np.column_stack([np.where(roof < 0, every, roof), np.where(wall < 0, every, wall)])
    return low, np.where(total > 0, mean, high), colours


def _most(owner: Integers, colour: Integers, area: Floats, town: Town) -> Integers:
    """Return the colour that most of the area of each object has, -1 where it has none."""
    shares = np.zeros((len(town.rows), len(town.paint.colours)))
    np.add.at(shares, (owner, colour), area)
    return np.asarray(np.where(shares.max(axis=1) > 0, shares.argmax(axis=1), -1))


def _roofs(shapes: Geometries, progress: Progress) -> tuple[Integers, Integers]:
    """Return the triangles of outlines, seen from above turning left, and the part that each is of."""
    triangles, parts = triangles_of(shapes, lambda: stop_if_asked(progress))
    flipped = _clockwise(shapes)[parts]
    triangles[flipped] = triangles[flipped][:, ::-1]
    return triangles, parts


def _walls(shapes: Geometries) -> tuple[Integers, Integers, Floats]:
    """Return the walls along outlines.

    Returns
    -------
    ndarray, ndarray, ndarray
        The rows of the coordinates at the foot of each wall, (n, 2), so that its outside is on their right; two
        triangles for each in rows of four corners, all first, second, third and fourth corners together; and where it
        faces, (n, 3).
    """
    last = np.zeros(len(shapes.coordinates), bool)
    last[shapes.rings[1:] - 1] = True
    start = np.flatnonzero(~last)
    ring = np.searchsorted(shapes.rings, start, side="right") - 1
    part = np.searchsorted(shapes.parts, ring, side="right") - 1
    foot = np.column_stack([start, start + 1])
    turned = _clockwise(shapes)[part]
    foot[turned] = foot[turned][:, ::-1]
    along = shapes.coordinates[foot[:, 1]] - shapes.coordinates[foot[:, 0]]
    length = np.hypot(along[:, 0], along[:, 1])
    foot, along, length = foot[length > 0], along[length > 0], length[length > 0]
    count = len(foot)
    a, b, c, d = (np.arange(count) + corner * count for corner in range(4))
    triangles = np.concatenate([np.column_stack([a, b, c]), np.column_stack([a, c, d])])
    return foot, triangles, np.column_stack([along[:, 1] / length, -along[:, 0] / length, np.zeros(count)])


def _clockwise(shapes: Geometries) -> NDArray[np.bool_]:
    """Tell which parts have an outer ring that turns right, seen from above."""
    xy, outer = shapes.coordinates, shapes.rings[shapes.parts[:-1]]
    ends = shapes.rings[shapes.parts[:-1] + 1]
    size = np.repeat(np.arange(len(outer)), ends - outer)
    rows = ranges_of(np.column_stack([outer, ends]).reshape(-1), 2 * np.arange(len(outer)))
    local = xy[rows] - xy[outer][size]
    cross = np.zeros(len(rows))
    cross[:-1] = local[:-1, 0] * local[1:, 1] - local[:-1, 1] * local[1:, 0]
    return np.asarray(np.bincount(size, cross, len(outer)) < 0)  # between rings a corner lies at 0, which adds nothing
