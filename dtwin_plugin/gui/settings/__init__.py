"""The page of the plugin among the options of QGIS, made when they are opened."""

from __future__ import annotations

from qgis.gui import QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtWidgets import QWidget

from dtwin_plugin.layers.icons import icon
from dtwin_plugin.translate import tr

PAGE = "DtwinSettings"  # by which QGIS finds the page


class SettingsFactory(QgsOptionsWidgetFactory):
    """Makes the page for each dialog with options."""

    def __init__(self) -> None:
        super().__init__(tr("Digital twin"), icon("settings"), PAGE)

    def createWidget(self, parent: QWidget | None = None) -> QgsOptionsPageWidget:
        """Return a new page."""
        from .page import SettingsPage

        return SettingsPage(parent)
