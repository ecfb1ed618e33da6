"""Rasters as they are delivered: real files held against their published facts, packed ones, and ones that lie."""

import gzip
import io
import zipfile

import numpy as np
import pytest

from dtwin_plugin.errors import CrsError, FormatError, InputError, SourceError
from dtwin_plugin.sources import open_source
from dtwin_plugin.sources.raster import RasterSource

_3DI, _RD = (189_147.5, 354_728, 189_723.5, 355_335), "EPSG:28992"
_GOTEBORG, _ATHENS = (147_720, 6_398_557, 147_954, 6_398_780), (476_800, 4_205_850, 477_200, 4_206_250)
_SFINCS = (316_198.45, 5_040_000, 329_876.68, 5_050_531.72)

# file: rows, columns, cell, bands, CRS, extent, lowest, highest, cells without data
FACTS = {
    "terrain/zeeland_nlmod/ahn.tif": (400, 400, 5, 1, _RD, (32_300, 369_600, 34_300, 371_600), -0.61, 4.19, 2015),
    "terrain/goteborg/DSM_KRbig.tif": (223, 234, 1, 1, "EPSG:3007", _GOTEBORG, 0, 58.07, 0),
    "terrain/goteborg/DEM_KRbig.tif": (223, 234, 1, 1, "EPSG:3007", _GOTEBORG, 0.01, 23.21, 0),
    "terrain/goteborg/CDSM_KRbig.tif": (223, 234, 1, 1, "EPSG:3007", _GOTEBORG, 0, 24.37, 0),
    "terrain/goteborg/landcover.tif": (223, 234, 1, 1, "EPSG:3007", _GOTEBORG, 1, 7, 0),
    "terrain/athens/DSM.tif": (400, 400, 1, 1, "EPSG:2100", _ATHENS, 108.96, 174.42, 0),
    "terrain/athens/DEM.tif": (400, 400, 1, 1, "EPSG:2100", _ATHENS, 108.96, 164.75, 0),
    "terrain/pdal/autzen-height.tif": (973, 735, 1, 3, None, (0, 0, 735, 973), 0, 255, 0),
    "terrain/landlab/hugo_site.asc": (55, 76, 10, 1, None, (0, 0, 760, 550), 1660, 1711, 2028),
    "terrain/landlab/rainfall.asc": (55, 76, 10, 1, None, (-5, -5, 755, 545), 0, 0.14, 0),
    "flood/3di_testmodel/dem.tif": (1214, 1152, 0.5, 1, _RD, _3DI, -29.24, 26.47, 284_713),
    "flood/3di_testmodel/friction.tif": (1214, 1152, 0.5, 1, _RD, _3DI, 0.01, 0.06, 639_733),
    "flood/3di_testmodel/infiltration.tif": (1214, 1152, 0.5, 1, _RD, _3DI, 0, 480, 639_733),
    "flood/3di_testmodel/water_depth_03_00.tif": (1214, 1152, 0.5, 1, _RD, _3DI, 0, 51.64, 921_775),
    "flood/lisflood_buscot/buscot.dem.ascii": (
        48, 76, 50, 1, None, (422_950, 197_600, 426_750, 200_000), 67.73, 83.79, 0),
    "flood/lisflood_buscot/buscot.n.ascii": (48, 76, 50, 1, None, (422_950, 197_600, 426_750, 200_000), 0.06, 0.06, 0),
    "flood/lisflood_rain/rain_dem.asc": (5, 5, 100, 1, None, (0, 0, 500, 500), 15, 15, 3),
    "flood/lisflood_rain/rain_banks.asc": (5, 5, 100, 1, None, (0, 0, 500, 500), 14, 14, 0),
    "flood/lisflood_rain/rain_width_flat.asc": (5, 5, 100, 1, None, (0, 0, 500, 500), 0, 0, 0),
    "flood/sfincs_test/dep.tif": (36, 84, 150, 1, "EPSG:32633", _SFINCS, -6, 11.5, 719),
    "flood/sfincs_test/msk.tif": (36, 84, 150, 1, "EPSG:32633", _SFINCS, 1, 2, 719),
    "flood/synxflow/DEM.gz": (269, 269, 10, 1, None, (0, 0, 2690, 2690), -12.5, 40, 28_849),
    "flood/synxflow/landcover.gz": (269, 269, 10, 1, None, (0, 0, 2690, 2690), 0, 3, 0),
    "flood/synxflow/rain_mask.gz": (269, 269, 10, 1, None, (0, 0, 2690, 2690), 0, 3, 0),
    "flood/merewether/topography1.zip": (
        416, 321, 1, 1, "EPSG:32756", (382_249.79, 6_354_265.43, 382_570.77, 6_354_681.41), 16.47, 51.97, 73),
}  # fmt: skip


@pytest.mark.parametrize("file", FACTS)
def test_a_real_file_has_its_published_facts(shared, file):
    rows, columns, cell, bands, crs, extent, low, high, without = FACTS[file]
    info = open_source(shared / file).describe()
    facts = info.facts
    assert (facts["size"], facts["bands"], info.crs, info.carrier) == ((rows, columns), bands, crs, "grid")
    assert facts["cell_size"] == pytest.approx(cell, rel=1e-3) and info.extent == pytest.approx(extent, abs=0.01)
    assert (facts["minimum"], facts["maximum"]) == pytest.approx((low, high), abs=0.006)
    assert info.count - facts["valid_cells"] == without


@pytest.mark.parametrize(
    "file",
    [
        "terrain/goteborg/gbg19970606_2015a.txt", "terrain/goteborg/configsolweig.ini",
        "flood/lisflood_rain/rain_rate.asc", "flood/rain_knmi/neerslaggeg_DE-BILT_550.txt",
    ],
)  # fmt: skip
def test_a_text_that_is_no_raster_is_refused_in_a_sentence(shared, file):
    with pytest.raises(SourceError, match=file.rpartition("/")[2]):
        open_source(shared / file).describe()


def test_outlines_of_gothenburg(shared):
    info = open_source(shared / "terrain/goteborg/buildings.shp").describe()
    assert (info.count, info.crs) == (137, "EPSG:3007")
    assert info.extent == pytest.approx((147_530.27, 6_398_370.91, 148_144.11, 6_398_914.35), abs=0.01)


def test_a_picture_has_facts_and_no_place(shared):
    source = RasterSource(shared / "terrain/pdal/autzen-height.tif")
    info = source.describe()
    assert info.facts["dtype"] in ("byte", "uint8") and "without a place" in info.warnings[0]
    with pytest.raises(CrsError, match="without a place"):
        next(source.read())


def test_a_mesh_has_its_published_facts(shared):
    info = open_source(shared / "terrain/xugrid/elevation_nl.nc").describe()
    facts = info.facts
    assert (facts["nodes"], facts["faces"], facts["nodes_per_face"]) == (2790, 5248, 3)
    assert facts["variables"] == ["elevation"] and facts["unit"] == "m NAP"
    assert (facts["minimum"], facts["maximum"]) == pytest.approx((-60.66, 252.73), abs=0.01)
    assert info.extent == pytest.approx((9925.96, 306_936.02, 278_339.63, 622_373.66), abs=0.01)
    assert "EPSG:28992 is assumed" in info.warnings[0]


def test_a_mesh_becomes_cells_with_the_heights_of_its_faces(shared):
    osgeo = pytest.importorskip("osgeo.gdal")
    path = shared / "terrain/xugrid/elevation_nl.nc"
    (grid,) = RasterSource(path, cell_size=1000.0).read()
    group = osgeo.OpenEx(str(path), osgeo.OF_MULTIDIM_RASTER).GetRootGroup()
    x, y, z = (group.OpenMDArray(name).ReadAsArray() for name in ("mesh2d_face_x", "mesh2d_face_y", "elevation"))
    column, row = ((x - grid.x_min) // 1000).astype(int), ((grid.y_max - y) // 1000).astype(int)
    same = np.isclose(grid.values[row, column], z.astype(np.float32))
    assert same.mean() > 0.6  # the cell of a face's centre has its centre in that face, or in a neighbour
    assert np.nanmin(grid.values) < -10 and 0.2 < np.isfinite(grid.values).mean() < 0.6
    (part,) = RasterSource(path, cell_size=1000.0).read(grid.extent.__class__(100_000, 400_000, 120_000, 420_000))
    top, left = round((grid.y_max - part.y_max) / 1000), round((part.x_min - grid.x_min) / 1000)
    np.testing.assert_array_equal(part.values, grid.values[top : top + 20, left : left + 20])


ASC = "ncols 3\nnrows 2\nxllcorner 84000\nyllcorner 447000\ncellsize 10\nNODATA_value -9999\n1 2 -9999\n-4.5 5 6\n"


def packed(tmp_path, name, members):
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, body in members.items():
            archive.writestr(member, body)
    return path


def expect_heights(path):
    (grid,) = open_source(path).read()
    np.testing.assert_array_equal(grid.values, np.array([[1, 2, np.nan], [-4.5, 5, 6]], np.float32))
    assert grid.extent.bounds == (84_000, 447_000, 84_030, 447_020)


def test_packed_rasters_are_read_where_they_are(tmp_path, write_raster):
    path = tmp_path / "dem.asc.gz"
    path.write_bytes(gzip.compress(ASC.encode()))
    expect_heights(path)
    expect_heights(packed(tmp_path, "a.zip", {"readme.txt": "hello", "map/dem.asc": ASC}))
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("dem.asc", ASC)
    (grid,) = RasterSource(packed(tmp_path, "b.zip", {"inner.zip": inner.getvalue()})).read()
    assert grid.shape == (2, 3)
    tiff = write_raster(np.arange(20, dtype=np.float32).reshape(4, 5))
    (grid,) = open_source(packed(tmp_path, "c.zip", {"a.tif": tiff.read_bytes(), "b.tif": tiff.read_bytes()})).read()
    assert grid.values.max() == 19
    assert "holds 2 rasters; a.tif" in RasterSource(tmp_path / "c.zip").describe().warnings[0]


def test_a_crs_beside_the_file_is_used(tmp_path):
    osr = pytest.importorskip("osgeo.osr")
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(25832)
    path = packed(tmp_path, "dem.zip", {"dem.asc": ASC})
    assert RasterSource(path).describe().crs == _RD  # its numbers are in RD
    (tmp_path / "dem.prj").write_text(reference.ExportToWkt())
    assert RasterSource(path).describe().crs == "EPSG:25832"
    for broken in ("", "no projection", "x" * 100_000, "PROJCS[" * 5000):
        (tmp_path / "dem.prj").write_text(broken)
        assert RasterSource(path).describe().crs == _RD


@pytest.mark.parametrize(
    ("columns", "rows"), [(2_000_000_000, 1), (1_000_000, 1_000_000), (5, 1000), (2**31 - 1, 2**31 - 1)]
)
@pytest.mark.parametrize("how", ["plain", "gz", "zip"])
def test_a_grid_that_states_more_cells_than_it_has_is_refused_at_once(tmp_path, columns, rows, how):
    text = ASC.replace("ncols 3", f"ncols {columns}").replace("nrows 2", f"nrows {rows}")
    if how == "zip":
        path = packed(tmp_path, "a.zip", {"a.asc": text})
    else:
        path = tmp_path / "a.asc"
        path.write_bytes(gzip.compress(text.encode()) if how == "gz" else text.encode())
    with pytest.raises(SourceError):
        RasterSource(path).describe()
    with pytest.raises((SourceError, InputError)):
        next(RasterSource(path).read())


def test_archives_that_are_broken_or_hold_something_else(tmp_path):
    with pytest.raises(FormatError, match="holds no raster"):
        RasterSource(packed(tmp_path, "a.zip", {"a.txt": "hello"})).describe()
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 and nothing else")
    with pytest.raises(SourceError, match="b.zip"):
        RasterSource(tmp_path / "b.zip").describe()
    (tmp_path / "c.asc.gz").write_bytes(gzip.compress(ASC.encode())[:-20])
    with pytest.raises(SourceError, match=r"c\.asc\.gz"):
        RasterSource(tmp_path / "c.asc.gz").describe()
