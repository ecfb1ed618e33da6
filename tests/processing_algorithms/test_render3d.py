"""The viewpoints of a project as pictures and films, without a user."""

import json

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
from qgis.PyQt.QtGui import QColor, QImage, QImageReader

from dtwin_plugin.layers import finish, styles3d
from dtwin_plugin.layers.film import pixels_of
from dtwin_plugin.layers.styles_water import WATER_DEPTH
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
    flooded = QgsVectorLayer(str(folder / "results.gpkg"), "flooded", "ogr")
    for layer in (houses, water, depth, cables, flooded, ground):
        assert layer.isValid(), layer.source()
        finish.load_sidecars(layer)
        project.addMapLayer(layer)
    provider = QgsRasterDemTerrainProvider()
    provider.setLayer(ground)
    project.elevationProperties().setTerrainProvider(provider)
    wet = {"layers": (water.id(),), "begin": "2026-01-01T12:00:00", "end": "2026-01-01T12:10:00"}
    results = {"target": houses.id(), "source": flooded.id(), "field": "water_class", "part": "whole",
               "several": "highest"}  # fmt: skip
    hole = {"ground": "pit", "opacity": 0, "hole": [X + 26, Y + 26, 10, "box", 3]}
    half = {"line": [X, Y + SIDE / 2, X + SIDE, Y + SIDE / 2], "kind": "plane"}
    above = {"layers": (houses.id(), cables.id(), depth.id())}
    keep_viewpoints(
        project,
        [
            Viewpoint("Houses", *MIDDLE, 120, 45, 20, layers=(houses.id(),), stay=1.0),
            Viewpoint("Below: cables", *MIDDLE, 100, 60, 0, layers=(cables.id(),), states={"below": {"ground": "none"}},
                      flight=1.0),
            Viewpoint("Water", *MIDDLE, 120, 0, 0, **wet),
            Viewpoint("Depth", *MIDDLE, 120, 0, 0, **{**wet, "layers": (depth.id(),)}),
            Viewpoint("Plain", *MIDDLE, 120, 0, 0, **above),
            Viewpoint("Results", *MIDDLE, 120, 0, 0, **above, states={"results": {"shown": [results]}}),
            Viewpoint("Pit", *MIDDLE, 120, 0, 0, **above, states={"below": hole}),
            Viewpoint("Half", *MIDDLE, 120, 0, 0, **above, states={"section": half}),
            Viewpoint("Half from the side", *MIDDLE, 120, 70, 0, **above, states={"section": half, "below": hole}),
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
    # the colours are those of the legend: with light of 0.95 or 1.05 they would be off by 6
    deepest = pictures[sorted(pictures)[1]][120, 160]
    assert np.abs(deepest - QColor(WATER_DEPTH[-2].colour).getRgb()[:3]).max() <= 4
    frames = QImageReader(str(film))
    shown = [pixels_of(frames.read()).astype(int) for _ in range(3)]
    assert frames.nextImageDelay() == 500
    for one, other in zip(shown, pictures.values()):
        assert np.abs(one - other).mean() < 4


@pytest.mark.gl
@pytest.mark.slow
def test_a_batch_job_makes_pictures_and_a_film(batch, twin, tmp_path):
    """The assembled plugin in `qgis_process`, which has no window: a walk of two viewpoints."""
    process = batch(tmp_path, "xcb")
    inputs = {"project": str(twin), "viewpoints": "Houses\nWater", "kind": 1, "rate": 1, "width": 320, "height": 240,
              "folder": str(tmp_path / "out"), "film": str(tmp_path / "walk.gif")}  # fmt: skip
    done = process("--json", "run", "dtwin:render3d", "-", inputs=inputs)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["results"]["made"] == 3
    first, _, last = (pixels(path) for path in sorted((tmp_path / "out").glob("*.png")))
    assert blue(first) == 0 < blue(last)
    assert QImageReader(str(tmp_path / "walk.gif")).imageCount() == 3


def roofs(picture):
    """Mark the pixels that are as red as roofs."""
    return picture[..., 0] - picture[..., 2] > 60


@pytest.mark.gl
def test_results_pits_and_sections_are_drawn_as_in_the_panel(render):
    _, said, pictures = render(viewpoints="Plain\nResults\nPit\nHalf\nHalf from the side")
    plain, results, pit, half, aside = pictures.values()
    assert "is not" not in said
    count = roofs(plain).sum()
    assert count > 2000
    assert np.abs(results - plain)[roofs(plain)].mean() > 20
    # three houses of each class, straight from above: the colours of the classes, as strong as those of the roofs
    seen = results[roofs(plain)]
    assert len(np.unique((seen // 16) @ [1, 100, 10_000])) >= 3
    changed = np.abs(pit - plain).sum(axis=2) > 30
    rows, columns = np.nonzero(changed & ~roofs(plain))
    place = 120 - 14 * 240 / 99.4, 160 - 14 * 240 / 99.4  # 14 m south and west; 99.4 m fit in the height of 240 px
    assert abs(rows.mean() - (240 - place[0])) < 5 and abs(columns.mean() - place[1]) < 5
    assert 24**2 * 0.7 < changed.sum() < 24**2 * 3  # 10 m are 24 px, with a kerb around
    assert roofs(half)[:115].sum() > 0.9 * roofs(plain)[:115].sum() and not roofs(half)[125:].any()
    sky = half[-2, 160]
    assert np.abs(half[130:] - sky).max() <= 3  # no ground, no cables
    assert roofs(aside).sum() > 300


@pytest.mark.gl
def test_what_cannot_be_made_is_said(render, provider, context, twin, tmp_path):
    for parameters, expected in (
        ({"viewpoints": "Nowhere"}, "no viewpoint “Nowhere”. It keeps: Houses"),
        ({"viewpoints": "Houses", "kind": 3}, "changes through time"),
        ({"folder": None}, "Neither a folder nor a film"),
        ({"film": str(tmp_path / "film.avi")}, "film.avi is no film"),
    ):
        given = {"project": str(twin), "folder": str(tmp_path / "out"), **parameters}
        said = QgsProcessingFeedback()
        _, ok = provider.algorithm("render3d").create().run(given, context, said, {}, True)
        assert not ok and expected in said.textLog(), said.textLog()
    assert not list(tmp_path.glob("**/*.png"))


@pytest.mark.gl
def test_heights_are_stretched_once_however_many_pictures(render):
    """A second picture must not stretch what the first has stretched."""
    _, _, pictures = render(viewpoints="Houses\nHouses", exaggeration=2.0)
    one, other = pictures.values()
    assert np.array_equal(one, other)
    _, _, plain = render(viewpoints="Houses")
    assert np.abs(plain["0001_Houses.png"] - one).mean() > 2
