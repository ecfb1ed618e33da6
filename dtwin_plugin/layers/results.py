"""Files that an algorithm of the plugin wrote, as layers again."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsLayerDefinition,
    QgsMapLayer,
    QgsMeshLayer,
    QgsPointCloudLayer,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsVectorLayer,
)

from .finish import load_sidecars


def layers_of(path: Path, name: str) -> list[QgsMapLayer]:
    """Return the layers in a file of results with their styles and metadata; none where it holds no layer.

    Parameters
    ----------
    name : str
        For a layer whose metadata have no title.
    """
    found = [layer for layer in _opened(path, name) if layer.isValid()]
    for layer in found:
        load_sidecars(layer)
        layer.setName(layer.metadata().title() or layer.name())
    return found


def _opened(path: Path, name: str) -> list[QgsMapLayer]:
    kind = path.suffix.lower()
    if kind == ".qlr":
        return list(QgsLayerDefinition.loadLayerDefinitionLayers(str(path)))
    if kind in (".tif", ".tiff"):
        return [QgsRasterLayer(str(path), name)]
    if kind == ".nc":
        return [QgsMeshLayer(str(path), name, "mdal")]
    if kind in (".laz", ".las"):
        return [QgsPointCloudLayer(str(path), name, "copc" if path.name.lower().endswith(".copc.laz") else "pdal")]
    if kind == ".gpkg":
        tables = QgsProviderRegistry.instance().querySublayers(str(path))
        several = len(tables) > 1
        return [QgsVectorLayer(table.uri(), table.name() if several else name, "ogr") for table in tables]
    return [QgsVectorLayer(str(path), name, "ogr")] if kind in (".geojson", ".shp", ".fgb") else []
