"""Pictures in 3D for the pages of a report: what stands in space, over a map that lies on the ground."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMapLayer,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QImage

from dtwin_plugin.data.crs import RD

from . import ground3d, map_pictures, scene3d, styles3d
from .scene_style import SUN, lights

PIXELS = (720, 576)  # 210 dots an inch on a page of A4; twice as many take twice as long
_LAMP = 0.45  # where the sun is low, what it does not reach must be seen too
_COVER = 260.0  # mm, as on paper: 2,000 dots along a side of the scene
_TILE, _ERROR = 512, 2  # dots of a tile of the ground, and how many dots it may be off


@dataclass(frozen=True)
class Shot:
    """A picture to make.

    Attributes
    ----------
    below : sequence of QgsMapLayer
        What lies on the ground, the first on top.
    place : tuple of float
        What is looked at, x and y in RD.
    distance, tilt, heading : float
        From where: metres, and degrees from straight down and clockwise from north.
    sun : tuple of float
        Azimuth from the north of the map and height [degree].
    """

    below: Sequence[QgsMapLayer]
    place: tuple[float, float]
    distance: float
    tilt: float = 52.0
    heading: float = 15.0
    sun: tuple[float, float] = SUN


def scene_pictures(
    standing: Sequence[QgsVectorLayer],
    ground: QgsRasterLayer | None,
    extent: QgsRectangle,
    shots: Iterable[Shot],
    each: Callable[[int, QImage], None],
) -> None:
    """Make pictures, and give each with its number to `each`, which may raise to stop.

    Needs a display with OpenGL: see `opengl.opengl_fault`.

    Parameters
    ----------
    standing : sequence of QgsVectorLayer
        With their renderers in 3D; of no project.
    ground : QgsRasterLayer or None
        Heights; flat at 0 m NAP without.
    extent : QgsRectangle
        Of the scene, a square.
    """
    styles3d.initialise()
    project = QgsProject()
    project.setCrs(QgsCoordinateReferenceSystem(RD))
    with tempfile.TemporaryDirectory(prefix="dtwin-ground-", ignore_cleanup_errors=True) as folder:
        own = None if ground is None else ground3d.without_holes(ground.clone(), extent, Path(folder))
        project.addMapLayers([layer for layer in (*standing, own) if layer is not None], False)
        try:
            for number, shot in enumerate(shots):
                cover = _cover(shot.below, extent, Path(folder) / f"cover-{number}.png")
                project.addMapLayer(cover, False)
                settings = scene3d.settings_of(project, extent, own, 1.0, [*standing, cover])
                settings.setMapTileResolution(_TILE)  # the cover has no more to show, and each tile takes its time
                settings.setMaxTerrainScreenError(_ERROR)
                settings.setLightSources(lights(*shot.sun, _LAMP))
                place = (*shot.place, level_of(own, *shot.place))
                pose = scene3d.pose_at(settings, place, shot.distance, shot.tilt, shot.heading)
                picture = scene3d.rendered(project, settings, pose, *PIXELS)
                settings.setLayers([])
                project.removeMapLayer(cover.id())
                each(number, picture)
        finally:
            project.clear()  # layers must be gone before the folder is


def _cover(below: Sequence[QgsMapLayer], extent: QgsRectangle, path: Path) -> QgsRasterLayer:
    """Return layers as one picture on the ground: drawn once, and not for each tile of it."""
    image = map_pictures.map_picture(below, extent, _COVER, _COVER)
    map_pictures.keep_picture(image, path)
    step = extent.width() / image.width()
    corner = (extent.xMinimum() + step / 2, extent.yMaximum() - step / 2)
    path.with_suffix(".pgw").write_text("\n".join(map(repr, (step, 0.0, 0.0, -step, *corner))), encoding="ascii")
    layer = QgsRasterLayer(str(path), "cover")
    layer.setCrs(QgsCoordinateReferenceSystem(RD))
    return layer


def level_of(ground: QgsRasterLayer | None, x: float, y: float) -> float:
    """Return the height of the ground at a place [m], 0 where it is not known."""
    if ground is None:
        return 0.0
    height, known = ground.dataProvider().sample(QgsPointXY(x, y), 1)
    return height if known and math.isfinite(height) else 0.0
