"""QGIS layers to carriers: reprojected, cut to the area, the user's data untouched."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from qgis.core import (
    Qgis,
    QgsFeatureRequest,
    QgsFeatureSource,
    QgsGeometry,
    QgsProcessingFeatureSource,
    QgsRasterLayer,
    QgsWkbTypes,
)

from dtwin_plugin.data import Extent, Features, Grid
from dtwin_plugin.data import columns as table
from dtwin_plugin.data.crs import RD, is_rd, normalise
from dtwin_plugin.data.wkb import read as read_wkb
from dtwin_plugin.errors import Cancelled, CrsError, InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsRectangle

    from dtwin_plugin.progress import Progress

_KINDS = {
    Qgis.GeometryType.Point: "point",
    Qgis.GeometryType.Line: "line",
    Qgis.GeometryType.Polygon: "polygon",
}
_CURVE_TOLERANCE = np.radians(5.0)  # curves are cut into chords of this angle, QGIS's own is 1 degree


def crs_name(crs: QgsCoordinateReferenceSystem) -> str | None:
    """Return the name of a QGIS CRS as the carriers spell it; None where there is none."""
    return normalise(crs.authid()) if crs.isValid() else None


def horizontal_name(crs: QgsCoordinateReferenceSystem) -> str | None:
    """Return the name of the horizontal part of a QGIS CRS, by its definition where it has no number; else None."""
    from dtwin_plugin.sources.frame import named

    if not crs.isValid():
        return None
    try:
        return named(crs.toWkt(Qgis.CrsWktVariant.Preferred))
    except CrsError:
        return None


def has_true_metres(crs: QgsCoordinateReferenceSystem, part: QgsRectangle) -> bool:
    """Tell whether a metre on the map is one on the ground, to 1 percent, as it is not in Web Mercator."""
    from dtwin_plugin.sources.frame import true_metres

    definition = crs_name(crs) or crs.toWkt(Qgis.CrsWktVariant.Preferred)
    return true_metres(definition, (part.xMinimum(), part.yMinimum(), part.xMaximum(), part.yMaximum()))


def extent_of(rectangle: QgsRectangle, crs: QgsCoordinateReferenceSystem) -> Extent:
    """Return a rectangle in RD New.

    Raises
    ------
    CrsError
        If it is in another CRS that cannot be transformed correctly.
    """
    name = crs_name(crs) or RD
    bounds = (rectangle.xMinimum(), rectangle.yMinimum(), rectangle.xMaximum(), rectangle.yMaximum())
    if is_rd(name):
        return Extent(*bounds)
    from dtwin_plugin.sources.crs import extent_to_rd

    return extent_to_rd(bounds, name)


def grid_of(layer: QgsRasterLayer, extent: Extent | None, progress: Progress, frame: str = RD) -> Grid:
    """Return the first band of a raster layer, cut to an area; in RD New, or as it is where that is its frame.

    Raises
    ------
    InputError
        If the layer is not a file that GDAL reads.
    SourceError
        If the file cannot be read.
    """
    from dtwin_plugin.sources.raster import RasterSource

    source = RasterSource(_file_of(layer), assume_crs=crs_name(layer.crs()), frame=frame)
    return next(source.read(extent, progress))


def series_of(layer: QgsRasterLayer, extent: Extent | None, progress: Progress, frame: str = RD) -> Grid:
    """Return all bands of a raster layer with their times, if it has any, cut to an area; as `grid_of` raises."""
    from dtwin_plugin.sources.raster_series import read_series

    return read_series(_file_of(layer), extent, crs_name(layer.crs()), progress, frame)


def _file_of(layer: QgsRasterLayer) -> str:
    if layer.providerType() != "gdal":
        raise InputError(
            "{layer} is a {provider} layer; expected a raster file.",
            hint="Save it as GeoTIFF first.",
            layer=layer.name(),
            provider=layer.providerType(),
        )
    return str(layer.source())


def features_of(
    source: QgsProcessingFeatureSource,
    geometry: str,
    extent: Extent | None,
    progress: Progress,
    name: str = "",
    frame: str = RD,
) -> Features:
    """Return the (selected) features of a layer that touch an area, in RD New, or as they are where that is the frame.

    Raises
    ------
    InputError
        If the layer has another kind of geometry, or an invalid one where the user wants to hear of those.
    CrsError
        If the layer has no CRS, or one that cannot be transformed correctly.
    """
    found = _KINDS.get(QgsWkbTypes.geometryType(source.wkbType()))
    if found != (geometry or found) or found is None:
        raise InputError(
            "{layer} has {found} geometry; expected {wanted}.",
            hint="Choose another layer.",
            layer=source.sourceName(),
            found=found or "no",
            wanted=geometry or "point, line, polygon",
        )
    crs = crs_name(source.sourceCrs()) or horizontal_name(source.sourceCrs())
    kept = is_rd(crs) if is_rd(frame) else horizontal_name(source.sourceCrs()) == frame
    if crs is None and source.sourceCrs().isValid():  # as the .prj of a shapefile may be
        raise CrsError(
            "{layer} is in {crs}, which is known by no EPSG number; it cannot be brought to RD New.",
            hint="Choose the coordinate reference system that it is in from the list in the layer's properties, or "
            "save the layer in RD New (EPSG:28992).",
            layer=source.sourceName(),
            crs=source.sourceCrs().description() or "-",
        )
    if crs is None:
        raise CrsError(
            "{layer} has no coordinate reference system.",
            hint="Set it in the layer's properties.",
            layer=source.sourceName(),
        )
    names = [field.name() for field in source.fields()]
    request = QgsFeatureRequest()
    if extent is not None and kept:
        from qgis.core import QgsRectangle

        request.setFilterRect(QgsRectangle(*extent.bounds))
    blobs, rows = _collect(rows_of(source, progress, request), names, source.featureCount(), progress)
    geometries = read_wkb(blobs, found)
    if not kept:
        from dataclasses import replace

        from dtwin_plugin.sources.crs import to_rd

        geometries = replace(geometries, coordinates=to_rd(geometries.coordinates, crs))
    columns = {n: table.column([row[i] for row in rows]) for i, n in enumerate(names)}
    features = Features(geometries, columns, crs=frame, name=name)
    return features.within(extent) if extent is not None else features


def all_rows_of(source: QgsFeatureSource, request: QgsFeatureRequest | None = None) -> Iterator[QgsFeature]:
    """Return the (selected) features of a layer, whatever their geometries are.

    QGIS is never asked to look at those: it throws its error through the interpreter, which does not survive that.
    """
    request = request or QgsFeatureRequest()
    if isinstance(source, QgsProcessingFeatureSource):
        return iter(source.getFeatures(request, Qgis.ProcessingFeatureSourceFlag.SkipGeometryValidityChecks))
    return iter(source.getFeatures(request))


def rows_of(
    source: QgsFeatureSource, progress: Progress, request: QgsFeatureRequest | None = None
) -> Iterator[QgsFeature]:
    """Yield the (selected) features of a layer, those with an invalid geometry as the user has chosen in Processing.

    What has heights is not looked at: QGIS judges it as it lies on the map, where a wall is invalid.

    Raises
    ------
    InputError
        If a geometry is invalid, and the user wants to stop then, as is usual outside `qgis_process`.
    """
    looks = isinstance(source, QgsProcessingFeatureSource) and not QgsWkbTypes.hasZ(source.wkbType())
    choice = source.invalidGeometryCheck() if looks else Qgis.InvalidGeometryCheck.NoCheck
    passed = choice == Qgis.InvalidGeometryCheck.NoCheck
    left_out = 0
    for feature in all_rows_of(source, request):
        if passed or not feature.hasGeometry() or feature.geometry().isGeosValid():
            yield feature
        elif choice == Qgis.InvalidGeometryCheck.SkipInvalid:
            left_out += 1
        else:
            raise InputError(
                "Feature {id} of {layer} has an invalid geometry.",
                hint="Repair the layer with Fix geometries, or choose in the settings of Processing, or of this input, "
                "to leave such features out or not to look at them.",
                id=feature.id(),
                layer=source.sourceName(),
            )
    if left_out:
        progress.warn(
            "{count} features of {layer} have an invalid geometry and are left out.",
            count=left_out,
            layer=source.sourceName(),
        )


def _collect(
    features: Iterable[QgsFeature], names: list[str], count: int, progress: Progress
) -> tuple[list[bytes], list[list[Any]]]:
    blobs, rows = [], []
    for index, feature in enumerate(features):
        if index % 1000 == 0:
            progress.report(index / max(count, 1))
            if progress.is_cancelled():
                raise Cancelled
        blobs.append(_wkb(feature.geometry()))
        rows.append([plain(feature[name]) for name in names])
    return blobs, rows


def _wkb(geometry: QgsGeometry) -> bytes:
    if geometry.isNull():
        return b""
    abstract = geometry.constGet()
    if abstract.hasCurvedSegments():
        abstract = abstract.segmentize(float(_CURVE_TOLERANCE))
    return bytes(abstract.asWkb())


def plain(value: Any) -> Any:
    """Return a QGIS attribute value as plain Python; NULL is None, dates are ISO text."""
    if value is None or (hasattr(value, "isNull") and value.isNull()):
        return None
    if isinstance(value, (bool, int, float, str, list, dict)):
        return value
    return value.toString(1) if hasattr(value, "toString") else str(value)  # 1: Qt.ISODate


def table_of(source: QgsProcessingFeatureSource, texts: Collection[str] = ()) -> dict[str, list[Any]]:
    """Return the columns of a table as numbers; one of `texts` that holds anything else as texts.

    Raises
    ------
    InputError
        If a cell of another column is not a number.
    """
    names = [field.name() for field in source.fields()]
    rows = [[plain(feature[name]) for name in names] for feature in all_rows_of(source)]
    result: dict[str, list[Any]] = {}
    for place, name in enumerate(names):
        found = [row[place] for row in rows]
        numbers = [_number(value) for value in found]
        result[name] = numbers
        wrong = [row for row, number in enumerate(numbers) if not np.isfinite(number)]
        if wrong and name in texts:
            result[name] = ["" if value is None else str(value) for value in found]
        elif wrong:
            raise InputError(
                "Row {row} of {table} has {found!r} in column {column}; expected a number.",
                hint="Correct the cell.",
                row=wrong[0] + 1,
                table=source.sourceName(),
                found=found[wrong[0]],
                column=name,
            )
    return result


def _number(value: Any) -> float:
    try:
        return float(str(value).replace(",", "."))
    except ValueError:
        return float("nan")


def file_behind(layer_source: str) -> Path | None:
    """Return the file of a layer's source string, None if it is no file."""
    path = Path(layer_source.split("|")[0])
    try:
        return path if path.is_file() else None
    except OSError:  # the source of a layer in memory names its fields, and may be longer than a name of a file
        return None
