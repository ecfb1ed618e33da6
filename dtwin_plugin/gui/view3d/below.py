"""Instrument: look under the ground."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsMapLayer
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QStyle,
    QVBoxLayout,
)

from dtwin_plugin.layers.scene_style import light_from_below
from dtwin_plugin.layers.stretch3d import follows
from dtwin_plugin.layers.view_states import CLEAR, NONE, PIT
from dtwin_plugin.translate import tr

from .below_ground import GroundChoice
from .below_layers import LayersChoice
from .instrument import Instrument
from .scene import Scene
from .view import View3D

_FACTORS = (1, 2, 3, 5, 10)
_LOOK = 200  # ms between looks at where the camera is while it moves
_PITCH = 120.0  # degrees from straight down: up from below, at a slant


class Below(Instrument):
    """The ground as it is, with a pit, see-through or none; what lies below drawn for a purpose; heights stretched."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.ground, self.layers = GroundChoice(scene), LayersChoice(scene)
        self.factor, self.stays = QComboBox(), QLabel()
        for factor in _FACTORS:
            self.factor.addItem(f"{factor} ×", factor)
        self.stays.setWordWrap(True)
        self.dive = QPushButton(tr("Look from below"))
        self.by_itself = QCheckBox(tr("No ground while the camera is below it"))
        self.by_itself.setChecked(True)
        self._below = False
        self._moved = QTimer(self)
        self._moved.setSingleShot(True)
        self._moved.setInterval(_LOOK)
        self._moved.timeout.connect(self._follow)
        self._heard: list[View3D] = []
        self._lay_out()
        self.ground.changed.connect(self._follow)
        self.factor.currentIndexChanged.connect(self._stretch)
        self.dive.clicked.connect(self.look_from_below)
        self.by_itself.toggled.connect(self._follow)
        self.views_changed()

    @property
    def takes_clicks(self) -> bool:  # type: ignore[override]
        """Whether a click says where the hole is."""
        return bool(self.ground.kind.currentData() == PIT)

    def _lay_out(self) -> None:
        inner = QFrame()
        column = QVBoxLayout(inner)
        heights = QFormLayout()
        heights.addRow(tr("Heights"), self.factor)
        for part in (self.ground, self.dive, self.by_itself, self.layers):
            column.addWidget(part)
        column.addLayout(heights)
        column.addWidget(self.stays)
        column.addStretch()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for box in inner.findChildren(QComboBox):  # a long text in it must not make the page wide
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(12)
        scroll.setWidget(inner)
        bar = scroll.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        scroll.setMinimumWidth(inner.minimumSizeHint().width() + bar)  # it does not scroll sideways
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll)

    def view_clicked(self, view: View3D, x: float, y: float) -> None:
        """Put the hole where it was clicked."""
        place = self.scene.place_met(view, x, y)
        if place is not None:
            self.ground.put(*place[:2])

    def look_from_below(self) -> None:
        """Look up at what the first view looks at."""
        view = self.scene.view
        if view is not None:
            camera = view.camera()
            view.look(*view.centre, camera.distance, _PITCH, camera.heading)

    def _stretch(self) -> None:
        self.scene.stand_ins.stretch(float(self.factor.currentData()))
        self._tell()

    def _tell(self) -> None:
        """Name what is not stretched."""
        shown: list[QgsMapLayer] = self.scene.view.shown() if self.scene.view is not None else []
        names = [layer.name() for layer in shown if not follows(layer)]
        stretched = self.factor.currentData() != 1 and bool(names)
        self.stays.setText(tr("Not stretched: {layers}").format(layers=", ".join(names)) if stretched else "")
        self.stays.setVisible(stretched)

    def views_changed(self) -> None:
        """Let all views look as the first does."""
        views = self._views()
        for view in views:
            if view not in self._heard:
                view.moved.connect(self._moved.start)
        self._heard = views
        self.ground.show_ground()

    def _views(self) -> list[View3D]:
        return [frame.view for frame in self.scene.frames]

    def _follow(self) -> None:
        """Light what is looked at from below, and take away the ground that would hide it."""
        if self.scene.view is None:
            return
        below = self._is_below(self.scene.view)
        chosen = self.ground.kind.currentData() in (CLEAR, NONE)
        for view in self._views():
            if below != self._below:
                light_from_below(view.canvas.mapSettings(), below)
            view.set_underground(chosen or (below and self.by_itself.isChecked()))
        self._below = below

    def _is_below(self, view: View3D) -> bool:
        """Whether a view looks up, or stands below the ground."""
        camera = view.camera()
        x, y, z = camera.position
        height = self.scene.ground_height(x, y) * self.scene.stand_ins.factor
        return camera.pitch > 90.0 or bool(z < height)  # nowhere below where there is no ground

    def scene_closing(self) -> None:
        """Let go of all that is in the scene."""
        self._moved.stop()
        self._heard.clear()
        self.ground.forget()
        self.layers.forget()
        self.factor.blockSignals(True)
        self.factor.setCurrentIndex(0)
        self.factor.blockSignals(False)
        self._below = False
        self._tell()

    def state(self) -> dict[str, Any]:
        """Return what is set, nothing if all is as when a scene is opened."""
        found = {**self.ground.state(), **self.layers.state(), "factor": self.factor.currentData()}
        plain = {"ground": "solid", "depth": False, "probability": False, "least": 0, "sleeves": False, "logs": True}
        return found if found != {**plain, "factor": 1} else {}

    def restore(self, state: dict[str, Any]) -> None:
        """Set what `state` returned once."""
        self.factor.setCurrentIndex(max(self.factor.findData(state.get("factor", 1)), 0))
        self.ground.restore(state)
        self.layers.restore(state)
