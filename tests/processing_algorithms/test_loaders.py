"""Loaders as a person runs them: services through QGIS's own network, files of every kind."""

import gzip
import json
import threading
import time

import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsRasterLayer, QgsVectorLayer

from dtwin_plugin.layers import styles3d

AREA = "84000,84300,447000,447300 [EPSG:28992]"


@pytest.fixture
def run(provider, context):
    def run_algorithm(name, **parameters):
        algorithm = provider.algorithm(name).create()
        result, _ = algorithm.run(parameters, context, QgsProcessingFeedback(), {}, False)
        return result

    return run_algorithm


@pytest.fixture
def own_list(tmp_path, monkeypatch):
    """An organisation's own list of sources, in which a service has another address."""
    from dtwin_plugin.catalogue import entry

    def write(identity, url):
        found = entry(identity)
        row = {name: getattr(found, name) for name in ("id", "title", "owner", "kind", "crs", "licence", "theme")}
        row |= {"attribution": found.attribution, "confirmed": True, "access_level": found.access_level, "url": url}
        (tmp_path / "own.json").write_text(json.dumps([row]))
        monkeypatch.setenv("DTWIN_CATALOGUE", str(tmp_path / "own.json"))

    return write


@pytest.fixture
def bag3d(bag3d_server, own_list):
    with bag3d_server.serve(bag3d_server.Bag3d(bag3d_server.street(120))) as state:
        own_list("3dbag-api", state.url)
        yield state


def test_3dbag_buildings_of_an_area_come_through_qgis_network(run, bag3d, tmp_path):
    result = run("load3dbag", extent=AREA, surfaces=str(tmp_path / "s.gpkg"), footprints=str(tmp_path / "f.gpkg"))
    expected = len(bag3d.matching([84_000, 447_000, 84_300, 447_300]))
    assert result["objects"] == expected > 20
    styles3d.initialise()
    layer = QgsVectorLayer(result["surfaces"], "s", "ogr")
    assert layer.crs().authid() == "EPSG:7415" and layer.renderer3D() is not None
    assert {f["surface"] for f in layer.getFeatures()} == {"GroundSurface", "RoofSurface", "WallSurface"}
    assert QgsVectorLayer(result["footprints"], "f", "ogr").featureCount() == expected


def test_a_busy_server_is_asked_again(run, bag3d, tmp_path):
    bag3d.faults = [(429, {"Retry-After": "0"}), (503, {"Retry-After": "0"}), "closed", "half"]
    result = run("load3dbag", extent=AREA, surfaces=str(tmp_path / "s.gpkg"))
    assert result["objects"] == len(bag3d.matching([84_000, 447_000, 84_300, 447_300]))


@pytest.mark.parametrize("fault", [(500, {"Retry-After": "0"}), (429, {"Retry-After": "0"})])
def test_a_server_that_stays_down_is_one_sentence_and_no_file(run, bag3d, tmp_path, fault):
    bag3d.faults = [fault] * 50
    before = set(tmp_path.iterdir())
    with pytest.raises(QgsProcessingException, match=rf"HTTP {fault[0]}.*Try again later"):
        run("load3dbag", extent=AREA, surfaces=str(tmp_path / "s.gpkg"))
    assert set(tmp_path.iterdir()) == before


def test_cancel_breaks_off_a_silent_server_within_a_second(provider, context, bag3d, tmp_path):
    bag3d.faults = ["slow"]  # answers after 3 s
    feedback = QgsProcessingFeedback()
    pressed = []
    timer = threading.Timer(0.5, lambda: (pressed.append(time.monotonic()), feedback.cancel()))
    timer.start()
    parameters = {"extent": AREA, "surfaces": str(tmp_path / "s.gpkg")}
    with pytest.raises(QgsProcessingException, match="Stopped by the user"):
        provider.algorithm("load3dbag").create().run(parameters, context, feedback, {}, False)
    assert time.monotonic() - pressed[0] < 1.0  # the design's limit
    timer.join()


def test_an_area_without_buildings_is_one_sentence(run, bag3d, tmp_path):
    with pytest.raises(QgsProcessingException, match="no objects with surfaces"):
        run("load3dbag", extent="90000,90100,447000,447100 [EPSG:28992]", surfaces=str(tmp_path / "s.gpkg"))


def test_ahn_terrain_of_an_area_is_a_styled_raster(run, ahn_server, own_list, tmp_path):
    from dtwin_plugin.catalogue import entries

    identity = next(
        e.id for e in (entries().values() if isinstance(entries(), dict) else entries()) if "ahn-wcs" in e.id
    )
    with ahn_server.serve(ahn_server.Ahn()) as state:
        own_list(identity, state.url)
        result = run("loadahn", extent="84500,84600,447500,447550 [EPSG:28992]", terrain=str(tmp_path / "t.tif"))
        layer = QgsRasterLayer(result["terrain"], "t")
        assert (layer.width(), layer.height()) == (200, 100)
        assert layer.renderer().type() == "singlebandpseudocolor"
        with pytest.raises(QgsProcessingException, match="outside"):
            run("loadahn", extent="10000,10100,400000,400100 [EPSG:28992]", terrain=str(tmp_path / "u.tif"))
    assert not (tmp_path / "u.tif").exists()


def test_delft_loads_alike_from_both_versions_and_packed(run, shared, tmp_path):
    new = shared / "cityjson" / "cjio" / "delft.json"
    packed = tmp_path / "delft.city.json.gz"
    packed.write_bytes(gzip.compress(new.read_bytes()))
    counts = [
        run("loadcityjson", file=str(path), surfaces=str(tmp_path / f"{number}.gpkg"))["objects"]
        for number, path in enumerate([shared / "cityjson" / "delft_3dfier" / "testarea.city.json", new, packed])
    ]
    assert counts == [570, 570, 570]


def test_types_and_area_are_filtered(run, shared, tmp_path):
    file = shared / "cityjson" / "cjio" / "delft.json"
    one = run("loadcityjson", file=str(file), types="Building", surfaces=str(tmp_path / "a.gpkg"))["objects"]
    two = run(
        "loadcityjson", file=str(file), types="Building", surfaces=str(tmp_path / "b.gpkg"),
        extent="84900,85000,447500,447600 [EPSG:28992]",
    )["objects"]  # fmt: skip
    assert one == 160 and 0 < two < one


def test_delft_floods_from_points_and_buildings(run, shared, tmp_path):
    """From the laser scan and the city model as delivered, to the water at each building."""
    terrain = run(
        "terrainfrompoints", file=str(shared / "pointcloud" / "delft_ahn3" / "ahn3_cropped_1.laz"), cell_size=1.0,
        fill_distance=50, terrain=str(tmp_path / "t.tif"),
    )["terrain"]  # fmt: skip
    city = run(
        "loadcityjson", file=str(shared / "cityjson" / "cjio" / "delft.json"), types="Building",
        extent="84810,84998,447415,447640 [EPSG:28992]",
        surfaces=str(tmp_path / "s.gpkg"), footprints=str(tmp_path / "f.gpkg"),
    )  # fmt: skip
    result = run(
        "flood", terrain=terrain, buildings=city["footprints"], rain=70, after=0,
        depth_max=str(tmp_path / "d.tif"), building_depth=str(tmp_path / "b.gpkg"),
    )  # fmt: skip
    assert abs(result["mass_error"]) < 1e-5  # as the design asks
    assert 0 < result["flooded_area"] < 188 * 225
    depths = [f["water_depth_max"] for f in QgsVectorLayer(result["building_depth"], "b", "ogr").getFeatures()]
    known = [depth for depth in depths if isinstance(depth, float)]
    assert len(known) > 30 and 0.05 < max(known) < 2.0  # m: a street that floods, not a flood from a river


def test_bgt_comes_in_one_layer_with_its_classes(run, tmp_path):
    import numpy as np

    from dtwin_plugin.data import Features, Geometries
    from dtwin_plugin.data.columns import column
    from dtwin_plugin.layers.write import write_features
    from dtwin_plugin.progress import Silent

    square = [[[(0, 0), (1, 0), (1, 1), (0, 0)]]]
    shape = Geometries.build("polygon", [square])
    shape = Geometries(
        "polygon", shape.coordinates + np.array([84_000.0, 447_000.0]), shape.rings, shape.parts, shape.features
    )
    write_features(Features(shape, {"functie": column(["fietspad"])}), tmp_path / "bgt.gpkg", "wegdeel", Silent())
    result = run("loadbgt", file=str(tmp_path / "bgt.gpkg"), bgt=str(tmp_path / "out.gpkg"))
    feature = next(QgsVectorLayer(result["bgt"], "bgt", "ogr").getFeatures())
    assert (feature["klasse"], feature["functie"]) == ("wegdeel", "fietspad")
