"""Stand-ins for the grids of RDNAPTRANS2018, where the real ones are absent: the same correction everywhere.

They are right at the one point that `sources.crs` knows, and within decimetres in the plane and metres in height
elsewhere: enough to go there and back, and to see that something was transformed at all.
"""

from pathlib import Path

import numpy as np

WEST, NORTH, CELL, COLUMNS, ROWS = 2.0, 56.0, 0.5, 13, 13  # degrees, around the Netherlands


def write(folder):
    """Write both grids to a folder, and let PROJ look there."""
    from dtwin_plugin.sources import crs

    folder = Path(folder)
    (x, y, z), (longitude, latitude, height) = crs._KNOWN
    shift = np.zeros(2)
    for _ in range(3):  # what is left goes down by the change of the ellipsoids' degrees each time
        _write(folder / crs.GRIDS[0], "HORIZONTAL_OFFSET", "latitude_offset", "longitude_offset", values=shift * 3600)
        _write(folder / crs.GRIDS[1], "VERTICAL_OFFSET_GEOGRAPHIC_TO_VERTICAL", "geoid_undulation", values=[height])
        crs.use_grids(folder)
        crs._forget()
        found = crs._apply(crs._rdnaptrans(crs.RD_NAP, inverse=True), np.array([(x, y, z)]))[0]
        shift += np.array([latitude, longitude]) - found[[1, 0]]
    return folder


def _write(path, kind, *bands, values):
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
        band.SetUnitType("metre" if "geoid" in name else "arc-second")
        band.Fill(float(value))
