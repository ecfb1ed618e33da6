"""Pictures of what scenarios change, with the measures drawn on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from qgis.core import QgsProcessingAlgorithm, QgsRasterLayer, QgsVectorLayer, QgsWkbTypes

from dtwin_plugin.layers.finish import load_sidecars
from dtwin_plugin.layers.map_pictures import fitted, keep_picture, map_picture, plain_copy

from ..model_algorithm import ModelAlgorithm
from .chain import Outcome

_WIDTH = 120.0  # mm
_MEASURE, _HOUSE = "#1f3d7a", "#d9d4c8"
_DRAWN = "footprints"  # style of outputs that a reader finds his way by


def draw_map(
    raster: Path,
    scenario: Mapping[str, Any],
    outcome: Outcome,
    algorithms: Mapping[str, QgsProcessingAlgorithm],
    path: Path,
) -> Path:
    """Draw a map of differences, footprints below it, and the layers that the scenario brings in outline over it.

    Raises
    ------
    ModelError
        If the picture cannot be written.
    """
    layer = QgsRasterLayer(str(raster), raster.stem)
    load_sidecars(layer)
    measures = [plain_copy(one, "", _MEASURE, 0.35) for one in _polygons(outcome.given["scenario"].values())]
    houses = [plain_copy(one, _HOUSE, _HOUSE) for one in _polygons(_footprints(outcome, algorithms))]
    extent = layer.extent()
    ratio = extent.width() / max(extent.height(), 1.0)
    image = map_picture([*measures, layer, *houses], fitted(extent, ratio), _WIDTH, _WIDTH / max(ratio, 0.2))
    return keep_picture(image, path)


def _footprints(outcome: Outcome, algorithms: Mapping[str, QgsProcessingAlgorithm]) -> Iterator[Any]:
    for name, made in outcome.steps.items():
        algorithm = algorithms[name]
        if isinstance(algorithm, ModelAlgorithm):
            yield from (made.outputs.get(item.name) for item in algorithm.model.outputs if item.style == _DRAWN)


def _polygons(values: Any) -> Iterator[QgsVectorLayer]:
    """Yield the layers of polygons among values of a scenario or outputs of a step."""
    for value in values:
        if not isinstance(value, str) or not Path(value.partition("|")[0]).is_file():
            continue
        layer = QgsVectorLayer(value, "drawn", "ogr")
        if layer.isValid() and layer.geometryType() == QgsWkbTypes.GeometryType.PolygonGeometry:
            yield layer
