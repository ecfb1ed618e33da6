"""What is kept of a station: chosen in a list or on the map, as a plot with a slider through time, and as CSV."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import Qgis, QgsDateTimeRange, QgsProject, QgsTemporalNavigationObject, QgsVectorLayer
from qgis.PyQt.QtCore import QDateTime, Qt
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import DtwinError
from dtwin_plugin.translate import plural, tr
from dtwin_plugin.twin.live.history import History, moment
from dtwin_plugin.twin.live.resample import values_of
from dtwin_plugin.twin.live.schema import ALL, LAST

from .plot import Plotted, SeriesPlot

_MOST = 5000  # series in the list
_PERIODS = ((3600, "1 h"), (21_600, "6 h"), (86_400, "24 h"), (604_800, "7 d"), (2_592_000, "30 d"))
_FUTURE = np.timedelta64(7, "D")  # that a wrong clock of a server may be ahead


class SeriesChoice(QWidget):
    """Which series is shown, over how long, and the moment of it that the map shows."""

    def __init__(self, iface: Any, path: Callable[[], Path]) -> None:
        super().__init__()
        self._iface, self._path = iface, path
        self.stations = QComboBox()
        self.stations.setAccessibleName(tr("Station and quantity"))
        self.stations.setToolTip(tr("Or select a station of the layer Live on the map."))
        self.stations.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.period = QComboBox()
        self.period.setAccessibleName(tr("Period"))
        for seconds, title in _PERIODS:
            self.period.addItem(title, seconds)
        self.period.setCurrentIndex(2)
        self.plot = SeriesPlot()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(tr("Moment on the map"))
        self.follow = QCheckBox(tr("Show this moment on the map"))
        self.follow.setToolTip(tr("The time of the map goes along with the slider."))
        self._lay_out()
        self.stations.currentIndexChanged.connect(lambda *_: self._show())
        self.period.currentIndexChanged.connect(lambda *_: self._show())
        self.plot.pointed.connect(self._pointed)
        self.slider.valueChanged.connect(self._slid)
        self.follow.toggled.connect(self._follow)
        iface.mapCanvas().selectionChanged.connect(self._selected)

    def _lay_out(self) -> None:
        column, row, below = QVBoxLayout(self), QHBoxLayout(), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.stations, 1)
        row.addWidget(self.period)
        below.addWidget(self.slider, 1)
        below.addWidget(self.follow)
        column.addLayout(row)
        column.addWidget(self.plot, 1)
        column.addLayout(below)

    def _rows(self, question: str, given: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return what is kept; nothing where nothing is, or the file is no history."""
        if not self._path().is_file():
            return []
        try:
            with History(self._path()) as history:
                return history.rows(question, given)
        except DtwinError:
            return []

    def refresh(self) -> None:
        """List what is kept again; the choice stays."""
        chosen = self.stations.currentData()
        rows = self._rows(
            "SELECT c.fid, coalesce(s.name, s.station), c.quantity, c.part FROM channels c JOIN stations s "
            f"ON s.fid = c.station ORDER BY c.part != '', 2, 3, 4 LIMIT {_MOST}"
        )
        if [self.stations.itemData(row) for row in range(self.stations.count())] != [row[0] for row in rows]:
            self.stations.blockSignals(True)
            self.stations.clear()
            for fid, name, quantity, part in rows:
                self.stations.addItem(" · ".join(item for item in (name, quantity, part) if item), fid)
            self.stations.setCurrentIndex(max(0, self.stations.findData(chosen)) if rows else -1)
            self.stations.blockSignals(False)
        self._show()

    def gap_counts(self) -> dict[str, int]:
        """Return how many gaps each source has."""
        return dict(self._rows("SELECT source, count(*) FROM gaps GROUP BY source"))

    def last_asked(self, source: str) -> Any:
        """Return when a source last answered with something new."""
        rows = self._rows("SELECT asked FROM feeds WHERE source = ?", (source,))
        return moment(rows[0][0]) if rows else None

    def _show(self) -> None:
        channel = self.stations.currentData()
        found = self._series(channel) if channel is not None else Plotted()
        self.plot.show_series(found)
        span = found.span
        self.slider.setEnabled(span is not None)
        self.slider.blockSignals(True)
        if span is not None:
            self.slider.setRange(int(span[0]), int(span[1]))
            self.slider.setPageStep(max(1, int((span[1] - span[0]) / 10)))
            self.slider.setSingleStep(max(1, int((span[1] - span[0]) / 100)))
            self.slider.setValue(int(self.plot.moment if self.plot.moment is not None else span[1]))
        self.slider.blockSignals(False)

    def _series(self, channel: int) -> Plotted:
        try:
            with History(self._path()) as history:
                ((source, unit, last),) = history.rows(
                    "SELECT s.source, c.unit, (SELECT max(ends) FROM observations WHERE channel = c.fid) "
                    "FROM channels c JOIN stations s ON s.fid = c.station WHERE c.fid = ?", (channel,)
                )  # fmt: skip
                end = moment(last)
                if end is None:
                    return Plotted()
                start = end - np.timedelta64(self.period.currentData(), "s")
                begins, ends, values = values_of(history, channel, start, end + _FUTURE)
                gaps = tuple((_seconds(a), _seconds(b)) for _, a, b, _ in history.gaps(source))
        except (DtwinError, ValueError):
            return Plotted()
        return Plotted(self.stations.currentText(), unit or "", _seconds(begins), _seconds(ends), values, gaps)

    def _pointed(self, at: float) -> None:
        self.slider.setValue(int(at))
        self.follow.setChecked(True)

    def _slid(self, at: int) -> None:
        self.plot.point_at(float(at))
        if self.follow.isChecked():
            self._set_time(at)

    def _follow(self, wanted: bool) -> None:
        controller = self._iface.mapCanvas().temporalController()
        if wanted:
            self._set_time(self.slider.value())
        elif isinstance(controller, QgsTemporalNavigationObject):
            controller.setNavigationMode(Qgis.TemporalNavigationMode.Disabled)

    def _set_time(self, at: int) -> None:
        """Let the map show the minute of a moment, by QGIS's own temporal controller."""
        begin = QDateTime.fromSecsSinceEpoch(at, Qt.TimeSpec.UTC)
        wanted = QgsDateTimeRange(begin, begin.addSecs(1))
        controller = self._iface.mapCanvas().temporalController()
        if isinstance(controller, QgsTemporalNavigationObject):
            controller.setNavigationMode(Qgis.TemporalNavigationMode.FixedRange)
            controller.setTemporalExtents(wanted)
        else:
            self._iface.mapCanvas().setTemporalRange(wanted)
        for layer in QgsProject.instance().mapLayers().values():
            node = QgsProject.instance().layerTreeRoot().findLayer(layer)
            if layer.source().endswith(f"|layername={ALL}") and node is not None:
                node.setItemVisibilityChecked(True)

    def _selected(self, layer: Any) -> None:
        """Show the station that was selected on the map."""
        if isinstance(layer, QgsVectorLayer) and layer.source().endswith(f"|layername={LAST}"):
            ids = layer.selectedFeatureIds()
            place = self.stations.findData(int(ids[0])) if ids else -1
            if place >= 0:
                self.stations.setCurrentIndex(place)

    def close_for_good(self) -> None:
        """Let go of the map."""
        self._iface.mapCanvas().selectionChanged.disconnect(self._selected)


def _seconds(times: Any) -> Any:
    """Return moments as seconds since 1970."""
    return times.astype("datetime64[ms]").astype(np.int64) / 1000.0


def told_age(last: Any) -> str:
    """Return how long ago a moment in UTC was, in words."""
    if last is None:
        return "–"
    seconds = max(0.0, time.time() - float(_seconds(last)))
    if seconds < 90:
        count, text = round(seconds), plural(round(seconds), "{count} second ago", "{count} seconds ago")
    elif seconds < 5400:
        count, text = round(seconds / 60), plural(round(seconds / 60), "{count} minute ago", "{count} minutes ago")
    else:
        count, text = round(seconds / 3600), plural(round(seconds / 3600), "{count} hour ago", "{count} hours ago")
    return tr(text).format(count=count)


def write_csv(series: Plotted, path: Path) -> None:
    """Write a series as CSV with a header; times are UTC (ISO 8601), no value is empty. Raises OSError."""
    with written_beside(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["begin", "end", "value", "unit"])
        for begin, end, value in zip(series.begins, series.ends, series.values):
            times = [f"{np.datetime64(round(t * 1000), 'ms')}Z" for t in (begin, end)]
            rows.writerow([*times, "" if value != value else repr(float(value)), series.unit])
