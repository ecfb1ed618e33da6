"""Run inside the real QGIS by `qgis --code`: layers of every kind come, change and go while 3D views show them.

The environment tells: DTWIN_TRIAL is the folder with what `scripts.small_twin` wrote, and to write `found.json` to;
DTWIN_ROUNDS how often each kind comes and goes; DTWIN_KINDS which kinds, if not all. QGIS ends as a user ends it: its
exit code is a part of the trial.
"""

import faulthandler
import json
import os
import time
import traceback
from pathlib import Path

import qgis._3d  # noqa: F401  without it QGIS dies when it hands over a view
from qgis import utils
from qgis.core import (
    QgsApplication,
    QgsProject,
    QgsTask,
)
from qgis.PyQt.QtCore import QCoreApplication, QRunnable, QThreadPool, QTimer
from qgis.PyQt.QtWidgets import QAction, QDockWidget, QPushButton, QToolBar
from qgis.utils import iface, loadPlugin, startPlugin, unloadPlugin

from scripts.trial import FOLDER, pump, until, view3d
from scripts.view3d_cycles_layers import (
    ALL,
    SMALL,
    added,
    change_source,
    is_drawn,
    is_loading,
    lay_ground,
    memory,
    new_project,
    reloaded,
    remove_all_but_ground,
    restyled,
    small_view,
)

ROUNDS = int(os.environ.get("DTWIN_ROUNDS", "4"))
TIMES = int(os.environ.get("DTWIN_TIMES", "50"))  # of what is done once for all kinds
CHOSEN = os.environ.get("DTWIN_PARTS", "").split()
WANTED = os.environ.get("DTWIN_KINDS", "").split()
STUCK = float(os.environ.get("DTWIN_STUCK", "3600"))  # s after which QGIS is taken to hang
KINDS = {name: ALL[name] for name in WANTED or ALL}
found = {"kinds": sorted(KINDS), "rounds": ROUNDS, "times": TIMES, "steps": 0, "not drawn": 0, "faults": []}
found |= {"closed with jobs": 0, "slowest": {}, "seconds": {}, "rss": {}}


def run():
    """Do all of it, each part with its time and what it leaves in memory."""
    # QGIS would show faults in slots in a dialog, and wait
    utils.showException = lambda kind, fault, *_, **__: found["faults"].append(
        "".join(traceback.format_exception(fault))
    )
    new_project()
    for part in [part for part in PARTS if not CHOSEN or part.__name__ in CHOSEN]:
        begun = time.monotonic()
        found["part"] = part.__name__  # the last one that is written, if QGIS dies
        tell()
        part()
        found["seconds"][part.__name__] = round(time.monotonic() - begun, 1)
        found["rss"][part.__name__] = memory()
    iface.newProject(False)
    pump(1)
    found["part"] = ""


def noted(_kind, fault, *_, **__):
    """Keep a fault in a slot."""
    found["faults"].append("".join(traceback.format_exception(fault)))


def one_view():
    """A view of QGIS's own that its user opened; the panel of the plugin was never there."""
    small_view("plain")
    comings_and_goings()
    found["rss"]["once round"] = found["rss"].get("once round", memory())


def two_views():
    """The same with the view of the panel beside it, each kind at other moments than before."""
    dock = view3d(SMALL[0])
    dock.scene.show_map()
    pump(1)
    found["views"] = len(iface.mapCanvases3D())
    comings_and_goings()
    dock.scene.close_views()
    pump(0.5)


def comings_and_goings():
    """Add, restyle, reload and remove layers of every kind."""
    number = found["steps"]  # by which it is chosen when layers change, and how
    for turn in range(ROUNDS):
        started = time.monotonic()
        for name in KINDS:
            begun = time.monotonic()
            layer = added(name)
            wait(number)
            restyled(layer, name)
            wait(number + 1)
            reloaded(layer, number)
            wait(number // 3)
            remove_all_but_ground(layer if name == "terrain" else None)
            number += 1
            found["slowest"][name] = round(max(time.monotonic() - begun, found["slowest"].get(name, 0.0)), 1)
            tell()
        if turn == 0 and "once round" not in found["rss"]:
            found["rss"]["once round"] = memory()
        with (FOLDER / "rounds.txt").open("a") as lines:  # to be followed while it runs
            lines.write(f"{found['part']} round {turn + 1}: {time.monotonic() - started:.0f} s, {memory()} MB\n")
    found["steps"] = number


def clipping():
    """Cut the scene of the panel and make it whole again, all kinds in view, as its instrument does.

    The panel waits until QGIS reads nothing of the ground: of the bare call of QGIS it would die.
    """
    for name in KINDS:
        added(name)
    scene = view3d(SMALL[0]).scene
    scene.show_map()
    until(lambda: scene.view is not None and scene.view.is_ready, 30)
    for number in range(TIMES):
        # the east of a line stays, another one each time
        scene.view.cut([(1.0, 0.0, -112_000.0 - number % 60)] if number % 2 == 0 else [])
        wait(number // 5)
    found["not drawn"] += not until(lambda: scene.view.is_ready, 60)
    scene.close_views()
    remove_all_but_ground()


def ground_goes():
    """The terrain of the scene is removed, and comes back."""
    for _ in range(5):
        project = QgsProject.instance()
        project.removeMapLayers(list(project.mapLayers()))
        pump(0.3)
        lay_ground()
        pump(0.3)


def closed_while_loading():
    """Close the project and its views while they load."""
    for number in range(max(TIMES // 10, 3)):
        for name in KINDS:
            added(name)
        dock = view3d(SMALL[0])
        dock.scene.show_map()
        for key in dock.actions_by_key:
            dock.choose(key)
        if number % 2:
            small_view(f"plain {number}")
        # Qt dies of a view that goes before its first frame, which is faster than a person is
        found["closed with jobs"] += seen(is_loading, 20)
        pump(0.1 * number)
        new_project()
    found["views of a closed project"] = len(iface.mapCanvases3D())


def tiles_come_first():
    """A layer of 3D Tiles in an empty project: it must not bring the project to degrees."""
    iface.newProject(False)
    pump(0.3)
    added("tiles")
    pump(1)
    found["system after tiles"] = QgsProject.instance().crs().authid()
    new_project()


def tiles_go_at_once():
    """3D Tiles are removed, or get another renderer, while they wait for a thread behind other layers."""
    small_view("tiles")
    others = [added(name) for name in ("surfaces", "voxels", "footprints")]
    for number in range(TIMES):
        for other in others:
            other.trigger3DUpdate()
        layer = added("tiles")
        until_loading(5)
        if number % 2:
            layer.setRenderer3D(layer.renderer3D().clone())
            until_loading(5)
        QgsProject.instance().removeMapLayer(layer.id())
        pump(0.05)
    new_project()


def points_change_source():
    """Point clouds get another source while threads are busy.

    QGIS died of the bare call once, in a thread that loaded.
    """
    small_view("points")
    layer = added("points")
    for _ in range(max(TIMES // 5, 3)):
        found["not drawn"] += not until(is_drawn, 20)  # Qt dies of a view that is closed before its first frame
        busy = [Busy() for _ in range(QThreadPool.globalInstance().maxThreadCount())]
        for job in busy:
            QThreadPool.globalInstance().start(job)
        layer.trigger3DUpdate()
        pump(0.2)
        change_source(layer)
        pump(1)
    new_project()


class Busy(QRunnable):
    """What keeps a thread for a second."""

    def __init__(self):
        super().__init__()
        self.setAutoDelete(False)

    def run(self):
        time.sleep(1)


def seen(true, seconds):
    """Wait until something is true at one look after the first frames; a quick view loads no longer than that."""
    end = time.monotonic() + seconds
    pump(0.4)
    while not (found_true := true()) and time.monotonic() < end:
        pump(0.02)
    return found_true


def until_loading(seconds):
    """Stop at the first moment at which anything is loaded."""
    end = time.monotonic() + seconds
    while not any(view.scene().totalPendingJobsCount() for view in iface.mapCanvases3D()) and time.monotonic() < end:
        QCoreApplication.processEvents()


def loaded_again():
    """Unload the plugin and load it again: nothing of it may stay."""
    view3d(SMALL[0])
    counts = []
    for _ in range(3):
        unloadPlugin("dtwin_plugin")
        pump(0.5)
        counts.append(left_behind())
        loadPlugin("dtwin_plugin")
        startPlugin("dtwin_plugin")
        scene = view3d(SMALL[0]).scene
        scene.show_map()
        until(lambda scene=scene: scene.view is not None and scene.view.is_ready, 30)
    unloadPlugin("dtwin_plugin")
    pump(0.5)
    found["left"] = [*counts, left_behind()]


def views_without_plugin():
    """What a view of QGIS's own that was closed leaves in memory, where the plugin is not loaded."""
    unloadPlugin("dtwin_plugin")
    new_project()
    for name in ("surfaces", "trees", "voxels"):
        added(name)
    found["without plugin"] = [memory()]
    for number in range(max(TIMES // 5, 3)):
        small_view(f"alone {number}")
        until(is_drawn, 30)
        iface.closeMapCanvas3D(f"alone {number}")
        pump(0.5)
        found["without plugin"].append(memory())


def threads_come_again():
    """Threads open the authentication database, end, and are started again: of that QGIS 3.40 dies when it quits.

    In QGIS alone too, where no plugin lets them end first. An idle thread ends after half a minute; here it is soon.
    """
    if "dtwin_plugin" not in utils.plugins:  # another part may have unloaded it
        loadPlugin("dtwin_plugin")
        startPlugin("dtwin_plugin")
    pool, opened_by = QgsApplication.taskManager().threadPool(), []

    def work(_task):
        time.sleep(0.2)
        opened_by.append(QgsApplication.authManager().configIds())

    patience = pool.expiryTimeout()
    for end_soon in (True, True, False):
        pool.setExpiryTimeout(100 if end_soon else patience)
        count, tasks = len(opened_by), [QgsTask.fromFunction(f"{number}", work) for number in range(4)]
        for task in tasks:
            QgsApplication.taskManager().addTask(task)
        until(lambda count=count, tasks=tasks: len(opened_by) == count + len(tasks), 20)
        pump(1)
    found["opened by threads"] = len(opened_by)


def left_behind():
    """Count what could stay of a plugin in QGIS, and name what is known to be its own."""
    window, project = iface.mainWindow(), QgsProject.instance()
    bars = [*window.findChildren(QDockWidget), *window.findChildren(QToolBar)]
    return {
        "actions": len(window.findChildren(QAction)),
        "docks": len(window.findChildren(QDockWidget)),
        "own": [item.objectName() for item in bars if item.objectName().startswith("Dtwin")],
        "views": len(iface.mapCanvases3D()),
        # of each 3D view QGIS itself leaves a button "Help" without a parent
        "widgets": sum(w.parent() is not None or not isinstance(w, QPushButton) for w in QgsApplication.allWidgets()),
        "receivers": {
            "layersWillBeRemoved": project.receivers(project.layersWillBeRemoved["QStringList"]),
            "cleared": project.receivers(project.cleared),
            "readProject": project.receivers(project.readProject),
            "layersChanged": iface.mapCanvas().receivers(iface.mapCanvas().layersChanged),
        },
        "locator": [f.name() for f in iface.locatorFilters()] if hasattr(iface, "locatorFilters") else [],
        "folders": len(list(Path(os.environ.get("TMPDIR", "/tmp")).glob("dtwin-*"))),
        "provider": QgsApplication.processingRegistry().providerById("dtwin") is not None,
    }


def wait(number):
    """Let QGIS begin, go on for a while, or finish: layers change at any moment of it."""
    if number % 3 == 2:
        found["not drawn"] += not until(is_drawn, 20)
    else:
        pump((0.0, 0.05)[number % 3])


def tell():
    (FOLDER / "found.json").write_text(json.dumps(found, indent=1))


def begin():
    died = (FOLDER / "died.txt").open("w")
    faulthandler.enable(died)
    faulthandler.dump_traceback_later(STUCK, exit=True, file=died)
    iface.mainWindow().resize(800, 600)
    try:
        run()
    except Exception as error:  # noqa: BLE001 - who asked is told
        found["error"] = f"{error}\n{traceback.format_exc()}"
    tell()
    QgsProject.instance().setDirty(False)
    QTimer.singleShot(100, iface.actionExit().trigger)


PARTS = (
    one_view,
    two_views,
    clipping,
    ground_goes,
    closed_while_loading,
    tiles_come_first,
    tiles_go_at_once,
    points_change_source,
    loaded_again,
    views_without_plugin,
    threads_come_again,
)
QTimer.singleShot(1500, begin)
