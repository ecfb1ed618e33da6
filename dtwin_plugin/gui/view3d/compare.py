"""Instrument: two scenarios beside each other, one over the other, or what differs; a plan design with and without."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QEvent, QObject, Qt
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QSlider

from dtwin_plugin.layers import view_states
from dtwin_plugin.layers.compare3d import is_difference, without_designs, without_results
from dtwin_plugin.layers.stretch3d import copy_of
from dtwin_plugin.translate import mark, tr

from .instrument import Instrument
from .scene import Scene
from .view import View3D

_VIEWS = (
    ("one", mark("One view")),
    ("beside", mark("Two views, beside each other")),
    ("over", mark("Two views, one over the other")),
)
_STEPS = 1000  # of the slider
DESIGN_KEY = Qt.Key.Key_P


class Compare(Instrument):
    """How many views there are, and what of two scenarios is shown in them."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.views = QComboBox()
        for name, text in _VIEWS:
            self.views.addItem(tr(text), name)
        self.handle = QSlider(Qt.Orientation.Horizontal)
        self.handle.setRange(0, _STEPS)
        self.handle.setToolTip(tr("Or drag the line between the views."))
        self.difference = QComboBox()
        self.difference.setToolTip(tr("What differs between two runs, in place of the results."))
        self.design = QCheckBox(tr("Plan design"))
        self.design.setChecked(True)
        self.design.setToolTip(tr("What was loaded as a plan design; the key P in a view switches it on and off."))
        hint = QLabel(tr("Choose above each view what it shows: a map theme, or the scenario of that name."))
        hint.setWordWrap(True)
        form = QFormLayout(self)
        form.addRow(tr("Views"), self.views)
        form.addRow(tr("Line between them"), self.handle)
        form.addRow(hint)
        form.addRow(tr("Difference"), self.difference)
        form.addRow(self.design)
        self.views.currentIndexChanged.connect(self._arrange)
        self.handle.valueChanged.connect(lambda value: scene.place.set_share(value / _STEPS))
        scene.place.moved.connect(self._handle_moved)
        self.difference.currentIndexChanged.connect(self._show_difference)
        self.design.toggled.connect(self._show_design)
        self._watched: list[QObject] = []
        self._handle_moved()
        self._list_differences()
        self.views_changed()

    def begin(self) -> None:
        """Look for differences that came since, and open a second view: it is for that that one comes here."""
        self._list_differences()
        if len(self.scene.frames) == 1:
            self._choose("beside")

    def compare_themes(self, one: str, other: str) -> None:
        """Show a map theme in each of two views."""
        if self.scene.view is None:
            self.scene.show_map()
        if len(self.scene.frames) == 1:
            self._choose("beside")
        for frame, name in zip(self.scene.frames, (one, other)):
            frame.choose_theme(name)

    def _choose(self, name: str) -> None:
        self.views.setCurrentIndex(self.views.findData(name))

    def _arrange(self) -> None:
        wanted = self.views.currentData()
        self.scene.place.set_swipe(wanted == "over")
        if self.scene.frames and (wanted != "one") != (len(self.scene.frames) == 2):
            self.scene.show_second(wanted != "one")

    def _handle_moved(self) -> None:
        self.handle.blockSignals(True)
        self.handle.setValue(round(self.scene.place.share * _STEPS))
        self.handle.blockSignals(False)

    def views_changed(self) -> None:
        """Tell of the number of views, and hear the key in each."""
        count = len(self.scene.frames)
        if count != 2 or self.views.currentData() == "one":
            self.views.blockSignals(True)
            self._choose("beside" if count == 2 else "one")
            self.views.blockSignals(False)
        self.handle.setEnabled(count == 2)
        self.views.setEnabled(count > 0)
        self._watched = [frame.view.canvas for frame in self.scene.frames]
        for canvas in self._watched:
            canvas.removeEventFilter(self)
            canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Switch the plan design by its key, in a view."""
        if event.type() == QEvent.Type.KeyPress and event.key() == DESIGN_KEY and not event.modifiers():
            self.design.toggle()
            return True
        return super().eventFilter(watched, event)

    def _show_design(self, wanted: bool) -> None:
        self.scene.stand_ins.set_change("design", None if wanted else without_designs(QgsProject.instance()))

    def _list_differences(self) -> None:
        chosen = self.difference.currentData()
        self.difference.blockSignals(True)
        self.difference.clear()
        self.difference.addItem(tr("Not shown"), "")
        for layer in QgsProject.instance().mapLayers().values():
            if is_difference(layer):
                self.difference.addItem(layer.name(), layer.id())
        self.difference.setCurrentIndex(max(self.difference.findData(chosen), 0))
        self.difference.blockSignals(False)

    def _show_difference(self) -> None:
        layer = QgsProject.instance().mapLayer(self.difference.currentData() or "")
        self.scene.show_more("difference", [copy_of(layer)] if layer is not None else [])
        self.scene.stand_ins.set_change("difference", without_results(layer) if layer is not None else None)

    def scene_closing(self) -> None:
        """Begin anew with the next scene."""
        for box in (self.difference, self.design):
            box.blockSignals(True)
        self.difference.setCurrentIndex(0)
        self.design.setChecked(True)
        for box in (self.difference, self.design):
            box.blockSignals(False)
        self.scene.show_more("difference", [])

    def state(self) -> dict[str, Any]:
        """Return how the views stand, and what is in them."""
        return {
            "views": self.views.currentData(),
            "share": self.scene.place.share,
            "difference": self.difference.currentData() or "",
            "design": self.design.isChecked(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Let the views stand so."""
        self._list_differences()
        self._choose(state.get("views") if state.get("views") in dict(_VIEWS) else "one")
        share = state.get("share")
        self.scene.place.set_share(share if isinstance(share, (int, float)) and 0 <= share <= 1 else 0.5)
        difference, design = view_states.comparison(state)
        self.difference.setCurrentIndex(max(self.difference.findData(difference), 0))
        self.design.setChecked(design)


def label_of(view: View3D) -> str:
    """Return what a view is called: its map theme, or the map."""
    return view.theme or tr("As on the map")
