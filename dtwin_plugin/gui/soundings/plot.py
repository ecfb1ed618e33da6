"""Draws soundings: columns side by side against height in m NAP, and levels through time below them.

Drawn by QPainter on anything: a widget, a picture, or SVG.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from qgis.PyQt.QtCore import QPointF, QRectF, Qt
from qgis.PyQt.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from dtwin_plugin.layers.soundings import Bar, Sounding
from dtwin_plugin.translate import tr

from ..numbers import shown
from .scales import Scale, ticks, time_ticks

CONE, RATIO, GRID, INK, SURFACE = "#B71C1C", "#0D47A1", "#E0E0E0", "#333333", "#6D4C41"
SERIES = ("#1565C0", "#E65100", "#2E7D32", "#6A1B9A", "#00838F", "#AD1457")  # told apart by most colour-blind people
MOST = 8  # columns side by side
_CONE_LEAST, _RATIO_MOST = 10.0, 10.0  # MPa and %; the chart of Robertson ends at 10 %
_LEFT, _TOP, _BOTTOM, _GAP, _STRIP = 46.0, 58.0, 8.0, 14.0, 16.0  # px
_SERIES_SHARE, _LEGEND_LINE, _TEXT = 0.32, 15.0, 8.0
_TICK = 55.0  # px between ticks at least


@dataclass(frozen=True)
class Panel:
    """Where a column was drawn, for who points at it."""

    sounding: Sounding
    area: QRectF
    height: Scale


@dataclass(frozen=True)
class Drawn:
    """What was drawn, and where."""

    panels: tuple[Panel, ...] = ()
    left_out: int = 0


def draw(
    painter: QPainter,
    area: QRectF,
    soundings: Sequence[Sounding],
    heights: tuple[float, float] | None = None,
) -> Drawn:
    """Draw soundings in an area.

    Parameters
    ----------
    heights : pair of float, optional
        Lowest and highest that are shown [m NAP]; all of it if absent.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    font = QFont(painter.font())
    font.setPointSizeF(_TEXT)
    painter.setFont(font)
    columns, series = [s for s in soundings if s.has_column], [s for s in soundings if s.has_series]
    if not columns and not series:
        _centred(painter, area, tr("Choose soundings, boreholes or wells on the map."))
        return Drawn()
    shown_columns = columns[:MOST]
    legend = _legend_of(shown_columns)
    foot = _legend(painter, area, legend)
    body = QRectF(area.left(), area.top(), area.width(), area.height() - foot)
    panels: tuple[Panel, ...] = ()
    if shown_columns:
        share = 1 - _SERIES_SHARE if series else 1.0
        upper = QRectF(body.left(), body.top(), body.width(), body.height() * share)
        panels = _columns(painter, upper, shown_columns, heights or range_of(shown_columns))
        body = QRectF(body.left(), upper.bottom(), body.width(), body.height() - upper.height())
    if series:
        _levels(painter, body, series)
    return Drawn(panels, len(columns) - len(shown_columns))


def range_of(soundings: Sequence[Sounding]) -> tuple[float, float]:
    """Return the lowest and highest of soundings, with some room [m NAP]."""
    values = [bar.top for s in soundings for bar in s.bars] + [bar.bottom for s in soundings for bar in s.bars]
    values += [value for s in soundings if np.isfinite(s.height).any() for value in _ends(s.height)]
    values += [s.surface for s in soundings if s.surface == s.surface]
    if not values:
        return -10.0, 0.0
    low, high = min(values), max(values)
    room = max(0.03 * (high - low), 0.2)
    return low - room, high + room


def _ends(values: np.ndarray) -> tuple[float, float]:
    return float(np.nanmin(values)), float(np.nanmax(values))


def _columns(
    painter: QPainter, area: QRectF, soundings: Sequence[Sounding], heights: tuple[float, float]
) -> tuple[Panel, ...]:
    """Draw the columns on one scale of heights."""
    top, bottom = area.top() + _TOP, area.bottom() - _BOTTOM
    scale = Scale(heights[0], heights[1], bottom, top)
    width = (area.width() - _LEFT - _GAP * len(soundings)) / len(soundings)
    every = ticks(*heights, max(2, int((bottom - top) / 35)))
    left_out = any(s.surface != s.surface for s in soundings)
    _heights(painter, QRectF(area.left(), top, _LEFT, bottom - top), scale, every, left_out)
    panels = []
    for number, sounding in enumerate(soundings):
        left = area.left() + _LEFT + number * (width + _GAP)
        frame = QRectF(left, top, width, bottom - top)
        _grid(painter, frame, scale, every)
        painter.save()
        painter.setClipRect(frame.adjusted(-1, -1, 1, 1))
        if len(sounding.height):
            strip = QRectF(left, top, _STRIP, frame.height())
            _bars(painter, strip, sounding.bars, scale, False)
        else:
            _bars(painter, frame.adjusted(0, 0, -frame.width() * 0.1, 0), sounding.bars, scale, True)
        painter.restore()
        if len(sounding.height):
            _curves(painter, frame.adjusted(_STRIP + 3, 0, 0, 0), sounding, scale)
        _surface(painter, frame, sounding, scale)
        _heading(painter, QRectF(left, area.top() + 2, width, 26), sounding)
        panels.append(Panel(sounding, frame, scale))
    return tuple(panels)


def _heights(painter: QPainter, area: QRectF, scale: Scale, every: Sequence[float], mixed: bool) -> None:
    """Draw the axis of heights; where some have no surface it says that these are below it."""
    decimals = 0 if len(every) < 2 or every[1] - every[0] >= 1 else 1
    painter.setPen(QColor(INK))
    for value in every:
        box = QRectF(area.left(), scale(value) - 8, area.width() - 5, 16)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, shown(value, decimals))
    unit = tr("m NAP *") if mixed else tr("m NAP")
    box = QRectF(area.left(), area.top() - 24, area.width(), 14)
    painter.drawText(box, Qt.AlignmentFlag.AlignRight, unit)


def _grid(painter: QPainter, frame: QRectF, scale: Scale, every: Sequence[float]) -> None:
    painter.fillRect(frame, QColor("#FFFFFF"))
    painter.setPen(QPen(QColor(GRID), 1))
    for value in every:
        painter.drawLine(QPointF(frame.left(), scale(value)), QPointF(frame.right(), scale(value)))
    painter.setPen(QPen(QColor("#9E9E9E"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(frame)


def _bars(painter: QPainter, strip: QRectF, bars: Sequence[Bar], scale: Scale, named: bool) -> None:
    """Draw a column of layers, named where they are thick enough."""
    metrics = QFontMetricsF(painter.font())
    for bar in bars:
        box = QRectF(strip.left(), scale(bar.top), strip.width(), scale(bar.bottom) - scale(bar.top))
        narrow = bar.group == "screen"
        body = QRectF(box.left(), box.top(), 10.0, box.height()) if narrow else box
        painter.setPen(QPen(QColor("#555555"), 0.4) if named else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(bar.colour))
        painter.drawRect(body)
        if named and box.height() >= metrics.height() * 0.9 and bar.name:
            painter.setPen(QColor(INK if narrow or QColor(bar.colour).lightness() > 90 else "#FFFFFF"))
            inside = box.adjusted(14 if narrow else 4, 0, -2, 0)
            text = metrics.elidedText(bar.name, Qt.TextElideMode.ElideRight, inside.width())
            painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def _curves(painter: QPainter, frame: QRectF, sounding: Sounding, height: Scale) -> None:
    """Draw cone resistance from the left and friction ratio from the right, as is usual."""
    cone = np.nanmax(sounding.cone) if np.isfinite(sounding.cone).any() else 0.0
    most = max(_CONE_LEAST, float(np.ceil(cone / 5) * 5))
    right = Scale(0.0, most, frame.left(), frame.right())
    left = Scale(0.0, _RATIO_MOST, frame.right(), frame.left())
    count, metrics = max(1, int(frame.width() / _TICK)), QFontMetricsF(painter.font())
    for scale, colour, offset, title in (
        (right, CONE, 4.0, "qc [MPa]"),
        (left, RATIO, 17.0, "Rf [%]"),
    ):
        painter.setPen(QColor(colour))
        middle, half = frame.center().x(), metrics.horizontalAdvance(title) / 2 + 10
        painter.drawText(
            QRectF(frame.left(), frame.top() - offset - 12, frame.width(), 12), Qt.AlignmentFlag.AlignHCenter, title
        )
        for value in ticks(0.0, scale.high, count):
            x = scale(value)
            painter.drawLine(QPointF(x, frame.top() - 3), QPointF(x, frame.top()))
            if abs(x - middle) > half:  # there the title stands
                box = QRectF(x - 20, frame.top() - offset - 12, 40, 12)
                painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, shown(value))
    painter.save()
    painter.setClipRect(frame)
    _line(painter, sounding.ratio, sounding.height, left, height, RATIO)
    _line(painter, sounding.cone, sounding.height, right, height, CONE)
    painter.restore()


def _line(painter: QPainter, x: np.ndarray, y: np.ndarray, across: Scale, up: Scale, colour: str) -> None:
    """Draw a line that breaks where a value is missing."""
    painter.setPen(QPen(QColor(colour), 1.1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    known = np.isfinite(x) & np.isfinite(y)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist()):
        points = [QPointF(across(float(x[i])), up(float(y[i]))) for i in range(begin, end)]
        if len(points) > 1:
            painter.drawPolyline(QPolygonF(points))
        else:
            painter.drawEllipse(points[0], 1.0, 1.0)


def _surface(painter: QPainter, frame: QRectF, sounding: Sounding, scale: Scale) -> None:
    value = sounding.surface if sounding.surface == sounding.surface else 0.0
    if scale.low <= value <= scale.high:
        painter.setPen(QPen(QColor(SURFACE), 1.6))
        painter.drawLine(QPointF(frame.left() - 4, scale(value)), QPointF(frame.right() + 4, scale(value)))


def _heading(painter: QPainter, area: QRectF, sounding: Sounding) -> None:
    """Draw the name, and the height of the surface or that it is not known."""
    font = QFont(painter.font())
    bold = QFont(font)
    bold.setBold(True)
    painter.setFont(bold)
    painter.setPen(QColor(INK))
    metrics = QFontMetricsF(bold)
    name = metrics.elidedText(sounding.name, Qt.TextElideMode.ElideMiddle, area.width())
    painter.drawText(QRectF(area.left(), area.top(), area.width(), 13), Qt.AlignmentFlag.AlignLeft, name)
    painter.setFont(font)
    if len(sounding.height) and sounding.surface == sounding.surface:
        return  # the axes of the curves stand there
    text = (
        tr("Surface {height} m NAP").format(height=shown(sounding.surface, 2))
        if sounding.surface == sounding.surface
        else tr("* below the surface")
    )
    text = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(QRectF(area.left(), area.top() + 13, area.width(), 13), Qt.AlignmentFlag.AlignLeft, text)


def _levels(painter: QPainter, area: QRectF, soundings: Sequence[Sounding]) -> None:
    """Draw levels through time, a line each."""
    frame = area.adjusted(_LEFT, 24, -_GAP, -20)
    times = np.concatenate([s.times for s in soundings])
    levels = np.concatenate([s.levels for s in soundings])
    (begin, end), (low, high) = _ends(times), _ends(levels)
    day = 86_400.0
    across = Scale(begin, end, frame.left(), frame.right()) if end > begin else Scale(begin - day, end + day,
        frame.left(), frame.right())  # fmt: skip
    room = max(0.05 * (high - low), 0.05)
    up = Scale(low - room, high + room, frame.bottom(), frame.top())
    every = ticks(up.low, up.high, max(2, int(frame.height() / 30)))
    _heights(painter, QRectF(area.left(), frame.top(), _LEFT, frame.height()), up, every, False)
    _grid(painter, frame, up, every)
    painter.setPen(QColor(INK))
    for moment, text in time_ticks(across.low, across.high, max(1, int(frame.width() / 80))):
        x = across(moment)
        painter.drawLine(QPointF(x, frame.bottom()), QPointF(x, frame.bottom() + 3))
        painter.drawText(QRectF(x - 40, frame.bottom() + 4, 80, 14), Qt.AlignmentFlag.AlignHCenter, text)
    x = frame.left()
    for number, sounding in enumerate(soundings):
        colour = SERIES[number % len(SERIES)]
        painter.save()
        painter.setClipRect(frame)
        _line(painter, sounding.times, sounding.levels, across, up, colour)
        painter.restore()
        width = QFontMetricsF(painter.font()).horizontalAdvance(sounding.name) + 14
        painter.setPen(QColor(colour))
        painter.drawText(QRectF(x, frame.top() - 18, width, 14), Qt.AlignmentFlag.AlignLeft, sounding.name)
        x += width


def _legend_of(soundings: Sequence[Sounding]) -> list[tuple[str, str]]:
    """Return what the colours mean, those that are there: behaviour by its number first."""
    found = {(bar.group, bar.key): bar.colour for s in soundings for bar in s.bars}
    return [(key, found[group, key]) for group, key in sorted(found)]


def _legend(painter: QPainter, area: QRectF, items: Sequence[tuple[str, str]]) -> float:
    """Draw the legend at the foot, over as many lines as it takes; return its height."""
    metrics = QFontMetricsF(painter.font())
    lines: list[list[tuple[float, str, str]]] = [[]]
    x = 0.0
    for text, colour in items:
        width = metrics.horizontalAdvance(text) + 28
        if x + width > area.width() - 8 and lines[-1]:
            lines.append([])
            x = 0.0
        lines[-1].append((x, text, colour))
        x += width
    if not lines[0]:
        return 4.0
    height = _LEGEND_LINE * len(lines) + 6
    for number, line in enumerate(lines):
        y = area.bottom() - height + 4 + number * _LEGEND_LINE
        for left, text, colour in line:
            painter.setPen(QPen(QColor("#757575"), 0.5))
            painter.setBrush(QColor(colour))
            painter.drawRect(QRectF(area.left() + 6 + left, y + 1, 11, 9))
            painter.setPen(QColor(INK))
            painter.drawText(QPointF(area.left() + 21 + left, y + 9.5), text)
    return height


def _centred(painter: QPainter, area: QRectF, text: str) -> None:
    painter.setPen(QColor("#757575"))
    painter.drawText(area.adjusted(12, 0, -12, 0), int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), text)
