"""What the panel does with its views when the project changes under them; needs no OpenGL."""

from types import SimpleNamespace

import numpy as np
import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFlatTerrainProvider,
    QgsProject,
    QgsRasterDemTerrainProvider,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.gui import QgsMapCanvas

from dtwin_plugin.data import Grid
from dtwin_plugin.sources.raster_write import write_cog

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


@pytest.mark.parametrize(
    ("crs", "part", "said"),
    [
        ("EPSG:3857", (540_000, 6_800_000, 541_000, 6_801_000), "WGS 84 / Pseudo-Mercator"),  # 1.6 times as long
        ("EPSG:4326", (4.3, 52.0, 4.4, 52.1), "not in metres"),
        ("EPSG:28992", (84_800, 447_300, 85_300, 447_800), "no display"),
        ("EPSG:7415", (84_800, 447_300, 85_300, 447_800), "no display"),
        ("EPSG:25831", (594_000, 5_762_000, 595_000, 5_763_000), "no display"),
        ("EPSG:3007", (147_700, 6_398_500, 148_000, 6_398_800), "no display"),
    ],
)
def test_a_scene_is_opened_only_where_a_metre_is_a_metre(scene, monkeypatch, crs, part, said):
    """What is measured in a view is told in metres."""
    from dtwin_plugin.gui.view3d import scene as module

    told = []
    scene.said.connect(told.append)
    monkeypatch.setattr(module, "opengl_fault", lambda: "There is no display.")
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem(crs))
    scene.show_map(QgsRectangle(*part))
    assert said in told[0] and len(told) == 1


def test_the_ground_has_the_heights_that_the_project_makes_of_its_file(scene, tmp_path):
    """A terrain in other units has a scale and an offset in the properties of the project."""
    write_cog(Grid(np.full((20, 20), 10.0, np.float32), 112_000, 460_020, 1.0, unit="m"), tmp_path / "ground.tif")
    terrain, project = QgsRasterLayer(str(tmp_path / "ground.tif"), "ground"), QgsProject.instance()
    provider = QgsRasterDemTerrainProvider()
    provider.setLayer(terrain)
    provider.setScale(2.0)
    provider.setOffset(3.0)
    project.elevationProperties().setTerrainProvider(provider)
    scene.extent = terrain.extent()
    for _ in range(2):  # the ground of a second view is that of the first
        with scene._whole_ground(project):
            found = project.elevationProperties().terrainProvider()
            assert (found.scale(), found.offset(), found.heightAt(112_010, 460_010)) == (1.0, 0.0, 23.0)
        found = project.elevationProperties().terrainProvider()
        assert (found.scale(), found.offset(), found.heightAt(112_010, 460_010)) == (2.0, 3.0, 23.0)
    assert scene.ground_height(112_010, 460_010) == 23.0
    project.elevationProperties().setTerrainProvider(QgsFlatTerrainProvider())


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
