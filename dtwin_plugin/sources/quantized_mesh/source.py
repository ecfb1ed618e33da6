"""A terrain of quantized mesh tiles, by area, as heights in m NAP."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dtwin_plugin.data import Extent, Grid
from dtwin_plugin.errors import FormatError, InputError, SourceError, UnavailableError
from dtwin_plugin.progress import Progress, Silent

from .. import crs
from ..base import SourceInfo
from ..gltf.container import parse_json
from ..raster_resample import target_cells
from ..stop import stop_if_asked
from ..tiles3d.fetch import Fetcher
from ..transport import Transport
from .cells import burn
from .tile import read_tile

_MAX_TILES, _MAX_CELLS, _DEEPEST = 2000, 100_000_000, 24
_NAMED = 5  # missing tiles that a warning names


class QuantizedMeshSource:
    """A layer.json with its tiles; heights above the ellipsoid become m NAP (WGS 84 is taken as ETRS89).

    Parameters
    ----------
    path_or_url : path or str
        A layer.json, or the address of its folder.
    transport : Transport, optional
        Carries the requests for an address.
    cell_size : float
        Of the grid [m].
    level : int, optional
        Level of the tiles; the finest that is there if absent.
    """

    def __init__(
        self,
        path_or_url: str | Path,
        *,
        transport: Transport | None = None,
        cell_size: float = 1.0,
        level: int | None = None,
    ) -> None:
        root = str(path_or_url)
        if not root.split("?")[0].endswith((".json", ".terrain")):
            root = root.rstrip("/") + "/layer.json"
        self._root, self._fetcher = root, Fetcher(root, transport)
        self._cell_size, self._level = cell_size, level

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts of the layer; raises SourceError, FormatError."""
        if self._root.endswith(".terrain"):
            tile = read_tile(self._fetcher.get(self._root, progress), (0.0, 0.0, 1.0, 1.0), Path(self._root).name)
            heights = tile.places[:, 2]
            facts = {"vertices": len(heights), "heights": (float(heights.min()), float(heights.max()))}
            warning = ("A tile on its own does not say where it lies; open its layer.json.",)
            return SourceInfo("quantized mesh tile", "grid", None, None, len(tile.triangles), facts, warning)
        layer = self._layer(progress)
        bounds = layer.get("bounds")
        extent = tuple(float(edge) for edge in bounds or ()) if _is_box(bounds) else None
        levels = len(layer.get("available") or ()) - 1
        facts = {
            "format": layer.get("format"),
            "levels": layer.get("maxzoom", levels),
            "scheme": layer.get("scheme", "tms"),
            "projection": layer.get("projection", "EPSG:4326"),
            "extensions": layer.get("extensions", []),
            "attribution": layer.get("attribution", ""),
        }
        return SourceInfo("quantized mesh 1.0", "grid", "EPSG:4979", extent, 0, facts)

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Grid]:
        """Yield one grid of an area [RD], none without an area; cells without a triangle have no data.

        Raises
        ------
        InputError
            If the area has too many cells or tiles.
        SourceError, FormatError
            If the layer cannot be read, or has no tile there.
        CrsError
            If the correction grids are missing.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        if self._root.endswith(".terrain"):
            return
        if extent is None:
            progress.warn("A terrain of tiles is read by area; without one nothing is read.")
            return
        cells = target_cells(extent, self._cell_size)
        if cells.rows * cells.columns > _MAX_CELLS:
            raise InputError("The area has too many cells.", hint="Choose a larger cell size or a smaller area.")
        layer = self._layer(progress)
        values = np.full((cells.rows, cells.columns), np.nan, np.float32)
        tiles, missing = self._tiles(layer, crs.extent_from_rd(extent, "EPSG:4979")), []
        for number, (level, column, row, bounds) in enumerate(tiles):
            stop_if_asked(progress)
            progress.report(number / len(tiles), "tile {tile} of {count}", tile=number + 1, count=len(tiles))
            name = f"{level}/{column}/{row}"
            try:
                tile = read_tile(self._fetcher.get(self._address(layer, level, column, row), progress), bounds, name)
            except (UnavailableError, SourceError) as error:
                if isinstance(error, FormatError):
                    raise
                missing.append(name)
                continue
            burn(values, cells, crs.to_rd(tile.places, "EPSG:4979"), tile.triangles)
        if len(missing) == len(tiles):
            raise UnavailableError("The terrain has no tile for this area.", hint="Choose another area.")
        if missing:
            progress.warn(
                "{count} of {all} tiles are missing, so that the terrain has gaps: {tiles}.",
                count=len(missing), all=len(tiles), tiles=", ".join(missing[:_NAMED]),
            )  # fmt: skip
        yield Grid(values, cells.x_min, cells.y_max, cells.size, unit="m", name="terrain")

    def _layer(self, progress: Progress | None) -> dict[str, Any]:
        layer = parse_json(self._fetcher.get(self._root, progress), "layer.json")
        if not str(layer.get("format", "")).startswith("quantized-mesh"):
            raise FormatError("The file layer.json is in the format {found}; expected quantized-mesh-1.0.",
                              found=repr(layer.get("format")))  # fmt: skip
        if layer.get("projection", "EPSG:4326") != "EPSG:4326":
            raise FormatError("The terrain is in {found}; tiles in EPSG:4326 are read.", found=layer["projection"])
        return layer

    def _tiles(
        self, layer: dict[str, Any], box: tuple[float, ...]
    ) -> list[tuple[int, int, int, tuple[float, float, float, float]]]:
        """Return level, column, row and bounds [degree] of the tiles that touch a box."""
        available = layer.get("available")
        finest = len(available) - 1 if isinstance(available, list) and available else int(layer.get("maxzoom", 0))
        level = min(finest if self._level is None else self._level, finest)
        if not 0 <= level <= _DEEPEST:
            raise FormatError(
                "The file layer.json states {count} levels; expected at most {limit}.", count=level, limit=_DEEPEST
            )
        size = 180.0 / 2**level
        west, south, east, north = box
        columns = range(math.floor((west + 180) / size), math.floor((east + 180) / size) + 1)
        rows = range(math.floor((south + 90) / size), math.floor((north + 90) / size) + 1)
        if len(columns) * len(rows) > _MAX_TILES:
            raise InputError(
                "The area has {count} tiles; at most {limit} are read.",
                hint="Choose a smaller area.",
                count=len(columns) * len(rows),
                limit=_MAX_TILES,
            )
        return [
            (level, x, y, (x * size - 180, y * size - 90, (x + 1) * size - 180, (y + 1) * size - 90))
            for x in columns
            for y in rows
        ]

    def _address(self, layer: dict[str, Any], level: int, column: int, row: int) -> str:
        templates = layer.get("tiles") or ["{z}/{x}/{y}.terrain"]
        y = 2**level - 1 - row if layer.get("scheme") == "slippyMap" else row
        found = str(templates[0]).replace("{z}", str(level)).replace("{x}", str(column)).replace("{y}", str(y))
        return self._fetcher.join(self._root, found.replace("{version}", str(layer.get("version", ""))))


def _is_box(bounds: Any) -> bool:
    return isinstance(bounds, list) and len(bounds) == 4 and all(isinstance(edge, (int, float)) for edge in bounds)
