"""The viewpoints that a project keeps."""

from __future__ import annotations

from collections.abc import Iterable

from qgis.core import QgsProject

from dtwin_plugin.twin.viewpoints import Viewpoint, from_text, to_text

_SCOPE, _KEY = "dtwin", "viewpoints"


def kept_viewpoints(project: QgsProject) -> list[Viewpoint]:
    """Return the viewpoints in a project, in their order."""
    return from_text(project.readEntry(_SCOPE, _KEY)[0])


def keep_viewpoints(project: QgsProject, viewpoints: Iterable[Viewpoint]) -> None:
    """Keep viewpoints in a project in place of those that it has."""
    project.writeEntry(_SCOPE, _KEY, to_text(viewpoints))
