"""The menu and toolbar: the panel, and every algorithm of the plugin by its group, opened by its id."""

from __future__ import annotations

from functools import partial
from typing import Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QAction, QIcon
from qgis.PyQt.QtWidgets import QMenu

from dtwin_plugin.paths import plugin_file
from dtwin_plugin.translate import tr

_MENU = "Digital Twin"
_PROVIDER = "dtwin"
ON_TOOLBAR = ("loadarea", "flood")


class Menu:
    """The entries of the plugin in QGIS's window; `remove` takes all away again."""

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self._actions: list[QAction] = []
        self._menus: list[QMenu] = []
        self._dock: Any = None
        self._soundings_dock: Any = None
        self._section_dock: Any = None
        self._icon = QIcon(str(plugin_file("resources", "icons", "dtwin.svg")))
        self._toolbar = iface.addToolBar(_MENU)
        self._toolbar.setObjectName("DtwinToolBar")
        self._toolbar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)  # all have the same icon
        self.panel = self._action(tr("Sources"), self._show_dock)
        self.panel.setCheckable(True)
        iface.addPluginToMenu(_MENU, self.panel)
        self._toolbar.addAction(self.panel)
        self.soundings = self._action(tr("Soundings"), self._show_soundings)
        self.soundings.setCheckable(True)
        iface.addPluginToMenu(_MENU, self.soundings)
        self.section = self._action(tr("Section"), self._show_section)
        self.section.setCheckable(True)
        iface.addPluginToMenu(_MENU, self.section)
        self._add_groups()

    def _add_groups(self) -> None:
        """Add a menu for each group of algorithms."""
        provider = QgsApplication.processingRegistry().providerById(_PROVIDER)
        groups: dict[str, QMenu] = {}
        for algorithm in provider.algorithms() if provider is not None else ():
            action = self._action(algorithm.displayName(), partial(self._open, algorithm.id()))
            action.setToolTip(algorithm.shortDescription())
            if algorithm.group() not in groups:
                menu = groups[algorithm.group()] = QMenu(algorithm.group(), self._iface.mainWindow())
                self._menus.append(menu)
            groups[algorithm.group()].addAction(action)
        for name in ON_TOOLBAR:
            algorithm = provider.algorithm(name) if provider is not None else None
            if algorithm is not None:
                self._toolbar.addAction(self._action(algorithm.displayName(), partial(self._open, algorithm.id())))
        for menu in self._menus:
            self._iface.addPluginToMenu(_MENU, menu.menuAction())

    def _action(self, text: str, triggered: Any) -> QAction:
        action = QAction(self._icon, text, self._iface.mainWindow())
        action.triggered.connect(triggered)
        self._actions.append(action)
        return action

    def _open(self, algorithm: str, _checked: bool = False) -> None:
        import processing

        processing.execAlgorithmDialog(algorithm, {})

    def _show_dock(self, wanted: bool = True) -> None:
        """Make the panel on first use: what is not opened costs nothing."""
        if self._dock is None:
            from .sources import SourcesDock

            self._dock = SourcesDock(self._iface, self._iface.mainWindow())
            self._iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self._dock)
            self._dock.closed.connect(partial(self.panel.setChecked, False))
            self._dock.opened.connect(partial(self.panel.setChecked, True))
        self._dock.setUserVisible(wanted)

    def _show_soundings(self, wanted: bool = True) -> None:
        """Make the panel with soundings on first use."""
        if self._soundings_dock is None:
            from .soundings import SoundingsDock

            self._soundings_dock = SoundingsDock(self._iface, self._iface.mainWindow())
            self._iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self._soundings_dock)
            self._soundings_dock.closed.connect(partial(self.soundings.setChecked, False))
            self._soundings_dock.opened.connect(partial(self.soundings.setChecked, True))
        self._soundings_dock.setUserVisible(wanted)

    def _show_section(self, wanted: bool = True) -> None:
        """Make the panel with a section on first use; it is wide, and so lies below the map."""
        if self._section_dock is None:
            from .section import SectionDock

            self._section_dock = SectionDock(self._iface, self._iface.mainWindow())
            self._iface.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self._section_dock)
            self._section_dock.closed.connect(partial(self.section.setChecked, False))
            self._section_dock.opened.connect(partial(self.section.setChecked, True))
        self._section_dock.setUserVisible(wanted)

    def remove(self) -> None:
        """Take the entries out of the window."""
        for entry in (self.panel, self.soundings, self.section):
            self._iface.removePluginMenu(_MENU, entry)
        if self._section_dock is not None:
            self._section_dock.close_for_good()
            self._iface.removeDockWidget(self._section_dock)
            self._section_dock.deleteLater()
            self._section_dock = None
        if self._soundings_dock is not None:
            self._soundings_dock.close_for_good()
            self._iface.removeDockWidget(self._soundings_dock)
            self._soundings_dock.deleteLater()
            self._soundings_dock = None
        if self._dock is not None:
            self._dock.close_for_good()
            self._iface.removeDockWidget(self._dock)
            self._dock.deleteLater()
            self._dock = None
        for menu in self._menus:
            self._iface.removePluginMenu(_MENU, menu.menuAction())
            menu.deleteLater()
        for action in self._actions:
            action.deleteLater()
        self._menus.clear()
        self._actions.clear()
        self._toolbar.deleteLater()
