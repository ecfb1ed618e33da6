"""Point clouds as a person loads them: files, an address, tiles of the AHN; and grids from them."""

import json

import numpy as np
import pytest
from qgis.core import QgsPointCloudClassifiedRenderer, QgsPointCloudLayer, QgsProcessingException, QgsProcessingFeedback

from dtwin_plugin.data import PointCloud
from dtwin_plugin.sources.copc import write_copc

pytest.importorskip("lazrs")
pytestmark = pytest.mark.timeout(120)
AREA = "84000,84060,447000,447060 [EPSG:28992]"


@pytest.fixture
def run(provider, context):
    def run_algorithm(name, **parameters):
        algorithm = provider.algorithm(name).create()
        result, _ = algorithm.run(parameters, context, QgsProcessingFeedback(), {}, False)
        return result

    return run_algorithm


@pytest.fixture(scope="module")
def copc(tmp_path_factory):
    """Ground at 1 m every 0.5 m with a building of 20 x 20 m at 9 m, under which there is no ground; and a bird."""
    x, y = (axis.ravel() for axis in np.meshgrid(84_000 + np.arange(0, 100, 0.5), 447_000 + np.arange(0, 100, 0.5)))
    built = (abs(x - 84_030) < 10) & (abs(y - 447_030) < 10)
    classes = np.where(built, 6, 2).astype(np.uint8)
    classes[0] = 7
    z = np.where(built, 9.0, 1.0)
    z[0] = 500
    path = tmp_path_factory.mktemp("points") / "a.copc.laz"
    write_copc([PointCloud(x, y, z, classes)], path)
    return path


def values(path):
    from osgeo import gdal

    return gdal.Open(path).ReadAsArray()


def test_a_part_of_a_file_becomes_copc_in_the_colours_of_its_classes(run, copc, tmp_path):
    result = run("loadpoints", file=str(copc), extent=AREA, classes="2,6", points=str(tmp_path / "out.copc.laz"))
    layer = QgsPointCloudLayer(result["points"], "p", "copc")
    assert layer.isValid() and layer.pointCount() == 121 * 121 - 1
    layer.loadDefaultStyle()
    renderer = layer.renderer()
    assert isinstance(renderer, QgsPointCloudClassifiedRenderer) and renderer.attribute() == "Classification"
    shown = {category.value(): category.renderState() for category in renderer.categories()}
    assert shown[2] and shown[6] and shown[26] and not shown[7]


def test_an_address_is_read_by_range_through_qgis_network(run, copc, files_server, tmp_path):
    with files_server.serve(files_server.Files({"/a.copc.laz": copc.read_bytes()})) as state:
        result = run("loadpoints", address=state.url + "/a.copc.laz", extent=AREA, points=str(tmp_path / "o.copc.laz"))
        assert state.asked and all(wanted for _, wanted in state.asked)
    assert QgsPointCloudLayer(result["points"], "p", "copc").pointCount() == 121 * 121


def test_tiles_of_the_ahn_by_area(run, copc, files_server, tmp_path, monkeypatch):
    with files_server.serve(files_server.Files({"/084000_447000.laz": copc.read_bytes()})) as state:
        row = {"id": "ahn6-copc", "title": "AHN6", "owner": "AHN", "kind": "copc", "crs": "EPSG:7415", "licence": "CC0",
               "theme": "elevation", "attribution": "AHN", "confirmed": True, "access_level": "open",
               "url": state.url + "/{x}_{y}.laz"}  # fmt: skip
        (tmp_path / "own.json").write_text(json.dumps([row]))
        monkeypatch.setenv("DTWIN_CATALOGUE", str(tmp_path / "own.json"))
        result = run("loadahnpoints", extent=AREA, classes="6", points=str(tmp_path / "o.copc.laz"))
    assert QgsPointCloudLayer(result["points"], "p", "copc").pointCount() == 39 * 39


def test_terrain_goes_on_under_the_building_unless_asked_not_to(run, copc, tmp_path):
    given = {"file": str(copc), "extent": AREA, "cell_size": 1.0, "fill_distance": 1.0}
    whole = values(run("terrainfrompoints", **given, terrain=str(tmp_path / "a.tif"))["terrain"])
    assert whole.shape == (60, 60) and np.allclose(whole, 1.0)
    holes = values(run("terrainfrompoints", **given, under_buildings=False, terrain=str(tmp_path / "b.tif"))["terrain"])
    assert 200 < (np.abs(holes) > 1e30).sum() + np.isnan(holes).sum() <= 400


def test_the_surface_has_roofs_and_no_birds(run, copc, tmp_path):
    given = {"file": str(copc), "extent": AREA, "cell_size": 1.0}
    surface = values(run("surfacefrompoints", **given, surface=str(tmp_path / "a.tif"))["surface"])
    assert surface.max() == 9 and (surface == 9).sum() == 20 * 20 and set(np.unique(surface)) == {1, 9}
    mean = values(run("surfacefrompoints", **given, statistic=1, surface=str(tmp_path / "b.tif"))["surface"])
    assert mean.max() == 9 and 1 < mean.mean() < surface.mean()


@pytest.mark.parametrize(("parameters", "sentence"), [
    ({}, "no file and no address"),
    ({"classes": "a"}, "expected numbers from 0 to 255"),
    ({"address": "nothing"}, "nothing"),
    ({"address": "http://127.0.0.1:9/a.copc.laz"}, "127.0.0.1"),
])  # fmt: skip
def test_what_is_given_wrong_is_one_sentence(run, copc, tmp_path, parameters, sentence):
    given = {"file": str(copc)} if "classes" in parameters else {}
    with pytest.raises(QgsProcessingException, match=sentence):
        run("loadpoints", **given, **parameters, points=str(tmp_path / "o.copc.laz"))


def test_a_picture_is_no_point_cloud(run, shared, tmp_path):
    file = next((shared / "terrain").rglob("*.tif")) if (shared / "terrain").is_dir() else None
    if file is None:
        pytest.skip("no raster")
    with pytest.raises(QgsProcessingException, match="is no point cloud"):
        run("loadpoints", file=str(file), points=str(tmp_path / "o.copc.laz"))
