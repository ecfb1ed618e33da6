"""A 3D view with what is chosen for it alone, and two that move together."""

from __future__ import annotations

from qgis.core import QgsProject
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from dtwin_plugin.translate import tr

from .overlay import Bearings
from .picking import Clicks
from .view import View3D


class Frame(QWidget):
    """A view below its bearings and the choice of the map theme that it shows.

    Parameters
    ----------
    view : View3D
    is_second : bool
        Whether it is the right one of two: what stands above it keeps to the right then, where it is to be seen even
        when the other view lies over its left part.
    """

    clicked = pyqtSignal(object, float, float)

    def __init__(self, view: View3D, is_second: bool = False) -> None:
        super().__init__()
        self.view = view
        crs = QgsProject.instance().crs()
        self.bearings = Bearings("RD" if crs.authid() == "EPSG:28992" else crs.authid())
        self.themes = QComboBox()
        self.themes.setToolTip(tr("Map themes are made with the eye above the list of layers, or with a scenario."))
        self.themes.activated.connect(self._show)
        policy = self.bearings.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the pixels of both views are to be at the same height
        self.bearings.setSizePolicy(policy)
        row = QHBoxLayout()
        row.addWidget(self.themes)
        row.addWidget(self.bearings, 1)
        row.setDirection(QHBoxLayout.Direction.RightToLeft if is_second else QHBoxLayout.Direction.LeftToRight)
        self.bearings.setVisible(not is_second)  # it moves with the first
        if is_second:
            row.setAlignment(self.themes, Qt.AlignmentFlag.AlignRight)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(view.widget, 1)
        self._clicks = Clicks(view.canvas)
        self._clicks.clicked.connect(lambda x, y: self.clicked.emit(self.view, x, y))
        view.moved.connect(self._moved)
        self._collection = QgsProject.instance().mapThemeCollection()
        self._collection.mapThemesChanged.connect(self._themes_changed)
        self.show_themes(False)

    def _moved(self) -> None:
        self.bearings.show_camera(self.view.camera(), self.view.stretched)

    def show_themes(self, wanted: bool) -> None:
        """Let the user choose what this view shows, or show what the map does."""
        chosen = self.themes.currentData() if wanted else ""
        if not wanted and self.themes.currentData():
            self.view.show_theme("")
        self.themes.clear()
        self.themes.addItem(tr("As on the map"), "")
        for name in QgsProject.instance().mapThemeCollection().mapThemes():
            self.themes.addItem(name, name)
        self.themes.setCurrentIndex(max(self.themes.findData(chosen), 0))
        self.themes.setVisible(wanted)

    def _themes_changed(self) -> None:
        """List the themes that there are now, and show what is in the chosen one; the map's layers if that is gone."""
        wanted = not self.themes.isHidden()
        self.show_themes(wanted)
        if wanted and self.view.theme:
            self.view.show_theme(self.themes.currentData() or "")

    def choose_theme(self, name: str) -> None:
        """Show a map theme; what the map does where there is none of that name."""
        index = max(self.themes.findData(name), 0)
        self.themes.setCurrentIndex(index)
        self._show(index)

    def _show(self, index: int) -> None:
        self.view.show_theme(self.themes.itemData(index))

    def close_view(self) -> None:
        """Close the view, and go."""
        self.view.moved.disconnect(self._moved)
        if not sip.isdeleted(self._collection):  # each project has other ones
            self._collection.mapThemesChanged.disconnect(self._themes_changed)
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
