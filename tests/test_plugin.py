"""What QGIS starts and stops."""

import importlib
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


def test_load_unload_load_leaves_no_action_behind(plugin_module, qgis_iface, monkeypatch):
    from qgis.core import QgsApplication
    from qgis.PyQt.QtWidgets import QToolBar

    added, removed = [], []
    monkeypatch.setattr(qgis_iface, "addPluginToMenu", lambda menu, action: added.append(action), raising=False)
    monkeypatch.setattr(qgis_iface, "removePluginMenu", lambda menu, action: removed.append(action), raising=False)
    monkeypatch.setattr(qgis_iface, "addToolBar", QToolBar, raising=False)
    for _ in range(2):
        plugin = plugin_module.classFactory(qgis_iface)
        plugin.initGui()
        assert added and not removed
        plugin.unload()
        assert removed == added
        assert QgsApplication.processingRegistry().providerById("dtwin") is None
        added.clear()
        removed.clear()


def test_every_algorithm_is_in_the_menu_and_the_panel_opens(plugin_module, qgis_iface, monkeypatch):
    from qgis.core import QgsApplication
    from qgis.PyQt.QtWidgets import QToolBar

    added = []
    monkeypatch.setattr(qgis_iface, "addPluginToMenu", lambda menu, action: added.append(action), raising=False)
    monkeypatch.setattr(qgis_iface, "removePluginMenu", lambda menu, action: None, raising=False)
    monkeypatch.setattr(qgis_iface, "addToolBar", QToolBar, raising=False)
    plugin = plugin_module.classFactory(qgis_iface)
    plugin.initGui()
    try:
        shown = {action.text() for menu in added if menu.menu() for action in menu.menu().actions()}
        algorithms = QgsApplication.processingRegistry().providerById("dtwin").algorithms()
        assert shown == {algorithm.displayName() for algorithm in algorithms} and len(shown) > 10
    finally:
        plugin.unload()
