"""The series of a station through time: what was measured, what was not, and where nothing is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from qgis.PyQt.QtWidgets import QWidget

from dtwin_plugin.translate import tr

from ..numbers import shown
from ..soundings.scales import Scale, ticks, time_ticks

_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 10.0, 22.0, 24.0  # px
_LINE, _GAP, _GRID, _INK, _NOW = "#1b7837", "#f4d9c6", "#e0e0e0", "#333333", "#b71c1c"
_STEPS = (60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200)  # s between ticks within three days


@dataclass(frozen=True)
class Plotted:
    """One series: seconds since 1970 of begins and ends, values (NaN for none), and the times of gaps."""

    title: str = ""
    unit: str = ""
    begins: Any = field(default_factory=lambda: np.empty(0))
    ends: Any = field(default_factory=lambda: np.empty(0))
    values: Any = field(default_factory=lambda: np.empty(0))
    gaps: tuple[tuple[float, float], ...] = ()

    @property
    def span(self) -> tuple[float, float] | None:
        """First begin and last end."""
        return (float(self.begins.min()), float(self.ends.max())) if len(self.begins) else None


def clock_ticks(low: float, high: float, count: int) -> list[tuple[float, str]]:
    """Return moments with their texts: hours and minutes in the user's own time, days where it is longer."""
    if high - low > 3 * 86_400:
        return time_ticks(low, high, count)
    step = next((item for item in _STEPS if (high - low) / item <= max(count, 1)), 86_400)
    offset = datetime.fromtimestamp(low).astimezone().utcoffset()
    local = offset.total_seconds() if offset else 0.0
    first = math.ceil((low + local) / step)
    found = []
    for number in range(first, math.floor((high + local) / step) + 1):
        moment = number * step - local
        found.append((moment, datetime.fromtimestamp(moment).strftime("%H:%M" if step < 86_400 else "%d-%m")))
    return found


class SeriesPlot(QWidget):
    """Draws one series; the arrow keys and the mouse choose a moment (`pointed`, s since 1970)."""

    pointed = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(240, 150)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Series of the station"))
        self.series = Plotted()
        self.moment: float | None = None
        self._across = Scale(0.0, 1.0, 0.0, 1.0)

    def sizeHint(self) -> QSize:
        """Return a size in which a day can be read."""
        return QSize(420, 220)

    def show_series(self, series: Plotted) -> None:
        """Show another series; the moment stays where it lies in it."""
        self.series = series
        span = series.span
        if span is None or (self.moment is not None and not span[0] <= self.moment <= span[1]):
            self.moment = None
        self.update()

    def point_at(self, moment: float | None) -> None:
        """Mark a moment."""
        self.moment = moment
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw."""
        painter = QPainter(self)
        self._across = draw(painter, QRectF(self.rect()), self.series, self.moment)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().highlight().color(), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the moment that is clicked."""
        span = self.series.span
        if span is not None:
            self._choose(min(max(self._across.value(event.pos().x()), span[0]), span[1]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the observation before or after."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() not in steps or not len(self.series.begins):
            super().keyPressEvent(event)
            return
        at = self.moment if self.moment is not None else float(self.series.begins[-1])
        place = int(np.searchsorted(self.series.begins, at, side="right")) - 1 + steps[event.key()]
        self._choose(float(self.series.begins[min(max(place, 0), len(self.series.begins) - 1)]))

    def _choose(self, moment: float) -> None:
        self.point_at(moment)
        self.pointed.emit(moment)


def draw(painter: QPainter, area: QRectF, series: Plotted, moment: float | None = None) -> Scale:
    """Draw a series in an area, and return its axis of time."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(area, QColor("#ffffff"))
    frame = area.adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)
    span = series.span
    if span is None:
        painter.setPen(QColor(_INK))
        flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
        painter.drawText(area.adjusted(8, 8, -8, -8), flags, tr("Choose a station of which something is kept."))
        return Scale(0.0, 1.0, frame.left(), frame.right())
    low, high = (span[0], span[1]) if span[1] > span[0] else (span[0] - 1800, span[1] + 1800)
    across = Scale(low, high, frame.left(), frame.right())
    known = series.values[np.isfinite(series.values)]
    bottom, top = (min(0.0, float(known.min())), float(known.max())) if len(known) else (0.0, 1.0)
    up = Scale(bottom, top + 0.05 * ((top - bottom) or 1.0), frame.bottom(), frame.top())
    for begin, end in series.gaps:
        left, right = (min(max(across(edge), frame.left()), frame.right()) for edge in (begin, end))
        if right > left:
            painter.fillRect(QRectF(left, frame.top(), right - left, frame.height()), QColor(_GAP))
    _axes(painter, frame, across, up, series)
    painter.save()
    painter.setClipRect(frame.adjusted(-3, -3, 3, 3))
    _values(painter, frame, across, up, series)
    if moment is not None:
        painter.setPen(QPen(QColor(_NOW), 1.2))
        painter.drawLine(QPointF(across(moment), frame.top()), QPointF(across(moment), frame.bottom()))
    painter.restore()
    return across


def _axes(painter: QPainter, frame: QRectF, across: Scale, up: Scale, series: Plotted) -> None:
    every = ticks(up.low, up.high, max(2, int(frame.height() / 30)))
    decimals = 0 if len(every) < 2 or every[1] - every[0] >= 1 else 2
    for value in every:
        painter.setPen(QPen(QColor(_GRID), 1))
        painter.drawLine(QPointF(frame.left(), up(value)), QPointF(frame.right(), up(value)))
        painter.setPen(QColor(_INK))
        box = QRectF(frame.left() - _LEFT, up(value) - 8, _LEFT - 5, 16)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, shown(value, decimals))
    for moment, text in clock_ticks(across.low, across.high, max(1, int(frame.width() / 70))):
        x = across(moment)
        painter.drawLine(QPointF(x, frame.bottom()), QPointF(x, frame.bottom() + 3))
        painter.drawText(QRectF(x - 40, frame.bottom() + 4, 80, 16), Qt.AlignmentFlag.AlignHCenter, text)
    title = f"{series.title} [{series.unit}]" if series.unit not in ("", "1") else series.title
    painter.drawText(QRectF(frame.left(), frame.top() - 20, frame.width(), 16), Qt.AlignmentFlag.AlignLeft, title)


def _values(painter: QPainter, frame: QRectF, across: Scale, up: Scale, series: Plotted) -> None:
    """Draw a line that breaks where a value lacks, and a cross on the axis where there is none."""
    painter.setPen(QPen(QColor(_LINE), 1.6))
    for run in _runs(series):
        points = [QPointF(across(t), up(v)) for t, v in run]
        if len(points) > 1:
            painter.drawPolyline(QPolygonF(points))
        else:
            painter.drawEllipse(points[0], 1.5, 1.5)
    painter.setPen(QPen(QColor("#757575"), 1))
    for begin, end in zip(series.begins[~np.isfinite(series.values)], series.ends[~np.isfinite(series.values)]):
        x, y = across(float(begin + end) / 2), frame.bottom() - 4
        painter.drawLine(QPointF(x - 2, y - 2), QPointF(x + 2, y + 2))
        painter.drawLine(QPointF(x - 2, y + 2), QPointF(x + 2, y - 2))


def _runs(series: Plotted) -> Sequence[list[tuple[float, float]]]:
    """Return the pieces of a series without a value that lacks, and without a hole of three usual steps."""
    middles = (series.begins + series.ends) / 2
    steps = np.diff(middles)
    usual = float(np.median(steps)) if len(steps) else 0.0
    runs: list[list[tuple[float, float]]] = []
    for place, (moment, value) in enumerate(zip(middles.tolist(), series.values.tolist())):
        breaks = place == 0 or not runs or steps[place - 1] > 3 * usual or not np.isfinite(series.values[place - 1])
        if value != value:
            continue
        if breaks:
            runs.append([])
        runs[-1].append((moment, value))
    return runs
