"""The panel itself: which layer, which of its sites, the plot of these, and its picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsFeature, QgsFeatureRequest, QgsProject, QgsVectorLayer
from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from dtwin_plugin.errors import DtwinError
from dtwin_plugin.layers.soundings import is_sites, sites_layers, soundings_of
from dtwin_plugin.translate import plural, tr

from .export import FILTER, save
from .pick_tool import PickTool
from .plot import MOST
from .view import PlotView


class SoundingsDock(QgsDockWidget):
    """Shows what lies below the sites that are picked or selected."""

    def __init__(self, iface: Any, parent: QWidget | None = None) -> None:
        super().__init__(tr("Soundings"), parent)
        self.setObjectName("DtwinSoundings")
        self.setMinimumWidth(320)
        self._iface = iface
        self._layer: QgsVectorLayer | None = None
        self.layers = QComboBox()
        self.layers.setToolTip(tr("The layer with the sites."))
        self.layers.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.pick = QPushButton(tr("Pick on the map"))
        self.pick.setCheckable(True)
        self.pick.setToolTip(tr("Click a site; with Ctrl or Shift it is shown beside the others."))
        self.follow = QCheckBox(tr("Follow the selection"))
        self.follow.setToolTip(tr("Show what is selected in the layer, and select what is picked."))
        self.follow.setChecked(True)
        self.picture = QPushButton(tr("Save picture…"))
        self.plot = PlotView()
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._tool = PickTool(iface.mapCanvas())
        self._ids: list[int] = []
        self.setWidget(self._body())
        self._connect()
        self.refresh()

    def _body(self) -> QWidget:
        body = QWidget()
        layout = QVBoxLayout(body)
        top = QHBoxLayout()
        top.addWidget(self.layers, 1)
        top.addWidget(self.pick)
        layout.addLayout(top)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.message)
        row = QHBoxLayout()
        row.addWidget(self.follow)
        row.addStretch()
        row.addWidget(self.picture)
        layout.addLayout(row)
        return body

    def _connect(self) -> None:
        self.layers.currentIndexChanged.connect(self._choose)
        self.pick.toggled.connect(self._use_tool)
        self.picture.clicked.connect(self._ask_picture)
        self.plot.pointed.connect(self._point)
        self._tool.picked.connect(self._picked)
        self._iface.mapCanvas().mapToolSet.connect(self._tool_changed)
        project = QgsProject.instance()
        project.layersAdded.connect(self._layers_changed)
        project.layersRemoved.connect(self._layers_changed)
        project.layersWillBeRemoved["QStringList"].connect(self._let_go)

    def refresh(self) -> None:
        """List the layers with sites, keeping the one that is shown."""
        known = {layer.id(): layer.name() for layer in sites_layers(QgsProject.instance())}
        chosen = self._layer.id() if self._layer is not None else None
        self.layers.blockSignals(True)
        self.layers.clear()
        for name, title in known.items():
            self.layers.addItem(title, name)
        self.layers.setCurrentIndex(max(0, self.layers.findData(chosen)) if known else -1)
        self.layers.blockSignals(False)
        self.pick.setEnabled(bool(known))
        self._choose()

    def show_sites(self, ids: list[int]) -> None:
        """Show sites by their feature ids."""
        self._ids = list(ids)
        if self._layer is None or not ids:
            self.plot.show_soundings([])
            self._state()
            return
        request = QgsFeatureRequest().setFilterFids(ids).setFlags(QgsFeatureRequest.Flag.NoGeometry)
        by_id: dict[int, QgsFeature] = {feature.id(): feature for feature in self._layer.getFeatures(request)}
        features = [by_id[name] for name in ids if name in by_id]
        self.plot.show_soundings(soundings_of(QgsProject.instance(), self._layer, features))
        self._state()

    def _choose(self, *_: object) -> None:
        layer = QgsProject.instance().mapLayer(self.layers.currentData() or "")
        layer = layer if is_sites(layer) else None
        if layer is self._layer:
            self._state()
            return
        self._forget()
        self._layer = layer
        self._tool.look_in(layer)
        if layer is not None:
            layer.selectionChanged.connect(self._selected)
        self.show_sites(layer.selectedFeatureIds()[: 2 * MOST] if layer is not None and self.follow.isChecked() else [])

    def _forget(self) -> None:
        if self._layer is not None:
            try:
                self._layer.selectionChanged.disconnect(self._selected)
            except (RuntimeError, TypeError):  # the layer has gone
                pass
        self._layer = None

    def _let_go(self, names: list[str]) -> None:
        """Let go of a layer before it is deleted."""
        if self._layer is not None and self._layer.id() in names:
            self._forget()
            self._tool.look_in(None)
            self.show_sites([])

    def _layers_changed(self, *_: object) -> None:
        self.refresh()

    def _selected(self, *_: object) -> None:
        if self.follow.isChecked() and self._layer is not None:
            self.show_sites(sorted(self._layer.selectedFeatureIds())[: 2 * MOST])

    def _picked(self, ids: list[int], add: bool) -> None:
        if not ids:
            self._say(tr("There is no site there."))
            return
        wanted = list(dict.fromkeys([*self._ids, *ids])) if add else ids
        if self.follow.isChecked() and self._layer is not None:
            self._layer.selectByIds(wanted)  # which shows them
        self.show_sites(wanted)

    def _use_tool(self, wanted: bool) -> None:
        canvas = self._iface.mapCanvas()
        if wanted:
            canvas.setMapTool(self._tool)
        elif canvas.mapTool() is self._tool:
            canvas.unsetMapTool(self._tool)

    def _tool_changed(self, tool: object, *_: object) -> None:
        self.pick.setChecked(tool is self._tool)

    def _point(self, text: str) -> None:
        if text:
            self._say(text)
        else:
            self._state()

    def _state(self) -> None:
        """Tell what is shown, and what is not."""
        self.picture.setEnabled(bool(self.plot.soundings))
        if self.layers.count() == 0:
            self._say(tr("There are no soundings: load them with the panel Sources, or from files."))
            return
        empty = [s.name for s in self.plot.soundings if not s.has_column and not s.has_series]
        count = len(self.plot.soundings)
        text = plural(count, "{count} site", "{count} sites")
        parts = [tr(text).format(count=count)] if count else []
        if empty:
            parts.append(tr("Nothing is known of the ground below {names}.").format(names=", ".join(empty[:5])))
        more = sum(s.has_column for s in self.plot.soundings) - MOST
        if more > 0:
            parts.append(tr("The first {count} are drawn.").format(count=MOST))
        self._say(" ".join(parts))

    def _say(self, text: str) -> None:
        self.message.setText(text)

    def _ask_picture(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Save picture…"), "soundings.png", FILTER)
        if name:
            self.save_picture(Path(name))

    def save_picture(self, path: Path) -> None:
        """Write the plot as PNG or SVG, by the suffix."""
        size = self.plot.size().expandedTo(QSize(400, 300))
        try:
            save(self.plot.soundings, path, size, self.plot.heights)
        except DtwinError as error:
            self._say(error.text(tr))
        else:
            self._say(tr("Saved as {file}.").format(file=path.name))

    def close_for_good(self) -> None:
        """Let go of the map and the project, before the plugin is unloaded."""
        self._use_tool(False)
        project, canvas = QgsProject.instance(), self._iface.mapCanvas()
        canvas.mapToolSet.disconnect(self._tool_changed)
        project.layersAdded.disconnect(self._layers_changed)
        project.layersRemoved.disconnect(self._layers_changed)
        project.layersWillBeRemoved["QStringList"].disconnect(self._let_go)
        self._forget()
