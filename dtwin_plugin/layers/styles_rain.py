"""How rain looks on the map: amounts in a step or a period, in mm."""

from __future__ import annotations

from qgis.core import QgsColorRampShader, QgsRasterLayer
from qgis.PyQt.QtGui import QColor

from .styles_raster import shade

# upper limit [mm], colour; from drizzle in 5 minutes to the stress test of 70 mm and beyond
_AMOUNTS = (
    (0.1, "#00ffffff"),
    (0.5, "#e0f3f8"),
    (1, "#abd9e9"),
    (2, "#74add1"),
    (5, "#4575b4"),
    (10, "#313695"),
    (20, "#fee090"),
    (35, "#fdae61"),
    (50, "#f46d43"),
    (70, "#d73027"),
    (100, "#a50026"),
    (float("inf"), "#4d004b"),
)


def rain(layer: QgsRasterLayer) -> None:
    """Blue up to 10 mm, from yellow to purple above; below 0.1 mm nothing is shown."""
    items, low = [], 0.0
    for upper, colour in _AMOUNTS:
        label = f"> {low:g} mm" if upper == float("inf") else f"{low:g} - {upper:g} mm" if low else f"< {upper:g} mm"
        items.append(QgsColorRampShader.ColorRampItem(upper, QColor(colour), label))
        low = upper
    shade(layer, items, True)


STYLES_RAIN = {"rain": rain}
RANKS_RAIN = ("rain",)
