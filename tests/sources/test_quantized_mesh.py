"""Quantized mesh: tiles that are coded here are read back, and what is damaged is one sentence."""

import gzip
import json
import struct

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import FormatError, InputError, UnavailableError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.describe_one import describe_one
from dtwin_plugin.sources.quantized_mesh import QuantizedMeshSource, source
from dtwin_plugin.sources.quantized_mesh.tile import read_tile

LEVEL = 12
SIZE = 180 / 2**LEVEL


def coded(u, v, h, triangles, low=0.0, high=100.0):
    """A tile as the format asks: zigzag of differences, indices against the high water mark."""
    head = struct.pack("<3d2f4d3d", 0, 0, 0, low, high, 0, 0, 0, 1, 0, 0, 0) + struct.pack("<I", len(u))
    for values in (u, v, h):
        steps = np.diff(np.asarray(values, np.int64), prepend=0)
        head += ((steps << 1) ^ (steps >> 63)).astype("<u2").tobytes()
    codes, highest = [], 0
    for index in np.ravel(triangles):
        codes.append(highest - index)
        highest += index == highest
    width = "<u4" if len(u) > 65_536 else "<u2"
    head += b"\0" * (-len(head) % int(width[-1]))
    return head + struct.pack("<I", len(triangles)) + np.array(codes).astype(width).tobytes() + b"\0" * 16


def plane(**more):
    """A square of two triangles whose height grows from 0 in the west to 100 m in the east."""
    return coded([0, 32767, 0, 32767], [0, 0, 32767, 32767], [0, 32767, 0, 32767], [(0, 1, 2), (1, 3, 2)], **more)


def test_a_tile_is_read_back():
    tile = read_tile(plane(low=-5.0, high=15.0), (4.0, 52.0, 5.0, 53.0), "a")
    assert tile.places.tolist() == [[4, 52, -5], [5, 52, 15], [4, 53, -5], [5, 53, 15]]
    assert tile.triangles.tolist() == [[0, 1, 2], [1, 3, 2]]
    assert read_tile(gzip.compress(plane()), (0, 0, 1, 1), "a").places[1].tolist() == [1, 0, 100]


@pytest.mark.parametrize("count", [100, 300])
def test_any_tile_is_read_back(count):
    dice = np.random.default_rng(count)
    u, v, h = dice.integers(0, 32768, (3, count * count if count > 255 else count))
    triangles = np.sort(dice.permutation(len(u))[: len(u) // 3 * 3].reshape(-1, 3), axis=1)
    order = np.argsort(triangles.min(axis=1))
    numbers = np.full(len(u), -1)
    numbers[triangles[order].ravel()] = np.arange(triangles.size)  # the format wants indices in the order of use
    place = np.argsort(np.where(numbers < 0, len(u) + np.arange(len(u)), numbers))
    triangles = numbers[triangles[order]]
    tile = read_tile(coded(u[place], v[place], h[place], triangles), (0, 0, 1, 1), "a")
    assert (tile.triangles == triangles).all() and np.allclose(tile.places[:, 0] * 32767, u[place])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:60],
        lambda data: data[:100],
        lambda data: data[:88] + struct.pack("<I", 4_000_000_000) + data[92:],
        lambda data: data[:116] + struct.pack("<I", 4_000_000_000) + data[120:],
        lambda data: data[:120] + b"\xff\xff" + data[122:],
        lambda data: gzip.compress(data)[:-9],
    ],
)
def test_a_damaged_tile_is_one_sentence(spoil):
    with pytest.raises(FormatError, match="The terrain tile a is damaged"):
        read_tile(spoil(plane()), (0, 0, 1, 1), "a")


@pytest.fixture
def flat(monkeypatch):
    """Degrees that are taken as RD by a fixed scale, as the grids may be absent: what is tested is the way to cells."""
    scale, corner = 1000 / SIZE, (84_000.0, 447_000.0)
    west, south = 4.3 // SIZE * SIZE, 52.0 // SIZE * SIZE

    def to_rd(places, crs):
        assert crs == "EPSG:4979"
        return np.column_stack(
            [corner[0] + (places[:, 0] - west) * scale, corner[1] + (places[:, 1] - south) * scale, places[:, 2]]
        )

    def from_rd(extent, crs):
        box = np.array(extent.bounds).reshape(2, 2) - corner
        return tuple((box / scale + (west, south)).ravel().tolist())

    monkeypatch.setattr(source.crs, "to_rd", to_rd)
    monkeypatch.setattr(source.crs, "extent_from_rd", from_rd)
    return round((west + 180) / SIZE), round((south + 90) / SIZE)


@pytest.fixture
def terrain(tmp_path, flat):
    """Two tiles beside each other."""
    column, row = flat
    layer = {"format": "quantized-mesh-1.0", "scheme": "tms", "tiles": ["{z}/{x}/{y}.terrain?v={version}"],
             "maxzoom": LEVEL, "bounds": [3.0, 50.5, 7.5, 53.7], "version": "1.1.0"}  # fmt: skip
    (tmp_path / "layer.json").write_text(json.dumps(layer))
    for step in (0, 1):
        path = tmp_path / str(LEVEL) / str(column + step) / f"{row}.terrain"
        path.parent.mkdir(parents=True)
        path.write_bytes(plane(low=100.0 * step, high=100.0 * step + 100))
    return tmp_path


def test_a_plane_comes_out_as_a_plane_over_the_edge_of_tiles(terrain):
    (grid,) = QuantizedMeshSource(terrain / "layer.json", cell_size=10).read(Extent(84_500, 447_100, 85_500, 447_200))
    assert grid.shape == (10, 100) and grid.unit == "m"
    expected = 50.5 + np.arange(100)  # 100 m in 1000 m, at the centres of cells
    assert np.allclose(grid.values, expected, atol=0.01)  # heights are steps of 100 m / 32767


def test_a_missing_tile_is_a_gap_that_is_named(terrain, flat):
    (terrain / str(LEVEL) / str(flat[0] + 1) / f"{flat[1]}.terrain").unlink()
    progress = Silent()
    source_ = QuantizedMeshSource(terrain / "layer.json", cell_size=10)
    (grid,) = source_.read(Extent(84_500, 447_100, 85_500, 447_200), progress)
    assert np.isnan(grid.values[:, 50:]).all() and not np.isnan(grid.values[:, :50]).any()
    assert (
        f"1 of 2 tiles are missing, so that the terrain has gaps: {LEVEL}/{flat[0] + 1}/{flat[1]}." in progress.warnings
    )
    with pytest.raises(UnavailableError, match="no tile for this area"):
        next(source_.read(Extent(85_500, 447_100, 85_600, 447_200)))


def test_what_cannot_be_read_is_one_sentence(terrain):
    with pytest.raises(InputError, match="too many cells"):
        next(QuantizedMeshSource(terrain / "layer.json", cell_size=0.01).read(Extent(84_000, 447_000, 86_000, 448_000)))
    (terrain / "layer.json").write_text('{"format": "heightmap-1.0"}')
    with pytest.raises(FormatError, match="expected quantized-mesh"):
        QuantizedMeshSource(terrain / "layer.json").describe()


def test_describe_knows_the_layer_and_a_tile(terrain, flat):
    layer = describe_one(terrain / "layer.json")
    assert layer["status"] == "loaded" and layer["source"] == "quantized_mesh"
    assert layer["facts"]["levels"] == LEVEL and layer["extent"] == [3.0, 50.5, 7.5, 53.7]
    tile = describe_one(terrain / str(LEVEL) / str(flat[0]) / f"{flat[1]}.terrain")
    assert tile["status"] == "loaded" and tile["count"] == 2 and tile["facts"]["heights"] == [0.0, 100.0]
