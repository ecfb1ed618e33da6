"""The panel itself: it holds no calculation, it gathers, starts the algorithm, and shows."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from qgis.core import QgsProject
from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from dtwin_plugin.errors import DtwinError
from dtwin_plugin.layers.section_data import SectionData
from dtwin_plugin.layers.write import write_features
from dtwin_plugin.progress import Silent
from dtwin_plugin.translate import tr

from ..sources.run import Run
from .chooser import Chooser
from .export import OUTPUTS, ExportButton
from .line_choice import LineChoice
from .view import SectionView

ALGORITHM = "dtwin:section"


class SectionDock(QgsDockWidget):
    """Draw a line, choose the layers, make the section, look at it, save it."""

    def __init__(self, iface: Any, parent: QWidget | None = None) -> None:
        super().__init__(tr("Section"), parent)
        self.setObjectName("DtwinSection")
        self._iface = iface
        self._run: Run | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="dtwin-section-", ignore_cleanup_errors=True)
        self._count = 0
        self.results: dict[str, Any] = {}
        self.line, self.chooser, self.view = LineChoice(iface), Chooser(), SectionView()
        self.make, self.stop = QPushButton(tr("Make section")), QPushButton(tr("Stop"))
        self.export = ExportButton(self)
        self.bar, self.message, self.place = QProgressBar(), QLabel(), QLabel()
        for text in (self.message, self.place):
            text.setWordWrap(True)
            # a long name has no place to wrap: it must not make the window wider
            text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setWidget(self._body())
        self._connect()
        self._set_running(False)

    def _body(self) -> QWidget:
        """Return the choices on the left, and the drawing on the right."""
        inner = QWidget()
        column = QVBoxLayout(inner)
        for widget in (self.line, self.chooser):
            column.addWidget(widget)
        column.addStretch()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        left = QWidget()
        side = QVBoxLayout(left)
        side.setContentsMargins(0, 0, 0, 0)
        side.addWidget(scroll, 1)
        for widget in (self.bar, self.message):
            side.addWidget(widget)
        row = QHBoxLayout()
        for widget in (self.export, self.stop, self.make):
            row.addWidget(widget)
        side.addLayout(row)
        right = QWidget()
        drawing = QVBoxLayout(right)
        drawing.setContentsMargins(0, 0, 0, 0)
        drawing.addWidget(self.view, 1)
        drawing.addWidget(self.place)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setSizes([340, 900])
        splitter.setStretchFactor(1, 1)
        return splitter

    def _connect(self) -> None:
        self.make.clicked.connect(self.start)
        self.stop.clicked.connect(self._stop)
        self.line.changed.connect(self._tell)
        self.view.pointed.connect(self._point)
        self.view.left.connect(self._leave)
        self.chooser.exaggeration.valueChanged.connect(self._draw)
        project = QgsProject.instance()
        project.layersAdded.connect(self._refresh)
        project.layersRemoved.connect(self._refresh)

    def _refresh(self, _layers: object = None) -> None:
        self.chooser.refresh()

    def start(self) -> None:
        """Make the section of what is chosen."""
        self._count += 1  # a new name each time: what is drawn now is still open
        folder = Path(self._folder.name) / str(self._count)
        folder.mkdir()
        try:
            write_features(self.line.features(), folder / "line.gpkg", "line", Silent())
        except DtwinError as error:
            self._say(error.text(tr))
            return
        outputs = {name: str(folder / f"section_{name}.gpkg") for name in OUTPUTS}
        parameters = {"line": str(folder / "line.gpkg"), **self.chooser.parameters(), **outputs}
        parameters["record"] = str(folder / "section_run.json")
        run = Run(parameters, QgsProject.instance(), ALGORITHM)
        problem = run.problem()
        if problem:
            self._say(problem)
            return
        run.feedback.progressChanged.connect(self._show_progress)
        run.ended.connect(self._end)
        self._run = run
        self._say("")
        self._set_running(True)
        self.export.note(self.chooser.layers())
        run.start()

    def _end(self, successful: bool, results: dict[str, Any], reason: str) -> None:
        warnings = self._run.feedback.warnings if self._run is not None else []
        self._run = None
        if not successful:
            self._say(reason or tr("It ended without a result; see the log messages."))
        else:
            try:
                self.view.data = SectionData.from_files(results)
                self.results = results
                self._say("\n".join(warnings))
            except DtwinError as error:
                self._say(error.text(tr))
            self._draw()
        self._set_running(False)

    def _draw(self, _value: object = None) -> None:
        self.view.show_section(self.view.data, self.chooser.exaggeration.value())

    def _point(self, along: float, text: str) -> None:
        self.place.setText(text)
        if self.view.data is not None:
            self.line.show_place(along / self.view.data.length)

    def _leave(self) -> None:
        self.place.setText("")
        self.line.show_place(None)

    def _show_progress(self, percent: float) -> None:
        self.bar.setValue(int(percent))

    def _stop(self) -> None:
        if self._run is not None:
            self._run.stop()
            self._say(tr("Stopping…"))

    def _set_running(self, running: bool) -> None:
        self.bar.setVisible(running)
        self.bar.setValue(0)
        self.stop.setVisible(running)
        for widget in (self.line, self.chooser):
            widget.setEnabled(not running)
        self.export.setEnabled(not running and self.view.data is not None)
        self._tell()

    def _tell(self) -> None:
        self.make.setEnabled(self._run is None and self.line.points is not None)

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def say(self, text: str) -> None:
        """Show a sentence below the choices."""
        self._say(text)

    def close_for_good(self) -> None:
        """Stop what runs, let go of the project and the map, before the plugin is unloaded."""
        if self._run is not None:
            self._run.close()
            self._run = None
        project = QgsProject.instance()
        project.layersAdded.disconnect(self._refresh)
        project.layersRemoved.disconnect(self._refresh)
        self.line.clear()
        self._folder.cleanup()
