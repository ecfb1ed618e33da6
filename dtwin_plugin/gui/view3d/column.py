"""Instrument: what lies under a point, from the roof to the deepest layer that is known, as a log."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import QgsProject
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
)

from dtwin_plugin.errors import DtwinError
from dtwin_plugin.layers.column_parts import column_at
from dtwin_plugin.layers.column_soundings import drawn, groundwater_of, nearest_sites
from dtwin_plugin.layers.ground_column import GroundColumn, ordered, save_table
from dtwin_plugin.layers.highlight3d import lines
from dtwin_plugin.layers.privacy import level_of
from dtwin_plugin.translate import tr
from dtwin_plugin.twin.privacy import is_public

from ..numbers import Metres, shown
from ..soundings.export import FILTER, save
from ..soundings.view import PlotView
from .instrument import Instrument
from .scene import Scene
from .view import View3D

_KEY = "column"
_COLOUR, _WIDTH = "#e6007e", 5.0  # px
_OVER, _UNDER = 10.0, 5.0  # m that the mark in the scene reaches over and under what is known


class ColumnPage(Instrument):
    """Tells what lies above and below the place that is clicked."""

    takes_clicks = True

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.column: GroundColumn | None = None
        self._sites: list[Any] = []
        self.near, self.far = Metres(0.5, 50, 3), Metres(10, 2000, 250)
        self.near.setToolTip(tr("Cables and pipes within this distance are told."))
        self.far.setToolTip(tr("The nearest borehole, cone test and well within this distance are drawn beside."))
        self.plot = PlotView()
        self.table = QTreeWidget()
        self.table.setHeaderLabels([tr("What"), tr("Top [m NAP]"), tr("Bottom [m NAP]"), tr("Below the ground [m]"),
                                    tr("Distance [m]"), tr("Remark"), tr("Layer")])  # fmt: skip
        self.table.setRootIsDecorated(False)
        self.pointed = QLabel()
        self.pointed.setWordWrap(True)
        self.save_table, self.save_picture = QPushButton(tr("Save table…")), QPushButton(tr("Save picture…"))
        self._lay_out()
        self.plot.pointed.connect(self.pointed.setText)
        for spin in (self.near, self.far):
            spin.valueChanged.connect(self._again)
        self.save_table.clicked.connect(lambda: self._ask("CSV (*.csv)", "column.csv", self.write_table))
        self.save_picture.clicked.connect(lambda: self._ask(FILTER, "column.png", self.write_picture))
        self._show(None, [])

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(tr("Cables within"), self.near)
        form.addRow(tr("Sites within"), self.far)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.plot)
        splitter.addWidget(self.table)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        row = QHBoxLayout()
        row.addWidget(self.save_table)
        row.addWidget(self.save_picture)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addWidget(splitter, 1)
        column.addWidget(self.pointed)
        column.addLayout(row)

    def begin(self) -> None:
        """Say what to do."""
        if self.column is None:
            self.scene.said.emit(tr("Click on a place in the view: what lies above and below it is gathered."))

    def view_clicked(self, view: View3D, x: float, y: float) -> None:
        """Tell what lies at the place that is seen there."""
        place = self.scene.place_met(view, x, y)
        if place is None:
            self.scene.said.emit(tr("There is nothing here."))
            return
        self.ask(place[0], place[1])

    def ask(self, x: float, y: float) -> None:
        """Tell what lies above and below a place on the map [m]."""
        project, canvas = QgsProject.instance(), self.scene.iface.mapCanvas()
        crs, layers = project.crs(), list(project.mapLayers().values())
        relief = self.scene.relief if self.scene.ground is not None else None
        column = column_at(x, y, crs, layers, relief, self.near.value(), canvas.temporalRange())
        sites = nearest_sites(project, x, y, crs, self.far.value())
        parts = ordered([*column.parts, *groundwater_of(sites)])
        self._show(replace(column, parts=parts), sites)
        if column.surface == column.surface:
            text = tr("The ground lies at {height} m NAP.").format(height=shown(column.surface, 2))
        else:
            text = tr("The height of the ground is not known here.")
        self.scene.said.emit(text)

    def _again(self) -> None:
        if self.column is not None:
            self.ask(self.column.x, self.column.y)

    def _show(self, column: GroundColumn | None, sites: list[Any]) -> None:
        self.column, self._sites = column, sites
        self.plot.show_soundings(drawn(column, sites) if column is not None else [])
        self.table.clear()
        for item in column.parts if column is not None else ():
            depth = _metres(column.depth(item.top)) if column is not None else ""
            cells = [item.name, _metres(item.top), _metres(item.bottom), depth,
                     _metres(item.distance) if item.distance else "", item.note, item.source]  # fmt: skip
            self.table.addTopLevelItem(QTreeWidgetItem(cells))
        for index in range(4):
            self.table.resizeColumnToContents(index)
        for button in (self.save_table, self.save_picture):
            button.setEnabled(column is not None)
        self.views_changed()

    def views_changed(self) -> None:
        """Mark the place in all views."""
        self.scene.show_more(_KEY, self._marks() if self.column is not None else [])

    def _marks(self) -> list[Any]:
        column = self.column
        assert column is not None
        heights = [h for item in column.parts for h in (item.top, item.bottom) if h == h] + [column.surface]
        known = [h for h in heights if h == h] or [0.0]
        path = np.array([[column.x, column.y, min(known) - _UNDER], [column.x, column.y, max(known) + _OVER]])
        return [lines([path], QgsProject.instance().crs(), _COLOUR, _WIDTH)]

    def _ask(self, kinds: str, name: str, write: Any) -> None:
        path, _ = QFileDialog.getSaveFileName(self, tr("Save"), name, kinds)
        if path:
            write(Path(path))

    def write_table(self, path: Path) -> None:
        """Write the column as CSV, without what may not be handed on."""
        if self.column is not None:
            self._write(path, lambda column: save_table(column, path))

    def write_picture(self, path: Path) -> None:
        """Write the plot as PNG or SVG, without what may not be handed on."""
        sites = [item for item in self._sites if is_public(level_of(item[2]))]
        size = self.plot.size().expandedTo(QSize(600, 500))
        self._write(path, lambda column: save(drawn(column, sites), path, size, self.plot.heights))

    def _write(self, path: Path, write: Any) -> None:
        assert self.column is not None
        public = self.column.public()
        left_out = len(self.column.parts) - len(public.parts)
        try:
            write(public)
        except DtwinError as error:
            self.scene.said.emit(error.text(tr))
            return
        text = tr("Saved as {file}.").format(file=path.name)
        if left_out:
            text += " " + tr("{count} parts of confidential layers are left out.").format(count=left_out)
        self.scene.said.emit(text)

    def scene_closing(self) -> None:
        """Forget the place."""
        self._show(None, [])

    def state(self) -> dict[str, Any]:
        """Return the place."""
        return {"place": [self.column.x, self.column.y]} if self.column is not None else {}

    def restore(self, state: dict[str, Any]) -> None:
        """Tell of the same place, or of none."""
        place = state.get("place")
        if isinstance(place, list) and len(place) == 2 and all(_is_number(number) for number in place):
            self.ask(float(place[0]), float(place[1]))
        else:
            self._show(None, [])


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


def _metres(value: float) -> str:
    return shown(value, 2) if value == value else ""
