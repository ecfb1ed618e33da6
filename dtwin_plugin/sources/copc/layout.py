"""The bytes of a COPC file that are not points: header, records, info and hierarchy.

References
----------
COPC specification 1.0 (copc.io, 2021). ASPRS (2019). LAS specification 1.4 - R15.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

HEADER_SIZE, INFO_SIZE = 375, 160
INFO, HIERARCHY, WKT = ("copc", 1), ("copc", 1000), ("LASF_Projection", 2112)
POINT_SIZES = {6: 30, 7: 36, 8: 38}  # [bytes], the point formats that COPC may have
_HEADER = struct.Struct("<4sHH16sBB32s32sHHHIIBHI5I12dQQIQ15Q")
_RECORD, _EXTENDED = struct.Struct("<H16sHH32s"), struct.Struct("<H16sHQ32s")
_INFO, _ENTRY = struct.Struct("<5dQQ2d88x"), struct.Struct("<4iQii")
ENTRY_SIZE, EXTENDED_SIZE = _ENTRY.size, _EXTENDED.size
_ENCODING = 0x11  # GPS standard time, and the CRS as WKT
_ROOT_LEVELS = 4  # levels in the first page where there are several
_PAGE = 4096  # nodes up to which there is one page


class Key(NamedTuple):
    """A node of the octree: its level, and its place among the nodes of that level."""

    level: int
    x: int
    y: int
    z: int

    def parent(self) -> Key:
        """Return the node that this one lies in."""
        return Key(self.level - 1, self.x >> 1, self.y >> 1, self.z >> 1)

    def children(self) -> list[Key]:
        """Return the eight nodes within this one."""
        x, y, z = 2 * self.x, 2 * self.y, 2 * self.z
        return [Key(self.level + 1, x + (n & 1), y + (n >> 1 & 1), z + (n >> 2)) for n in range(8)]


class Node(NamedTuple):
    """Where the points of a node are: offset and size in the file [bytes], and their number (-1 = a page of nodes)."""

    offset: int
    size: int
    points: int


@dataclass(frozen=True)
class Info:
    """What the COPC record says.

    Attributes
    ----------
    centre : tuple of float
        Of the cube around all nodes.
    half : float
        Half the side of the cube.
    spacing : float
        Between points at the root; half of it at each next level.
    root_offset, root_size : int
        Place of the first page of the hierarchy [bytes].
    """

    centre: tuple[float, float, float]
    half: float
    spacing: float
    root_offset: int
    root_size: int

    @classmethod
    def from_bytes(cls, data: bytes) -> Info:
        """Read the record; the caller checks its length."""
        x, y, z, half, spacing, offset, size, *_ = _INFO.unpack_from(data)
        return cls((x, y, z), half, spacing, offset, size)

    def to_bytes(self) -> bytes:
        """Return the record."""
        return _INFO.pack(*self.centre, self.half, self.spacing, self.root_offset, self.root_size, 0.0, 0.0)


def header_bytes(
    point_format: int,
    count: int,
    box: tuple[tuple[float, ...], tuple[float, ...]],
    scale: float,
    records: Sequence[bytes],
    extended_at: int,
    software: str,
) -> bytes:
    """Return the header of a LAS 1.4 file of compressed points, with its records; all points are first of one return.

    Parameters
    ----------
    box : two tuples of float
        Lowest and highest x, y, z of the points.
    """
    low, high = box
    edges = [edge for pair in zip(high, low) for edge in pair]
    offset = HEADER_SIZE + sum(map(len, records))
    head = _HEADER.pack(
        b"LASF", 0, _ENCODING, bytes(16), 1, 4, b"", software.encode("ascii")[:31], 1, 1970, HEADER_SIZE, offset,
        len(records), point_format | 0x80, POINT_SIZES[point_format], 0, *(0,) * 5, *(scale,) * 3, *(0.0,) * 3, *edges,
        0, extended_at, 1, count, count, *(0,) * 14,
    )  # fmt: skip
    return head + b"".join(records)


def record(name: tuple[str, int], data: bytes) -> bytes:
    """Return a record before the points."""
    return _RECORD.pack(0, name[0].encode("ascii"), name[1], len(data), b"") + data


def extended_record(name: tuple[str, int], size: int) -> bytes:
    """Return the head of a record behind the points."""
    return _EXTENDED.pack(0, name[0].encode("ascii"), name[1], size, b"")


def entries(page: bytes) -> list[tuple[Key, Node]]:
    """Return the entries of a page of the hierarchy."""
    return [(Key(*numbers[:4]), Node(*numbers[4:])) for numbers in _ENTRY.iter_unpack(page)]


def hierarchy_bytes(nodes: Mapping[Key, Node], start: int) -> tuple[bytes, int]:
    """Return the pages of the hierarchy as they stand at byte `start`, and the size of the first page.

    Large hierarchies have a page for each node of level 4 with all below it, so that a reader of a small area gets few.
    """
    if len(nodes) <= _PAGE:
        page = _page(nodes)
        return page, len(page)
    root = {key: node for key, node in nodes.items() if key.level < _ROOT_LEVELS}
    pages: dict[Key, dict[Key, Node]] = {}
    for key, node in nodes.items():
        if key.level >= _ROOT_LEVELS:
            up = key.level - _ROOT_LEVELS
            pages.setdefault(Key(_ROOT_LEVELS, key.x >> up, key.y >> up, key.z >> up), {})[key] = node
    root_size = at = (len(root) + len(pages)) * ENTRY_SIZE
    bodies = []
    for key, page_nodes in sorted(pages.items()):
        body = _page(page_nodes)
        root[key] = Node(start + at, len(body), -1)
        bodies.append(body)
        at += len(body)
    return _page(root) + b"".join(bodies), root_size


def _page(nodes: Mapping[Key, Node]) -> bytes:
    return b"".join(_ENTRY.pack(*key, *node) for key, node in sorted(nodes.items()))
