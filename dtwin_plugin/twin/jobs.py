"""Several pieces of work at once, of which one may fail: each with its progress, a journal to go on from, and a log.

Nothing here knows what a piece of work is. Loading an area is one use: a task for each source.
"""

from __future__ import annotations

import contextvars
import json
import shutil
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import Cancelled, DtwinError, file_error
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

DONE, REUSED, FAILED, CANCELLED = "done", "reused", "failed", "cancelled"
WAITING, RUNNING = "waiting", "running"
TITLES = {
    WAITING: mark("waiting"),
    RUNNING: mark("loading"),
    DONE: mark("loaded"),
    REUSED: mark("loaded before"),
    FAILED: mark("failed"),
    CANCELLED: mark("stopped"),
}
_STATE = "state.json"
_VERSION = 1


@dataclass(frozen=True)
class Task:
    """A piece of work.

    Attributes
    ----------
    id, title : str
        The id is a folder name too.
    key : str
        Says what is asked; the same id with another key is done anew.
    run : callable
        `run(folder, progress)` writes to a folder of its own and returns facts as plain data.
    """

    id: str
    title: str
    key: str
    run: Callable[[Path, Progress], dict[str, Any]]


@dataclass(frozen=True)
class Outcome:
    """How a task ended.

    Attributes
    ----------
    status : str
        "done", "reused" (it was done before), "failed" or "cancelled".
    message : str
        Why it failed.
    facts : dict
        What the task returned.
    """

    id: str
    title: str
    status: str
    message: str = ""
    warnings: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    started: str = ""
    seconds: float = 0.0

    @property
    def has_result(self) -> bool:
        """Whether there is a result, of this time or of one before."""
        return self.status in (DONE, REUSED)


class Journal:
    """A folder with a folder for each finished task, so that work that was broken off goes on where it was.

    Parameters
    ----------
    oldest : float
        Age [s] after which a result is made anew: what a service said last week is no answer for today.
    """

    def __init__(self, folder: Path, oldest: float = 24 * 3600) -> None:
        self.folder, self.oldest = folder, oldest

    def place(self, task: Task) -> Path:
        """Return the folder of a task's results."""
        return self.folder / task.id

    def found(self, task: Task) -> Outcome | None:
        """Return how a task ended, if it was done before with the same key and its files are still there."""
        try:
            state = json.loads((self.place(task) / _STATE).read_text(encoding="utf-8"))
            age = datetime.now(timezone.utc) - datetime.fromisoformat(state["outcome"]["started"])
            right = state["version"] == _VERSION and state["key"] == task.key and age.total_seconds() < self.oldest
            whole = right and all((self.place(task) / name).stat().st_size == size for name, size in state["files"])
            return Outcome(**{**state["outcome"], "warnings": tuple(state["outcome"]["warnings"])}) if whole else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, task: Task, made: Path, outcome: Outcome) -> None:
        """Take in the folder that a task has written."""
        files = [(str(p.relative_to(made).as_posix()), p.stat().st_size) for p in made.rglob("*") if p.is_file()]
        state = {"version": _VERSION, "key": task.key, "files": files, "outcome": asdict(outcome)}
        (made / _STATE).write_text(json.dumps(state), encoding="utf-8")

    def clear(self) -> None:
        """Forget all."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Board:
    """Where each task is, for whoever shows it; safe to use from several threads.

    Parameters
    ----------
    progress : Progress
        Hears the mean of all, and the messages with the title of their task.
    watch : callable, optional
        `watch(id, status, fraction, message)` at every change of one task.
    """

    def __init__(
        self, tasks: Sequence[Task], progress: Progress, watch: Callable[[str, str, float, str], None] | None = None
    ) -> None:
        self._fractions = {task.id: 0.0 for task in tasks}
        self._titles = {task.id: task.title for task in tasks}
        self._progress, self._watch, self._lock = progress, watch, threading.Lock()

    def show(self, name: str, status: str, fraction: float, message: str = "") -> None:
        """Tell where a task is."""
        with self._lock:
            self._fractions[name] = max(self._fractions[name], min(1.0, fraction))
            total = sum(self._fractions.values()) / max(1, len(self._fractions))
            template = "{task}: {text}" if message else ""
            self._progress.report(total, template, task=self._titles[name], text=message)
            if self._watch is not None:
                self._watch(name, status, self._fractions[name], message)

    def warn(self, name: str, message: str) -> None:
        """Pass a warning on, with the title of its task."""
        with self._lock:
            self._progress.warn("{task}: {text}", task=self._titles[name], text=message)

    def is_cancelled(self) -> bool:
        """Tell whether the user wants to stop."""
        return self._progress.is_cancelled()


class TaskProgress:
    """The `Progress` of one task."""

    def __init__(self, board: Board, name: str, translate: Callable[[str], str]) -> None:
        self._board, self._name, self._translate = board, name, translate
        self.warnings: list[str] = []

    def report(self, fraction: float, message: str = "", **values: Any) -> None:
        """Move the bar of this task; the last hundredth is its end."""
        text = self._translate(message) if message else ""
        self._board.show(self._name, RUNNING, 0.99 * fraction, text.format(**values) if values else text)

    def warn(self, message: str, **values: Any) -> None:
        """Keep a warning for the log, and pass it on."""
        text = self._translate(message)
        self.warnings.append(text.format(**values) if values else text)
        self._board.warn(self._name, self.warnings[-1])

    def is_cancelled(self) -> bool:
        """Tell whether the user wants to stop."""
        return self._board.is_cancelled()


def run_all(
    tasks: Sequence[Task],
    journal: Journal,
    board: Board,
    workers: int = 4,
    translate: Callable[[str], str] = str,
    on_end: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Run the tasks that the journal does not have, some at once, and return how each ended, in their order.

    A task that raises DtwinError or OSError has failed; the others go on. When the user stops it, tasks that are
    running hear so, those that wait do not begin, and what is done stays in the journal.
    """
    with ThreadPoolExecutor(max(1, workers), thread_name_prefix="dtwin") as pool:
        futures = [pool.submit(contextvars.copy_context().run, _one, task, journal, board, translate) for task in tasks]
        for future in as_completed(futures):
            if on_end is not None:
                on_end(_ended(tasks[futures.index(future)], future))
    return [_ended(task, future) for task, future in zip(tasks, futures)]


def _ended(task: Task, future: Future[Outcome]) -> Outcome:
    """Return how a task ended; one that ended in a fault of ours has failed, and its traceback is kept for the log."""
    fault = future.exception()
    if fault is None:
        return future.result()
    lines = traceback.format_exception(type(fault), fault, fault.__traceback__)
    message = f"{type(fault).__name__}: {fault}"
    return Outcome(task.id, task.title, FAILED, message, facts={"traceback": "".join(lines)})


def _one(task: Task, journal: Journal, board: Board, translate: Callable[[str], str]) -> Outcome:
    """Run one task, and keep what it made."""
    started, begin = datetime.now(timezone.utc).isoformat(timespec="seconds"), time.monotonic()
    if board.is_cancelled():
        return Outcome(task.id, task.title, CANCELLED, started=started)
    if (found := journal.found(task)) is not None:
        board.show(task.id, REUSED, 1.0)
        return Outcome(task.id, task.title, REUSED, "", found.warnings, found.facts, found.started, 0.0)
    progress = TaskProgress(board, task.id, translate)
    board.show(task.id, RUNNING, 0.0)
    status, message, facts = DONE, "", {}
    try:
        with written_beside(journal.place(task)) as folder:
            folder.mkdir(parents=True)
            facts = task.run(folder, progress)
            outcome = _outcome(task, DONE, "", progress, facts, started, begin)
            journal.keep(task, folder, outcome)
    except Cancelled:
        status = CANCELLED
    except DtwinError as error:
        status, message = FAILED, error.text(translate)
    except OSError as error:
        status, message = FAILED, file_error(error).text(translate)
    board.show(task.id, status, 1.0, message)
    return _outcome(task, status, message, progress, facts, started, begin)


def _outcome(
    task: Task, status: str, message: str, progress: TaskProgress, facts: dict[str, Any], started: str, begin: float
) -> Outcome:
    seconds = round(time.monotonic() - begin, 2)
    return Outcome(task.id, task.title, status, message, tuple(progress.warnings), facts, started, seconds)
