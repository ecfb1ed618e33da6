"""Cables and pipes in the colours of the ministerial rule, by group and theme; on the map, in profiles and in 3D."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsFeatureRequest,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsNullSymbolRenderer,
    QgsProperty,
    QgsRendererCategory,
    QgsRuleBasedRenderer,
    QgsSymbol,
    QgsSymbolLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.data.themes import NONE, THEMES, Theme
from dtwin_plugin.translate import tr

from . import styles3d
from .styles_shared import absolute, label_by

_SURE = "\"z_source\" IN ('geometry', 'nap', 'surface')"  # measured; the rest is an estimate
_AROUND = "\"type\" IN ('Mantelbuis', 'Duct', 'Kabelbed')"
_LABELS_FROM = 750.0  # scale; further away labels would cover the lines
_PALE = 0.3  # share of white in 3D of what was not measured; see-through tubes would show their dark insides


def klic_lines(layer: QgsVectorLayer) -> None:
    """Lines by theme, in the legend by group; ducts and beds wider, and behind."""
    root = QgsRuleBasedRenderer.Rule(None)
    groups: dict[str, QgsRuleBasedRenderer.Rule] = {}
    for name, theme in _present(layer).items():
        if theme.group not in groups:
            groups[theme.group] = QgsRuleBasedRenderer.Rule(None, 0, 0, "", tr(theme.group))
            root.appendChild(groups[theme.group])
        symbol = QgsLineSymbol.createSimple({"color": theme.colour, "width": "0.5", "capstyle": "round"})
        rule = QgsRuleBasedRenderer.Rule(symbol, 0, 0, f"{_is(name)} AND NOT {_AROUND}", tr(theme.label))
        symbol.symbolLayer(0).setRenderingPass(1)
        groups[theme.group].appendChild(rule)
        if not _has(layer, f"{_is(name)} AND {_AROUND}"):
            continue
        wide = QgsLineSymbol.createSimple({"color": _faint(theme.colour), "width": "1.3", "capstyle": "flat"})
        around = tr("{theme}: ducts and beds").format(theme=tr(theme.label))
        groups[theme.group].appendChild(QgsRuleBasedRenderer.Rule(wide, 0, 0, f"{_is(name)} AND {_AROUND}", around))
    renderer = QgsRuleBasedRenderer(root)
    renderer.setUsingSymbolLevels(True)
    layer.setRenderer(renderer)
    label_by(layer, 'coalesce("label", "description")', placement=Qgis.LabelPlacement.Line, scale=_LABELS_FROM)
    _in_profiles(layer)
    layer.setRenderer3D(None)  # the tubes are there


def klic_tubes(layer: QgsVectorLayer) -> None:
    """In 3D only: by theme, and paler where the depth is an estimate."""
    layer.setRenderer(QgsNullSymbolRenderer())
    _in_profiles(layer)
    rules: dict[str, tuple[str, float]] = {}
    names: dict[str, str] = {}
    for name, theme in _present(layer).items():
        sure, guessed = f"{_is(name)} AND {_SURE}", f"{_is(name)} AND NOT {_SURE}"
        rules |= {sure: (theme.colour, 1.0), guessed: (_pale(theme.colour), 1.0)}
        names |= {sure: tr(theme.label), guessed: tr("{theme}, depth estimated").format(theme=tr(theme.label))}
    styles3d.by_rules(layer, rules, names=names)


def klic_sleeves(layer: QgsVectorLayer) -> None:
    """Where lines may lie: pale, by theme."""
    _by_theme(layer, lambda theme: _fill(_faint(theme.colour, 40), _faint(theme.colour, 90), 0.1))


def klic_points(layer: QgsVectorLayer) -> None:
    """Nodes and depths by theme, labelled; of texts only the label."""
    _by_theme(layer, _node)
    depth = 'if("type" LIKE \'Diepte%\', concat("level", \' m\'), "label")'
    label_by(layer, depth, placement=Qgis.LabelPlacement.AroundPoint, scale=_LABELS_FROM)


def _node(theme: Theme) -> QgsSymbol:
    symbol = QgsMarkerSymbol.createSimple(
        {"name": "square", "color": theme.colour, "outline_color": "#333333", "outline_width": "0.1", "size": "0.9"}
    )
    size = QgsProperty.fromExpression("if(\"type\" IN ('Annotatie', 'Maatvoering'), 0, 0.9)")
    symbol.symbolLayer(0).setDataDefinedProperty(QgsSymbolLayer.Property.PropertySize, size)
    return symbol


def klic_areas(layer: QgsVectorLayer) -> None:
    """Areas that objects take, by theme."""
    _by_theme(layer, lambda theme: _fill(_faint(theme.colour, 90), theme.colour, 0.2))


def klic_drawing(layer: QgsVectorLayer) -> None:
    """Dimensions, annotations and own topography: thin lines by theme."""
    _by_theme(layer, lambda theme: QgsLineSymbol.createSimple({"color": theme.colour, "width": "0.12"}))
    layer.setLabelsEnabled(False)


def klic_precautions(layer: QgsVectorLayer) -> None:
    """Areas in which a precaution is asked: hatched, labelled with the precaution."""
    symbol = QgsFillSymbol.createSimple({"color": "#c2185b", "style": "b_diagonal", "outline_color": "#c2185b"})
    layer.renderer().setSymbol(symbol)
    label_by(layer, '"precaution"', placement=Qgis.LabelPlacement.OverPoint, scale=_LABELS_FROM)


def klic_request(layer: QgsVectorLayer) -> None:
    """The area of the request: an outline only."""
    layer.renderer().setSymbol(
        QgsFillSymbol.createSimple({"style": "no", "outline_color": "#222222", "outline_width": "0.5"})
    )


def _present(layer: QgsVectorLayer) -> dict[str | None, Theme]:
    """Return the themes that a layer has, in the order of the table; None stands for all others."""
    index = layer.fields().lookupField("theme")
    found = {str(value) for value in layer.uniqueValues(index)} if index >= 0 else set()
    present: dict[str | None, Theme] = {name: theme for name, theme in THEMES.items() if name in found}
    if found - set(THEMES) or not found:
        present[None] = NONE
    return present


def _has(layer: QgsVectorLayer, expression: str) -> bool:
    """Tell whether a layer has a feature of which an expression holds."""
    request = QgsFeatureRequest().setFilterExpression(expression).setLimit(1)
    return next(layer.getFeatures(request), None) is not None


def _is(name: str | None) -> str:
    if name is not None:
        return f"\"theme\" = '{name}'"
    known = ", ".join(f"'{theme}'" for theme in THEMES)
    return f'("theme" IS NULL OR "theme" NOT IN ({known}))'


def _by_theme(layer: QgsVectorLayer, symbol: object) -> None:
    categories = []
    for name, theme in _present(layer).items():
        categories.append(QgsRendererCategory(name, symbol(theme), tr(theme.label)))  # type: ignore[operator]
    layer.setRenderer(QgsCategorizedSymbolRenderer("theme", categories))


def _pale(colour: str) -> str:
    """Return a colour with white in it.

    >>> _pale("#FF0000")
    '#ff4c4c'
    """
    shade = QColor(colour)
    parts = (shade.red(), shade.green(), shade.blue())
    return QColor(*(int(part + (255 - part) * _PALE) for part in parts)).name()


def _faint(colour: str, alpha: int = 110) -> str:
    """Return a colour as QGIS writes it, partly see-through."""
    shade = QColor(colour)
    return f"{shade.red()},{shade.green()},{shade.blue()},{alpha}"


def _fill(colour: str, outline: str, width: float) -> QgsSymbol:
    return QgsFillSymbol.createSimple({"color": colour, "outline_color": outline, "outline_width": str(width)})


def _in_profiles(layer: QgsVectorLayer) -> None:
    absolute(layer).setRespectLayerSymbology(True)


STYLES_KLIC = {
    "klic_areas": klic_areas,
    "klic_drawing": klic_drawing,
    "klic_lines": klic_lines,
    "klic_points": klic_points,
    "klic_precautions": klic_precautions,
    "klic_request": klic_request,
    "klic_sleeves": klic_sleeves,
    "klic_tubes": klic_tubes,
}
# From the top down.
RANKS_KLIC = (
    "klic_request", "klic_points", "klic_lines", "klic_drawing", "klic_areas", "klic_precautions", "klic_sleeves",
    "klic_tubes",
)  # fmt: skip
