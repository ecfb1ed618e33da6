"""Reading point clouds, made here and real."""

import re
import struct
import sys

import numpy as np
import pytest

from dtwin_plugin.data import Extent, PointCloud
from dtwin_plugin.errors import Cancelled, CrsError, FormatError, InputError, MissingDependencyError, SourceError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources import SourceInfo, open_source
from dtwin_plugin.sources.las import LasSource

pytestmark = pytest.mark.timeout(60)

X, Y = 84_900.0, 447_500.0
READABLE = [
    "delft_ahn3/ahn3_cropped_1.laz",
    *(f"dtcc_minimalcase/{name}" for name in ("pointcloud.las",)),
    *(f"laspy/{name}" for name in ("1_4_w_evlr.las", "autzen_geo_proj.las", "plane.laz", "simple1_3.las")),
    *(f"pdal/1.{name}" for name in ("0_0.las", "2-empty-geotiff-vlrs.las", "2-with-color.copc.laz", "2_3.las")),
    *(f"pdal/{name}.las" for name in ("bad_vlr_count", "extrabytes", "gps-time-nan", "lots_of_vlr", "no-points")),
    *(f"pdal/{name}" for name in ("autzen_trim.laz", "simple.las", "simple.laz", "test1_4.las", "test_epsg_4326.las")),
    "pdal/utm15.las",
    *(f"py3dtiles/{name}.las" for name in ("ripple", "with_srs_3857", "without_srs")),
]


@pytest.fixture
def write_las(tmp_path):
    """A writer of small files through laspy: ten points in a row, 1 m apart."""
    laspy = pytest.importorskip("laspy")

    def write(name="a.las", version="1.2", point_format=3, count=10, crs=None, start=(X, Y), extra=False, z=None):
        header = laspy.LasHeader(version=version, point_format=point_format)
        header.scales, header.offsets = np.full(3, 0.001), np.array([*start, 0.0])
        if extra:
            header.add_extra_dim(laspy.ExtraBytesParams("height", "float64"))
        if crs:
            header.vlrs.append(laspy.VLR("LASF_Projection", *crs))
        las = laspy.LasData(header)
        las.x, las.y = start[0] + np.arange(count), np.full(count, start[1])
        las.z = np.arange(count) / 10 if z is None else z
        las.classification = np.arange(count) % 4
        las.intensity = np.arange(count) * 100
        if "red" in las.point_format.dimension_names:
            las.red, las.green, las.blue = np.arange(count), np.arange(count) + 1, np.arange(count) + 2
        if extra:
            las.height = np.arange(count, dtype=float)
        las.write(str(tmp_path / name))
        return tmp_path / name

    return write


def keys(*pairs):
    """A GeoTIFF key directory record."""
    numbers = [1, 1, 0, len(pairs)] + [n for key, value in pairs for n in (key, 0, 1, value)]
    return 34735, "", struct.pack(f"<{len(numbers)}H", *numbers)


def read(path, extent=None, progress=None, **options):
    pieces = list(LasSource(path, **options).read(extent, progress))
    return PointCloud.concatenate(pieces) if pieces else None


def patched(path, offset, fmt, *values):
    data = bytearray(path.read_bytes())
    struct.pack_into(fmt, data, offset, *values)
    path.write_bytes(data)
    return path


def facts_of_the_readme(shared, name):
    """What the data folder's table says of a file."""
    (line,) = [line for line in (shared / "README.md").read_text("utf-8").splitlines() if f"| `{name}` |" in line]
    checked = line.split("|")[-2]

    def numbers(label):
        found = re.search(label + r" \[([^\]]*)\]", checked)
        return [float(text) for text in found.group(1).split(",")] if found else None

    dimensions = re.search(r"extra dimensions (.*?)\s*$", checked)
    return {
        "version": re.search(r"LAS ([\d.]+)", checked).group(1),
        "point_format": int(re.search(r"point format (\d+)", checked).group(1)),
        "count": int(re.search(r"(\d+) points", checked).group(1)),
        "minimum": numbers("min"),
        "maximum": numbers("max"),
        "crs": re.search(r"CRS ([^;]+)|no CRS", checked).group(1),
        "classes": {name: int(count) for name, count in re.findall(r"(\d+):(\d+)", checked)},
        "extra_dimensions": dimensions.group(1).split(", ") if dimensions else [],
    }


@pytest.mark.parametrize("name", READABLE)
def test_the_facts_of_real_files_are_found(shared, name):
    expected = facts_of_the_readme(shared, name)
    info = LasSource(shared / "pointcloud" / name).describe()
    assert isinstance(info, SourceInfo) and info.count == expected["count"]
    for fact in ("version", "point_format", "classes", "extra_dimensions"):
        assert info.facts[fact] == expected[fact], fact
    if (expected["crs"] or "").startswith("EPSG:"):
        assert info.crs == expected["crs"]
    elif expected["crs"]:
        assert info.facts["crs_name"] == expected["crs"]
    else:
        assert info.crs is None
    if "states another extent" not in " ".join(info.warnings) and expected["minimum"]:
        # The table has the box of the header, rounded to centimetres, which itself may be rounded another way.
        assert np.allclose(info.extent, [*expected["minimum"], *expected["maximum"]], rtol=0, atol=0.0101)


def test_a_wrong_extent_in_the_header_is_told(shared):
    info = LasSource(shared / "pointcloud/laspy/simple1_3.las").describe()
    assert "states another extent" in " ".join(info.warnings) and info.extent[0] == pytest.approx(-235434.519)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("pdal/garbage_nVariableLength.las", "1069128089 records before its points"),
        ("pdal/1.2-no-points.las", "1065 points, and there is room for 0"),
        ("py3dtiles/easting_northing_ordering_2326.xyz", "is not a LAS file"),
        ("dtcc_minimalcase/PropertyMap.shp", "is not a LAS file"),
    ],
)
def test_broken_real_files_are_refused(shared, name, sentence):
    with pytest.raises(FormatError, match=sentence):
        LasSource(shared / "pointcloud" / name).describe()
    with pytest.raises(FormatError, match=sentence):
        read(shared / "pointcloud" / name)


def test_a_tile_of_an_ept_folder_is_read(shared):
    info = LasSource(shared / "pointcloud/pdal/ept_1.2-with-color/ept-data/0-0-0-0.laz").describe()
    assert info.count == 1065 and info.facts["classes"] == {"1": 789, "2": 276}


def test_copc_laz_and_las_of_the_same_points_are_alike(shared):
    folder, options = shared / "pointcloud/pdal", {"assume_crs": "EPSG:28992"}
    las, laz = (read(folder / name, **options) for name in ("simple.las", "simple.laz"))
    assert np.array_equal(las.x, laz.x) and np.array_equal(las.z, laz.z) and np.array_equal(las.colour, laz.colour)
    copc = LasSource(folder / "1.2-with-color.copc.laz").describe()
    assert copc.extent == pytest.approx((*las.extent.bounds[:2], las.z.min(), *las.extent.bounds[2:], las.z.max()))


def test_ahn_without_crs_is_read_in_rd(shared):
    progress = Silent()
    points = read(shared / "pointcloud/delft_ahn3/ahn3_cropped_1.laz", None, progress, classes=2)
    assert len(points) == 195_988 and set(points.classification) == {2} and points.crs == "EPSG:7415"
    assert "no coordinate reference system; EPSG:28992 is assumed" in progress.warnings[0]


def test_only_points_in_the_area_are_read(shared):
    path, area = shared / "pointcloud/delft_ahn3/ahn3_cropped_1.laz", Extent(84_850, 447_450, 84_900, 447_500)
    points, whole = read(path, area), read(path)
    inside = (whole.x >= 84_850) & (whole.x <= 84_900) & (whole.y >= 447_450) & (whole.y <= 447_500)
    assert len(points) == inside.sum() > 0 and area.contains(points.extent)


@pytest.mark.parametrize("point_format", range(4))
def test_values_are_kept_in_las_1_2(write_las, point_format):
    points = read(write_las(point_format=point_format))
    assert np.allclose(points.x, X + np.arange(10)) and np.allclose(points.z, np.arange(10) / 10)
    assert points.classification.tolist() == [0, 1, 2, 3] * 2 + [0, 1] and points.intensity[3] == 300
    assert points.classification.dtype == np.uint8 and points.intensity.dtype == np.uint16
    assert (points.colour is None) == (point_format < 2)


@pytest.mark.parametrize("name", ["a.las", "a.laz"])
@pytest.mark.parametrize("point_format", [6, 7, 8])
def test_values_are_kept_in_las_1_4(write_las, name, point_format):
    points = read(write_las(name, "1.4", point_format, extra=True))
    assert np.allclose(points.x, X + np.arange(10)) and points.intensity[3] == 300
    assert points.classification.tolist() == [0, 1, 2, 3] * 2 + [0, 1]
    assert point_format == 6 or points.colour[2].tolist() == [2, 3, 4]


def test_extra_dimensions_are_named(write_las):
    assert LasSource(write_las("a.laz", "1.4", 6, extra=True)).describe().facts["extra_dimensions"] == ["height"]


def test_chunks_together_are_the_whole_file(write_las):
    pieces = list(LasSource(write_las("a.laz"), chunk=3).read())
    assert [len(piece) for piece in pieces] == [3, 3, 3, 1]
    assert np.allclose(np.concatenate([piece.x for piece in pieces]), X + np.arange(10))


@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_thinning_does_not_depend_on_the_chunks(write_las, chunk):
    assert np.allclose(read(write_las(), every=4, chunk=chunk).x, X + np.array([0, 4, 8]))


def test_several_classes_can_be_chosen(write_las):
    assert set(read(write_las(), classes=[1, 3]).classification) == {1, 3}


def test_withheld_points_are_left_out(write_las):
    laspy = pytest.importorskip("laspy")
    path = write_las()
    las = laspy.read(path)
    las.withheld = np.arange(10) == 4
    las.write(str(path))
    assert len(read(path)) == 9 and LasSource(path).describe().facts["withheld"] == 1


def test_the_edges_belong_to_the_area(write_las):
    assert len(read(write_las(), Extent(X + 2, Y, X + 4, Y))) == 3


def test_a_file_outside_the_area_gives_a_warning(write_las):
    progress = Silent()
    assert read(write_las(crs=keys((3072, 28992))), Extent(0, 0, 1, 1), progress) is None
    assert "lies outside the area" in progress.warnings[0]


def test_an_empty_box_in_the_header_hides_no_points(write_las):
    path = patched(write_las(crs=keys((3072, 28992))), 179, "<6d", *[0.0] * 6)
    assert len(read(path, Extent(X, Y, X + 100, Y + 1))) == 10


def test_rd_and_nap_in_keys_is_read_without_a_warning(write_las):
    path, progress = write_las(crs=keys((3072, 28992), (4096, 5709))), Silent()
    assert LasSource(path).describe().crs == "EPSG:7415" and len(read(path, None, progress)) == 10
    assert not progress.warnings


def test_other_heights_give_a_warning(write_las):
    path, progress = write_las(crs=keys((3072, 28992), (4096, 5783))), Silent()
    read(path, None, progress)
    assert "heights in EPSG:5783; they are taken as m NAP" in progress.warnings[0]


def test_other_coordinates_are_transformed(write_las, grids):
    from dtwin_plugin.sources.crs import from_rd, to_rd

    start = from_rd([[X, Y]], "EPSG:25831")[0]
    points = read(write_las(crs=keys((3072, 25831)), start=tuple(start)), Extent(X - 100, Y - 100, X + 5.5, Y + 100))
    expected = to_rd(np.column_stack([start[0] + np.arange(10), np.full(10, start[1])]), "EPSG:25831")
    expected = expected[expected[:, 0] <= X + 5.5]
    assert 0 < len(points) < 10
    # The file keeps millimetres.
    assert np.allclose(np.column_stack([points.x, points.y]), expected, rtol=0, atol=0.0011)
    assert np.allclose(points.z, np.arange(len(points)) / 10)


def test_the_area_is_compared_after_transforming(write_las, monkeypatch):
    from dtwin_plugin.sources import crs

    monkeypatch.setattr(crs, "to_rd", lambda coordinates, name: coordinates - (500_000, 5_000_000, 0))
    path = write_las(crs=keys((3072, 25831)), start=(X + 500_000, Y + 5_000_000))
    points = read(path, Extent(X + 2, Y, X + 4, Y))
    assert points.x.tolist() == [X + 2, X + 3, X + 4] and np.allclose(points.z, [0.2, 0.3, 0.4])
    assert points.intensity.tolist() == [200, 300, 400] and points.crs == "EPSG:7415"


def test_without_a_crs_outside_rd_it_must_be_said(write_las):
    path, progress = write_las(start=(500_000.0, 5_000.0)), Silent()
    with pytest.raises(CrsError, match="states no coordinate reference system, and lies at"):
        read(path)
    assert len(read(path, None, progress, assume_crs="EPSG:28992")) == 10 and progress.warnings


def test_a_crs_without_a_code_is_not_taken_for_rd(write_las):
    path = write_las(crs=(2112, "", b'PROJCS["Site grid",GEOGCS["x"]]'))
    with pytest.raises(CrsError, match="'Site grid', which has no EPSG code"):
        read(path)
    assert len(read(path, assume_crs="EPSG:28992")) == 10


@pytest.mark.parametrize("name", ["a.las", "a.laz"])
def test_a_file_without_points_gives_none_and_says_so(write_las, name):
    path, progress = write_las(name, count=0), Silent()
    info = LasSource(path).describe()
    assert info.count == 0 and info.extent is None and info.facts["classes"] == {} and "no points" in info.warnings[0]
    assert read(path, None, progress) is None and "has no points" in progress.warnings[0]


def test_it_can_be_stopped(write_las, cancelling):
    with pytest.raises(Cancelled):
        list(LasSource(write_las(), chunk=2).read(None, cancelling(after=2)))
    with pytest.raises(Cancelled):
        LasSource(write_las(), chunk=2).describe(cancelling(after=2))


def test_progress_moves_to_the_end(write_las, cancelling):
    progress = cancelling(after=100)
    list(LasSource(write_las(), chunk=3).read(None, progress))
    assert progress.reports == sorted(progress.reports) and progress.reports[-1] == 1.0


def test_an_error_of_the_caller_is_not_the_files(write_las):
    with pytest.raises(ValueError, match="mine"):
        for _ in LasSource(write_las()).read():
            raise ValueError("mine")


def test_the_registry_finds_it_by_content(write_las, tmp_path):
    renamed = write_las().rename(tmp_path / "points.dat")
    assert isinstance(open_source(renamed, every=2), LasSource)


@pytest.mark.parametrize("options", [{"every": 0}, {"classes": [300]}, {"chunk": 0}])
def test_impossible_options_are_refused(tmp_path, options):
    with pytest.raises(InputError):
        LasSource(tmp_path / "a.las", **options)


def test_an_absent_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        LasSource(tmp_path / "none.las").describe()
    with pytest.raises(SourceError, match="is a folder"):
        LasSource(tmp_path).describe()


@pytest.mark.parametrize("package", ["laspy", "lazrs"])
def test_a_missing_package_is_named(write_las, monkeypatch, package):
    path = write_las("a.laz")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError, match=r"laspy\[lazrs\]"):
        LasSource(path).describe()
