"""The viewpoints of a project as pictures and films, without a user."""

import numpy as np
import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMeshLayer,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterDemTerrainProvider,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QImage, QImageReader

from dtwin_plugin.layers import finish, styles3d
from dtwin_plugin.layers.film import pixels_of
from dtwin_plugin.layers.viewpoints import keep_viewpoints
from dtwin_plugin.twin.viewpoints import Viewpoint
from scripts.small_twin import SIDE, X, Y
from scripts.small_twin import main as write_small_twin

MIDDLE = (X + SIDE / 2, Y + SIDE / 2, 0.0)


@pytest.fixture(scope="module")
def twin(qgis_app, tmp_path_factory):
    """A project of houses, cables and a flood, with viewpoints."""
    folder = tmp_path_factory.mktemp("twin")
    write_small_twin(folder)
    styles3d.initialise()
    project = QgsProject()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    ground = QgsRasterLayer(str(folder / "terrain.tif"), "ground")
    water = QgsMeshLayer(str(folder / "water.nc"), "water", "mdal")
    depth = QgsRasterLayer(str(folder / "depth.tif"), "depth")
    houses = QgsVectorLayer(str(folder / "surfaces.gpkg"), "houses", "ogr")
    cables = QgsVectorLayer(str(folder / "tubes.gpkg"), "cables", "ogr")
    for layer in (houses, water, depth, cables, ground):
        assert layer.isValid(), layer.source()
        finish.load_sidecars(layer)
        project.addMapLayer(layer)
    provider = QgsRasterDemTerrainProvider()
    provider.setLayer(ground)
    project.elevationProperties().setTerrainProvider(provider)
    wet = {"layers": (water.id(),), "begin": "2026-01-01T12:00:00", "end": "2026-01-01T12:10:00"}
    keep_viewpoints(
        project,
        [
            Viewpoint("Houses", *MIDDLE, 120, 45, 20, layers=(houses.id(),), stay=1.0),
            Viewpoint("Below: cables", *MIDDLE, 100, 60, 0, layers=(cables.id(),), states={"below": {"ground": "none"}},
                      flight=1.0),
            Viewpoint("Water", *MIDDLE, 120, 0, 0, **wet),
            Viewpoint("Depth", *MIDDLE, 120, 0, 0, **{**wet, "layers": (depth.id(),)}),
        ],
    )  # fmt: skip
    assert project.write(str(folder / "twin.qgz"))
    project.clear()
    return folder / "twin.qgz"


@pytest.fixture
def render(provider, context, twin, tmp_path):
    """Run the algorithm; return what it says and the pictures, by the names of their files."""

    def run(**parameters):
        said = QgsProcessingFeedback()
        folder = tmp_path / "pictures"
        given = {"project": str(twin), "folder": str(folder), "width": 320, "height": 240, **parameters}
        result, ok = provider.algorithm("render3d").create().run(given, context, said, {}, False)
        assert ok, said.textLog()
        return result, said.textLog(), {p.name: pixels(p) for p in sorted(folder.glob("*.png"))}

    return run


def pixels(path):
    image = QImage(str(path))
    assert not image.isNull()
    return pixels_of(image).astype(int)


def blue(picture):
    """How many pixels are water: more blue than red, and darker than the sky."""
    return int(((picture[..., 2] - picture[..., 0] > 40) & (picture[..., 0] < 200)).sum())


@pytest.mark.gl
def test_two_viewpoints_are_two_pictures_with_content(render):
    result, _, pictures = render(viewpoints="Below: cables\nHouses")
    assert list(pictures) == ["0001_Below_cables.png", "0002_Houses.png"] and result["made"] == 2
    below, houses = pictures.values()
    assert below.shape == (240, 320, 3)
    roofs = (houses[..., 0] - houses[..., 2] > 60).sum()
    assert roofs > 2000  # red: nine of them
    assert 100 < (np.abs(below - below[2, 2]).sum(axis=2) > 60).sum() < 10_000  # tubes before the sky, and no ground
    assert np.abs(below - houses).mean() > 10


@pytest.mark.gl
@pytest.mark.parametrize("name", ["Water", "Depth"])
def test_water_rises_and_falls_in_a_film(render, tmp_path, name):
    film = tmp_path / "film.gif"
    result, _, pictures = render(viewpoints=name, kind=3, film=str(film), rate=2)
    amounts = [blue(picture) for picture in pictures.values()]
    assert len(amounts) == 3 and amounts[0] < amounts[2] < amounts[1], amounts
    frames = QImageReader(str(film))
    shown = [pixels_of(frames.read()).astype(int) for _ in range(3)]
    assert frames.nextImageDelay() == 500
    for one, other in zip(shown, pictures.values()):
        assert np.abs(one - other).mean() < 4
