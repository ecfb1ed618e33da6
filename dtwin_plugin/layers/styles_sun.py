"""How sun and shadow look: pale in the sun, dark in the shadow, yellow with more hours."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsColorRampShader,
    QgsFillSymbol,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.translate import mark, tr

from . import styles3d
from .styles_raster import shade, shade_by
from .styles_shared import absolute, by_class

_LIGHT = (
    (0.01, "#b0243447", mark("Shadow")),
    (0.99, "#604a6b5a", mark("Through crowns")),
    (2.0, "#00ffffff", mark("Sun")),
)
# upper limit [h] and colour; 2 and 3 hours are those of the norms
_HOURS = (
    (0.0, "#2c3e50"),
    (1.0, "#5d6d7e"),
    (2.0, "#a6acaf"),
    (3.0, "#fcf3cf"),
    (4.0, "#f9e79f"),
    (6.0, "#f7dc6f"),
    (8.0, "#f4d03f"),
    (12.0, "#f1b40f"),
    (float("inf"), "#e67e22"),
)
_CHANGE = (
    (-2.0, "#67001f"),
    (-1.0, "#b2182b"),
    (-0.5, "#d6604d"),
    (-1 / 12, "#f4a582"),
    (1 / 12, "#00ffffff"),
    (float("inf"), "#4393c3"),
)
_STUDY = (
    (0.5, "#00ffffff", mark("Sun")),
    (1.5, "#b0243447", mark("Shadow")),
    (2.5, "#604a6b5a", mark("Through crowns")),
    (3.5, "#e0d1495b", mark("New shadow of the plan")),
    (4.5, "#b0f4d03f", mark("No more in shadow")),
)
VERDICTS = {
    "meets": ("#f1b40f", mark("Meets the norm")),
    "fell": ("#b2182b", mark("Falls below the norm through the plan")),
    "below": ("#5d6d7e", mark("Below the norm")),
    "no sun": ("#d5d8dc", mark("Never has sun here")),
}
ROOFS = {
    "very good": ("#f1b40f", mark("Very good: 90 percent of the best plane or more")),
    "good": ("#e67e22", mark("Good: 75 to 90 percent")),
    "moderate": ("#b5563c", mark("Moderate: 60 to 75 percent")),
    "poor": ("#5d6d7e", mark("Poor: less than 60 percent")),
}


def sun_light(layer: QgsRasterLayer) -> None:
    """Shadow over the map; what is in the sun is not drawn."""
    shade_by(layer, _LIGHT)


def sun_study(layer: QgsRasterLayer) -> None:
    """Shadow as at moments, and in colours of their own what is new and what is no more."""
    shade_by(layer, _STUDY)


def sun_hours(layer: QgsRasterLayer) -> None:
    """From dark to yellow, with steps at the hours of the norms."""
    shade(layer, _steps(_HOURS), True)


def sun_change(layer: QgsRasterLayer) -> None:
    """Red where the plan takes sun; changes below 5 minutes are not drawn."""
    shade(layer, _steps(_CHANGE), True)


def _steps(steps: tuple[tuple[float, str], ...]) -> list[QgsColorRampShader.ColorRampItem]:
    items, low = [], None
    for upper, colour in steps:
        end = f"{upper:.2g}"
        label = f"<= {end} h" if low is None else f"> {low} h" if upper == float("inf") else f"{low} - {end} h"
        items.append(QgsColorRampShader.ColorRampItem(upper, QColor(colour), label))
        low = end
    return items


def sun_points(layer: QgsVectorLayer) -> None:
    """By the outcome of the norm; small balls at their height in 3D."""
    by_class(layer, "verdict", VERDICTS, 1.2)
    absolute(layer)
    at_point = Qgis.AltitudeClamping.Absolute
    balls = [
        (f"\"verdict\" = '{name}'", styles3d.solid(Qgis.Point3DShape.Sphere, {"radius": 0.35}, colour, 0.0, at_point))
        for name, (colour, _) in VERDICTS.items()
    ]
    styles3d.solids_by_rules(layer, balls)


def sun_panels(layer: QgsVectorLayer) -> None:
    """By the outcome of the norm; upright on the walls in 3D, so that the map shows them from above, as lines."""
    categories = []
    for name, (colour, label) in VERDICTS.items():
        line = QgsFillSymbol.createSimple({"color": colour, "outline_color": colour, "outline_width": "0.8"})
        categories.append(QgsRendererCategory(name, line, tr(label)))
    layer.setRenderer(QgsCategorizedSymbolRenderer("verdict", categories))
    absolute(layer)
    rules = {f"\"verdict\" = '{name}'": (colour, 1.0) for name, (colour, _) in VERDICTS.items()}
    styles3d.by_rules(layer, rules)


def sun_buildings(layer: QgsVectorLayer) -> None:
    """Footprints by the outcome of their sunniest window; extruded in 3D where heights are known."""
    by_class(layer, "sun_verdict", VERDICTS)
    styles3d.extruded_by_class(layer, "sun_verdict", {name: colour for name, (colour, _) in VERDICTS.items()})


def sun_roofs(layer: QgsVectorLayer) -> None:
    """Roofs by what they get of the best plane; where they stand in 3D."""
    by_class(layer, "sun_class", ROOFS)
    absolute(layer)
    rules = {f"\"sun_class\" = '{name}'": (colour, 1.0) for name, (colour, _) in ROOFS.items()}
    styles3d.by_rules(layer, rules)


STYLES_SUN = {
    "sun_buildings": sun_buildings,
    "sun_change": sun_change,
    "sun_hours": sun_hours,
    "sun_light": sun_light,
    "sun_panels": sun_panels,
    "sun_points": sun_points,
    "sun_roofs": sun_roofs,
    "sun_study": sun_study,
}
RANKS_SUN = (
    "sun_points",
    "sun_panels",
    "sun_roofs",
    "sun_buildings",
    "sun_light",
    "sun_study",
    "sun_change",
    "sun_hours",
)
