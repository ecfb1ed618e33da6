"""Ways to look at the scene, by a button and by a key in the view: all of it, north up, from above, from a side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgis.PyQt.QtCore import QEvent, QObject, Qt
from qgis.PyQt.QtWidgets import QMenu, QToolButton

from dtwin_plugin.translate import mark, tr

_SIDE = 80.0  # degrees from straight down: a side with a little of the roofs
_RISE = 0.2  # times the distance, up or down at once
_SHARE = 0.9  # of the width of the scene, as a distance: see Scene.show_map

# name, text, key, and what it makes of the camera: pitch and heading, None = as it is
_TURNS: tuple[tuple[str, str, Qt.Key, float | None, float | None], ...] = (
    ("north", mark("North up"), Qt.Key.Key_N, None, 0.0),
    ("top", mark("From above"), Qt.Key.Key_T, 0.0, 0.0),
    ("from_south", mark("From the south"), Qt.Key.Key_1, _SIDE, 0.0),
    ("from_west", mark("From the west"), Qt.Key.Key_2, _SIDE, 90.0),
    ("from_north", mark("From the north"), Qt.Key.Key_3, _SIDE, 180.0),
    ("from_east", mark("From the east"), Qt.Key.Key_4, _SIDE, 270.0),
)


class Looks(QToolButton):
    """A button with all of them, and the keys in each view.

    Parameters
    ----------
    scene : Scene
    """

    def __init__(self, scene: Any) -> None:
        super().__init__()
        self._scene = scene
        self._acts: dict[int, Callable[[], None]] = {}
        self._watched: list[QObject] = []
        self.setText(tr("Look"))
        self.setToolTip(tr("All of the scene, north up, from above or from a side; the keys work in the view."))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        self.setMenu(menu)
        self._add(menu, tr("All of the scene"), Qt.Key.Key_Home, self.whole)
        for _, text, key, pitch, heading in _TURNS:
            self._add(menu, tr(text), key, lambda pitch=pitch, heading=heading: self.turn(pitch, heading))
        self._add(menu, tr("Higher"), Qt.Key.Key_Plus, lambda: self.rise(_RISE))
        self._add(menu, tr("Lower"), Qt.Key.Key_Minus, lambda: self.rise(-_RISE))
        scene.changed.connect(self._watch)
        self._watch()

    def _add(self, menu: QMenu, text: str, key: Qt.Key, act: Callable[[], None]) -> None:
        name = {Qt.Key.Key_Home: "Home", Qt.Key.Key_Plus: "+", Qt.Key.Key_Minus: "−"}.get(key) or chr(key)
        menu.addAction(f"{text}\t{name}").triggered.connect(lambda _checked: act())
        self._acts[int(key)] = act

    def whole(self) -> None:
        """See all of the scene, from where one sees it when it opens."""
        view = self._scene.view
        if view is not None:
            part = self._scene.extent
            middle = part.center()
            place, size = (middle.x(), middle.y(), view.centre[2]), max(part.width(), part.height())
            self._scene.recall.turn(place, _SHARE * size, 50.0, 0.0)

    def turn(self, pitch: float | None, heading: float | None) -> None:
        """Look at the same place from another side."""
        view = self._scene.view
        if view is not None:
            camera = view.camera()
            tilt = camera.pitch if pitch is None else pitch
            self._scene.recall.turn(view.centre, camera.distance, tilt, camera.heading if heading is None else heading)

    def rise(self, share: float) -> None:
        """Raise what is looked at, and the camera with it, by a share of the distance; below 0 lower it."""
        view = self._scene.view
        if view is not None:
            (x, y, z), camera = view.centre, view.camera()
            view.look(x, y, z + share * camera.distance, camera.distance, camera.pitch, camera.heading)

    def _watch(self) -> None:
        """Hear the keys in the views that there are now."""
        self._watched = [frame.view.canvas for frame in self._scene.frames]
        for canvas in self._watched:
            canvas.removeEventFilter(self)
            canvas.installEventFilter(self)
        self.setEnabled(bool(self._watched))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look as a key asks; other keys are QGIS's."""
        plain = event.type() == QEvent.Type.KeyPress and not (
            event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
        )
        act = self._acts.get(int(event.key())) if plain else None
        if act is None:
            return super().eventFilter(watched, event)
        act()
        return True
