"""Asking live sources in the background: each when it is due, one question at a time, and stopped within a second."""

from __future__ import annotations

import time
from dataclasses import replace

from qgis.core import QgsApplication, QgsProject, QgsTask
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from dtwin_plugin.errors import DtwinError
from dtwin_plugin.layers import live
from dtwin_plugin.translate import tr
from dtwin_plugin.twin.live.feed import Feed, Watch
from dtwin_plugin.twin.live.history import History

from ..live_start import may_start, remember
from ..tasks import wait_for

_LOOK = 1000  # ms between looks at what is due
_AT_ONCE = 2  # questions under way, so that other tasks of QGIS have room


class AskTask(QgsTask):
    """One question in the background; it does not keep QGIS from quitting."""

    def __init__(self, question: live.Question) -> None:
        flags = QgsTask.Flag.CanCancel | QgsTask.Flag.CancelWithoutPrompt | QgsTask.Flag.Silent | QgsTask.Flag.Hidden
        super().__init__(tr("Live: {source}").format(source=question.watch.feed.title), flags)
        self.question = question

    def run(self) -> bool:
        """Ask; in a thread of QGIS's."""
        self.question.ask(time.monotonic)
        return True

    def cancel(self) -> None:
        """Break the request off."""
        self.question.is_cancelled = True
        super().cancel()


class Polling(QObject):
    """The feeds of the project, and their questions.

    `changed` tells that one began, ended, or was added or taken away.
    """

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.questions: dict[str, live.Question] = {}
        self._unknown: dict[str, Feed] = {}  # of a catalogue that is not this one
        self._tasks: dict[str, AskTask] = {}
        self._held: History | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self._look)
        self.read_project()

    @property
    def watches(self) -> list[Watch]:
        """The state of each feed."""
        return [question.watch for question in self.questions.values()]

    def read_project(self) -> None:
        """Let go of what was asked, and begin with what the project tells."""
        self.stop_all()
        project = QgsProject.instance()
        self.questions, self._unknown = {}, {}
        for feed in live.feeds_of(project):
            feed = replace(feed, running=feed.running and may_start(feed.source))
            self._add(feed)
        self._run()
        self.changed.emit()

    def _add(self, feed: Feed) -> None:
        try:
            path = live.history_path(QgsProject.instance())
            self.questions[feed.source] = live.Question(Watch(feed, due=time.monotonic()), path)
        except DtwinError:  # a source that this catalogue does not have: it stays in the project for who has it
            self._unknown[feed.source] = feed

    def add(self, feed: Feed) -> None:
        """Add a feed, or replace it."""
        self._halt(feed.source)
        self._add(feed)
        self._keep()

    def take_away(self, source: str) -> None:
        """Ask a source no more; its history stays."""
        self._halt(source)
        self.questions.pop(source, None)
        self._unknown.pop(source, None)
        self._keep()

    def start(self, source: str) -> None:
        """Ask a source from now on."""
        remember(source)
        self._set(source, True)

    def stop(self, source: str) -> None:
        """Ask a source no more until it is started."""
        self._halt(source)
        self._set(source, False)

    def is_asking(self, source: str) -> bool:
        """Tell whether a question is under way."""
        return source in self._tasks

    def _set(self, source: str, running: bool) -> None:
        question = self.questions[source]
        question.is_cancelled = False
        question.watch.feed = replace(question.watch.feed, running=running)
        question.watch.due = time.monotonic()
        self._keep()

    def _keep(self) -> None:
        live.keep_feeds(QgsProject.instance(), [*(watch.feed for watch in self.watches), *self._unknown.values()])
        self._run()
        self.changed.emit()

    def _run(self) -> None:
        """Look at the clock as long as anything is running."""
        if any(watch.feed.running for watch in self.watches):
            if not self._timer.isActive():
                self._hold()
                self._timer.start()
                QTimer.singleShot(0, self._look)
        else:
            self._timer.stop()

    def _hold(self) -> None:
        """Keep the history open: QGIS would else take its log of writing away with each layer that closes it.

        It reads a file without such a log without locks, and may then see it half written.
        """
        if self._held is None:
            try:
                self._held = History(live.history_path(QgsProject.instance()))
            except (DtwinError, OSError):  # each question tells it
                return

    def _look(self) -> None:
        now = time.monotonic()
        waiting = [q for q in self.questions.values() if q.watch.feed.running and q.watch.due <= now]
        for question in sorted(waiting, key=lambda question: question.watch.due):
            source = question.watch.feed.source
            if source not in self._tasks and len(self._tasks) < _AT_ONCE:
                self._ask(source, question)

    def _ask(self, source: str, question: live.Question) -> None:
        question.is_cancelled = False
        task = AskTask(question)
        self._tasks[source] = task
        task.taskCompleted.connect(lambda: self._ended(source, task))
        task.taskTerminated.connect(lambda: self._ended(source, task))
        QgsApplication.taskManager().addTask(task)
        self.changed.emit()

    def _ended(self, source: str, task: AskTask) -> None:
        if self._tasks.get(source) is not task:
            return
        del self._tasks[source]
        for layer in live.layers_of(QgsProject.instance(), task.question.path):
            layer.triggerRepaint()
        self.changed.emit()

    def _halt(self, source: str) -> None:
        task = self._tasks.pop(source, None)
        if task is not None:
            task.cancel()
            wait_for([task])

    def stop_all(self) -> None:
        """Break off all questions, and look at the clock no more."""
        self._timer.stop()
        tasks = list(self._tasks.values())
        self._tasks = {}
        for task in tasks:
            task.cancel()
        wait_for(tasks)
        if self._held is not None:
            self._held.close()
            self._held = None
