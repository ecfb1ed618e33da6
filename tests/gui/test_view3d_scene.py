"""What the panel does with its views when the project changes under them; needs no OpenGL."""

from types import SimpleNamespace

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsProject
from qgis.gui import QgsMapCanvas

RD, MERCATOR = (QgsCoordinateReferenceSystem(f"EPSG:{code}") for code in (28992, 3857))


@pytest.fixture
def scene(qgis_app):
    from dtwin_plugin.gui.view3d.scene import Scene

    QgsProject.instance().setCrs(RD)
    canvas = QgsMapCanvas()
    found = Scene(SimpleNamespace(mapCanvas=lambda: canvas))
    yield found
    found.frames = []  # those of the tests are no views
    found.close_for_good()
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem())


@pytest.mark.parametrize(("crs", "closed"), [(MERCATOR, True), (RD, False)])
def test_views_of_another_system_than_the_map_are_closed(scene, qgis_app, monkeypatch, crs, closed):
    """QGIS leaves them in the old one: coordinates, sections and clicks would be of other places."""
    said = []
    canvas = SimpleNamespace(mapSettings=lambda: SimpleNamespace(crs=lambda: RD))
    scene.frames = [SimpleNamespace(view=SimpleNamespace(is_lost=False, canvas=canvas))]
    monkeypatch.setattr(scene, "close_views", scene.frames.clear)
    scene.said.connect(said.append)
    QgsProject.instance().setCrs(MERCATOR)
    QgsProject.instance().setCrs(crs)
    for _ in range(3):
        qgis_app.processEvents()
    assert (not scene.frames) == closed and bool(said) == closed
