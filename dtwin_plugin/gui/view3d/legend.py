"""Instrument: what is in the views, in which colours, and what of it is shown."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsMapLayer, QgsVectorLayer
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import QHBoxLayout, QPushButton, QTreeWidgetItem, QVBoxLayout

from dtwin_plugin.layers.legend3d import Row, rows_of, without_rules
from dtwin_plugin.layers.stand_ins import original_id
from dtwin_plugin.layers.view_states import hidden
from dtwin_plugin.translate import tr

from .instrument import Instrument
from .scene import Scene
from .swatches import Swatches

_LAYER, _RULE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class Legend(Instrument):
    """The layers in the views with their classes; a tick less takes a layer or a class out of the views only."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.tree = Swatches()
        self.all = QPushButton(tr("Show all"))
        self._layers: set[str] = set()  # hidden
        self._rules: dict[str, set[int]] = {}
        row = QHBoxLayout()
        row.addWidget(self.all)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tree, 1)
        column.addLayout(row)
        self._soon = QTimer(self)  # not in the midst of what the tree or the views do
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.refresh)
        self.tree.itemChanged.connect(self._ticked)
        self.all.clicked.connect(lambda: self._set(set(), {}))
        scene.stand_ins.stale.connect(self._soon.start)
        scene.iface.mapCanvas().layersChanged.connect(self._soon.start)
        self.refresh()

    def begin(self) -> None:
        """Tell what is in the views now."""
        self.refresh()

    def refresh(self) -> None:
        """List the layers of all views, those that are hidden too."""
        self.tree.blockSignals(True)
        place = self.tree.verticalScrollBar().value()
        self.tree.clear()
        listed: set[str] = set()
        for frame in self.scene.frames:
            for layer in frame.view.layers():
                if layer.id() not in listed:
                    listed.add(layer.id())
                    self._add(layer)
        self.tree.verticalScrollBar().setValue(place)
        self.tree.blockSignals(False)
        self.all.setEnabled(bool(self._layers or self._rules))

    def _add(self, layer: QgsMapLayer) -> None:
        shown = layer if layer.id() in self._layers else self.scene.stand_ins.shown(layer)
        rows: list[Row] = rows_of(shown) if shown is not None else []
        group = self.tree.add_group(layer.name(), [(row.colour, row.label) for row in rows])
        group.setData(0, _LAYER, layer.id())
        _tick(group, shown is not None and layer.id() not in self._layers)
        for number, row in enumerate(rows):
            if row.rule >= 0:
                item = group.child(number)
                item.setData(0, _LAYER, layer.id())
                item.setData(0, _RULE, row.rule)
                _tick(item, row.rule not in self._rules.get(layer.id(), ()))

    def _ticked(self, item: QTreeWidgetItem) -> None:
        is_shown = item.checkState(0) == Qt.CheckState.Checked
        key, rule = item.data(0, _LAYER), item.data(0, _RULE)
        rules = {layer: set(numbers) for layer, numbers in self._rules.items()}
        if rule is None:
            self._set(self._layers - {key} if is_shown else self._layers | {key}, rules)
        else:
            rules.setdefault(key, set()).symmetric_difference_update({rule})
            self._set(self._layers, {layer: numbers for layer, numbers in rules.items() if numbers})

    def _set(self, layers: set[str], rules: dict[str, set[int]]) -> None:
        self._layers, self._rules = layers, rules
        self.scene.stand_ins.set_change("legend", self._stand_in if layers or rules else None)
        self._soon.start()

    def _stand_in(self, layer: QgsMapLayer) -> QgsMapLayer | None:
        key = original_id(layer)
        if key in self._layers:
            return None
        if key in self._rules and isinstance(layer, QgsVectorLayer) and layer.renderer3D() is not None:
            return without_rules(layer, self._rules[key])
        return layer

    def scene_opened(self) -> None:
        """Hide in a new scene what was hidden in the one before."""
        self._set(self._layers, self._rules)

    def views_changed(self) -> None:
        """Tell what is in the views now."""
        self._soon.start()

    def state(self) -> dict[str, Any]:
        """Return what is hidden."""
        if not (self._layers or self._rules):
            return {}
        return {"layers": sorted(self._layers), "rules": {key: sorted(found) for key, found in self._rules.items()}}

    def restore(self, state: dict[str, Any]) -> None:
        """Hide that, and nothing else; layers that are not there hide nothing."""
        found = hidden(state)
        self._set(found.layers, found.rules)

    def close_for_good(self) -> None:
        """Hear of no map any more."""
        self.scene.stand_ins.stale.disconnect(self._soon.start)
        self.scene.iface.mapCanvas().layersChanged.disconnect(self._soon.start)


def _tick(item: QTreeWidgetItem, is_shown: bool) -> None:
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
    item.setCheckState(0, Qt.CheckState.Checked if is_shown else Qt.CheckState.Unchecked)
