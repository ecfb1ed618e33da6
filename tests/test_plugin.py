"""What QGIS starts and stops."""

import importlib
import subprocess
import sys

import pytest


@pytest.fixture
def plugin_module(root, monkeypatch, qgis_app):
    """The assembled plugin, as QGIS imports it, beside the checkout's own modules."""
    monkeypatch.syspath_prepend(str(root / "build"))
    saved = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "dtwin_plugin"}
    for name in saved:
        del sys.modules[name]
    yield importlib.import_module("dtwin_plugin")
    for name in [name for name in sys.modules if name.split(".")[0] == "dtwin_plugin"]:
        del sys.modules[name]
    sys.modules.update(saved)


def test_the_plugin_starts_without_a_window(plugin_module, root):
    from qgis.core import QgsApplication

    assert str(root / "build") in plugin_module.__file__
    plugin = plugin_module.classFactory(None)
    plugin.initProcessing()
    registry = QgsApplication.processingRegistry()
    assert registry.algorithmById("dtwin:flood") is not None
    plugin.unload()
    assert registry.providerById("dtwin") is None


def test_the_start_loads_no_model_no_loader_no_style_and_not_the_library_of_3d(root):
    """In a process of its own, as other tests load them."""
    code = """
import sys
from qgis.core import QgsApplication
app = QgsApplication([], False)
app.initQgis()
sys.path.insert(0, "build")
import dtwin_plugin
plugin = dtwin_plugin.classFactory(None)
plugin.initProcessing()
print(*[name for name in sys.modules if name.startswith(("dtwin_plugin", "qgis._3d"))])
plugin.unload()
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    loaded = {name.removeprefix("dtwin_plugin.") for name in done.stdout.splitlines()[-1].split()}
    expected = {"models", "models.base", "models.described", "models.problem", "sources", "sources.states"}
    # whether the profile holds servers and models of others is asked at the start; what reads them is not loaded
    expected |= {"layers", "layers.icons", "layers.models_of_others", "layers.servers", "layers.settings"}
    packages = ("models", "sources", "layers", "processing_algorithms.loaders", "qgis._3d")
    assert {name for name in loaded if name.startswith(packages)} == expected


def test_what_the_plugin_starts_from_is_what_the_models_say(plugin_module):
    """The file that the build made; a registry that it lacks would be algorithms that QGIS lacks."""
    described = importlib.import_module("dtwin_plugin.processing_algorithms.described")
    models = importlib.import_module("dtwin_plugin.models.described")
    assert models.to_text(described.descriptions().values()) == models.to_text(described._imported().values())


@pytest.fixture
def window(qgis_iface, monkeypatch):
    """The window of QGIS with a Help menu, and the pages of options that are registered."""
    from qgis.PyQt.QtWidgets import QToolBar

    pages, bar = [], qgis_iface.mainWindow().menuBar()
    last = bar.addMenu("Help")
    given = {
        "firstRightStandardMenu": lambda: last, "addToolBar": QToolBar,
        "registerOptionsWidgetFactory": pages.append, "unregisterOptionsWidgetFactory": pages.remove,
    }  # fmt: skip
    for name, call in given.items():
        monkeypatch.setattr(qgis_iface, name, call, raising=False)
    yield lambda: ([action.menu() for action in bar.actions() if action.menu() is not last], pages)
    bar.removeAction(last.menuAction())
    last.deleteLater()


def test_load_unload_load_leaves_nothing_behind(plugin_module, qgis_iface, window):
    from qgis.core import QgsApplication
    from qgis.gui import QgsGui

    before = QgsGui.shortcutsManager().listActions()
    for _ in range(2):
        plugin = plugin_module.classFactory(qgis_iface)
        plugin.initGui()
        menus, pages = window()
        assert len(menus) == len(pages) == 1
        keys = [action.shortcut().toString() for action in menus[0].actions() if action.isCheckable()]
        assert len(set(keys)) == 7 and all(keys)
        plugin.unload()
        assert window() == ([], [])
        assert QgsApplication.processingRegistry().providerById("dtwin") is None
        assert QgsGui.shortcutsManager().listActions() == before


def test_every_algorithm_is_in_the_menu_with_an_icon(plugin_module, qgis_iface, window):
    from qgis.core import QgsApplication

    plugin = plugin_module.classFactory(qgis_iface)
    plugin.initGui()
    try:
        ((menu,), _) = window()
        groups = [action.menu() for action in menu.actions() if action.menu()]
        shown = {action.text() for group in groups for action in group.actions()}
        algorithms = QgsApplication.processingRegistry().providerById("dtwin").algorithms()
        assert shown == {algorithm.displayName() for algorithm in algorithms} and len(shown) > 10
        assert all(not action.icon().isNull() for action in menu.actions() if not action.isSeparator())
    finally:
        plugin.unload()
