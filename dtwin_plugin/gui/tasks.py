"""Tasks of QGIS that must have ended before what they use is taken away."""

from __future__ import annotations

import time
from collections.abc import Sequence

from qgis.core import QgsTask
from qgis.PyQt import sip

PATIENCE = 5.0  # s that unloading waits for a run to end; it hears of it within a second
_MOMENT = 0.02  # s between two looks
_ENDED = (QgsTask.TaskStatus.Complete, QgsTask.TaskStatus.Terminated)


def wait_for(tasks: Sequence[QgsTask | None], patience: float = PATIENCE) -> bool:
    """Wait until tasks that were asked to stop have ended, and return whether they have within `patience` [s].

    Events are not handled while waiting: what would be deleted is still in use. A task that does not end in time goes
    on until it hears of it.
    """
    end = time.monotonic() + patience
    while not all(map(has_ended, tasks)) and time.monotonic() < end:
        time.sleep(_MOMENT)  # other threads run
    return all(map(has_ended, tasks))


def has_ended(task: QgsTask | None) -> bool:
    """Tell whether no thread works for a task any more; it is then ended too, without waiting for events."""
    if task is None or sip.isdeleted(task):
        return True
    if task.status() == QgsTask.TaskStatus.Running:
        return bool(task.waitForFinished(1))  # ms; other threads of Python do not run meanwhile
    return task.status() in _ENDED
