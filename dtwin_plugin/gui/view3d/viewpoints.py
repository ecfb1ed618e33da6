"""Instrument: viewpoints, kept in the project."""

from __future__ import annotations

from qgis.core import QgsProject
from qgis.PyQt.QtWidgets import QHBoxLayout, QInputDialog, QListWidget, QPushButton, QVBoxLayout

from dtwin_plugin.translate import tr
from dtwin_plugin.twin.viewpoints import Viewpoint, from_text, to_text

from .instrument import Instrument
from .scene import Scene

_SCOPE, _KEY = "dtwin", "viewpoints"


class ViewpointsPage(Instrument):
    """A list of viewpoints: keep one, go to one, remove one."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.names = QListWidget()
        self.keep, self.remove = QPushButton(tr("Keep viewpoint")), QPushButton(tr("Remove"))
        row = QHBoxLayout()
        row.addWidget(self.keep)
        row.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.names, 1)
        column.addLayout(row)
        self.keep.clicked.connect(self._ask_name)
        self.remove.clicked.connect(self._remove)
        self.names.itemActivated.connect(lambda item: self.go(item.text()))
        QgsProject.instance().readProject.connect(self._refresh)
        self._refresh()

    def _ask_name(self) -> None:
        name, chosen = QInputDialog.getText(self, tr("Keep viewpoint"), tr("Name"))
        if chosen and name.strip():
            self.keep_as(name.strip())

    def keep_as(self, name: str) -> None:
        """Keep where the view looks from in the project, under a name."""
        if self.scene.view is not None:
            others = [viewpoint for viewpoint in kept_viewpoints() if viewpoint.name != name]
            self._write([*others, self.scene.viewpoint(name)])

    def _remove(self) -> None:
        names = {item.text() for item in self.names.selectedItems()}
        self._write([viewpoint for viewpoint in kept_viewpoints() if viewpoint.name not in names])

    def _write(self, viewpoints: list[Viewpoint]) -> None:
        QgsProject.instance().writeEntry(_SCOPE, _KEY, to_text(viewpoints))
        self._refresh()

    def go(self, name: str) -> None:
        """Look from a viewpoint."""
        for viewpoint in kept_viewpoints():
            if viewpoint.name == name:
                self.scene.go(viewpoint)

    def _refresh(self) -> None:
        self.names.clear()
        self.names.addItems([viewpoint.name for viewpoint in kept_viewpoints()])

    def close_for_good(self) -> None:
        """Hear of no project any more."""
        QgsProject.instance().readProject.disconnect(self._refresh)


def kept_viewpoints() -> list[Viewpoint]:
    """Return the viewpoints in the project."""
    return from_text(QgsProject.instance().readEntry(_SCOPE, _KEY)[0])
