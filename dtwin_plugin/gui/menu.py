"""The menu and toolbar: the panel, and every algorithm of the plugin by its group, opened by its id."""

from __future__ import annotations

from functools import partial
from importlib import import_module
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


class _Panel:
    """A panel that is made on first use: what is not opened costs nothing."""

    def __init__(self, iface: Any, action: QAction, place: str, area: Qt.DockWidgetArea) -> None:
        self._iface, self.action, self._place, self._area = iface, action, place, area
        self._dock: Any = None
        action.setCheckable(True)
        action.triggered.connect(self._show)

    def _show(self, wanted: bool = True) -> None:
        if self._dock is None:
            module, name = self._place.split(".")
            self._dock = getattr(import_module(f".{module}", __package__), name)(self._iface, self._iface.mainWindow())
            self._iface.addDockWidget(self._area, self._dock)
            self._dock.closed.connect(partial(self.action.setChecked, False))
            self._dock.opened.connect(partial(self.action.setChecked, True))
        self._dock.setUserVisible(wanted)

    def remove(self) -> None:
        """Take the panel out of the window."""
        if self._dock is not None:
            self._dock.close_for_good()
            self._iface.removeDockWidget(self._dock)
            self._dock.deleteLater()
            self._dock = None


class Menu:
    """The entries of the plugin in QGIS's window; `remove` takes all away again."""

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self._actions: list[QAction] = []
        self._menus: list[QMenu] = []
        self._icon = QIcon(str(plugin_file("resources", "icons", "dtwin.svg")))
        self._toolbar = iface.addToolBar(_MENU)
        self._toolbar.setObjectName("DtwinToolBar")
        self._toolbar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)  # all have the same icon
        area = Qt.DockWidgetArea
        self.panels = [
            self._panel(tr("Sources"), "sources.SourcesDock", area.RightDockWidgetArea),
            self._panel(tr("3D view"), "view3d.View3DDock", area.RightDockWidgetArea),
            self._panel(tr("Soundings"), "soundings.SoundingsDock", area.RightDockWidgetArea),
            # it is wide, and so lies below the map
            self._panel(tr("Section"), "section.SectionDock", area.BottomDockWidgetArea),
        ]
        for panel in self.panels[:2]:
            self._toolbar.addAction(panel.action)
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

    def _panel(self, title: str, place: str, area: Qt.DockWidgetArea) -> _Panel:
        action = self._action(title, lambda *_: None)
        self._iface.addPluginToMenu(_MENU, action)
        return _Panel(self._iface, action, place, area)

    def remove(self) -> None:
        """Take the entries out of the window."""
        for panel in self.panels:
            self._iface.removePluginMenu(_MENU, panel.action)
            panel.remove()
        for menu in self._menus:
            self._iface.removePluginMenu(_MENU, menu.menuAction())
            menu.deleteLater()
        for action in self._actions:
            action.deleteLater()
        self._menus.clear()
        self._actions.clear()
        self._toolbar.deleteLater()
