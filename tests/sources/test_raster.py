"""Reading rasters, made here and real."""

import numpy as np
import pytest

from dtwin_plugin.data import Extent, Grid
from dtwin_plugin.errors import Cancelled, CrsError, FormatError, InputError, SourceError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources import SourceInfo, open_source
from dtwin_plugin.sources.raster import RasterSource

RAMP = np.arange(20, dtype=np.float32).reshape(4, 5)


def read(path, extent=None, progress=None, **options):
    (grid,) = RasterSource(path, **options).read(extent, progress)
    return grid


def test_cells_are_given_as_they_are(write_raster):
    grid = read(write_raster(RAMP))
    assert np.array_equal(grid.values, RAMP) and grid.extent.bounds == (84_000, 447_000, 84_005, 447_004)
    assert grid.crs == "EPSG:28992" and grid.unit == "m"


def test_only_cells_that_touch_the_area_are_read(write_raster):
    grid = read(write_raster(RAMP), Extent(84_001.5, 447_001, 84_003, 447_002.5))
    assert np.array_equal(grid.values, RAMP[1:3, 1:3]) and grid.extent.bounds == (84_001, 447_001, 84_003, 447_003)


def test_no_data_huge_values_and_infinity_are_nan(write_raster):
    values = np.array([[-9999, 1, 3.4028235e38], [-2e30, np.inf, np.nan]], np.float32)
    assert np.isnan(read(write_raster(values, nodata=-9999)).values).tolist() == [[True, False, True], [True] * 3]


def test_zero_is_a_value(write_raster):
    assert read(write_raster(np.zeros((2, 2), np.float32), nodata=-9999)).values.sum() == 0


def test_scale_and_offset_are_applied_after_no_data(write_raster):
    path = write_raster(np.array([[-1, 250]], np.int16), nodata=-1, scale=0.01, offset=-1.0)
    assert np.allclose(read(path).values, [[np.nan, 1.5]], equal_nan=True)


def test_a_band_can_be_chosen(write_raster):
    path = write_raster(np.stack([RAMP, RAMP + 100]))
    assert read(path, band=2).values[0, 0] == 100
    with pytest.raises(InputError, match="has 2 bands; band 3 was asked"):
        read(path, band=3)


def test_coarser_cells_are_the_mean(write_raster):
    values = np.arange(36, dtype=np.float32).reshape(6, 6)
    grid = read(write_raster(values, (84_000, 1, 0, 447_006, 0, -1)), cell_size=3.0)
    assert np.allclose(grid.values, values.reshape(2, 3, 2, 3).mean(axis=(1, 3)))


def test_coarser_cells_leave_out_missing_values(write_raster):
    values = np.ones((4, 4), np.float32)
    values[:2, :2] = [[-9999, 5], [5, 5]]
    values[2:, 2:] = [[-9999, -9999], [-9999, 7]]
    grid = read(write_raster(values, nodata=-9999), cell_size=2.0)
    assert np.allclose(grid.values[:, :2], [[5, 1], [1, np.nan]], equal_nan=True)


def test_finer_cells_are_bilinear(write_raster):
    values = np.tile(np.arange(6, dtype=np.float32), (6, 1))
    grid = read(write_raster(values, (84_000, 1, 0, 447_006, 0, -1)), cell_size=0.5)
    assert grid.shape == (12, 12)
    assert np.allclose(grid.values[:, 1:-1], np.arange(0.25, 5, 0.5)[None], atol=1e-6)


def test_cells_that_are_not_square_become_square(write_raster):
    values = np.tile(np.arange(8, dtype=np.float32), (4, 1))
    grid = read(write_raster(values, (84_000, 1, 0, 447_008, 0, -2)), cell_size=1.0)
    assert grid.shape == (8, 8) and np.allclose(grid.values[2:-2], np.arange(8), atol=1e-6)


def test_a_turned_raster_lies_where_it_belongs(write_raster):
    s = np.sqrt(0.5)
    values = np.arange(400, dtype=np.float32).reshape(20, 20)
    path = write_raster(values, (84_000, s, s, 447_000, s, -s))
    grid = read(path, cell_size=0.5)
    column, row = 10.5, 5.5  # the centre of a cell
    x, y = 84_000 + (column + row) * s, 447_000 + (column - row) * s
    near = grid.sample([x], [y])[0]
    assert abs(near - values[5, 10]) < 10  # half a target cell moves at most half a row, 20 a row
    assert np.isnan(grid.sample([84_001], [447_012])[0])


@pytest.mark.parametrize("epsg", [25831, 4258, 3857])
def test_another_crs_is_transformed(grids, write_raster, epsg):
    from dtwin_plugin.sources import crs

    x, y = np.meshgrid(np.arange(100.0) + 0.5, np.arange(100.0)[::-1] + 0.5)
    area = Extent(84_000, 447_000, 84_100, 447_100)
    west, south, east, north = crs.extent_from_rd(area, epsg)
    width, height = (east - west) / 200, (north - south) / 200
    column, row = np.meshgrid(np.arange(200) + 0.5, np.arange(200) + 0.5)
    points = np.column_stack([(west + column * width).ravel(), (north - row * height).ravel()])
    rd = crs.to_rd(points, epsg).reshape(200, 200, 2)
    plane = (rd[..., 0] - 84_000) * 0.3 + (rd[..., 1] - 447_000) * 0.7
    path = write_raster(plane.astype(np.float32), (west, width, 0, north, 0, -height), epsg)
    found = read(path, area, cell_size=1.0)
    expected = (found.x_min + np.arange(found.shape[1]) + 0.5 - 84_000) * 0.3
    expected = expected + ((found.y_max - np.arange(found.shape[0]) - 0.5 - 447_000) * 0.7)[:, None]
    inner = np.isfinite(found.values)
    assert inner.mean() > 0.9
    assert np.abs(found.values - expected)[3:-3, 3:-3].max() < 0.02  # a shift of 3 cm; without the grids it is 10 to 25


def test_another_crs_is_refused_without_the_grids(no_grids, write_raster):
    with pytest.raises(CrsError, match="nl_nsgi_rdcorr2018"):
        no_grids(read, write_raster(RAMP, (4.9, 1e-5, 0, 52.3, 0, -1e-5), 4326))


def test_a_missing_crs_is_rd_where_the_numbers_fit_and_said_so(write_raster):
    progress = Silent()
    assert read(write_raster(RAMP, epsg=None), progress=progress).crs == "EPSG:28992"
    assert "EPSG:28992 is assumed" in progress.warnings[0]


def test_a_missing_crs_elsewhere_is_refused(write_raster):
    with pytest.raises(CrsError, match="states no coordinate reference system"):
        read(write_raster(RAMP, (4.0, 1, 0, 52.0, 0, -1), epsg=None))


def test_a_picture_without_a_place_is_refused(write_raster):
    with pytest.raises(CrsError, match="picture without a place"):
        read(write_raster(RAMP, None, None))


def test_an_area_outside_is_refused(write_raster):
    with pytest.raises(InputError, match="lies outside the raster, which covers"):
        read(write_raster(RAMP), Extent(90_000, 447_000, 90_001, 447_001))


def test_an_area_without_data_is_refused(write_raster):
    values = np.full((4, 5), -9999, np.float32)
    values[0, 0] = 1
    with pytest.raises(InputError, match="has no data in the area"):
        read(write_raster(values, nodata=-9999), Extent(84_002, 447_000, 84_005, 447_002))


def test_an_area_of_too_many_cells_is_refused(write_raster):
    with pytest.raises(InputError, match="4 x 5 cells, more than the 19"):
        read(write_raster(RAMP), max_cells=19)


def test_tiles_together_are_the_whole(write_raster):
    values = np.arange(100, dtype=np.float32).reshape(10, 10)
    path = write_raster(values, (84_000, 1, 0, 447_010, 0, -1))
    tiles = list(RasterSource(path, tile_size=4.0).read())
    whole = np.full((10, 10), np.nan)
    for tile in tiles:
        row, column = int(447_010 - tile.y_max), int(tile.x_min - 84_000)
        whole[row : row + tile.shape[0], column : column + tile.shape[1]] = tile.values
    assert len(tiles) == 9 and np.array_equal(whole, values)


def test_the_user_can_stop_it(write_raster, cancelling):
    with pytest.raises(Cancelled):
        read(write_raster(RAMP), progress=cancelling())


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        read(tmp_path / "a.tif")


@pytest.mark.parametrize("path", ["/vsicurl/http://127.0.0.1/a.tif", "/vsizip/a.zip/a.tif", "/vsimem/a.tif"])
def test_other_file_systems_of_gdal_are_refused(path):
    with pytest.raises(SourceError, match="does not exist"):
        read(path)


def test_a_file_that_names_other_files_is_refused(write_raster, tmp_path):
    inner = write_raster(RAMP)
    (tmp_path / "a.vrt").write_text(
        '<VRTDataset rasterXSize="5" rasterYSize="4"><VRTRasterBand dataType="Float32" band="1"><SimpleSource>'
        f"<SourceFilename>{inner}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    with pytest.raises(FormatError, match="not a raster that is read here"):
        read(tmp_path / "a.vrt")


@pytest.mark.parametrize("content", [b"", b"II*\0", b"hello", b"II*\0" + b"\xff" * 200])
def test_what_is_no_raster_is_one_sentence(tmp_path, content):
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    with pytest.raises(FormatError, match="a.tif") as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_a_raster_that_ends_too_soon_is_told(write_raster):
    path = write_raster(np.random.default_rng(1).random((500, 500)).astype(np.float32))
    path.write_bytes(path.read_bytes()[:-400_000])
    with pytest.raises(FormatError, match="damaged or ends too soon"):
        read(path)


def test_a_description_is_honest(write_raster):
    info = RasterSource(write_raster(np.array([[-9999, 2], [3, 0]], np.float32), nodata=-9999)).describe()
    assert isinstance(info, SourceInfo) and info.crs == "EPSG:28992" and info.count == 4
    facts = info.facts
    assert (facts["valid_cells"], facts["minimum"], facts["maximum"], facts["nodata"]) == (3, 0.0, 3.0, -9999.0)
    assert facts["size"] == (2, 2) and facts["bands"] == 1 and facts["dtype"] == "float32"


def test_the_terrain_of_zeeland(shared):
    source = open_source(shared / "terrain/zeeland_nlmod/ahn.tif")
    facts = source.describe().facts
    assert facts["valid_cells"] == 160_000 - 2015
    (grid,) = source.read()
    assert isinstance(grid, Grid) and grid.extent.bounds == (32_300, 369_600, 34_300, 371_600)
    assert np.nanmin(grid.values) == pytest.approx(-0.61, abs=0.005)  # two digits are published
    assert np.nanmean(grid.values) == pytest.approx(1.34, abs=0.005)


def test_a_model_of_limburg_keeps_its_holes(shared):
    (grid,) = RasterSource(shared / "flood/3di_testmodel/dem.tif").read()
    assert grid.shape == (1214, 1152) and int(np.isnan(grid.values).sum()) == 284_713


def test_a_foreign_raster_is_refused(shared, grids):
    with pytest.raises(CrsError, match="outside the Netherlands"):
        read(shared / "terrain/goteborg/DSM_KRbig.tif")


def test_a_cog_on_a_server_is_read(write_raster, bag3d_server):
    from http.server import BaseHTTPRequestHandler

    body = write_raster(RAMP).read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.do_GET(head=True)

        def do_GET(self, head=False):
            first, last = 0, len(body) - 1
            if "Range" in self.headers:
                first, last = (int(n) for n in self.headers["Range"][6:].split("-"))
                last = min(last, len(body) - 1)
            self.send_response(206 if "Range" in self.headers else 200)
            self.send_header("Content-Length", str(last - first + 1))
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(body)}")
            self.end_headers()
            if not head:
                self.wfile.write(body[first : last + 1])

        def log_message(self, *args):
            pass

    class State:
        url = ""

    with bag3d_server.serve(State(), Handler, "/tiles/M_01.tif") as state:
        assert np.array_equal(read(state.url).values, RAMP)
