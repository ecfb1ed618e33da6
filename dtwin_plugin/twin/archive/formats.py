"""File formats as archives name them: label, code of PRONOM where it is sure, and whether it is preferred."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class FileFormat:
    """A format: `code` is "" where PRONOM's is not sure; one that is not `preferred` is kept as it is, and said so."""

    label: str
    code: str = ""
    preferred: bool = True


_FORMATS = {
    ".gpkg": FileFormat("GeoPackage", "fmt/1700"),
    ".tif": FileFormat("GeoTIFF", "fmt/155"),
    ".tiff": FileFormat("GeoTIFF", "fmt/155"),
    ".csv": FileFormat("Comma Separated Values", "x-fmt/18"),
    ".json": FileFormat("JSON Data Interchange Format", "fmt/817"),
    ".xml": FileFormat("Extensible Markup Language", "fmt/101"),
    ".qml": FileFormat("Extensible Markup Language", "fmt/101"),
    ".qmd": FileFormat("Extensible Markup Language", "fmt/101"),
    ".txt": FileFormat("Plain Text File", "x-fmt/111"),
    ".png": FileFormat("Portable Network Graphics", "fmt/13"),
    ".html": FileFormat("Hypertext Markup Language", "fmt/471"),
    ".nc": FileFormat("netCDF (UGRID)", preferred=False),
    ".laz": FileFormat("LAZ (COPC)", preferred=False),
    ".pdf": FileFormat("Portable Document Format", preferred=False),
    ".shp": FileFormat("ESRI Shapefile", preferred=False),
    ".fgb": FileFormat("FlatGeobuf", preferred=False),
    ".geojson": FileFormat("GeoJSON", preferred=False),
}
CONVERTED = (".shp", ".fgb", ".geojson")  # a GeoPackage is laid beside these


def format_of(path: str | Path) -> FileFormat:
    """Return the format of a file by its suffix.

    >>> format_of("a.GPKG").code, format_of("a.nc").preferred, format_of("a.xyz").label
    ('fmt/1700', False, 'xyz')
    """
    suffix = Path(path).suffix.lower()
    return _FORMATS.get(suffix, FileFormat(suffix.removeprefix(".") or "?", preferred=False))
