"""Running the algorithm in the background, with the state of each source as a signal."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
)
from qgis.PyQt.QtCore import QObject, pyqtSignal

ALGORITHM = "dtwin:loadarea"


class Feedback(QgsProcessingFeedback):
    """Feedback that tells where each source is; the algorithm looks for `on_source`."""

    source = pyqtSignal(str, str, float, str)
    warning = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__(False)
        self.errors: list[str] = []

    def on_source(self, name: str, status: str, fraction: float, message: str) -> None:
        """Pass a state on, from whatever thread."""
        self.source.emit(name, status, fraction, message)

    def pushWarning(self, warning: str) -> None:
        """Keep a warning for the panel too."""
        super().pushWarning(warning)
        self.warning.emit(warning)

    def reportError(self, error: str, fatalError: bool = False) -> None:
        """Keep why it ended."""
        super().reportError(error, fatalError)
        self.errors.append(error)


class Run(QObject):
    """One load in the background; `ended` says whether it went well, its outputs, and otherwise why not."""

    ended = pyqtSignal(bool, dict, str)

    def __init__(self, parameters: dict[str, Any], project: QgsProject) -> None:
        super().__init__()
        self.feedback, self._parameters = Feedback(), parameters
        self._context = QgsProcessingContext()
        self._context.setProject(project)
        self._context.setFeedback(self.feedback)
        self._algorithm = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
        self._task: QgsProcessingAlgRunnerTask | None = None

    def start(self) -> None:
        """Begin."""
        task = QgsProcessingAlgRunnerTask(self._algorithm, self._parameters, self._context, self.feedback)
        task.executed.connect(self._end)
        self._task = task
        QgsApplication.taskManager().addTask(task)

    def stop(self) -> None:
        """Ask it to stop."""
        self.feedback.cancel()

    def _end(self, successful: bool, results: dict[str, Any]) -> None:
        if successful:
            from processing.gui.Postprocessing import handleAlgorithmResults

            handleAlgorithmResults(self._algorithm, self._context, self.feedback, self._parameters)
        self.ended.emit(successful, results, "" if successful else "\n".join(self.feedback.errors[-1:]))
