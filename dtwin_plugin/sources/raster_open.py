"""Opening a raster safely, and where its cells lie."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from dtwin_plugin.data import Extent
from dtwin_plugin.data.crs import RD, in_rd_bounds, is_rd, normalise
from dtwin_plugin.errors import CrsError, FormatError, InputError, SourceError

from . import crs as policy
from .crs_names import name_of
from .osgeo_scope import osgeo
from .raster_packed import address_of, crs_beside, expect_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HUGE = 1e30  # |values| above this mean no data, whatever the file says: AHN's 3.4e38 and its neighbours
# What rasters of cells come in. Drivers that fetch other files or addresses which a file names (VRT, WMS, …) are out.
_DRIVERS = ("GTiff", "COG", "AAIGrid", "netCDF", "HFA", "GPKG", "PNG", "JPEG", "JP2OpenJPEG", "SAGA", "GSBG", "GS7BG")


@dataclass(frozen=True)
class Layout:
    """Where the cells of a raster lie.

    Attributes
    ----------
    transform : tuple of float
        GDAL's: x of the corner, x per column, x per row, y of the corner, y per column, y per row, in its own CRS.
    frame : str
        CRS in which its cells are wanted.
    """

    name: str
    rows: int
    columns: int
    transform: tuple[float, ...]
    crs: str
    dtype: str
    remote: bool = False
    warnings: tuple[str, ...] = ()
    frame: str = RD

    @property
    def at_home(self) -> bool:
        """Whether it is in the CRS in which its cells are wanted."""
        return is_rd(self.crs) if is_rd(self.frame) else self.crs == self.frame

    @property
    def is_plain(self) -> bool:
        """Whether the cells are square and north is up."""
        _, width, turn, _, slant, height = self.transform
        return not turn and not slant and width > 0 and abs(width + height) < 1e-6 * width

    @property
    def cell_size(self) -> float:
        """Side of a square cell of the same area, in the units of its CRS."""
        _, width, turn, _, slant, height = self.transform
        size = float(np.sqrt(abs(width * height - turn * slant)))
        return round(size, 9)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """The outer edges (x min, y min, x max, y max) in its CRS."""
        corners = [self.corner(column, row) for column in (0, self.columns) for row in (0, self.rows)]
        xs, ys = zip(*corners)
        return min(xs), min(ys), max(xs), max(ys)

    def corner(self, column: float, row: float) -> tuple[float, float]:
        """Return the north-west corner of a cell in the raster's CRS."""
        x, width, turn, y, slant, height = self.transform
        return x + column * width + row * turn, y + column * slant + row * height

    def extent(self) -> Extent:
        """Return the rectangle around the raster in the frame.

        Raises
        ------
        CrsError
            If it is in another CRS and the frame is not RD New, to which alone is transformed.
        """
        if self.at_home:
            return Extent(*self.bounds, self.frame)
        if not is_rd(self.frame):
            raise CrsError(
                "{file} is in {crs}; expected {frame}.",
                hint="Save it in the coordinate reference system of the other layers.",
                file=self.name,
                crs=self.crs,
                frame=self.frame,
            )
        return policy.extent_to_rd(self.bounds, self.crs)

    def frame_cell_size(self) -> float:
        """Return the side of a cell in the frame [m], rounded to centimetres where it was transformed."""
        if self.at_home:
            return self.cell_size
        area = self.extent().area / (self.rows * self.columns)
        return max(0.01, round(float(np.sqrt(area)), 2))


def opened(path: str | Path, band: int, *, placed: bool = True) -> tuple[Any, Layout]:
    """Open a raster and look where it lies, with an empty CRS if it states none; as `RasterSource.read` raises.

    One that is packed (gz, or in a zip) is read where it is. `placed=False` lets one through that is on no place on the
    map, in cells and with a warning, for its other facts.
    """
    remote = urlsplit(str(path)).scheme in ("http", "https")
    name = Path(urlsplit(str(path)).path if remote else path).name
    if not remote and not Path(path).is_file():
        raise SourceError("{file} does not exist.", hint="Check the path.", file=str(path))
    if str(path).startswith("/vsi"):
        raise SourceError("{file} is not a file or a web address.", file=str(path))
    address, warnings = (f"/vsicurl/{path}", ()) if remote else address_of(Path(path))
    with osgeo(remote) as lib:
        try:
            dataset = lib.call(
                lib.gdal.OpenEx, address, lib.gdal.OF_RASTER | lib.gdal.OF_READONLY, allowed_drivers=list(_DRIVERS)
            )
        except RuntimeError as error:
            raise _unreadable(name, remote, error) from error
        if dataset is None or not dataset.RasterCount:
            raise _unreadable(name, remote, "no raster in it")
        if not 1 <= band <= dataset.RasterCount:
            raise InputError(
                "{file} has {count} bands; band {band} was asked.", file=name, count=dataset.RasterCount, band=band
            )
        layout = _layout(lib, dataset, name, band, placed)
        layout = replace(layout, remote=remote, warnings=(*warnings, *layout.warnings))
    if not remote:
        expect_bytes(layout, dataset.GetDriver().ShortName, Path(path), address)
    if not layout.crs and not remote:
        layout = replace(layout, crs=crs_beside(Path(path)))
    return dataset, layout


def _layout(lib: Any, dataset: Any, name: str, band: int, placed: bool) -> Layout:
    """Return where a raster lies, with an empty CRS if it states none."""
    if dataset.GetGCPCount() and not dataset.GetGeoTransform(can_return_null=True):
        raise CrsError(
            "{file} is placed by {count} control points only.",
            hint="Georeference it first (in QGIS: Layer > Georeferencer).",
            file=name,
            count=dataset.GetGCPCount(),
        )
    transform = dataset.GetGeoTransform(can_return_null=True)
    warnings: tuple[str, ...] = ()
    if transform is None:
        error = CrsError(
            "{file} is a picture without a place on the map.",
            hint="Export it as a GeoTIFF, or put its world file beside it.",
            file=name,
        )
        if placed:
            raise error
        transform, warnings = (0.0, 1.0, 0.0, 0.0, 0.0, 1.0), (error.text(),)
    dtype = lib.gdal.GetDataTypeName(dataset.GetRasterBand(band).DataType).lower()
    if dtype.startswith("c"):
        raise FormatError("{file} holds complex numbers; expected real ones.", file=name)
    shape = dataset.RasterYSize, dataset.RasterXSize
    crs = name_of(dataset.GetSpatialRef()) or ""
    layout = Layout(name, *shape, tuple(transform), crs, dtype, warnings=warnings)
    if not layout.cell_size > 0:
        raise FormatError("{file} has cells of no size.", file=name)
    return layout


def with_crs(layout: Layout, assume_crs: str | None) -> Layout:
    """Return the layout with its CRS, or the one to assume: the one given, or RD where the numbers fit.

    Raises
    ------
    CrsError
        If it states none, none is given, and its numbers are not in RD.
    """
    if layout.crs:
        return layout
    assumed, warning = normalise(assume_crs), "{file} states no coordinate reference system; {crs} is assumed."
    if assumed is None and in_rd_bounds(*layout.bounds):
        assumed = RD
    if assumed is None:
        raise CrsError(
            "{file} states no coordinate reference system, and its extent {bounds} is not in RD New.",
            hint="Say which one it is in.",
            file=layout.name,
            bounds=layout.bounds,
        )
    told = warning.format(file=layout.name, crs=assumed)
    return replace(layout, crs=assumed, warnings=(*layout.warnings, told))


def read_cells(
    dataset: Any, layout: Layout, band: int, left: int, top: int, columns: int, rows: int
) -> NDArray[np.float32]:
    """Return the values of a window of cells; a file that ends too soon, or is damaged, is FormatError."""
    source = dataset.GetRasterBand(band)
    with osgeo(layout.remote) as lib:
        try:
            values = lib.call(source.ReadAsArray, left, top, columns, rows)
        except RuntimeError as error:
            raise _damaged(layout.name, error) from error
    if values is None:
        raise _damaged(layout.name, "its values cannot be read")
    return clean(values, source)


def clean(values: NDArray[Any], band: Any) -> NDArray[np.float32]:
    """Return values as float32, scaled as the band says, and NaN where there is no data."""
    nodata, scale, offset = band.GetNoDataValue(), band.GetScale(), band.GetOffset()
    missing = np.zeros(values.shape, bool)
    if nodata is not None and not np.isnan(nodata):
        missing |= values == np.array(nodata).astype(values.dtype) if values.dtype.kind == "f" else values == nodata
    result = values.astype(np.float64) if scale not in (None, 1.0) or offset not in (None, 0.0) else values
    with np.errstate(over="ignore", invalid="ignore"):
        if result is not values:
            result = result * (1.0 if scale is None else scale) + (offset or 0.0)
        missing |= ~(np.abs(result) <= _HUGE)  # NaN too
        result = result.astype(np.float32)
    result[missing] = np.nan
    return np.asarray(result, np.float32)


def _damaged(name: str, reason: object) -> FormatError:
    return FormatError(
        "{file} is damaged or ends too soon: {reason}.",
        hint="Download or export it again.",
        file=name,
        reason=str(reason).split("\n")[0].rstrip("."),
    )


def _unreadable(name: str, remote: bool, reason: object) -> FormatError:
    return FormatError(
        "{file} is not a raster that is read here: {reason}.",
        hint="Check the address and the network." if remote else "Export it as a GeoTIFF.",
        file=name,
        reason=str(reason).split("\n")[0].rstrip("."),
    )
