"""How what lies below the ground is drawn: by depth, by probability, with sleeves."""

from __future__ import annotations

from html import escape
from typing import Any

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QFormLayout, QHBoxLayout, QLabel, QSlider, QWidget

from dtwin_plugin.errors import DtwinError
from dtwin_plugin.layers import below3d
from dtwin_plugin.layers.finish import style_of
from dtwin_plugin.layers.view_states import below_style
from dtwin_plugin.translate import tr

from .scene import Scene

_WAIT = 400  # ms after the last move of a slider
_KEY = "below"  # of the changes and of the layers that are added


class LayersChoice(QWidget):
    """Switches that act on the layers of the views, found by the style that they were made with."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene
        self.cables, self.soil = QComboBox(), QComboBox()
        for text in (tr("By theme"), tr("By depth below the ground")):
            self.cables.addItem(text)
        for text in (tr("By class"), tr("By probability of the class")):
            self.soil.addItem(text)
        self.depths = QLabel(_legend())
        self.sleeves = QCheckBox(tr("Where they may lie (accuracy)"))
        self.logs = QCheckBox(tr("Boreholes and cone tests"))
        self.logs.setChecked(True)
        self.least, self.told = QSlider(Qt.Orientation.Horizontal), QLabel()
        self.least.setRange(0, 100)
        self.least.setToolTip(tr("Soil of which the class is less probable than this is left out."))
        self._sleeves: dict[str, QgsVectorLayer] = {}
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_WAIT)
        self._soon.timeout.connect(self.show_layers)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(tr("Cables and pipes"), self.cables)
        form.addRow(self.depths)
        form.addRow(self.sleeves)
        form.addRow(tr("Soil"), self.soil)
        row = QHBoxLayout()
        row.addWidget(self.least, 1)
        row.addWidget(self.told)
        form.addRow(tr("At least"), row)
        form.addRow(self.logs)
        for box in (self.cables, self.soil):
            box.currentIndexChanged.connect(self.show_layers)
        for switch in (self.sleeves, self.logs):
            switch.toggled.connect(self.show_layers)
        self.least.valueChanged.connect(self._slid)
        self._slid()
        self._soon.stop()
        self.depths.hide()

    @property
    def style(self) -> below3d.BelowStyle:
        """What is asked for."""
        return below3d.BelowStyle(
            self.cables.currentIndex() == 1,
            self.soil.currentIndex() == 1,
            self.least.value() / 100,
            self.logs.isChecked(),
        )

    def _slid(self) -> None:
        self.told.setText(f"{self.least.value()} %")
        self._soon.start()

    def show_layers(self) -> None:
        """Let the views draw what is asked for."""
        self._soon.stop()
        scene, style = self._scene, self.style
        self.depths.setVisible(style.depth)
        if not scene.frames:
            return
        scene.stand_ins.set_change(_KEY, style if style != below3d.BelowStyle() else None)
        scene.show_more("sleeves", list(self._made().values()) if self.sleeves.isChecked() else [])

    def _made(self) -> dict[str, QgsVectorLayer]:
        """Return the sleeves of all axes in the project; what was made is kept."""
        scene, layers = self._scene, QgsProject.instance().mapLayers()
        lines = {key: layer for key, layer in layers.items() if style_of(layer) == "klic_lines"}
        if not lines:
            scene.said.emit(tr("There are no cables and pipes in the project: load a KLIC delivery."))
        for key, layer in lines.items():
            if key not in self._sleeves:
                try:
                    found = below3d.sleeves_of(layer, scene.extent, QgsProject.instance().crs())
                except DtwinError as error:
                    scene.said.emit(error.text(tr))
                    continue
                self._sleeves[key] = found
        return {key: layer for key, layer in self._sleeves.items() if key in lines}

    def forget(self) -> None:
        """Set all back: the scene is closed."""
        self._set({})
        self._sleeves.clear()
        self._scene.show_more("sleeves", [])

    def _set(self, state: dict[str, Any]) -> None:
        widgets = (self.cables, self.soil, self.least, self.sleeves, self.logs)
        style = below_style(state)
        for widget in widgets:
            widget.blockSignals(True)
        self.cables.setCurrentIndex(int(style.depth))
        self.soil.setCurrentIndex(int(style.probability))
        self.least.setValue(round(100 * style.least))
        self.sleeves.setChecked(state.get("sleeves") is True)
        self.logs.setChecked(style.logs)
        for widget in widgets:
            widget.blockSignals(False)
        self.told.setText(f"{self.least.value()} %")
        self.depths.setVisible(self.style.depth)

    def state(self) -> dict[str, Any]:
        """Return what is set, as plain JSON values."""
        style = self.style
        return {
            "depth": style.depth,
            "probability": style.probability,
            "least": self.least.value(),
            "sleeves": self.sleeves.isChecked(),
            "logs": style.logs,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Set what `state` returned once."""
        self._set(state)
        self.show_layers()


def _legend() -> str:
    """Return the colours of depths as rich text."""
    rows = [*((colour, label) for _, colour, label in below3d.DEPTHS), below3d.NO_DEPTH]
    return "<br>".join(f"<span style='color:{c}'>\u25a0</span> {escape(tr(label))}" for c, label in rows)
