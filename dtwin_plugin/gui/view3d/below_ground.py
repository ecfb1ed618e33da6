"""Which ground a scene has: as it is, with a pit, see-through, or none."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsVectorLayer
from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QFormLayout, QPushButton, QSlider, QWidget

from dtwin_plugin.data.cutting import BOX, CIRCLE, Hole
from dtwin_plugin.layers import ground3d, pit3d, view_states
from dtwin_plugin.layers.clip3d import Detail
from dtwin_plugin.layers.view_states import CLEAR, NONE, OPACITY, PIT, SOLID
from dtwin_plugin.translate import mark, tr

from ..numbers import Metres
from .scene import Scene

_GROUNDS = (
    (SOLID, mark("Ground")),
    (PIT, mark("Hole in the ground")),
    (CLEAR, mark("See-through ground")),
    (NONE, mark("No ground")),
)
_SHAPES = ((CIRCLE, mark("Circle")), (BOX, mark("Box")))
_WAIT = 400  # ms after the last change of a number


class GroundChoice(QWidget):
    """Choose a ground, and let all views of a scene show it."""

    changed = pyqtSignal()

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene
        self.kind, self.shape = QComboBox(), QComboBox()
        for box, names in ((self.kind, _GROUNDS), (self.shape, _SHAPES)):
            for name, text in names:
                box.addItem(tr(text), name)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.size, self.depth = Metres(2, 500, 20), Metres(0.5, 100, 5)
        self.middle = QPushButton(tr("In the middle of the view"))
        self.middle.setToolTip(tr("Or click in the view where you want to look into the ground."))
        self.place: tuple[float, float] | None = None
        self._clear: QgsVectorLayer | None = None
        self._count = 0
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_WAIT)
        self._soon.timeout.connect(self.show_ground)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        for text, widget in ((tr("Ground"), self.kind), (tr("Opacity"), self.opacity), (tr("Shape"), self.shape),
                             (tr("Size"), self.size), (tr("Depth"), self.depth)):  # fmt: skip
            self._form.addRow(text, widget)
        self._form.addRow(self.middle)
        self.kind.currentIndexChanged.connect(self._choose)
        self.shape.currentIndexChanged.connect(self.show_ground)
        for number in (self.opacity, self.size, self.depth):
            number.valueChanged.connect(lambda *_: self._soon.start())
        self.middle.clicked.connect(self.put_in_middle)
        self._refresh()

    @property
    def hole(self) -> Hole | None:
        """The hole that is asked for."""
        if self.kind.currentData() != PIT or self.place is None:
            return None
        return Hole(*self.place, self.size.value(), self.shape.currentData())

    def put_in_middle(self) -> None:
        """Put the hole where the first view looks at."""
        if self._scene.view is not None:
            self.put(*self._scene.view.centre[:2])

    def put(self, x: float, y: float) -> None:
        """Put the hole somewhere."""
        self.place = (x, y)
        self.show_ground()

    def _choose(self) -> None:
        kind = self.kind.currentData()
        self.opacity.setValue(OPACITY.get(kind, 0))
        if kind == PIT and self.place is None and self._scene.view is not None:
            self.place = self._scene.view.centre[:2]
        self._refresh()
        self.show_ground()

    def _refresh(self) -> None:
        kind = self.kind.currentData()
        shown = {self.opacity: kind in OPACITY, **dict.fromkeys((self.shape, self.size, self.depth), kind == PIT)}
        for widget, wanted in shown.items():
            widget.setVisible(wanted)
            self._form.labelForField(widget).setVisible(wanted)
        self.middle.setVisible(kind == PIT)

    def show_ground(self) -> None:
        """Let all views show the chosen ground."""
        self._soon.stop()
        scene, kind = self._scene, self.kind.currentData()
        if not scene.frames:
            return
        if kind in (PIT, CLEAR) and scene.ground is None:
            scene.said.emit(tr("The project has no terrain as a raster file: its ground can be hidden only."))
        more = self._pit() if kind == PIT else self._see_through() if kind == CLEAR else None
        scene.show_more("below", [more] if more is not None else [])
        for frame in scene.frames:
            if scene.ground is not None and self.hole is None and frame.view.hole is not None:
                frame.view.set_ground(scene.ground, Detail(), None)
        self.changed.emit()

    def _see_through(self) -> QgsVectorLayer | None:
        scene, opacity = self._scene, max(self.opacity.value() / 100, 0.01)
        if scene.ground is None:
            return None
        if self._clear is None:
            self._clear = ground3d.see_through(scene.ground, scene.extent, opacity)
        else:
            ground3d.set_opacity(self._clear, opacity)
        return self._clear

    def _pit(self) -> QgsVectorLayer | None:
        scene, hole = self._scene, self.hole
        if scene.ground is None or hole is None:
            return None
        views = [frame.view for frame in scene.frames if frame.view.hole != hole]
        if views:
            self._count += 1  # QGIS may still read the one before
            path = scene.folder / f"pit-{self._count}.tif"
            terrain = pit3d.ground_with(scene.ground, scene.extent, hole, path)
            for view in views:
                view.set_ground(terrain, pit3d.detail_for(hole, scene.extent), hole)
        return pit3d.pit(scene.ground, scene.extent, hole, self.depth.value(), self.opacity.value() / 100)

    def forget(self) -> None:
        """Let go of the ground of a scene that is closed."""
        self.kind.blockSignals(True)  # what the views show now is of no use any more
        self.kind.setCurrentIndex(0)
        self.kind.blockSignals(False)
        self._soon.stop()
        self._scene.show_more("below", [])
        self.place = self._clear = None
        self._refresh()

    def state(self) -> dict[str, Any]:
        """Return what is set, as plain JSON values."""
        kind = self.kind.currentData()
        found: dict[str, Any] = {"ground": kind}
        if kind in OPACITY:
            found["opacity"] = self.opacity.value()
        hole = self.hole
        if hole is not None:
            found["hole"] = [hole.x, hole.y, hole.size, hole.shape, self.depth.value()]
        return found

    def restore(self, state: dict[str, Any]) -> None:
        """Set what `state` returned once; what is none of it is left as when a scene is opened."""
        self.kind.blockSignals(True)
        self.kind.setCurrentIndex(max(self.kind.findData(view_states.ground(state)), 0))
        self.kind.blockSignals(False)
        self.opacity.setValue(view_states.opacity(state))
        found = view_states.hole(state)
        self.place = None
        if found is not None:
            hole, depth = found
            self.place = (hole.x, hole.y)
            self.size.setValue(hole.size)
            self.depth.setValue(depth)
            self.shape.setCurrentIndex(self.shape.findData(hole.shape))
        self._refresh()
        self.show_ground()
