"""Instrument: buildings, roads and what else stands in 3D in the colours of a result."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from qgis.core import QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from dtwin_plugin.errors import DtwinError
from dtwin_plugin.layers import results3d, view_states
from dtwin_plugin.layers.results3d import Coloured, Colouring
from dtwin_plugin.layers.stand_ins import original_id
from dtwin_plugin.translate import mark, tr

from .instrument import Instrument
from .scene import Scene
from .swatches import Swatches

_SIGNALS = ("dataChanged", "rendererChanged", "afterCommitChanges")  # of a layer with results
_PARTS = {"whole": mark("Whole objects"), "roofs": mark("Roofs"), "walls": mark("Façades")}
_SEVERAL = {
    results3d.HIGHEST: mark("The highest"),
    results3d.LOWEST: mark("The lowest"),
    results3d.MEAN: mark("The mean"),
}


class Results(Instrument):
    """Choose a result and its field, and see it on the objects; "Back" shows them as they were."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.target, self.source, self.field = QComboBox(), QComboBox(), QComboBox()
        self.part, self.several = QComboBox(), QComboBox()
        for value, text in _SEVERAL.items():
            self.several.addItem(tr(text), value)
        self.several.setToolTip(tr("Which number counts where a result has several for one building."))
        self.show_it, self.back = QPushButton(tr("Colour")), QPushButton(tr("Back"))
        self.back.setToolTip(tr("Show the objects as they were."))
        self.title, self.swatches = QLabel(), Swatches()
        self.title.setWordWrap(True)
        self._shown: dict[str, tuple[Colouring, Coloured]] = {}
        self._fresh: dict[str, QgsVectorLayer] = {}
        self._heard: list[QgsVectorLayer] = []
        self._soon = QTimer(self)  # not in the midst of what QGIS does with a change of a layer
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._make_anew)
        QgsProject.instance().layersRemoved.connect(self._layers_removed)
        form = QFormLayout()
        for label, box in ((tr("What"), self.target), (tr("Part"), self.part), (tr("Result"), self.source),
                           (tr("Field"), self.field), (tr("Of several"), self.several)):  # fmt: skip
            form.addRow(label, box)
        row = QHBoxLayout()
        row.addWidget(self.show_it)
        row.addWidget(self.back)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addLayout(row)
        column.addWidget(self.title)
        column.addWidget(self.swatches, 1)
        self.target.currentIndexChanged.connect(self._target_chosen)
        self.source.currentIndexChanged.connect(self._list_fields)
        self.show_it.clicked.connect(self._colour)
        self.back.clicked.connect(self.show_plain)
        self._refresh()

    def begin(self) -> None:
        """Look for layers that came since."""
        self._refresh()

    def _refresh(self) -> None:
        layers = [layer for layer in QgsProject.instance().mapLayers().values() if isinstance(layer, QgsVectorLayer)]
        _fill(self.target, [layer for layer in layers if results3d.can_be_coloured(layer)])
        self._target_chosen()

    def _target_chosen(self) -> None:
        target = _chosen(self.target)
        parts = results3d.parts_of(target) if target is not None else []
        self.part.clear()
        for part in parts:
            self.part.addItem(tr(_PARTS[part]), part)
        self.part.setEnabled(len(parts) > 1)
        joins = target is not None and results3d.has_buildings(target)
        layers = QgsProject.instance().mapLayers().values()
        _fill(self.source, [layer for layer in layers if layer is target or joins and results3d.has_buildings(layer)])
        self._list_fields()

    def _list_fields(self) -> None:
        source, before = _chosen(self.source), self.field.currentData()
        self.field.clear()
        for name in results3d.result_fields(source) if source is not None else ():
            self.field.addItem(source.attributeDisplayName(source.fields().lookupField(name)), name)
        self.field.setCurrentIndex(max(self.field.findData(before), 0))
        self.show_it.setEnabled(self.field.count() > 0)
        self.several.setEnabled(source is not None and source is not _chosen(self.target))

    def _colour(self) -> None:
        boxes = self.target, self.source, self.field, self.part, self.several
        self.show_result(Colouring(*(box.currentData() or "" for box in boxes)))

    def show_result(self, colouring: Colouring) -> None:
        """Show a layer in the colours of a result."""
        found = self._coloured(colouring, QgsProject.instance().mapLayer(colouring.target))
        if found is not None:
            self._shown[colouring.target] = colouring, found
            self._hear()
            self._tell()

    def _coloured(self, colouring: Colouring, target: QgsMapLayer | None) -> Coloured | None:
        source = QgsProject.instance().mapLayer(colouring.source)
        if not (isinstance(target, QgsVectorLayer) and isinstance(source, QgsVectorLayer)):
            return None
        try:
            found = results3d.coloured(colouring, target, source)
        except DtwinError as error:
            self.scene.said.emit(error.text(tr))
            return None
        self._fresh[colouring.target] = found.layer
        return found

    def show_plain(self) -> None:
        """Show all objects as they were."""
        self._shown.clear()
        self._fresh.clear()
        self._hear()
        self._tell()

    def _hear(self) -> None:
        """Hear of changes of the results that are shown, and of no other."""
        for layer in self._heard:
            for name in _SIGNALS if not sip.isdeleted(layer) else ():
                getattr(layer, name).disconnect(self._soon.start)
        found = (QgsProject.instance().mapLayer(colouring.source) for colouring, _ in self._shown.values())
        self._heard = [layer for layer in {id(layer): layer for layer in found if layer is not None}.values()]
        for layer in self._heard:
            for name in _SIGNALS:
                getattr(layer, name).connect(self._soon.start)

    def _make_anew(self) -> None:
        """Show results as they are now; those of layers that are gone are not shown."""
        wanted = [colouring for colouring, _ in self._shown.values()]
        self._shown.clear()
        for colouring in wanted:
            found = self._coloured(colouring, QgsProject.instance().mapLayer(colouring.target))
            if found is not None:
                self._shown[colouring.target] = colouring, found
        self._hear()
        self._tell()

    def _layers_removed(self) -> None:
        if self._shown:
            self._soon.start()

    def _tell(self) -> None:
        """Let the views and the legend show what is set."""
        self.scene.stand_ins.set_change("results", self._stand_in if self._shown else None)
        self.swatches.clear()
        for _, found in self._shown.values():
            self.swatches.add_group(found.title, found.legend)
        counts = [tr("{count} objects have a value.").format(count=found.count) for _, found in self._shown.values()]
        self.title.setText(" ".join(counts))
        self.back.setEnabled(bool(self._shown))

    def _stand_in(self, layer: QgsMapLayer) -> QgsMapLayer:
        """Return the coloured copy of a layer: the one that was just made, or one of what the layer is now."""
        key = original_id(layer)
        if key not in self._shown:
            return layer
        if layer.id() == key and key in self._fresh:
            return self._fresh.pop(key)
        found = self._coloured(self._shown[key][0], layer)
        self._fresh.pop(key, None)
        return found.layer if found is not None else layer

    def scene_opened(self) -> None:
        """Show in a new scene what was shown in the one before."""
        if self._shown:
            self._make_anew()

    def state(self) -> dict[str, Any]:
        """Return which results are shown on what."""
        shown = [asdict(colouring) for colouring, _ in self._shown.values()]
        return {"shown": shown} if shown else {}

    def restore(self, state: dict[str, Any]) -> None:
        """Show these results, and no others."""
        self.show_plain()
        for colouring in view_states.colourings(state):
            self.show_result(colouring)

    def close_for_good(self) -> None:
        """Hear of no layer any more."""
        self._shown.clear()
        self._hear()
        QgsProject.instance().layersRemoved.disconnect(self._layers_removed)


def _chosen(box: QComboBox) -> QgsVectorLayer | None:
    return QgsProject.instance().mapLayer(box.currentData() or "")


def _fill(box: QComboBox, layers: list[QgsMapLayer]) -> None:
    """List layers by name, and keep what is chosen."""
    before = box.currentData()
    box.blockSignals(True)
    box.clear()
    for layer in sorted(layers, key=lambda layer: layer.name().lower()):
        box.addItem(layer.name(), layer.id())
    box.setCurrentIndex(max(box.findData(before), 0))
    box.blockSignals(False)
