"""Layers at a moment in 3D: QGIS 3.40 lets meshes follow time there, but neither rasters nor vectors."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

from qgis._3d import QgsRuleBased3DRenderer, QgsVectorLayer3DRenderer
from qgis.core import (
    Qgis,
    QgsAbstract3DRenderer,
    QgsDateTimeRange,
    QgsMapLayer,
    QgsMeshLayer,
    QgsRasterLayer,
    QgsRuleBasedRenderer,
    QgsVectorLayer,
    QgsVectorLayerTemporalContext,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime

from dtwin_plugin.data.moments import Moments

from .finish import has_times

_STEPS = 100  # of layers that have no step of their own


def moments_of(layers: Iterable[QgsMapLayer]) -> Moments | None:
    """Return the moments of layers together, at the smallest step of any; None where none changes through time."""
    spans = [span for layer in layers if has_times(layer) and (span := _span(layer)) is not None]
    if not spans:
        return None
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    steps = [step for _, _, step in spans if step > timedelta(0)]
    return Moments(first, last, min(steps, default=(last - first) / _STEPS))


def time_range(begin: datetime, end: datetime) -> QgsDateTimeRange:
    """Return the range of QGIS from one moment until the next."""
    return QgsDateTimeRange(_qt(begin), _qt(end), True, False)


def text_range(begin: str, end: str) -> QgsDateTimeRange | None:
    """Return the range between two times in ISO 8601; None where they are none."""
    try:
        return time_range(*(_in_utc(datetime.fromisoformat(text.replace("Z", "+00:00"))) for text in (begin, end)))
    except ValueError:
        return None


def moment(time: QDateTime) -> datetime:
    """Return a time of QGIS, in UTC."""
    day, clock = time.toUTC().date(), time.toUTC().time()
    return datetime(
        day.year(), day.month(), day.day(), clock.hour(), clock.minute(), clock.second(), tzinfo=timezone.utc
    )


def at(layer: QgsMapLayer, shown: QgsDateTimeRange) -> QgsMapLayer | None:
    """Return what of a layer is there in a range of time: itself, a copy, or None for nothing of it."""
    if not has_times(layer) or isinstance(layer, QgsMeshLayer):
        return layer
    properties = layer.temporalProperties()
    if isinstance(layer, QgsRasterLayer) and properties.mode() == Qgis.RasterTemporalMode.FixedRangePerBand:
        bands = properties.filteredBandsForTemporalRange(layer, shown)
        return _at_band(layer, bands[0]) if bands else None
    if not properties.isVisibleInTemporalRange(shown):
        return None
    if isinstance(layer, QgsVectorLayer):
        context = QgsVectorLayerTemporalContext()
        context.setLayer(layer)
        condition = properties.createFilterString(context, shown)
        return _where(layer, condition) if condition else layer
    return layer


def _span(layer: QgsMapLayer) -> tuple[datetime, datetime, timedelta] | None:
    """Return the first and the last moment of a layer and its step, 0 where it has none."""
    properties = layer.temporalProperties()
    if isinstance(layer, QgsRasterLayer) and properties.mode() == Qgis.RasterTemporalMode.FixedRangePerBand:
        begins = sorted(moment(each.begin()) for each in properties.fixedRangePerBand().values())
        if not begins:
            return None
        steps = [b - a for a, b in zip(begins, begins[1:]) if b > a]
        return begins[0], begins[-1], min(steps, default=timedelta(0))
    step = timedelta(0)
    if isinstance(layer, QgsMeshLayer):
        extent, step = properties.timeExtent(), timedelta(seconds=layer.firstValidTimeStep().seconds())
    elif isinstance(layer, QgsVectorLayer) and properties.mode() != Qgis.VectorTemporalMode.FixedTemporalRange:
        extent = _of_features(layer)
    else:
        extent = properties.fixedTemporalRange()
    ends = [extent.begin(), extent.end()]
    return (moment(ends[0]), moment(ends[1]), step) if all(end.isValid() for end in ends) else None


def _of_features(layer: QgsVectorLayer) -> QgsDateTimeRange:
    """Return the range from the first begin to the last end of features; for which Python has no call."""
    properties = layer.temporalProperties()
    modes = Qgis.VectorTemporalMode
    if properties.mode() == modes.FeatureDateTimeStartAndEndFromExpressions:
        begin, end = properties.startExpression(), properties.endExpression()
    else:
        begin, end = (f'"{name}"' if name else "" for name in (properties.startField(), properties.endField()))
    ends = ((Qgis.Aggregate.Min, begin), (Qgis.Aggregate.Max, end or begin))
    found = [layer.aggregate(kind, text)[0] if text else None for kind, text in ends]
    times = [QDateTime(value) if isinstance(value, QDate) else value for value in found]
    return QgsDateTimeRange(*(time if isinstance(time, QDateTime) else QDateTime() for time in times))


def _at_band(layer: QgsRasterLayer, band: int) -> QgsRasterLayer:
    copy = layer.clone()
    copy.renderer().setInputBand(band)
    return copy


def _where(layer: QgsVectorLayer, condition: str) -> QgsVectorLayer:
    """Return a copy of which only the features that meet a condition are drawn, on the ground and in 3D."""
    copy = layer.clone()
    flat = QgsRuleBasedRenderer.convertFromRenderer(layer.renderer(), layer)
    if flat is not None:
        root = QgsRuleBasedRenderer.Rule(None)
        group = flat.rootRule().clone()
        group.setFilterExpression(condition)
        root.appendChild(group)
        copy.setRenderer(QgsRuleBasedRenderer(root))
    if layer.renderer3D() is not None:
        copy.setRenderer3D(_where_3d(layer.renderer3D().clone(), condition))  # which the copy of a layer has not
    return copy


def _where_3d(renderer: QgsAbstract3DRenderer, condition: str) -> QgsAbstract3DRenderer:
    """Return a renderer that draws what another does, where a condition is met; Python knows the base class only."""
    root = QgsRuleBased3DRenderer.Rule(None)
    if renderer.type() == "rulebased":
        old = sip.cast(renderer, QgsRuleBased3DRenderer)
        group = QgsRuleBased3DRenderer.Rule(None, condition)
        for child in old.rootRule().children():
            group.appendChild(child.clone())
    elif renderer.type() == "vector":
        old = sip.cast(renderer, QgsVectorLayer3DRenderer)
        group = QgsRuleBased3DRenderer.Rule(old.symbol().clone(), condition)
    else:
        return renderer
    root.appendChild(group)
    made = QgsRuleBased3DRenderer(root)
    made.setTilingSettings(old.tilingSettings())
    return made


def _in_utc(time: datetime) -> datetime:
    return time.astimezone(timezone.utc) if time.tzinfo is not None else time.replace(tzinfo=timezone.utc)


def _qt(time: datetime) -> QDateTime:
    day = QDate(time.year, time.month, time.day)
    return QDateTime(day, QTime(time.hour, time.minute, time.second, time.microsecond // 1000), Qt.TimeSpec.UTC)
