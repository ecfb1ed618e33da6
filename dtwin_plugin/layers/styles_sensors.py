"""How sensors look: stations and stretches, with what has no value apart, and observations through time."""

from __future__ import annotations

from qgis.core import (
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsRuleBasedRenderer,
    QgsVectorLayer,
)

from dtwin_plugin.translate import tr

from .styles_shared import from_to, rule_of

_KNOWN, _UNKNOWN, _SUSPECT = "#7b3294", "#9e9e9e", "#e08214"
_EDGE = "#ffffff"


def sensor_stations(layer: QgsVectorLayer) -> None:
    """Purple dots where something was measured, grey rings where nothing is known."""
    root = QgsRuleBasedRenderer.Rule(None)
    root.appendChild(rule_of(_dot(_KNOWN), '"time" IS NOT NULL', tr("Station")))
    root.appendChild(rule_of(_ring(), '"time" IS NULL', tr("No value")))
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
        root.appendChild(rule_of(line, expression, title))
    layer.setRenderer(QgsRuleBasedRenderer(root))
    layer.setMapTipTemplate('<b>[% coalesce("name", "station") %]</b><br>[% "time" %]')


def sensor_observations(layer: QgsVectorLayer) -> None:
    """Each value while it holds, by the time slider; a ring where there is none, orange where it is suspect."""
    root = QgsRuleBasedRenderer.Rule(None)
    root.appendChild(rule_of(_ring(), '"value" IS NULL', tr("No value")))
    root.appendChild(rule_of(_dot(_SUSPECT), '"value" IS NOT NULL AND "quality" = \'suspect\'', tr("Suspect value")))
    root.appendChild(rule_of(_dot(_KNOWN), '"value" IS NOT NULL AND "quality" <> \'suspect\'', tr("Value")))
    layer.setRenderer(QgsRuleBasedRenderer(root))
    layer.setMapTipTemplate(
        '<b>[% "station" %]</b><br>[% "quantity" %] [% "part" %]: [% "value" %] [% "unit" %]<br>[% "begin" %]'
    )
    from_to(layer, "begin", "end", with_end=True)


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
