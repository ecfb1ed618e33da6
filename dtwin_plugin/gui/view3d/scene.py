"""What the panel shows: one or two views of a part of the map, and what all instruments of the panel share."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import Qgis, QgsMapLayer, QgsProject, QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtCore import QObject, Qt, pyqtSignal

from dtwin_plugin.data.relief import Relief
from dtwin_plugin.errors import DtwinError
from dtwin_plugin.layers import ground3d, scene_style, styles3d
from dtwin_plugin.layers.opengl import opengl_fault
from dtwin_plugin.layers.read import has_true_metres
from dtwin_plugin.layers.relief3d import relief_of
from dtwin_plugin.layers.settings import ambient_occlusion, scene_width
from dtwin_plugin.layers.stand_ins import StandIns
from dtwin_plugin.layers.tiling3d import Fitted
from dtwin_plugin.translate import tr
from dtwin_plugin.twin.viewpoints import Viewpoint

from .clock import Clock
from .curtain import Curtain
from .frame import Frame, Together
from .picking import Met, Place, drawn_layers, objects_met, place_met
from .recall import Recall
from .shapebook import Shapebook
from .view import View3D


class Scene(QObject):
    """The views of one part of the map, opened and closed together.

    Attributes
    ----------
    frames : list of Frame
        None, one or two; all views show the same extent and so have the same origin.
    extent : QgsRectangle
        The part of the map, in the project's CRS.
    ground : QgsRasterLayer or None
        The project's terrain without holes; it is not in the project.
    book : Shapebook
        Shapes of the layers, for lines of sight.
    stand_ins : StandIns
        Layers that are drawn in place of those of the project, and how much higher.
    clock : Clock
        The time that is shown.
    recall : Recall
        Takes viewpoints and goes to them.
    instruments : Instruments or None
        What the panel has, for who keeps all that is set.
    """

    opened = pyqtSignal()  # a view stands where there was none
    changed = pyqtSignal()  # there is another number of views
    closing = pyqtSignal()  # the views go after this
    clicked = pyqtSignal(object, float, float)  # view, x and y in pixels; the shapes of its layers are there by then
    said = pyqtSignal(str)  # for the line of text in the panel
    section_wanted = pyqtSignal(object)  # a line in the system of the map, for the panel with sections

    def __init__(self, iface: Any) -> None:
        super().__init__()
        styles3d.initialise()
        self.iface = iface
        self.frames: list[Frame] = []
        self.extent = QgsRectangle()
        self.ground: QgsRasterLayer | None = None
        self.book = Shapebook(lambda: self.relief)
        self.stand_ins = StandIns()
        self._fitted = Fitted()
        self.instruments: Any = None
        self.place = Curtain()
        self.place.moved.connect(self._uncovered)
        self._more: dict[str, list[QgsMapLayer]] = {}
        self._together: Together | None = None
        self._waiting: tuple[View3D, float, float] | None = None
        self._relief: tuple[QgsRasterLayer | None, Relief] | None = None
        self.book.made.connect(self._gathered)
        self.clock, self.recall = Clock(self), Recall(self)
        # QGIS closes the views of a project that goes before this comes
        QgsProject.instance().crsChanged.connect(self._system_changed, Qt.ConnectionType.QueuedConnection)
        self._folder = tempfile.TemporaryDirectory(prefix="dtwin-view3d-", ignore_cleanup_errors=True)

    @property
    def view(self) -> View3D | None:
        """The first view, if one is open."""
        return self.frames[0].view if self.frames else None

    @property
    def folder(self) -> Path:
        """Where files may be written that are gone with QGIS."""
        return Path(self._folder.name)

    def show_map(self, part: QgsRectangle | None = None) -> None:
        """Open a scene of a part of the map; default what is on it."""
        project = QgsProject.instance()
        if project.crs().mapUnits() != Qgis.DistanceUnit.Meters:
            self.said.emit(tr("The project is not in metres; set it to RD New (EPSG:28992)."))
            return
        if part is None and not self.iface.mapCanvas().layers():  # a scene of nothing has no size: QGIS waits for ever
            self.said.emit(tr("No layer is visible on the map: load an area, or tick layers in the list."))
            return
        extent = _at_most(part or self.iface.mapCanvas().extent(), scene_width())
        if not has_true_metres(project.crs(), extent):
            text = tr("In {crs} a metre on the map is none on the ground: set the project to RD New (EPSG:28992).")
            self.said.emit(text.format(crs=project.crs().userFriendlyIdentifier()))
            return
        self.close_views()
        self.extent = extent
        self.stand_ins.extent = self.extent
        self._fitted.fit(project.mapLayers().values(), self.extent, project.crs())
        if not self._open(project):
            return
        view = self.frames[0].view
        centre, size = self.extent.center(), max(self.extent.width(), self.extent.height())
        z = scene_style.ground_height(project, self.ground, self.extent)
        view.look(centre.x(), centre.y(), z, 0.9 * size, 50.0, 0.0)
        flat = tr("The ground is flat: the project has no terrain. Choose one in its properties, or load an area.")
        self.said.emit("" if scene_style.has_terrain(project) else flat)
        self.opened.emit()
        self.changed.emit()

    def show_second(self, wanted: bool) -> None:
        """Open a second view that moves with the first, or close it."""
        if wanted and len(self.frames) == 1 and self._open(QgsProject.instance()):
            self._together = Together(self.frames[0].view, self.frames[1].view)
        elif not wanted and len(self.frames) == 2:
            self._part()
            self._close(self.frames.pop())
        for frame in self.frames:
            frame.show_themes(len(self.frames) == 2)
        self.changed.emit()

    def show_more(self, key: str, layers: list[QgsMapLayer]) -> None:
        """Show layers that are not those of the map in all views, in place of those of the same key before."""
        if not layers and not self._more.get(key):
            return
        self._more[key] = layers
        for frame in self.frames:
            frame.view.show_more(self._all_more())

    def objects_met(self, view: View3D, x: float, y: float) -> list[Met]:
        """Return the layers and objects on the line of sight through a pixel that are seen, the nearest first."""
        return objects_met(view, self.book, self.relief, x, y)

    def place_met(self, view: View3D, x: float, y: float) -> Place | None:
        """Return the place [m] that is seen at a pixel: of the nearest object, or of the ground.

        Without ground only objects are met; through a ground that is see-through they are met first.
        """
        bare = view.underground and not self._more.get("below")
        return place_met(view, self.book, self.relief, bare, x, y)

    @property
    def relief(self) -> Relief:
        """Heights of the ground in the scene, for lines of sight; flat at 0 m without terrain."""
        if self._relief is None or self._relief[0] is not self.ground:
            project = QgsProject.instance()
            relief = relief_of(self.ground, self.extent, project.crs(), project.transformContext())
            self._relief = self.ground, relief
        return self._relief[1]

    def ground_height(self, x: float, y: float) -> float:
        """Return the height of the ground at a place [m], NaN where it has none."""
        return float(self.relief.heights(np.array([x]), np.array([y]))[0])

    def _clicked(self, view: View3D, x: float, y: float) -> None:
        """Tell of a click, once the shapes of the layers are there."""
        if self.book.missing(drawn_layers(view), view.extent):
            self._waiting = (view, x, y)
            self.said.emit(tr("The first click takes a moment: the shapes of the layers are gathered."))
        else:
            self._waiting = None
            self.clicked.emit(view, x, y)

    def _gathered(self) -> None:
        if self._waiting is not None:
            self._clicked(*self._waiting)

    def viewpoint(self, name: str) -> Viewpoint:
        """Return where the first view looks from, with all that is set, as a viewpoint."""
        return self.recall.viewpoint(name)

    def go(self, viewpoint: Viewpoint) -> None:
        """Look from a viewpoint, with all set as it was."""
        self.recall.go(viewpoint)

    def _all_more(self) -> list[QgsMapLayer]:
        return [layer for layers in self._more.values() for layer in layers]

    def _open(self, project: QgsProject) -> bool:
        """Open one more view; whether QGIS could."""
        fault = opengl_fault()  # without it QGIS would wait for ever
        if fault:
            self.said.emit(tr("3D cannot be shown here: {fault} All else works.").format(fault=tr(fault)))
            return False
        # a name that no view had before, also of the plugin before it was loaded again: QGIS would not close it
        try:
            with self._whole_ground(project):
                view = View3D(self.iface, f"dtwin {time.monotonic_ns()}", self.extent, self.stand_ins)
        except DtwinError as error:
            self.said.emit(error.text(tr))
            return False
        scene_style.dress(view.widget, view.canvas.mapSettings())
        if ambient_occlusion():
            view.darken_corners(self.ground)
        frame = Frame(view, is_second=bool(self.frames))
        frame.clicked.connect(self._clicked)
        view.lost.connect(self.close_views)
        self.frames.append(frame)
        self.place.add(frame)
        view.hide_dialog()
        view.show_more(self._all_more())
        return True

    @contextmanager
    def _whole_ground(self, project: QgsProject) -> Iterator[None]:
        """Let a scene that is made within get a ground without holes; the project keeps its own."""
        provider = project.elevationProperties().terrainProvider().clone()
        terrain = provider.layer() if hasattr(provider, "layer") else None
        whole = self.ground
        if whole is None and isinstance(terrain, QgsRasterLayer):
            scale, offset = provider.scale(), provider.offset()
            whole = ground3d.without_holes(terrain, self.extent, self.folder, scale, offset)
        self.ground = whole  # the scene does not keep it alive, and the project is not to know it
        if whole is None or whole is terrain:
            yield
            return
        other = provider.clone()
        other.setLayer(whole)
        other.setScale(1.0)  # it has heights in metres, whatever stands in the project's file
        other.setOffset(0.0)
        project.elevationProperties().setTerrainProvider(other)
        try:
            yield
        finally:
            project.elevationProperties().setTerrainProvider(provider)

    def _uncovered(self) -> None:
        """Draw what the handle between two views has laid bare; the other view follows."""
        if self.view is not None and self.place.is_swipe:
            self.view.redraw()

    def _system_changed(self) -> None:
        """Close views that stay in the system that the map had: what they tell of places would be of another one."""
        view = self.view
        if view is None or view.is_lost or view.canvas.mapSettings().crs() == QgsProject.instance().crs():
            return
        self.close_views()
        self.said.emit(tr("The project has another coordinate system now: show the map in 3D again."))

    def _close(self, frame: Frame) -> None:
        self.place.remove(frame)
        frame.close_view()

    def _part(self) -> None:
        if self._together is not None:
            self._together.end()
            self._together = None

    def close_views(self) -> None:
        """Close the views, if there are any."""
        if not self.frames:
            return
        lost = [frame for frame in self.frames if frame.view.is_lost]
        self.frames = [frame for frame in self.frames if not frame.view.is_lost]  # nobody is to touch the others
        self.closing.emit()
        self._part()
        for frame in [*lost, *self.frames]:
            self._close(frame)
        self.frames = []
        self.ground = self._relief = self._waiting = None
        self._more.clear()
        self.stand_ins.clear()
        self._fitted.restore()
        self.book.clear()
        self.changed.emit()

    def close_for_good(self) -> None:
        """Leave nothing behind."""
        QgsProject.instance().crsChanged.disconnect(self._system_changed)
        self.close_views()
        self.clock.end()
        self.recall.end()
        self._folder.cleanup()


def _at_most(extent: QgsRectangle, widest: float) -> QgsRectangle:
    """Return the middle of an area, no wider or higher than that."""
    centre = extent.center()
    half = min(extent.width(), widest) / 2, min(extent.height(), widest) / 2
    return QgsRectangle(centre.x() - half[0], centre.y() - half[1], centre.x() + half[0], centre.y() + half[1])
