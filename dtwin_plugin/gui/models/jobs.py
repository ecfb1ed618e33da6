"""What runs now: a row for each run of the plugin, with its progress and a button to stop it."""

from __future__ import annotations

from functools import partial

from qgis.core import QgsApplication, QgsTask
from qgis.PyQt import sip
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QVBoxLayout, QWidget

from dtwin_plugin.translate import tr

from ..algorithms import is_run

_ENDED = (QgsTask.TaskStatus.Complete, QgsTask.TaskStatus.Terminated)


class Jobs(QWidget):
    """The rows; tasks are known by their number only, as QGIS deletes them when they have ended."""

    changed = pyqtSignal(int)  # how many run

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[int, _Row] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        manager = QgsApplication.taskManager()
        self._slots = (
            (manager.taskAdded, self._look_at),
            (manager.statusChanged, self._look_at),
            (manager.progressChanged, self._move),
        )
        for signal, slot in self._slots:
            signal.connect(slot)
        for task in manager.activeTasks():
            self._look_at(manager.taskId(task))

    def __len__(self) -> int:
        return len(self._rows)

    def _look_at(self, number: int, status: int | None = None) -> None:
        """Show a task of ours while it runs or waits, and no longer."""
        task = QgsApplication.taskManager().task(number)
        has_ended = task is None or task.status() in _ENDED or status in _ENDED
        if has_ended and number in self._rows:
            row = self._rows.pop(number)
            self._column.removeWidget(row)
            row.deleteLater()
        elif not has_ended and number not in self._rows and is_run(task):
            row = self._rows[number] = _Row(task.description(), partial(self.stop, number))
            row.bar.setValue(int(task.progress()))
            self._column.addWidget(row)
        else:
            return
        self.changed.emit(len(self._rows))

    def _move(self, number: int, progress: float) -> None:
        if number in self._rows:
            self._rows[number].bar.setValue(int(progress))

    def stop(self, number: int) -> None:
        """Ask a run to stop."""
        task = QgsApplication.taskManager().task(number)
        if task is not None and not sip.isdeleted(task):
            task.cancel()
        if number in self._rows:
            self._rows[number].show_stopping()

    def close_for_good(self) -> None:
        """Hear no more of tasks; they run on."""
        for signal, slot in self._slots:
            signal.disconnect(slot)


class _Row(QWidget):
    def __init__(self, text: str, stop: partial[None]) -> None:
        super().__init__()
        self.bar, self.button, self._text = QProgressBar(), QToolButton(), QLabel(text)
        self._text.setMinimumWidth(40)
        self.button.setText(tr("Stop"))
        self.button.setAccessibleName(tr("Stop"))
        self.button.clicked.connect(lambda *_: stop())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._text, 1)
        row.addWidget(self.bar, 1)
        row.addWidget(self.button)

    def show_stopping(self) -> None:
        self.button.setEnabled(False)
        self.bar.setFormat(tr("Stopping…"))
