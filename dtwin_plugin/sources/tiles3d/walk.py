"""The walk through a tileset: which tiles there are, and which are the finest of an area."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from typing import Any, Callable

import numpy as np

from dtwin_plugin.errors import FormatError, OfflineError, SourceError, UnavailableError
from dtwin_plugin.progress import Progress

from ..gltf.container import parse_json
from ..stop import stop_if_asked
from .fetch import Fetcher, name_of
from .tileset import Implicit, Subtree, Tile, children_of, open_tileset, read_subtree, root_of, tile_of

_DEEPEST = 30  # tilesets within a tileset
_PATIENCE = 5  # files in a row without an answer, after which the server is taken to be gone

Found = tuple[Tile, str, bytes]  # a tile, and the address and the bytes of one of its contents
Chain = tuple[str, ...]  # addresses of the tilesets that hold a tile


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
    most : int
        More tiles, or more files, than this are refused.

    Attributes
    ----------
    asked : int
        Files that were asked for.
    missing : list of (str, SourceError)
        Addresses of those that are not there: gaps, and no reason to lose the others.
    """

    def __init__(
        self, fetcher: Fetcher, progress: Progress, wanted: Callable[[Tile], bool], finest: float, most: int
    ) -> None:
        self._fetcher, self._progress, self._wanted = fetcher, progress, wanted
        self._finest, self._most, self._tiles, self._silent = finest, most, 0, 0
        self.asked, self.missing = 0, list[tuple[str, SourceError]]()

    def contents(self, json: dict[str, Any], address: str) -> Iterator[Found]:
        """Yield the tiles with the address and bytes of each content: the finest, and with ADD also those above."""
        yield from self._tile(root_of(json, None, address, name_of(address)), 0, (address,))

    def _tile(self, tile: Tile, depth: int, chain: Chain) -> Iterator[Found]:
        stop_if_asked(self._progress)
        if not self._wanted(tile):
            return
        self._tiles += 1
        self._require_few(self._tiles, tile)
        if "implicitTiling" in tile.json:
            scheme = Implicit.of(tile.json, name_of(tile.base))
            yield from self._subtree(tile, scheme, 0, (0,) * scheme.dimensions)
            return
        # A tile without contents has nothing to show, however fine it is.
        stop = tile.leaf or (tile.error <= self._finest and bool(tile.contents))
        for uri, tight in zip_longest(tile.contents, tile.tight):
            address = self._fetcher.join(tile.base, uri)
            shown = stop or tile.refine == "ADD" or address.split("?")[0].lower().endswith(".json")
            if shown and (tight is None or self._wanted(replace(tile, around=tight))):
                yield from self._content(tile, address, depth, chain)
        if not stop:
            for child in children_of(tile, name_of(tile.base), depth):
                yield from self._tile(child, depth + 1, chain)

    def _content(self, tile: Tile, address: str, depth: int, chain: Chain) -> Iterator[Found]:
        """Yield a content, or what is in it if it is a tileset: its bytes say so, its name need not."""
        data = self._get(tile, address)
        if data is None:
            return
        named = address.split("?")[0].lower().endswith(".json")
        if not named and not _is_tileset(data, address):
            yield tile, address, data
            return
        if address in chain or len(chain) > _DEEPEST:
            raise FormatError("{file} has tilesets that hold each other.", file=name_of(address))
        json = open_tileset(data, name_of(address))
        del data
        root = root_of(json, tile, address, name_of(address))
        yield from self._tile(root, depth + 1, (*chain, address))

    def _subtree(self, tile: Tile, scheme: Implicit, level: int, at: tuple[int, ...]) -> Iterator[Found]:
        found = self._availability(tile, scheme, _filled(scheme.subtrees, level, at))
        branch, todo = 2**scheme.dimensions, [(0, 0, (0,) * scheme.dimensions)]
        while found is not None and todo:
            below, morton, place = todo.pop()
            deep, inside = level + below, below < scheme.subtree_levels
            number = (branch**below - 1) // (branch - 1) + morton
            if deep >= scheme.levels or not (found.tiles[number] if inside else found.below[morton]):
                continue
            there = tuple(start * 2**below + step for start, step in zip(at, place))
            uris = [uri for uri, has in zip(tile.contents, found.contents) if inside and has[number]]
            cell = _cell(tile, scheme, deep, there, tuple(_filled(uri, deep, there) for uri in uris))
            stop_if_asked(self._progress)
            if not self._wanted(cell):
                continue
            self._tiles += 1
            self._require_few(self._tiles, tile)
            if not inside:
                yield from self._subtree(tile, scheme, deep, there)
                continue
            stop = bool(uris) and cell.error <= self._finest
            if stop or tile.refine == "ADD" or not _has_below(found, scheme, morton, below, deep):
                for uri in cell.contents:
                    address = self._fetcher.join(tile.base, uri)
                    data = self._get(tile, address)
                    if data is not None:
                        yield cell, address, data
            if not stop:
                todo += [(below + 1, *child) for child in _parts(scheme, morton, place)]

    def _availability(self, tile: Tile, scheme: Implicit, uri: str) -> Subtree | None:
        """Return what a subtree says is there, None if it, or a buffer that it needs, is missing."""
        address = self._fetcher.join(tile.base, uri)
        data = self._get(tile, address)
        if data is None:
            return None

        def buffer(uri: str) -> bytes:
            return self._fetcher.get(self._fetcher.join(address, uri), self._progress)

        try:
            return read_subtree(data, scheme, name_of(address), buffer)
        except FormatError:
            raise
        except SourceError as error:
            self.miss(address, error)
            return None

    def _get(self, tile: Tile, address: str) -> bytes | None:
        """Return the bytes of a file, None if it is not there."""
        stop_if_asked(self._progress)
        self.asked += 1
        self._require_few(self.asked, tile)
        try:
            data = self._fetcher.get(address, self._progress)
        except FormatError:
            raise
        except SourceError as error:
            self.miss(address, error)
            return None
        self._silent = 0
        return data

    def miss(self, address: str, error: SourceError) -> None:
        """Note a file that is not there; raises its error where the server does not answer any more."""
        self.missing.append((address, error))
        silent = isinstance(error, UnavailableError) and not isinstance(error, OfflineError)
        self._silent = self._silent + 1 if silent else 0
        if self._silent >= _PATIENCE:
            raise error

    def _require_few(self, count: int, tile: Tile) -> None:
        if count > self._most:
            raise FormatError(
                "{file} has more than {count} tiles here.",
                hint="Choose a smaller area or a larger geometric error.",
                file=name_of(tile.base),
                count=self._most,
            )


def _is_tileset(data: bytes, address: str) -> bool:
    """Tell whether a content is a tileset, and no glTF, which may be JSON too."""
    if data[:64].lstrip(b"\xef\xbb\xbf \r\n\t")[:1] != b"{":
        return False
    found = parse_json(data, name_of(address))
    return isinstance(found.get("root"), dict) and "meshes" not in found


def _parts(scheme: Implicit, morton: int, place: tuple[int, ...]) -> list[tuple[int, tuple[int, ...]]]:
    """Return the Morton index and the place of the tiles that a tile is divided into."""
    branch = 2**scheme.dimensions
    return [
        (morton * branch + part, tuple(2 * step + (part >> axis & 1) for axis, step in enumerate(place)))
        for part in range(branch)
    ]


def _has_below(found: Subtree, scheme: Implicit, morton: int, below: int, deep: int) -> bool:
    branch = 2**scheme.dimensions
    first = morton * branch
    if deep + 1 >= scheme.levels:
        return False
    if below + 1 == scheme.subtree_levels:
        return bool(found.below[first : first + branch].any())
    after = (branch ** (below + 1) - 1) // (branch - 1)
    return bool(found.tiles[after + first : after + first + branch].any())


def _cell(tile: Tile, scheme: Implicit, level: int, at: tuple[int, ...], contents: tuple[str, ...]) -> Tile:
    json = {"boundingVolume": scheme.volume(tile.json, level, at)}
    found = tile_of(json, None, tile.base, name_of(tile.base))
    # A region stays; a box is in the coordinates of the tile.
    around = found.around
    if around is not None and "box" in json["boundingVolume"]:
        around = around @ tile.matrix[:3, :3].T + tile.matrix[:3, 3]
    return Tile(tile.matrix, around, tile.error / 2**level, tile.refine, contents, json, tile.base, True, up=tile.up)


def _filled(template: str, level: int, at: tuple[int, ...]) -> str:
    for name, value in zip(("level", "x", "y", "z"), (level, *at)):
        template = template.replace("{" + name + "}", str(value))
    return template


def bounds(around: Any) -> tuple[float, ...] | None:
    """Return the box around points, None if there are none."""
    if around is None or not len(around):
        return None
    return (*np.min(around, axis=0).tolist(), *np.max(around, axis=0).tolist())
