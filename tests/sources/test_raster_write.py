"""Writing grids."""

import numpy as np
import pytest

from dtwin_plugin.data import Grid
from dtwin_plugin.errors import Cancelled, SourceError
from dtwin_plugin.sources.raster import RasterSource
from dtwin_plugin.sources.raster_write import write_cog

VALUES = np.array([[1, np.nan, 3], [0, -2, 5]], np.float32)


def grid(values=VALUES, **more):
    return Grid(values, 84_000, 447_000, 0.5, unit="m", name="water depth", **more)


def test_what_is_written_is_read_again(tmp_path):
    path = write_cog(grid(), tmp_path / "a.tif")
    (again,) = RasterSource(path).read()
    assert np.array_equal(again.values, VALUES, equal_nan=True)
    assert (again.extent, again.crs, again.unit, again.name) == (grid().extent, "EPSG:28992", "m", "water depth")


def test_it_is_a_cog_with_overviews_and_metadata(tmp_path):
    from osgeo import gdal

    values = np.random.default_rng(1).random((1200, 1100)).astype(np.float32)
    dataset = gdal.Open(str(write_cog(grid(values), tmp_path / "a.tif", metadata={"run": "42"})))
    assert dataset.GetMetadata("IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    assert dataset.GetMetadata("IMAGE_STRUCTURE")["COMPRESSION"] == "DEFLATE"
    assert dataset.GetRasterBand(1).GetOverviewCount() >= 1
    assert dataset.GetMetadata()["run"] == "42"


def test_times_are_the_names_of_the_bands(tmp_path):
    from osgeo import gdal

    times = np.array(["2026-01-01T00:00:00", "2026-01-01T01:00:00"], "datetime64[s]")
    path = write_cog(grid(np.stack([VALUES, VALUES + 1]), times=times), tmp_path / "a.tif")
    dataset = gdal.Open(str(path))
    assert [dataset.GetRasterBand(n).GetDescription() for n in (1, 2)] == ["2026-01-01T00:00:00", "2026-01-01T01:00:00"]
    assert dataset.GetRasterBand(2).GetUnitType() == "m"


def test_a_stop_leaves_nothing(tmp_path, cancelling):
    values = np.random.default_rng(1).random((2000, 2000)).astype(np.float32)
    with pytest.raises(Cancelled):
        write_cog(grid(values), tmp_path / "a.tif", progress=cancelling())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(SourceError, match="cannot be written"):
        write_cog(grid(), tmp_path / "file" / "a.tif")
