"""Which source reads what: a table, and the choice by name and first bytes."""

from __future__ import annotations

import gzip
import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Callable

from dtwin_plugin.errors import FormatError, SourceError

from .base import Source
from .heads import is_bro, is_geojson, is_klic, is_plan, is_register, is_tiles, refuse_part, refuse_values, root_in
from .heads_logs import looks_like_dino, looks_like_gef, looks_like_table
from .heads_voxels import is_geotop, is_regis, looks_like_geotop
from .lfs import refuse_pointer
from .live.heads import is_series
from .xyz import looks_like_points

_BROKEN_ZIP = (ValueError, RuntimeError, struct.error)  # what zipfile says of a broken or locked one, among others
_HEAD = 4096  # bytes that a choice by content looks at
_NOT_IN_GZIP = ("bro", "dino", "gef", "klic", "log_tables", "plans")
_NOT_IN_ZIP = ("log_tables", "vector")
_DEEPEST = 2  # zips within a zip that are looked into


@dataclass(frozen=True)
class Entry:
    """A kind of source: the class that reads it, its suffixes, and what its first bytes look like.

    `inside` looks further into a file that its first bytes do not tell apart, and goes before both.
    """

    target: str
    title: str
    suffixes: tuple[str, ...]
    signature: Callable[[bytes], bool]
    inside: Callable[[Path], bool] | None = None

    def load(self) -> Callable[..., Source]:
        """Return the class, importing its module on first use."""
        module, name = self.target.split(":")
        return getattr(import_module(module), name)


def _is_cityjson(head: bytes) -> bool:
    return b'"CityJSON' in head or (head.lstrip()[:1] == b"{" and b'"CityObjects"' in head)


def _is_bro_geopackage(path: Path) -> bool:
    from .bro.geopackage import is_bro as has_tests

    return has_tests(path)


def _is_copc(head: bytes) -> bool:
    """Tell by the user id and number of the record that a COPC file begins with."""
    return head[:4] == b"LASF" and head[377:382] == b"copc\0" and head[393:395] == b"\x01\0"


_ENTRIES = {
    "bro": Entry(
        "dtwin_plugin.sources.bro:BroSource",
        "BRO documents of the subsurface (XML)",
        (),
        is_bro,
    ),
    "bro_geopackage": Entry(
        "dtwin_plugin.sources.bro:BroGeoPackageSource",
        "BRO cone penetration tests as GeoPackage",
        (),
        lambda head: False,
        _is_bro_geopackage,
    ),
    "citygml": Entry(
        "dtwin_plugin.sources.citygml:CityGmlSource",
        "CityGML",
        (".citygml",),
        lambda head: root_in(head) == b"CityModel" and b"geostandaarden.nl/imgeo" not in head,
    ),
    "cityjson": Entry(
        "dtwin_plugin.sources.cityjson:CityJsonSource",
        "CityJSON and CityJSONSeq",
        (".json", ".jsonl", ".city.json", ".city.jsonl", ".cityjson", ".cityjsonl"),
        _is_cityjson,
    ),
    "copc": Entry(
        "dtwin_plugin.sources.copc:CopcSource",
        "Cloud optimised point clouds (COPC)",
        (".copc.laz",),
        _is_copc,
    ),
    "dino": Entry(
        "dtwin_plugin.sources.dino:DinoSource",
        "Text files of DINO and the BRO",
        (),
        looks_like_dino,
    ),
    "ept": Entry(
        "dtwin_plugin.sources.ept:EptSource",
        "Entwine point tiles (EPT)",
        ("ept.json",),
        lambda head: b'"hierarchyType"' in head and b'"dataType"' in head,
    ),
    "gef": Entry(
        "dtwin_plugin.sources.gef:GefSource",
        "GEF cone penetration tests and boreholes",
        (".gef",),
        looks_like_gef,
    ),
    "geotop": Entry(
        "dtwin_plugin.sources.geotop:GeotopSource",
        "GeoTOP voxels",
        (),
        looks_like_geotop,
        is_geotop,
    ),
    "ifc": Entry(
        "dtwin_plugin.sources.ifc:IfcSource",
        "IFC building information models",
        (".ifc", ".ifczip", ".ifcxml"),
        lambda head: head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"ISO-10303-21") or b"<ifcXML" in head,
    ),
    "klic": Entry(
        "dtwin_plugin.sources.klic:KlicSource",
        "KLIC deliveries (IMKL)",
        (),
        is_klic,
    ),
    "las": Entry(
        "dtwin_plugin.sources.las:LasSource",
        "LAS and LAZ point clouds",
        (".las", ".laz"),
        lambda head: head[:4] == b"LASF" and not _is_copc(head),
    ),
    "log_tables": Entry(
        "dtwin_plugin.sources.log_tables:LogTableSource",
        "Tables of boreholes and cone penetration tests (CSV, Parquet)",
        (".parquet",),
        looks_like_table,
    ),
    "mesh": Entry(
        "dtwin_plugin.sources.mesh:MeshSource",
        "OBJ, PLY and STL design models",
        (".obj", ".ply", ".stl"),
        lambda head: head[:4] in (b"ply\n", b"ply\r", b"ply ") or (head[:5] == b"solid" and b"facet" in head),
    ),
    "plans": Entry(
        "dtwin_plugin.sources.plans:PlanSource",
        "Zoning plans (IMRO) and norms of environment plans (STOP) as GML",
        (),
        is_plan,
    ),
    "quantized_mesh": Entry(
        "dtwin_plugin.sources.quantized_mesh:QuantizedMeshSource",
        "Quantized mesh terrain",
        (".terrain",),
        lambda head: b'"quantized-mesh' in head,
    ),
    "raster": Entry(
        "dtwin_plugin.sources.raster:RasterSource",
        "GeoTIFF, COG and other rasters",
        (".tif", ".tiff", ".asc", ".nc", ".img"),
        lambda head: head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+") or head[:5].lower() == b"ncols",
    ),
    "regis": Entry(
        "dtwin_plugin.sources.geotop:RegisSource",
        "REGIS II and DGM layers",
        (),
        lambda head: False,
        is_regis,
    ),
    "registers": Entry(
        "dtwin_plugin.sources.registers:RegisterSource",
        "BGT, BAG, BRK and TOP10NL as GML or XML",
        (".gml",),
        is_register,
    ),
    "series": Entry(
        "dtwin_plugin.sources.live.source:SeriesSource",
        "Time series of sensors and traffic (SensorThings, NGSI-LD, DATEX II, CSV)",
        (".mon",),
        is_series,
    ),
    "tiles3d": Entry(
        "dtwin_plugin.sources.tiles3d:Tiles3dSource",
        "3D Tiles and glTF",
        (".b3dm", ".i3dm", ".pnts", ".cmpt", ".glb", ".gltf", ".subtree"),
        is_tiles,
    ),
    "vector": Entry(
        "dtwin_plugin.sources.vector:VectorSource",
        "GeoPackage, GeoJSON and Shapefile",
        (".gpkg", ".geojson", ".shp", ".sqlite", ".fgb"),
        is_geojson,
    ),
    "xyz": Entry(
        "dtwin_plugin.sources.xyz:XyzSource",
        "Text files of points",
        (".xyz",),
        looks_like_points,
    ),
}
assert list(_ENTRIES) == sorted(_ENTRIES), "keep the table sorted"

SOURCES: Mapping[str, Entry] = MappingProxyType(_ENTRIES)


def find(path: str | Path) -> Entry:
    """Return the kind of source that reads a file.

    Raises
    ------
    SourceError
        If the file is absent or unreadable.
    FormatError
        If it is empty, or no source reads it.
    """
    path = Path(path)
    head, inner = _first_bytes(path)
    by_content = [entry for entry in SOURCES.values() if entry.inside is not None and entry.inside(path)]
    by_content += [entry for entry in SOURCES.values() if entry.signature(head)]
    by_name = [entry for entry in SOURCES.values() if inner.lower().endswith(entry.suffixes)]
    chosen = by_content or by_name
    refuse_pointer(head, path.name)
    refuse_part(path)
    refuse_values(head, path.name)
    if not head.strip():
        raise FormatError("{file} is empty.", hint="Download or export it again.", file=path.name)
    if not chosen:
        raise FormatError(
            "{file} is in a format that is not read here; read are {formats}.",
            hint="Export it in one of these formats.",
            file=path.name,
            formats=", ".join(entry.title for entry in SOURCES.values()),
        )
    _refuse_packed(path, chosen[0])
    return chosen[0]


def _refuse_packed(path: Path, entry: Entry) -> None:
    """Refuse what its source would read as something else, as it stands in a gz or a zip."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if start[:2] == b"\x1f\x8b" and any(entry is SOURCES[name] for name in _NOT_IN_GZIP):
        raise FormatError("{file} is compressed with gzip.", hint="Unpack it first.", file=path.name)
    if start == b"PK\x03\x04" and any(entry is SOURCES[name] for name in _NOT_IN_ZIP):
        raise FormatError(
            "{file} is a zip with {format}, which are not read from a zip.",
            hint="Unpack it first.",
            file=path.name,
            format=entry.title,
        )


def open_source(path: str | Path, **options: Any) -> Source:
    """Return the source that reads a file, with its options.

    Raises
    ------
    SourceError, FormatError
        As `find`.
    """
    return find(path).load()(path, **options)


def _first_bytes(path: Path) -> tuple[bytes, str]:
    """Return the first bytes of a file and its name; of a gz or a zip, those of its content."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
        if head[:2] == b"\x1f\x8b":
            with gzip.open(path) as stream:
                return stream.read(_HEAD), path.name[: -len(path.suffix)]
        if head[:4] == b"PK\x03\x04":
            with path.open("rb") as stream:
                return _first_bytes_zip(stream) or (b"PK", path.name)
    except FileNotFoundError:
        raise SourceError("{file} does not exist.", hint="Check the path.", file=str(path)) from None
    except IsADirectoryError:
        raise SourceError("{file} is a folder; expected a file.", file=str(path)) from None
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, *_BROKEN_ZIP) as error:
        raise SourceError("{file} cannot be read: {reason}.", file=path.name, reason=error) from error
    return head, path.name


def _first_bytes_zip(raw: IO[bytes], depth: int = 0) -> tuple[bytes, str] | None:
    """Return the first bytes and the name of the first member that some source reads; of zips in it those within."""
    with zipfile.ZipFile(raw) as archive:
        for name in archive.namelist():
            if name.endswith("/") or name.startswith("__MACOSX/"):
                continue
            with archive.open(name) as stream:
                head = stream.read(_HEAD)
            if any(e.signature(head) or name.lower().endswith(e.suffixes) for e in SOURCES.values()):
                return head, name
            if head[:4] == b"PK\x03\x04" and depth < _DEEPEST:
                with archive.open(name) as inner:
                    found = _first_bytes_zip(inner, depth + 1)
                if found is not None:
                    return found
    return None
