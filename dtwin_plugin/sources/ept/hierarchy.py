"""Which nodes of point tiles touch an area at a resolution; pages are read as they are needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Callable

from dtwin_plugin.errors import FormatError

from ..copc.layout import Key
from .description import Description, json_of

_KEY = re.compile(r"(\d{1,2})-(\d{1,10})-(\d{1,10})-(\d{1,10})")
_DEEPEST = 30
_MOST_NODES = 4_000_000
Box = tuple[float, float, float, float]


def name_of(key: Key) -> str:
    """Return a node as its files are named."""
    return "-".join(map(str, key))


class Hierarchy:
    """The nodes, as far as they were asked for.

    Parameters
    ----------
    read : callable
        Gives the bytes of the page of a node.
    """

    def __init__(self, described: Description, read: Callable[[Key], bytes], name: str) -> None:
        self._described, self._read, self._name = described, read, name
        self.counts: dict[Key, int] = {}
        self._pages: set[Key] = set()
        self._points = 0
        self._read_page(Key(0, 0, 0, 0))

    def chosen(self, box: Box | None, deepest: int = _DEEPEST) -> Iterator[tuple[Key, int]]:
        """Yield the nodes with points that touch a box (None = all), down to a level, with their number of points."""
        waiting = [Key(0, 0, 0, 0)]
        while waiting:
            key = waiting.pop()
            count = self.counts.get(key)
            if count is None or key.level > deepest or (box is not None and not self._touches(key, box)):
                continue
            if count == -1:
                del self.counts[key]
                self._read_page(key)
                waiting.append(key)
                continue
            if count:
                yield key, count
            waiting.extend(key.children())

    def _touches(self, key: Key, box: Box) -> bool:
        low, side = self._described.bounds, self._described.bounds[3] - self._described.bounds[0]
        size, room = side / 2**key.level, 1e-6 * side
        x, y = low[0] + key.x * size, low[1] + key.y * size
        return x - room <= box[2] and box[0] <= x + size + room and y - room <= box[3] and box[1] <= y + size + room

    def _read_page(self, page: Key) -> None:
        if page in self._pages:
            raise self._wrong(f"page {name_of(page)} refers to itself")
        self._pages.add(page)
        for text, count in json_of(self._read(page), f"{self._name} {name_of(page)}").items():
            match = _KEY.fullmatch(text)
            if not match or type(count) is not int or count < -1:
                raise self._wrong(f"it has a node {text[:50]!r} with {count!r} points"[:150])
            key = Key(*map(int, match.groups()))
            if key.level > _DEEPEST or max(key[1:]) >= 2**key.level or key in self.counts:
                raise self._wrong(f"it has a node {text}, which no octree has, or has twice")
            self._points += max(0, count)
            if len(self.counts) > _MOST_NODES or self._points > self._described.points:
                raise self._wrong(f"its nodes have more than the {self._described.points} points that it states")
            self.counts[key] = count

    def _wrong(self, reason: str) -> FormatError:
        return FormatError(
            "The hierarchy of the point tiles {file} cannot be used: {reason}.",
            hint="Download it again, or ask its owner for COPC.",
            file=self._name,
            reason=reason,
        )
