"""The pages of the 3D view have room for their words in Dutch, which are longer; numbers are as there."""

from types import SimpleNamespace

import pytest
from qgis.core import QgsTemporalNavigationObject
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QLocale, Qt
from qgis.PyQt.QtWidgets import QAbstractButton, QLabel, QMainWindow

from dtwin_plugin import translate


@pytest.fixture
def dutch(monkeypatch):
    monkeypatch.setattr(translate, "_language", "nl")
    QLocale.setDefault(QLocale("nl_NL"))
    yield
    QLocale.setDefault(QLocale("C"))


@pytest.fixture
def dock(project, dutch):
    """The panel without a view, in a window that has room for it."""
    from dtwin_plugin.gui.view3d import View3DDock

    window, canvas, controller = QMainWindow(), QgsMapCanvas(), QgsTemporalNavigationObject()
    canvas.setTemporalController(controller)
    iface = SimpleNamespace(mapCanvas=lambda: canvas, mainWindow=lambda: window, mapCanvases3D=list)
    found = View3DDock(iface, window)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, found)
    window.resize(1800, 1000)
    window.show()
    window.resizeDocks([found], [1200], Qt.Orientation.Horizontal)
    yield found
    found.close_for_good()
    window.close()


def cut_off(page):
    """Return the words that have less room than they need."""
    words = [*page.findChildren(QAbstractButton), *(each for each in page.findChildren(QLabel) if not each.wordWrap())]
    seen = [each for each in words if each.isVisible() and each.text()]
    beyond = [each for each in seen if each.mapTo(page, each.rect().topRight()).x() > page.rect().width()]
    return [each.text() for each in seen if each.width() < each.minimumSizeHint().width() or each in beyond]


def test_no_word_of_a_page_is_cut_off(dock, pump):
    for key in dock.actions_by_key:
        page = dock.choose(key)
        pump(lambda: False, 0.1)
        assert cut_off(page) == [], key


def test_pages_grow_to_the_widest_and_stay_so(dock):
    dock.choose("section")
    width = dock.pages.minimumWidth()
    dock.choose("legend")
    assert dock.pages.minimumWidth() == width >= 260


def test_a_section_without_a_scene_is_moved_by_nothing(dock):
    assert dock.choose("section").shift.text() == "0,0 m"


def test_sources_that_are_asked_are_named_in_dutch(dutch):
    from dtwin_plugin.layers import live

    names = {entry.id: entry.title_in("nl") for entry in live.offered()}
    assert names["ndw-speed"] == "NDW intensiteit en snelheid" == live.feed_of("ndw-speed").title
    assert list(names.values()) == sorted(names.values())


def test_the_line_of_text_keeps_its_place_when_there_is_nothing_to_say(dock, pump):
    dock.choose("section")  # which says what a click does
    pump(lambda: False, 0.1)
    height = dock.message.height()
    dock.choose("legend")
    pump(lambda: False, 0.1)
    assert dock.message.text() == "" and dock.message.height() == height
