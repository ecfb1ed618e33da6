"""A 3D view with what is chosen for it alone, and two that move together."""

from __future__ import annotations

from qgis.core import QgsProject
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QVBoxLayout, QWidget

from dtwin_plugin.translate import tr

from .picking import Clicks
from .view import View3D


class Frame(QWidget):
    """A view below the choice of the map theme that it shows."""

    clicked = pyqtSignal(object, float, float)

    def __init__(self, view: View3D) -> None:
        super().__init__()
        self.view = view
        self.themes = QComboBox()
        self.themes.setToolTip(tr("Map themes are made with the eye above the list of layers."))
        self.themes.activated.connect(self._show)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.themes)
        column.addWidget(view.widget, 1)
        self._clicks = Clicks(view.canvas)
        self._clicks.clicked.connect(lambda x, y: self.clicked.emit(self.view, x, y))
        self.show_themes(False)

    def show_themes(self, wanted: bool) -> None:
        """Let the user choose what this view shows, or show what the map does."""
        if not wanted and self.themes.currentData():
            self.view.show_theme("")
        self.themes.clear()
        self.themes.addItem(tr("As on the map"), "")
        for name in QgsProject.instance().mapThemeCollection().mapThemes():
            self.themes.addItem(name, name)
        self.themes.setVisible(wanted)

    def _show(self, index: int) -> None:
        self.view.show_theme(self.themes.itemData(index))

    def close_view(self) -> None:
        """Close the view, and go."""
        self.view.close()
        self.setParent(None)
        self.deleteLater()


class Together:
    """Two views of one scene that move together, as long as this lives."""

    def __init__(self, first: View3D, second: View3D) -> None:
        self._views = (first, second)
        self._busy = False
        second.take_pose(first)
        first.moved.connect(self._first_moved)
        second.moved.connect(self._second_moved)

    def _first_moved(self) -> None:
        self._follow(*self._views)

    def _second_moved(self) -> None:
        self._follow(*self._views[::-1])

    def _follow(self, leader: View3D, other: View3D) -> None:
        if not self._busy:
            self._busy = True
            other.take_pose(leader)
            self._busy = False

    def end(self) -> None:
        """Let each go its own way."""
        self._views[0].moved.disconnect(self._first_moved)
        self._views[1].moved.disconnect(self._second_moved)
