"""The menu and toolbar: the panels, and every algorithm of the plugin by its group, opened by its id."""

from __future__ import annotations

from functools import partial
from typing import Any

from qgis.core import QgsGeometry, QgsProject
from qgis.gui import QgsGui
from qgis.PyQt.QtGui import QAction
from qgis.PyQt.QtWidgets import QMenu

from dtwin_plugin.layers.icons import icon
from dtwin_plugin.translate import tr

from .algorithms import algorithms, close_dialogs, open_dialog
from .panels import PANELS, Panel, PanelKind, stand_beside
from .settings import PAGE, SettingsFactory

ON_TOOLBAR = ("loadarea", "flood")


class Menu:
    """The entries of the plugin in QGIS's window; `remove` takes all away again."""

    def __init__(self, iface: Any) -> None:
        self._iface, window = iface, iface.mainWindow()
        self._actions: list[QAction] = []
        self._groups: list[QMenu] = []
        self._menu = QMenu(tr("Digital twin"), window)
        self._menu.setObjectName("DtwinMenu")
        self._toolbar = iface.addToolBar(tr("Digital twin"))
        self._toolbar.setObjectName("DtwinToolBar")
        self.panels = {kind.name: self._panel(kind) for kind in PANELS}
        self._menu.addSeparator()
        self._add_groups()
        self._menu.addSeparator()
        self._settings = SettingsFactory()
        iface.registerOptionsWidgetFactory(self._settings)
        self._menu.addAction(self._action("settings", tr("Settings…"), self._show_settings))
        window.menuBar().insertMenu(iface.firstRightStandardMenu().menuAction(), self._menu)

    def _panel(self, kind: PanelKind) -> Panel:
        action = self._action(kind.name, tr(kind.title))
        action.setObjectName(f"DtwinShow{kind.dock}")  # by which QGIS keeps the shortcut that a user chooses
        action.setToolTip(f"{tr(kind.title)}: {tr(kind.tip)}")
        QgsGui.shortcutsManager().registerAction(action, kind.key)  # which adds the shortcut to the tip
        self._menu.addAction(action)
        self._toolbar.addAction(action)
        return Panel(self._iface, kind, action, self._made)

    def _made(self, kind: PanelKind, dock: Any) -> None:
        """Let the panels that work together know of each other."""
        if kind.name == "scenarios":
            dock.compare_wanted.connect(self._compare_in_3d)
        elif kind.name == "view3d":
            dock.scene.section_wanted.connect(self._section_along)
        if not kind.below:
            stand_beside(self._iface.mainWindow(), self.panels.values())

    def _compare_in_3d(self, one: str, other: str) -> None:
        panel = self.panels["view3d"]
        panel.show()
        panel.dock.compare_themes(one, other)

    def _section_along(self, line: QgsGeometry) -> None:
        panel = self.panels["section"]
        panel.show()
        panel.dock.line.set_line(line, QgsProject.instance().crs())

    def _add_groups(self) -> None:
        """Add a menu for each group of algorithms; a few of them stand on the toolbar too."""
        groups: dict[str, QMenu] = {}
        actions: dict[str, QAction] = {}
        for algorithm in algorithms():
            group, name = algorithm.groupId(), algorithm.name()
            if group not in groups:
                groups[group] = self._menu.addMenu(icon(f"group_{group}"), algorithm.group())
            picture = name if name in ON_TOOLBAR else ""  # the group has one
            action = actions[name] = self._action(
                picture, algorithm.displayName(), partial(open_dialog, algorithm.id())
            )
            action.setToolTip(algorithm.shortDescription())
            groups[group].addAction(action)
        self._toolbar.addSeparator()
        self._toolbar.addActions([actions[name] for name in ON_TOOLBAR if name in actions])
        self._groups.extend(groups.values())

    def _action(self, name: str, text: str, triggered: Any = None) -> QAction:
        action = QAction(text, self._iface.mainWindow())
        if name:
            action.setIcon(icon(name))
        if triggered is not None:
            action.triggered.connect(lambda *_: triggered())
        self._actions.append(action)
        return action

    def _show_settings(self) -> None:
        self._iface.showOptionsDialog(self._iface.mainWindow(), PAGE)

    def remove(self) -> None:
        """Take the entries out of the window."""
        close_dialogs()
        self._iface.unregisterOptionsWidgetFactory(self._settings)
        for panel in self.panels.values():
            QgsGui.shortcutsManager().unregisterAction(panel.action)
            panel.remove()
        self._iface.mainWindow().menuBar().removeAction(self._menu.menuAction())
        for menu in (*self._groups, self._menu):
            menu.deleteLater()
        for action in self._actions:
            action.deleteLater()
        self._groups.clear()
        self._actions.clear()
        self._toolbar.deleteLater()
