"""Algorithms of the plugin, by their id: their dialogs, which leave the map and all panels free while they are open."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsApplication, QgsProcessingAlgorithm, QgsTask
from qgis.PyQt import sip

from dtwin_plugin.layers import settings

from .tasks import wait_for

PROVIDER = "dtwin"
_SETTINGS = {"threads": settings.THREADS, "cluster": settings.SCHEDULER}  # parameters that have a setting


def algorithms() -> list[QgsProcessingAlgorithm]:
    """Return all algorithms of the plugin by group and title, as people look for them."""
    provider = QgsApplication.processingRegistry().providerById(PROVIDER)
    found = provider.algorithms() if provider is not None else []
    return sorted(found, key=lambda algorithm: (algorithm.group().casefold(), algorithm.displayName().casefold()))


def filled_in(algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return parameters for a dialog, with what the user has set for those that are not given."""
    known = {
        name: setting.value
        for name, setting in _SETTINGS.items()
        if setting.value != setting.default and algorithm.parameterDefinition(name) is not None
    }
    return {**known, **parameters}


_opened: list[Any] = []  # QGIS keeps the window of a dialog, and not what of it is Python


def open_dialog(identifier: str, parameters: dict[str, Any] | None = None) -> Any:
    """Open the dialog of an algorithm and return it at once; None if there is no such algorithm."""
    import processing

    algorithm = QgsApplication.processingRegistry().algorithmById(identifier)
    if algorithm is None:
        return None
    dialog = processing.createAlgorithmDialog(identifier, filled_in(algorithm, parameters or {}))
    dialog.rejected.connect(dialog.close)  # Escape would hide it only; closed it goes when nothing runs in it
    _opened[:] = [*opened_dialogs(), dialog]
    dialog.show()
    return dialog


def opened_dialogs() -> list[Any]:
    """Return the dialogs that were opened here and are still there: shown, or at work unseen."""
    return [dialog for dialog in _opened if not sip.isdeleted(dialog)]


def is_run(task: QgsTask) -> bool:
    """Tell whether a task is a run of an algorithm of the plugin: QGIS calls it "Executing “title”"."""
    return any(algorithm.displayName() in task.description() for algorithm in algorithms())


def close_dialogs() -> None:
    """Close the dialogs that were opened here, stop what runs, and wait for it: it uses what goes with the plugin."""
    tasks = [task for task in QgsApplication.taskManager().activeTasks() if is_run(task)]
    for task in tasks:
        task.cancel()
    wait_for(tasks)
    for dialog in opened_dialogs():
        dialog.close()
