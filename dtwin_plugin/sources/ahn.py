"""The national height model AHN (terrain and surface, 0.5 m), by area from its coverage service (WCS 2.0.1)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin import catalogue
from dtwin_plugin.data import Extent, Grid
from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import FormatError, InputError, UnavailableError
from dtwin_plugin.progress import Progress, Silent

from .ahn_area import CELL, MODELS, cells_of, known_model
from .base import SourceInfo
from .osgeo_scope import osgeo
from .raster_open import clean
from .raster_resample import Cells
from .retry import retrying
from .transport import Transport, full_url

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TILE_CELLS = 2000  # a side; the service answers well up to about this
_TIMEOUT = 120.0  # s


class AhnSource:
    """The AHN terrain (`dtm_05m`: ground level, no buildings) or surface (`dsm_05m`) in m NAP.

    Parameters
    ----------
    transport : Transport
        Carries the requests; asked again with `retry.Retrying`, whose settings are kept if it is one.
    coverage : {"dtm_05m", "dsm_05m"}
    url : str, optional
        Of the service; that of the catalogue ("ahn-wcs") if absent.
    cell_size : float
        A multiple of 0.5 m; coarser cells are the mean of the finer ones that have data.
    """

    def __init__(
        self, transport: Transport, coverage: str = "dtm_05m", *, url: str | None = None, cell_size: float = CELL
    ) -> None:
        if cell_size < CELL or abs(cell_size / CELL - round(cell_size / CELL)) > 1e-9:
            raise InputError("The cell size must be a multiple of 0.5 m; found {size}.", size=cell_size)
        self.coverage, self.cell_size = known_model(coverage), float(cell_size)
        self.url = url or catalogue.url_of("ahn-wcs")
        self._transport = transport

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts that the service has for every area; asks nothing."""
        facts = {"cell_size": CELL, "coverage": self.coverage, "unit": "m", "url": self.url}
        return SourceInfo("WCS 2.0.1, GeoTIFF", "grid", RD, None, 0, facts)

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Grid]:
        """Yield one grid of the cells that touch an area [RD]; NaN where AHN has no data (water, under buildings).

        Raises
        ------
        InputError
            If there is no area, it is too large, or AHN does not cover it.
        UnavailableError, FormatError
            If the service does not answer, or not as it should.
        Cancelled
            If the user stops it.
        """
        cells, progress = cells_of(extent, self.cell_size), progress or Silent()
        transport = retrying(self._transport, progress)
        values = np.full((cells.rows, cells.columns), np.nan, np.float32)
        tiles, covered = list(_tiles(cells)), False
        for number, tile in enumerate(tiles):
            found = self._tile(transport, tile)
            if found is not None:
                covered = True
                values[tile.rows, tile.columns] = _coarser(found, round(self.cell_size / CELL))
            progress.report((number + 1) / len(tiles), "tile {tile} of {count}", tile=number + 1, count=len(tiles))
        if not covered:
            raise InputError(
                "The area {area} lies outside AHN, which covers the land of the Netherlands.",
                hint="Choose an area on land.",
                area=extent.bounds if extent else None,
            )
        name = MODELS[self.coverage]
        yield Grid(values, cells.x_min, cells.y_max, cells.size, RD, "m", name=f"AHN {name}")

    def _tile(self, transport: Transport, tile: Tile) -> NDArray[np.float32] | None:
        """Return the cells of 0.5 m of a tile, None where the service says that it has none (HTTP 400)."""
        query = {
            "SERVICE": "WCS",
            "VERSION": "2.0.1",
            "REQUEST": "GetCoverage",
            "COVERAGEID": self.coverage,
            "FORMAT": "image/tiff",
        }
        box = tile.box
        subset = f"SUBSET=x({box.x_min:.3f},{box.x_max:.3f})&SUBSET=y({box.y_min:.3f},{box.y_max:.3f})"
        response = transport.get(f"{full_url(self.url, query)}&{subset}", timeout=_TIMEOUT)
        is_tiff = response.body[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
        if response.status == 400 and not is_tiff:
            return None
        if response.status != 200 or not is_tiff:
            raise UnavailableError(
                "The AHN service refused the request (HTTP {status}): {reason}",
                hint="Try again later, or check its address in the catalogue.",
                status=response.status,
                reason=_exception_text(response.body),
            )
        return _placed(response.body, box)


@dataclass(frozen=True)
class Tile:
    """A part of the cells that is asked in one request: its box, and where it goes."""

    box: Extent
    rows: slice
    columns: slice


def _tiles(cells: Cells) -> Iterator[Tile]:
    step = max(1, int(_TILE_CELLS * CELL / cells.size))
    for top in range(0, cells.rows, step):
        for left in range(0, cells.columns, step):
            bottom, right = min(top + step, cells.rows), min(left + step, cells.columns)
            box = Extent(
                cells.x_min + left * cells.size,
                cells.y_max - bottom * cells.size,
                cells.x_min + right * cells.size,
                cells.y_max - top * cells.size,
            )
            yield Tile(box, slice(top, bottom), slice(left, right))


def _placed(body: bytes, box: Extent) -> NDArray[np.float32]:
    """Return the cells of a box from a GeoTIFF, which may be a cell larger or smaller than asked."""
    rows, columns = round(box.height / CELL), round(box.width / CELL)
    values = np.full((rows, columns), np.nan, np.float32)
    found, x_min, y_max = _decoded(body, rows, columns)
    left, top = (x_min - box.x_min) / CELL, (box.y_max - y_max) / CELL
    if max(abs(left - round(left)), abs(top - round(top))) > 0.01:
        raise FormatError("The cells that AHN sent do not lie on whole multiples of 0.5 m.")
    left, top = round(left), round(top)
    high, wide = found.shape
    first_row, last_row, first, last = max(0, top), min(rows, top + high), max(0, left), min(columns, left + wide)
    if first_row < last_row and first < last:
        values[first_row:last_row, first:last] = found[first_row - top : last_row - top, first - left : last - left]
    return values


def _decoded(body: bytes, rows: int, columns: int) -> tuple[NDArray[np.float32], float, float]:
    """Return the values and the north-west corner of a GeoTIFF, refusing one that is much larger than asked."""
    path = f"/vsimem/{uuid.uuid4().hex}.tif"
    with osgeo() as lib:
        lib.gdal.FileFromMemBuffer(path, body)
        try:
            dataset = lib.call(lib.gdal.OpenEx, path, lib.gdal.OF_RASTER, allowed_drivers=["GTiff"])
            size = dataset.RasterYSize, dataset.RasterXSize
            x_min, width, turn, y_max, slant, height = dataset.GetGeoTransform()
            if size[0] > rows + 4 or size[1] > columns + 4 or turn or slant or not _is_cell(width, -height):
                raise FormatError(
                    "AHN sent {found} cells of {width} m where {expected} cells of 0.5 m were asked.",
                    hint="Check the address of the service in the catalogue.",
                    found=size,
                    width=width,
                    expected=(rows, columns),
                )
            band = dataset.GetRasterBand(1)
            values = clean(lib.call(band.ReadAsArray), band)
            del band, dataset  # before the memory goes
        except RuntimeError as error:
            raise FormatError(
                "The raster that AHN sent is damaged: {reason}.", hint="Try again later.", reason=str(error).rstrip(".")
            ) from error
        finally:
            lib.gdal.Unlink(path)
    return values, x_min, y_max


def _is_cell(*sides: float) -> bool:
    return all(abs(side - CELL) < 1e-6 for side in sides)  # m; a service that divides a box by its cells rounds


def _coarser(values: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """Return the mean of step x step cells that have data."""
    if step == 1:
        return values
    rows, columns = values.shape
    blocks = values.reshape(rows // step, step, columns // step, step)
    known = np.isfinite(blocks)
    total, count = np.where(known, blocks, 0).sum(axis=(1, 3), dtype=np.float64), known.sum(axis=(1, 3))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)


def _exception_text(body: bytes) -> str:
    """Return what an OGC exception says, in one line, without parsing XML that may be hostile."""
    text = body[:4000].decode("utf-8", "replace")
    match = re.search(r"<(?:\w+:)?(?:ExceptionText|ServiceException)\b[^>]*>([^<]{1,300})", text)
    return " ".join((match.group(1) if match else text[:200]).split()) or "no reason given."
