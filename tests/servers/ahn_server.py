"""An AHN coverage service on this machine: HTTP 400 outside its extent, 3.4028235e38 as no data, and faults."""

from __future__ import annotations

import re
import uuid
from urllib.parse import parse_qs, urlsplit

import numpy as np
import serving

PATH = "/rws/ahn/wcs/v1_0"
NODATA = 3.4028235e38
CELL = 0.5


def height(x, y):
    """Terrain in m NAP at cell centres: below NAP in the west, with a pond of no data."""
    value = (x - 84_500) / 100 + (y - 447_000) / 200
    return np.where((x - 84_100) ** 2 + (y - 447_100) ** 2 < 400, np.nan, value)


class Ahn:
    """The state: the covered box, what was asked, and the faults to come."""

    def __init__(self, box=(84_000.0, 446_000.0, 87_000.0, 449_000.0)):
        self.box, self.asked, self.faults, self.url = box, [], [], ""
        self.largest = 2000

    def answer(self, query):
        first = {name: values[-1] for name, values in query.items()}
        expected = {"SERVICE": "WCS", "VERSION": "2.0.1", "REQUEST": "GetCoverage", "FORMAT": "image/tiff"}
        if any(first.get(name) != value for name, value in expected.items()):
            return 400, exception("InvalidParameterValue")
        axes = dict(re.fullmatch(r"(\w)\((.*)\)", part).groups() for part in query["SUBSET"])
        (x0, x1), (y0, y1) = ([float(edge) for edge in axes[axis].split(",")] for axis in "xy")
        if x1 <= self.box[0] or x0 >= self.box[2] or y1 <= self.box[1] or y0 >= self.box[3]:
            return 400, exception("InvalidSubsetting")
        columns, rows = round((x1 - x0) / CELL), round((y1 - y0) / CELL)
        if max(columns, rows) > self.largest:
            return 500, exception("too large")
        x, y = np.meshgrid(x0 + (np.arange(columns) + 0.5) * CELL, y1 - (np.arange(rows) + 0.5) * CELL)
        inside = (x > self.box[0]) & (x < self.box[2]) & (y > self.box[1]) & (y < self.box[3])
        return 200, tiff(np.where(inside, self.height(first.get("COVERAGEID"), x, y), np.nan), x0, y1)

    def height(self, coverage, x, y):
        """Heights at cell centres; others may have other heights."""
        return height(x, y)


def tiff(values, x_min, y_max, cell=CELL):
    """A GeoTIFF as the service sends it."""
    from osgeo import gdal

    path = f"/vsimem/{uuid.uuid4().hex}.tif"
    rows, columns = values.shape
    dataset = gdal.GetDriverByName("GTiff").Create(path, columns, rows, 1, gdal.GDT_Float32, ["COMPRESS=DEFLATE"])
    dataset.SetGeoTransform((x_min, cell, 0, y_max, 0, -cell))
    dataset.GetRasterBand(1).SetNoDataValue(NODATA)
    dataset.GetRasterBand(1).WriteArray(np.where(np.isnan(values), NODATA, values).astype(np.float32))
    del dataset
    size = gdal.VSIStatL(path).size
    file = gdal.VSIFOpenL(path, "rb")
    body = bytes(gdal.VSIFReadL(1, size, file))
    gdal.VSIFCloseL(file)
    gdal.Unlink(path)
    return body


def exception(text):
    return (
        '<?xml version="1.0"?><ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/2.0">'
        f"<ows:Exception><ows:ExceptionText>{text}</ows:ExceptionText></ows:Exception></ows:ExceptionReport>"
    ).encode()


class Handler(serving.Handler):
    def do_GET(self):
        state = self.server.state
        query = parse_qs(urlsplit(self.path).query)
        state.asked.append(query)
        fault = self.fault()
        if fault == "closed":
            return
        status, body = fault if isinstance(fault, tuple) else state.answer(query)
        self.send(status, body[: len(body) // 2] if fault == "damaged" else body)


serve = serving.server(Handler, PATH)
