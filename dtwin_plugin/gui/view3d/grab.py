"""What stands on the screen of a view: quick, and with all that only an open view shows, such as sections."""

from __future__ import annotations

from qgis.PyQt.QtGui import QImage

from .view import View3D


def grabbed(view: View3D) -> QImage | None:
    """Return the picture of a view as it stands on the screen; None where the screen gives none.

    What covers the view is in it, and some systems give one colour only for what OpenGL draws.
    """
    screen = view.canvas.screen()
    image = screen.grabWindow(int(view.canvas.winId())).toImage() if screen is not None else QImage()
    return None if image.isNull() or is_blank(image) else image


def is_blank(image: QImage) -> bool:
    """Tell whether a picture is of one colour."""
    small = image.scaled(16, 16)
    return len({small.pixel(x, y) for x in range(small.width()) for y in range(small.height())}) == 1
