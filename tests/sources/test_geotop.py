"""GeoTOP from files: netCDF of any kind, and text."""

import csv
import zipfile

import numpy as np
import pytest

from dtwin_plugin.data import Extent, Voxels
from dtwin_plugin.errors import Cancelled, CrsError, DtwinError, FormatError, InputError
from dtwin_plugin.sources.geotop import GeotopSource, joined
from dtwin_plugin.sources.geotop.cells import Cut
from dtwin_plugin.sources.registry import SOURCES, find


@pytest.fixture
def real(shared):
    return shared / "subsurface" / "geost_usp" / "geotop_usp.nc"


@pytest.fixture
def raw(real):
    """The arrays of the real file as GDAL gives them."""
    from osgeo import gdal

    group = gdal.OpenEx(str(real), gdal.OF_MULTIDIM_RASTER).GetRootGroup()
    return {name: group.OpenMDArray(name).ReadAsArray() for name in group.GetMDArrayNames()}


SMALL = {
    "x": np.array([139_500, 139_600], np.int32),
    "y": np.array([454_700, 454_800, 454_900], np.int32),
    "z": np.array([-1.0, -0.5, 0.0, 0.5], np.float32),
    "strat": np.full((2, 3, 4), 1000, np.int16),
    "lithok": np.arange(24, dtype=np.int16).reshape(2, 3, 4) % 3 + 1,
    "kans_1": np.full((2, 3, 4), 20, np.int16),
    "kans_2": np.full((2, 3, 4), 30, np.int16),
    "onz_lk": np.full((2, 3, 4), 90, np.int16),
}


@pytest.fixture
def write_nc(tmp_path):
    """A writer of netCDF files through GDAL's multidimensional interface."""

    def write(arrays, kind="NC4", order="xyz", name="small.nc", names=None, missing=-127, **attributes):
        from osgeo import gdal

        names = names or {axis: axis for axis in "xyz"}
        dataset = gdal.GetDriverByName("netCDF").CreateMultiDimensional(str(tmp_path / name), [], [f"FORMAT={kind}"])
        group = dataset.GetRootGroup()
        dimensions = {axis: group.CreateDimension(names[axis], "", "", len(arrays[axis])) for axis in "xyz"}
        types = {"i2": gdal.GDT_Int16, "i4": gdal.GDT_Int32, "f4": gdal.GDT_Float32, "f8": gdal.GDT_Float64}
        for key, values in arrays.items():
            data = gdal.ExtendedDataType.Create(types[values.dtype.str[1:]])
            axes = [key] if key in "xyz" else list(order)
            array = group.CreateMDArray(names.get(key, key), [dimensions[axis] for axis in axes], data)
            values = values if key in "xyz" else values.transpose(["xyz".index(axis) for axis in order])
            if key not in "xyz":
                array.SetNoDataValueDouble(missing)
            for attribute, value in attributes.items():
                text = array.CreateAttribute(attribute, [], gdal.ExtendedDataType.CreateString())
                text.Write(value)
                del text
            array.Write(np.ascontiguousarray(values))
            del array
        del group, dimensions, dataset
        return tmp_path / name

    return write


def test_the_real_file_is_what_its_arrays_say(real, raw):
    voxels = joined(GeotopSource(real).read())
    known = raw["lithok"] != -127
    np.testing.assert_array_equal(voxels.classes[known], raw["lithok"][known])
    assert (voxels.classes[~known] == -1).all()
    assert (voxels.x_min, voxels.y_min, voxels.z_min) == (139_500, 454_700, -50)
    assert voxels.extent.bounds == (139_500, 454_700, 141_400, 456_200) and voxels.z_max == 106.5
    np.testing.assert_array_equal(voxels.layers["stratigraphy"][known], raw["strat"][known])
    assert (voxels.layers["stratigraphy"][~known] == 0).all()
    np.testing.assert_array_equal(voxels.layers["uncertainty"][known], raw["onz_lk"][known])
    assert np.isnan(voxels.layers["uncertainty_stratigraphy"][~known]).all()


def test_chances_are_parts_of_one_and_made_ground_has_none(real, raw):
    voxels = joined(GeotopSource(real).read())
    sure = raw["lithok"] > 0
    # percentages of the source: they add up to 100 there, so only float32 rounds
    np.testing.assert_allclose(voxels.probability[sure].sum(axis=-1), 1, atol=1e-6)
    np.testing.assert_allclose(voxels.probability[sure][:, 6], raw["kans_6"][sure] / 100, atol=1e-6)
    assert np.isnan(voxels.probability[raw["lithok"] == 0]).all()
    assert np.isnan(voxels.probability[raw["lithok"] == -127]).all()


def test_an_area_and_heights_give_the_same_cells_as_the_whole(real):
    whole = joined(GeotopSource(real).read())
    part = joined(GeotopSource(real, heights=(-10.0, 1.0)).read(Extent(139_650, 455_000, 140_000, 455_250)))
    assert part.classes.shape == (4, 3, 22) and (part.x_min, part.y_min, part.z_min) == (139_600, 455_000, -10)
    np.testing.assert_array_equal(part.classes, whole.classes[1:5, 3:6, 80:102])
    np.testing.assert_array_equal(part.probability, whole.probability[1:5, 3:6, 80:102])


def test_slabs_are_the_whole_whatever_their_size(real):
    from dtwin_plugin.progress import Silent
    from dtwin_plugin.sources.geotop.cells import block_of, cut_of, voxels
    from dtwin_plugin.sources.geotop.netcdf import NetcdfArrays

    arrays, progress = NetcdfArrays(real), Silent()
    block = block_of(arrays, progress)
    pieces = list(voxels(arrays, block, cut_of(block.axes, None, None, "a"), progress, most=1000))
    assert len(pieces) == 19 * 5 and max(piece.classes.size for piece in pieces) <= 1000
    np.testing.assert_array_equal(joined(pieces).classes, joined(GeotopSource(real).read()).classes)


def test_too_many_cells_are_refused_while_they_come():
    seen = []

    def pieces():
        for number in range(100):
            seen.append(number)
            classes = np.broadcast_to(np.int16(0), (1000, 1000, 5))  # takes no memory
            yield Voxels(classes, None, 1000.0 * number, 0.0, 0.0, (1.0, 1.0, 1.0), ("a",))

    with pytest.raises(InputError, match="more than 12000000 cells"):
        joined(pieces())
    assert len(seen) == 3


def test_slabs_of_less_than_a_column_are_columns():
    assert [slab.count for slab in Cut((0, 2), (0, 2), (0, 5)).slabs(1)] == [5, 5, 5, 5]


@pytest.mark.parametrize("kind", ["NC", "NC2", "NC4", "NC4C"])
def test_every_kind_of_netcdf_is_read_and_chosen_by_its_arrays(write_nc, kind):
    path = write_nc(SMALL, kind)
    assert find(path) is SOURCES["geotop"]
    voxels = joined(GeotopSource(path).read())
    np.testing.assert_array_equal(voxels.classes, SMALL["lithok"])
    assert voxels.cell_size == (100, 100, 0.5) and voxels.z_min == -1


@pytest.mark.parametrize("order", ["zyx", "yxz", "zxy"])
def test_axes_in_another_order_and_direction_give_the_same_voxels(write_nc, order):
    turned = {key: values[:, ::-1] if values.ndim == 3 else values for key, values in SMALL.items()}
    turned["y"] = SMALL["y"][::-1].copy()
    names = {"x": "X", "y": "Y", "z": "Height"}
    voxels = joined(GeotopSource(write_nc(turned, order=order, names=names)).read())
    np.testing.assert_array_equal(voxels.classes, SMALL["lithok"])
    assert voxels.y_min == 454_700


def test_labels_in_the_middle_of_cells_are_known_as_such(write_nc):
    middles = {**SMALL, "x": SMALL["x"] + np.int32(50), "y": SMALL["y"] + np.int32(50),
               "z": SMALL["z"] + np.float32(0.25)}  # fmt: skip
    voxels = joined(GeotopSource(write_nc(middles)).read())
    assert (voxels.x_min, voxels.y_min, voxels.z_min) == (139_500, 454_700, -1)


def test_a_file_without_chances_says_so(write_nc):
    arrays = {key: values for key, values in SMALL.items() if not key.startswith("kans")}
    source = GeotopSource(write_nc(arrays))
    assert joined(source.read()).probability is None
    assert "has no chances" in source.describe().warnings[0]


def test_other_netcdf_stays_a_raster(shared):
    assert find(shared / "terrain" / "xugrid" / "elevation_nl.nc") is SOURCES["raster"]
    assert find(shared / "flood" / "sfincs_test" / "precip_2d.nc") is SOURCES["raster"]


def test_a_file_elsewhere_is_refused(write_nc):
    far = {**SMALL, "x": np.array([900_000, 900_100], np.int32)}
    with pytest.raises(CrsError, match="is not in RD New"):
        GeotopSource(write_nc(far)).describe()


def test_cells_of_several_sizes_are_refused(write_nc):
    with pytest.raises(FormatError, match="axis z whose cells are not of one size"):
        list(GeotopSource(write_nc({**SMALL, "z": np.array([0, 0.5, 1.5, 2], np.float32)})).read())


def test_a_class_that_is_none_is_refused(write_nc):
    with pytest.raises(FormatError, match="lithoclass 12; expected 0 to 9"):
        list(GeotopSource(write_nc({**SMALL, "lithok": np.full((2, 3, 4), 12, np.int16)})).read())


@pytest.mark.parametrize("part", [0.2, 0.7, 0.999])
def test_a_file_that_ends_too_soon_is_refused(real, tmp_path, part):
    body = real.read_bytes()
    (tmp_path / "half.nc").write_bytes(body[: int(len(body) * part)])
    with pytest.raises(DtwinError, match="damaged or ends too soon"):
        list(GeotopSource(tmp_path / "half.nc").read())


def test_an_area_outside_is_refused(real):
    with pytest.raises(InputError, match="lies outside geotop_usp.nc"):
        list(GeotopSource(real).read(Extent(0, 400_000, 10, 400_010)))
    with pytest.raises(InputError, match="goes from -50.0 to 106.5 m NAP"):
        list(GeotopSource(real, heights=(200.0, 300.0)).read())


def test_the_user_can_stop_it(real, cancelling):
    with pytest.raises(Cancelled):
        list(GeotopSource(real).read(progress=cancelling(1)))


def rows_of(arrays, names):
    for i, x in enumerate(arrays["x"]):
        for j, y in enumerate(arrays["y"]):
            for k, z in enumerate(arrays["z"]):
                yield [x + 50, y + 50, float(z) + 0.25, *(arrays[name][i, j, k] for name in names)]


DINO = ["x", "y", "z", "lithostrat", "lithoklasse", "kans_1_veen", "kans_2_klei", "modelonzekerheid_lithoklasse"]


@pytest.mark.parametrize(("delimiter", "comma"), [(",", False), (";", True), ("\t", False)])
def test_an_export_as_text_is_the_same_voxels(tmp_path, delimiter, comma):
    path = tmp_path / "export.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow(DINO)
        for row in rows_of(SMALL, ["strat", "lithok", "kans_1", "kans_2", "onz_lk"]):
            writer.writerow([str(value).replace(".", ",") if comma else value for value in row])
    assert find(path) is SOURCES["geotop"]
    voxels = joined(GeotopSource(path).read())
    np.testing.assert_array_equal(voxels.classes, SMALL["lithok"])
    assert (voxels.x_min, voxels.z_min, voxels.cell_size) == (139_500, -1, (100, 100, 0.5))
    np.testing.assert_allclose(voxels.probability[..., 1], 0.4, atol=1e-6)  # 20 of 20 + 30
    assert (voxels.layers["uncertainty"] == 90).all()
    info = GeotopSource(path).describe()
    assert info.format == "GeoTOP, text" and info.facts["lithok"] == {"1": 8, "2": 8, "3": 8}


def test_cells_without_a_line_are_unknown(tmp_path):
    path = tmp_path / "gaps.csv"
    path.write_text("x,y,z,strat,lithok\n139500,454700,0,1000,2\n139700,454700,0.5,1000,-127\n139600,454700,1,,5\n")
    voxels = joined(GeotopSource(path).read())
    assert voxels.classes.shape == (3, 1, 3) and (voxels.classes >= 0).sum() == 2
    assert voxels.classes[1, 0, 2] == 5 and voxels.layers["stratigraphy"][1, 0, 2] == 0


def test_tables_in_a_zip_are_one_block(tmp_path):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("west.csv", "x,y,z,lithok\n139500,454700,0,1\n139500,454700,0.5,2\n")
        archive.writestr("east.csv", "x,y,z,lithok\n139600,454700,0,5\n")
    assert find(tmp_path / "export.zip") is SOURCES["geotop"]
    voxels = joined(GeotopSource(tmp_path / "export.zip").read())
    assert voxels.classes.tolist() == [[[1, 2]], [[5, -1]]]
    with zipfile.ZipFile(tmp_path / "export.zip", "a") as archive:
        archive.writestr("other.csv", "x,y,z,strat,lithok\n139600,454700,0,1,5\n")
    with pytest.raises(FormatError, match="tables of several kinds"):
        list(GeotopSource(tmp_path / "export.zip").read())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x,y,z,lithok\n1,2,3\n", "3 values in line 2; expected 4"),
        ("x,y,z,lithok\n", "no voxels after"),
        ("x,y,z,lithok\nabc,2,3,1\n", "without a number for x"),
        ("x,y,z,lithok\n100000,400000,0,1\n200000,500000,0.5,1\n200000.001,500000,90,1\n", "more than 12000000 cells"),
        ("x,y,z,lithok,lithok\n1,2,3,4,5\n", "line of names that differ"),
    ],
)
def test_text_that_is_spoilt_is_refused_by_its_fault(tmp_path, text, fault):
    path = tmp_path / "spoilt.csv"
    path.write_text(text)
    with pytest.raises(FormatError, match=fault):
        list(GeotopSource(path).read())
