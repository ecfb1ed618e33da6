"""What scenarios are judged by, and maps of what they change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import QgsProcessingContext, QgsProcessingFeatureSource, QgsVectorLayer

from dtwin_plugin.data import Grid
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.layers import finish, read
from dtwin_plugin.progress import Progress
from dtwin_plugin.sources.raster_whole import read_whole
from dtwin_plugin.sources.raster_write import write_cog
from dtwin_plugin.twin import RunRecord
from dtwin_plugin.twin.study.links import LEFT_OUT, filled
from dtwin_plugin.twin.study.measures import measured

from .chain import Given


def indicator_value(
    indicator: Mapping[str, Any], given: Given, context: QgsProcessingContext, progress: Progress
) -> float | None:
    """Return the number of an indicator for a scenario, None where it is not known.

    Raises
    ------
    InputError
        If it asks for a column that is not there, or for a measure of what is no raster.
    Cancelled
        If the user stops it.
    """
    text = indicator["from"]
    value = filled(text if text.startswith("{") else f"{{step:{text}}}", given)
    if value is LEFT_OUT or value is None:
        return indicator.get("otherwise")
    if "measure" not in indicator:
        return float(value) if isinstance(value, (int, float)) and np.isfinite(value) else None
    if "column" in indicator:
        return measured(indicator["measure"], _column(str(value), indicator, progress), indicator.get("above"))
    grid = read_whole(str(value), progress=progress)
    cells = grid.values.astype(float)
    if "within" in indicator:
        inside = filled(indicator["within"], given)
        if inside is LEFT_OUT:
            return indicator.get("otherwise")
        cells = np.where(_within(str(inside), grid, context, progress), cells, np.nan)
    return measured(indicator["measure"], cells, indicator.get("above"), grid.cell_size**2)


def _column(source: str, indicator: Mapping[str, Any], progress: Progress) -> list[float]:
    layer = QgsVectorLayer(source, indicator["id"], "ogr")
    names = [field.name() for field in layer.fields()]
    if indicator["column"] not in names:
        raise InputError(
            "{indicator}: there is no column {column}; expected one of {columns}.",
            hint="Correct the twin file.",
            indicator=indicator["title"],
            column=indicator["column"],
            columns=", ".join(names) or "-",
        )
    found = []
    for feature in layer.getFeatures():
        if progress.is_cancelled():
            raise Cancelled
        try:
            found.append(float(read.plain(feature[indicator["column"]])))
        except (TypeError, ValueError):
            found.append(np.nan)  # empty, or a text: not known
    return found


def _within(source: str, grid: Grid, context: QgsProcessingContext, progress: Progress) -> Any:
    """Return the cells whose centre lies in a polygon of a layer, shape (rows, cols)."""
    from dtwin_plugin.data.rasterise import labels

    layer = QgsVectorLayer(source, Path(source.partition("|")[0]).name, "ogr")
    features = read.features_of(QgsProcessingFeatureSource(layer, context), "polygon", grid.extent, progress)
    return labels(features.geometries, grid) > 0


def write_difference(
    difference: Mapping[str, Any], rasters: tuple[str, str], path: Path, record: RunRecord, progress: Progress
) -> float:
    """Write a map of a scenario minus the first, on the same cells, and return the part [%] where there is none.

    Raises
    ------
    InputError
        If the two do not have the same cells.
    """
    before, after = (read_whole(file, progress=progress) for file in rasters)
    same = (before.shape, before.x_min, before.y_max, before.cell_size, before.crs) == (
        after.shape, after.x_min, after.y_max, after.cell_size, after.crs
    )  # fmt: skip
    if not same or before.values.ndim != 2 or after.values.ndim != 2:
        raise InputError(
            "{title}: the rasters of the two scenarios do not have the same cells.",
            hint="Give all scenarios one area and cell size, and rasters of one moment.",
            title=difference["title"],
        )
    change = after.values.astype(float) - before.values.astype(float)
    change[np.abs(change) < difference["threshold"]] = np.nan
    unit = difference["unit"]
    write_cog(
        before.like(change, unit, difference["title"]), path, metadata={"DTWIN_RUN": record.id}, progress=progress
    )
    finish.finish_raster(path, record.title, "water_difference" if unit == "m" else "values", record)
    return float(100 * np.isnan(change).mean())
