"""The 3D panel as it stands goes with the project: it opens again with the project where it was open."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QTimer

if TYPE_CHECKING:
    from dtwin_plugin.twin.viewpoints import Viewpoint

    from .panels import Panel

_SCOPE, _KEY = "dtwin", "view3d"


class Kept3D:
    """Keeps the state of the panel with each project that is saved, and brings it back; `remove` ends that.

    Parameters
    ----------
    panel : Panel
        Which makes the dock on first use: a project in which it was not open costs nothing.
    """

    def __init__(self, panel: Panel) -> None:
        self._panel: Panel | None = panel
        project = QgsProject.instance()
        project.writeProject.connect(self._keep)
        project.readProject.connect(self._reopen)

    def _keep(self) -> None:
        from dtwin_plugin.twin.viewpoints import to_text

        project, dock = QgsProject.instance(), self._panel.dock if self._panel is not None else None
        if dock is not None and dock.scene.view is not None and not dock.isHidden():
            project.writeEntry(_SCOPE, _KEY, to_text([dock.scene.viewpoint("")]))
        else:
            project.removeEntry(_SCOPE, _KEY)

    def _reopen(self) -> None:
        text = QgsProject.instance().readEntry(_SCOPE, _KEY)[0]
        if text:
            from dtwin_plugin.twin.viewpoints import from_text

            for viewpoint in from_text(text)[:1]:
                # the project is there first; and the views of another go before these come
                QTimer.singleShot(0, partial(self._open, QgsProject.instance().fileName(), viewpoint))

    def _open(self, file: str, viewpoint: Viewpoint) -> None:
        if self._panel is not None and QgsProject.instance().fileName() == file:
            self._panel.show()
            self._panel.dock.scene.go(viewpoint)

    def remove(self) -> None:
        """Hear of no project any more."""
        project = QgsProject.instance()
        project.writeProject.disconnect(self._keep)
        project.readProject.disconnect(self._reopen)
        self._panel = None
