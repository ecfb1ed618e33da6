"""Stand-ins for the grids of RDNAPTRANS2018: the same correction everywhere, so that no real ones are needed.

They are right at the one point that `sources.crs` knows, and within decimetres in the plane and metres in height
elsewhere: enough to go there and back, and to see that something was transformed at all.
"""

from contextlib import contextmanager
from pathlib import Path

import numpy as np

WEST, NORTH, CELL, COLUMNS, ROWS = 2.0, 56.0, 0.5, 13, 13  # degrees, around the Netherlands
KINDS = (
    ("HORIZONTAL_OFFSET", ("latitude_offset", "longitude_offset"), "arc-second"),
    ("VERTICAL_OFFSET_GEOGRAPHIC_TO_VERTICAL", ("geoid_undulation",), "metre"),
)


@contextmanager
def stand_in(folder):
    """Write grids to a folder and use them, under names of their own: PROJ never forgets where a real one was."""
    from osgeo import osr

    from dtwin_plugin.sources import crs

    paths, pipelines = osr.GetPROJSearchPaths(), dict(crs._PIPELINES)
    names = [f"{Path(folder).name}_{name}" for name in crs.GRIDS]
    for key, text in pipelines.items():
        for name, other in zip(crs.GRIDS, names):
            text = text.replace(name, other)
        crs._PIPELINES[key] = text
    files = [Path(folder) / name for name in names]
    (x, y, z), (longitude, latitude, height) = crs._KNOWN
    shift = np.zeros(2)
    try:
        for _ in range(3):  # what is left of the shift goes down each time, as degrees of the two ellipsoids differ
            _write(files[0], *KINDS[0], shift * 3600)
            _write(files[1], *KINDS[1], [height])
            crs.use_grids(folder)
            found = crs._apply(crs._rdnaptrans(crs.RD_NAP, inverse=True), np.array([(x, y, z)]))[0]
            shift += np.array([latitude, longitude]) - found[[1, 0]]
        yield
    finally:
        crs._PIPELINES.update(pipelines)
        osr.SetPROJSearchPaths(paths)
        crs._forget()


def _write(path, kind, bands, unit, values):
    from osgeo import gdal, osr

    path.unlink(missing_ok=True)
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), COLUMNS, ROWS, len(bands), gdal.GDT_Float32)
    dataset.SetGeoTransform((WEST - CELL / 2, CELL, 0, NORTH + CELL / 2, 0, -CELL))
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(4258)
    dataset.SetProjection(reference.ExportToWkt())
    dataset.SetMetadata({"TYPE": kind, "AREA_OR_POINT": "Point"})
    for number, (name, value) in enumerate(zip(bands, values), 1):
        band = dataset.GetRasterBand(number)
        band.SetDescription(name)
        band.SetUnitType(unit)
        band.Fill(float(value))
