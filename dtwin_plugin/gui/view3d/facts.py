"""The panel that shows what is known of an object."""

from __future__ import annotations

from qgis.PyQt.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem

from dtwin_plugin.layers.object_facts import Facts
from dtwin_plugin.translate import tr


class FactsPanel(QTreeWidget):
    """Groups of labels and values."""

    def __init__(self) -> None:
        super().__init__()
        self.setHeaderLabels([tr("What"), tr("Value")])
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)

    def show_facts(self, groups: list[Facts]) -> None:
        """Show these, and no others."""
        self.clear()
        for group in groups:
            item = QTreeWidgetItem([group.title])
            item.addChildren([QTreeWidgetItem(list(row)) for row in group.rows])
            self.addTopLevelItem(item)
            item.setFirstColumnSpanned(True)
            item.setExpanded(True)
        self.resizeColumnToContents(0)
