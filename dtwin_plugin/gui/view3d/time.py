"""Instrument: the moments of what changes through time, such as a flood, on the map and in 3D together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from qgis.core import QgsMapLayer, QgsProject
from qgis.PyQt.QtCore import QLocale, Qt, QTimer
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QSlider,
    QStyle,
    QToolButton,
    QVBoxLayout,
)

from dtwin_plugin.data.moments import Moments
from dtwin_plugin.layers import moments3d
from dtwin_plugin.layers.finish import has_times
from dtwin_plugin.translate import tr

from .instrument import Instrument
from .scene import Scene

_SPEEDS = (0.5, 1.0, 2.0, 4.0)  # moments a second
_LAYER = Qt.ItemDataRole.UserRole


class TimePage(Instrument):
    """A slider over the moments of the visible layers; what QGIS's temporal controller shows, this does, and back."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.moments: Moments | None = None
        self.moment, self.place = QLabel(), QLabel()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.speed, self.loop, self.layers = QComboBox(), QCheckBox(tr("Over and over")), QListWidget()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._next)
        self._soon = QTimer(self)  # not within what the list itself tells of
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.refresh)
        self._lay_out()
        self.slider.valueChanged.connect(self._chosen)
        self.layers.itemChanged.connect(self._ticked)
        self.scene.clock.changed.connect(self._heard)
        project = QgsProject.instance()
        self._signals = (project.layersAdded, project.layersRemoved, project.layerTreeRoot().visibilityChanged)
        for signal in self._signals:
            signal.connect(self._refresh_soon)
        self.refresh()

    def _lay_out(self) -> None:
        font = self.moment.font()
        font.setPointSizeF(1.4 * font.pointSizeF())
        self.moment.setFont(font)
        for rate in _SPEEDS:
            self.speed.addItem(tr("{count} a second").format(count=QLocale().toString(rate, "g", 2)), rate)
        self.speed.setCurrentIndex(1)
        self.speed.currentIndexChanged.connect(self._set_pace)
        row, looks = QHBoxLayout(), QStyle.StandardPixmap
        buttons = (
            ("first", looks.SP_MediaSkipBackward, tr("First moment"), lambda: self._show(0)),
            ("back", looks.SP_MediaSeekBackward, tr("One back"), lambda: self._show(self.slider.value() - 1)),
            ("play", looks.SP_MediaPlay, tr("Play"), self.play_or_pause),
            ("forward", looks.SP_MediaSeekForward, tr("One forward"), lambda: self._show(self.slider.value() + 1)),
            ("all_times", looks.SP_MediaStop, tr("All times: show layers as they are without a time"), self.stop),
        )
        self.buttons: dict[str, QToolButton] = {}
        for name, look, tip, act in buttons:
            button = QToolButton()
            button.setIcon(self.style().standardIcon(look))
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(lambda _checked, act=act: act())
            row.addWidget(button)
            self.buttons[name] = button
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.moment, self.place, self.slider):
            column.addWidget(widget)
        column.addLayout(row)
        pace = QHBoxLayout()
        pace.addWidget(self.speed)
        pace.addWidget(self.loop)
        column.addLayout(pace)
        column.addWidget(QLabel(tr("Layers through time")))
        column.addWidget(self.layers, 1)

    def _refresh_soon(self, *_: Any) -> None:
        self._soon.start()

    def refresh(self) -> None:
        """Ask the layers for their times again."""
        project = QgsProject.instance()
        found = [layer for layer in project.mapLayers().values() if has_times(layer)]
        shown = {layer.id() for layer in project.layerTreeRoot().checkedLayers()}
        self.layers.blockSignals(True)
        self.layers.clear()
        for layer in found:
            item = QListWidgetItem(layer.name(), self.layers)
            item.setData(_LAYER, layer.id())
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if layer.id() in shown else Qt.CheckState.Unchecked)
        self.layers.blockSignals(False)
        self.moments = self.scene.clock.moments()
        self.slider.blockSignals(True)
        self.slider.setRange(0, self.moments.count - 1 if self.moments is not None else 0)
        self.slider.blockSignals(False)
        for widget in (self.slider, *self.buttons.values()):
            widget.setEnabled(self.moments is not None)
        self._heard()

    def play_or_pause(self) -> None:
        """Go on through the moments, from the first where the last is shown; or stay where it is."""
        if self._timer.isActive():
            self._timer.stop()
        elif self.moments is not None:
            self._show_something()
            if self.scene.clock.shown is None or self.slider.value() == self.slider.maximum():
                self._show(0)
            self._set_pace()
            self._timer.start()
        self._name_play()

    def stop(self) -> None:
        """Show all times."""
        self._timer.stop()
        self._name_play()
        self.scene.clock.stop()

    def _set_pace(self) -> None:
        self._timer.setInterval(int(1000 / self.speed.currentData()))

    def _name_play(self) -> None:
        runs = self._timer.isActive()
        look = QStyle.StandardPixmap.SP_MediaPause if runs else QStyle.StandardPixmap.SP_MediaPlay
        self.buttons["play"].setIcon(self.style().standardIcon(look))
        self.buttons["play"].setToolTip(tr("Pause") if runs else tr("Play"))

    def _show_something(self) -> None:
        """Tick a layer where none through time is visible: a surface of water before others."""
        root = QgsProject.instance().layerTreeRoot()
        found = [node for node in root.findLayers() if node.layer() is not None and has_times(node.layer())]
        if found and not any(node.isVisible() for node in found):
            first = min(found, key=lambda node: node.layer().type() != QgsMapLayer.LayerType.MeshLayer)
            first.setItemVisibilityCheckedParentRecursive(True)
            self.scene.said.emit(tr("{layer} is shown: no layer through time was.").format(layer=first.name()))
            self.refresh()

    def _ticked(self, item: QListWidgetItem) -> None:
        node = QgsProject.instance().layerTreeRoot().findLayer(item.data(_LAYER))
        if node is not None and item.checkState() == Qt.CheckState.Checked:
            node.setItemVisibilityCheckedParentRecursive(True)
        elif node is not None:
            node.setItemVisibilityChecked(False)

    def _next(self) -> None:
        if self.moments is None:
            self.play_or_pause()
        elif not all(frame.view.is_ready for frame in self.scene.frames):
            return  # what is drawn is drawn to its end
        elif self.slider.value() < self.slider.maximum():
            self._show(self.slider.value() + 1)
        elif self.loop.isChecked():
            self._show(0)
        else:
            self.play_or_pause()

    def _chosen(self, number: int) -> None:
        if self.moments is not None:
            self.scene.clock.show(self.moments, number)

    def _show(self, number: int) -> None:
        number = min(max(number, 0), self.slider.maximum())
        if number == self.slider.value():
            self._chosen(number)  # it may be that all times are shown
        self.slider.setValue(number)

    def _heard(self) -> None:
        """Show what the time is, whoever set it."""
        shown = self.scene.clock.shown
        if self.moments is None:
            self.moment.setText(tr("No layer changes through time"))
            self.place.setText(tr("Calculate a flood with “Water through time”, or load one."))
            return
        if shown is None:
            self.moment.setText(tr("All times"))
            self.place.setText("")
            return
        begin = moments3d.moment(shown.begin())
        self.slider.blockSignals(True)
        self.slider.setValue(self.moments.nearest(begin))
        self.slider.blockSignals(False)
        self.moment.setText(QLocale().toString(shown.begin(), QLocale().dateTimeFormat(QLocale.FormatType.ShortFormat)))
        self.place.setText(in_event(begin - self.moments.first))

    def scene_closing(self) -> None:
        """Stay where it is: the map goes on to show that."""
        self._timer.stop()
        self._name_play()

    def close_for_good(self) -> None:
        """Hear of no time and no layer any more."""
        self._timer.stop()
        self.scene.clock.changed.disconnect(self._heard)
        for signal in self._signals:
            signal.disconnect(self._refresh_soon)
        self._soon.stop()


def in_event(since: timedelta) -> str:
    """Return how long after the first moment one is, in words: "T + 1 h 10 min"."""
    seconds = round(since.total_seconds())
    sign, seconds = ("−" if seconds < 0 else "+"), abs(seconds)
    days, hours, minutes = seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60
    parts = [tr("{count} d").format(count=days)] if days else []
    parts += [tr("{count} h").format(count=hours)] if hours else []
    parts += [tr("{count} min").format(count=minutes)] if minutes or not (days or hours or seconds % 60) else []
    parts += [tr("{count} s").format(count=seconds % 60)] if seconds % 60 and not days else []
    return f"T {sign} " + " ".join(parts)
