"""What comparing shows and leaves out in 3D: a difference in place of the results that it is of, and plan designs."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import Qgis, QgsMapLayer, QgsProject, QgsVectorLayer

from .finish import style_of
from .scenarios import is_design, scenarios_of

Change = Callable[[QgsMapLayer], "QgsMapLayer | None"]
# Styles of what differs between two runs; the first word is that of the results that it is of.
DIFFERENCES = (
    "water_difference", "water_change", "noise_difference", "noise_change", "sun_change", "traffic_difference",
)  # fmt: skip
# Results that are the buildings themselves: they stay where the difference lies on the ground.
_STANDING = {
    "water": ("building_depth", "building_water"), "noise": ("noise_buildings",), "sun": ("sun_buildings", "sun_roofs"),
}  # fmt: skip


def is_difference(layer: QgsMapLayer) -> bool:
    """Tell whether a layer shows what differs between two runs."""
    return style_of(layer) in DIFFERENCES


def without_results(difference: QgsMapLayer) -> Change:
    """Return a change that leaves out the results that a difference is shown in place of, and other differences."""
    theme = style_of(difference).partition("_")[0]
    is_area = isinstance(difference, QgsVectorLayer) and difference.geometryType() == Qgis.GeometryType.Polygon
    stands = is_area and difference.renderer3D() is not None

    def shown(layer: QgsMapLayer) -> QgsMapLayer | None:
        style = style_of(layer)
        if style in _STANDING.get(theme, ()):
            return None if stands else layer
        return None if style.startswith(f"{theme}_") else layer

    return shown


def without_designs(project: QgsProject) -> Change:
    """Return a change that leaves out the plan designs of a project."""
    designs = {layer for scenario in scenarios_of(project) for layer in scenario.designs}
    return lambda layer: None if layer.id() in designs or is_design(layer) else layer
