"""A click in the 3D view, and the object that it meets."""

from __future__ import annotations

from functools import partial

import numpy as np
from qgis._3d import Qgs3DMapCanvas
from qgis.core import QgsApplication, QgsProject, QgsRectangle, QgsTask, QgsVectorLayer
from qgis.PyQt.QtCore import QEvent, QObject, QPoint, Qt, pyqtSignal

from dtwin_plugin.data.picking import Hit
from dtwin_plugin.data.relief import Relief
from dtwin_plugin.layers.shapes3d import Shapes, is_drawn, shapes_of
from dtwin_plugin.translate import tr

from .view import View3D

Place = tuple[float, float, float]  # x, y and z [m]
_STILL = 4  # px that the pointer may move within a click: more is a turn of the camera
_NEAR = 4  # px around a cable or a point that count as it
_SUNK = 0.3  # m that an object may lie behind the ground: that is drawn coarser than it is
_POINTABLE = QgsVectorLayer.LayerFlag.Identifiable  # which marks and other help in the view are not


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
    """Return the layers that a view draws by themselves, and that may be pointed at."""
    vectors = [layer for layer in view.shown() if isinstance(layer, QgsVectorLayer)]
    return [layer for layer in vectors if is_drawn(layer) and layer.flags() & _POINTABLE]


def objects_met(view: View3D, book: Shapebook, relief: Relief, x: float, y: float) -> list[tuple[QgsVectorLayer, Hit]]:
    """Return the layers and features on the line of sight through a pixel, the nearest first.

    What lies behind solid ground is not seen.
    """
    camera = view.camera()
    origin, direction = view.ray(x, y)
    pixel = _NEAR * 2 * np.tan(np.radians(camera.field_of_view) / 2) / camera.height
    found = []
    for layer in drawn_layers(view):
        shapes = book.of(layer)
        found += [(layer, hit) for hit in (shapes.faces.met(origin, direction) if shapes.faces else ())]
        found += [(layer, hit) for hit in (shapes.tubes.met(origin, direction, pixel) if shapes.tubes else ())]
    ground = None if view.underground else ground_met(view, relief, x, y)
    if ground is not None:
        found = [(layer, hit) for layer, hit in found if hit.distance <= ground + _SUNK]
    return sorted(found, key=lambda item: item[1].distance)


def ground_met(view: View3D, relief: Relief, x: float, y: float) -> float | None:
    """Return how far away the ground is that lies at a pixel [m]."""
    offset = [0.0, 0.0, view.canvas.mapSettings().terrainElevationOffset()]
    origin, direction = view.ray(x, y)
    return relief.met(origin - offset, direction)


def place_met(view: View3D, book: Shapebook, relief: Relief, bare: bool, x: float, y: float) -> Place | None:
    """Return the place that is seen at a pixel: of the nearest object, or of the ground.

    Parameters
    ----------
    bare : bool
        Whether there is no ground to be pointed at, not even one that is see-through.
    """
    found = objects_met(view, book, relief, x, y)
    objects = found[0][1].distance if found else np.inf
    ground = None if bare or (found and view.underground) else ground_met(view, relief, x, y)
    distance = min(objects, np.inf if ground is None else ground)
    if not np.isfinite(distance):
        return None
    origin, direction = view.ray(x, y)
    east, north, height = (origin + distance * direction).tolist()
    return east, north, height
