"""Heights of an area from tiles that a download service has as Cloud Optimized GeoTIFFs: only the bytes of the area."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin import catalogue
from dtwin_plugin.data import Extent, Grid
from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import CrsError, DtwinError, InputError, SourceError
from dtwin_plugin.progress import Part, Progress, Silent

from .ahn_area import CELL, MAX_CELLS, MODELS, cells_of, known_model
from .apart import watched
from .atom import Tile, feed_links, index_tiles
from .base import SourceInfo
from .features_service.answers import refused
from .raster import RasterSource
from .raster_resample import Cells
from .retry import retrying
from .stop import stop_if_asked
from .transport import Transport

if TYPE_CHECKING:
    from numpy.typing import NDArray

_INDEX, _OF_INDEX = "ahn-tileindex-dtm", "dtm_05m"
_TIMEOUT = 300.0  # s for a whole tile of a server that gives no parts
_SHOWN = 6
_OFF = 0.01  # of a cell


class TerrainTilesSource:
    """Tiles of the AHN, or of anybody who has an index of tiles.

    Parameters
    ----------
    transport : Transport
        Carries the index; asked again with `retry.Retrying`, whose settings are kept if it is one. The tiles are read
        by GDAL, by byte range; where a server gives no ranges, whole tiles come through the transport.
    model : {"dtm_05m", "dsm_05m"}
        Ground, or ground with buildings and trees.
    url : str, optional
        Of the index (GeoJSON) or of a feed (ATOM); that of the catalogue ("ahn-tileindex-dtm") if absent.
    cell_size : float
        Of the cells to give [m], from whole multiples of it, so that grids of the same size lie on each other.
    """

    def __init__(
        self, transport: Transport, model: str = "dtm_05m", *, url: str | None = None, cell_size: float = CELL
    ) -> None:
        if not cell_size > 0:
            raise InputError("The cell size must be above 0 m; found {size}.", size=cell_size)
        self.model, self.cell_size = known_model(model), float(cell_size)
        self.url = url or catalogue.url_of(_INDEX).replace(_OF_INDEX, model)
        self._transport = transport

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts of the index.

        Raises
        ------
        UnavailableError, FormatError
            If the service does not answer, or not as it should.
        """
        tiles = self.tiles(progress)
        boxes = np.array([tile.extent.bounds for tile in tiles])
        extent = (*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())
        facts = {"tiles": len(tiles), "coverage": self.model, "unit": "m", "url": self.url}
        return SourceInfo("ATOM, Cloud Optimized GeoTIFF", "grid", RD, extent, len(tiles), facts)

    def tiles(self, progress: Progress | None = None) -> list[Tile]:
        """Return all tiles of the index; raises as `describe`."""
        response = retrying(self._transport, progress).get(self.url)
        if response.status != 200:
            raise refused(response, self.url)
        if response.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"<":
            return index_tiles(response.body, self.url)
        placed = [
            (link, link.extent())
            for link in feed_links(response.body, self.url)
            if link.href.endswith((".tif", ".tiff"))
        ]
        return [Tile(Path(link.href).stem, link.href, extent) for link, extent in placed if extent is not None]

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Grid]:
        """Yield one grid of the cells that touch an area [RD]; NaN where there is no data or a tile is missing.

        Raises
        ------
        InputError
            If there is no area, it is too large, or no tile covers it.
        UnavailableError, FormatError
            If the service does not answer, or no tile can be read.
        Cancelled
            If the user stops it.
        """
        cells, progress = cells_of(extent, self.cell_size), progress or Silent()
        area = _extent_of(cells)
        chosen = [tile for tile in self.tiles(progress) if _overlap(tile.extent, area) is not None]
        if not chosen:
            raise InputError(
                "No tile covers the area {area}.",
                hint="Choose an area on land.",
                area=extent.bounds if extent else None,
            )
        values = np.full((cells.rows, cells.columns), np.nan, np.float32)
        faults: dict[str, DtwinError] = {}
        for number, tile in enumerate(chosen):
            stop_if_asked(progress)
            try:
                self._add(tile, values, cells, Part(progress, number / len(chosen), (number + 1) / len(chosen)))
            except SourceError as error:
                faults[tile.name] = error
            progress.report((number + 1) / len(chosen), "tile {tile} of {count}", tile=number + 1, count=len(chosen))
        _tell(faults, chosen, cells, progress)
        yield Grid(values, cells.x_min, cells.y_max, cells.size, RD, "m", name=f"AHN {MODELS[self.model]}")

    def _add(self, tile: Tile, values: NDArray[np.float32], cells: Cells, progress: Progress) -> None:
        """Put the cells of a tile where they belong; what an earlier tile gave stays."""
        part = _overlap(tile.extent, _extent_of(cells))
        if part is None:
            return
        found = watched(lambda apart: self._read(tile, part, apart), progress)
        if found is None:
            return
        exact = (cells.y_max - found.y_max) / cells.size, (found.x_min - cells.x_min) / cells.size
        top, left = map(round, exact)
        if max(abs(exact[0] - top), abs(exact[1] - left)) > _OFF:
            progress.warn("The cells of {tile} lie between those of the others; they are moved there.", tile=tile.name)
        rows = slice(max(0, top), min(cells.rows, top + found.values.shape[0]))
        columns = slice(max(0, left), min(cells.columns, left + found.values.shape[1]))
        new = found.values[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        target = values[rows, columns]
        np.copyto(target, new, where=np.isnan(target))

    def _read(self, tile: Tile, part: Extent, progress: Progress) -> Grid | None:
        """Return the cells of a part of a tile, None where it has no data."""

        def source(path: str | Path) -> RasterSource:
            return RasterSource(path, cell_size=self.cell_size, max_cells=MAX_CELLS)

        try:
            return _grid(source(tile.url), part, progress)
        except SourceError as error:
            if "Range downloading not supported" not in error.text():
                raise
        response = retrying(self._transport, progress).get(tile.url, timeout=_TIMEOUT)
        if response.status != 200:
            raise refused(response, tile.url)
        progress.warn("{tile} is downloaded as a whole, because its server gives no parts of files.", tile=tile.name)
        with tempfile.TemporaryDirectory(prefix="dtwin-") as folder:
            path = Path(folder) / "tile.tif"
            path.write_bytes(response.body)
            return _grid(source(path), part, progress)


def _grid(source: RasterSource, part: Extent, progress: Progress) -> Grid | None:
    try:
        return next(source.read(part, progress))
    except CrsError:
        raise
    except InputError:  # no data in that part, or the tile is smaller than the index says
        return None


def _extent_of(cells: Cells) -> Extent:
    return Extent(
        cells.x_min, cells.y_max - cells.rows * cells.size, cells.x_min + cells.columns * cells.size, cells.y_max
    )


def _overlap(tile: Extent, area: Extent) -> Extent | None:
    """Return the rectangle that a tile and an area share; a shared edge alone is none."""
    shared = tile.intersection(area)
    return shared if shared is not None and shared.area > 0 else None


def _tell(faults: dict[str, DtwinError], chosen: Sequence[Tile], cells: Cells, progress: Progress) -> None:
    """Warn of gaps; raises the error of a tile if there is nothing but errors."""
    if len(faults) == len({tile.name for tile in chosen}):
        raise next(iter(faults.values()))
    if faults:
        progress.warn(
            "{count} of {total} tiles could not be read and leave a gap: {names}. {reason}",
            count=len(faults),
            total=len(chosen),
            names=", ".join(list(faults)[:_SHOWN]),
            reason=next(iter(faults.values())).text(),
        )
    share = _covered(chosen, cells)
    if share < 1 - 1e-6:
        progress.warn(
            "The tiles cover {share:.0f} % of the area; the rest has no heights.", share=np.floor(share * 100)
        )


def _covered(chosen: Sequence[Tile], cells: Cells) -> float:
    """Return which share of the area tiles cover, by a lattice of points."""
    area = _extent_of(cells)
    x, y = np.meshgrid(
        np.linspace(area.x_min, area.x_max, 201)[:-1] + area.width / 400,
        np.linspace(area.y_min, area.y_max, 201)[:-1] + area.height / 400,
    )
    inside = np.zeros(x.shape, bool)
    for tile in chosen:
        box = tile.extent
        inside |= (x >= box.x_min) & (x <= box.x_max) & (y >= box.y_min) & (y <= box.y_max)
    return float(inside.mean())
