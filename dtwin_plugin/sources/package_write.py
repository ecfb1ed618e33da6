"""Features and tables to a GeoPackage by GDAL alone, where QGIS is not: the same features give the same bytes."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Geometries
from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import Cancelled, SourceError
from dtwin_plugin.progress import Progress, Silent

from .osgeo_scope import osgeo

if TYPE_CHECKING:
    from dtwin_plugin.data.columns import Columns

_MOMENT = "1970-01-01T00:00:00.000Z"  # written as the moment of the last change, so that it makes no other bytes
_TYPES = {"i": "OFTInteger64", "u": "OFTInteger64", "f": "OFTReal", "b": "OFTInteger", "M": "OFTString"}
_OWN_KEYS = ("fid", "geom")


def write_package(
    path: str | Path,
    layer: str,
    shapes: Geometries,
    columns: Columns,
    crs: str,
    *,
    description: str = "",
    progress: Progress | None = None,
) -> Path:
    """Write features as the only layer of a GeoPackage, and return its path; nothing is left half written.

    Parameters
    ----------
    description : str
        Kept as the description of the table in "gpkg_contents".

    Raises
    ------
    SourceError
        If it cannot be written.
    Cancelled
        If the user stops it.
    """
    path, progress = Path(path), progress or Silent()
    with written_beside(path) as temporary, osgeo() as lib:
        earlier = lib.gdal.GetThreadLocalConfigOption("OGR_CURRENT_DATE")
        lib.gdal.SetThreadLocalConfigOption("OGR_CURRENT_DATE", _MOMENT)
        try:
            _write(lib, temporary, layer, shapes, columns, crs, progress)
        except RuntimeError as error:
            raise _unwritable(path, str(error)) from error
        finally:
            lib.gdal.SetThreadLocalConfigOption("OGR_CURRENT_DATE", earlier)
        try:
            with closing(sqlite3.connect(temporary)) as base, base:
                base.execute("UPDATE gpkg_contents SET description = ?, last_change = ?", (description, _MOMENT))
        except sqlite3.Error as error:
            raise _unwritable(path, str(error)) from error
    return path


def description_of(path: str | Path) -> str:
    """Return the description of the first layer of a GeoPackage, "" where there is none or it is none."""
    try:
        with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as base:
            found = base.execute("SELECT description FROM gpkg_contents WHERE data_type = 'features'").fetchone()
    except sqlite3.Error:
        return ""
    return str(found[0]) if found and found[0] else ""


def _write(
    lib: Any, path: Path, layer: str, shapes: Geometries, columns: Mapping[str, Any], crs: str, progress: Progress
) -> None:
    ogr = lib.ogr
    kinds = {"point": ogr.wkbMultiPoint, "line": ogr.wkbMultiLineString, "polygon": ogr.wkbMultiPolygon}
    kind = ogr.GT_SetZ(kinds[shapes.kind]) if shapes.has_z else kinds[shapes.kind]
    reference = lib.osr.SpatialReference()
    lib.call(reference.SetFromUserInput, crs.removeprefix("WKT:"))
    reference.SetAxisMappingStrategy(lib.osr.OAMS_TRADITIONAL_GIS_ORDER)
    dataset = lib.call(ogr.GetDriverByName("GPKG").CreateDataSource, str(path))
    table = lib.call(dataset.CreateLayer, layer, reference, kind, ["SPATIAL_INDEX=NO"])
    used = {name: values for name, values in columns.items() if name.lower() not in _OWN_KEYS}
    for name, values in used.items():
        field = ogr.FieldDefn(name, getattr(ogr, _TYPES.get(values.dtype.kind, "OFTString")))
        if values.dtype.kind == "b":
            field.SetSubType(ogr.OFSTBoolean)
        lib.call(table.CreateField, field)
    lists = [_cells(values) for values in used.values()]
    table.StartTransaction()
    for index in range(len(shapes)):
        if index % 1000 == 0:
            progress.report(index / len(shapes))
            if progress.is_cancelled():
                raise Cancelled
        feature = ogr.Feature(table.GetLayerDefn())
        feature.SetGeometry(lib.call(ogr.CreateGeometryFromWkb, shapes.wkb(index)))
        for place, cells in enumerate(lists):
            if cells[index] is not None:
                feature.SetField(place, cells[index])
        lib.call(table.CreateFeature, feature)
    lib.call(table.CommitTransaction)
    del table, dataset  # closes the file


def _cells(values: Any) -> list[Any]:
    """Return values as OGR takes them, None where unknown."""
    if values.dtype.kind == "M":
        return [None if np.isnat(one) else str(one) for one in values]
    cells: list[Any] = values.tolist()
    if values.dtype.kind in "iufb":
        return [None if one != one else one for one in cells]
    return [None if one is None else str(one) for one in cells]


def _unwritable(path: Path, reason: str) -> SourceError:
    return SourceError(
        "{file} cannot be written: {reason}.",
        hint="Check the folder and the space on the disk.",
        file=str(path),
        reason=reason.rstrip("."),
    )
