"""What goes into 3D Tiles of a layer, and how they are shown when they are there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from qgis.core import QgsProcessingContext

from dtwin_plugin.data import Features, LayerReference, Surfaces
from dtwin_plugin.layers import reference
from dtwin_plugin.layers.finish import set_metadata
from dtwin_plugin.layers.styles3d import SURFACES
from dtwin_plugin.translate import tr
from dtwin_plugin.twin import RunRecord

if TYPE_CHECKING:
    from dtwin_plugin.sources.tiles3d.write_paint import Class, Paint


def paint_of(features: Features, surfaces: Surfaces, field: str, classes: list[Class]) -> Paint:
    """Return the colours of surfaces: by a field in the classes of the layer, or in equally full ones; else by kind."""
    from dtwin_plugin.sources.tiles3d.write_paint import by_classes, by_kind, classes_for

    if not field:
        return by_kind(surfaces.semantics, SURFACES)
    values = np.repeat(features.columns[field], np.diff(features.geometries.features))
    return by_classes(values, classes or classes_for(values), tr("no value"))


def with_columns(surfaces: Surfaces, wanted: list[str]) -> Surfaces:
    """Leave out the columns that are not wanted; none wanted are all."""
    kept = {"id", "type", "lod", "parent", "identificatie", *wanted}
    columns = {n: values for n, values in surfaces.columns.items() if (n in kept or not wanted) and n != "surface"}
    return replace(surfaces, columns=columns)


def show(folder: Path, title: str, surfaces: Surfaces, record: RunRecord, context: QgsProcessingContext) -> None:
    """Let QGIS add the tiles when the run is done, lowered from the ellipsoid to NAP."""
    from dtwin_plugin.sources.tiles3d.datum import nap_above_ellipsoid

    height, _ = nap_above_ellipsoid(surfaces.extent)
    uri = "url=" + (folder / "tileset.json").absolute().as_uri().replace("&", "%26")
    layer = reference.layer_of(LayerReference("tiledscene", "cesiumtiles", uri, title, z_offset=-height))
    set_metadata(layer, title, record)
    context.temporaryLayerStore().addMapLayer(layer)
    details = QgsProcessingContext.LayerDetails(layer.name(), context.project(), "tiles")
    context.addLayerToLoadOnCompletion(layer.id(), details)
