"""Layers that stay with their owner: a reference to a QGIS layer, and to a layer definition file (`.qlr`)."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsLayerDefinition,
    QgsMapLayer,
    QgsMeshLayer,
    QgsPointCloudLayer,
    QgsRasterLayer,
    QgsReadWriteContext,
    QgsTiledSceneLayer,
    QgsVectorLayer,
    QgsVectorTileLayer,
)

from dtwin_plugin.data import LayerReference
from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import FormatError
from dtwin_plugin.twin import RunRecord

from . import qgis3d
from .finish import set_metadata
from .styles import STYLES


def layer_of(reference: LayerReference) -> QgsMapLayer:
    """Return the layer of a reference, styled and at its height; it may be invalid where its server is silent."""
    if reference.kind == "vectortile":
        layer: QgsMapLayer = QgsVectorTileLayer(reference.uri, reference.title)
    else:
        layer = _CLASSES[reference.kind](reference.uri, reference.title, reference.provider)
    if reference.crs:
        layer.setCrs(QgsCoordinateReferenceSystem(reference.crs))
    if reference.z_offset and layer.elevationProperties() is not None:
        layer.elevationProperties().setZOffset(reference.z_offset)
    if reference.kind == "tiledscene":
        layer.setRenderer3D(qgis3d.QgsTiledSceneLayer3DRenderer())  # which QGIS gives only to what its own dialog adds
    if reference.style in STYLES and layer.isValid():
        STYLES[reference.style](layer)
    return layer


def write_definition(reference: LayerReference, path: Path, record: RunRecord) -> None:
    """Write a layer definition file that any QGIS opens; raises FormatError where QGIS cannot open the layer."""
    layer = layer_of(reference)
    if not layer.isValid():
        raise FormatError(
            "QGIS cannot open {title} as a layer of {provider}: {reason}.",
            hint="Check the network, or try again later.",
            title=reference.title,
            provider=reference.provider,
            reason=(layer.error().summary() or "no reason given").rstrip("."),
        )
    rights = [text for text in (reference.attribution, reference.licence) if text]
    record.rights = list(dict.fromkeys([*record.rights, *rights]))
    set_metadata(layer, reference.title, record)
    document = QgsLayerDefinition.exportLayerDefinitionLayers([layer], QgsReadWriteContext())
    with written_beside(path) as temporary:
        temporary.write_text(document.toString(), encoding="utf-8")


def read_definition(path: Path) -> list[QgsMapLayer]:
    """Return the layers of a layer definition file."""
    return list(QgsLayerDefinition.loadLayerDefinitionLayers(str(path)))


_CLASSES = {
    "raster": QgsRasterLayer,
    "vector": QgsVectorLayer,
    "tiledscene": QgsTiledSceneLayer,
    "pointcloud": QgsPointCloudLayer,
    "mesh": QgsMeshLayer,
}
