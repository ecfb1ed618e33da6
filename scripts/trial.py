"""What scripts that run inside the real QGIS share: waiting, clicking, pictures, and telling what was found."""

import json
import os
import time
import traceback
from pathlib import Path

from qgis import utils
from qgis.core import QgsProject
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt, QTimer
from qgis.PyQt.QtGui import QAction, QMouseEvent
from qgis.PyQt.QtWidgets import QApplication, QDockWidget
from qgis.utils import iface

FOLDER = Path(os.environ["DTWIN_TRIAL"])


def pump(seconds):
    """Let QGIS work, and delete what it wants to: `processEvents` does not do that by itself."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        time.sleep(0.01)


def until(true, seconds=60):
    """Wait until something has been true four times on end; whether it came to that."""
    end, good = time.monotonic() + seconds, 0
    while good < 4 and time.monotonic() < end:
        pump(0.1)
        good = good + 1 if true() else 0
    return good >= 4


def picture(name):
    """Keep what is on the screen."""
    pump(0.5)
    QApplication.primaryScreen().grabWindow(0).save(str(FOLDER / f"{name}.png"))


def panel(name, *titles):
    """Open the panel with one of these titles by its entry in the menu, and return it by its object name."""
    action = next(a for a in iface.mainWindow().findChildren(QAction) if a.text() in titles and a.isCheckable())
    if not action.isChecked():
        action.trigger()
    pump(0.3)
    return iface.mainWindow().findChild(QDockWidget, name)


def view3d(width=1000):
    """Open the panel with the 3D view, of a width."""
    dock = panel("DtwinView3D", "3D view", "3D-weergave")
    iface.mainWindow().resizeDocks([dock], [width], Qt.Orientation.Horizontal)
    pump(0.3)
    return dock


def show_map(dock, seconds=60):
    """Show the map in 3D, and wait until all is drawn; whether it is."""
    dock.scene.show_map()
    return until(lambda: is_drawn(dock), seconds)


def is_drawn(dock):
    """Whether there is a view, and all of all views is drawn."""
    return bool(dock.scene.frames) and all(frame.view.is_ready for frame in dock.scene.frames)


def click(canvas, x, y):
    """Click on a 3D view."""
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        left = Qt.MouseButton.LeftButton
        place = QPointF(QPoint(round(x), round(y)))
        buttons = left if kind == QEvent.Type.MouseButtonPress else Qt.MouseButton.NoButton
        QCoreApplication.sendEvent(canvas, QMouseEvent(kind, place, left, buttons, Qt.KeyboardModifier.NoModifier))


def start(run):
    """Run a function that returns what is to be told once QGIS stands, write that to `found.json`, and leave."""
    faults = []
    # QGIS would show faults in slots in a dialog, and wait
    utils.showException = lambda kind, fault, trace, *_: faults.append("".join(traceback.format_exception(fault)))

    def begin():
        iface.mainWindow().resize(QApplication.primaryScreen().availableSize())  # in points, of which a pixel is less
        try:
            found = run()
        except Exception as error:  # noqa: BLE001 - the test shows it
            found = {"error": f"{error}\n{traceback.format_exc()}"}
        if faults:
            found = {**found, "error": found.get("error", "") + "\n".join(faults)}
        (FOLDER / "found.json").write_text(json.dumps(found))
        QgsProject.instance().setDirty(False)
        os._exit(0)

    QTimer.singleShot(1500, begin)
