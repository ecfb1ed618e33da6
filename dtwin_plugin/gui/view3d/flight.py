"""The camera of a view on its way from one viewpoint to the next, until it is there or the user takes over."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from qgis.PyQt.QtCore import QEvent, QObject, QTimer, pyqtSignal

from dtwin_plugin.twin.story import between
from dtwin_plugin.twin.viewpoints import Viewpoint

from .view import View3D

_TICK = 30  # ms
_TAKEN_OVER = (QEvent.Type.MouseButtonPress, QEvent.Type.Wheel, QEvent.Type.KeyPress)


class Flight(QObject):
    """Flies a view along viewpoints, and stays at each.

    Parameters
    ----------
    view : View3D
    here : callable
        Returns the viewpoint that is shown now, under a name.
    come : callable
        Called with each viewpoint when the flight to it begins: it shows what that does.
    passing : callable
        Called with viewpoints on the way, whose time may be another, and whether that is the end of the flight.
    """

    ended = pyqtSignal(bool)  # whether it came to the end

    def __init__(
        self,
        view: View3D,
        here: Callable[[str], Viewpoint],
        come: Callable[[Viewpoint], None],
        passing: Callable[[Viewpoint, bool], None],
    ) -> None:
        super().__init__()
        self._view, self._here, self._come, self._passing = view, here, come, passing
        self._left: list[Viewpoint] = []
        self._start = self._target = here("")
        self._began = 0.0
        self._arrived = False
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK)
        self._timer.timeout.connect(self._tick)

    @property
    def is_on(self) -> bool:
        """Whether it is on its way."""
        return self._timer.isActive()

    def start(self, viewpoints: Sequence[Viewpoint]) -> None:
        """Begin where the view is now."""
        self.stop()
        self._left = list(viewpoints)
        self._view.canvas.installEventFilter(self)
        self._timer.start()
        self._next()

    def stop(self, at_end: bool = False) -> None:
        """End it where it is."""
        if self.is_on:
            self._timer.stop()
            self._view.canvas.removeEventFilter(self)
            self.ended.emit(at_end)

    def eventFilter(self, canvas: QObject, event: QEvent) -> bool:
        """End where the user takes over; what QGIS does with the event goes on."""
        if event.type() in _TAKEN_OVER:
            self.stop()
        return False

    def _next(self) -> None:
        if not self._left:
            self.stop(at_end=True)
            return
        self._start, self._target = self._here(""), self._left.pop(0)
        self._come(self._target)
        self._arrived, self._began = False, time.monotonic()

    def _tick(self) -> None:
        passed, target = time.monotonic() - self._began, self._target
        if passed < target.flight:
            on_the_way = between(self._start, target, passed / target.flight)
            self._view.go(on_the_way)
            self._passing(on_the_way, False)
        elif not self._arrived:
            self._view.go(target)
            self._passing(target, True)
            self._arrived = True
        elif not self._left or passed >= target.flight + target.stay:
            self._next()
