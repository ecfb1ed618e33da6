"""A 3D scene of a project, and a picture of it, without an open view."""

from __future__ import annotations

import math
from pathlib import Path

from qgis._3d import (
    Qgs3DMapSettings,
    QgsCameraPose,
    QgsDirectionalLightSettings,
    QgsLayoutItem3DMap,
    QgsPointLightSettings,
)
from qgis.core import (
    QgsLayoutExporter,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsPrintLayout,
    QgsProject,
    QgsRasterLayer,
    QgsReadWriteContext,
    QgsRectangle,
    QgsVector3D,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import ModelError

_DPI = 96
_SKY = "#dbe9f4"


def settings_of(project: QgsProject, extent: QgsRectangle, terrain: QgsRasterLayer | None) -> Qgs3DMapSettings:
    """Return the settings of a scene of all visible layers over a terrain.

    Parameters
    ----------
    extent : QgsRectangle
        The part of the map in the scene, in the project's CRS, which is metric.
    terrain : QgsRasterLayer or None
        Heights of the ground; flat at 0 without.
    """
    settings = Qgs3DMapSettings()
    settings.setCrs(project.crs())
    settings.setOrigin(QgsVector3D(extent.center().x(), extent.center().y(), 0))
    settings.setExtent(extent)
    settings.setTransformContext(project.transformContext())
    settings.setPathResolver(project.pathResolver())
    settings.setMapThemeCollection(project.mapThemeCollection())
    settings.setLayers([layer for layer in project.layerTreeRoot().checkedLayers() if layer != terrain])
    settings.setBackgroundColor(QColor(_SKY))
    if terrain is not None:
        _set_terrain(settings, project, terrain)
    settings.setMapTileResolution(1024)
    settings.setMaxTerrainScreenError(1)
    settings.setMaxTerrainGroundError(0.2)
    sun = QgsDirectionalLightSettings()
    sun.setDirection(QgsVector3D(0.5, -0.7, 0.35))
    sun.setIntensity(0.9)
    lamp = QgsPointLightSettings()
    lamp.setPosition(QgsVector3D(0, 1000, 0))
    lamp.setIntensity(0.35)
    lamp.setConstantAttenuation(1.0)
    settings.setLightSources([sun, lamp])
    return settings


def _set_terrain(settings: Qgs3DMapSettings, project: QgsProject, terrain: QgsRasterLayer) -> None:
    """Set a raster as the terrain, by way of XML: QGIS 3.40 has no Python call for it."""
    document, context = QDomDocument(), QgsReadWriteContext()
    context.setPathResolver(project.pathResolver())
    element = settings.writeXml(document, context)
    tag = element.firstChildElement("terrain")
    while not (old := tag.firstChildElement("generator")).isNull():
        tag.removeChild(old)
    generator = document.createElement("generator")
    for name, value in (("type", "dem"), ("layer", terrain.id()), ("resolution", "32"), ("skirt-height", "10")):
        generator.setAttribute(name, value)
    tag.appendChild(generator)
    settings.readXml(element, context)
    settings.resolveReferences(project)


def camera(extent: QgsRectangle, pitch: float = 55.0, heading: float = 20.0, share: float = 0.9) -> QgsCameraPose:
    """Return a pose that looks at the middle of an area from the south.

    Parameters
    ----------
    pitch, heading : float
        Degrees from straight down, and clockwise from north.
    share : float
        Part of the area's width that fills the picture.
    """
    pose = QgsCameraPose()
    pose.setCenterPoint(QgsVector3D(0, 0, 0))
    pose.setDistanceFromCenterPoint(share * max(extent.width(), extent.height()) / (2 * math.tan(math.radians(22.5))))
    pose.setPitchAngle(pitch)
    pose.setHeadingAngle(heading)
    return pose


def save_picture(
    project: QgsProject, settings: Qgs3DMapSettings, pose: QgsCameraPose, path: Path, width: int, height: int
) -> None:
    """Render a scene off screen to a PNG; needs a display with OpenGL, a virtual one will do.

    Raises
    ------
    ModelError
        If no picture comes.
    """
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    item = QgsLayoutItem3DMap(layout)
    layout.addLayoutItem(item)
    millimetre = 25.4 / _DPI
    size = QgsLayoutSize(width * millimetre, height * millimetre)
    layout.pageCollection().page(0).setPageSize(size)
    item.attemptMove(QgsLayoutPoint(0, 0))
    item.attemptResize(size)
    item.setMapSettings(Qgs3DMapSettings(settings))
    item.setBackgroundColor(settings.backgroundColor())
    item.setCameraPose(pose)
    image = QgsLayoutExporter(layout).renderPageToImage(0, QSize(width, height), _DPI)
    with written_beside(path) as temporary:
        if image.isNull() or not image.save(str(temporary), "PNG"):
            raise ModelError("The 3D picture {file} could not be made.", hint="Free some memory.", file=path.name)
