"""What rasters and meshes have at a place: the results of models that are no objects."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsDateTimeRange,
    QgsMapLayer,
    QgsMeshDatasetIndex,
    QgsMeshLayer,
    QgsPalettedRasterRenderer,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
)

from dtwin_plugin.translate import tr

from .object_facts import Facts, value_text
from .source_facts import run_of

_OWN_HEIGHTS = "node_z"  # as MDAL calls the heights that a mesh in UGRID has itself: of the ground, told elsewhere
_TRIANGLES = "dtwinTriangles"


def facts_at(
    x: float,
    y: float,
    crs: QgsCoordinateReferenceSystem,
    layers: Iterable[QgsMapLayer],
    moment: QgsDateTimeRange | None = None,
) -> list[Facts]:
    """Return what rasters and meshes have at a place, grouped by the run that made them.

    Parameters
    ----------
    x, y : float
        In `crs` [m].
    layers : iterable of QgsMapLayer
        Seen or not; of services nothing is asked.
    moment : QgsDateTimeRange, optional
        Of layers through time; without it, or where they have nothing then, the highest value is told.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for layer in layers:
        place = _in_layer(x, y, crs, layer)
        if place is None:
            continue
        if isinstance(layer, QgsRasterLayer) and layer.providerType() == "gdal":
            rows = _of_raster(layer, place, moment)
        elif isinstance(layer, QgsMeshLayer):
            rows = _of_mesh(layer, place, moment)
        else:
            continue
        run = run_of(layer)
        title = f"{run.model}, {run.started}" if run.model else tr("At this place")
        groups.setdefault(title, []).extend(rows)
    return [Facts(title, tuple(rows)) for title, rows in sorted(groups.items()) if rows]


def raster_value(layer: QgsRasterLayer, place: QgsPointXY, band: int = 1) -> float:
    """Return the value at a place in the layer's CRS, NaN where there is none."""
    value, known = layer.dataProvider().sample(place, band)
    return float(value) if known else math.nan


def in_words(layer: QgsRasterLayer, value: float) -> str:
    """Return a value with its unit, or the class that it stands for; empty for NaN."""
    if value != value:
        return ""
    renderer = layer.renderer()
    if isinstance(renderer, QgsPalettedRasterRenderer):
        return next((item.label for item in renderer.classes() if item.value == value and item.label), "")
    return _with_unit(value, unit_of(layer))


def _with_unit(value: float, unit: str) -> str:
    return value_text(value) + (f" {unit}" if unit not in ("", "1") else "")


def unit_of(layer: QgsRasterLayer) -> str:
    """Return the unit of a raster file as the file names it, "" where it does not."""
    from dtwin_plugin.sources.raster import unit_in

    return unit_in(layer.source())


def _in_layer(x: float, y: float, crs: QgsCoordinateReferenceSystem, layer: QgsMapLayer) -> QgsPointXY | None:
    """Return a place in the CRS of a layer, None outside it."""
    transform = QgsCoordinateTransform(crs, layer.crs(), QgsProject.instance())
    try:
        place = transform.transform(QgsPointXY(x, y))
    except QgsCsException:
        return None
    return place if layer.extent().contains(place) else None


def value_at(
    layer: QgsRasterLayer, x: float, y: float, crs: QgsCoordinateReferenceSystem, moment: QgsDateTimeRange | None
) -> tuple[float, str]:
    """Return the value at a place, NaN where there is none, and of what moment it is, in words; as `facts_at`."""
    place = _in_layer(x, y, crs, layer)
    return _value_in_time(layer, place, moment) if place is not None else (math.nan, "")


def _value_in_time(layer: QgsRasterLayer, place: QgsPointXY, moment: QgsDateTimeRange | None) -> tuple[float, str]:
    if layer.bandCount() == 1:
        return raster_value(layer, place), ""
    properties = layer.temporalProperties()
    if not properties.isActive():
        return math.nan, ""  # colours of a picture
    if moment is not None and not moment.isInfinite():
        band = properties.bandForTemporalRange(layer, moment)
        if band >= 1:
            return raster_value(layer, place, band), tr("at the moment shown")
    values = [raster_value(layer, place, band) for band in range(1, layer.bandCount() + 1)]
    return max((value for value in values if value == value), default=math.nan), tr("highest")


def _of_raster(layer: QgsRasterLayer, place: QgsPointXY, moment: QgsDateTimeRange | None) -> list[tuple[str, str]]:
    value, when = _value_in_time(layer, place, moment)
    text = in_words(layer, value)
    return [(f"{layer.name()}, {when}" if when else layer.name(), text)] if text else []


def _of_mesh(layer: QgsMeshLayer, place: QgsPointXY, moment: QgsDateTimeRange | None) -> list[tuple[str, str]]:
    if not layer.property(_TRIANGLES):  # which QGIS makes when it draws a mesh, and has no values without
        layer.updateTriangularMesh()
        layer.setProperty(_TRIANGLES, True)
    rows = []
    for group in layer.datasetGroupsIndexes():
        told = layer.datasetGroupMetadata(QgsMeshDatasetIndex(group, 0))
        name = told.name()
        if name == _OWN_HEIGHTS:
            continue
        shown = moment is not None and not moment.isInfinite()
        if shown:
            values = [_scalar(layer, layer.activeScalarDatasetAtTime(moment, group), place)]
            label = f"{name}, {tr('at the moment shown')}"
        else:
            count = layer.datasetCount(QgsMeshDatasetIndex(group, 0))
            values = [_scalar(layer, QgsMeshDatasetIndex(group, step), place) for step in range(count)]
            label = f"{name}, {tr('highest')}" if count > 1 else name
        value = max((value for value in values if value == value), default=math.nan)
        if value == value:
            rows.append((label, _with_unit(value, str(told.extraOptions().get("units", "")))))
    return rows


def _scalar(layer: QgsMeshLayer, index: Any, place: QgsPointXY) -> float:
    return float(layer.datasetValue(index, place).scalar()) if index.isValid() else math.nan
