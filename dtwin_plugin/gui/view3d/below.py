"""Instrument: look under the ground."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsVectorLayer
from qgis.PyQt.QtWidgets import QComboBox, QFormLayout

from dtwin_plugin.layers import ground3d
from dtwin_plugin.translate import mark, tr

from .instrument import Instrument
from .scene import Scene

_GROUNDS = (("solid", mark("Ground")), ("clear", mark("See-through ground")), ("none", mark("No ground")))


class Below(Instrument):
    """The ground as it is, one to look through, or none."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.ground = QComboBox()
        for name, text in _GROUNDS:
            self.ground.addItem(tr(text), name)
        self._clear: QgsVectorLayer | None = None
        form = QFormLayout(self)
        form.addRow(tr("Ground"), self.ground)
        self.ground.currentIndexChanged.connect(self.views_changed)

    def views_changed(self) -> None:
        """Let all views show the chosen ground."""
        wanted, scene = self.ground.currentData(), self.scene
        if wanted == "clear" and self._clear is None and scene.ground is not None:
            self._clear = ground3d.see_through(scene.ground, scene.extent)
        scene.show_more("below", [self._clear] if wanted == "clear" and self._clear is not None else [])
        for frame in scene.frames:
            frame.view.set_underground(wanted != "solid")

    def scene_closing(self) -> None:
        """Let go of the ground of the scene."""
        self.ground.blockSignals(True)  # what the views show now is of no use any more
        self.ground.setCurrentIndex(0)
        self.ground.blockSignals(False)
        self.scene.show_more("below", [])
        self._clear = None

    def state(self) -> dict[str, Any]:
        """Return which ground is shown."""
        return {"ground": self.ground.currentData()}

    def restore(self, state: dict[str, Any]) -> None:
        """Show that ground."""
        self.ground.setCurrentIndex(max(self.ground.findData(state.get("ground")), 0))
