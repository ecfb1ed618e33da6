"""The panel with the 3D view: the views, a toolbar of instruments, and the page of the one in front."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProject
from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QAction, QActionGroup
from qgis.PyQt.QtWidgets import QLabel, QSplitter, QStackedWidget, QToolBar, QVBoxLayout, QWidget

from dtwin_plugin.layers.icons import icon
from dtwin_plugin.layers.settings import scene_width
from dtwin_plugin.translate import Number, tr

from .bar import Bar
from .instrument import Instrument
from .instruments import TABLE, Instruments
from .looks import Looks
from .scene import Scene
from .view import View3D

_PAGE = 260  # px that a page is wide at least


class View3DDock(QgsDockWidget):
    """Open a scene of what is on the map, look around, and put instruments to it."""

    def __init__(self, iface: Any, parent: QWidget | None = None) -> None:
        super().__init__(tr("3D view"), parent)
        self.setObjectName("DtwinView3D")
        self.scene = Scene(iface)
        self.pages = QStackedWidget()
        self.pages.setMinimumWidth(_PAGE)  # else the views change their size with the page
        self.instruments = Instruments(self.scene, self.pages.addWidget)
        self.scene.instruments = self.instruments
        hint = tr("Zoom the map to the part that you want to see, at most {width:g} km wide.")
        self.message = QLabel(hint.format(width=Number(scene_width() / 1000)))
        self.message.setWordWrap(True)
        # its line stays when there is nothing to say, for a view that changes its height jumps
        self.message.setMinimumHeight(self.message.fontMetrics().height())
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.actions_by_key: dict[str, QAction] = {}
        self.setWidget(self._body())
        self.scene.said.connect(self.message.setText)
        self.scene.clicked.connect(self._clicked)
        QgsProject.instance().readProject.connect(self.scene.close_views)
        QgsProject.instance().cleared.connect(self.scene.close_views)
        self.choose("inspect")

    def _body(self) -> QWidget:
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.scene.place)
        splitter.addWidget(self.pages)
        splitter.setSizes([800, 300])
        splitter.setStretchFactor(0, 1)
        body = QWidget()
        column = QVBoxLayout(body)
        column.addWidget(self._toolbar())
        column.addWidget(self.message)
        column.addWidget(splitter, 1)
        return body

    def _toolbar(self) -> QToolBar:
        bar = Bar()
        self.open_here = bar.addAction(icon("view3d"), tr("Show the map in 3D"), self.scene.show_map)
        self.looks = Looks(self.scene)
        bar.addWidget(self.looks)
        bar.addSeparator()
        group = QActionGroup(self)
        for key, title, explanation, _ in TABLE:
            action = bar.addAction(icon(key), tr(title))
            action.setToolTip(f"<b>{tr(title)}</b><br>{tr(explanation)}")
            action.setCheckable(True)
            action.triggered.connect(lambda _checked, key=key: self.choose(key))
            group.addAction(action)
            self.actions_by_key[key] = action
        return bar

    def choose(self, key: str) -> Instrument:
        """Bring an instrument in front, and return it."""
        before, page = self.pages.currentWidget(), self.instruments.get(key)
        if before is not page and isinstance(before, Instrument):
            before.end()
            self.message.clear()  # it was about that page
        # grows only, so that views keep their size from then on: other languages have longer words
        self.pages.setMinimumWidth(max(self.pages.minimumWidth(), page.minimumSizeHint().width()))
        self.pages.setCurrentWidget(page)
        self.actions_by_key[key].setChecked(True)
        page.begin()
        return page

    def _clicked(self, view: View3D, x: float, y: float) -> None:
        page = self.pages.currentWidget()
        if not (isinstance(page, Instrument) and page.takes_clicks):
            page = self.choose("inspect")
        page.view_clicked(view, x, y)

    def compare_themes(self, one: str, other: str) -> None:
        """Show two map themes beside each other, in a scene of the map if there is none yet."""
        self.choose("compare").compare_themes(one, other)

    def close_for_good(self) -> None:
        """Leave nothing behind."""
        self.scene.close_for_good()
        self.instruments.close_for_good()
        QgsProject.instance().readProject.disconnect(self.scene.close_views)
        QgsProject.instance().cleared.disconnect(self.scene.close_views)
