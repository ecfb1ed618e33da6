"""Voxels to a layer of cells, and back: a GeoPackage with a polygon a cell, its bottom and top as columns.

QGIS writes some 7,000 features a second. So it makes the empty table, with its reference system and its metadata, and
the rows go in by SQLite itself as the GeoPackage standard has them (OGC 12-128r18, 2.1.3), six times as fast.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeatureRequest,
    QgsProcessingFeatureSource,
    QgsProviderRegistry,
    QgsRectangle,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from dtwin_plugin.data import Extent, Features, Geometries, Voxels
from dtwin_plugin.data import columns as table
from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.data.crs import is_rd
from dtwin_plugin.data.voxel_cells import cells_of, described, description_in, voxels_from
from dtwin_plugin.errors import Cancelled, CrsError, InputError
from dtwin_plugin.translate import tr

from .read import all_rows_of, crs_name, plain
from .styles_subsurface import add_probability
from .write import fields_of, write_features

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data.columns import Columns
    from dtwin_plugin.progress import Progress

_ROWS = 20_000  # written between looks at whether the user wants to stop: 0.2 s
_STANDARD = "urn:dtwin:voxels:1"  # what our metadata in a GeoPackage is known by
# As OGC 12-128r18 has them: tables 4 (2.3.2), 42 and 43 (F.8).
_METADATA = (
    "CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, "
    "definition TEXT NOT NULL, scope TEXT NOT NULL, "
    "CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))",
    "CREATE TABLE IF NOT EXISTS gpkg_metadata (id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, "
    "md_scope TEXT NOT NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL, "
    "mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '')",
    "CREATE TABLE IF NOT EXISTS gpkg_metadata_reference (reference_scope TEXT NOT NULL, table_name TEXT, "
    "column_name TEXT, row_id_value INTEGER, timestamp DATETIME NOT NULL DEFAULT "
    "(strftime('%Y-%m-%dT%H:%M:%fZ','now')), md_file_id INTEGER NOT NULL, md_parent_id INTEGER, "
    "CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id), "
    "CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id))",
    *(
        f"INSERT INTO gpkg_extensions SELECT '{table}', NULL, 'gpkg_metadata', "
        "'http://www.geopackage.org/spec120/#extension_metadata', 'read-write' WHERE NOT EXISTS (SELECT 1 FROM "
        f"gpkg_extensions WHERE table_name = '{table}' AND extension_name = 'gpkg_metadata')"
        for table in ("gpkg_metadata", "gpkg_metadata_reference")
    ),
)
_HEADER = b"GP\0\3"  # version 1; little-endian, with a box of x and y


def write_voxels(voxels: Voxels, path: Path, layer: str, progress: Progress) -> None:
    """Write a row for each cell of which something is known.

    Columns are class, class_name, probability (of that class), p_0 and so on (of each class), what else is known by its
    name, z_min and z_max [m NAP]; the block around them is the description of the table.

    Raises
    ------
    InputError
        If the file cannot be written.
    Cancelled
        If the user stops it.
    """
    places, columns = cells_of(voxels)
    columns["class_name"] = np.array([tr(name) if name else None for name in columns["class_name"]], object)
    if path.suffix.lower() != ".gpkg":
        shapes = Features(_squares(voxels, places), columns, crs=voxels.crs)
        write_features(shapes, path, layer, progress)
        return
    with written_beside(path) as temporary:
        _empty(temporary, layer, columns, voxels)
        _fill(temporary, layer, voxels, places, columns, progress)
        found = QgsVectorLayer(f"{temporary}|layername={layer}", layer, "ogr")
        found.dataProvider().createSpatialIndex()
        del found  # closes the file before it is renamed


def _corners(voxels: Voxels, places: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return x min, y min, x max, y max of cells."""
    origin, size = np.array([voxels.x_min, voxels.y_min]), np.array(voxels.cell_size[:2])
    return np.hstack([origin + places[:, :2] * size, origin + (places[:, :2] + 1) * size])


def _squares(voxels: Voxels, places: NDArray[np.int64]) -> Geometries:
    box = _corners(voxels, places)
    rings = box[:, [0, 1, 2, 1, 2, 3, 0, 3, 0, 1]].reshape(-1, 2)
    steps = np.arange(len(places) + 1, dtype=np.int64)
    return Geometries("polygon", rings, steps * 5, steps, steps)


def _empty(path: Path, layer: str, columns: Columns, voxels: Voxels) -> None:
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", layer
    options.layerOptions = ["SPATIAL_INDEX=NO"]
    writer = QgsVectorFileWriter.create(
        str(path),
        fields_of(columns),
        Qgis.WkbType.Polygon,
        QgsCoordinateReferenceSystem(voxels.crs),
        QgsCoordinateTransformContext(),
        options,
    )
    failed, message = writer.hasError() != QgsVectorFileWriter.WriterError.NoError, writer.errorMessage()
    del writer
    if failed:
        raise _unwritable(path, message)


def _fill(
    path: Path, layer: str, voxels: Voxels, places: NDArray[np.int64], columns: Columns, progress: Progress
) -> None:
    """Put the rows into an empty table, and tell the GeoPackage what it holds."""
    quoted = '"' + layer.replace('"', '""') + '"'
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as base:
            number = base.execute("SELECT srs_id FROM gpkg_contents WHERE table_name = ?", (layer,)).fetchone()[0]
            base.execute("PRAGMA synchronous = OFF")  # the file is renamed when it is whole, or removed
            base.execute("BEGIN")
            base.execute("UPDATE gpkg_ogr_contents SET feature_count = NULL WHERE table_name = ?", (layer,))
            names = ", ".join('"' + name.replace('"', '""') + '"' for name in ("geom", *columns))
            marks = ", ".join("?" * (len(columns) + 1))
            for begin in range(0, len(places), _ROWS):
                if progress.is_cancelled():
                    raise Cancelled
                part = slice(begin, begin + _ROWS)
                rows = zip(_blobs(voxels, places[part], number), *(_cells(v[part]) for v in columns.values()))
                base.executemany(f"INSERT INTO {quoted} ({names}) VALUES ({marks})", rows)
                progress.report(min(1.0, (begin + _ROWS) / len(places)))
            box = _corners(voxels, places)
            if len(box):
                edges = (*box[:, :2].min(axis=0).tolist(), *box[:, 2:].max(axis=0).tolist())
                base.execute(
                    "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?",
                    (*edges, layer),
                )
            base.execute("UPDATE gpkg_ogr_contents SET feature_count = ? WHERE table_name = ?", (len(places), layer))
            _describe(base, layer, described(voxels))
            base.execute("COMMIT")
    except sqlite3.Error as error:
        raise _unwritable(path, str(error)) from error


def _describe(base: sqlite3.Connection, layer: str, text: str) -> None:
    """Keep a description of a table as metadata of the GeoPackage (OGC 12-128r18, F.8), which QGIS leaves alone."""
    for statement in _METADATA:
        base.execute(statement)
    added = base.execute(
        "INSERT INTO gpkg_metadata (md_scope, md_standard_uri, mime_type, metadata) VALUES ('dataset', ?, ?, ?)",
        (_STANDARD, "application/json", text),
    )
    base.execute(
        "INSERT INTO gpkg_metadata_reference (reference_scope, table_name, md_file_id) VALUES ('table', ?, ?)",
        (layer, added.lastrowid),
    )


def _blobs(voxels: Voxels, places: NDArray[np.int64], srs: int) -> Iterator[bytes]:
    """Yield the polygon of each cell as a GeoPackage has it: header, box and WKB (OGC 12-128r18, 2.1.3)."""
    record = np.dtype([("head", "u1", 8), ("box", "<f8", 4), ("wkb", "u1", 13), ("ring", "<f8", 10)])
    rows = np.zeros(len(places), record)
    box = _corners(voxels, places)
    rows["head"] = np.frombuffer(_HEADER + struct.pack("<i", srs), np.uint8)
    rows["box"] = box[:, [0, 2, 1, 3]]
    rows["wkb"] = np.frombuffer(struct.pack("<BIII", 1, 3, 1, 5), np.uint8)  # a polygon of one ring of 5 points
    rows["ring"] = box[:, [0, 1, 2, 1, 2, 3, 0, 3, 0, 1]]
    data, size = rows.tobytes(), record.itemsize
    for begin in range(0, len(data), size):
        yield data[begin : begin + size]


def _cells(values: NDArray[Any]) -> list[Any]:
    """Return values as SQLite keeps them, None where nothing is known."""
    if values.dtype.kind == "f":
        return [None if value != value else value for value in values.tolist()]
    return list(values.tolist())


def voxels_of(
    source: QgsProcessingFeatureSource, extent: Extent | None, progress: Progress, layer: QgsVectorLayer | None = None
) -> Voxels:
    """Return the (selected) cells of a layer as voxels, cut to an area.

    Parameters
    ----------
    layer : QgsVectorLayer or None
        What the source stands for; its file tells the block exactly, which is derived from the cells where it does not.

    Raises
    ------
    InputError
        If the layer is no voxels.
    CrsError
        If it is not in RD New.
    """
    name = crs_name(source.sourceCrs())
    if not is_rd(name):
        raise CrsError("{layer} is in {crs}; expected EPSG:28992 (RD New).", layer=source.sourceName(), crs=name or "-")
    request = QgsFeatureRequest()
    if extent is not None:
        request.setFilterRect(QgsRectangle(*extent.bounds))
    names = [field.name() for field in source.fields()]
    boxes: list[tuple[float, float, float, float]] = []
    rows: list[list[Any]] = []
    for index, feature in enumerate(all_rows_of(source, request)):
        if index % 1000 == 0:
            progress.report(index / max(source.featureCount(), 1))
            if progress.is_cancelled():
                raise Cancelled
        box = feature.geometry().boundingBox()
        boxes.append((box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()))
        rows.append([plain(value) for value in feature.attributes()])
    columns = {key: table.column([row[place] for row in rows]) for place, key in enumerate(names)}
    corners = np.array(boxes, float).reshape(-1, 4)
    found = voxels_from(corners, columns, description_in(_description(layer)))
    return found if extent is None else found.window(extent)


def _description(layer: QgsVectorLayer | None) -> str | None:
    """Return the description of the table behind a layer, None where there is none."""
    if layer is None or layer.providerType() != "ogr":
        return None
    parts = QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
    path = Path(parts.get("path") or "")
    if path.suffix.lower() != ".gpkg" or not path.is_file():
        return None
    name = parts.get("layerName") or None
    query = (
        "SELECT metadata FROM gpkg_metadata JOIN gpkg_metadata_reference ON md_file_id = id "
        "WHERE md_standard_uri = ? AND (? IS NULL OR table_name = ?)"
    )
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as base:
            found = base.execute(query, (_STANDARD, name, name)).fetchone()
    except sqlite3.Error:
        return None
    return str(found[0]) if found and found[0] else None


def follow(layer: QgsVectorLayer, package: Path, table: str) -> None:
    """Give a table that was copied from voxels what a copy leaves behind: their description and second style.

    Of a layer that is no voxels nothing is done.
    """
    text = _description(layer)
    if text is None:
        return
    try:
        with closing(sqlite3.connect(package)) as base, base:
            _describe(base, table, text)
    except sqlite3.Error as error:
        raise _unwritable(package, str(error)) from error
    if layer.fields().lookupField("probability") >= 0:
        add_probability(package, table)


def _unwritable(path: Path, reason: str) -> InputError:
    return InputError(
        "{file} cannot be written: {reason}.",
        hint="Check that the folder exists and that you may write there.",
        file=str(path),
        reason=reason.rstrip("."),
    )
