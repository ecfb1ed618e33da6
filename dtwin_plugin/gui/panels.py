"""The panels that the plugin has, each made on first use: what is not opened costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QAction
from qgis.PyQt.QtWidgets import QMainWindow

from dtwin_plugin.translate import mark


@dataclass(frozen=True)
class PanelKind:
    """One kind of panel.

    Attributes
    ----------
    name : str
        Of its package and of its icon.
    dock : str
        The class in that package.
    title, tip : str
        As people read it, and what it is for.
    key : str
        The shortcut that it has until a user chooses another.
    below : bool
        Whether it is wide, and so lies below the map.
    """

    name: str
    dock: str
    title: str
    tip: str
    key: str
    below: bool = False

    @property
    def object_name(self) -> str:
        """Of the dock, by which QGIS knows it."""
        return f"Dtwin{self.dock.removesuffix('Dock')}"

    @property
    def is_tab(self) -> bool:
        """Whether it shares its place with others: the wide ones and the 3D view are looked at beside them."""
        return not self.below and self.name != "view3d"


# QGIS's own panels have Ctrl+1 to Ctrl+9; Ctrl+Shift with a function key is free in QGIS 3.40 and on all keyboards
PANELS = (
    PanelKind("sources", "SourcesDock", mark("Sources"), mark("Load data of an area."), "Ctrl+Shift+F1"),
    PanelKind("models", "ModelsDock", mark("Models"), mark("Find and run models, see their runs."), "Ctrl+Shift+F2"),
    PanelKind("scenarios", "ScenariosDock", mark("Scenarios"), mark("Keep, show and compare."), "Ctrl+Shift+F3"),
    PanelKind("view3d", "View3DDock", mark("3D view"), mark("Look into the twin."), "Ctrl+Shift+F4"),
    PanelKind("section", "SectionDock", mark("Section"), mark("Cut through the ground."), "Ctrl+Shift+F5", below=True),
    PanelKind("soundings", "SoundingsDock", mark("Soundings"), mark("Boreholes and cone tests."), "Ctrl+Shift+F6"),
    PanelKind("live", "LiveDock", mark("Live"), mark("What sensors tell now, and their history."), "Ctrl+Shift+F7"),
)


class Panel:
    """One panel and the action that shows and hides it.

    Parameters
    ----------
    made : callable
        Called with the kind and the dock when it is made.
    """

    def __init__(self, iface: Any, kind: PanelKind, action: QAction, made: Callable[[PanelKind, Any], None]) -> None:
        self._iface, self.kind, self.action, self._made = iface, kind, action, made
        self.dock: Any = None
        action.setCheckable(True)
        action.triggered.connect(self.show)

    def show(self, wanted: bool = True) -> None:
        """Show the panel, or hide it; one that lies behind another comes in front first."""
        if not wanted and self.dock is not None and not self.dock.isUserVisible():
            wanted = True
            self.action.setChecked(True)
        if self.dock is None:
            module = import_module(f".{self.kind.name}", __package__)
            self.dock = getattr(module, self.kind.dock)(self._iface, self._iface.mainWindow())
            area = Qt.DockWidgetArea.BottomDockWidgetArea if self.kind.below else Qt.DockWidgetArea.RightDockWidgetArea
            if self.kind.is_tab:
                self._iface.addTabifiedDockWidget(
                    area, self.dock, [kind.object_name for kind in PANELS if kind.is_tab], True
                )
            else:
                self._iface.addDockWidget(area, self.dock)
            self.dock.closed.connect(partial(self.action.setChecked, False))
            self.dock.opened.connect(partial(self.action.setChecked, True))
            self._made(self.kind, self.dock)
        self.dock.setUserVisible(wanted)

    def remove(self) -> None:
        """Take the panel out of the window."""
        if self.dock is not None:
            self.dock.close_for_good()
            self._iface.removeDockWidget(self.dock)
            self.dock.deleteLater()
            self.dock = None


def stand_beside(window: QMainWindow, panels: Iterable[Panel]) -> None:
    """Let the 3D view stand to the left of the panels that share a place: below them it would be low and wide.

    What the user has moved elsewhere stays there.
    """
    right = Qt.DockWidgetArea.RightDockWidgetArea
    made = [panel for panel in panels if panel.dock is not None and window.dockWidgetArea(panel.dock) == right]
    views = [panel.dock for panel in made if panel.kind.name == "view3d" and not panel.dock.isFloating()]
    tabs = [panel.dock for panel in made if panel.kind.is_tab and not panel.dock.isFloating()]
    if not views or not tabs:
        return
    front = next((dock for dock in tabs if dock.isUserVisible()), tabs[-1])
    window.splitDockWidget(views[0], tabs[0], Qt.Orientation.Horizontal)
    for dock in tabs[1:]:
        window.tabifyDockWidget(tabs[0], dock)
    front.raise_()
