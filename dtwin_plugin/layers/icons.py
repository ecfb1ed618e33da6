"""The icons of the plugin, by name."""

from __future__ import annotations

from qgis.PyQt.QtGui import QIcon

from dtwin_plugin.paths import plugin_file


def icon(name: str) -> QIcon:
    """Return an icon; that of the plugin where none is drawn for the name."""
    try:
        return QIcon(str(plugin_file("resources", "icons", f"{name}.svg")))
    except FileNotFoundError:
        return QIcon(str(plugin_file("resources", "icons", "dtwin.svg")))
