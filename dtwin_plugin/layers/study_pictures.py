"""The pictures of a shadow study: each moment before and with the plan on the map, and in 3D."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from qgis.core import (
    QgsMapLayer,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QImage

from . import map_pictures, styles3d
from .styles_sun import sun_study

PLAN, OLD = "#2a6fbb", "#d9d3c7"  # the plan, and the buildings that are there
_LEAST_DISTANCE = 60.0  # m
_AROUND = 1.8  # times what the maps show, in the scene
_FARTHER, _TILT = 1.3, 32.0  # times what the maps show, and degrees: a shadow behind its block is to be seen too


@dataclass
class Scenery:
    """The layers of the pictures; None or empty where there are none.

    Attributes
    ----------
    before, after : Path
        Shadow, a band for each moment, as the model writes it.
    plan, buildings : QgsVectorLayer
        In space; None where there are no buildings beside those in the surface. A plan may be outlines.
    ground : QgsRasterLayer or None
        Heights, for 3D and as relief.
    base : list of QgsMapLayer
        Below all, the first on top.
    blocks : QgsVectorLayer or None
        In space what the plan has as outlines.
    extent : QgsRectangle
        What was counted: maps show no more.
    wanted : QgsRectangle
        What they show of it at least where it fits: the plan and its new shadow.
    """

    before: Path
    after: Path
    plan: QgsVectorLayer
    extent: QgsRectangle
    wanted: QgsRectangle
    buildings: QgsVectorLayer | None = None
    ground: QgsRasterLayer | None = None
    base: list[QgsMapLayer] = field(default_factory=list)
    blocks: QgsVectorLayer | None = None

    def below(self) -> list[QgsMapLayer]:
        """Return what lies below the shadow on the map: buildings, and the map or a relief."""
        found: list[QgsMapLayer] = []
        if self.buildings is not None:
            found.append(map_pictures.plain_copy(self.buildings, OLD, "#9a9284", 0.1))
        if self.base:
            return [*found, *self.base]
        return found if self.ground is None else [*found, map_pictures.relief(self.ground)]

    def over(self, later: bool) -> list[QgsMapLayer]:
        """Return what lies over the shadow: the plan, or where it will come."""
        if later:
            return [map_pictures.plain_copy(self.plan, PLAN, "#123a66", 0.2)]
        found: list[QgsMapLayer] = [map_pictures.plain_copy(self.plan, "", PLAN, 0.25)]
        return found


def moment_layer(path: Path, band: int) -> QgsRasterLayer:
    """Return the shadow of one moment; bands count from 1."""
    layer = QgsRasterLayer(str(path), f"{path.stem} {band}")
    sun_study(layer)
    layer.renderer().setInputBand(band)
    return layer


def moment_maps(
    scenery: Scenery, count: int, width: float, height: float, each: Callable[[int, bool, QImage], None]
) -> None:
    """Make the map of each moment before and with the plan, and give it to `each` with its number.

    Parameters
    ----------
    count : int
        Of moments.
    width, height : float
        On paper [mm].
    each : callable
        `each(number, later, picture)`; it may raise to stop.
    """
    extent = map_pictures.within(scenery.wanted, scenery.extent, width / height)
    below = scenery.below()
    over = {later: scenery.over(later) for later in (False, True)}
    for number in range(count):
        for later in (False, True):
            shadow = moment_layer(scenery.after if later else scenery.before, number + 1)
            each(number, later, map_pictures.map_picture([*over[later], shadow, *below], extent, width, height))


def moment_scenes(
    scenery: Scenery, sun: Mapping[int, tuple[float, float]], each: Callable[[int, QImage], None]
) -> None:
    """Make a picture in 3D of each moment with the plan, lit as by the sun, and give it to `each`.

    Needs a display with OpenGL: see `opengl.opengl_fault`. The shadow on the ground is that of the map.

    Parameters
    ----------
    sun : mapping of int to (float, float)
        Azimuth from the north of the map and height [degree], by the number of the moment. Pictures come in its order,
        and count from 0.
    """
    from .scene_pictures import Shot, scene_pictures

    wanted = scenery.wanted
    around = QgsRectangle(wanted)
    around.scale(_AROUND)
    extent = map_pictures.within(around, scenery.extent, 1.0)
    base = scenery.base or scenery.below()
    place = (wanted.center().x(), wanted.center().y())
    distance = _FARTHER * max(wanted.width(), wanted.height(), _LEAST_DISTANCE)
    shots = (
        Shot([moment_layer(scenery.after, number + 1), *base], place, distance, _TILT, sun=position)
        for number, position in sun.items()
    )
    scene_pictures(_standing(scenery), scenery.ground, extent, shots, each)


def _standing(scenery: Scenery) -> list[QgsVectorLayer]:
    """Return what stands in space, the plan in its own colour."""
    plan = (scenery.blocks or scenery.plan).clone()
    styles3d.by_rules(plan, {"1 = 1": (PLAN, 1.0)})
    found = [plan]
    if scenery.buildings is not None:
        old = scenery.buildings.clone()
        styles3d.by_rules(old, {"1 = 1": (OLD, 1.0)})
        found.append(old)
    return found
