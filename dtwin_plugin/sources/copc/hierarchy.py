"""Which nodes of a COPC file touch an area at a resolution: its hierarchy, read page by page and not believed.

A page says where points and other pages are. A broken or hostile one names places outside the file, more points than
there are, or leads in a circle; all of these are refused before anything is read or made room for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from dtwin_plugin.errors import FormatError

from ..http_range import Ranges, require_within
from ..las_header import LasHeader
from .layout import ENTRY_SIZE, INFO, INFO_SIZE, POINT_SIZES, Info, Key, Node, entries

_DEEPEST = 30  # levels: coordinates have 32 bits
_LARGEST_PAGE = 32 << 20  # [bytes]: a million nodes
_LARGEST_NODE = 256 << 20  # [bytes] of the points of one node when unpacked
_MOST_NODES = 4_000_000
Box = tuple[float, float, float, float]  # x min, y min, x max, y max


@dataclass
class Hierarchy:
    """The nodes of a file, as far as they were asked for.

    Attributes
    ----------
    nodes : dict of Key to Node
        Those on the pages that were read.
    """

    ranges: Ranges
    header: LasHeader
    info: Info
    nodes: dict[Key, Node] = field(default_factory=dict)
    _points: int = 0
    _pages: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._read_page(self.info.root_offset, self.info.root_size)

    def chosen(self, box: Box | None, resolution: float | None) -> Iterator[tuple[Key, Node]]:
        """Yield the nodes with points that touch a box (None = all), down to a spacing (None = all levels).

        The deepest level that is given has a spacing of at most `resolution`, where there are so many.
        """
        deepest = _DEEPEST if resolution is None else self.level_of(resolution)
        waiting = [Key(0, 0, 0, 0)]
        while waiting:
            key = waiting.pop()
            node = self.nodes.get(key)
            if node is None or key.level > deepest or (box is not None and not self.touches(key, box)):
                continue
            if node.points < 0:
                del self.nodes[key]
                self._read_page(node.offset, node.size)
                waiting.append(key)
                continue
            if node.points:
                yield key, node
            waiting.extend(key.children())

    def level_of(self, resolution: float) -> int:
        """Return the first level whose points lie at most so far apart."""
        return min(_DEEPEST, max(0, math.ceil(math.log2(self.info.spacing / resolution) - 1e-9)))

    def touches(self, key: Key, box: Box) -> bool:
        """Tell whether the cube of a node touches a box, with room for the rounding of coordinates."""
        side = 2 * self.info.half / 2**key.level
        room = 2 * max(map(abs, self.header.scales))
        x = self.info.centre[0] - self.info.half + key.x * side
        y = self.info.centre[1] - self.info.half + key.y * side
        return x - room <= box[2] and box[0] <= x + side + room and y - room <= box[3] and box[1] <= y + side + room

    def _read_page(self, offset: int, size: int) -> None:
        if offset in self._pages:
            raise self._wrong("its pages refer to each other in a circle")
        if size % ENTRY_SIZE or not 0 < size <= _LARGEST_PAGE:
            raise self._wrong(f"a page of it takes {size} bytes")
        self._pages.add(offset)
        for key, node in entries(self.ranges.read(offset, size)):
            self._check(key, node)
            self.nodes[key] = node

    def _check(self, key: Key, node: Node) -> None:
        if not 0 <= key.level <= _DEEPEST or not all(0 <= place < 2**key.level for place in key[1:]):
            raise self._wrong(f"it has a node {tuple(key)}, which no octree has")
        if key in self.nodes or len(self.nodes) > _MOST_NODES:
            raise self._wrong(f"node {tuple(key)} comes twice, or there are more nodes than any file has")
        if node.points < -1 or node.size < 0 or (node.points and not node.size):
            raise self._wrong(f"node {tuple(key)} has {node.points} points in {node.size} bytes")
        if node.points:
            require_within(self.ranges.name, node.offset, node.size, self.ranges.size)
        if node.points > 0:
            self._points += node.points
            least = self.header.point_size + 4
            if (
                node.size < least
                or node.offset < self.header.offset
                or node.points * self.header.point_size > _LARGEST_NODE
            ):
                raise self._wrong(f"node {tuple(key)} has {node.points} points in {node.size} bytes")
            if self._points > self.header.count:
                raise self._wrong(f"its nodes have more than the {self.header.count} points of the header")

    def _wrong(self, reason: str) -> FormatError:
        return wrong(self.ranges.name, reason)


def read_info(header: LasHeader, name: str) -> Info:
    """Return the COPC record of a file; raises FormatError if it is absent or cannot be true."""
    data = header.records.get(INFO, b"")
    if len(data) < INFO_SIZE or header.point_format not in POINT_SIZES or not header.compressed:
        raise wrong(name, "the record at its start is absent or of another version")
    info = Info.from_bytes(data)
    if not all(map(math.isfinite, (*info.centre, info.half, info.spacing))) or info.half <= 0 or info.spacing <= 0:
        raise wrong(name, f"it has a cube of {2 * info.half} m and a spacing of {info.spacing} m")
    return info


def wrong(name: str, reason: str) -> FormatError:
    """Return the error for a file that is not the COPC file that it says it is."""
    return FormatError(
        "The index of {file} cannot be used: {reason}.",
        hint="Download or export it again.",
        file=name,
        reason=reason,
    )
