"""The source of 3D Tiles."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, PointCloud, Surfaces
from dtwin_plugin.data.placement import Placement
from dtwin_plugin.errors import CrsError, FormatError, SourceError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.translate import mark

from .. import crs
from ..base import SourceInfo
from ..gltf.container import parse_json
from ..transport import Transport
from .content import Content, read_content
from .earth import on_earth, to_degrees
from .fetch import Fetcher, name_of
from .notes import SENTENCES
from .reading import Reading
from .tileset import Tile, open_tileset, subtree_chunks, tile_of
from .walk import Walk, bounds, children_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .carriers import Placed

_TILES = (b"glTF", b"b3dm", b"i3dm", b"pnts", b"cmpt")
_NAMED = 5  # missing tiles that are named
_ALONE = mark("A tile on its own has local coordinates; its tileset says where it lies.")


def _is_schema(json: dict[str, Any]) -> bool:
    """Tell whether JSON is the schema of metadata that a tileset refers to."""
    return isinstance(json.get("classes"), dict) and "asset" not in json


class Tiles3dSource:
    """A tileset of 3D Tiles, or one tile of it.

    WGS 84 is taken as ETRS89 (see `crs`).

    Parameters
    ----------
    path_or_url : path or str
        A tileset.json, or one tile (.b3dm, .i3dm, .pnts, .cmpt, .glb, .gltf).
    transport : Transport, optional
        Carries the requests for a URL.
    placement : Placement, optional
        Where a tileset or a tile with local coordinates stands; its z is up.
    geometric_error : float
        The finest tiles are read; or those whose error [m] is at most this.
    max_tiles : int
        More tiles than this are refused.
    """

    def __init__(
        self,
        path_or_url: str | Path,
        *,
        transport: Transport | None = None,
        placement: Placement | None = None,
        geometric_error: float = 0.0,
        max_tiles: int = 20_000,
    ) -> None:
        self._fetcher = Fetcher(path_or_url, transport)
        self._root, self._file = str(path_or_url), name_of(str(path_or_url))
        self._placement, self._error, self._most = placement, geometric_error, max_tiles

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts, in the coordinates of the tileset.

        Raises
        ------
        SourceError, FormatError
            If it cannot be read or is not what its format should be.
        """
        data = self._fetcher.get(self._root, progress)
        if data[:4] == b"subt":
            return self._of_subtree(data)
        if data[:4] in _TILES:
            return self._of_content(self._content(data, self._root, progress))
        json = parse_json(data, self._file)
        if isinstance(json.get("root"), dict):
            return self._of_tileset(open_tileset(data, self._file))
        if _is_schema(json):
            classes = sorted(map(str, json["classes"]))
            return SourceInfo("3D Tiles metadata schema", "surfaces", None, None, 0, {"classes": classes})
        return self._of_content(self._content(data, self._root, progress))

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Surfaces | PointCloud]:
        """Yield the surfaces and the points of the finest tiles that touch an area.

        An object is one row, wherever its surfaces lie: objects that have an id wait until all tiles are read.

        Raises
        ------
        SourceError, FormatError
            If it cannot be read or is not what its format should be.
        CrsError
            If the tiles do not lie in the Netherlands and no placement is given.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        data = self._fetcher.get(self._root, progress)
        json = {} if data[:4] in (*_TILES, b"subt") else parse_json(data, self._file)
        if data[:4] == b"subt" or _is_schema(json):
            return  # facts without a shape
        reading = Reading(self._file, progress)
        if not isinstance(json.get("root"), dict):
            content = self._content(data, self._root, progress)
            yield from reading.carriers(self._placed(content, np.eye(4)), content.notes, extent, self._file)
            yield from reading.rest()
            return
        json = open_tileset(data, self._file)
        walk = Walk(self._fetcher, progress, lambda tile: self._touches(tile, extent), self._error, self._most)
        count = 0
        for tile, address, data in walk.contents(json, self._root):
            try:
                content = self._content(data, address, progress, tile)
            except FormatError:
                raise
            except SourceError as error:  # a file that the tile needs; the others need it not
                walk.miss(address, error)
                continue
            count += 1
            progress.report(1 - 1 / (1 + count), "{count} tiles", count=count)
            name = self._fetcher.relative(address)
            yield from reading.carriers(self._placed(content, tile.matrix), content.notes, extent, name)
        if walk.missing and not count:
            raise walk.missing[0][1]
        yield from reading.rest()
        self._tell_missing(walk, progress)

    def first_content(self, progress: Progress | None = None) -> Content | None:
        """Return the first content that a viewer would show, None if the tileset has none; raises as `read`."""
        data = self._fetcher.get(self._root, progress)
        if data[:4] in _TILES:
            return self._content(data, self._root, progress)
        json = open_tileset(data, self._file)
        walk = Walk(self._fetcher, progress or Silent(), lambda tile: True, math.inf, self._most)
        for _, address, data in walk.contents(json, self._root):
            return self._content(data, address, progress)
        if walk.missing:
            raise walk.missing[0][1]
        return None

    def _tell_missing(self, walk: Walk, progress: Progress) -> None:
        """Warn of the tiles that are not there: a gap, and no reason to lose the others."""
        if walk.missing:
            names = [self._fetcher.short(address) for address, _ in walk.missing]
            progress.warn(
                "{count} of {all} tiles of {file} are missing: {names}. {reason}",
                count=len(names),
                all=walk.asked,
                file=self._file,
                names=", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else ""),
                reason=str(walk.missing[0][1]),
            )

    def _content(self, data: bytes, address: str, progress: Progress | None, tile: Tile | None = None) -> Content:
        def beside(uri: str) -> bytes:
            return self._fetcher.get(self._fetcher.join(address, uri), progress)

        if tile is None:
            return read_content(data, name_of(address), beside)
        return read_content(data, name_of(address), beside, tile.matrix, tile.up)

    def _placed(self, content: Content, matrix: NDArray[np.float64]) -> list[Placed]:
        """Return the parts of a content with their vertices in RD New and m NAP."""
        with np.errstate(invalid="ignore", over="ignore"):  # what is no finite number is left out
            return [
                (self._to_rd(part.xyz @ matrix[:3, :3].T + matrix[:3, 3]), part, columns)
                for part, columns in content.parts
            ]

    def _to_rd(self, xyz: NDArray[np.float64]) -> NDArray[np.float64]:
        if self._placement is not None:
            return self._placement.apply(xyz)
        sound = xyz[np.isfinite(xyz).all(axis=1)]
        if not on_earth(sound) and len(sound):
            raise CrsError(
                "{file} has local coordinates ({low} to {high}) and does not say where on the Earth it stands.",
                hint="Give the point in RD and NAP where its zero point lands, or open its tileset.",
                file=self._file,
                low=sound.min(axis=0).round(1).tolist(),
                high=sound.max(axis=0).round(1).tolist(),
            )
        return crs.to_rd(to_degrees(xyz), "EPSG:4979")

    def _touches(self, tile: Tile, extent: Extent | None) -> bool:
        if extent is None or tile.around is None or not len(tile.around):
            return True
        if self._placement is not None:
            around = self._placement.apply(tile.around)
        elif on_earth(tile.around):
            try:
                around = crs.to_rd(to_degrees(tile.around), "EPSG:4979")
            except CrsError:
                crs.require_grids()
                return True  # reaches beyond the Netherlands: what is in it decides
        else:
            return True
        low, high = around.min(axis=0), around.max(axis=0)
        return bool(
            low[0] <= extent.x_max and high[0] >= extent.x_min and low[1] <= extent.y_max and high[1] >= extent.y_min
        )

    def _of_subtree(self, data: bytes) -> SourceInfo:
        json, _ = subtree_chunks(data, self._file)
        counts: dict[str, Any] = {
            name: json.get(name) for name in ("tileAvailability", "childSubtreeAvailability") if name in json
        }
        return SourceInfo("3D Tiles subtree", "surfaces", None, None, 0, counts, (_ALONE,))

    def _of_content(self, content: Content) -> SourceInfo:
        parts = [part for part, _ in content.parts]
        points = sum(len(part.xyz) for part in parts if part.triangles is None)
        triangles = sum(len(part.triangles) for part in parts if part.triangles is not None)
        whole = np.concatenate([part.xyz for part in parts]) if parts else np.zeros((0, 3))
        whole = whole[np.isfinite(whole).all(axis=1)]
        facts = {**content.facts, "content": content.kinds, "triangles": triangles, "points": points,
                 "extensions": content.used, "extensions_required": content.required}  # fmt: skip
        carrier, count = ("points", points) if points and not triangles else ("surfaces", triangles)
        warnings = [] if on_earth(whole) else [_ALONE]
        warnings += [SENTENCES[note] for note in content.notes]
        kind = f"3D Tiles content ({content.kinds[0]})"
        return SourceInfo(kind, carrier, None, bounds(whole), count, facts, tuple(warnings))

    def _of_tileset(self, json: dict[str, Any]) -> SourceInfo:
        root = tile_of(json["root"], None, self._root, self._file)
        tiles, todo = [], [(root, 0)]
        while todo:
            tile, depth = todo.pop()
            tiles.append(tile)
            todo += [(child, depth + 1) for child in children_of(tile, self._file, depth)]
            if len(tiles) > 1_000_000:
                raise FormatError("{file} has more than {count} tiles here.", file=self._file, count=1_000_000)
        kinds = Counter("." + uri.split("?")[0].rsplit(".", 1)[-1].lower() for tile in tiles for uri in tile.contents)
        facts: dict[str, Any] = {
            "version": str(json["asset"].get("version")),
            "tiles": len(tiles),
            "contents": sum(kinds.values()),
            "types": dict(sorted(kinds.items())),
            "extensions": json.get("extensionsUsed") or [],
            "extensions_required": json.get("extensionsRequired") or [],
            "schema": "schema" in json or "schemaUri" in json,
        }
        if isinstance(json.get("schema"), dict):
            facts["classes"] = sorted(map(str, json["schema"].get("classes") or {}))
        implicit = json["root"].get("implicitTiling")
        if isinstance(implicit, dict):
            levels = implicit.get("availableLevels", implicit.get("maximumLevel"))
            facts["implicit"] = f"{implicit.get('subdivisionScheme')}, {levels} levels"
        earthly = root.around is not None and on_earth(root.around)
        extent = bounds(root.around)
        if earthly and root.around is not None:
            degrees = to_degrees(root.around)
            facts["region"] = bounds(degrees)
        points = bool(kinds) and set(kinds) == {".pnts"}
        warnings = () if earthly else (mark("The tileset has local coordinates: it does not say where it stands."),)
        carrier = "points" if points else "surfaces"
        name = f"3D Tiles {facts['version']}"
        return SourceInfo(name, carrier, "EPSG:4978" if earthly else None, extent, len(tiles), facts, warnings)
