"""Entwine point tiles: a real one, small ones made here, and broken ones."""

import json

import numpy as np
import pytest

from dtwin_plugin.data import Extent, PointCloud
from dtwin_plugin.errors import CrsError, DtwinError, FormatError, MissingDependencyError, SourceError, UnavailableError
from dtwin_plugin.sources import open_source
from dtwin_plugin.sources.ept import EptSource
from dtwin_plugin.sources.requests_transport import RequestsTransport

SCHEMA = [
    *({"name": axis, "type": "signed", "size": 4, "scale": 0.01, "offset": offset}
      for axis, offset in (("X", 84_000.0), ("Y", 447_000.0), ("Z", 0.0))),
    {"name": "Classification", "type": "unsigned", "size": 1},
]  # fmt: skip
LAYOUT = np.dtype([("X", "<i4"), ("Y", "<i4"), ("Z", "<i4"), ("C", "u1")])


def description(**more):
    return {
        "bounds": [84_000, 447_000, 0, 84_128, 447_128, 128],
        "boundsConforming": [84_000, 447_000, 0, 84_128, 447_128, 5],
        "dataType": "binary", "hierarchyType": "json", "points": 5, "schema": SCHEMA, "span": 128, "version": "1.0.0",
        "srs": {"authority": "EPSG", "horizontal": "28992", "vertical": "5709"}, **more,
    }  # fmt: skip


def node(*points):
    rows = [(round((x - 84_000) * 100), round((y - 447_000) * 100), round(z * 100), c) for x, y, z, c in points]
    return np.array(rows, LAYOUT).tobytes()


@pytest.fixture
def tiles():
    """Files of five points in three nodes, the last on a page of its own."""
    return {
        "ept.json": json.dumps(description()).encode(),
        "ept-hierarchy/0-0-0-0.json": b'{"0-0-0-0": 2, "1-0-0-0": 1, "1-1-1-0": -1}',
        "ept-hierarchy/1-1-1-0.json": b'{"1-1-1-0": 2}',
        "ept-data/0-0-0-0.bin": node((84_010, 447_010, 1, 2), (84_100, 447_100, 2, 6)),
        "ept-data/1-0-0-0.bin": node((84_020, 447_020, 3, 2)),
        "ept-data/1-1-1-0.bin": node((84_120, 447_120, 4, 9), (84_121, 447_121, 5, 2)),
    }


@pytest.fixture
def folder(tiles, tmp_path):
    def write(**changes):
        for name, body in {**tiles, **changes}.items():
            if body is not None:
                path = tmp_path / "cloud" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(body)
        return tmp_path / "cloud"

    return write


def read(source, extent=None):
    return PointCloud.concatenate(list(source.read(extent)))


def test_the_real_one_has_the_facts_of_its_row(shared):
    info = open_source(shared / "pointcloud/pdal/ept_1.2-with-color/ept.json").describe()
    assert info.format == "EPT" and info.count == 1065 and info.facts["classes"] == {"1": 789, "2": 276}
    assert info.extent == pytest.approx((635619.85, 848899.7, 406.59, 638982.55, 853535.43, 586.38))
    with pytest.raises(CrsError, match="no coordinate reference system that has an EPSG code"):
        next(EptSource(shared / "pointcloud/pdal/ept_1.2-with-color").read())


def test_binary_nodes_by_area_class_and_resolution(folder):
    source = EptSource(folder())
    assert sorted(read(source).z.tolist()) == [1, 2, 3, 4, 5] and source.describe().crs == "EPSG:7415"
    assert sorted(read(source, Extent(84_000, 447_000, 84_030, 447_030)).z.tolist()) == [1, 3]
    assert sorted(read(EptSource(folder(), resolution=1.0)).z.tolist()) == [1, 2]
    assert sorted(read(EptSource(folder(), classes=[2])).z.tolist()) == [1, 3, 5]


def test_pages_outside_the_area_are_not_read(folder):
    path = folder(**{"ept-hierarchy/1-1-1-0.json": b"{"})
    assert len(read(EptSource(path), Extent(84_000, 447_000, 84_030, 447_030))) == 2
    with pytest.raises(FormatError, match="not JSON"):
        read(EptSource(path))


def test_a_server_gives_only_the_nodes_of_the_area(tiles, files_server):
    with files_server.serve(files_server.Files({f"/c/{name}": body for name, body in tiles.items()})) as state:
        source = EptSource(state.url + "/c/ept.json", transport=RequestsTransport())
        assert len(read(source, Extent(84_000, 447_000, 84_030, 447_030))) == 2
        assert [path for path, _ in state.asked] == [
            "/c/ept.json", "/c/ept-hierarchy/0-0-0-0.json", "/c/ept-data/0-0-0-0.bin", "/c/ept-data/1-0-0-0.bin",
        ]  # fmt: skip
        del state.files["/c/ept-data/0-0-0-0.bin"]
        with pytest.raises(UnavailableError, match="HTTP 404"):
            read(EptSource(state.url + "/c/ept.json", transport=RequestsTransport()))


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"ept.json": b"["}, "is not JSON"),
    ({"ept.json": b"[" * 100_000}, "is not JSON"),
    ({"ept.json": b"{}"}, "schema"),
    ({"ept.json": json.dumps(description(bounds=[1, 2])).encode()}, "bounds are no box"),
    ({"ept.json": json.dumps(description(span=0)).encode()}, "a span"),
    ({"ept.json": json.dumps(description(schema=SCHEMA[:2])).encode()}, "no X, Y and Z"),
    ({"ept.json": json.dumps(description(dataType="gzip")).encode()}, "points of type gzip"),
    ({"ept.json": json.dumps(description(points=4)).encode()}, "more than the 4 points"),
    ({"ept-hierarchy/0-0-0-0.json": b'{"0-0-0-0": -1}'}, "refers to itself"),
    ({"ept-hierarchy/0-0-0-0.json": b'{"1-2-0-0": 1}'}, "which no octree has"),
    ({"ept-hierarchy/0-0-0-0.json": b'{"../../x": 1}'}, "it has a node"),
    ({"ept-hierarchy/0-0-0-0.json": b'{"0-0-0-0": 2.5}'}, "it has a node"),
    ({"ept-data/0-0-0-0.bin": b"123"}, "has 0 points where its hierarchy has 2"),
])  # fmt: skip
def test_what_cannot_be_true_is_one_sentence(folder, changes, sentence):
    with pytest.raises(FormatError, match=sentence):
        read(EptSource(folder(**changes)))


def test_an_absent_node_and_an_absent_cloud_are_one_sentence(folder, tmp_path):
    path = folder()
    (path / "ept-data/0-0-0-0.bin").unlink()
    with pytest.raises(SourceError, match="does not exist"):
        read(EptSource(path))
    with pytest.raises(SourceError, match="does not exist"):
        EptSource(tmp_path / "nothing" / "ept.json").describe()


def test_zstandard_is_read_or_its_package_asked_for(folder):
    changes = {"ept.json": json.dumps(description(dataType="zstandard")).encode()}
    try:
        import zstandard
    except ImportError:
        with pytest.raises(MissingDependencyError, match="zstandard"):
            read(EptSource(folder(**changes)))
        return
    packed = {name.replace(".bin", ".zst"): zstandard.compress(body) for name, body in folder_files(folder()).items()}
    assert len(read(EptSource(folder(**changes, **packed)))) == 5


def folder_files(path):
    return {f"ept-data/{file.name}": file.read_bytes() for file in (path / "ept-data").glob("*.bin")}


def test_broken_bytes_are_one_sentence(folder):
    whole = json.dumps(description()).encode()
    for seed in range(60):
        random = np.random.default_rng(seed)
        broken = bytearray(whole)
        for place in random.integers(0, len(broken), 3):
            broken[place] = random.integers(0, 256)
        try:
            sum(map(len, EptSource(folder(**{"ept.json": bytes(broken)})).read()))
        except DtwinError as error:
            assert "{" not in str(error)
