"""The grids of RDNAPTRANS2018 where they are, and small rasters."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from dtwin_plugin.sources import crs


@pytest.fixture
def proj_settings():
    """PROJ's folders and network as they are, put back after the test."""
    from osgeo import osr

    paths, network = osr.GetPROJSearchPaths(), osr.GetPROJEnableNetwork()
    yield
    osr.SetPROJSearchPaths(paths)
    osr.SetPROJEnableNetwork(network)
    crs._forget()


@pytest.fixture
def grids(request, proj_settings):
    """The real grids in use for the length of a test; PROJ's folders then."""
    from osgeo import osr

    shared = os.environ.get("DTWIN_SHARED", str(Path(__file__).resolve().parents[3] / "shared"))
    folders = [Path(shared) / "data" / "proj", Path(os.environ.get("DTWIN_PROJ_GRIDS", shared))]
    folder = next((f for f in folders if all((f / name).is_file() for name in crs.GRIDS)), None)
    if folder is None:
        pytest.skip(f"needs {' and '.join(crs.GRIDS)}: set DTWIN_PROJ_GRIDS to their folder")
    crs.use_grids(folder)
    return osr.GetPROJSearchPaths()


@pytest.fixture
def no_grids(proj_settings, tmp_path):
    """PROJ without any folder but its own database, and without a network; calls what it is given.

    In a thread of its own, because PROJ remembers per thread where it found a grid once.
    """
    import shutil

    from osgeo import osr

    database = next(Path(f) / "proj.db" for f in osr.GetPROJSearchPaths() if (Path(f) / "proj.db").is_file())
    shutil.copy(database, tmp_path / "proj.db")
    osr.SetPROJEnableNetwork(False)
    osr.SetPROJSearchPaths([str(tmp_path)])
    crs._forget()

    def run(call, *args):
        with ThreadPoolExecutor(1) as executor:
            return executor.submit(call, *args).result()

    return run


@pytest.fixture
def write_raster(tmp_path):
    """A writer of small GeoTIFFs."""

    def write(values, transform=(84_000.0, 1.0, 0, 447_004.0, 0, -1.0), epsg=28992, name="a.tif", nodata=None, **more):
        from osgeo import gdal, osr

        values = np.asarray(values)
        kinds = {"float32": gdal.GDT_Float32, "int16": gdal.GDT_Int16, "float64": gdal.GDT_Float64}
        bands = values if values.ndim == 3 else values[None]
        driver = gdal.GetDriverByName("GTiff")
        size = bands.shape[2], bands.shape[1], len(bands), kinds[str(values.dtype)]
        dataset = driver.Create(str(tmp_path / name), *size)
        if transform:
            dataset.SetGeoTransform(transform)
        if epsg:
            reference = osr.SpatialReference()
            reference.ImportFromEPSG(epsg)
            dataset.SetProjection(reference.ExportToWkt())
        for number, band in enumerate(bands, 1):
            target = dataset.GetRasterBand(number)
            if nodata is not None:
                target.SetNoDataValue(nodata)
            if "scale" in more:
                target.SetScale(more["scale"])
                target.SetOffset(more["offset"])
            target.WriteArray(band)
        del dataset, target
        return tmp_path / name

    return write


class Cancelling:
    """Progress that wants to stop after a number of looks."""

    def __init__(self, after=0):
        self.looks, self.after, self.reports, self.warnings = 0, after, [], []

    def report(self, fraction, message="", **values):
        self.reports.append(fraction)

    def warn(self, message, **values):
        self.warnings.append(message.format(**values))

    def is_cancelled(self):
        self.looks += 1
        return self.looks > self.after


@pytest.fixture
def cancelling():
    return Cancelling
