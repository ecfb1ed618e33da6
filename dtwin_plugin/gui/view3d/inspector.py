"""Instrument: point at something, and read what is known of it."""

from __future__ import annotations

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtWidgets import QApplication, QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout

from dtwin_plugin.layers.all_facts import told_of
from dtwin_plugin.layers.object_facts import Facts, as_text, attribute_text
from dtwin_plugin.translate import Number, tr

from .facts import FactsPanel
from .highlight import Highlight
from .instrument import Instrument
from .picking import Met, Place, draped_met
from .scene import Scene
from .view import View3D

_ROOM = 2.5  # times the size of an object that one looks from


class Inspect(Instrument):
    """Tells what is seen at a pixel, and marks it in the views and on the map."""

    takes_clicks = True

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.facts = FactsPanel()
        self.highlight = Highlight(scene)
        self.here = QComboBox()
        self.here.setToolTip(tr("What lies on the line of sight, the nearest first."))
        self.here.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.zoom, self.form = QPushButton(tr("Zoom to")), QPushButton(tr("Form…"))
        self.form.setToolTip(tr("Open the attribute form of the feature."))
        self.copy = QPushButton(tr("Copy"))
        self.copy.setToolTip(tr("Copy all that stands here as text."))
        self.met: list[Met] = []
        self._view: View3D | None = None
        self._place: Place | None = None
        self._groups: list[Facts] = []
        row = QHBoxLayout()
        for button in (self.zoom, self.form, self.copy):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.here)
        column.addWidget(self.facts, 1)
        column.addLayout(row)
        self.here.activated.connect(self._choose)
        self.zoom.clicked.connect(self._zoom)
        self.form.clicked.connect(self._open_form)
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(as_text(self._groups)))
        self._show([], None)

    def view_clicked(self, view: View3D, x: float, y: float) -> None:
        """Tell what is seen at a pixel of a view."""
        self._view = view
        met, place = self.scene.objects_met(view, x, y), self.scene.place_met(view, x, y)
        if not met and place is not None:
            met = draped_met(view, place)
        self._show(met, place)

    def _show(self, met: list[Met], place: Place | None) -> None:
        self.met, self._place = met, place
        self.here.clear()
        for found in met:
            self.here.addItem(self._name(found))
        self.here.setEnabled(len(met) > 1)
        self._choose(0)

    def _choose(self, number: int) -> None:
        """Tell of one of those on the line of sight; of the place where there is none."""
        met = self.met[number] if number < len(self.met) else None
        place = met.hit.place if met is not None else self._place
        for button, possible in ((self.zoom, met), (self.form, met and met.is_feature), (self.copy, place)):
            button.setEnabled(bool(possible))
        if place is None:
            self._groups = []
            self.highlight.clear()
            self.scene.said.emit(tr("There is nothing here.") if self._view is not None else "")
        else:
            row = self._row(met) if met is not None else None
            project, canvas = QgsProject.instance(), self.scene.iface.mapCanvas()
            self._groups = told_of(
                met.layer if met is not None else None, met.hit.owner if met is not None else -1, row, place,
                project.crs(), list(project.mapLayers().values()), canvas.temporalRange(),
            )  # fmt: skip
            self._mark(met)
        self.facts.show_facts(self._groups)

    def _mark(self, met: Met | None) -> None:
        if met is None:
            self.highlight.clear()
            self.scene.said.emit(tr("There is no object here; this is what is known of the place."))
            return
        self.highlight.show(met)
        self.scene.said.emit(tr("{layer} at {x:.1f}, {y:.1f}, {z:.2f} m").format(
            layer=met.layer.name(), **dict(zip("xyz", map(Number, met.hit.place)))))  # fmt: skip

    def _row(self, met: Met) -> dict[str, object] | None:
        """Return what is known of an object that is no feature."""
        rows = self.scene.book.of(met.layer).rows
        return met.point if met.point is not None else rows[met.hit.owner] if rows else None

    def _name(self, met: Met) -> str:
        if met.is_feature:
            assert isinstance(met.layer, QgsVectorLayer)
            feature = met.layer.getFeature(met.hit.owner)
            index = met.layer.fields().lookupField(met.layer.displayField())
            name = attribute_text(met.layer, feature, index) if index >= 0 else str(met.hit.owner)
        else:
            row = self._row(met) or {}
            name = str(row.get("id") or row.get("identificatie") or "")
        return f"{met.layer.name()}: {name}" if name else met.layer.name()

    def _zoom(self) -> None:
        """Look at the object from near by, in the direction of now."""
        met = self.met[self.here.currentIndex()]
        low, high = self.scene.book.of(met.layer).of(met.hit.owner).box() or (met.hit.place, met.hit.place)
        view = self._view
        if view is None or all(frame.view is not view for frame in self.scene.frames):
            return
        camera = view.camera()
        size = max(sum((b - a) ** 2 for a, b in zip(low, high)) ** 0.5, 2.0)
        middle = [(a + b) / 2 for a, b in zip(low, high)]
        view.look(*middle, _ROOM * size, camera.pitch, camera.heading)

    def _open_form(self) -> None:
        met = self.met[self.here.currentIndex()]
        assert isinstance(met.layer, QgsVectorLayer)
        self.scene.iface.openFeatureForm(met.layer, met.layer.getFeature(met.hit.owner), False, False)

    def scene_closing(self) -> None:
        """Forget what was pointed at."""
        self._view = None
        self._show([], None)
