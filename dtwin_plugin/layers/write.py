"""Carriers to files that any GIS opens: GeoPackage and Cloud Optimized GeoTIFF, written beside and renamed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsFeatureSink,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDateTime, QMetaType, Qt

from dtwin_plugin.data import Features, Geometries, Surfaces
from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.data.columns import column
from dtwin_plugin.errors import Cancelled, InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.progress import Progress

_DRIVERS = {
    ".gpkg": "GPKG",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".shp": "ESRI Shapefile",
    ".csv": "CSV",
    ".fgb": "FlatGeobuf",
}
_NO_TABLES = (".shp", ".fgb")  # of the first only a .dbf would be written, and the second drops rows without a shape
_SHAPEFILE_NAME = 10  # bytes of the name of a column
_TYPES = {
    "i": QMetaType.Type.LongLong,
    "u": QMetaType.Type.LongLong,
    "f": QMetaType.Type.Double,
    "b": QMetaType.Type.Bool,
    "M": QMetaType.Type.QDateTime,
}
_OWN = "WKT:"  # how a reference system begins that has no code
_NO_CODE = 100_000  # where GDAL begins to number those in a GeoPackage
_WKB = {
    ("point", False): Qgis.WkbType.MultiPoint,
    ("point", True): Qgis.WkbType.MultiPointZ,
    ("line", False): Qgis.WkbType.MultiLineString,
    ("line", True): Qgis.WkbType.MultiLineStringZ,
    ("polygon", False): Qgis.WkbType.MultiPolygon,
    ("polygon", True): Qgis.WkbType.MultiPolygonZ,
}
_PARTS = {".shp": (".shx", ".dbf", ".prj", ".cpg")}  # one shapefile is several files
_FID = ("fid", "ogc_fid")  # GeoPackage makes its own; a column of that name would clash


def write_features(features: Features, path: Path, layer: str, progress: Progress) -> None:
    """Write features with their columns."""
    shapes = features.geometries
    columns = _distinct(features.columns)
    rows = ((shapes.wkb(index), [_value(c[index]) for c in columns.values()]) for index in range(len(features)))
    fields = fields_of(columns)
    _write(path, layer, fields, _WKB[shapes.kind, shapes.has_z], features.crs, rows, len(features), progress)


def write_surfaces(surfaces: Surfaces, path: Path, layer: str, progress: Progress) -> None:
    """Write surfaces as MultiPolygonZ, one row for each object, level of detail and semantics ("surface")."""
    grouped, owner, semantics = _grouped(surfaces)
    columns = _distinct(surfaces.columns, "surface")
    fields = fields_of({"surface": np.array([""], object), **columns})
    rows = (
        (grouped.wkb(index), [semantics[index], *(_value(c[owner[index]]) for c in columns.values())])
        for index in range(len(grouped))
    )
    _write(path, layer, fields, Qgis.WkbType.MultiPolygonZ, surfaces.crs, rows, len(grouped), progress)


def write_table(columns: dict[str, list[Any]], path: Path, layer: str, progress: Progress) -> None:
    """Write columns as a table without geometry."""
    arrays = {name: np.array(values) for name, values in columns.items()}
    # numbers of which some are missing stay numbers
    fields = fields_of({name: column(columns[name]) if a.dtype == object else a for name, a in arrays.items()})
    rows = ((None, list(row)) for row in zip(*columns.values()))
    count = len(next(iter(columns.values()), []))
    _write(path, layer, fields, Qgis.WkbType.NoGeometry, "", rows, count, progress)


def _grouped(surfaces: Surfaces) -> tuple[Geometries, NDArray[np.int64], list[str]]:
    """Join the surfaces of one object row and one semantics to a feature of several parts."""
    names, codes = np.unique(surfaces.semantics.astype(str), return_inverse=True)
    keys = surfaces.objects * max(len(names), 1) + codes
    order = np.argsort(keys, kind="stable")
    found, counts = np.unique(keys[order], return_counts=True)
    flat = surfaces.geometries.take(order)
    parts = np.concatenate([[0], np.cumsum(np.diff(flat.features))])
    ends = parts[np.concatenate([[0], np.cumsum(counts)])].astype(np.int64)
    merged = Geometries("polygon", flat.coordinates, flat.rings, flat.parts, ends)
    return merged, found // max(len(names), 1), [str(names[code]) for code in found % max(len(names), 1)]


def _distinct(columns: Mapping[str, NDArray[Any]], *taken: str) -> dict[str, NDArray[Any]]:
    """Return columns under names that differ in more than case, as GeoPackage wants; the last keeps its name."""
    used = {"geom", *taken, *(name.lower() for name in columns)}
    seen, renamed = {"geom", *taken}, {}
    for name in reversed(list(columns)):
        new, number = name, 2
        if name.lower() in seen:
            while new.lower() in used:
                new, number = f"{name}_{number}", number + 1
            used.add(new.lower())
        seen.add(new.lower())
        renamed[name] = new
    return {renamed[name]: values for name, values in columns.items() if name.lower() not in _FID}


def fields_of(columns: dict[str, NDArray[Any]]) -> QgsFields:
    """Return the fields of columns."""
    fields = QgsFields()
    for name, values in columns.items():
        fields.append(QgsField(name, _TYPES.get(values.dtype.kind, QMetaType.Type.QString)))
    return fields


def _value(value: Any) -> Any:
    """Return a cell as QGIS stores it: NaN, NaT and None are NULL, what Qt has no type for is text."""
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else _moment(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair is no character
    return None if value is None or value != value else value


def _moment(time: np.datetime64) -> QDateTime:
    """Return a moment in UTC."""
    return QDateTime.fromMSecsSinceEpoch(int(time.astype("datetime64[ms]").astype(np.int64)), Qt.TimeSpec.UTC)


def _write(
    path: Path,
    layer: str,
    fields: QgsFields,
    wkb_type: Qgis.WkbType,
    crs: str,
    rows: Iterable[Any],
    count: int,
    progress: Progress,
) -> None:
    check_suffix(path, table=wkb_type == Qgis.WkbType.NoGeometry)
    _tell_losses(path, fields, wkb_type, progress)
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = _DRIVERS[path.suffix.lower()], layer
    with written_beside(path, parts=_PARTS.get(path.suffix.lower(), ())) as temporary:
        reference = QgsCoordinateReferenceSystem(crs)
        writer = QgsVectorFileWriter.create(
            str(temporary), fields, wkb_type, reference, QgsCoordinateTransformContext(), options
        )
        try:
            _expect(writer.hasError(), writer.errorMessage(), path)
            for index, feature in enumerate(_features(rows, fields)):
                if index % 1000 == 0:
                    progress.report(index / max(count, 1))
                    if progress.is_cancelled():
                        raise Cancelled
                if not writer.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
                    _expect(writer.hasError(), writer.errorMessage(), path)
            writer.flushBuffer()
            _expect(writer.hasError(), writer.errorMessage(), path)
        finally:
            del writer  # closes the file before it is renamed, or removed
        if path.suffix.lower() == ".fgb":
            _tell_left_out(temporary, path.name, count, progress)
        if crs.startswith(_OWN) and path.suffix.lower() == ".gpkg":
            _keep_system(temporary, crs[len(_OWN) :])


def _keep_system(path: Path, wkt: str) -> None:
    """Store a reference system that has no code, where GDAL has not.

    GDAL 3.6 now and then stores "undefined" (0) for an engineering system: it depends on what the process did before.
    """
    name = wkt.split('"')[1]
    with closing(sqlite3.connect(path)) as package, package:
        if not package.execute("SELECT 1 FROM gpkg_geometry_columns WHERE srs_id = 0").fetchone():
            return
        package.execute(
            "INSERT INTO gpkg_spatial_ref_sys (srs_name, srs_id, organization, organization_coordsys_id, definition) "
            "VALUES (?, ?, 'NONE', ?, ?)",
            (
                name,
                _NO_CODE,
                _NO_CODE,
                f'LOCAL_CS["{name}",UNIT["metre",1],AXIS["Distance",EAST],AXIS["Height",NORTH]]',
            ),
        )
        for table in ("gpkg_geometry_columns", "gpkg_contents"):
            package.execute(f"UPDATE {table} SET srs_id = ? WHERE srs_id = 0", (_NO_CODE,))


def _features(rows: Iterable[Any], fields: QgsFields) -> Iterator[QgsFeature]:
    for blob, attributes in rows:
        feature = QgsFeature(fields)
        feature.setAttributes(attributes)
        if blob is not None:
            geometry = QgsGeometry()
            geometry.fromWkb(blob)
            feature.setGeometry(geometry)
        yield feature


def _tell_losses(path: Path, fields: QgsFields, wkb_type: Qgis.WkbType, progress: Progress) -> None:
    """Warn of what a format does not keep."""
    cut = [name for name in fields.names() if len(name.encode()) > _SHAPEFILE_NAME]
    if path.suffix.lower() == ".shp" and cut:
        progress.warn(
            "{file}: a shapefile cuts names of columns after {count} characters, here {names}. Choose .gpkg to keep "
            "them, for other algorithms look for them.",
            file=path.name,
            count=_SHAPEFILE_NAME,
            names=", ".join(cut),
        )
    elif path.suffix.lower() == ".csv" and wkb_type != Qgis.WkbType.NoGeometry:
        progress.warn(
            "{file} has the columns alone, for CSV keeps no shapes. Choose .gpkg to keep them.", file=path.name
        )


def _tell_left_out(written: Path, name: str, count: int, progress: Progress) -> None:
    """Warn of rows that FlatGeobuf left out: with its index it keeps none without a shape."""
    lost = count - QgsVectorLayer(str(written), name, "ogr").featureCount()
    if lost > 0:
        progress.warn(
            "{file} lacks {count} rows, for FlatGeobuf keeps none without a shape. Choose .gpkg to keep them.",
            file=name,
            count=lost,
        )


def suffixes(table: bool = False) -> list[str]:
    """Return the suffixes of the vector files, or of the tables without geometry, that can be written."""
    return [suffix for suffix in _DRIVERS if not table or suffix not in _NO_TABLES]


def check_suffix(path: Path, table: bool = False) -> None:
    """Raise InputError where a vector file, or a table without geometry, of this suffix cannot be written."""
    known = suffixes(table)
    if path.suffix.lower() not in known:
        raise InputError(
            "{file} cannot be written: the suffix is not one of {suffixes}.",
            hint="Choose .gpkg.",
            file=path.name,
            suffixes=", ".join(known),
        )


def _expect(error: QgsVectorFileWriter.WriterError, message: str, path: Path) -> None:
    if error != QgsVectorFileWriter.WriterError.NoError:
        raise InputError(
            "{file} cannot be written: {reason}.",
            hint="Check that the folder exists and that you may write there.",
            file=str(path),
            reason=message.rstrip("."),
        )
