"""Run inside the real QGIS by `qgis --code`: QGIS quits while a live source is asked that never answers.

The environment tells: DTWIN_TRIAL is the folder to write to, DTWIN_SILENT the address of the server.
"""

import json
import os
import time

from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import QTimer
from qgis.utils import iface

from scripts.trial import FOLDER, panel, until


def quit_now():
    QgsProject.instance().writeEntry("dtwin", "live_history", str(FOLDER / "history.gpkg"))
    dock = panel("DtwinLive", "Live", "Actueel")
    dock.here.setChecked(False)
    dock.offer.setEditText(os.environ["DTWIN_SILENT"])
    dock.add.click()
    waits = until(lambda: QgsApplication.taskManager().countActiveTasks() > 0, 10)
    QgsProject.instance().setDirty(False)
    (FOLDER / "found.json").write_text(json.dumps({"waits": waits, "quit": time.time()}))
    iface.actionExit().trigger()


QTimer.singleShot(1500, quit_now)
