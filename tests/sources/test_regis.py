"""Layers of REGIS II and DGM."""

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import FormatError, InputError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.geotop import RegisSource
from dtwin_plugin.sources.geotop.layers import LAYER_COLUMNS, Stack, table_of, voxels_of
from dtwin_plugin.sources.registry import SOURCES, find


@pytest.fixture
def real(shared):
    return shared / "subsurface" / "zeeland_nlmod" / "regis.nc"


@pytest.fixture
def raw(real):
    from osgeo import gdal

    group = gdal.OpenEx(str(real), gdal.OF_MULTIDIM_RASTER).GetRootGroup()
    return {name: group.OpenMDArray(name).ReadAsArray() for name in ("top", "botm", "kh", "kv")}


def test_the_file_is_chosen_by_its_arrays(real):
    assert find(real) is SOURCES["regis"]


def test_grids_are_the_arrays_of_the_file(real, raw):
    stack = RegisSource(real).stack()
    np.testing.assert_array_equal(stack.grid("top").values, raw["top"])  # layer, y from north to south, x
    np.testing.assert_array_equal(stack.grid("bottom", 4).values, raw["botm"][4])
    np.testing.assert_array_equal(stack.grid("kh", 4).values, raw["kh"][4])
    assert stack.extent.bounds == (32_300, 369_600, 34_300, 371_600)
    assert (stack.grid("top").unit, stack.grid("kv").unit) == ("m", "m d-1")


def test_each_voxel_is_the_layer_at_its_middle(real, raw):
    voxels = next(RegisSource(real, cell_height=2.0).read())
    assert voxels.names[0] == "HLc" and voxels.cell_size == (100, 100, 2)
    random = np.random.default_rng(4)
    for i, j, k in zip(*(random.integers(0, size, 500) for size in voxels.classes.shape)):
        middle = voxels.z_min + (k + 0.5) * 2.0
        top, bottom = raw["top"][:, 19 - j, i], raw["botm"][:, 19 - j, i]
        expected = [layer for layer in range(15) if bottom[layer] <= middle < top[layer]]
        number = int(voxels.classes[i, j, k])
        assert number == (expected[-1] if expected else -1)
        if expected:
            np.testing.assert_array_equal(voxels.layers["kh"][i, j, k], raw["kh"][number, 19 - j, i])


def test_an_area_is_a_part_of_the_whole(real):
    whole, part = RegisSource(real).stack(), RegisSource(real).stack(Extent(32_450, 369_700, 32_600, 369_750))
    assert part.extent.bounds == (32_400, 369_700, 32_600, 369_800)
    np.testing.assert_array_equal(part.values["top"], whole.values["top"][:, 1:3, 1:2])


def stack(tops, bottoms):
    values = {"top": np.array(tops, np.float32)[:, None, None], "bottom": np.array(bottoms, np.float32)[:, None, None]}
    return Stack(tuple("abc"[: len(tops)]), values, 0.0, 0.0, 100.0)


def test_a_layer_that_no_voxel_shows_is_named():
    progress = Silent()
    found = voxels_of(stack([2.0, 0.9, 0.8], [0.9, 0.8, -1.0]), 1.0, None, progress)
    assert found.classes.tolist() == [[[2, 2, 0]]] or found.classes.tolist() == [[[2, 0, 0]]]
    assert progress.warnings == ["1 layers are too thin for cells of 1.0 m and are not in the voxels: b."]


def test_levels_are_whole_multiples_of_the_height_from_nap():
    found = voxels_of(stack([1.3], [-0.6]), 0.5, None, Silent())
    # middles from -0.75 to 1.25: the layer is at -0.25 to 1.25, and -0.75 lies below it
    assert found.z_min == -1.0 and found.classes.tolist() == [[[-1, 0, 0, 0, 0]]]


def test_heights_limit_the_voxels():
    found = voxels_of(stack([10.0], [-10.0]), 1.0, (-2.0, 1.0), Silent())
    assert found.z_min == -2 and found.classes.shape == (1, 1, 3)
    with pytest.raises(InputError, match="lie outside"):
        voxels_of(stack([10.0], [-10.0]), 1.0, (20.0, 30.0), Silent())


def test_too_many_voxels_are_refused():
    with pytest.raises(InputError, match="at most 12000000"):
        voxels_of(stack([0.0], [-1_500.0]), 1e-4, None, Silent())


def test_the_table_of_layers_has_one_row_a_layer(real, raw):
    table = table_of(RegisSource(real).stack())
    assert list(table) == list(LAYER_COLUMNS) and table["layer"][0] == "HLc"
    assert table["top"][0] == pytest.approx(float(np.nanmax(raw["top"][0])))
    assert table["kv"][1] is None  # an aquifer has no vertical conductivity in REGIS


def test_an_area_outside_is_refused(real):
    with pytest.raises(InputError, match=r"lies outside regis\.nc"):
        RegisSource(real).stack(Extent(100_000, 400_000, 100_100, 400_100))


def test_half_a_file_is_refused(real, tmp_path):
    (tmp_path / "regis.nc").write_bytes(real.read_bytes()[:60_000])
    with pytest.raises(FormatError, match="damaged or ends too soon"):
        RegisSource(tmp_path / "regis.nc").describe()
