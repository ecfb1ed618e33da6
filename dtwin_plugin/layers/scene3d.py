"""A 3D scene of a project, and a picture of it, without an open view."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from qgis._3d import (
    Qgs3DMapSettings,
    QgsCameraPose,
    QgsLayoutItem3DMap,
)
from qgis.core import (
    QgsDateTimeRange,
    QgsLayoutExporter,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsMapLayer,
    QgsPrintLayout,
    QgsProject,
    QgsRasterLayer,
    QgsReadWriteContext,
    QgsRectangle,
    QgsVector3D,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QImage
from qgis.PyQt.QtXml import QDomDocument, QDomElement

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import ModelError

from .clip3d import Detail
from .scene_style import light_from_below, lights, sharpen
from .stretch3d import heights, stretched_copy
from .tiling3d import Fitted

_DPI = 96
DETAIL = Detail(128, 0.2)  # a picture waits for it once: ditches of 2 m have water in them
_LAMP = 0.35  # with this what lies flat has the colour of its legend in pictures off screen
_rendering: list[QgsLayoutItem3DMap] = []  # what is being drawn: one at a time


def settings_of(
    project: QgsProject,
    extent: QgsRectangle,
    terrain: QgsRasterLayer | None,
    exaggeration: float = 1.0,
    layers: Sequence[QgsMapLayer] | None = None,
    detail: Detail = DETAIL,
) -> Qgs3DMapSettings:
    """Return the settings of a scene of layers over a terrain.

    Parameters
    ----------
    extent : QgsRectangle
        The part of the map in the scene, in the project's CRS, which is metric.
    terrain : QgsRasterLayer or None
        Heights of the ground; flat at 0 without.
    exaggeration : float
        All heights times this. Where it is not 1, copies of layers come into the project.
    layers : sequence of QgsMapLayer or None
        What is shown; default all visible layers. Those that are not in the project come into it.
    detail : Detail
        How finely the ground is drawn.
    """
    settings = Qgs3DMapSettings()
    context = QgsReadWriteContext()
    context.setPathResolver(project.pathResolver())
    settings.readXml(_element(project, extent, terrain, detail), context)
    settings.resolveReferences(project)
    settings.setTransformContext(project.transformContext())
    settings.setPathResolver(project.pathResolver())
    settings.setMapThemeCollection(project.mapThemeCollection())
    shown = project.layerTreeRoot().checkedLayers() if layers is None else layers
    crs = project.crs().authid()
    drawn = [stretched_copy(each, exaggeration, extent, crs) if exaggeration != 1 else each for each in shown]
    project.addMapLayers([layer for layer in drawn if layer.project() is None], False)  # which keeps them alive
    Fitted().fit(drawn, extent, project.crs())
    settings.setLayers(drawn)
    settings.setTerrainVerticalScale(exaggeration)
    sharpen(settings, detail.error)
    light(settings)
    return settings


def light(settings: Qgs3DMapSettings, below: bool = False) -> None:
    """Light a scene for a picture off screen, which QGIS makes darker than a view; from below too if that is wanted."""
    settings.setLightSources(lights(lamp=_LAMP))  # those that are there are deleted by this
    if below:
        light_from_below(settings, True)


def below_ground(settings: Qgs3DMapSettings) -> tuple[float, float]:
    """Take the ground away, and light what lies below it from below too.

    Terrain of QGIS cannot be see-through.

    Returns
    -------
    float, float
        The middle of the heights of the layers, and how far they reach [m]; 0 and 0 where they have none.
    """
    settings.setTerrainRenderingEnabled(False)
    light_from_below(settings, True)
    low, high = heights(settings.layers(), settings.terrainVerticalScale()) or (0.0, 0.0)
    return (low + high) / 2, high - low


def _element(project: QgsProject, extent: QgsRectangle, terrain: QgsRasterLayer | None, detail: Detail) -> QDomElement:
    """Return the XML of a scene: QGIS 3.40 has no Python call to set a terrain."""
    document = QDomDocument()
    root = document.createElement("qgis3d")

    def child(parent: QDomElement, name: str, **attributes: object) -> QDomElement:
        element = document.createElement(name)
        for key, value in attributes.items():
            element.setAttribute(key.replace("_", "-"), str(value))
        parent.appendChild(element)
        return element

    centre = extent.center()
    child(root, "origin", x=repr(centre.x()), y=repr(centre.y()), z=0)
    edges = (extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum())
    child(root, "extent", **dict(zip(("xMin", "yMin", "xMax", "yMax"), map(repr, edges))))
    project.crs().writeXml(child(root, "crs"), document)
    ground = child(
        root, "terrain", exaggeration=1, texture_size=1024, max_terrain_error=1, max_ground_error=detail.error
    )
    if terrain is None:
        child(ground, "generator", type="flat")
    else:
        child(ground, "generator", type="dem", layer=terrain.id(), resolution=detail.resolution, skirt_height=10)
    return root


def camera(
    extent: QgsRectangle,
    pitch: float = 55.0,
    heading: float = 20.0,
    share: float = 0.9,
    middle: QgsVector3D | None = None,
    depth: float = 0.0,
) -> QgsCameraPose:
    """Return a pose that looks at the middle of an area from the south.

    Parameters
    ----------
    pitch, heading : float
        Degrees from straight down, above 90 from below; and clockwise from north.
    share : float
        Part of the area's width that fills the picture.
    middle : QgsVector3D or None
        What is looked at, in coordinates of the scene; default its origin: the middle of the area at 0 m NAP.
    depth : float
        How far what is looked at reaches upwards [m]: it is to fit in the picture as its width does.
    """
    pose = QgsCameraPose()
    pose.setCenterPoint(QgsVector3D(0, 0, 0) if middle is None else middle)
    size = max(extent.width(), extent.height(), depth)
    pose.setDistanceFromCenterPoint(share * size / (2 * math.tan(math.radians(22.5))))
    pose.setPitchAngle(pitch)
    pose.setHeadingAngle(-heading)  # QGIS turns the other way about
    return pose


def pose_at(
    settings: Qgs3DMapSettings, place: tuple[float, float, float], distance: float, pitch: float, heading: float
) -> QgsCameraPose:
    """Return a pose that looks at a place in map coordinates [m]; angles as those of `camera`."""
    pose = QgsCameraPose()
    pose.setCenterPoint(settings.mapToWorldCoordinates(QgsVector3D(*place)))
    pose.setDistanceFromCenterPoint(distance)
    pose.setPitchAngle(pitch)
    pose.setHeadingAngle(-heading)  # QGIS turns the other way about
    return pose


def rendered(
    project: QgsProject,
    settings: Qgs3DMapSettings,
    pose: QgsCameraPose,
    width: int,
    height: int,
    span: QgsDateTimeRange | None = None,
) -> QImage:
    """Render a scene off screen; needs a display with OpenGL, a virtual one will do.

    Parameters
    ----------
    width, height : int
        Size of the picture [px].
    span : QgsDateTimeRange or None
        The time that meshes show.

    Raises
    ------
    ModelError
        If no picture comes.
    """
    if _rendering:  # events go on in the meantime, and a picture within a picture ends QGIS
        raise ModelError("Another 3D picture is being made.", hint="Wait until it is there.")
    layout = QgsPrintLayout(project)  # one for each picture: an item does not hear of another time
    layout.initializeDefaults()
    item = QgsLayoutItem3DMap(layout)
    layout.addLayoutItem(item)
    millimetre = 25.4 / _DPI
    size = QgsLayoutSize(width * millimetre, height * millimetre)
    layout.pageCollection().page(0).setPageSize(size)
    item.attemptMove(QgsLayoutPoint(0, 0))
    item.attemptResize(size)
    fill(item, settings, pose, span)
    _rendering.append(item)
    try:
        image = QgsLayoutExporter(layout).renderPageToImage(0, QSize(width, height), _DPI)
    finally:
        _rendering.remove(item)
    if image.isNull():
        raise ModelError("The 3D picture could not be made.", hint="Free some memory, or make it smaller.")
    return image


def fill(
    item: QgsLayoutItem3DMap, settings: Qgs3DMapSettings, pose: QgsCameraPose, span: QgsDateTimeRange | None
) -> None:
    """Let an item of a layout show a scene."""
    own = Qgs3DMapSettings(settings)
    if span is not None:
        own.setTemporalRange(span)
        item.setIsTemporal(True)
        item.setTemporalRange(span)
    item.setMapSettings(own)
    item.setBackgroundColor(settings.backgroundColor())
    item.setCameraPose(pose)


def save_picture(
    project: QgsProject,
    settings: Qgs3DMapSettings,
    pose: QgsCameraPose,
    path: Path,
    width: int,
    height: int,
    span: QgsDateTimeRange | None = None,
) -> None:
    """Render a scene off screen to a PNG: see `rendered`."""
    write_png(rendered(project, settings, pose, width, height, span), path)


def write_png(image: QImage, path: Path) -> None:
    """Write a picture; raises ModelError where it cannot be written."""
    with written_beside(path) as temporary:
        if not image.save(str(temporary), "PNG"):
            raise ModelError("The 3D picture {file} could not be written.", hint="Check the folder.", file=path.name)
