"""The use of restricted layers goes into the access log: where a model reads one, and where one is opened."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from pathlib import Path

from qgis.core import QgsApplication, QgsMapLayer, QgsMessageLog

from dtwin_plugin.translate import tr
from dtwin_plugin.twin.access_log import Access, append, is_noted

from . import settings
from .privacy import level_of

OPENED = "opened"


def log_path() -> Path:
    """Return where the log is: where the organisation set it, else in the profile of QGIS."""
    given = settings.ACCESS_LOG_FILE.value
    return Path(given) if given else Path(QgsApplication.qgisSettingsDirPath()) / "dtwin" / "access.jsonl"


def note(uses: Iterable[tuple[str, str]], how: str, purpose: str = "") -> None:
    """Note the use of layers, those of which that is to be noted.

    Parameters
    ----------
    uses : iterable of (str, str)
        Title and level of each layer.
    """
    turned_on = bool(settings.ACCESS_LOG.value)
    for layer, level in uses:
        if is_noted(level, turned_on):
            try:
                append(log_path(), Access(_account(), layer, level, how, purpose))
            except OSError as error:  # what a log cannot hold is said, and work goes on
                text = tr("The access log cannot be written: {reason}.").format(reason=error)
                QgsMessageLog.logMessage(text, "Digital Twin")


def note_layers(layers: Iterable[QgsMapLayer]) -> None:
    """Note that layers were opened."""
    note(((layer.metadata().title() or layer.name(), level_of(layer)) for layer in layers), OPENED)


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a computer without accounts
        return "?"
