"""Instrument: cut the scene along a line, and see the profile along it."""

from __future__ import annotations

import math
from typing import Any

from qgis.core import QgsGeometry, QgsPointXY, QgsProject
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from dtwin_plugin.data.cutting import BLOCK, PLANE, STRIP, Section
from dtwin_plugin.errors import InputError
from dtwin_plugin.layers import view_states
from dtwin_plugin.translate import mark, tr

from ..numbers import Metres, shown
from ..section.line_choice import LineChoice
from .instrument import Instrument
from .profile import Profile
from .scene import Scene
from .view import View3D

_KINDS = (
    (STRIP, mark("A strip along the line")),
    (PLANE, mark("All behind the line")),
    (BLOCK, mark("A block around the line")),
)
_STEPS = 200  # of the slider, over twice the reach
_LOOKS = 55.0  # degrees from straight down: a cut is looked at from the side


class SectionPage(Instrument):
    """Planes that cut away what is in front of a line and behind it, in all views; the profile along the line."""

    takes_clicks = True

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.line = LineChoice(scene.iface)
        self.middle, self.look = QPushButton(tr("Across the middle of the view")), QPushButton(tr("Look at it"))
        self.kind, self.width, self.flipped = QComboBox(), Metres(0.5, 500, 20), QCheckBox(tr("Other side"))
        for name, text in _KINDS:
            self.kind.addItem(tr(text), name)
        self.slider, self.shift = QSlider(Qt.Orientation.Horizontal), QLabel()
        self.slider.setRange(-_STEPS // 2, _STEPS // 2)
        self.apply, self.off = QPushButton(tr("Cut")), QPushButton(tr("Whole again"))
        self.apply.setToolTip(tr("QGIS makes the scene anew for it, which takes some seconds."))
        self.panel = QPushButton(tr("Open in panel Section"))
        self.profile = Profile()
        self.cut: Section | None = None
        self._first: tuple[float, float] | None = None
        self._lay_out()
        self.line.changed.connect(self._line_drawn)
        self.middle.clicked.connect(self.across_middle)
        self.look.clicked.connect(self.look_at_it)
        self.slider.valueChanged.connect(self._tell)
        self.apply.clicked.connect(self.apply_cut)
        self.off.clicked.connect(self.whole_again)
        self.panel.clicked.connect(self._open_panel)
        self._tell()

    def _lay_out(self) -> None:
        top = QWidget()
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.line)
        column.addWidget(self.middle)
        form = QFormLayout()
        moved = QHBoxLayout()
        moved.addWidget(self.slider, 1)
        moved.addWidget(self.shift)
        for text, part in ((tr("Keep"), self.kind), (tr("Width"), self.width), (tr("Move"), moved)):
            form.addRow(text, part)
        form.addRow(self.flipped)
        column.addLayout(form)
        for pair in ((self.apply, self.off), (self.look, self.panel)):
            row = QHBoxLayout()
            for button in pair:
                row.addWidget(button)
            column.addLayout(row)
        column.addStretch()
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(top)
        splitter.addWidget(self.profile)
        splitter.setStretchFactor(1, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)

    def begin(self) -> None:
        """Say what a click does."""
        self.scene.said.emit(tr("Click on two places in the view for a line, or draw one on the map."))

    def view_clicked(self, view: View3D, x: float, y: float) -> None:
        """Take a place as the begin or the end of the line."""
        met = self.scene.place_met(view, x, y)
        if met is None:
            return
        place = met[:2]
        if self._first is None:
            self._first = place
            self.scene.said.emit(tr("Click where the line is to end."))
            return
        first, self._first = self._first, None
        self.scene.said.emit("")
        self.set_line([first, place])

    def set_line(self, points: list[tuple[float, float]]) -> None:
        """Take a line in map coordinates."""
        line = QgsGeometry.fromPolylineXY([QgsPointXY(*point) for point in points])
        self.line.set_line(line, QgsProject.instance().crs())

    def across_middle(self) -> None:
        """Take a line across the view, through what the first view looks at."""
        view = self.scene.view
        if view is None:
            return
        camera = view.camera()
        east, north, _ = camera.axes[2]
        half, (x, y, _) = camera.distance / 2, view.centre
        self.set_line([(x - half * east, y - half * north), (x + half * east, y + half * north)])

    def _line_drawn(self) -> None:
        self.slider.setValue(0)
        self._first = None
        self._show_profile()

    @property
    def section(self) -> Section | None:
        """What is asked for; None without a line."""
        line = self.line.geometry
        points = line.asPolyline() if not line.isNull() else []
        if len(points) < 2:
            return None
        first, last = points[0], points[-1]
        try:
            return Section(
                first.x(), first.y(), last.x(), last.y(), self.kind.currentData(), self.width.value(),
                self._moved(), self.flipped.isChecked(),
            )  # fmt: skip
        except InputError as error:
            self.scene.said.emit(error.text(tr))
            return None

    def _moved(self) -> float:
        """How far the line is moved to its left [m]: at most half of the scene."""
        extent = self.scene.extent
        if extent.isEmpty():  # no scene yet: an extent of nothing has no width, and 0 times that is no number
            return 0.0
        return self.slider.value() / _STEPS * max(extent.width(), extent.height())

    def _tell(self) -> None:
        self.shift.setText(f"{shown(self._moved(), 1)} m")

    def apply_cut(self) -> None:
        """Cut all views as is asked for, and draw the profile there."""
        section = self.section
        if section is None:
            self.scene.said.emit(tr("There is no line yet: draw one on the map, or click on two places in the view."))
            return
        self._cut(section)

    def whole_again(self) -> None:
        """Cut nothing away any more."""
        self._cut(None)

    def _cut(self, section: Section | None) -> None:
        self.cut = section
        self.views_changed()
        self._show_profile()

    def views_changed(self) -> None:
        """Let all views be cut alike."""
        self._tell()  # how far the slider moves a line goes with the size of the scene
        for frame in self.scene.frames:
            frame.view.cut(self.cut.planes() if self.cut is not None else [])

    def look_at_it(self) -> None:
        """Look at the cut from the side that is cut away."""
        section, view = self.cut or self.section, self.scene.view
        if section is None or view is None:
            return
        (x1, y1), (x2, y2) = section.line
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        east, north = section.left
        side = -1.0 if section.flipped else 1.0
        height = self.scene.ground_height(x, y)
        turn = math.degrees(math.atan2(side * east, side * north))
        view.look(x, y, height if math.isfinite(height) else 0.0, 1.2 * section.length, _LOOKS, turn)

    def _show_profile(self) -> None:
        """Draw the profile along the line, moved as the cut is."""
        line = self.line.geometry
        if line.isNull():
            return
        if self.cut is not None:
            east, north = (self.cut.shift * part for part in self.cut.left)
            line.translate(east, north)
        self.profile.show_line(line, self.scene.view.layers() if self.scene.view is not None else [])

    def _open_panel(self) -> None:
        line = self.line.geometry
        if line.isNull():
            self.scene.said.emit(tr("There is no line yet: draw one on the map, or click on two places in the view."))
        else:
            self.scene.section_wanted.emit(line)

    def scene_closing(self) -> None:
        """Cut nothing of the next scene."""
        self.cut = self._first = None
        self.profile.empty()

    def state(self) -> dict[str, Any]:
        """Return how the scene is cut, nothing if it is not."""
        cut = self.cut
        if cut is None:
            return {}
        line = [cut.x1, cut.y1, cut.x2, cut.y2]
        return {"line": line, "kind": cut.kind, "width": cut.width, "shift": cut.shift, "flipped": cut.flipped}

    def restore(self, state: dict[str, Any]) -> None:
        """Cut the scene as it was."""
        section = view_states.section(state)
        if section is None:
            if self.cut is not None:
                self._cut(None)
            return
        self.set_line([(section.x1, section.y1), (section.x2, section.y2)])
        self.kind.setCurrentIndex(self.kind.findData(section.kind))
        self.width.setValue(section.width)
        self.flipped.setChecked(section.flipped)
        extent = self.scene.extent
        self.slider.setValue(round(section.shift * _STEPS / (max(extent.width(), extent.height()) or 1.0)))
        self._cut(section)

    def close_for_good(self) -> None:
        """Leave nothing on the map."""
        self.profile.empty()
        self.line.clear()
