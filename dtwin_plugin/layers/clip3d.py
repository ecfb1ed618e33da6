"""What Python has no call for in QGIS 3.40: another ground for a 3D view that is open, and planes that cut it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from qgis._3d import Qgs3DMapScene, Qgs3DMapSettings
from qgis.core import QgsProject, QgsRasterLayer, QgsReadWriteContext, QgsVector3D
from qgis.PyQt.QtGui import QVector4D
from qgis.PyQt.QtXml import QDomDocument, QDomElement

from dtwin_plugin.data.cutting import Plane


class Detail(NamedTuple):
    """How finely a ground is drawn: heights along the side of a tile, and the size of what may be wrong in it [m]."""

    resolution: int = 16
    error: float = 0.2


def lay_ground(settings: Qgs3DMapSettings, terrain: QgsRasterLayer, detail: Detail) -> None:
    """Let a scene have another ground; it is there when the scene is made anew, see `make_anew`.

    The layers of the scene must be set again: only those of the project come through.

    Parameters
    ----------
    terrain : QgsRasterLayer
        Kept alive by who calls; it need not be in the project.
    detail : Detail
    """

    def edit(element: QDomElement) -> None:
        ground = element.firstChildElement("terrain")
        ground.setAttribute("max-ground-error", repr(detail.error))
        generator = ground.firstChildElement("generator")
        for name, text in (("type", "dem"), ("layer", terrain.id()), ("resolution", str(detail.resolution))):
            generator.setAttribute(name, text)
        generator.setAttribute("skirt-height", "10")

    _read_again(settings, edit, terrain)


def darken_corners(settings: Qgs3DMapSettings, terrain: QgsRasterLayer | None) -> None:
    """Let a scene have ambient occlusion, which the switch of QGIS 3.40 does not do; else as `lay_ground`."""

    def edit(element: QDomElement) -> None:
        element.firstChildElement("screen-space-ambient-occlusion").setAttribute("enabled", "1")

    _read_again(settings, edit, terrain)
    settings.ambientOcclusionSettingsChanged.emit()


def _read_again(
    settings: Qgs3DMapSettings, edit: Callable[[QDomElement], None], terrain: QgsRasterLayer | None
) -> None:
    """Write settings as XML, change that, and read it again."""
    document, context = QDomDocument(), QgsReadWriteContext()
    context.setPathResolver(QgsProject.instance().pathResolver())
    element = settings.writeXml(document, context)
    origin, extent = element.firstChildElement("origin"), element.firstChildElement("extent")
    for name, value in (("x", settings.origin().x()), ("y", settings.origin().y())):
        origin.setAttribute(name, repr(value))  # QGIS writes six digits
    box = settings.extent()
    edges = (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())
    for name, value in zip(("xMin", "yMin", "xMax", "yMax"), edges):
        extent.setAttribute(name, repr(value))
    edit(element)
    is_known = terrain is None or terrain.project() is not None
    project = QgsProject.instance() if is_known else QgsProject()
    if not is_known:  # a layer is found in a project only
        project.addMapLayer(terrain, False)
    blocked = settings.blockSignals(True)
    settings.readXml(element, context)
    settings.resolveReferences(project)
    settings.blockSignals(blocked)
    if not is_known:
        project.takeMapLayer(terrain)


def cut(settings: Qgs3DMapSettings, scene: Qgs3DMapScene, planes: Sequence[Plane]) -> None:
    """Cut away what lies beyond upright planes; in 3.40 it is right when the scene is made anew, see `make_anew`."""
    if planes:
        scene.enableClipping([_in_view(settings, *plane) for plane in planes])
    else:
        scene.disableClipping()


def _in_view(settings: Qgs3DMapSettings, a: float, b: float, c: float) -> QVector4D:
    """Return a plane in the axes of the view, which QGIS turned in 3.42."""
    x, y = -a * c, -b * c  # the place on it that is nearest to the origin of the map
    begin = settings.mapToWorldCoordinates(QgsVector3D(x, y, 0.0))
    end = settings.mapToWorldCoordinates(QgsVector3D(x + a, y + b, 0.0))
    one, two, three = end.x() - begin.x(), end.y() - begin.y(), end.z() - begin.z()
    return QVector4D(one, two, three, -(one * begin.x() + two * begin.y() + three * begin.z()))


def make_anew(settings: Qgs3DMapSettings) -> None:
    """Let a scene make its ground and all layers anew; no tile of ground may be under way, or QGIS 3.40 may die."""
    settings.terrainGeneratorChanged.emit()
