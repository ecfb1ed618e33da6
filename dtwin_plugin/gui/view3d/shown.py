"""What a 3D view has loaded stands on the screen some frames later; with OpenGL in software that is over a second."""

from __future__ import annotations

from collections.abc import Iterable

from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject

from .view import View3D

# Qt 3D begins a frame while it draws the one before, and shows that when it is done: with the third frame that begins
# after a change, the first that has the change is shown; textures and meshes may come with the next one or two
_ENOUGH = 5


class Frames:
    """Counts the frames that views begin while they are looked at; used with `with`.

    Parameters
    ----------
    views : iterable of View3D
    """

    def __init__(self, views: Iterable[View3D]) -> None:
        self._counts = {view: 0 for view in views}
        self._stop: list[tuple[QObject, object]] = []

    def __enter__(self) -> Frames:
        for view in self._counts:
            for child in view.canvas.scene().findChildren(QObject):
                if child.metaObject().className() == "Qt3DLogic::QFrameAction":  # by which QGIS hears of its frames

                    def count(_seconds: float, view: View3D = view) -> None:
                        self._counts[view] += 1

                    child.triggered.connect(count)
                    self._stop.append((child, count))
        return self

    def __exit__(self, *_: object) -> None:
        for child, count in self._stop:
            if not sip.isdeleted(child):
                child.triggered.disconnect(count)

    def count_anew(self) -> None:
        """Count from now on."""
        self._counts = dict.fromkeys(self._counts, 0)

    @property
    def are_enough(self) -> bool:
        """Whether each view shows what it had loaded when the count began; one that is not on the screen shows none."""
        return all(
            number >= _ENOUGH or sip.isdeleted(view.canvas) or not view.canvas.isExposed()
            for view, number in self._counts.items()
        )
