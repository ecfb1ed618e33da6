"""How the registers look: parcels, boundaries, addresses, trees and street furniture, TOP10NL."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsRendererCategory,
    QgsSingleSymbolRenderer,
    QgsSymbol,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.translate import mark, tr

from . import styles3d
from .styles_shared import label_by

# TOP10NL: theme, colour of areas, of lines, and label.
TOP10NL = {
    "terrein": ("#e3ecd0", "#9bb37a", mark("Terrain")),
    "functioneel_gebied": ("#f3e4d5", "#c39a73", mark("Functional areas")),
    "waterdeel": ("#a9cfe8", "#6aa5cd", mark("Water")),
    "wegdeel": ("#f2ce9a", "#a98a5b", mark("Roads")),
    "spoorbaandeel": ("#b7b2ac", "#55504b", mark("Railways")),
    "relief": ("#e2d4bd", "#a5835a", mark("Relief")),
    "inrichtingselement": ("#cfc8bb", "#6f7a55", mark("Fixtures")),
    "gebouw": ("#c9896f", "#8c5a45", mark("Buildings")),
}
# Street furniture: class of the BGT, colour, and label.
FURNITURE = {
    "bak": ("#7a6a58", mark("Bin")),
    "bord": ("#3b6fb0", mark("Sign")),
    "kast": ("#8a8f96", mark("Cabinet")),
    "mast": ("#4a4a4a", mark("Mast")),
    "paal": ("#6b6b6b", mark("Pole")),
    "put": ("#2f5f6f", mark("Manhole")),
    "straatmeubilair": ("#a0703c", mark("Street furniture")),
}
_TRUNK, _CROWN = 4.0, 2.5  # m: height below the crown and its radius, of a middling street tree


def parcels(layer: QgsVectorLayer) -> None:
    """Thin outlines, with the number at large scales."""
    _single(layer, QgsFillSymbol.createSimple(_hollow("#a05d8f", 0.18)))
    number = _first(layer, "perceelnummer", "perceel_nummer")
    section = _first(layer, "sectie")
    if number:
        text = f'"{section}" || \' \' || "{number}"' if section else f'"{number}"'
        label_by(layer, text, colour="#7a3d6b", size=7, scale=2500)


def boundaries(layer: QgsVectorLayer) -> None:
    """Dashed outlines with the name."""
    _single(layer, QgsFillSymbol.createSimple({**_hollow("#6d3a7c", 0.5), "outline_style": "dash"}))
    if name := _first(layer, "naam", "statnaam", "gemeentenaam"):
        label_by(layer, f'"{name}"', colour="#6d3a7c", size=10, scale=0)


def addresses(layer: QgsVectorLayer) -> None:
    """Small dots, with the house number at large scales."""
    symbol = {"name": "circle", "color": "#b5563c", "outline_color": "#ffffff", "size": "1.2"}
    _single(layer, QgsMarkerSymbol.createSimple(symbol))
    number = _first(layer, "huisnummer")
    if number:
        parts = [number, *filter(None, (_first(layer, "huisletter"), _first(layer, "toevoeging")))]
        label_by(
            layer, "concat(" + ", ".join(f'"{part}"' for part in parts) + ")", colour="#5c4a42", size=7, scale=1500
        )


def trees(layer: QgsVectorLayer) -> None:
    """Green dots as large as a crown; a trunk and a crown in 3D, on the terrain."""
    symbol = QgsMarkerSymbol.createSimple({"name": "circle", "color": "#7fae6a", "outline_color": "#4d7a3c"})
    symbol.setSizeUnit(Qgis.RenderUnit.MapUnits)
    symbol.setSize(2 * _CROWN)
    symbol.setOpacity(0.75)
    _single(layer, symbol)
    trunk = styles3d.solid(Qgis.Point3DShape.Cylinder, {"radius": 0.2, "length": _TRUNK}, "#7a5a3c", _TRUNK / 2)
    crown = styles3d.solid(Qgis.Point3DShape.Sphere, {"radius": _CROWN}, "#5f9a4a", _TRUNK + 0.8 * _CROWN)
    styles3d.solids_by_rules(layer, [("", trunk), ("", crown)])


def tree_rows(layer: QgsVectorLayer) -> None:
    """Hedges as green bands."""
    symbol = QgsLineSymbol.createSimple({"color": "#6f9f59"})
    symbol.setWidthUnit(Qgis.RenderUnit.MapUnits)
    symbol.setWidth(1.0)
    _single(layer, symbol)


def tree_areas(layer: QgsVectorLayer) -> None:
    """Groups of trees in green."""
    _single(layer, QgsFillSymbol.createSimple({"color": "#a8c99a", "outline_color": "#6f9f59", "outline_width": "0.1"}))


def furniture(layer: QgsVectorLayer) -> None:
    """Small dots by class."""
    _categories(layer, "klasse", {key: (_dot(colour), label) for key, (colour, label) in FURNITURE.items()}, "#b0a99f")


def top10nl(layer: QgsVectorLayer) -> None:
    """Themes in the colours of Dutch topographic maps."""
    kind = layer.geometryType()
    found: dict[str, tuple[QgsSymbol, str]] = {}
    for theme, (area, line, label) in TOP10NL.items():
        if kind == Qgis.GeometryType.Polygon:
            fill = {"color": area, "outline_color": line, "outline_width": "0.05"}
            found[theme] = (QgsFillSymbol.createSimple(fill), label)
        elif kind == Qgis.GeometryType.Line:
            found[theme] = (QgsLineSymbol.createSimple({"color": line, "width": "0.3"}), label)
        else:
            found[theme] = (_dot(line), label)
    _categories(layer, "thema", found, "#d8d2c6")


def _categories(layer: QgsVectorLayer, field: str, found: dict[str, tuple[QgsSymbol, str]], rest: str) -> None:
    """Colour by the values of a field; the rest has a category of its own, so that nothing is hidden."""
    categories = [QgsRendererCategory(key, symbol, tr(label)) for key, (symbol, label) in found.items()]
    other = QgsSymbol.defaultSymbol(layer.geometryType())
    other.setColor(QColor(rest))
    categories.append(QgsRendererCategory(None, other, tr("Other")))
    layer.setRenderer(QgsCategorizedSymbolRenderer(field, categories))


def _single(layer: QgsVectorLayer, symbol: QgsSymbol) -> None:
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))


def _dot(colour: str) -> QgsMarkerSymbol:
    return QgsMarkerSymbol.createSimple({"name": "circle", "color": colour, "outline_color": "#ffffff", "size": "1.4"})


def _hollow(colour: str, width: float) -> dict[str, str]:
    return {"style": "no", "outline_color": colour, "outline_width": str(width)}


def _first(layer: QgsVectorLayer, *names: str) -> str | None:
    """Return the first of these fields that a layer has, in its own spelling."""
    present = {name.lower(): name for name in layer.fields().names()}
    return next((present[name] for name in names if name in present), None)


STYLES_REGISTERS = {
    "addresses": addresses,
    "boundaries": boundaries,
    "furniture": furniture,
    "parcels": parcels,
    "top10nl": top10nl,
    "tree_areas": tree_areas,
    "tree_rows": tree_rows,
    "trees": trees,
}
