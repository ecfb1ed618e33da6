"""A server of files on this machine, with or without byte ranges, that counts what it sends; and a WMTS in RD."""

from __future__ import annotations

import re
import uuid
from urllib.parse import parse_qsl, unquote, urlsplit

import numpy as np
import serving

ORIGIN, RESOLUTION, SIZE = (-285_401.92, 903_401.92), 3440.64, 256  # of the tiles of PDOK in RD


class Files:
    """The state: bodies by path, what was asked (path, range), bytes sent, and the faults to come (status, body)."""

    def __init__(self, files=None, ranges=True):
        self.files, self.ranges, self.asked, self.sent, self.faults, self.url = dict(files or {}), ranges, [], 0, [], ""
        self.liar = False  # says 206 and sends something else

    def answer(self, path, query, wanted):
        """Return status, headers and body."""
        body = self.files.get(path)
        if callable(body):
            body = body(query)
        if body is None:
            return 404, {}, b"no such file"
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted or "")
        if not self.ranges or not match:
            return 200, {"Accept-Ranges": "bytes"} if self.ranges else {}, body
        first, last = int(match.group(1)), int(match.group(2) or len(body) - 1)
        if first >= len(body):
            return 416, {"Content-Range": f"bytes */{len(body)}"}, b""
        part = body[first : last + 1]
        if self.liar:
            part = part[: len(part) // 2]
        return 206, {"Content-Range": f"bytes {first}-{first + len(part) - 1}/{len(body)}"}, part


class Handler(serving.Handler):
    def do_GET(self):
        state, parts = self.server.state, urlsplit(self.path)
        path, wanted = unquote(parts.path), self.headers.get("Range")
        state.asked.append((path, wanted))
        fault = self.fault()
        query = {name.lower(): value for name, value in parse_qsl(parts.query)}
        if isinstance(fault, tuple):
            self.send(*fault)
            return
        status, headers, body = state.answer(path, query, wanted)
        self.send(status, body, headers)

    def do_HEAD(self):
        self.do_GET()


serve = serving.server(Handler)


def cog(values, x_min, y_max, cell, nodata=3.4028235e38, block=128, driver="COG"):
    """A Cloud Optimized GeoTIFF in RD, as bytes; NaN becomes no data."""
    from osgeo import gdal, osr

    rows, columns = values.shape
    memory = gdal.GetDriverByName("MEM").Create("", columns, rows, 1, gdal.GDT_Float32)
    memory.SetGeoTransform((x_min, cell, 0, y_max, 0, -cell))
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(28992)
    memory.SetProjection(reference.ExportToWkt())
    memory.GetRasterBand(1).SetNoDataValue(nodata)
    memory.GetRasterBand(1).WriteArray(np.where(np.isnan(values), nodata, values).astype(np.float32))
    options = [f"BLOCKSIZE={block}", "COMPRESS=DEFLATE"] if driver == "COG" else ["COMPRESS=DEFLATE"]
    return written(driver, memory, ".tif", options)


def picture(red, green, blue):
    """A PNG of one colour, as bytes."""
    from osgeo import gdal

    memory = gdal.GetDriverByName("MEM").Create("", SIZE, SIZE, 3, gdal.GDT_Byte)
    for number, value in enumerate((red, green, blue), 1):
        memory.GetRasterBand(number).Fill(value)
    return written("PNG", memory, ".png", [])


def written(driver, dataset, suffix, options):
    from osgeo import gdal

    path = f"/vsimem/{uuid.uuid4().hex}{suffix}"
    gdal.GetDriverByName(driver).CreateCopy(path, dataset, options=options)
    size = gdal.VSIStatL(path).size
    file = gdal.VSIFOpenL(path, "rb")
    body = bytes(gdal.VSIFReadL(1, size, file))
    gdal.VSIFCloseL(file)
    gdal.Unlink(path)
    return body


def wmts(url, layers=("standaard", "grijs"), crs="urn:ogc:def:crs:EPSG::28992", levels=15, image="image/png"):
    """Capabilities as PDOK has them, with tiles at `{url}/{layer}/EPSG:28992/{z}/{x}/{y}.png`."""
    suffix = image.rpartition("/")[2]
    listed = "".join(
        f"""<Layer><ows:Title>{name}</ows:Title><ows:Identifier>{name}</ows:Identifier>
        <ows:WGS84BoundingBox><ows:LowerCorner>-1.6 48.0</ows:LowerCorner><ows:UpperCorner>12.4 56.1</ows:UpperCorner>
        </ows:WGS84BoundingBox><Style isDefault="false"><ows:Identifier>other</ows:Identifier></Style>
        <Style isDefault="true"><ows:Identifier>default</ows:Identifier></Style><Format>{image}</Format>
        <TileMatrixSetLink><TileMatrixSet>EPSG:28992</TileMatrixSet></TileMatrixSetLink>
        <ResourceURL format="{image}" resourceType="tile"
        template="{url}/{name}/{{TileMatrixSet}}/{{TileMatrix}}/{{TileCol}}/{{TileRow}}.{suffix}"/></Layer>"""
        for name in layers
    )
    matrices = "".join(
        f"""<TileMatrix><ows:Identifier>{level:02d}</ows:Identifier>
        <ScaleDenominator>{RESOLUTION / 2**level / 0.00028}</ScaleDenominator>
        <TopLeftCorner>{ORIGIN[0]} {ORIGIN[1]}</TopLeftCorner><TileWidth>{SIZE}</TileWidth>
        <TileHeight>{SIZE}</TileHeight><MatrixWidth>{2**level}</MatrixWidth><MatrixHeight>{2**level}</MatrixHeight>
        </TileMatrix>"""
        for level in range(levels)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?><Capabilities xmlns="http://www.opengis.net/wmts/1.0"
    xmlns:ows="http://www.opengis.net/ows/1.1" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.0.0">
    <ows:ServiceIdentification><ows:Title>Tiles</ows:Title><ows:ServiceType>OGC WMTS</ows:ServiceType>
    <ows:ServiceTypeVersion>1.0.0</ows:ServiceTypeVersion></ows:ServiceIdentification>
    <Contents>{listed}<TileMatrixSet><ows:Identifier>EPSG:28992</ows:Identifier>
    <ows:SupportedCRS>{crs}</ows:SupportedCRS>{matrices}</TileMatrixSet></Contents></Capabilities>""".encode()


def tile_of(x, y, level):
    """The column and row of the tile at a point [RD]."""
    side = RESOLUTION / 2**level * SIZE
    return int((x - ORIGIN[0]) // side), int((ORIGIN[1] - y) // side)
