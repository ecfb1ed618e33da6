"""Whether there is OpenGL: without it QGIS's 3D would wait for ever."""

from __future__ import annotations

from qgis.PyQt.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext

from dtwin_plugin.translate import mark


def opengl_fault() -> str:
    """Return why nothing can be drawn in 3D, in one English sentence that `tr` knows; "" where it can.

    A context is made and made current, as a driver may promise what it cannot do. Call it in the main thread.
    """
    if not isinstance(QGuiApplication.instance(), QGuiApplication):
        return mark("There is no display.")
    surface = QOffscreenSurface()
    surface.create()
    context = QOpenGLContext()
    if not (context.create() and context.makeCurrent(surface)):
        return mark("There is no OpenGL on this display.")
    context.doneCurrent()
    return ""
