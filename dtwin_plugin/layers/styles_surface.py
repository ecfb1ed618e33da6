"""How surfaces look by what they do to rain: paving grey, roofs red, soil and green by how open they are."""

from __future__ import annotations

from qgis.core import QgsCategorizedSymbolRenderer, QgsFillSymbol, QgsRendererCategory, QgsVectorLayer

from dtwin_plugin.translate import mark, tr

# name in the table of land cover -> colour and text
KINDS = {
    "roof": ("#c26a5a", mark("Roof")),
    "closed paving": ("#8c8c8c", mark("Closed paving")),
    "open paving": ("#b9b4ab", mark("Open paving")),
    "closed, no sewer": ("#6e6a78", mark("Closed, no sewer")),
    "half paved": ("#d2c3a0", mark("Half paved")),
    "yard": ("#e3d9bd", mark("Yard")),
    "railway ballast": ("#a79b8e", mark("Railway ballast")),
    "bare soil": ("#e8d5a3", mark("Bare soil")),
    "sand": ("#f3e7b5", mark("Sand")),
    "green": ("#a9c98f", mark("Green")),
    "measure that lets water in": ("#5fa35a", mark("Measure that lets water in")),
    "water": ("#8fbfe0", mark("Water")),
}
OTHER = "#d9d9d9"


def rain_surfaces(layer: QgsVectorLayer) -> None:
    """A colour for each kind of surface that the shipped table names, and one for those of another table."""
    categories = [
        QgsRendererCategory(name, _fill(colour), tr(text))  # type: ignore[arg-type]
        for name, (colour, text) in KINDS.items()
    ]
    categories.append(QgsRendererCategory(None, _fill(OTHER), tr("Other")))  # type: ignore[arg-type]
    layer.setRenderer(QgsCategorizedSymbolRenderer("surface", categories))


def _fill(colour: str) -> QgsFillSymbol:
    return QgsFillSymbol.createSimple({"color": colour, "outline_color": "#7a7a7a", "outline_width": "0.05"})


STYLES_SURFACE = {"rain_surfaces": rain_surfaces}
RANKS_SURFACE = ("rain_surfaces",)
