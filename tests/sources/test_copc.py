"""COPC as we write it, as others read it, and as hostile files and servers have it."""

import struct

import numpy as np
import pytest

from dtwin_plugin.data import Extent, PointCloud
from dtwin_plugin.errors import Cancelled, CrsError, FormatError, InputError, SourceError, UnavailableError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources import open_source
from dtwin_plugin.sources.copc import CopcSource, layout, octree, write_copc
from dtwin_plugin.sources.copc.layout import Key, Node
from dtwin_plugin.sources.http_range import together
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying

pytestmark = pytest.mark.timeout(60)
laspy = pytest.importorskip("laspy")

AREA = Extent(84_100, 447_100, 84_130, 447_140)


def scan(count=200_000, side=400.0, colour=False, seed=1):
    """Points on ground that rises, with blocks on it."""
    random = np.random.default_rng(seed)
    x, y = (start + side * random.random(count) for start in (84_000, 447_000))
    built = (x // 20 % 3 == 0) & (y // 20 % 3 == 0)
    z = 0.01 * (x - 84_000) + np.where(built, 8.0, 0.0)
    classes = np.where(built, 6, 2).astype(np.uint8)
    more = {"colour": random.integers(0, 65535, (count, 3)).astype(np.uint16)} if colour else {}
    return PointCloud(x, y, z, classes, random.integers(0, 5000, count).astype(np.uint16), **more)


@pytest.fixture(scope="module")
def cloud():
    return scan()


@pytest.fixture(scope="module")
def copc(cloud, tmp_path_factory):
    path = tmp_path_factory.mktemp("copc") / "a.copc.laz"
    assert write_copc([cloud], path) == len(cloud)
    return path


def read(source, extent=None, progress=None):
    pieces = list(source.read(extent, progress))
    return PointCloud.concatenate(pieces) if pieces else None


def in_order(cloud):
    """All columns as whole numbers, in one order."""
    columns = [np.rint(axis * 1000).astype(np.int64) for axis in (cloud.x, cloud.y, cloud.z)]
    columns += [cloud.classification.astype(np.int64), cloud.intensity.astype(np.int64)]
    if cloud.colour is not None:
        columns += list(cloud.colour.astype(np.int64).T)
    rows = np.column_stack(columns)
    return rows[np.lexsort(rows.T)]


def test_every_point_comes_back_to_the_millimetre(cloud, copc):
    assert (in_order(read(CopcSource(copc))) == in_order(cloud)).all()


def test_colours_come_back(tmp_path):
    cloud = scan(5000, colour=True)
    write_copc([cloud.take(np.arange(5000) < 100), cloud.take(np.arange(5000) >= 100)], tmp_path / "a.copc.laz")
    assert (in_order(read(CopcSource(tmp_path / "a.copc.laz"))) == in_order(cloud)).all()


def test_laspy_reads_it_whole_and_by_area_and_resolution(cloud, copc):
    whole = laspy.read(copc)
    assert len(whole) == len(cloud) and whole.header.version == "1.4" and whole.header.point_format.id == 6
    assert np.bincount(whole.classification).tolist() == np.bincount(cloud.classification).tolist()
    with laspy.CopcReader.open(str(copc)) as reader:
        assert len(reader.query()) == len(cloud)
        box = laspy.copc.Bounds(np.array(AREA.bounds[:2]), np.array(AREA.bounds[2:]))
        assert len(reader.query(bounds=box)) == len(read(CopcSource(copc), AREA))
        coarse = reader.query(resolution=4.0)
        assert len(coarse) == len(read(CopcSource(copc, resolution=4.0))) < len(cloud) / 5


def test_qgis_reads_it_without_pdal(cloud, copc, qgis_app):
    from qgis.core import QgsPointCloudLayer

    layer = QgsPointCloudLayer(str(copc), "a", "copc")
    assert layer.isValid() and layer.pointCount() == len(cloud) and layer.crs().authid() == "EPSG:7415"
    low, high = (getattr(layer.statistics(), name)("Z") for name in ("minimum", "maximum"))
    assert (low, high) == pytest.approx((cloud.z.min(), cloud.z.max()), abs=0.001)


def test_more_points_than_the_memory_may_hold_give_the_same_points(cloud, tmp_path):
    parts = [cloud.take(np.arange(len(cloud)) % 10 == n) for n in range(10)]
    write_copc(parts, tmp_path / "a.copc.laz", in_memory=30_000)
    source = CopcSource(tmp_path / "a.copc.laz")
    assert (in_order(read(source)) == in_order(cloud)).all()
    whole, inside = read(source, AREA), (cloud.x >= 84_100) & (cloud.x <= 84_130)
    inside &= (cloud.y >= 447_100) & (cloud.y <= 447_140)
    # A coordinate within half a millimetre of the edge may fall on the other side of it.
    assert abs(len(whole) - inside.sum()) <= 2
    assert [path.name for path in tmp_path.iterdir()] == ["a.copc.laz"]


def test_an_area_reads_few_bytes_and_only_its_points(cloud, copc):
    source = CopcSource(copc)
    found = read(source, AREA)
    assert AREA.contains(found.extent) and source.bytes_read < 0.5 * copc.stat().st_size
    assert read(CopcSource(copc, classes=6), AREA).classification.tolist() == [6] * int(
        (found.classification == 6).sum()
    )
    thin = read(CopcSource(copc, every=10))
    assert len(thin) == len(cloud) / 10


def test_a_coarse_picture_covers_the_whole_evenly(cloud, copc):
    found = read(CopcSource(copc, resolution=4.0))
    cells = np.unique((found.x // 20).astype(int) * 1000 + (found.y // 20).astype(int))
    assert len(cells) == 400


def test_compiled_and_plain_functions_agree():
    pytest.importorskip("numba")
    random = np.random.default_rng(3)
    places = (random.random((octree._COMPILED + 1, 3)) * [1e6, 1e6, 2e4]).astype(np.int32)
    places[:100_000] = places[0]
    low = places.min(axis=0).astype(np.int64)
    codes, rows, levels = octree.order_and_levels(places, low, 1_000_001)
    plain = octree.codes(places, low, 1_000_001)
    assert (rows == np.argsort(plain, kind="stable")).all() and (codes == plain[rows]).all()
    assert (levels == octree.levels(plain[rows])).all()


def test_equal_points_and_a_single_one_are_written(tmp_path):
    one = PointCloud(*np.array([[84_000.0], [447_000.0], [1.0]]), np.array([2], np.uint8))
    assert write_copc([one], tmp_path / "a.copc.laz") == len(read(CopcSource(tmp_path / "a.copc.laz"))) == 1
    many = one.take(np.zeros(50_000, int))
    assert write_copc([many], tmp_path / "b.copc.laz") == len(read(CopcSource(tmp_path / "b.copc.laz"))) == 50_000


def test_many_nodes_go_to_pages_of_their_own(copc):
    nodes = {Key(0, 0, 0, 0): Node(1, 40, 1)}
    for level in range(1, 8):
        nodes.update({Key(level, x, y, 0): Node(1, 40, 1) for x in range(2**level) for y in range(2**level)})
    data, root = layout.hierarchy_bytes(nodes, 5000)
    found, pages = {}, [(0, root)]
    while pages:
        start, size = pages.pop()
        for key, node in layout.entries(data[start : start + size]):
            if node.points == -1:
                pages.append((node.offset - 5000, node.size))
            else:
                found[key] = node
    assert found == nodes and root < len(data)


@pytest.mark.parametrize(("clouds", "sentence"), [
    ([], "There are no points to write. Choose another area"),
    ([PointCloud(*np.array([[np.nan], [1.0], [1.0]]), np.array([2], np.uint8))], "has the coordinate nan"),
    ([PointCloud(*np.array([[1e9], [1.0], [1.0]]), np.array([2], np.uint8))], "cannot be written in mm"),
])  # fmt: skip
def test_what_cannot_be_written_is_one_sentence_and_leaves_nothing(tmp_path, clouds, sentence):
    with pytest.raises(InputError, match=sentence):
        write_copc(clouds, tmp_path / "a.copc.laz")
    assert not list(tmp_path.iterdir())


def test_a_stop_leaves_nothing(cloud, tmp_path):
    class Stop(Silent):
        asked = 0

        def is_cancelled(self):
            self.asked += 1
            return self.asked > 6

    with pytest.raises(Cancelled):
        write_copc((cloud for _ in range(20)), tmp_path / "a.copc.laz", progress=Stop(), in_memory=300_000)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_a_file_is_one_sentence(cloud, tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(SourceError, match="cannot be written"):
        write_copc([cloud], tmp_path / "a" / "b.copc.laz")


def test_the_choice_by_content(copc, shared):
    assert isinstance(open_source(copc), CopcSource)
    real = shared / "pointcloud/pdal/1.2-with-color.copc.laz"
    info = open_source(real).describe()
    assert info.format == "COPC 1.0 (LAS 1.4)" and info.count == 1065 and info.facts["classes"] == {"1": 789, "2": 276}
    assert info.facts["crs_name"] == "NAD83 / Oregon LCC (m) + NAVD88 height (ftUS)"
    assert "US survey foot" in info.warnings[0]
    assert not isinstance(open_source(shared / "pointcloud/pdal/simple.laz"), CopcSource)


def test_delft_becomes_copc_with_its_classes(shared, tmp_path):
    source = open_source(shared / "pointcloud/delft_ahn3/ahn3_cropped_1.laz")
    assert write_copc(source.read(), tmp_path / "delft.copc.laz") == 640_510
    facts = open_source(tmp_path / "delft.copc.laz").describe()
    assert facts.facts["classes"] == {"1": 196137, "2": 195988, "6": 246753, "9": 267, "26": 1365}
    assert facts.crs == "EPSG:7415" and facts.extent == pytest.approx(
        (84808.3, 447412.8, -0.568, 85000, 447641.3, 19.398)
    )


# Hostile files


@pytest.fixture
def changed(copc, tmp_path):
    """A writer of the file with other bytes in its info or in an entry of its hierarchy."""

    def write(info=None, entry=None, header=None):
        data = bytearray(copc.read_bytes())
        at = 375 + 54
        root, size = struct.unpack_from("<QQ", data, at + 40)
        for place, fmt, value in info or ():
            struct.pack_into(fmt, data, at + place, value)
        for number, place, fmt, value in entry or ():
            struct.pack_into(fmt, data, root + 32 * number + place, value)
        for place, fmt, value in header or ():
            struct.pack_into(fmt, data, place, value)
        path = tmp_path / "bad.copc.laz"
        path.write_bytes(data)
        return path, root, size

    return write


@pytest.mark.parametrize(("change", "sentence"), [
    ({"info": [(24, "<d", float("nan"))]}, "it has a cube of nan m"),
    ({"info": [(32, "<d", 0.0)]}, "a spacing of 0.0 m"),
    ({"info": [(40, "<Q", 1 << 60)]}, "refers to byte"),
    ({"info": [(48, "<Q", 1 << 40)]}, "a page of it takes"),
    ({"info": [(48, "<Q", 33)]}, "a page of it takes 33 bytes"),
    ({"entry": [(0, 0, "<i", 40)]}, "which no octree has"),
    ({"entry": [(1, 4, "<i", 9)]}, "which no octree has"),
    ({"entry": [(0, 16, "<Q", 1 << 62)]}, "refers to byte"),
    ({"entry": [(0, 24, "<i", -5)]}, "points in -5 bytes"),
    ({"entry": [(0, 24, "<i", 10)]}, "points in 10 bytes"),
    ({"entry": [(0, 28, "<i", 2_000_000_000)]}, "points in"),
    ({"entry": [(0, 28, "<i", 190_000), (1, 28, "<i", 190_000)]}, "more than the 200000 points of the header"),
    ({"entry": [(0, 28, "<i", -7)]}, "has -7 points"),
    ({"entry": [(0, 28, "<i", 5)]}, "the points say otherwise"),
])  # fmt: skip
def test_a_hierarchy_that_cannot_be_true_is_one_sentence(changed, change, sentence):
    path, _, _ = changed(**change)
    with pytest.raises(FormatError, match=sentence):
        list(CopcSource(path).read())


def test_pages_in_a_circle_are_refused(changed):
    _, root, size = changed()
    path, _, _ = changed(entry=[(0, 16, "<Q", root), (0, 24, "<i", size), (0, 28, "<i", -1)])
    with pytest.raises(FormatError, match="in a circle"):
        list(CopcSource(path).read())


def test_a_node_with_other_bytes_is_one_sentence_or_other_points(copc, tmp_path):
    data = bytearray(copc.read_bytes())
    path = tmp_path / "a.copc.laz"
    for seed in range(30):
        random = np.random.default_rng(seed)
        broken = bytearray(data)
        for place in random.integers(600, len(data), 20):
            broken[place] = random.integers(0, 256)
        path.write_bytes(broken)
        try:
            sum(map(len, CopcSource(path).read()))
        except (SourceError, CrsError) as error:
            assert "{" not in str(error)


@pytest.mark.parametrize("size", [100, 400, 600, 3000, 100_000])
def test_a_file_that_ends_too_soon_is_one_sentence(copc, tmp_path, size):
    path = tmp_path / "a.copc.laz"
    path.write_bytes(copc.read_bytes()[:size])
    with pytest.raises(FormatError):
        list(CopcSource(path).read())


# Servers


@pytest.fixture
def served(copc, files_server):
    with files_server.serve(files_server.Files({"/a.copc.laz": copc.read_bytes()})) as state:
        yield state


def remote(state, **options):
    transport = Retrying(RequestsTransport(), sleep=lambda seconds: None)
    return CopcSource(state.url + "/a.copc.laz", transport=transport, **options)


def test_a_server_gives_the_area_and_little_more(served, copc):
    source = remote(served)
    assert (in_order(read(source, AREA)) == in_order(read(CopcSource(copc), AREA))).all()
    assert source.bytes_read == served.sent < 0.5 * copc.stat().st_size
    assert all(wanted and wanted.startswith("bytes=") for _, wanted in served.asked) and len(served.asked) < 12


def test_the_facts_of_a_server_cost_a_few_kilobytes(served, cloud):
    info = remote(served).describe()
    assert info.count == len(cloud) and info.crs == "EPSG:7415" and served.sent < 30_000
    assert info.extent == pytest.approx((84_000, 447_000, 0, 84_400, 447_400, 11.8), abs=0.1)


def test_a_lower_resolution_costs_fewer_bytes(served):
    assert len(read(remote(served, resolution=4.0))) > 5_000
    coarse, served.sent = served.sent, 0
    read(remote(served))
    assert coarse < served.sent / 4


def test_a_busy_server_is_asked_again(served):
    served.faults = [(429, b""), (503, b"")]
    assert len(read(remote(served), AREA)) > 1000


@pytest.mark.parametrize(("change", "sentence"), [
    ({"ranges": False}, "does not give parts of a.copc.laz, but only all of it. Download the file"),
    ({"liar": True}, "bytes of a.copc.laz where|cannot be used|ends too soon|refers to byte|sent"),
    ({"files": {}}, "HTTP 404"),
    ({"faults": [(206, b"LASF")]}, "sent another part"),
    ({"faults": [(416, b"")]}, "ends before byte 1"),
])  # fmt: skip
def test_a_server_that_does_otherwise_is_one_sentence(served, change, sentence):
    for name, value in change.items():
        setattr(served, name, value)
    with pytest.raises(SourceError, match=sentence):
        read(remote(served), AREA)


def test_a_file_that_changes_while_it_is_read_is_one_sentence(served):
    source = remote(served)
    source.describe()
    served.files["/a.copc.laz"] += b"more"
    with pytest.raises(UnavailableError, match="changed while it was read"):
        read(source, AREA)


def test_parts_beside_each_other_are_read_at_once():
    assert together([(0, 10), (10, 10), (9_000_000, 10), (4000, 5)]) == [[0, 1, 3], [2]]
    assert together([]) == []
