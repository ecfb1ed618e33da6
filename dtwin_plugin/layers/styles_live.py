"""How live values look: what is old fades, and what has no value has a symbol of its own."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsProperty,
    QgsRuleBasedRenderer,
    QgsSymbol,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)

from dtwin_plugin.data.series import INVALID
from dtwin_plugin.translate import tr

from .styles_shared import from_to, rule_of

AGE = '(epoch(now()) / 1000.0 - to_real("ended_s"))'  # s
_CURRENT = f'{AGE} <= to_real("current_s")'
_NONE = f'"value" IS NULL OR "quality" = {INVALID}'
# From whole, as long as a value is current, to a quarter at four times that age.
_OPACITY = f'scale_linear({AGE} / to_real("current_s"), 1, 4, 100, 25)'
_REFRESH = 60_000  # ms between two pictures, so that values fade
_TIP = (
    '<b>[% coalesce("name", "station") %]</b><br>[% "quantity" %] [% "part" %]: '
    '[% coalesce("value", \'–\') %] [% "unit" %]<br>[% "ends" %]'
)


def live_values(layer: QgsVectorLayer) -> None:
    """Green where a value is current, fading ochre where it is older, a grey cross where there is no value."""
    root = QgsRuleBasedRenderer.Rule(None)
    for symbol, expression, title in (
        (_cross(), _NONE, tr("No value")),
        (_dot("#1b7837"), f"NOT ({_NONE}) AND {_CURRENT}", tr("Current value")),
        (_dot("#b8860b", fades=True), f"NOT ({_NONE}) AND NOT ({_CURRENT})", tr("Older value, fades with its age")),
    ):
        root.appendChild(rule_of(symbol, expression, title))
    layer.setRenderer(QgsRuleBasedRenderer(root))
    layer.setMapTipTemplate(_TIP)
    labels = QgsPalLayerSettings()
    labels.fieldName = f"if({_NONE}, '', round(\"value\"))"
    labels.isExpression = True
    layer.setLabeling(QgsVectorLayerSimpleLabeling(labels))
    layer.setLabelsEnabled(True)
    layer.setAutoRefreshInterval(_REFRESH)
    layer.setAutoRefreshMode(Qgis.AutoRefreshMode.RedrawOnly)


def live_observed(layer: QgsVectorLayer) -> None:
    """Each value while it holds, by the time slider; a grey cross where there was none."""
    root = QgsRuleBasedRenderer.Rule(None)
    for symbol, expression, title in (
        (_cross(), _NONE, tr("No value")),
        (_dot("#1b7837"), f"NOT ({_NONE})", tr("Value")),
    ):
        root.appendChild(rule_of(symbol, expression, title))
    layer.setRenderer(QgsRuleBasedRenderer(root))
    layer.setMapTipTemplate(_TIP)
    from_to(layer, "begins", "ends", with_end=True)


def _dot(colour: str, fades: bool = False) -> QgsMarkerSymbol:
    symbol = QgsMarkerSymbol.createSimple(
        {"name": "circle", "color": colour, "outline_color": "#ffffff", "size": "3.4"}
    )
    if fades:
        symbol.setDataDefinedProperty(QgsSymbol.Property.Opacity, QgsProperty.fromExpression(_OPACITY))
    return symbol


def _cross() -> QgsMarkerSymbol:
    return QgsMarkerSymbol.createSimple(
        {"name": "cross2", "color": "#757575", "outline_color": "#757575", "outline_width": "0.6", "size": "2.6"}
    )


STYLES_LIVE = {"live_values": live_values, "live_observed": live_observed}
RANKS_LIVE = ("live_values", "live_observed")
