"""The pictures of the test of a plan: buildings and violations on the map, and in 3D."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from qgis.core import QgsMapLayer, QgsRasterLayer, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtGui import QImage

from dtwin_plugin.translate import mark

from . import map_pictures, styles3d
from .styles_plan import plan_objects, plan_violations

_PLASTER = "#eceae4"  # the design: violations lie just before its surfaces, and must stand out
_AROUND, _LEAST = 1.3, 30.0  # times what is shown, and m on each side at least
_VIEWS = ((mark("From the south-west"), 35.0), (mark("From the north-east"), 215.0))


@dataclass
class PlanScenery:
    """The layers of the pictures; None or empty where there are none.

    Attributes
    ----------
    objects, violations : QgsVectorLayer or None
        As the test of a plan makes them.
    plan : QgsVectorLayer or None
        Surfaces of the design, in space.
    terrain : QgsRasterLayer or None
    base : list of QgsMapLayer
        Below all, the first on top.
    """

    objects: QgsVectorLayer | None = None
    violations: QgsVectorLayer | None = None
    plan: QgsVectorLayer | None = None
    terrain: QgsRasterLayer | None = None
    base: list[QgsMapLayer] = field(default_factory=list)

    def extent(self) -> QgsRectangle:
        """Return what is shown: all of the layers of the test with room around; empty where there is none."""
        found = QgsRectangle()
        for layer in (self.objects, self.violations, self.plan):
            if layer is not None and layer.featureCount() > 0:
                found.combineExtentWith(layer.extent())
        if not found.isEmpty():
            grown = max(found.width(), found.height()) * (_AROUND - 1) / 2
            found.grow(max(grown, _LEAST))
        return found

    def below(self) -> list[QgsMapLayer]:
        """Return the background: the map, or else a relief."""
        return self.base or ([map_pictures.relief(self.terrain)] if self.terrain is not None else [])

    def over(self) -> list[QgsMapLayer]:
        """Return what the test found, in its colours."""
        found: list[QgsMapLayer] = []
        for layer, style in ((self.violations, plan_violations), (self.objects, plan_objects)):
            if layer is not None:
                copy = layer.clone()
                style(copy)
                found.append(copy)
        return found


def plan_map(scenery: PlanScenery, width: float, height: float) -> tuple[QImage, float]:
    """Return the map, and how many metres a millimetre on it is; width and height on paper [mm]."""
    extent = map_pictures.fitted(scenery.extent(), width / height)
    picture = map_pictures.map_picture([*scenery.over(), *scenery.below()], extent, width, height)
    return picture, extent.width() / width


def plan_scenes(scenery: PlanScenery, each: Callable[[str, QImage], None]) -> None:
    """Make pictures in 3D from two sides, and give each with its words, in English, to `each`.

    Needs a display with OpenGL: see `opengl.opengl_fault`.
    """
    from .scene_pictures import Shot, scene_pictures

    wanted = scenery.extent()
    place, distance = (wanted.center().x(), wanted.center().y()), 0.9 * max(wanted.width(), wanted.height())
    below = scenery.below()
    shots = [Shot(below, place, distance, 55.0, heading) for _, heading in _VIEWS]
    extent = map_pictures.fitted(wanted, 1.0)
    extent.scale(2.0)
    scene_pictures(
        _standing(scenery), scenery.terrain, extent, shots, lambda number, image: each(_VIEWS[number][0], image)
    )


def _standing(scenery: PlanScenery) -> Sequence[QgsVectorLayer]:
    """Return violations in their colours before the design, or before the blocks that were tested."""
    found: list[QgsVectorLayer] = []
    if scenery.violations is not None:
        found.append(scenery.violations.clone())
        plan_violations(found[-1])
    if scenery.plan is not None:
        found.append(scenery.plan.clone())
        styles3d.by_rules(found[-1], {"1 = 1": (_PLASTER, 1.0)})
    elif scenery.objects is not None:
        found.append(scenery.objects.clone())
        plan_objects(found[-1])
    return found
