"""The tree with the models by their group."""

from __future__ import annotations

from collections.abc import Iterable

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QTreeWidget, QTreeWidgetItem, QTreeWidgetItemIterator, QWidget

from dtwin_plugin.layers.icons import icon
from dtwin_plugin.translate import tr

from .listing import Listed

_ROLE = Qt.ItemDataRole.UserRole


class ModelTree(QTreeWidget):
    """Groups with models; `chosen` tells which is looked at, `wanted` which is to be run."""

    chosen = pyqtSignal(object)
    wanted = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHeaderHidden(True)
        self.setAccessibleName(tr("Models"))
        self.currentItemChanged.connect(lambda *_: self.chosen.emit(self.current()))
        self.itemActivated.connect(self._activate)  # double click, or Enter

    def fill(self, models: Iterable[Listed]) -> None:
        """Show models by their group."""
        self.clear()
        groups: dict[str, QTreeWidgetItem] = {}
        for model in models:
            if model.group_id not in groups:
                group = groups[model.group_id] = QTreeWidgetItem([model.group])
                group.setIcon(0, icon(f"group_{model.group_id}"))
                self.addTopLevelItem(group)
            item = QTreeWidgetItem(groups[model.group_id], [model.title])
            item.setToolTip(0, model.summary)
            item.setData(0, _ROLE, model)

    def search(self, text: str) -> None:
        """Show only the models in which each word is found, and choose the first; all of them without a text."""
        first = None
        for place in range(self.topLevelItemCount()):
            group = self.topLevelItem(place)
            for row in range(group.childCount()):
                item = group.child(row)
                item.setHidden(not item.data(0, _ROLE).matches(text))
                first = first or (None if item.isHidden() else item)
            group.setHidden(not any(not group.child(row).isHidden() for row in range(group.childCount())))
            group.setExpanded(bool(text.strip()))
        if text.strip():
            self.setCurrentItem(first)

    def current(self) -> Listed | None:
        """Return the model that is looked at."""
        item = self.currentItem()
        return item.data(0, _ROLE) if item is not None else None

    def choose(self, identifier: str) -> None:
        """Look at a model."""
        found = QTreeWidgetItemIterator(self)
        while found.value() is not None:
            model = found.value().data(0, _ROLE)
            if model is not None and model.id == identifier:
                self.setCurrentItem(found.value())
            found += 1

    def shown(self) -> list[str]:
        """Return the ids of the models that are not hidden."""
        groups = [self.topLevelItem(place) for place in range(self.topLevelItemCount())]
        items = [group.child(row) for group in groups for row in range(group.childCount())]
        return [item.data(0, _ROLE).id for item in items if not item.isHidden()]

    def _activate(self, item: QTreeWidgetItem, _column: int) -> None:
        if item.data(0, _ROLE) is not None:
            self.wanted.emit(item.data(0, _ROLE))
