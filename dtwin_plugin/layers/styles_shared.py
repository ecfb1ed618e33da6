"""What styles have in common: classes, rules, labels with a white edge, heights that are m NAP, and times."""

from __future__ import annotations

import math

from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsRendererCategory,
    QgsRuleBasedRenderer,
    QgsSymbol,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerElevationProperties,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.translate import tr

_EDGE = 0.7  # mm
_THINNEST, _NOTHING = 0.25, 1e-6  # mm, of a line in a legend of widths; of a number that nobody would call one
OUTLINE = "#6b6455"


def label_by(
    layer: QgsVectorLayer,
    expression: str,
    *,
    scale: float = 0.0,
    placement: Qgis.LabelPlacement | None = None,
    distance: float = 0.0,
    colour: str = "#222222",
    size: float = 7.0,
) -> None:
    """Label by an expression.

    Parameters
    ----------
    scale : float
        Denominator from which labels are drawn; 0 is always.
    placement : Qgis.LabelPlacement, optional
        Default that of QGIS for the kind of geometry.
    distance : float
        From the object [mm].
    size : float
        Of the letters [points].
    """
    settings = QgsPalLayerSettings()
    settings.fieldName, settings.isExpression = expression, True
    if placement is not None:
        settings.placement = placement
    settings.dist = distance
    settings.scaleVisibility, settings.minimumScale = bool(scale), float(scale)
    text, edge = QgsTextFormat(), QgsTextBufferSettings()
    edge.setEnabled(True)
    edge.setSize(_EDGE)
    text.setSize(size)
    text.setColor(QColor(colour))
    text.setBuffer(edge)
    settings.setFormat(text)
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)


def absolute(
    layer: QgsVectorLayer, binding: Qgis.AltitudeBinding = Qgis.AltitudeBinding.Vertex
) -> QgsVectorLayerElevationProperties:
    """Take the heights of a layer as they are, each object by itself in a profile; return its settings for more."""
    properties = layer.elevationProperties()
    properties.setClamping(Qgis.AltitudeClamping.Absolute)
    properties.setBinding(binding)
    properties.setType(Qgis.VectorProfileType.IndividualFeatures)
    return properties


def from_to(layer: QgsVectorLayer, begin: str, end: str, *, with_end: bool = False) -> None:
    """Let the temporal controller show each object from the time in one column to that in another.

    Parameters
    ----------
    with_end : bool
        Whether the end counts, so that an object of one moment, which ends as it begins, is seen.
    """
    properties, limits = layer.temporalProperties(), Qgis.VectorTemporalLimitMode
    properties.setMode(Qgis.VectorTemporalMode.FeatureDateTimeStartAndEndFromFields)
    properties.setStartField(begin)
    properties.setEndField(end)
    properties.setLimitMode(limits.IncludeBeginIncludeEnd if with_end else limits.IncludeBeginExcludeEnd)
    properties.setIsActive(True)


def rule_of(symbol: QgsSymbol, expression: str, label: str) -> QgsRuleBasedRenderer.Rule:
    """Return a rule of a legend that holds at every scale."""
    return QgsRuleBasedRenderer.Rule(symbol, 0, 0, expression, label)


def nice(value: float) -> float:
    """Return the largest of 1, 2, 5, 10, 20, ... that a value holds.

    >>> [nice(value) for value in (1.0, 3.9, 740, 5100)]
    [1.0, 2.0, 500.0, 5000.0]
    """
    power = 10.0 ** math.floor(math.log10(value))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= value * (1 + 1e-9))


def add_widths(root: QgsRuleBasedRenderer.Rule, largest: float, widest: float, colour: str, text: str) -> None:
    """Add some widths to a legend of lines as wide as a number, with round numbers; no line has these rules.

    Parameters
    ----------
    largest : float
        The number of the widest line.
    widest : float
        Its width [mm].
    text : str
        In English, with {flow} for the number.
    """
    if largest <= _NOTHING:
        return
    for flow in dict.fromkeys(nice(largest * share) for share in (0.2, 0.5, 1.0)):
        line = QgsLineSymbol.createSimple({"color": colour, "width": f"{max(_THINNEST, widest * flow / largest):.3f}"})
        root.appendChild(rule_of(line, "FALSE", tr(text).format(flow=f"{flow:,.12g}")))


def by_class(layer: QgsVectorLayer, field: str, looks: dict[str, tuple[str, str]], size: float = 3.0) -> None:
    """Colour objects by a field, each kind of geometry in its way.

    Parameters
    ----------
    looks : dict
        Colour and text of each value, in the order of the legend.
    size : float
        Of points [mm].
    """
    kinds = Qgis.GeometryType
    categories = []
    for key, (colour, label) in looks.items():
        if layer.geometryType() == kinds.Polygon:
            symbol: QgsSymbol = QgsFillSymbol.createSimple(
                {"color": colour, "outline_color": OUTLINE, "outline_width": "0.15"}
            )
        elif layer.geometryType() == kinds.Line:
            symbol = QgsLineSymbol.createSimple({"color": colour, "width": "1.0", "capstyle": "round"})
        else:
            symbol = QgsMarkerSymbol.createSimple(
                {"name": "circle", "color": colour, "outline_color": "#404040", "size": str(size)}
            )
        categories.append(QgsRendererCategory(key, symbol, tr(label)))
    layer.setRenderer(QgsCategorizedSymbolRenderer(field, categories))
