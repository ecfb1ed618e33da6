"""One 3D view of QGIS, spoken to in map coordinates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qgis._3d import Qgs3DMapCanvas, QgsCameraPose
from qgis.core import QgsMapLayer, QgsProject, QgsRasterLayer, QgsRectangle, QgsReferencedRectangle, QgsVector3D
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QApplication, QWidget

from dtwin_plugin.data.camera import Camera
from dtwin_plugin.data.cutting import Hole, Plane, enters, kept
from dtwin_plugin.errors import ModelError
from dtwin_plugin.layers import clip3d
from dtwin_plugin.layers.clip3d import Detail
from dtwin_plugin.layers.stand_ins import StandIns
from dtwin_plugin.layers.tiles_loading import let_tiles_finish
from dtwin_plugin.twin.viewpoints import Viewpoint

from .quiet import Quiet

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_HELD = 30_000  # ms
_BEYOND = 1e6  # m


class View3D(QObject):
    """A 3D view that QGIS made, taken out of its dialog so that a panel can hold it.

    Parameters
    ----------
    iface : QgisInterface
    name : str
        By which QGIS knows the view; a view of that name must not be open.
    extent : QgsRectangle
        The part of the map in the scene, in the project's CRS: loading goes with its size.
    stand_ins : StandIns
        What is drawn in place of layers, and how much higher.

    Attributes
    ----------
    underground : bool
        Whether the ground is taken away.
    hole : Hole or None
        In the ground.
    is_lost : bool
        Whether QGIS has closed it.
    """

    moved = pyqtSignal()
    lost = pyqtSignal()  # QGIS closed it by itself, as it does with the project

    def __init__(self, iface: Any, name: str, extent: QgsRectangle, stand_ins: StandIns) -> None:
        super().__init__()
        self._iface, self.name, self.extent, self._stand_ins = iface, name, extent, stand_ins
        self._theme = ""
        self._stretched = 1.0
        self._planes: list[Plane] = []
        self.underground = False
        self.hole: Hole | None = None
        self.is_lost = False
        self._grounds: list[QgsMapLayer] = []  # alive as long as the view
        self._drawn: list[QgsMapLayer] = []
        self._nudge = 1 + 4e-6
        self._more: list[QgsMapLayer] = []
        # QGIS hands every change of the map's layers to each view; it is between these two that it does
        iface.mapCanvas().layersChanged.connect(self._hold)
        settings = QgsProject.instance().viewSettings()
        before = settings.presetFullExtent()
        settings.setPresetFullExtent(QgsReferencedRectangle(extent, QgsProject.instance().crs()))
        try:
            known = _canvas_widgets()
            self.canvas: Qgs3DMapCanvas = iface.createNewMapCanvas3D(name)
            made = [widget for widget in _canvas_widgets() if widget not in known]
        finally:
            settings.setPresetFullExtent(before)
        if self.canvas is None or not made:
            iface.mapCanvas().layersChanged.disconnect(self._hold)
            raise ModelError("QGIS could not open a 3D view.", hint="This computer may have no OpenGL.")
        self.widget: QWidget = made[0]
        self._quiet = Quiet(self.canvas)
        self._dialog = self.widget.window()
        self.canvas.cameraController().cameraChanged.connect(self.moved)
        self.canvas.destroyed.connect(self._lose)
        iface.mapCanvas().layersChanged.connect(self._take)
        stand_ins.stale.connect(self._draw_anew)
        QgsProject.instance().writeProject.connect(self._unlist)  # after QGIS, which connected when it made the view
        if stand_ins.factor != self._stretched:
            self._quiet.change("stretch", self._stretch)

    def hide_dialog(self) -> None:
        """Put away the empty dialog that QGIS made; call it after the widget has a new parent."""
        self._dialog.hide()

    @property
    def is_ready(self) -> bool:
        """Whether all is drawn as it was asked for."""
        return self._quiet.is_all_drawn

    def camera(self) -> Camera:
        """Return where it looks from; its heights are stretched as those that are drawn: see `ray`, `project`."""
        settings, pose = self.canvas.mapSettings(), self.canvas.cameraController().cameraPose()
        centre = settings.worldToMapCoordinates(pose.centerPoint())
        return Camera(
            (centre.x(), centre.y(), centre.z()),
            max(pose.distanceFromCenterPoint(), 1e-3),
            pose.pitchAngle(),
            -pose.headingAngle(),  # QGIS turns the other way about
            max(self.canvas.width(), 1),
            max(self.canvas.height(), 1),
            settings.fieldOfView(),
        )

    def ray(self, x: float, y: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return where the line of sight through a pixel begins and its direction, at true heights.

        Where the scene is cut, it begins at what is kept; one that never comes there begins beyond all.
        """
        origin, direction = (part / [1.0, 1.0, self._stretched] for part in self.camera().ray(x, y))
        direction = direction / np.linalg.norm(direction)
        begin = enters(self._planes, origin, direction)
        return origin + min(begin, _BEYOND) * direction, direction

    def is_cut_away(self, x: float, y: float) -> bool:
        """Whether nothing is drawn at a place on the map, as the scene is cut there."""
        return not kept(self._planes, [[x, y]])[0]

    def is_open(self, x: float, y: float) -> bool:
        """Whether the ground has a hole at a place on the map, or is cut away."""
        return self.is_cut_away(x, y) or (self.hole is not None and bool(self.hole.has(x, y)))

    def project(self, places: ArrayLike) -> NDArray[np.float64]:
        """Return the pixels of places at their true heights, as `Camera.project` does."""
        return self.camera().project(np.atleast_2d(np.asarray(places, float)) * [1.0, 1.0, self._stretched])

    def look(self, x: float, y: float, z: float, distance: float, pitch: float, heading: float) -> None:
        """Look at a place [m], at its true height, from a distance [m]; angles as those of `Camera`."""
        pose = QgsCameraPose()
        place = QgsVector3D(x, y, z * self._stretched)
        pose.setCenterPoint(self.canvas.mapSettings().mapToWorldCoordinates(place))
        pose.setDistanceFromCenterPoint(distance)
        pose.setPitchAngle(pitch)
        pose.setHeadingAngle(-heading)
        self.canvas.cameraController().setCameraPose(pose)

    @property
    def centre(self) -> tuple[float, float, float]:
        """The place that it looks at, at its true height."""
        x, y, z = self.camera().centre
        return x, y, z / self._stretched

    @property
    def stretched(self) -> float:
        """How many times their true height all heights are drawn."""
        return self._stretched

    def redraw(self) -> None:
        """Draw once more: QGIS does when the camera moves, and not when another window moves off this one."""
        controller = self.canvas.cameraController()
        pose = controller.cameraPose()
        self._nudge = 1 / self._nudge  # to and fro, so that nobody sees it
        pose.setDistanceFromCenterPoint(pose.distanceFromCenterPoint() * self._nudge)
        controller.setCameraPose(pose)

    def take_pose(self, other: View3D) -> None:
        """Look from where another view of the same scene does."""
        self.canvas.cameraController().setCameraPose(other.canvas.cameraController().cameraPose())

    def viewpoint(self, name: str) -> Viewpoint:
        """Return where it looks from as a viewpoint."""
        camera = self.camera()
        return Viewpoint(
            name,
            *self.centre,
            camera.distance,
            camera.pitch,
            camera.heading,
            layers=tuple(layer.id() for layer in self.layers()),
        )

    def go(self, viewpoint: Viewpoint) -> None:
        """Look from a viewpoint."""
        v = viewpoint
        self.look(v.x, v.y, v.z, v.distance, v.pitch, v.heading)

    def set_underground(self, wanted: bool) -> None:
        """Take the ground away, or bring it back."""
        if wanted != self.underground:
            self.underground = wanted
            self._quiet.change("underground", lambda: self.canvas.mapSettings().setTerrainRenderingEnabled(not wanted))

    def set_ground(self, terrain: QgsRasterLayer, detail: Detail, hole: Hole | None) -> None:
        """Show another ground, in which there may be a hole."""
        self.hole = hole

        def change() -> None:
            self._grounds.append(terrain)
            clip3d.lay_ground(self.canvas.mapSettings(), terrain, detail)
            clip3d.make_anew(self.canvas.mapSettings())
            self._take()

        self._quiet.change("ground", change)

    def darken_corners(self, terrain: QgsRasterLayer | None) -> None:
        """Draw ambient occlusion on all that is shown, over the ground that the scene was opened with."""

        def change() -> None:
            clip3d.darken_corners(self.canvas.mapSettings(), self._grounds[-1] if self._grounds else terrain)
            clip3d.make_anew(self.canvas.mapSettings())
            self._take()

        self._quiet.change("corners", change)

    def cut(self, planes: list[Plane]) -> None:
        """Cut away what lies beyond upright planes; nothing without any."""

        def change() -> None:
            clip3d.cut(self.canvas.mapSettings(), self.canvas.scene(), planes)
            clip3d.make_anew(self.canvas.mapSettings())

        if planes != self._planes:
            self._planes = planes
            self._quiet.change("cut", change)

    def _stretch(self) -> None:
        """Stretch the terrain as all else, and look at the same place."""
        centre, camera = self.centre, self.camera()
        self._stretched = self._stand_ins.factor
        self.canvas.mapSettings().setTerrainVerticalScale(self._stretched)
        self.look(*centre, camera.distance, camera.pitch, camera.heading)
        self._take()

    def _draw_anew(self) -> None:
        """Hear that copies of layers, or the factor of all heights, are others."""
        if self._stand_ins.factor != self._stretched:
            self._quiet.change("stretch", self._stretch)
        else:
            self._take()

    def show_theme(self, name: str) -> None:
        """Show the layers of a map theme; those of the map if the name is empty."""
        self._theme = name
        self._take()

    def show_more(self, layers: list[QgsMapLayer]) -> None:
        """Show layers that are not those of the map too; they need not be in the project."""
        self._more = layers
        self._take()

    def _hold(self) -> None:
        self.canvas.mapSettings().blockSignals(True)

    @property
    def theme(self) -> str:
        """The map theme that is shown; empty = what the map shows."""
        return self._theme

    def layers(self) -> list[QgsMapLayer]:
        """Return the layers of the project that are shown, the first on top."""
        themes = QgsProject.instance().mapThemeCollection()
        if self._theme and themes.hasMapTheme(self._theme):
            return list(themes.mapThemeVisibleLayers(self._theme))
        return list(self._iface.mapCanvas().layers())

    def shown(self) -> list[QgsMapLayer]:
        """Return what is drawn, at its true heights: the view of QGIS may have copies of it that are stretched."""
        found = [*self._more, *map(self._stand_ins.shown, self.layers())]
        return [layer for layer in found if layer is not None]

    def _take(self) -> None:
        """Show this view's own layers."""
        settings = self.canvas.mapSettings()
        before = settings.layers()
        settings.blockSignals(True)  # a set that is the same would not be heard of, and one that differs twice
        settings.setLayers([])
        settings.blockSignals(False)
        drawn = [self._stand_ins.drawn(layer) for layer in self.shown()]
        settings.setLayers(drawn)
        let_tiles_finish(layer for layer in before if layer not in drawn)
        _hold(self._drawn)
        self._drawn = drawn

    def _lose(self) -> None:
        self.is_lost = True
        self._stop_listening()
        self.lost.emit()

    def _stop_listening(self) -> None:
        for slot in (self._hold, self._take):
            self._iface.mapCanvas().layersChanged.disconnect(slot)
        self._stand_ins.stale.disconnect(self._draw_anew)
        QgsProject.instance().writeProject.disconnect(self._unlist)
        self._quiet.end()

    def _unlist(self) -> None:
        """Take it from the views that QGIS keeps with the project: it would open it as a window of its own."""
        QgsProject.instance().viewsManager().remove3DView(self.name)

    def close(self) -> None:
        """Close it for good, if QGIS has not; the widget is gone after this."""
        if self.is_lost:
            return
        self._stop_listening()
        self.canvas.destroyed.disconnect(self._lose)
        before = self.canvas.mapSettings().layers()
        self.canvas.mapSettings().setLayers([])  # copies are gone before QGIS deletes the view
        let_tiles_finish(before)
        _hold([*self._drawn, *self._grounds])
        self.canvas.cameraController().cameraChanged.disconnect(self.moved)
        self._iface.closeMapCanvas3D(self.name)
        self._unlist()  # or it would stay in the menu of QGIS


def _canvas_widgets() -> list[QWidget]:
    """Return the widgets with 3D views, which Python knows by the name of their class only."""
    return [w for w in QApplication.allWidgets() if w.metaObject().className() == "Qgs3DMapCanvasWidget"]


def _hold(layers: list[QgsMapLayer]) -> None:
    """Let layers live for a while after they left a view: QGIS 3.40 goes on to load them, and dies if they are gone."""
    QTimer.singleShot(_HELD, layers.clear)
