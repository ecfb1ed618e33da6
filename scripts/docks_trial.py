"""Run inside the real QGIS by `qgis --code`: the menu, the panels Models and Scenarios, and the page of settings.

The environment tells: DTWIN_TRIAL is the folder with two maps of water, `now.tif` and `plan.tif`, and to write to.
"""

import sys
import time

from qgis.core import QgsApplication, QgsCoordinateReferenceSystem, QgsProject, QgsRasterLayer
from qgis.gui import QgsGui
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QMenu, QSpinBox, QToolBar
from qgis.utils import iface, loadPlugin, startPlugin, unloadPlugin

from scripts.trial import FOLDER, is_drawn, panel, picture, pump, start, until


def window():
    """What of the plugin is in the window."""
    main = iface.mainWindow()
    return {
        "menus": [a.text() for a in main.menuBar().actions() if a.menu() and a.menu().objectName() == "DtwinMenu"],
        "toolbars": len(main.findChildren(QToolBar, "DtwinToolBar")),
        "docks": [d.objectName() for d in main.findChildren(QDockWidget) if d.objectName().startswith("Dtwin")],
        "keys": [
            a.objectName() for a in QgsGui.shortcutsManager().listActions() if a.objectName().startswith("DtwinS")
        ],
        "dialogs": len([w for w in QApplication.topLevelWidgets() if w.metaObject().className() == "AlgorithmDialog"]),
    }


def collisions():
    """Shortcuts of the plugin that something else in QGIS has too."""
    actions = QgsGui.shortcutsManager().listActions()
    ours = {a.shortcut().toString(): a.toolTip() for a in actions if a.objectName().startswith("DtwinShow")}
    keys = [a.shortcut().toString() for a in actions] + [
        s.key().toString() for s in QgsGui.shortcutsManager().listShortcuts()
    ]
    return {"ours": ours, "twice": [key for key in ours if keys.count(key) > 1]}


def opened():
    from dtwin_plugin.gui.algorithms import opened_dialogs

    return opened_dialogs()


def shot(name):
    """Keep the whole window, also what is beyond the screen."""
    pump(0.5)
    iface.mainWindow().grab().save(str(FOLDER / f"{name}.png"))


def depths():
    layers = []
    for name in ("now", "plan"):
        layer = QgsRasterLayer(str(FOLDER / f"{name}.tif"), name)
        from dtwin_plugin.layers.finish import load_sidecars

        load_sidecars(layer)
        QgsProject.instance().addMapLayer(layer)
        layers.append(layer)
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    iface.mapCanvas().setExtent(layers[0].extent())
    return layers


def scenarios(found):
    now, plan = depths()
    root = QgsProject.instance().layerTreeRoot()
    dock = panel("DtwinScenarios", "Scenarios", "Scenario's")
    for name, shown, hidden in (("Nu", now, plan), ("Wadi op het plein", plan, now)):
        root.findLayer(shown).setItemVisibilityChecked(True)
        root.findLayer(hidden).setItemVisibilityChecked(False)
        dock.name.setText(name)
        dock.new.click()
    dock.details.purpose.setText("Blijft de school droog?")
    dock.details.keep()
    dock.choose("Nu")
    dock.show_button.click()
    pump(1)
    found["seen"] = [node.name() for node in root.findLayers() if node.isVisible()]
    shot("scenarios")
    dock.difference.click()
    pump(1)
    (dialog,) = opened()
    found["modal"] = dialog.isModal()
    found["filled in"] = {k: v for k, v in dialog.createProcessingParameters().items() if k in ("before", "after")}
    found["filled in"] = {key: getattr(value, "name", lambda v=value: v)() for key, value in found["filled in"].items()}
    picture("difference")
    dialog.runButton().click()
    found["ran"] = until(lambda: QgsApplication.taskManager().countActiveTasks() == 0, 60)
    pump(1)
    dialog.close()
    dock.beside.click()
    view = iface.mainWindow().findChild(QDockWidget, "DtwinView3D")
    found["drawn"] = until(lambda: is_drawn(view), 60)
    found["beside"] = [frame.view.theme for frame in view.scene.frames]
    found["left and right"] = [view.x() + view.width(), dock.x(), view.height(), dock.height()]
    shot("panels")
    picture("beside")
    view.close()


def models(found):
    dock = panel("DtwinModels", "Models", "Modellen")
    pump(1)
    runs = [dock.history.list.topLevelItem(row).text(2) for row in range(dock.history.list.topLevelItemCount())]
    found["runs"] = runs
    dock.search.setText("flood")
    dock.tree.choose("dtwin:flood")
    dock.history.list.setCurrentItem(dock.history.list.topLevelItem(0))
    before = len(QgsProject.instance().mapLayers())
    for layer in QgsProject.instance().mapLayers().values():
        if "difference" in layer.source() or "statistics" in layer.source():
            QgsProject.instance().removeMapLayer(layer.id())
    pump(0.5)
    dock.history.load_button.click()
    pump(0.5)
    found["layers"] = [before, len(QgsProject.instance().mapLayers())]
    shot("models")
    dock.run.click()
    pump(1)
    found["open dialogs"] = window()["dialogs"]
    behind = next(a for a in QgsGui.shortcutsManager().listActions() if a.objectName() == "DtwinShowScenariosDock")
    other = iface.mainWindow().findChild(QDockWidget, "DtwinScenarios")
    steps = [other.isUserVisible()]
    for _ in range(2):
        behind.trigger()
        pump(0.3)
        steps.append(other.isUserVisible())
    found["behind, in front, hidden"] = steps


def options(found):
    def look():
        dialog = QApplication.activeModalWidget()  # QGIS's own
        field = dialog.findChild(QSpinBox, "scene_width_m")
        found["field"] = field is not None and field.isVisible()
        dialog.grab().save(str(FOLDER / "settings.png"))
        field.setValue(1500)
        dialog.accept()

    QTimer.singleShot(1500, look)
    action = next(
        a
        for a in iface.mainWindow().findChild(QMenu, "DtwinMenu").actions()
        if a.text() in ("Settings…", "Instellingen…")
    )
    action.trigger()
    from dtwin_plugin.layers import settings

    found["scene width"] = settings.scene_width()


def run_for_ever(found):
    """Start a run from its dialog that ends only when it is stopped."""
    from dtwin_plugin.gui.algorithms import open_dialog

    def slow(self, parameters, context, feedback):
        while not feedback.isCanceled():
            time.sleep(0.05)
        return {}

    sys.modules["dtwin_plugin.processing_algorithms.base"].DtwinAlgorithm.processAlgorithm = slow
    terrain = next(layer for layer in QgsProject.instance().mapLayers().values() if layer.source().endswith("now.tif"))
    open_dialog("dtwin:floodscan", {"terrain": terrain.id()}).runButton().click()
    found["jobs"] = until(lambda: len(panel("DtwinModels", "Models", "Modellen").jobs) == 1, 10)


def run():
    found = {"window": window(), **collisions()}
    pump(0.5)
    menu = iface.mainWindow().findChild(QMenu, "DtwinMenu")
    menu.popup(
        iface.mainWindow()
        .menuBar()
        .mapToGlobal(iface.mainWindow().menuBar().actionGeometry(menu.menuAction()).bottomLeft())
    )
    picture("menu")
    menu.hide()
    scenarios(found)
    models(found)
    options(found)
    run_for_ever(found)
    unloadPlugin("dtwin_plugin")
    pump(1)
    found["unloaded"], found["tasks after unload"] = window(), QgsApplication.taskManager().countActiveTasks()
    loadPlugin("dtwin_plugin")
    startPlugin("dtwin_plugin")
    pump(1)
    found["again"] = window()
    return found


start(run)
