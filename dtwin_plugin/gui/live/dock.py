"""The panel itself: which sources are asked and how it goes, and the series of the chosen station."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsCsException, QgsProject
from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import DtwinError
from dtwin_plugin.layers import live
from dtwin_plugin.translate import language, tr

from ..live_start import LiveStart
from .kept import SeriesChoice, told_age, write_csv

_KEY = Qt.ItemDataRole.UserRole
_TICK = 5000  # ms between two looks at ages


class LiveDock(QgsDockWidget):
    """Add, start and stop sources; look at the series of a station, and at the map at a moment of it."""

    def __init__(self, iface: Any, parent: QWidget | None = None) -> None:
        super().__init__(tr("Live"), parent)
        self.setObjectName("DtwinLive")
        self.setMinimumWidth(340)
        self._iface, self._polling = iface, LiveStart.polling()
        self.offer = QComboBox()
        self.offer.setEditable(True)
        self.offer.setAccessibleName(tr("Source or address"))
        self.offer.setToolTip(tr("A source of the catalogue, or the address of a server."))
        self.offer.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for entry in live.offered():
            self.offer.addItem(entry.title_in(language()), entry.id)
        self.here = QCheckBox(tr("Only this part of the map"))
        self.here.setToolTip(tr("Keep only stations in the part of the map that is shown now."))
        self.here.setChecked(True)
        self.add, self.start = QPushButton(tr("Add")), QPushButton(tr("Start"))
        self.stop, self.remove = QPushButton(tr("Stop")), QPushButton(tr("Remove"))
        self.remove.setToolTip(tr("Ask it no more; what is kept stays."))
        self.show_layers = QPushButton(tr("Add to map"))
        self.list = QTreeWidget()
        self.list.setHeaderLabels([tr("Source"), tr("State"), tr("Last answer"), tr("Gaps")])
        self.list.setRootIsDecorated(False)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.setAccessibleName(tr("Live sources"))
        self.series = SeriesChoice(iface, lambda: live.history_path(QgsProject.instance()))
        self.export = QPushButton(tr("Save as CSV…"))
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)  # a server's words are no HTML
        self.message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK)
        self.setWidget(self._body())
        self._connect()
        self.refresh()

    def _body(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        top, buttons, last = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        top.addWidget(self.offer, 1)
        top.addWidget(self.add)
        for widget in (self.start, self.stop, self.remove):
            buttons.addWidget(widget)
        buttons.addStretch(1)
        buttons.addWidget(self.show_layers)
        last.addStretch(1)
        last.addWidget(self.export)
        column.addLayout(top)
        column.addWidget(self.here)
        column.addWidget(self.list, 1)
        column.addLayout(buttons)
        column.addWidget(self.message)
        column.addWidget(self.series, 2)
        column.addLayout(last)
        return body

    def _connect(self) -> None:
        self.add.clicked.connect(self._add)
        self.start.clicked.connect(lambda: self._do(self._polling.start))
        self.stop.clicked.connect(lambda: self._do(self._polling.stop))
        self.remove.clicked.connect(lambda: self._do(self._polling.take_away))
        self.show_layers.clicked.connect(self._show_layers)
        self.export.clicked.connect(self._ask_csv)
        self.list.currentItemChanged.connect(lambda *_: self._look())
        self.list.itemActivated.connect(lambda *_: self._toggle())
        self._polling.changed.connect(self.refresh)
        self._timer.timeout.connect(self._show_states)
        self._timer.start()

    def current(self) -> str:
        """Return the source that is chosen, "" for none."""
        item = self.list.currentItem()
        return item.data(0, _KEY) if item is not None else ""

    def refresh(self) -> None:
        """List the sources of the project again, and what is kept of them."""
        before = self.current()
        self.list.blockSignals(True)
        self.list.clear()
        for watch in self._polling.watches:
            item = QTreeWidgetItem([watch.feed.title or watch.feed.source])
            item.setData(0, _KEY, watch.feed.source)
            self.list.addTopLevelItem(item)
            if watch.feed.source == before or not before:
                self.list.setCurrentItem(item)
                before = watch.feed.source
        self.list.blockSignals(False)
        self._show_states()
        self.series.refresh()
        self.export.setEnabled(bool(len(self.series.plot.series.begins)))

    def _show_states(self) -> None:
        """Tell of each source whether it is asked, how old its answer is, and how many gaps it has."""
        gaps = self.series.gap_counts()
        watches = {watch.feed.source: watch for watch in self._polling.watches}
        for row in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(row)
            watch = watches.get(item.data(0, _KEY))
            if watch is None:
                continue
            state = tr("stopped") if not watch.feed.running else tr("fails") if watch.error else tr("runs")
            if self._polling.is_asking(watch.feed.source):
                state = tr("is asked")
            last = watch.last if watch.last is not None else self.series.last_asked(watch.feed.source)
            item.setText(1, state)
            item.setText(2, told_age(last))
            item.setText(3, str(gaps.get(watch.feed.source, 0)))
        self._look()

    def _look(self) -> None:
        source = self.current()
        watch = next((watch for watch in self._polling.watches if watch.feed.source == source), None)
        for button, wanted in (
            (self.start, watch is not None and not watch.feed.running),
            (self.stop, watch is not None and watch.feed.running),
            (self.remove, watch is not None),
        ):
            button.setEnabled(wanted)
        self.message.setText(watch.error if watch is not None else "")

    def _add(self) -> None:
        text = self.offer.currentText().strip()
        known = self.offer.findText(text)
        source = self.offer.itemData(known) if known >= 0 else text
        if not source:
            return
        try:
            self._polling.add(live.feed_of(source, self._area() if self.here.isChecked() else ()))
            self._polling.start(source)
        except DtwinError as error:
            self.message.setText(error.text(tr))

    def _area(self) -> tuple[float, ...]:
        canvas = self._iface.mapCanvas()
        system = canvas.mapSettings().destinationCrs()
        way = QgsCoordinateTransform(system, QgsCoordinateReferenceSystem(RD), QgsProject.instance())
        try:
            box = way.transformBoundingBox(canvas.extent())
        except QgsCsException:
            return ()
        return box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()

    def _do(self, act: Any) -> None:
        if self.current():
            act(self.current())

    def _toggle(self) -> None:
        """Start or stop the source on which Enter was pressed."""
        self._do(self._polling.start if self.start.isEnabled() else self._polling.stop)

    def _show_layers(self) -> None:
        path = live.history_path(QgsProject.instance())
        if not path.is_file():
            self.message.setText(tr("Nothing is kept yet: start a source first."))
            return
        live.add_layers(QgsProject.instance(), path)

    def _ask_csv(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Save as CSV…"), "series.csv", "CSV (*.csv)")
        if name:
            self.save_csv(Path(name))

    def save_csv(self, path: Path) -> None:
        """Write the series that is shown."""
        try:
            write_csv(self.series.plot.series, path)
        except OSError:
            self.message.setText(tr("{file} cannot be written.").format(file=path.name))
        else:
            self.message.setText(tr("Saved as {file}.").format(file=path.name))

    def close_for_good(self) -> None:
        """Let go of polling and map, before the plugin is unloaded."""
        self._timer.stop()
        self._polling.changed.disconnect(self.refresh)
        self.series.close_for_good()
