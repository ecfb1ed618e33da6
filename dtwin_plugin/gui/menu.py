"""The menu and toolbar: each entry opens an algorithm by its id."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QAction, QIcon

from dtwin_plugin.paths import plugin_file
from dtwin_plugin.translate import tr

_MENU = "Digital Twin"


class Entry(NamedTuple):
    """A line of the menu: the algorithm it opens, its text, and whether it is on the toolbar too."""

    algorithm: str
    text: str
    on_toolbar: bool = False


ENTRIES = (
    Entry("dtwin:load3dbag", "Load 3DBAG buildings"),
    Entry("dtwin:loadcityjson", "Load CityJSON", True),
    Entry("dtwin:loadbgt", "Load BGT"),
    Entry("dtwin:loadahn", "Load AHN terrain"),
    Entry("dtwin:loadterrain", "Load terrain", True),
    Entry("dtwin:terrainfrompoints", "Terrain from points"),
    Entry("dtwin:flood", "Flooding under extreme rain", True),
    Entry("dtwin:makeproject", "Make a project"),
    Entry("dtwin:picture3d", "3D picture"),
    Entry("dtwin:report", "Report of a flood run"),
    Entry("dtwin:describe", "Describe files"),
)


class Menu:
    """The entries of the plugin in QGIS's window; `remove` takes all away again."""

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self._actions: list[QAction] = []
        self._toolbar = iface.addToolBar(_MENU)
        self._toolbar.setObjectName("DtwinToolBar")
        self._toolbar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)  # all have the same icon
        icon = QIcon(str(plugin_file("resources", "icons", "dtwin.svg")))
        for entry in ENTRIES:
            action = QAction(icon, tr(entry.text), iface.mainWindow())
            action.triggered.connect(partial(self._open, entry.algorithm))
            iface.addPluginToMenu(_MENU, action)
            if entry.on_toolbar:
                self._toolbar.addAction(action)
            self._actions.append(action)

    def _open(self, algorithm: str, _checked: bool = False) -> None:
        import processing

        processing.execAlgorithmDialog(algorithm, {})

    def remove(self) -> None:
        """Take the entries out of the window."""
        for action in self._actions:
            self._iface.removePluginMenu(_MENU, action)
            action.deleteLater()
        self._actions.clear()
        self._toolbar.deleteLater()
