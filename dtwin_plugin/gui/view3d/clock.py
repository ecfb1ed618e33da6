"""The time that map and 3D views show together: QGIS's temporal controller, and what does not follow it in 3D."""

from __future__ import annotations

from functools import partial
from typing import Any

from qgis.core import Qgis, QgsDateTimeRange, QgsInterval, QgsProject, QgsTemporalNavigationObject
from qgis.PyQt.QtCore import QObject, pyqtSignal

from dtwin_plugin.data.moments import Moments
from dtwin_plugin.layers import moments3d
from dtwin_plugin.layers.finish import has_times


class Clock(QObject):
    """Sets the time of the map, and lets rasters and vectors in 3D follow it whoever sets it.

    Parameters
    ----------
    scene : Scene
    """

    changed = pyqtSignal()

    def __init__(self, scene: Any) -> None:
        super().__init__(scene)
        self._scene, self._canvas = scene, scene.iface.mapCanvas()
        self._canvas.temporalRangeChanged.connect(self._heard)
        scene.opened.connect(self._follow)

    @property
    def shown(self) -> QgsDateTimeRange | None:
        """The time that is shown; None where all times are."""
        found = self._canvas.temporalRange()
        return None if found.begin().isNull() or found.end().isNull() else found

    @property
    def texts(self) -> dict[str, str]:
        """The time that is shown as a viewpoint keeps it."""
        if self.shown is None:
            return {"begin": "", "end": ""}
        ends = {"begin": self.shown.begin(), "end": self.shown.end()}
        return {name: moments3d.moment(time).isoformat() for name, time in ends.items()}

    def moments(self) -> Moments | None:
        """Return the moments of the visible layers; of all layers where none of those changes through time."""
        project = QgsProject.instance()
        seen = moments3d.moments_of(project.layerTreeRoot().checkedLayers())
        return seen or moments3d.moments_of(project.mapLayers().values())

    def show(self, moments: Moments, number: int) -> None:
        """Show one of the moments; QGIS's own panel goes along."""
        controller = self._canvas.temporalController()
        if not isinstance(controller, QgsTemporalNavigationObject):
            self._canvas.setTemporalRange(moments3d.time_range(*moments.at(number)))
            return
        whole, step = moments3d.time_range(moments.first, moments.end), QgsInterval(moments.step.total_seconds())
        modes = Qgis.TemporalNavigationMode
        if controller.navigationMode() != modes.Animated or controller.temporalExtents() != whole:
            controller.setTemporalExtents(whole)
            controller.setNavigationMode(modes.Animated)
        controller.setFrameDuration(step)
        controller.setCurrentFrameNumber(number)

    def show_texts(self, begin: str, end: str) -> None:
        """Show the time that a viewpoint keeps; all times where it keeps none."""
        wanted, moments = moments3d.text_range(begin, end), self.moments()
        if wanted is None:
            self.stop()
            return
        number = moments.nearest(moments3d.moment(wanted.begin())) if moments is not None else 0
        if moments is not None and moments3d.time_range(*moments.at(number)) == wanted:
            self.show(moments, number)
            return
        controller = self._canvas.temporalController()
        if isinstance(controller, QgsTemporalNavigationObject):
            controller.setNavigationMode(Qgis.TemporalNavigationMode.FixedRange)
            controller.setTemporalExtents(wanted)
        else:
            self._canvas.setTemporalRange(wanted)

    def stop(self) -> None:
        """Show all times."""
        controller = self._canvas.temporalController()
        if self.shown is not None and isinstance(controller, QgsTemporalNavigationObject):
            controller.setNavigationMode(Qgis.TemporalNavigationMode.Disabled)
        elif self.shown is not None:
            self._canvas.setTemporalRange(QgsDateTimeRange())

    def _heard(self) -> None:
        self._follow()
        self.changed.emit()

    def _follow(self) -> None:
        """Let the views show layers as they are at the time."""
        if not self._scene.frames:
            return
        # meshes follow by themselves, and another copy of each of the others is made for each time
        layers = [layer for layer in QgsProject.instance().mapLayers().values() if has_times(layer)]
        needed = self.shown is not None and any(moments3d.at(layer, self.shown) is not layer for layer in layers)
        self._scene.stand_ins.set_change("time", partial(_at, self.shown) if needed else None)

    def end(self) -> None:
        """Hear of no time any more."""
        self._canvas.temporalRangeChanged.disconnect(self._heard)


def _at(shown: QgsDateTimeRange, layer: Any) -> Any:
    return moments3d.at(layer, shown)
