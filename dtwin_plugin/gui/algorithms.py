"""Algorithms of the plugin, by their id: their dialogs, which leave the map and all panels free while they are open."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsApplication, QgsProcessingAlgorithm
from qgis.gui import QgsProcessingAlgorithmDialogBase
from qgis.PyQt.QtWidgets import QWidget

from dtwin_plugin.layers import settings

PROVIDER = "dtwin"
_SETTINGS = {"threads": settings.THREADS, "cluster": settings.SCHEDULER}  # parameters that have a setting


def algorithms() -> list[QgsProcessingAlgorithm]:
    """Return all algorithms of the plugin, in the order in which they were added."""
    provider = QgsApplication.processingRegistry().providerById(PROVIDER)
    return list(provider.algorithms()) if provider is not None else []


def filled_in(algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return parameters for a dialog, with what the user has set for those that are not given."""
    known = {
        name: setting.value
        for name, setting in _SETTINGS.items()
        if setting.value != setting.default and algorithm.parameterDefinition(name) is not None
    }
    return {**known, **parameters}


def open_dialog(identifier: str, parameters: dict[str, Any] | None = None) -> Any:
    """Open the dialog of an algorithm and return it at once; None if there is no such algorithm."""
    import processing

    algorithm = QgsApplication.processingRegistry().algorithmById(identifier)
    if algorithm is None:
        return None
    dialog = processing.createAlgorithmDialog(identifier, filled_in(algorithm, parameters or {}))
    dialog.rejected.connect(dialog.close)  # Escape would hide it only; closed it goes when nothing runs in it
    dialog.show()
    return dialog


def close_dialogs(window: QWidget) -> None:
    """Close the dialogs of the plugin that are open in a window."""
    for dialog in window.findChildren(QgsProcessingAlgorithmDialogBase):
        algorithm = dialog.algorithm()
        if algorithm is not None and algorithm.id().startswith(f"{PROVIDER}:"):
            dialog.close()
