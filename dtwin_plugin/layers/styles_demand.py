"""How demand for trips looks: lines between zones as wide as their trips, and zones by the trips that they make."""

from __future__ import annotations

import math

from qgis.core import (
    QgsFillSymbol,
    QgsGraduatedSymbolRenderer,
    QgsLineSymbol,
    QgsProperty,
    QgsRendererRange,
    QgsRuleBasedRenderer,
    QgsSymbolLayer,
    QgsVectorLayer,
)

from dtwin_plugin.translate import Number, mark, tr

from .styles_shared import OUTLINE, add_widths, label_by, rule_of

_WIDEST = 5.0  # mm, of the largest flow
_THINNEST = 0.06  # mm
_LINE = "#7a0177"
_ZONES = ("#fff7ec", "#fee8c8", "#fdd49e", "#fdbb84", "#fc8d59")  # few to many, lighter than lines
_LABELS_FROM = 50_000.0  # scale


def desire_lines(layer: QgsVectorLayer) -> None:
    """As wide as the trips in both directions, half through so that lines below are seen; trips as labels."""
    symbol = QgsLineSymbol.createSimple({"color": _LINE, "width": "1", "capstyle": "round"})
    symbol.setOpacity(0.6)
    # the widest is the largest of the layer: numbers of trips differ a thousandfold between a town and a street
    largest = max(_largest(layer, "trips"), 1e-9)
    width = QgsProperty.fromExpression(f'max({_THINNEST}, {_WIDEST} * "trips" / {largest!r})')
    symbol.symbolLayer(0).setDataDefinedProperty(QgsSymbolLayer.Property.StrokeWidth, width)
    root = QgsRuleBasedRenderer.Rule(None)
    root.appendChild(rule_of(symbol, "", tr("As wide as the trips in both directions")))
    add_widths(root, largest, _WIDEST, _LINE, mark("{flow} trips"))
    layer.setRenderer(QgsRuleBasedRenderer(root))
    label_by(layer, 'round("trips")', scale=_LABELS_FROM, colour=_LINE, size=6.5)
    layer.setMapTipTemplate('[% "from_zone" || \' - \' || "to_zone" || \': \' || round("trips") %]')


def trip_ends(layer: QgsVectorLayer) -> None:
    """Zones by the trips that begin and end in them, in round classes up to the largest."""
    largest = _largest(layer, "trips")
    step = _round_step(largest / len(_ZONES))
    ranges = []
    for number, colour in enumerate(_ZONES):
        low, high = number * step, (number + 1) * step
        symbol = QgsFillSymbol.createSimple({"color": colour, "outline_color": OUTLINE, "outline_width": "0.15"})
        label = tr("{low} - {high} trips").format(low=f"{Number(low):,.0f}", high=f"{Number(high):,.0f}")
        ranges.append(QgsRendererRange(low, high, symbol, label))
    layer.setRenderer(QgsGraduatedSymbolRenderer("trips", ranges))
    label_by(layer, '"zone" || \'\\n\' || round("trips")', scale=_LABELS_FROM, size=6.5)


def _largest(layer: QgsVectorLayer, field: str) -> float:
    index = layer.fields().indexOf(field)
    value = layer.maximumValue(index) if index >= 0 else None
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else 0.0


def _round_step(least: float) -> float:
    """Return 1, 2, 3 or 5 times a power of ten, at least this and at least 1.

    >>> _round_step(230), _round_step(0)
    (300.0, 1.0)
    """
    size = 10.0 ** math.floor(math.log10(max(least, 1.0)))
    return next(factor * size for factor in (1, 2, 3, 5, 10) if factor * size >= least)


STYLES_DEMAND = {"desire_lines": desire_lines, "trip_ends": trip_ends}
RANKS_DEMAND = ("desire_lines", "trip_ends")
