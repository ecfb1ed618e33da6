"""The shapes of what a scene draws, gathered in the background."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Callable, Union

from qgis.core import (
    QgsApplication,
    QgsProject,
    QgsRectangle,
    QgsTask,
    QgsTiledSceneLayer,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, pyqtSignal

from dtwin_plugin.data.relief import Relief
from dtwin_plugin.layers.read import extent_of
from dtwin_plugin.layers.shapes3d import Shapes, shapes_of
from dtwin_plugin.layers.tiles_shapes import file_of, shapes_in_tiles
from dtwin_plugin.translate import tr

Pointable = Union[QgsVectorLayer, QgsTiledSceneLayer]
_SIGNALS = (
    "dataChanged", "renderer3DChanged", "subsetStringChanged", "layerModified", "afterCommitChanges", "editingStopped",
)  # fmt: skip


class Shapebook(QObject):
    """The shapes of the layers in a scene, made when they are first asked for.

    Parameters
    ----------
    ground : callable
        Returns the ground of the scene, which some symbols stand on.
    """

    made = pyqtSignal()

    def __init__(self, ground: Callable[[], Relief]) -> None:
        super().__init__()
        self._ground = ground
        self._shapes: dict[str, Shapes] = {}
        self._tasks: dict[str, QgsTask] = {}
        self._followed: dict[str, tuple[Pointable, Callable[[], None]]] = {}

    def missing(self, layers: Sequence[Pointable], extent: QgsRectangle) -> bool:
        """Start to make the shapes that are not there yet; return whether any are to come."""
        for layer in layers:
            if layer.id() not in self._shapes and layer.id() not in self._tasks:
                self._start(layer, extent)
        return any(layer.id() in self._tasks for layer in layers)

    def of(self, layer: Pointable) -> Shapes:
        """Return the shapes of a layer, none as long as they are not made."""
        return self._shapes.get(layer.id(), Shapes())

    def forget(self, identifier: str) -> None:
        """Make the shapes of a layer anew when they are asked for again."""
        self._shapes.pop(identifier, None)
        if self._tasks.pop(identifier, None) is not None:
            self.made.emit()  # who waits asks again: what is under way is of before

    def _start(self, layer: Pointable, extent: QgsRectangle) -> None:
        identifier = layer.id()
        self._follow(layer)
        project = QgsProject.instance()
        crs, context = project.crs(), project.transformContext()
        copy: QgsVectorLayer | None = None
        if isinstance(layer, QgsVectorLayer):
            copy = layer.clone()  # a layer of the project must not be read by another thread
            copy.setRenderer3D(layer.renderer3D().clone())  # which QGIS leaves out
            # edits that are not saved are drawn, and are not in the copy; what is asked of here another thread may read
            edited = QgsVectorLayerFeatureSource(layer) if layer.isEditable() else None
            make = partial(shapes_of, copy, extent, crs, context, self._ground(), edited)
        else:
            offset = layer.elevationProperties().zOffset()
            make = partial(shapes_in_tiles, file_of(layer), extent_of(extent, crs), offset)
        title = tr("Preparing to point at {layer}").format(layer=layer.name())
        task = QgsTask.fromFunction(title, lambda _: make())
        task.taskCompleted.connect(partial(self._done, identifier, task, copy))
        task.taskTerminated.connect(partial(self._done, identifier, task, copy))
        self._tasks[identifier] = task
        QgsApplication.taskManager().addTask(task)

    def _follow(self, layer: Pointable) -> None:
        if layer.id() in self._followed:
            return
        slot = partial(self.forget, layer.id())
        self._followed[layer.id()] = layer, slot
        for name in _SIGNALS:
            if hasattr(layer, name):
                getattr(layer, name).connect(slot)

    def _done(self, identifier: str, task: QgsTask, _copy: QgsVectorLayer | None) -> None:
        if self._tasks.get(identifier) is not task:
            return  # of a scene that is closed, or of a layer that changed
        self._shapes[identifier] = getattr(task, "returned_values", None) or Shapes()
        self._tasks.pop(identifier)
        self.made.emit()

    def clear(self) -> None:
        """Forget all, and stop what is under way: another scene has another part of the layers."""
        for task in list(self._tasks.values()):
            task.cancel()
        for layer, slot in self._followed.values():
            for name in _SIGNALS if not sip.isdeleted(layer) else ():
                if hasattr(layer, name):
                    getattr(layer, name).disconnect(slot)
        self._followed.clear()
        self._tasks.clear()
        self._shapes.clear()
