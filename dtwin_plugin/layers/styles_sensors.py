"""How sensors look: stations and stretches, with what has no value apart, and observations through time."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsRuleBasedRenderer,
    QgsSymbol,
    QgsVectorLayer,
)

from dtwin_plugin.translate import tr

_KNOWN, _UNKNOWN, _SUSPECT = "#7b3294", "#9e9e9e", "#e08214"
_EDGE = "#ffffff"


def sensor_stations(layer: QgsVectorLayer) -> None:
    """Purple dots where something was measured, grey rings where nothing is known."""
    root = QgsRuleBasedRenderer.Rule(None)
    root.appendChild(_rule(_dot(_KNOWN), '"time" IS NOT NULL', tr("Station")))
    root.appendChild(_rule(_ring(), '"time" IS NULL', tr("No value")))
    layer.setRenderer(QgsRuleBasedRenderer(root))
    layer.setMapTipTemplate('<b>[% coalesce("name", "station") %]</b><br>[% "time" %]')


def sensor_stretches(layer: QgsVectorLayer) -> None:
    """Purple lines where something was measured, grey ones where nothing is known."""
    root = QgsRuleBasedRenderer.Rule(None)
    for colour, expression, title in (
        (_KNOWN, '"time" IS NOT NULL', tr("Stretch")),
        (_UNKNOWN, '"time" IS NULL', tr("No value")),
    ):
        line = QgsLineSymbol.createSimple({"color": colour, "width": "0.8"})
        root.appendChild(_rule(line, expression, title))
    layer.setRenderer(QgsRuleBasedRenderer(root))
    layer.setMapTipTemplate('<b>[% coalesce("name", "station") %]</b><br>[% "time" %]')


def sensor_observations(layer: QgsVectorLayer) -> None:
    """Each value while it holds, by the time slider; a ring where there is none, orange where it is suspect."""
    root = QgsRuleBasedRenderer.Rule(None)
    root.appendChild(_rule(_ring(), '"value" IS NULL', tr("No value")))
    root.appendChild(_rule(_dot(_SUSPECT), '"value" IS NOT NULL AND "quality" = \'suspect\'', tr("Suspect value")))
    root.appendChild(_rule(_dot(_KNOWN), '"value" IS NOT NULL AND "quality" <> \'suspect\'', tr("Value")))
    layer.setRenderer(QgsRuleBasedRenderer(root))
    layer.setMapTipTemplate(
        '<b>[% "station" %]</b><br>[% "quantity" %] [% "part" %]: [% "value" %] [% "unit" %]<br>[% "begin" %]'
    )
    properties = layer.temporalProperties()
    properties.setMode(Qgis.VectorTemporalMode.FeatureDateTimeStartAndEndFromFields)
    properties.setStartField("begin")
    properties.setEndField("end")
    properties.setLimitMode(Qgis.VectorTemporalLimitMode.IncludeBeginIncludeEnd)  # a moment ends as it begins
    properties.setIsActive(True)


def _rule(symbol: QgsSymbol, expression: str, title: str) -> QgsRuleBasedRenderer.Rule:
    return QgsRuleBasedRenderer.Rule(symbol, 0, 0, expression, title)


def _dot(colour: str) -> QgsMarkerSymbol:
    return QgsMarkerSymbol.createSimple({"name": "circle", "color": colour, "outline_color": _EDGE, "size": "3"})


def _ring() -> QgsMarkerSymbol:
    return QgsMarkerSymbol.createSimple(
        {"name": "circle", "color": "0,0,0,0", "outline_color": _UNKNOWN, "outline_width": "0.5", "size": "3"}
    )


STYLES_SENSORS = {
    "sensor_stations": sensor_stations,
    "sensor_stretches": sensor_stretches,
    "sensor_observations": sensor_observations,
}
RANKS_SENSORS = ("sensor_observations", "sensor_stations", "sensor_stretches")
