"""How building models look: by kind of element, on the map and in 3D."""

from __future__ import annotations

from qgis.core import QgsFillSymbol, QgsRuleBasedRenderer, QgsVectorLayer

from dtwin_plugin.translate import mark, tr

from . import styles3d
from .styles_shared import absolute

# Label, colour, opacity in 3D, and which elements; in the order in which the map draws them.
ELEMENTS = (
    (mark("Foundation"), "#8d8880", 1.0, ("IfcFooting", "IfcPile", "IfcDeepFoundation")),
    (mark("Floors"), "#b9b2a6", 1.0, ("IfcSlab", "IfcSlabStandardCase", "IfcSlabElementedCase", "IfcCovering")),
    (mark("Rooms"), "#f5e6c8", 0.35, ("IfcSpace",)),
    (mark("Furniture"), "#c49a6c", 1.0, ("IfcFurnishingElement", "IfcFurniture", "IfcSystemFurnitureElement")),
    (mark("Installations"), "#5b8fb9", 1.0, ("IfcFlow%", "IfcDistribution%", "IfcPipe%", "IfcDuct%", "IfcCable%",
                                             "IfcSanitaryTerminal", "IfcLightFixture")),
    (mark("Stairs and railings"), "#9c8f7d", 1.0, ("IfcStair%", "IfcRamp%", "IfcRailing")),
    (mark("Columns, beams and members"), "#7c7f86", 1.0, ("IfcColumn%", "IfcBeam%", "IfcMember%", "IfcTendon%",
                                                          "IfcReinforcing%")),
    (mark("Walls"), "#d9c7ab", 1.0, ("IfcWall%", "IfcCurtainWall", "IfcPlate%")),
    (mark("Windows"), "#8fc1e0", 0.5, ("IfcWindow%",)),
    (mark("Doors"), "#8c5a3c", 1.0, ("IfcDoor%",)),
    (mark("Roofs"), "#b5563c", 1.0, ("IfcRoof",)),
)  # fmt: skip
_OTHER = "#cfc8bb"


def _expression(classes: tuple[str, ...]) -> str:
    """Return which elements are of some classes; % stands for the rest of a name."""
    names = ", ".join(f"'{name}'" for name in classes if not name.endswith("%"))
    parts = [f'"type" IN ({names})'] if names else []
    parts += [f"\"type\" LIKE '{name}'" for name in classes if name.endswith("%")]
    return " OR ".join(parts)


def rules() -> dict[str, tuple[str, str, float]]:
    """Return for each expression its label, colour and opacity; a roof slab is a roof, whatever its class."""
    roof = "\"surface\" = 'RoofSurface'"
    found = {}
    for label, colour, opacity, classes in ELEMENTS:
        expression = _expression(classes)
        whole = f"({expression}) OR {roof}" if label == "Roofs" else f"({expression}) AND NOT {roof}"
        found[whole] = (label, colour, opacity)
    known = " OR ".join(_expression(classes) for _, _, _, classes in ELEMENTS)
    found[f"NOT ({known}) AND NOT {roof}"] = (mark("Other elements"), _OTHER, 1.0)
    return found


def ifc_elements(layer: QgsVectorLayer) -> None:
    """Elements by class; the map draws floors first and roofs last."""
    root = QgsRuleBasedRenderer.Rule(None)
    for level, (expression, (label, colour, opacity)) in enumerate(rules().items()):
        symbol = QgsFillSymbol.createSimple({"color": colour, "outline_color": "#6b6455", "outline_width": "0.05"})
        symbol.symbolLayer(0).setRenderingPass(level)
        symbol.setOpacity(max(opacity, 0.6))
        root.appendChild(QgsRuleBasedRenderer.Rule(symbol, 0, 0, expression, tr(label)))
    renderer = QgsRuleBasedRenderer(root)
    renderer.setUsingSymbolLevels(True)
    layer.setRenderer(renderer)
    absolute(layer)
    styles3d.by_rules(layer, {expression: (colour, opacity) for expression, (_, colour, opacity) in rules().items()})
