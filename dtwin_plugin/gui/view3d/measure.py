"""Instrument: measure distances, areas and heights between places that are pointed at."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from qgis.core import QgsProject
from qgis.PyQt.QtWidgets import QApplication, QCheckBox, QComboBox, QHBoxLayout, QPushButton, QVBoxLayout

from dtwin_plugin.layers.highlight3d import balls, lines
from dtwin_plugin.layers.labels3d import labels
from dtwin_plugin.layers.object_facts import Facts, as_text
from dtwin_plugin.translate import mark, tr

from ..numbers import shown
from .facts import FactsPanel
from .instrument import Instrument
from .measured import area_facts, height_facts, way_facts
from .picking import Place, near_edges
from .scene import Scene
from .view import View3D

_KEY = "measure"
_KINDS = (("way", mark("Distance")), ("area", mark("Surface area")), ("height", mark("Height above the ground")))
_COLOUR, _WIDTH = "#e6007e", 4.0  # px
_DOT = 3.0  # px, radius of the balls at the places
_REACH = 10.0  # px within which corners and edges are taken


class Measure(Instrument):
    """Places that are clicked, and what lies between them."""

    takes_clicks = True

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.kind = QComboBox()
        for name, text in _KINDS:
            self.kind.addItem(tr(text), name)
        self.snap = QCheckBox(tr("Snap to corners and edges"))
        self.snap.setChecked(True)
        self.facts = FactsPanel()
        self.undo, self.clear = QPushButton(tr("Undo")), QPushButton(tr("Clear"))
        self.undo.setToolTip(tr("Take the last place away."))
        self.copy = QPushButton(tr("Copy"))
        self.places: list[Place] = []
        self._size = 1.0  # m of a pixel where the last place lies
        self._groups: list[Facts] = []
        row = QHBoxLayout()
        for button in (self.undo, self.clear, self.copy):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.kind, self.snap, self.facts):
            column.addWidget(widget)
        column.addLayout(row)
        self.kind.currentIndexChanged.connect(lambda _: self._set([]))
        self.undo.clicked.connect(lambda: self._set(self.places[:-1]))
        self.clear.clicked.connect(lambda: self._set([]))
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(as_text(self._groups)))
        self._refresh()

    def begin(self) -> None:
        """Say what to do."""
        if not self.places:
            self.scene.said.emit(tr("Click on places in the view; the last can be undone."))

    def view_clicked(self, view: View3D, x: float, y: float) -> None:
        """Take the place that is seen there, or a corner or an edge that is near."""
        place = self.scene.place_met(view, x, y)
        if place is None:
            self.scene.said.emit(tr("There is nothing here to measure to."))
            return
        camera = view.camera()
        far = float(np.linalg.norm(view.ray(x, y)[0] - place))
        self._size = 2 * far * np.tan(np.radians(camera.field_of_view) / 2) / camera.height
        if self.snap.isChecked():
            place = near_edges(view, self.scene.book, place, _REACH * self._size)
        kept = [] if self.kind.currentData() == "height" else self.places
        self._set([*kept, place])
        self.scene.said.emit("")

    def _set(self, places: list[Place]) -> None:
        self.places = places
        self._refresh()

    def _refresh(self) -> None:
        kind = self.kind.currentData()
        if kind == "way":
            self._groups = way_facts(self.places)
        elif kind == "area":
            self._groups = area_facts(self.places)
        else:
            self._groups = height_facts(self.places, self.scene.relief) if self.places else []
        self.facts.show_facts(self._groups)
        for button in (self.undo, self.clear, self.copy):
            button.setEnabled(bool(self.places))
        self.views_changed()

    def views_changed(self) -> None:
        """Draw what is measured in all views."""
        self.scene.show_more(_KEY, self._drawn() if self.places else [])

    def _drawn(self) -> list[Any]:
        crs, places = QgsProject.instance().crs(), np.array(self.places)
        kind = self.kind.currentData()
        found = [balls(places, _DOT * self._size, crs, _COLOUR)]
        path, texts = places, []
        if kind == "height":
            x, y, z = self.places[0]
            ground = float(self.scene.relief.heights(np.array([x]), np.array([y]))[0])
            path = np.array([[x, y, ground], [x, y, z]]) if ground == ground else places
            texts = [((path[0] + path[-1]) / 2, z - ground)] if len(path) > 1 else []
        elif len(places) > 1:
            texts = [((a + b) / 2, float(np.linalg.norm(b - a))) for a, b in zip(places[:-1], places[1:])]
        if kind == "area" and len(places) > 2:
            path = np.vstack([places, places[:1]])
        if len(path) > 1:
            found.append(lines([path], crs, _COLOUR, _WIDTH))
            found.append(labels([(tuple(at.tolist()), f"{shown(size, 2)} m") for at, size in texts], crs, _COLOUR))
        return found

    def scene_closing(self) -> None:
        """Measure nothing in a scene that goes."""
        self._set([])

    def state(self) -> dict[str, Any]:
        """Return the places, and what is measured."""
        if not self.places:
            return {}
        return {"kind": self.kind.currentData(), "places": [list(place) for place in self.places]}

    def restore(self, state: dict[str, Any]) -> None:
        """Measure the same, or nothing."""
        kept = state.get("places")
        self.kind.setCurrentIndex(max(self.kind.findData(state.get("kind")), 0))
        self._set([place for item in (kept if isinstance(kept, list) else ()) if (place := _place_in(item))])


def _place_in(item: Any) -> Place | None:
    """Return a place that was kept, None if it is none."""
    if not isinstance(item, list) or len(item) != 3:
        return None
    if not all(isinstance(number, (int, float)) and math.isfinite(number) for number in item):
        return None
    return float(item[0]), float(item[1]), float(item[2])
