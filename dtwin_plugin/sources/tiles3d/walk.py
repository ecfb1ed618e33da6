"""The walk through a tileset: which tiles there are, and which are the finest of an area."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Callable

import numpy as np

from dtwin_plugin.errors import FormatError
from dtwin_plugin.progress import Progress

from ..stop import stop_if_asked
from .fetch import Fetcher, name_of
from .tileset import Implicit, Subtree, Tile, cells_of, children_of, open_tileset, read_subtree, tile_of

_DEEPEST = 30  # tilesets within a tileset


class Walk:
    """Goes through the tiles that `wanted` says yes to, opening external tilesets and subtrees.

    Parameters
    ----------
    fetcher : Fetcher
        Gives the files.
    wanted : callable
        Tells of a tile whether it, and what is below it, matters.
    finest : float
        Tiles below one with a smaller geometric error [m] are left alone.
    """

    def __init__(
        self, fetcher: Fetcher, progress: Progress, wanted: Callable[[Tile], bool], finest: float, most: int
    ) -> None:
        self._fetcher, self._progress, self._wanted = fetcher, progress, wanted
        self._finest, self._most, self._tiles = finest, most, 0

    def contents(self, json: dict[str, Any], address: str) -> Iterator[tuple[Tile, str]]:
        """Yield the tiles and the address of each content to show: the finest, and with ADD also those above."""
        yield from self._tile(tile_of(json["root"], None, address, name_of(address)), 0, 0)

    def _tile(self, tile: Tile, depth: int, nested: int) -> Iterator[tuple[Tile, str]]:
        stop_if_asked(self._progress)
        self._tiles += 1
        if self._tiles > self._most:
            raise FormatError(
                "{file} has more than {count} tiles here.",
                hint="Choose a smaller area or a larger geometric error.",
                file=name_of(tile.base),
                count=self._most,
            )
        if not self._wanted(tile):
            return
        if "implicitTiling" in tile.json:
            scheme = Implicit.of(tile.json, name_of(tile.base))
            yield from self._subtree(tile, scheme, 0, (0,) * scheme.dimensions)
            return
        stop = tile.leaf or tile.error <= self._finest
        for uri in tile.contents:
            address = self._fetcher.join(tile.base, uri)
            if address.split("?")[0].lower().endswith(".json"):
                yield from self._external(tile, address, depth, nested)
            elif stop or tile.refine == "ADD":
                yield tile, address
        if not stop:
            for child in children_of(tile, name_of(tile.base), depth):
                yield from self._tile(child, depth + 1, nested)

    def _external(self, tile: Tile, address: str, depth: int, nested: int) -> Iterator[tuple[Tile, str]]:
        if nested >= _DEEPEST:
            raise FormatError("{file} has tilesets that hold each other.", file=name_of(address))
        json = open_tileset(self._fetcher.get(address), name_of(address))
        yield from self._tile(tile_of(json["root"], tile, address, name_of(address)), depth + 1, nested + 1)

    def _subtree(self, tile: Tile, scheme: Implicit, level: int, at: tuple[int, ...]) -> Iterator[tuple[Tile, str]]:
        address = self._fetcher.join(tile.base, _filled(scheme.subtrees, level, at))
        found = read_subtree(
            self._fetcher.get(address),
            scheme,
            name_of(address),
            lambda uri: self._fetcher.get(self._fetcher.join(address, uri)),
        )
        for number, below, place in cells_of(scheme):
            deep = level + below
            if deep >= scheme.levels:
                continue
            there = tuple(start * 2**below + step for start, step in zip(at, place))
            if below == scheme.subtree_levels:
                if found.below[number] and self._wanted(_cell(tile, scheme, deep, there, ())):
                    yield from self._subtree(tile, scheme, deep, there)
            elif found.tiles[number]:
                uris = [uri for uri, has in zip(tile.contents, found.contents) if has[number]]
                cell = _cell(tile, scheme, deep, there, tuple(_filled(uri, deep, there) for uri in uris))
                if uris and (tile.refine == "ADD" or not _has_below(found, scheme, number, below, deep)):
                    stop_if_asked(self._progress)
                    if self._wanted(cell):
                        yield from ((cell, self._fetcher.join(tile.base, uri)) for uri in cell.contents)


def _has_below(found: Subtree, scheme: Implicit, number: int, below: int, deep: int) -> bool:
    branch = 2**scheme.dimensions
    start = (branch**below - 1) // (branch - 1)
    first = (number - start) * branch
    if deep + 1 >= scheme.levels:
        return False
    if below + 1 == scheme.subtree_levels:
        return bool(found.below[first : first + branch].any())
    after = start + branch**below
    return bool(found.tiles[after + first : after + first + branch].any())


def _cell(tile: Tile, scheme: Implicit, level: int, at: tuple[int, ...], contents: tuple[str, ...]) -> Tile:
    json = {"boundingVolume": scheme.volume(tile.json, level, at)}
    found = tile_of(json, None, tile.base, name_of(tile.base))
    # A region stays; a box is in the coordinates of the tile.
    around = found.around
    if around is not None and "box" in json["boundingVolume"]:
        around = around @ tile.matrix[:3, :3].T + tile.matrix[:3, 3]
    return Tile(tile.matrix, around, tile.error / 2**level, tile.refine, contents, json, tile.base, True)


def _filled(template: str, level: int, at: tuple[int, ...]) -> str:
    for name, value in zip(("level", "x", "y", "z"), (level, *at)):
        template = template.replace("{" + name + "}", str(value))
    return template


def bounds(around: Any) -> tuple[float, ...] | None:
    """Return the box around points, None if there are none."""
    if around is None or not len(around):
        return None
    return (*np.min(around, axis=0).tolist(), *np.max(around, axis=0).tolist())
