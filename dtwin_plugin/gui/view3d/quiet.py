"""Changes of a 3D view for which QGIS makes its ground anew: they wait until it reads none of it, or 3.40 may die."""

from __future__ import annotations

from collections.abc import Callable

from qgis._3d import Qgs3DMapCanvas, Qgs3DMapScene
from qgis.PyQt.QtCore import QObject, QTimer

_LOOK = 50  # ms between looks at whether QGIS is done


class Quiet(QObject):
    """Makes changes, of each key the last that was asked for, once all of a view is drawn."""

    def __init__(self, canvas: Qgs3DMapCanvas) -> None:
        super().__init__()
        self._canvas = canvas
        self._wanted: dict[str, Callable[[], None]] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self._look)

    def change(self, key: str, change: Callable[[], None]) -> None:
        """Make a change as soon as it can be made."""
        self._wanted[key] = change
        self._timer.start()

    @property
    def is_all_drawn(self) -> bool:
        """Whether all is drawn, and nothing waits."""
        return not self._wanted and self._is_still

    @property
    def _is_still(self) -> bool:
        scene = self._canvas.scene()
        return scene.totalPendingJobsCount() == 0 and scene.sceneState() == Qgs3DMapScene.SceneState.Ready

    def _look(self) -> None:
        if self._is_still:
            self._timer.stop()
            changes = list(self._wanted.values())
            self._wanted.clear()
            for change in changes:
                change()

    def end(self) -> None:
        """Change nothing any more."""
        self._timer.stop()
        self._wanted.clear()
