"""Threads that load, draw and calculate end before QGIS does: QGIS 3.40 may die of one that ends after it."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QThread, QThreadPool

PATIENCE = 10_000  # ms: what takes longer is let be; QGIS itself waits for it without an end


class Quitting:
    """Lets the threads of all pools end when QGIS is about to quit, or is removed as QGIS quits; `remove` ends that.

    A thread that opens QGIS's authentication database, as each does that opens a layer, is told to close it when it
    ends. One that is idle for half a minute ends, is started again and is told again, of which QGIS 3.40 remembers the
    last only. It waits for such threads as one of the last things; they then call what is gone, and QGIS dies.
    """

    def __init__(self) -> None:
        QgsApplication.instance().aboutToQuit.connect(self._end_threads)

    def _end_threads(self) -> None:
        # views that are closed go now, as they would right after this: the threads keep what Qt 3D has in them
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        for pool in (QgsApplication.taskManager().threadPool(), QThreadPool.globalInstance()):
            pool.waitForDone(PATIENCE)

    def remove(self) -> None:
        """Let QGIS be as it was.

        A QGIS that quits removes its plugins too: when it hears that it is about to, and so before a plugin that was
        loaded later than it began to listen. No loop of events runs then.
        """
        QgsApplication.instance().aboutToQuit.disconnect(self._end_threads)
        if QThread.currentThread().loopLevel() == 0:
            self._end_threads()
