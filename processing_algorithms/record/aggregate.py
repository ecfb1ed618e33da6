"""Data of persons to figures of areas that may be published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import (
    QgsGeometry,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterNumber,
    QgsProcessingParameterVectorDestination,
    QgsSpatialIndex,
)

from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.translate import tr

from ..base import DtwinAlgorithm
from ..feedback import FeedbackProgress

_CONFIDENTIAL = "confidential"


class Aggregate(DtwinAlgorithm):
    """Objects and areas to counts, means and totals."""

    ID, TITLE, GROUP = "aggregate", "Aggregate for publication", "Record"
    SUMMARY = (
        "Figures of areas from data that are linked to persons or addresses, so that they may be published: areas with "
        "fewer objects than the minimum tell nothing. Confidential data, such as cables, are refused: a group does not "
        "hide where they lie."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        polygon, every = QgsProcessing.SourceType.TypeVectorPolygon, QgsProcessing.SourceType.TypeVectorAnyGeometry
        objects = QgsProcessingParameterFeatureSource("objects", tr("Objects"), [every])
        objects.setHelp(tr("Each counts in the area that holds a point on it; what is in none does not count."))
        areas = QgsProcessingParameterFeatureSource("areas", tr("Areas"), [polygon])
        areas.setHelp(tr("Such as neighbourhoods; in the coordinate system of the objects."))
        value = QgsProcessingParameterField(
            "field", tr("Value"), None, "objects", QgsProcessingParameterField.DataType.Numeric, False, True
        )
        value.setHelp(tr("Column of which the mean and the total are told; without one only the count."))
        kind = QgsProcessingParameterNumber.Type.Integer
        minimum = QgsProcessingParameterNumber("minimum", tr("Smallest group"), kind, 10, False, 2, 10_000)
        minimum.setHelp(tr("Objects that an area must have; 10 is a choice of ours, common are 5 to 10."))
        result = QgsProcessingParameterVectorDestination("figures", tr("Figures of areas"), polygon)
        result.setHelp(tr("The areas with count, mean and total; empty where a group is too small."))
        for parameter in (objects, areas, value, minimum, result):
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputNumber("suppressed", tr("Areas that tell nothing")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.data import Features  # this and the next at first use: QGIS starts without them
        from dtwin_plugin.layers import finish, privacy, read, write
        from dtwin_plugin.twin import RunRecord
        from dtwin_plugin.twin.aggregate import grouped
        from dtwin_plugin.twin.privacy import strictest

        layer = self.source_layer(parameters, "objects", context)
        level = privacy.level_of(layer) if layer is not None else ""
        if strictest([level]) == _CONFIDENTIAL:
            raise InputError(
                "{layer} is {level}; a group does not hide where it lies.",
                hint="Leave it out.",
                layer=layer.name(),
                level=level,
            )
        objects, areas = (self.parameterAsSource(parameters, name, context) for name in ("objects", "areas"))
        if objects is None or areas is None:
            raise InputError("The objects or the areas cannot be read.", hint="Choose other layers.")
        field = self.parameterAsString(parameters, "field", context)
        minimum = self.parameterAsInt(parameters, "minimum", context)
        owner, values = _owners(objects, areas, field, feedback)
        progress = FeedbackProgress(feedback)
        shapes = read.features_of(areas, "polygon", None, progress.part(0.6, 0.8), tr("Areas"))
        found = grouped(owner, values if field else None, len(shapes), minimum)
        columns = {**shapes.columns, "count": found.count}
        if field:
            columns.update({"mean": found.mean, "total": found.total})
        record = RunRecord(self.ID, "1.0.0", self.TITLE, parameters={"field": field, "minimum": minimum})
        other = self.source_layer(parameters, "areas", context)
        # of persons no longer, once the groups are large enough; what the areas are stays
        record.privacy = privacy.level_of(other) if other is not None else ""
        record.end()
        path = Path(self.destination(parameters, "figures", context))
        write.write_features(Features(shapes.geometries, columns), path, "figures", progress.part(0.8, 1.0))
        finish.finish_vector(path, "figures", tr("Figures of areas"), "", record)
        return {"figures": str(path), "suppressed": int(found.suppressed.sum())}


def _owners(objects: Any, areas: Any, field: str, feedback: QgsProcessingFeedback) -> tuple[Any, Any]:
    """Return for each object the number of the area that holds a point on it (-1 for none), and its value."""
    from dtwin_plugin.layers.read import rows_of

    progress = FeedbackProgress(feedback)
    shapes: list[QgsGeometry] = []
    index = QgsSpatialIndex()
    for area in rows_of(areas, progress):
        area.setId(len(shapes))
        index.addFeature(area)
        shapes.append(area.geometry())
    owner, values = [], []
    for number, item in enumerate(rows_of(objects, progress)):
        if number % 1000 == 0:
            feedback.setProgress(60 * number / max(objects.featureCount(), 1))
            if feedback.isCanceled():
                raise Cancelled
        point = item.geometry().pointOnSurface()
        near = index.intersects(point.boundingBox()) if not point.isNull() else []
        owner.append(next((place for place in sorted(near) if shapes[place].intersects(point)), -1))
        value = item[field] if field else None
        values.append(float(value) if isinstance(value, (int, float)) else np.nan)
    return np.array(owner, dtype=np.int64), np.array(values, dtype=np.float64)
