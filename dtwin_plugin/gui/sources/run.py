"""Running the algorithm in the background, with the state of each source as a signal."""

from __future__ import annotations

import atexit
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
)
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..tasks import PATIENCE, wait_for

ALGORITHM = "dtwin:loadarea"


class Feedback(QgsProcessingFeedback):
    """Feedback that tells where each source is; the algorithm looks for `on_source`."""

    source = pyqtSignal(str, str, float, str)
    warning = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__(False)
        self.errors: list[str] = []
        self.warnings: list[str] = []

    def on_source(self, name: str, status: str, fraction: float, message: str) -> None:
        """Pass a state on, from whatever thread."""
        self.source.emit(name, status, fraction, message)

    def pushWarning(self, warning: str) -> None:
        """Keep a warning for the panel too."""
        super().pushWarning(warning)
        self.warnings.append(warning)
        self.warning.emit(warning)

    def reportError(self, error: str, fatalError: bool = False) -> None:
        """Keep why it ended."""
        super().reportError(error, fatalError)
        self.errors.append(error)


class Run(QObject):
    """One run in the background; `ended` says whether it went well, its outputs, and otherwise why not.

    QGIS's task uses context and feedback to its end and keeps no reference to them; neither does Python to what a
    task holds. So the run is kept until its task has ended.
    """

    ended = pyqtSignal(bool, dict, str)

    def __init__(self, parameters: dict[str, Any], project: QgsProject, algorithm: str = ALGORITHM) -> None:
        super().__init__()
        self.feedback, self._parameters = Feedback(), parameters
        self._context = QgsProcessingContext()
        self._context.setProject(project)
        self._context.setFeedback(self.feedback)
        self._algorithm = QgsApplication.processingRegistry().createAlgorithmById(algorithm)
        self._task: QgsProcessingAlgRunnerTask | None = None
        self._is_closed = False

    def problem(self) -> str:
        """Return what is wrong with what is asked, "" where nothing is; no service is asked for it."""
        well, reason = self._algorithm.checkParameterValues(self._parameters, self._context)
        return "" if well else reason

    def start(self) -> None:
        """Begin."""
        task = QgsProcessingAlgRunnerTask(self._algorithm, self._parameters, self._context, self.feedback)
        task.executed.connect(self._end)
        self._task = task
        atexit.register(self.stop)  # holds the run, also when the modules of the plugin are unloaded
        QgsApplication.taskManager().addTask(task)

    def stop(self) -> None:
        """Ask it to stop."""
        self.feedback.cancel()

    def close(self, patience: float = PATIENCE) -> bool:
        """Stop it, tell nobody any more, and wait until it has ended; return whether it has within `patience` [s].

        A run that does not end in time lives until it does.
        """
        self._is_closed = True
        self.feedback.blockSignals(True)
        self.feedback.cancel()
        return wait_for([self._task], patience)

    def _let_go(self) -> None:
        atexit.unregister(self.stop)

    def _end(self, successful: bool, results: dict[str, Any]) -> None:
        QTimer.singleShot(0, self._let_go)  # the task is still at work here
        if self._is_closed:
            return
        if successful:
            from processing.gui.Postprocessing import handleAlgorithmResults

            handleAlgorithmResults(self._algorithm, self._context, self.feedback, self._parameters)
        self.ended.emit(successful, results, "" if successful else "\n".join(self.feedback.errors[-1:]))
