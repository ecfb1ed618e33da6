"""How areas with rules of a plan look: by kind, and labelled with what holds in them ("max 11 m")."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsRendererCategory,
    QgsVectorLayer,
)

from dtwin_plugin.translate import mark, tr

from .styles_shared import label_by

_LABELS_FROM = 5000.0  # scale; further away labels would cover the areas
_PLOT, _DASHED = {"outline_width": "0.15"}, {"outline_style": "dash", "outline_width": "0.35"}
# Kind of area, how it is drawn, and its text; what is drawn last lies on top.
_LOOKS: dict[str, tuple[dict[str, str], str]] = {
    "enkelbestemming": ({"color": "255,245,176,90", "outline_color": "#b39b4a", **_PLOT}, mark("Land use")),
    "bestemmingsvlak": ({"color": "255,245,176,90", "outline_color": "#b39b4a", **_PLOT}, mark("Land use")),
    "besluitvlak": ({"color": "255,245,176,90", "outline_color": "#b39b4a", **_PLOT}, mark("Area of a decision")),
    "werkingsgebied": ({"color": "255,245,176,90", "outline_color": "#b39b4a", **_PLOT}, mark("Where rules apply")),
    "dubbelbestemming": (
        {"color": "#ddd0a0", "style": "f_diagonal", "outline_color": "#b39b4a", **_PLOT},
        mark("Land use over another"),
    ),
    "gebiedsaanduiding": (
        {"color": "#b9c4d2", "style": "b_diagonal", "outline_color": "#7c8fa6", **_PLOT},
        mark("Zone"),
    ),
    "functieaanduiding": ({"style": "no", "outline_color": "#3f7f5f", **_DASHED}, mark("Function allowed")),
    "bouwaanduiding": ({"style": "no", "outline_color": "#8c5a8c", **_DASHED}, mark("Way of building")),
    "maatvoering": ({"style": "no", "outline_color": "#1f5fa8", **_DASHED}, mark("Norms")),
    "norm": ({"style": "no", "outline_color": "#1f5fa8", **_DASHED}, mark("Norms")),
    "bouwvlak": ({"style": "no", "outline_color": "#c0392b", "outline_width": "0.6"}, mark("Building area")),
}
# Quantity and the label of its norm.
_LABELS = {
    "building_height": mark("max {value} m"),
    "eaves_height": mark("eaves max {value} m"),
    "built_percentage": mark("max {value} %"),
    "boundary_distance": mark("min {value} m to the boundary"),
}


def rule_areas(layer: QgsVectorLayer) -> None:
    """Areas by kind, those that are there; the norms of an area in one label."""
    index = layer.fields().lookupField("area_kind")
    present = {str(value) for value in layer.uniqueValues(index)} if index >= 0 else set()
    categories = []
    for level, (kind, (look, text)) in enumerate(_LOOKS.items(), 1):
        if kind in present or not present:
            symbol = QgsFillSymbol.createSimple(look)
            symbol.symbolLayer(0).setRenderingPass(level)
            categories.append(QgsRendererCategory(kind, symbol, tr(text)))
    if present - set(_LOOKS):
        other = QgsFillSymbol.createSimple({"style": "no", "outline_color": "#8a8172", **_PLOT})
        categories.append(QgsRendererCategory(None, other, tr("Other area")))
    renderer = QgsCategorizedSymbolRenderer("area_kind", categories)
    renderer.setUsingSymbolLevels(True)
    layer.setRenderer(renderer)
    label_by(
        layer, _label(), placement=Qgis.LabelPlacement.OverPoint, scale=_LABELS_FROM, colour="#12406f", size=8.0
    )  # fmt: skip


def _label() -> str:
    """Return the expression: the norms of an area under each other, at the first of its rows."""
    cases = []
    for quantity, text in _LABELS.items():
        before, after = tr(text).split("{value}")
        cases.append(f"WHEN \"quantity\" = {_quoted(quantity)} AND \"norm\" IS NOT NULL THEN {_quoted(before)} || "
                     f"to_string(round(\"norm\", 2)) || {_quoted(after)}")  # fmt: skip
    to_read = f'{_quoted(tr("read") + ": ")} || "value"'
    one = f"CASE {' '.join(cases)} WHEN \"quantity\" <> '' THEN {to_read} END"
    area = "\"plan\" || regexp_replace(\"rule\", '[.][0-9]+$', '')"
    # a row without a quantity would give an empty line
    together = f"concatenate({one}, group_by:={area}, filter:=\"quantity\" <> '', concatenator:='\\n')"
    return f"if(regexp_match(\"rule\", '[.]1$'), {together}, NULL)"


def _quoted(text: str) -> str:
    """Return a text as an expression has it.

    >>> _quoted("'s")
    "'''s'"
    """
    return "'" + text.replace("'", "''") + "'"


STYLES_RULES = {"rule_areas": rule_areas}
RANKS_RULES = ("rule_areas",)
