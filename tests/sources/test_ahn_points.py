"""Points of the AHN by area, from tiles on a server on this machine."""

import numpy as np
import pytest

from dtwin_plugin.data import Extent, PointCloud
from dtwin_plugin.errors import CrsError, InputError, UnavailableError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.ahn_points import AhnPointsSource, corners_of, versions
from dtwin_plugin.sources.copc import write_copc
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying

pytest.importorskip("lazrs")
pytestmark = pytest.mark.timeout(60)
AREA = Extent(84_900, 447_100, 85_100, 447_200)


def tile(x, y, z, path):
    """A tile with points 10 m apart, also on its four edges."""
    columns = np.meshgrid(x + np.arange(0, 1001, 10.0), y + np.arange(0, 1001, 10.0))
    flat = [column.ravel() for column in columns]
    write_copc([PointCloud(*flat, np.full(len(flat[0]), z), np.full(len(flat[0]), 2, np.uint8))], path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def bodies(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiles")
    return {
        "/six/084000_447000.laz": tile(84_000, 447_000, 6.0, folder / "a.copc.laz"),
        "/five/084000_447000.laz": tile(84_000, 447_000, 5.0, folder / "b.copc.laz"),
        "/five/085000_447000.laz": tile(85_000, 447_000, 5.0, folder / "c.copc.laz"),
    }


@pytest.fixture
def served(bodies, files_server):
    with files_server.serve(files_server.Files(bodies)) as state:
        yield state


def source(state, **options):
    urls = {"AHN6": state.url + "/six/{x}_{y}.laz", "AHN5": state.url + "/five/{x}_{y}.laz"}
    return AhnPointsSource(RequestsTransport(), urls=urls, **options)


def test_each_tile_comes_from_the_newest_version_that_has_it_and_no_point_twice(served):
    ahn = source(served)
    found = PointCloud.concatenate(list(ahn.read(AREA)))
    assert ahn.used == {"AHN6": 1, "AHN5": 1} and not ahn.missing
    assert len(found) == 21 * 11 == len({(x, y) for x, y in zip(found.x, found.y)})
    assert set(found.z[found.x <= 85_000]) == {6.0} and set(found.z[found.x > 85_000]) == {5.0}


def test_a_missing_tile_is_named_and_the_others_go_on(served):
    progress = Silent()
    found = PointCloud.concatenate(list(source(served).read(Extent(84_900, 447_900, 85_000, 448_100), progress)))
    assert found.extent.y_max == 448_000
    assert progress.warnings == ["1 of 2 tiles are missing, so that the points have gaps: 084000_448000."]
    with pytest.raises(UnavailableError, match="none of the 1 tiles of this area: 200000_500000"):
        list(source(served).read(Extent(200_100, 500_100, 200_200, 500_200)))


def test_a_server_that_fails_is_not_a_gap(served):
    served.faults = [(500, b"")] * 20
    served.files.clear()
    patient = Retrying(RequestsTransport(), attempts=2, sleep=lambda seconds: None)
    ahn = AhnPointsSource(patient, urls={"AHN6": served.url + "/six/{x}_{y}.laz"})
    with pytest.raises(UnavailableError, match="HTTP 500"):
        list(ahn.read(AREA))


def test_areas(served):
    assert corners_of(Extent(84_000, 447_000, 85_000, 448_000)) == [(84_000, 447_000)]
    assert corners_of(Extent(84_500, 447_500, 84_500, 447_500)) == [(84_000, 447_000)]
    with pytest.raises(InputError, match="at most 400"):
        list(source(served).read(Extent(84_000, 447_000, 110_000, 480_000)))
    with pytest.raises(InputError, match="need an area"):
        list(source(served).read())
    with pytest.raises(CrsError, match="not in RD New"):
        list(source(served).read(Extent(4, 52, 5, 53, "EPSG:4326")))


def test_the_catalogue_names_the_tiles():
    found = versions()
    assert list(found)[0] == "AHN6" and found["AHN6"].format(x="084000", y="447000").endswith("_084000_447000.COPC.LAZ")
