"""A film is made while events go on: views and projects may go, and nothing else may be begun."""

from types import SimpleNamespace

import pytest
from qgis.core import QgsTemporalNavigationObject
from qgis.gui import QgsMapCanvas

from dtwin_plugin.errors import Cancelled, InputError, ModelError
from dtwin_plugin.layers.viewpoints import keep_viewpoints
from dtwin_plugin.twin.story import Shot
from dtwin_plugin.twin.viewpoints import Viewpoint


@pytest.fixture
def page(project):
    from dtwin_plugin.gui.view3d.film import FilmPage
    from dtwin_plugin.gui.view3d.scene import Scene

    canvas, controller = QgsMapCanvas(), QgsTemporalNavigationObject()
    canvas.setTemporalController(controller)
    scene = Scene(SimpleNamespace(mapCanvas=lambda: canvas))
    keep_viewpoints(project, [Viewpoint(name, 0, 0, 0, 100, 45, 0) for name in ("A", "B")])
    found = FilmPage(scene)
    yield found
    found.close_for_good()
    scene.close_for_good()


def test_nothing_else_is_begun_while_a_film_is_made(page, project):
    buttons = (page.play, page.film, page.picture, page.sheet)
    seen = []

    def work():
        page.views_changed()  # as where a viewpoint has two views
        page.refresh()  # as where a project is read
        seen.append([button.isEnabled() for button in buttons])

    page._try(work, SimpleNamespace(name="a.gif"))
    assert seen == [[False] * 4]
    assert page.play.isEnabled() and page.film.isEnabled()  # and then they can be chosen again


def test_a_film_ends_where_its_view_is_closed_while_a_picture_is_made(page, monkeypatch):
    went = []
    monkeypatch.setattr(page.scene.recall, "go", lambda viewpoint: went.append(viewpoint.name))
    monkeypatch.setattr(page, "_wait", lambda: None)
    monkeypatch.setattr(page, "_image", lambda: "picture")
    way = [Viewpoint(name, 0, 0, 0, 100, 45, 0) for name in ("A", "A", "B")]
    frames = page._frames([Shot(viewpoint, 0.5) for viewpoint in way])
    assert next(frames) == ("picture", 0.5)  # the first opens a scene where there is none
    with pytest.raises(ModelError, match="closed or hidden"):
        next(frames)
    assert went == ["A"]  # and no scene is opened for the rest


def test_a_film_that_is_stopped_says_so(page, monkeypatch):
    monkeypatch.setattr(page, "_image", lambda: "picture")
    frames = page._frames([Shot(Viewpoint("A", 0, 0, 0, 100, 45, 0), 0.5)])
    monkeypatch.setattr(page.scene.recall, "go", lambda viewpoint: page._stop())
    with pytest.raises(Cancelled):
        next(frames)


def test_a_film_ends_where_its_panel_is_hidden(page, monkeypatch):
    monkeypatch.setattr(page.scene, "frames", [SimpleNamespace(view="a view")])
    page.scene.place.show()
    page._expect_view()
    page.scene.place.hide()
    with pytest.raises(ModelError, match="closed or hidden"):
        page._expect_view()
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("text", "size"),
    [("1920 × 1080", (1920, 1080)), ("2000x1500", (2000, 1500)), (" 500 * 8000 px", (500, 8000)), ("", None),
     ("99 × 500", None), ("500 × 8001", None), ("large", None)],
)  # fmt: skip
def test_a_picture_has_any_size_that_is_typed(page, text, size):
    assert page.chosen_size() is None  # as on the screen
    page.size.setEditText(text)
    if size is None:
        with pytest.raises(InputError, match="none of a picture"):
            page.chosen_size()
    else:
        assert page.chosen_size() == size
