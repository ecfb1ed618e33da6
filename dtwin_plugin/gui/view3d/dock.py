"""The panel with the 3D view, and what is known of what is pointed at."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qgis.core import Qgis, QgsProject, QgsRasterLayer, QgsRectangle, QgsVectorLayer
from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from dtwin_plugin.errors import DtwinError
from dtwin_plugin.layers import ground3d, styles3d
from dtwin_plugin.layers.object_facts import facts_of
from dtwin_plugin.translate import tr
from dtwin_plugin.twin.viewpoints import from_text, to_text

from .facts import FactsPanel
from .frame import Frame, Together
from .guard import Guard
from .highlight import Highlight
from .picking import Shapebook, drawn_layers, first_met
from .view import View3D

_WIDEST = 2000.0  # m of the map in the scene at most: loading goes with its square
_SCOPE, _KEY = "dtwin", "viewpoints"


class View3DDock(QgsDockWidget):
    """Open a scene of what is on the map, look around, point at things, keep viewpoints."""

    def __init__(self, iface: Any, parent: QWidget | None = None) -> None:
        super().__init__(tr("3D view"), parent)
        self.setObjectName("DtwinView3D")
        styles3d.initialise()
        self._iface = iface
        self._count = 0
        self._guard = Guard(iface)
        self._folder = tempfile.TemporaryDirectory(prefix="dtwin-view3d-", ignore_cleanup_errors=True)
        self._ground: QgsRasterLayer | None = None
        self._clear: QgsVectorLayer | None = None
        self.frames: list[Frame] = []
        self._together: Together | None = None
        self._extent = QgsRectangle()
        self.book = Shapebook()
        self.highlight = Highlight(iface.mapCanvas())
        self.facts = FactsPanel()
        self.open_here = QPushButton(tr("Show the map in 3D"))
        self.ground = QComboBox()
        for name, text in (("solid", tr("Ground")), ("clear", tr("See-through ground")), ("none", tr("No ground"))):
            self.ground.addItem(text, name)
        self.compare = QPushButton(tr("Compare"))
        self.compare.setCheckable(True)
        self.compare.setToolTip(tr("A second view beside the first: choose a map theme for each."))
        self.viewpoints = QComboBox()
        self.keep = QPushButton(tr("Keep viewpoint"))
        self.message = QLabel(tr("Zoom the map to the part that you want to see, at most 2 km wide."))
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._waiting: tuple[View3D, float, float] | None = None
        self.setWidget(self._body())
        self._connect()
        self._refresh()

    def _body(self) -> QWidget:
        row = QHBoxLayout()
        for widget in (self.open_here, self.ground, self.compare, self.viewpoints, self.keep):
            row.addWidget(widget)
        row.addStretch(1)
        self.place = QSplitter(Qt.Orientation.Horizontal)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.place)
        splitter.addWidget(self.facts)
        splitter.setSizes([800, 300])
        splitter.setStretchFactor(0, 1)
        body = QWidget()
        column = QVBoxLayout(body)
        column.addLayout(row)
        column.addWidget(self.message)
        column.addWidget(splitter, 1)
        return body

    def _connect(self) -> None:
        self.open_here.clicked.connect(self.show_map)
        self.ground.currentIndexChanged.connect(self._set_ground)
        self.compare.toggled.connect(self._compare)
        self.keep.clicked.connect(self._keep)
        self.viewpoints.activated.connect(self._go)
        self.book.made.connect(self._prepared)
        QgsProject.instance().readProject.connect(self._other_project)
        QgsProject.instance().cleared.connect(self._other_project)

    def show_map(self) -> None:
        """Open a scene of what is on the map."""
        project = QgsProject.instance()
        if project.crs().mapUnits() != Qgis.DistanceUnit.Meters:
            self._say(tr("The project is not in metres; set it to RD New (EPSG:28992)."))
            return
        self.close_view()
        self._extent = _at_most(self._iface.mapCanvas().extent(), _WIDEST)
        frame = self._open(project)
        if frame is None:
            return
        centre, size = self._extent.center(), max(self._extent.width(), self._extent.height())
        frame.view.look(centre.x(), centre.y(), 0.0, 0.9 * size, 50.0, 0.0)
        self._say("")
        self._refresh()

    def _open(self, project: QgsProject) -> Frame | None:
        """Open one more view of the scene; None if QGIS cannot."""
        self._count += 1
        try:
            with self._whole_ground(project, self._extent):
                view = View3D(self._iface, f"dtwin {self._count}", self._extent)
        except DtwinError as error:
            self._say(error.text(tr))
            return None
        frame = Frame(view)
        frame.clicked.connect(self.point)
        self.frames.append(frame)
        self.place.addWidget(frame)
        view.hide_dialog()
        return frame

    @property
    def view(self) -> View3D | None:
        """The first view, if one is open."""
        return self.frames[0].view if self.frames else None

    def _compare(self, wanted: bool) -> None:
        """Open a second view that moves with the first, or close it."""
        if wanted and len(self.frames) == 1:
            second = self._open(QgsProject.instance())
            if second is not None:
                self._together = Together(self.frames[0].view, second.view)
                self._set_ground()
        elif not wanted and len(self.frames) == 2:
            self._part()
            self.frames.pop().close_view()
        for frame in self.frames:
            frame.show_themes(len(self.frames) == 2)

    def _part(self) -> None:
        if self._together is not None:
            self._together.end()
            self._together = None

    @contextmanager
    def _whole_ground(self, project: QgsProject, extent: QgsRectangle) -> Iterator[None]:
        """Let a scene that is made within get a ground without holes; the project keeps its own."""
        provider = project.elevationProperties().terrainProvider().clone()
        terrain = provider.layer() if hasattr(provider, "layer") else None
        whole = self._ground
        if whole is None and isinstance(terrain, QgsRasterLayer):
            whole = ground3d.without_holes(terrain, extent, Path(self._folder.name))
        self._ground = whole  # the scene does not keep it alive, and the project is not to know it
        if whole is None or whole is terrain:
            yield
            return
        other = provider.clone()
        other.setLayer(whole)
        project.elevationProperties().setTerrainProvider(other)
        try:
            yield
        finally:
            project.elevationProperties().setTerrainProvider(provider)

    def point(self, view: View3D, x: float, y: float) -> None:
        """Tell what is seen at a pixel of a view."""
        if self.book.missing(drawn_layers(view), view.extent):
            self._waiting = (view, x, y)
            self._say(tr("The first click takes a moment: the shapes of the layers are gathered."))
            return
        found = first_met(view, self.book, x, y)
        if found is None:
            self.facts.clear()
            self.highlight.clear()
            self._say(tr("There is no object here; the ground and layers on it are asked on the map."))
            return
        layer, hit = found
        self.facts.show_facts(facts_of(layer, hit.owner, QgsProject.instance().mapLayers().values()))
        self.highlight.show_feature(layer, hit.owner)
        self._say(tr("{layer} at {x:.1f}, {y:.1f}, {z:.2f} m").format(
            layer=layer.name(), x=hit.place[0], y=hit.place[1], z=hit.place[2]))  # fmt: skip

    def _prepared(self) -> None:
        if self._waiting is not None and not self.book.missing(drawn_layers(self._waiting[0]), self._extent):
            waiting, self._waiting = self._waiting, None
            self.point(*waiting)

    def _set_ground(self, _index: int = 0) -> None:
        """Show the ground, one to look through, or none."""
        wanted = self.ground.currentData()
        clear = []
        if wanted == "clear" and self._ground is not None:
            if self._clear is None:
                self._clear = ground3d.see_through(self._ground, self._extent)
            clear = [self._clear]
        for frame in self.frames:
            frame.view.set_underground(wanted != "solid")
            frame.view.show_more(clear)

    def _keep(self) -> None:
        name, chosen = QInputDialog.getText(self, tr("Keep viewpoint"), tr("Name"))
        if chosen and name.strip():
            self.keep_as(name.strip())

    def keep_as(self, name: str) -> None:
        """Keep where the view looks from in the project, under a name."""
        if self.view is None:
            return
        others = [viewpoint for viewpoint in self._kept() if viewpoint.name != name]
        QgsProject.instance().writeEntry(_SCOPE, _KEY, to_text([*others, self.view.viewpoint(name)]))
        self._refresh()

    def _go(self, index: int) -> None:
        wanted = self.viewpoints.itemData(index)
        for viewpoint in self._kept():
            if viewpoint.name == wanted and self.view is not None:
                self.view.go(viewpoint)
                if viewpoint.underground != (self.ground.currentData() != "solid"):
                    self.ground.setCurrentIndex(self.ground.findData("clear" if viewpoint.underground else "solid"))

    def _kept(self) -> list[Any]:
        return from_text(QgsProject.instance().readEntry(_SCOPE, _KEY)[0])

    def _refresh(self) -> None:
        opened = self.view is not None
        self.ground.setEnabled(opened)
        self.compare.setEnabled(opened)
        self.keep.setEnabled(opened)
        self.viewpoints.clear()
        self.viewpoints.addItem(tr("Viewpoints"), None)
        for viewpoint in self._kept():
            self.viewpoints.addItem(viewpoint.name, viewpoint.name)
        self.viewpoints.setEnabled(opened and self.viewpoints.count() > 1)

    def _other_project(self) -> None:
        self.close_view()
        self._refresh()

    def _say(self, text: str) -> None:
        self.message.setText(text)  # its line stays, for a view that changes its height jumps

    def close_view(self) -> None:
        """Close the scene, if one is open."""
        self._part()
        self.compare.setChecked(False)
        while self.frames:
            self.frames.pop().close_view()
        self._ground = self._clear = self._waiting = None
        self.book.clear()
        self.ground.setCurrentIndex(0)
        self.facts.clear()
        self.highlight.clear()

    def close_for_good(self) -> None:
        """Leave nothing behind."""
        self.close_view()
        self._guard.remove()
        project = QgsProject.instance()
        project.readProject.disconnect(self._other_project)
        project.cleared.disconnect(self._other_project)
        self._folder.cleanup()


def _at_most(extent: QgsRectangle, widest: float) -> QgsRectangle:
    """Return the middle of an area, no wider or higher than that."""
    centre = extent.center()
    half = min(extent.width(), widest) / 2, min(extent.height(), widest) / 2
    return QgsRectangle(centre.x() - half[0], centre.y() - half[1], centre.x() + half[0], centre.y() + half[1])
