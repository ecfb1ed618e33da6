"""Colours with what they mean, below titles."""

from __future__ import annotations

from collections.abc import Iterable

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QIcon, QPixmap
from qgis.PyQt.QtWidgets import QTreeWidget, QTreeWidgetItem

_SIDE = 14  # px


def swatch(colour: str) -> QIcon:
    """Return a square of a colour."""
    square = QPixmap(_SIDE, _SIDE)
    square.fill(QColor(colour))
    return QIcon(square)


class Swatches(QTreeWidget):
    """Groups of classes."""

    def __init__(self) -> None:
        super().__init__()
        self.setHeaderHidden(True)
        self.setWordWrap(True)

    def add_group(self, title: str, classes: Iterable[tuple[str, str]]) -> QTreeWidgetItem:
        """Add a title with colours and labels below it, and return its item."""
        group = QTreeWidgetItem([title])
        for colour, label in classes:
            item = QTreeWidgetItem([label])
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            if colour:
                item.setIcon(0, swatch(colour))
            group.addChild(item)
        self.addTopLevelItem(group)
        group.setExpanded(True)
        return group
