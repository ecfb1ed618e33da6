"""The main thread while it waits: QGIS is still heard in it, as it carries cancelling, passwords and certificates."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QEventLoop, QThread, QTimer

_LOOK = 50  # ms between looks at whether it is done
T = TypeVar("T")


def is_main() -> bool:
    """Tell whether this is the thread of QGIS itself."""
    application = QgsApplication.instance()
    return application is not None and bool(QThread.currentThread() == application.thread())


def events() -> QEventLoop.ProcessEventsFlag:
    """Return what a thread does while it waits.

    In the main thread that is all but what the user does, lest an action begins in the middle of another; where a
    window holds the user, such as that of QGIS with a button to cancel, that too.
    """
    if is_main() and QgsApplication.activeModalWidget() is None:
        return QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents
    return QEventLoop.ProcessEventsFlag.AllEvents


def alongside(call: Callable[[], T]) -> T:
    """Return what `call` returns; the main thread lets it run in another one, and hears QGIS meanwhile."""
    if not is_main():
        return call()
    with ThreadPoolExecutor(1, thread_name_prefix="dtwin-alongside") as pool:
        future: Future[T] = pool.submit(contextvars.copy_context().run, call)
        loop, ticker = QEventLoop(), QTimer()
        ticker.timeout.connect(loop.quit)
        ticker.start(_LOOK)
        while not future.done():
            loop.exec(events())
        return future.result()
