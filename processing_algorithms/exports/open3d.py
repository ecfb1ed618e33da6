"""What algorithms that make 3D pictures share: a display, and a project without what others may not see."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsProject

from dtwin_plugin.errors import InputError, ModelError
from dtwin_plugin.layers import privacy, styles3d
from dtwin_plugin.layers.opengl import opengl_fault

from ..feedback import FeedbackProgress


def project_in_3d(source: Path, confidential: bool, progress: FeedbackProgress) -> QgsProject:
    """Read a project for 3D pictures.

    Parameters
    ----------
    confidential : bool
        Whether layers that may not be handed on are kept.

    Raises
    ------
    ModelError
        If nothing can be drawn in 3D here.
    InputError
        If the file is no project.
    """
    if opengl_fault():
        raise ModelError(
            "A 3D picture needs a display with OpenGL, and there is none.",
            hint="Run it within QGIS, or on a server as: QT_QPA_PLATFORM=xcb xvfb-run -a qgis_process …",
        )
    styles3d.initialise()  # before the project is read, or its layers come without what is 3D of them
    project = QgsProject()
    if not source.is_file() or not project.read(str(source)):
        raise InputError("{file} is not a QGIS project.", hint="Choose a .qgz file.", file=source.name)
    if not confidential:
        # of all layers, also those that the list of layers does not show
        layers = list(project.mapLayers().values())
        shown = privacy.public_only(layers, progress.warn)
        project.removeMapLayers([layer.id() for layer in layers if layer not in shown])
    return project
