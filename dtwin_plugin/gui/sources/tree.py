"""What can be loaded, by theme, with tick boxes, a search, and the state of each source."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from dtwin_plugin.catalogue.products import Product
from dtwin_plugin.catalogue.searching import folded, theme_of
from dtwin_plugin.translate import language, mark, tr
from dtwin_plugin.twin.jobs import CANCELLED, DONE, FAILED, REUSED, RUNNING, TITLES, WAITING

LEVELS = {
    "open": mark("open data"),
    "open-linkable": mark("open, can be linked to persons"),
    "internal": mark("internal"),
    "personal": mark("personal data"),
    "confidential": mark("confidential"),
}


COLOURS = {
    WAITING: "#6b6b6b",
    RUNNING: "#1f5f99",
    DONE: "#2e7d32",
    REUSED: "#2e7d32",
    FAILED: "#b3261e",
    CANCELLED: "#8a6d00",
}
_NAME, _STATE = 0, 1
_ID = Qt.ItemDataRole.UserRole


class ProductTree(QTreeWidget):
    """Products by theme."""

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setColumnCount(2)
        self.setHeaderLabels([tr("Source"), tr("State")])
        self.setAlternatingRowColors(True)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_STATE, QHeaderView.ResizeMode.Fixed)
        widest = max(self.fontMetrics().horizontalAdvance(tr(title)) for title in TITLES.values())
        header.resizeSection(_STATE, widest + 3 * self.fontMetrics().averageCharWidth())
        self._items: dict[str, QTreeWidgetItem] = {}
        self._texts: dict[str, str] = {}
        self.itemChanged.connect(lambda item, column: self.changed.emit() if column == _NAME else None)

    def fill(self, products: dict[str, Product], ticked: set[str] | None = None) -> None:
        """Show products; those of `ticked`, or else those that are so by default, are ticked."""
        self.blockSignals(True)
        self.clear()
        self._items, self._texts, themes = {}, {}, {}
        for product in products.values():
            theme = theme_of(product.theme)
            title = theme.name(language())
            if title not in themes:
                themes[title] = _theme(self, title)
            item = QTreeWidgetItem(themes[title], [tr(product.title), ""])
            wanted = product.default if ticked is None else product.id in ticked
            item.setCheckState(_NAME, Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked)
            item.setData(_NAME, _ID, product.id)
            item.setToolTip(_NAME, _about(product))
            self._items[product.id] = item
            entry = product.entry
            titles = (
                product.id,
                tr(product.title),
                product.title,
                entry.title,
                entry.title_in(language()),
                entry.owner,
            )
            self._texts[product.id] = folded(" ".join((*titles, theme.en, theme.nl, *theme.words)))
        self.expandAll()
        self.blockSignals(False)
        self.changed.emit()

    def search(self, text: str) -> None:
        """Show only what has all words of a text in its title, theme, owner or id."""
        words = folded(text).split()
        for name, item in self._items.items():
            item.setHidden(not all(word in self._texts[name] for word in words))
        for number in range(self.topLevelItemCount()):
            theme = self.topLevelItem(number)
            theme.setHidden(all(theme.child(row).isHidden() for row in range(theme.childCount())))

    def ticked(self) -> list[str]:
        """Return the ids of what is ticked, also where a search hides it."""
        return [name for name, item in self._items.items() if item.checkState(_NAME) == Qt.CheckState.Checked]

    def show_state(self, name: str, status: str, fraction: float = 0.0, message: str = "") -> None:
        """Show where a source is; why it failed stands in its tooltip."""
        item = self._items.get(name)
        if item is None:
            return
        text = f"{100 * fraction:.0f} %" if status == RUNNING else tr(TITLES[status])
        self.blockSignals(True)
        item.setText(_STATE, text)
        item.setForeground(_STATE, QColor(COLOURS[status]))
        item.setToolTip(_STATE, message)
        self.blockSignals(False)

    def clear_states(self) -> None:
        """Show no state."""
        self.blockSignals(True)
        for item in self._items.values():
            item.setText(_STATE, "")
            item.setToolTip(_STATE, "")
        self.blockSignals(False)

    def state_of(self, name: str) -> str:
        """Return the state that is shown for a source."""
        return self._items[name].text(_STATE)


def _theme(tree: QTreeWidget, title: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem(tree, [title])
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsAutoTristate | Qt.ItemFlag.ItemIsUserCheckable)
    font = item.font(_NAME)
    font.setBold(True)
    item.setFont(_NAME, font)
    item.setFirstColumnSpanned(False)
    return item


def _about(product: Product) -> str:
    """Return what a user should know of a source, as the text of a tooltip."""
    entry = product.entry
    lines = {
        tr("Owner"): entry.owner,
        tr("Licence"): entry.licence,
        tr("Access"): tr(LEVELS.get(entry.access_level, entry.access_level)),
        tr("Coordinates"): entry.crs or tr("unknown"),
        tr("How fresh"): entry.freshness(tr),
        tr("Key"): tr("needed") if entry.needs_key else "",
    }
    rows = "".join(f"<br>{name}: {value}" for name, value in lines.items() if value)
    return f"<b>{tr(product.title)}</b>{rows}"
