"""The page among QGIS's options, and the icons and shortcuts of the panels."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsAuthMethodConfig, QgsSettings

from dtwin_plugin import catalogue
from dtwin_plugin.gui.panels import PANELS
from dtwin_plugin.gui.settings import PAGE, SettingsFactory
from dtwin_plugin.layers import settings
from dtwin_plugin.layers.icons import icon

KEPT = [setting for setting in vars(settings).values() if isinstance(setting, settings.Setting)]


@pytest.fixture
def page(qgis_app, monkeypatch):
    monkeypatch.delenv(catalogue.OWN_LIST, raising=False)
    QgsSettings().remove("dtwin")
    made = SettingsFactory().createWidget()
    yield made
    made.deleteLater()
    QgsSettings().remove("dtwin")
    catalogue.use_own_list(None)


def test_every_setting_has_a_field_that_says_what_it_is(page):
    assert page.objectName() == PAGE and set(page.fields) == {setting.name for setting in KEPT}
    for setting in KEPT:
        assert page.fields[setting.name].toolTip() == setting.doc


def test_what_is_not_changed_stays_the_default(page):
    page.apply()
    assert [setting for setting in KEPT if QgsSettings().contains(f"dtwin/{setting.name}")] == []


def test_what_is_changed_is_kept_and_shown_the_next_time(page, tmp_path):
    page.fields["scene_width_m"].setValue(750)
    page.fields["shadows"].setChecked(True)
    page.fields["scheduler"].setText(" tcp://cluster:8786 ")
    page.fields["threads"].setValue(4)
    page.fields["catalogue"].setFilePath(str(tmp_path / "own.json"))
    page.fields["cache_folder"].setFilePath(str(tmp_path))
    page.apply()
    assert settings.scene_width() == 750 and settings.shadows() and not settings.edges()
    assert settings.SCHEDULER.value == "tcp://cluster:8786"
    assert catalogue.own_list_path() == tmp_path / "own.json"  # at once, without a new start
    again = SettingsFactory().createWidget()
    assert again.fields["threads"].value() == 4 and again.fields["shadows"].isChecked()
    assert Path(again.fields["cache_folder"].filePath()) == tmp_path
    again.fields["catalogue"].setFilePath("")
    again.apply()
    assert catalogue.own_list_path().parts[-2:] == ("dtwin", "catalogue.json")
    again.deleteLater()


def test_a_key_is_chosen_from_those_that_qgis_keeps(page):
    manager = QgsApplication.authManager()
    assert manager.setMasterPassword("made up for the tests", True)
    configuration = QgsAuthMethodConfig("APIHeader")
    configuration.setName("key of a service")
    configuration.setConfig("X-Api-Key", "secret")
    manager.storeAuthenticationConfig(configuration)
    again = SettingsFactory().createWidget()  # the list of a field is of when it was made
    again.fields["key_zoning"].setConfigId(configuration.id())
    again.apply()
    assert settings.KEY_ZONING.value == configuration.id() and not settings.KEY_ENVIRONMENT.value
    third = SettingsFactory().createWidget()
    assert third.fields["key_zoning"].configId() == configuration.id()
    manager.removeAuthenticationConfig(configuration.id())
    for made in (again, third):
        made.deleteLater()


def test_a_list_that_the_environment_names_is_not_chosen_here(page, monkeypatch):
    monkeypatch.setenv(catalogue.OWN_LIST, "/srv/gis/own.json")
    other = SettingsFactory().createWidget()
    assert page.fields["catalogue"].isEnabled() and not other.fields["catalogue"].isEnabled()
    other.deleteLater()


def test_each_panel_has_its_own_icon_key_and_class(qgis_app, root):
    assert len({kind.key for kind in PANELS}) == len({kind.object_name for kind in PANELS}) == len(PANELS)
    for kind in PANELS:
        assert hasattr(import_module(f"dtwin_plugin.gui.{kind.name}"), kind.dock)
        assert (root / "resources" / "icons" / f"{kind.name}.svg").is_file()
        assert not icon(kind.name).pixmap(24, 24).isNull()
    assert not icon("group_of_nothing").pixmap(24, 24).isNull()


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("background", ["#ffffff", "#efefef", "#323232", "#2d2d2d"])  # QGIS by day, and by night
def test_lines_of_icons_stand_out_on_light_and_dark(root, background):
    """By the 3 to 1 that WCAG 2.1 asks of what is not text."""
    paths = [path for path in (root / "resources" / "icons").glob("*.svg") if path.stem not in ("dtwin", "north")]
    colours = {colour for path in paths for colour in re.findall(r'stroke="(#\w{6})"', path.read_text())}
    assert len(paths) >= 14 and colours
    assert {
        colour: round(contrast(colour, background), 2) for colour in colours if contrast(colour, background) < 3
    } == {}
