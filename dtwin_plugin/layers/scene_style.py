"""How a 3D view looks when it is opened: sharp ground, light, sky, and what the user's settings ask for."""

from __future__ import annotations

import math

from qgis._3d import Qgs3DMapSettings, QgsDirectionalLightSettings, QgsLightSource, QgsPointLightSettings
from qgis.core import (
    Qgis,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVector3D,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QCoreApplication, QObject
from qgis.PyQt.QtGui import QAction, QColor

from . import settings as user

SKY = "#dbe9f4"
SUN = (222.0, 48.0)  # azimuth and height [degree] that show roofs and walls well
_EDGE_STRENGTH = 400.0
_GLOW = 0.4  # of the light from below; the sun's is another
_LAMP = 1000.0  # m above the middle: fills the shadows a little


def lights(azimuth: float = SUN[0], height: float = SUN[1], lamp: float = 0.1) -> list[QgsLightSource]:
    """Return a sun and a weak lamp above the middle.

    Parameters
    ----------
    azimuth, height : float
        Where the sun stands, in degrees clockwise from north and above the horizon; one that is about to set lights
        as at 5 degrees, or nothing would be seen.
    lamp : float
        Intensity of the lamp: pictures off screen need more than views, in which QGIS adds light.
    """
    turn, rise = math.radians(azimuth), math.radians(max(height, 5.0))
    sun = QgsDirectionalLightSettings()
    out = math.cos(rise)
    sun.setDirection(_in_view(-out * math.sin(turn), -out * math.cos(turn), -math.sin(rise)))
    sun.setIntensity(0.68)  # what lies flat has the colour of its legend: water, and streets next to it
    above = QgsPointLightSettings()
    above.setPosition(_in_view(0, 0, _LAMP))
    above.setIntensity(lamp)
    above.setConstantAttenuation(1.0)
    return [sun, above]


def light_from_below(settings: Qgs3DMapSettings, wanted: bool) -> None:
    """Add a weak light from below for what is seen from there, or take it away; the others stay."""
    glow = QgsDirectionalLightSettings()
    glow.setDirection(_in_view(-0.3, -0.3, 0.8))
    glow.setIntensity(_GLOW)
    # QGIS deletes those that are there
    others = [light.clone() for light in settings.lightSources() if not _is_glow(light)]
    settings.setLightSources([*others, glow] if wanted else others)


def _is_glow(light: QgsLightSource) -> bool:
    if light.type() != Qgis.LightSourceType.Directional:
        return False
    return abs(sip.cast(light, QgsDirectionalLightSettings).intensity() - _GLOW) < 1e-3  # Python knows the base class


def _in_view(x: float, y: float, z: float) -> QgsVector3D:
    """Return an offset in map axes in those of the view, which QGIS turned in 3.42."""
    return QgsVector3D(x, y, z) if Qgis.QGIS_VERSION_INT >= 34200 else QgsVector3D(x, z, -y)


def sharpen(settings: Qgs3DMapSettings, error: float = 0.2) -> None:
    """Show the ground in the detail of its picture, below a light sky.

    Call it right after a view was opened, before the event loop runs: nothing of the ground is read by then, and a view
    that makes its ground anew while tiles of it are read may die (seen in 3.40).

    Parameters
    ----------
    error : float
        Of the heights of the ground [m].
    """
    settings.setBackgroundColor(QColor(SKY))
    blocked = settings.blockSignals(True)
    settings.setMapTileResolution(1024)
    settings.setMaxTerrainScreenError(1)
    settings.setMaxTerrainGroundError(error)
    settings.blockSignals(blocked)


def dress(widget: QObject, settings: Qgs3DMapSettings) -> None:
    """Let a view that was just opened look as the user set it; call it before the event loop runs, as `sharpen`.

    Parameters
    ----------
    widget : QObject
        What QGIS made for the view: it has a switch that Python has no call for.
    """
    sharpen(settings)
    settings.setLightSources(lights())
    settings.setEyeDomeLightingEnabled(user.edges())
    settings.setEyeDomeLightingStrength(_EDGE_STRENGTH)
    _switch(widget, "Show Shadows", user.shadows())


def _switch(widget: QObject, text: str, wanted: bool) -> None:
    """Set a switch of the view by its English text: QGIS translates it, and tells no other name."""
    translated = QCoreApplication.translate(widget.metaObject().className(), text)
    for action in widget.findChildren(QAction):
        if action.text() == translated and action.isCheckable():
            action.setChecked(wanted)


def ground_height(project: QgsProject, ground: QgsRasterLayer | None, extent: QgsRectangle) -> float:
    """Return the height of the ground in the middle of an area [m]; 0 where there is none."""
    centre = extent.center()
    height = math.nan
    if ground is not None:
        height, known = ground.dataProvider().sample(centre, 1)
        height = height if known else math.nan
    else:
        provider = project.elevationProperties().terrainProvider()
        if provider is not None:
            height = provider.heightAt(centre.x(), centre.y())
    return height if math.isfinite(height) else 0.0


def has_terrain(project: QgsProject) -> bool:
    """Whether the project has heights of the ground."""
    provider = project.elevationProperties().terrainProvider()
    return provider is not None and provider.type() != "flat"
