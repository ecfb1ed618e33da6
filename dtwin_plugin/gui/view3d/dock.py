"""The panel with the 3D view, and what is known of what is pointed at."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qgis.core import Qgis, QgsProject, QgsRasterLayer, QgsRectangle
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
from .guard import Guard
from .highlight import Highlight
from .picking import Clicks, Shapebook, drawn_layers, first_met
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
        self.view: View3D | None = None
        self._clicks: Clicks | None = None
        self.book = Shapebook()
        self.highlight = Highlight(iface.mapCanvas())
        self.facts = FactsPanel()
        self.open_here = QPushButton(tr("Show the map in 3D"))
        self.below = QPushButton(tr("Below the ground"))
        self.below.setCheckable(True)
        self.viewpoints = QComboBox()
        self.keep = QPushButton(tr("Keep viewpoint"))
        self.message = QLabel(tr("Zoom the map to the part that you want to see, at most 2 km wide."))
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._waiting: tuple[float, float] | None = None
        self.setWidget(self._body())
        self._connect()
        self._refresh()

    def _body(self) -> QWidget:
        row = QHBoxLayout()
        for widget in (self.open_here, self.below, self.viewpoints, self.keep):
            row.addWidget(widget)
        row.addStretch(1)
        self.place = QWidget()
        QVBoxLayout(self.place).setContentsMargins(0, 0, 0, 0)
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
        self.below.toggled.connect(self._go_below)
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
        extent = _at_most(self._iface.mapCanvas().extent(), _WIDEST)
        self._count += 1
        try:
            with self._whole_ground(project, extent):
                self.view = View3D(self._iface, f"dtwin {self._count}", extent)
        except DtwinError as error:
            self._say(error.text(tr))
            return
        self.place.layout().addWidget(self.view.widget)
        self.view.hide_dialog()
        centre, size = extent.center(), max(extent.width(), extent.height())
        self.view.look(centre.x(), centre.y(), 0.0, 0.9 * size, 50.0, 0.0)
        self._clicks = Clicks(self.view.canvas)
        self._clicks.clicked.connect(self.point)
        self._say("")
        self._refresh()

    @contextmanager
    def _whole_ground(self, project: QgsProject, extent: QgsRectangle) -> Iterator[None]:
        """Let a scene that is made within get a ground without holes; the project keeps its own."""
        provider = project.elevationProperties().terrainProvider().clone()
        terrain = provider.layer() if hasattr(provider, "layer") else None
        whole = None
        if isinstance(terrain, QgsRasterLayer):
            whole = ground3d.without_holes(terrain, extent, Path(self._folder.name))
        if whole is None or whole is terrain:
            yield
            return
        self._ground = whole  # the scene does not keep it alive, and the project is not to know it
        other = provider.clone()
        other.setLayer(whole)
        project.elevationProperties().setTerrainProvider(other)
        try:
            yield
        finally:
            project.elevationProperties().setTerrainProvider(provider)

    def point(self, x: float, y: float) -> None:
        """Tell what is seen at a pixel of the view."""
        if self.view is None:
            return
        if self.book.missing(drawn_layers(self.view), self.view.extent):
            self._waiting = (x, y)
            self._say(tr("The first click takes a moment: the shapes of the layers are gathered."))
            return
        found = first_met(self.view, self.book, x, y)
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
        if self._waiting is not None and self.view is not None:
            if not self.book.missing(drawn_layers(self.view), self.view.extent):
                waiting, self._waiting = self._waiting, None
                self.point(*waiting)

    def _go_below(self, wanted: bool) -> None:
        if self.view is not None:
            self.view.set_underground(wanted)

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
                self.below.setChecked(viewpoint.underground)

    def _kept(self) -> list[Any]:
        return from_text(QgsProject.instance().readEntry(_SCOPE, _KEY)[0])

    def _refresh(self) -> None:
        opened = self.view is not None
        self.below.setEnabled(opened)
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
        if self.view is not None:
            view, self.view, self._clicks = self.view, None, None
            view.close()
        self.facts.clear()
        self.highlight.clear()
        self.below.setChecked(False)

    def close_for_good(self) -> None:
        """Leave nothing behind."""
        self.close_view()
        self.book.close()
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
