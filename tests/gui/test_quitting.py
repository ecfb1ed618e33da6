"""Threads of QGIS's pools end when it quits, and only then."""

import threading

import pytest
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QEventLoop, QRunnable, QThread, QTimer

from dtwin_plugin.gui.quitting import Quitting


class Seen(QRunnable):
    """What tells the thread that it ran in, and waits for another so that each has a thread."""

    def __init__(self, seen, meet):
        super().__init__()
        self.seen, self.meet = seen, meet

    def run(self):
        self.seen.append(QThread.currentThread())
        self.meet.wait(10)


@pytest.fixture
def threads(qgis_app):
    """Return two threads of the pool of tasks, idle."""
    pool, seen, meet = QgsApplication.taskManager().threadPool(), [], threading.Barrier(3)
    for job in [Seen(seen, meet) for _ in range(2)]:
        pool.start(job)
    meet.wait(10)
    return [thread for thread in seen if not thread.isFinished()]


def ended(threads):
    """Tell which have ended: QGIS deletes the threads of a pool that was waited for."""
    from qgis.PyQt import sip

    return [sip.isdeleted(thread) or thread.isFinished() for thread in threads]


def test_threads_end_when_qgis_quits(threads):
    quitting = Quitting()
    QgsApplication.instance().aboutToQuit.emit()
    quitting.remove()
    assert ended(threads) == [True, True]


def test_threads_end_with_a_plugin_that_is_removed_as_qgis_quits(threads):
    """QGIS removes plugins when it is about to quit, before one that was loaded again hears of that itself."""
    assert QThread.currentThread().loopLevel() == 0  # as then
    Quitting().remove()
    assert ended(threads) == [True, True]


def test_threads_stay_when_a_user_removes_the_plugin(threads):
    """Qt 3D keeps things in them, and would die: views of the user may be open."""
    loop, quitting = QEventLoop(), Quitting()
    QTimer.singleShot(0, lambda: (quitting.remove(), loop.quit()))
    loop.exec()
    assert ended(threads) == [False, False]
