"""How the test of a plan looks: five outcomes that who is colour-blind tells apart, and violations that stand out."""

from __future__ import annotations

from qgis.core import QgsSimpleLineSymbolLayer, QgsVectorLayer
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.models.plan.sentences import TITLES

from . import styles3d
from .styles_shared import absolute, by_class, label_by

# Apart in lightness and between blue and yellow as well as between red and green (after Okabe and Ito 2008).
COLOURS = {
    "non_compliant": "#d55e00",
    "review_required": "#f0c020",
    "insufficient_data": "#56449b",
    "compliant": "#009e73",
    "not_applicable": "#d9d9d9",
}
LOOKS = {outcome: (COLOURS[outcome], title) for outcome, title in TITLES.items()}
# Where something goes beyond its norm, and where it may.
_BREACH = {"non_compliant": "#e6007e", "review_required": "#ffb000"}
_EDGE = 0.6  # mm
_GLASS = 0.35  # of what stands around violations in 3D


def plan_objects(layer: QgsVectorLayer) -> None:
    """Outlines by their worst outcome with their name; glass blocks in 3D, in which violations stand."""
    by_class(layer, "outcome", LOOKS)
    label_by(layer, '"object"', scale=5000)
    rules = {f"\"outcome\" = '{outcome}'": colour for outcome, colour in COLOURS.items()}
    styles3d.extruded_by_rules(layer, rules, '"bottom"', '"top" - "bottom"', _GLASS)


def plan_violations(layer: QgsVectorLayer) -> None:
    """Loud, with an edge, since a wall is a line from above; with value and norm; both sides in 3D."""
    by_class(layer, "outcome", {outcome: (_BREACH[outcome], TITLES[outcome]) for outcome in _BREACH})
    for category in layer.renderer().categories():
        symbol = category.symbol().clone()
        edge = QgsSimpleLineSymbolLayer(QColor(_BREACH[category.value()]), _EDGE)
        symbol.appendSymbolLayer(edge)
        layer.renderer().updateCategorySymbol(layer.renderer().categoryIndexForValue(category.value()), symbol)
    absolute(layer)
    rules = {f"\"outcome\" = '{outcome}'": (colour, 1.0) for outcome, colour in _BREACH.items()}
    styles3d.by_rules(layer, rules)


STYLES_PLAN = {"plan_objects": plan_objects, "plan_violations": plan_violations}
RANKS_PLAN = ("plan_violations", "plan_objects")
