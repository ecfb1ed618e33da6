"""What is kept in the profile of QGIS: typed, within its limits, and gone where it is the default."""

from dataclasses import replace

import pytest
from qgis.core import QgsSettings
from qgis.PyQt.QtGui import QGuiApplication

from dtwin_plugin.layers import network, opengl, settings


@pytest.fixture(autouse=True)
def clean(qgis_app):
    QgsSettings().remove("dtwin")
    yield
    QgsSettings().remove("dtwin")


def test_what_is_not_set_has_its_default():
    assert settings.scene_width() == 2000.0 and settings.cache_limit() == 2048
    assert not settings.shadows() and not settings.ambient_occlusion() and not settings.edges()


@pytest.mark.parametrize(
    ("setting", "value"),
    [(settings.SCENE_WIDTH, 500), (settings.SHADOWS, True), (settings.SCHEDULER, "tcp://cluster:8786")],
)
def test_what_is_kept_comes_back_with_its_type(setting, value):
    setting.keep(value)
    QgsSettings().sync()  # as in a profile that is opened again: all is text there
    assert setting.value == value and type(setting.value) is type(value)
    setting.keep(setting.default)
    assert not QgsSettings().contains(f"dtwin/{setting.name}")


@pytest.mark.parametrize("found", ["wide", "-5", "99999999", "", "1e3"])
def test_a_profile_with_nonsense_gives_the_default(found):
    QgsSettings().setValue("dtwin/scene_width_m", found)
    assert settings.scene_width() == 2000.0


def test_the_cache_is_where_it_is_set(tmp_path):
    assert network.cache_folder().parts[-2:] == ("dtwin", "cache")
    settings.CACHE_FOLDER.keep(str(tmp_path / "answers"))
    settings.CACHE_LIMIT.keep(50)
    assert network.cache_folder() == tmp_path / "answers" and network.cache_limit() == 50 << 20


def test_defaults_are_within_their_limits():
    for setting in vars(settings).values():
        if isinstance(setting, settings.Setting):
            assert replace(setting, name="test_default").value == setting.default
            assert setting.title and setting.doc.endswith(".")


def test_without_opengl_a_sentence_says_so(monkeypatch):
    fault = opengl.opengl_fault()  # Qt's own platform without a screen has none, a virtual screen has
    assert fault == ("" if QGuiApplication.platformName() == "xcb" else "There is no OpenGL on this display.")
    monkeypatch.setattr(opengl.QGuiApplication, "instance", lambda: None)
    assert opengl.opengl_fault() == "There is no display."
