"""How the test of a plan looks: five outcomes that who is colour-blind tells apart, and violations that stand out."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsRendererCategory,
    QgsSimpleLineSymbolLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.models.plan.sentences import TITLES
from dtwin_plugin.translate import tr

from . import styles3d
from .styles_shared import absolute, label_by

# Apart in lightness and between blue and yellow as well as between red and green (after Okabe and Ito 2008).
COLOURS = {
    "non_compliant": "#d55e00",
    "review_required": "#f0c020",
    "insufficient_data": "#56449b",
    "compliant": "#009e73",
    "not_applicable": "#d9d9d9",
}
# Where something goes beyond its norm, and where it may.
BREACH = {"non_compliant": "#e6007e", "review_required": "#ffb000"}
_EDGE = 0.6  # mm
_RIM = 1.2  # m: half of it lies around a building that stands in 3D


def plan_objects(layer: QgsVectorLayer) -> None:
    """Outlines by their worst outcome, with a rim on the ground around what stands there; drawn ones as blocks."""
    _by_outcome(layer, COLOURS, 115, _RIM, Qgis.RenderUnit.MetersInMapUnits)
    label_by(layer, '"object"', scale=5000)
    if any(feature["drawn"] for feature in layer.getFeatures()):
        rules = {f"\"outcome\" = '{outcome}'": colour for outcome, colour in COLOURS.items()}
        styles3d.extruded_by_rules(layer, rules, '"bottom"', '"top" - "bottom"')


def plan_violations(layer: QgsVectorLayer) -> None:
    """Loud, with an edge, since a wall is a line from above; both sides in 3D."""
    _by_outcome(layer, BREACH, 100, _EDGE, Qgis.RenderUnit.Millimeters)
    absolute(layer)
    rules = {f"\"outcome\" = '{outcome}'": (colour, 1.0) for outcome, colour in BREACH.items()}
    styles3d.by_rules(layer, rules, shaded=False)  # the same colours as in the legend, also on the dark side


def _by_outcome(
    layer: QgsVectorLayer, colours: dict[str, str], darker: int, width: float, unit: Qgis.RenderUnit
) -> None:
    """Colour areas by their outcome, with an edge of a width in a unit that is darker by a factor [percent]."""
    categories = []
    for outcome, colour in colours.items():
        symbol = QgsFillSymbol.createSimple({"color": colour, "outline_style": "no"})
        edge = QgsSimpleLineSymbolLayer(QColor(colour).darker(darker), width)
        edge.setWidthUnit(unit)
        symbol.appendSymbolLayer(edge)
        categories.append(QgsRendererCategory(outcome, symbol, tr(TITLES[outcome])))
    layer.setRenderer(QgsCategorizedSymbolRenderer("outcome", categories))


STYLES_PLAN = {"plan_objects": plan_objects, "plan_violations": plan_violations}
RANKS_PLAN = ("plan_violations", "plan_objects")
