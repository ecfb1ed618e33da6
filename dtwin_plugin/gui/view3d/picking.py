"""A click in the 3D view, and the object that it meets."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from qgis._3d import Qgs3DMapCanvas
from qgis.core import QgsApplication, QgsProject, QgsRectangle, QgsTask, QgsVectorLayer
from qgis.PyQt.QtCore import QEvent, QObject, QPoint, Qt, pyqtSignal

from dtwin_plugin.data.picking import Hit
from dtwin_plugin.layers.shapes3d import Shapes, is_drawn, shapes_of
from dtwin_plugin.translate import tr

from .view import View3D

_STILL = 4  # px that the pointer may move within a click: more is a turn of the camera
_NEAR = 4  # px around a cable or a point that count as it


class Clicks(QObject):
    """Tells of clicks with the left button; whatever QGIS does with the mouse goes on."""

    clicked = pyqtSignal(float, float)

    def __init__(self, canvas: Qgs3DMapCanvas) -> None:
        super().__init__()
        self._pressed: QPoint | None = None
        canvas.installEventFilter(self)

    def eventFilter(self, canvas: QObject, event: QEvent) -> bool:
        """Look at what happens, and let it pass."""
        if event.type() == QEvent.Type.MouseButtonPress:
            self._pressed = event.pos() if event.button() == Qt.MouseButton.LeftButton else None
        elif event.type() == QEvent.Type.MouseButtonRelease and self._pressed is not None:
            if (event.pos() - self._pressed).manhattanLength() < _STILL:
                self.clicked.emit(float(event.pos().x()), float(event.pos().y()))
            self._pressed = None
        return False


class Shapebook(QObject):
    """The shapes of the layers in a scene, made in the background when they are first asked for."""

    made = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._shapes: dict[str, Shapes] = {}
        self._tasks: dict[str, QgsTask] = {}

    def missing(self, layers: list[QgsVectorLayer], extent: QgsRectangle) -> bool:
        """Start to make the shapes that are not there yet; return whether any are to come."""
        for layer in layers:
            if layer.id() not in self._shapes and layer.id() not in self._tasks:
                self._start(layer, extent)
        return any(layer.id() in self._tasks for layer in layers)

    def of(self, layer: QgsVectorLayer) -> Shapes:
        """Return the shapes of a layer, none as long as they are not made."""
        return self._shapes.get(layer.id(), Shapes())

    def forget(self, identifier: str) -> None:
        """Make the shapes of a layer anew when they are asked for again."""
        self._shapes.pop(identifier, None)

    def _start(self, layer: QgsVectorLayer, extent: QgsRectangle) -> None:
        identifier = layer.id()
        for signal in (layer.dataChanged, layer.renderer3DChanged, layer.subsetStringChanged):
            signal.connect(partial(self.forget, identifier))
        copy = layer.clone()  # a layer of the project must not be read by another thread
        copy.setRenderer3D(layer.renderer3D().clone())  # which QGIS leaves out
        project = QgsProject.instance()
        crs, context = project.crs(), project.transformContext()
        task = QgsTask.fromFunction(
            tr("Preparing to point at {layer}").format(layer=layer.name()),
            lambda _: shapes_of(copy, extent, crs, context),
        )
        task.taskCompleted.connect(partial(self._done, identifier, task, copy))
        task.taskTerminated.connect(partial(self._done, identifier, task, copy))
        self._tasks[identifier] = task
        QgsApplication.taskManager().addTask(task)

    def _done(self, identifier: str, task: QgsTask, _copy: QgsVectorLayer) -> None:
        if self._tasks.get(identifier) is not task:
            return  # of a scene that is closed
        self._shapes[identifier] = getattr(task, "returned_values", None) or Shapes()
        self._tasks.pop(identifier)
        self.made.emit()

    def clear(self) -> None:
        """Forget all, and stop what is under way: another scene has another part of the layers."""
        for task in list(self._tasks.values()):
            task.cancel()
        self._tasks.clear()
        self._shapes.clear()


def drawn_layers(view: View3D) -> list[QgsVectorLayer]:
    """Return the layers that a view draws by themselves."""
    return [
        layer for layer in view.canvas.mapSettings().layers() if isinstance(layer, QgsVectorLayer) and is_drawn(layer)
    ]


def first_met(view: View3D, book: Shapebook, x: float, y: float) -> tuple[QgsVectorLayer, Hit] | None:
    """Return the layer and the feature that are seen at a pixel."""
    camera = view.camera()
    origin, direction = camera.ray(x, y)
    pixel = _NEAR * 2 * np.tan(np.radians(camera.field_of_view) / 2) / camera.height
    best: tuple[Any, Hit] | None = None
    for layer in drawn_layers(view):
        shapes = book.of(layer)
        for hit in (
            shapes.faces.first(origin, direction) if shapes.faces else None,
            shapes.tubes.first(origin, direction, pixel) if shapes.tubes else None,
        ):
            if hit is not None and (best is None or hit.distance < best[1].distance):
                best = layer, hit
    return best
