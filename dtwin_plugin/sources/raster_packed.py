"""Rasters as they are delivered: packed in gz or zip, with their CRS in a file beside them, and with sizes that lie."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dtwin_plugin.errors import CrsError, FormatError, SourceError

from . import archive
from .crs_names import name_of
from .osgeo_scope import osgeo

if TYPE_CHECKING:
    from .raster_open import Layout

SUFFIXES = (".tif", ".tiff", ".asc", ".ascii", ".img", ".agr")
_GROWTH = 1032  # deflate makes nothing smaller by more (RFC 1951)
_TEXT = 2  # characters of a cell at least: a digit and what parts it from the next
_WIDEST = 10_000_000  # cells in a row; the Netherlands at 0.5 m have 0.6 million
_PRJ = 65_536  # bytes


def address_of(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the address by which GDAL reads a file, within gz and zip too, and what a user should know of it.

    Raises
    ------
    SourceError, FormatError
        If it cannot be read, is a broken archive, grows without measure, or holds no raster.
    """
    absolute = str(path.absolute())
    try:
        with path.open("rb") as stream:
            head = stream.read(4)
    except OSError as error:
        raise SourceError("{file} cannot be read: {reason}.", file=path.name, reason=error) from error
    if head[:2] == b"\x1f\x8b":
        return f"/vsigzip/{absolute}", ()
    if head != b"PK\x03\x04":
        return absolute, ()
    found = list(archive.members(path, lambda name: name.lower().endswith(SUFFIXES)))
    if not found:
        raise FormatError("{file} holds no raster.", hint="Export it as a GeoTIFF.", file=path.name)
    address = absolute
    for name in found[0].names:
        address = f"/vsizip/{{{address}}}/{name}"
    told = "{file} holds {count} rasters; {name} is read."
    several = told.format(file=path.name, count=len(found), name=found[0].name)
    return address, (several,) if len(found) > 1 else ()


def expect_bytes(layout: Layout, driver: str, path: Path, address: str) -> None:
    """Raise FormatError where a raster states more cells than its bytes can hold, or than any raster has."""
    size = path.stat().st_size * (1 if address == str(path.absolute()) else _GROWTH)
    cells = layout.rows * layout.columns
    if layout.columns > _WIDEST or driver == "AAIGrid" and cells * _TEXT > size + 1:
        raise FormatError(
            "{file} states {rows} x {columns} cells, more than its {size} bytes can hold.",
            hint="Download or export it again.",
            file=path.name,
            rows=layout.rows,
            columns=layout.columns,
            size=path.stat().st_size,
        )


def crs_beside(path: Path) -> str:
    """Return the CRS that a .prj file beside a raster states, "" if there is none that is known."""
    beside = path.with_suffix(".prj")
    try:
        if not beside.is_file() or beside.stat().st_size > _PRJ:
            return ""
        text = beside.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    with osgeo() as lib:
        reference = lib.osr.SpatialReference()
        try:
            lib.call(reference.ImportFromESRI, text.splitlines())
            reference.AutoIdentifyEPSG()
        except RuntimeError:  # not the WKT of Esri, or no EPSG number for it: what was read may still have a name
            pass
        try:
            return name_of(reference) or ""
        except CrsError:
            return ""
