"""A toolbar that is read as long as there is room, and known by its icons where there is not."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QResizeEvent
from qgis.PyQt.QtWidgets import QToolBar


class Bar(QToolBar):
    """Texts beside the icons as long as all of them fit, else the icons alone; more than fit stand behind an arrow."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = 0  # px that all texts take
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose what fits."""
        super().resizeEvent(event)
        texts = self.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        self._whole = self.sizeHint().width() if texts else self._whole
        styles = Qt.ToolButtonStyle
        wanted = styles.ToolButtonTextBesideIcon if self._whole <= event.size().width() else styles.ToolButtonIconOnly
        if wanted != self.toolButtonStyle():
            self.setToolButtonStyle(wanted)
