"""What a viewpoint keeps of a scene, and the scene brought back to it."""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qgis.core import QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, Qt, pyqtSignal

from dtwin_plugin.layers import visible
from dtwin_plugin.twin.viewpoints import Viewpoint

from .flight import Flight
from .grab import grabbed

_PICTURE = QSize(128, 80)
_TURN = 0.8  # s
_PATIENCE = 0.4  # s between times that are shown in a flight: a mesh takes as long


class Recall(QObject):
    """Takes viewpoints of a scene, and goes to them.

    Parameters
    ----------
    scene : Scene
    """

    ended = pyqtSignal(bool)  # a flight, and whether it came to its end

    def __init__(self, scene: Any) -> None:
        super().__init__(scene)
        self._scene = scene
        self._flight: Flight | None = None
        self._before: tuple[Viewpoint, dict[str, bool]] | None = None
        self._shown_at = 0.0
        scene.closing.connect(self.stop)
        QgsProject.instance().cleared.connect(self._forget)

    def viewpoint(self, name: str, with_picture: bool = False) -> Viewpoint:
        """Return where the first view looks from, with all that is set."""
        scene = self._scene
        extent = scene.extent
        states = scene.instruments.states() if scene.instruments is not None else {}
        return replace(
            scene.view.viewpoint(name),
            states=states,
            extent=(extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()),
            themes=tuple(frame.theme for frame in scene.frames) if len(scene.frames) > 1 else (),
            picture=_small(scene.view) if with_picture else "",
            **scene.clock.texts,
        )

    def go(self, viewpoint: Viewpoint) -> None:
        """Look from a viewpoint at once, with all as it was."""
        self.stop()
        if self._scene_for(viewpoint):
            self._remember()
            self.come(viewpoint)
            self._scene.view.go(viewpoint)

    def fly(self, viewpoints: Sequence[Viewpoint]) -> None:
        """Fly along viewpoints; the user may take over at any time."""
        self.stop()
        if viewpoints and self._scene_for(viewpoints[0]):
            self._remember()
            self._flight = Flight(self._scene.view, self.viewpoint, self._set_out, self._passing)
            self._flight.ended.connect(self.ended)
            self._flight.start(viewpoints)

    def turn(self, place: tuple[float, float, float], distance: float, pitch: float, heading: float) -> None:
        """Fly the camera alone: what is shown stays; in a second, so that one sees where one goes."""
        self.stop()
        view = self._scene.view
        target = Viewpoint("", *place, distance, pitch, heading, flight=_TURN)
        self._flight = Flight(view, view.viewpoint, _nothing, _nothing)
        self._flight.start([target])

    def stop(self) -> None:
        """End a flight, if there is one."""
        if self._flight is not None:
            self._flight.stop()
            self._flight = None

    @property
    def is_flying(self) -> bool:
        """Whether a flight is on its way."""
        return self._flight is not None and self._flight.is_on

    def pass_by(self, viewpoint: Viewpoint) -> None:
        """Look from a place on the way to a viewpoint, which shows what that does."""
        self._scene.view.go(viewpoint)
        self._scene.clock.show_texts(viewpoint.begin, viewpoint.end)

    @property
    def can_go_back(self) -> bool:
        """Whether something was shown before the first viewpoint."""
        return self._before is not None

    def back(self) -> None:
        """Show what was shown before the first viewpoint, and tick the layers that were ticked."""
        if self._before is not None:
            self.stop()
            (viewpoint, ticks), self._before = self._before, None
            if self._scene_for(viewpoint):
                self.come(viewpoint)
                self._scene.view.go(viewpoint)
            visible.put_back(QgsProject.instance(), ticks)

    def come(self, viewpoint: Viewpoint, with_time: bool = True) -> None:
        """Show what a viewpoint does: its layers, themes, time and all that is set on instruments."""
        scene, project = self._scene, QgsProject.instance()
        if any(project.mapLayer(layer) is not None for layer in viewpoint.layers):
            visible.show_only(project, viewpoint.layers)
        if scene.instruments is not None:
            scene.instruments.restore(viewpoint.states)
        if (len(viewpoint.themes) > 1) != (len(scene.frames) > 1):
            scene.show_second(len(viewpoint.themes) > 1)
        for frame, theme in zip(scene.frames, viewpoint.themes):
            frame.choose_theme(theme)
        if with_time:
            scene.clock.show_texts(viewpoint.begin, viewpoint.end)

    def end(self) -> None:
        """Hear of no project any more."""
        QgsProject.instance().cleared.disconnect(self._forget)

    def _forget(self) -> None:
        self._before = None  # it was of another project

    def _remember(self) -> None:
        if self._before is None:
            self._before = self.viewpoint(""), visible.ticks(QgsProject.instance())

    def _scene_for(self, viewpoint: Viewpoint) -> bool:
        """See to it that there is a scene with the place of a viewpoint in it; whether there is."""
        scene = self._scene
        if scene.view is None or not scene.extent.contains(viewpoint.x, viewpoint.y):
            if viewpoint.extent:
                part = QgsRectangle(*viewpoint.extent)
            else:
                half = max(viewpoint.distance, 100.0)
                part = QgsRectangle(viewpoint.x - half, viewpoint.y - half, viewpoint.x + half, viewpoint.y + half)
            scene.show_map(part)
        return scene.view is not None

    def _set_out(self, target: Viewpoint) -> None:
        """Show what the end of a flight does; from one time to another time flies along."""
        self.come(target, with_time=not (target.begin and self._scene.clock.shown is not None))

    def _passing(self, viewpoint: Viewpoint, is_there: bool) -> None:
        """Let time go along with a flight, as fast as the views can."""
        ready = all(frame.view.is_ready for frame in self._scene.frames)
        waited = time.monotonic() > self._shown_at + _PATIENCE
        changed = self._scene.clock.texts != {"begin": viewpoint.begin, "end": viewpoint.end}
        if viewpoint.begin and changed and (is_there or (ready and waited)):
            self._shown_at = time.monotonic()
            self._scene.clock.show_texts(viewpoint.begin, viewpoint.end)


def _nothing(*_: Any) -> None:
    """Show what is shown: a turn of the camera alone."""


def _small(view: Any) -> str:
    """Return a small picture of a view, PNG in base64; empty where the screen gives none."""
    image = grabbed(view)
    if image is None:
        return ""
    kept, buffer = QByteArray(), QBuffer()
    buffer.setBuffer(kept)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    small = image.scaled(_PICTURE, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    small.save(buffer, "PNG")
    return base64.b64encode(bytes(kept)).decode()
