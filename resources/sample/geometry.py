"""Lines, polygons and rasters: the few geometric tools that the neighbourhood is drawn with.

Coordinates are local metres, 0 to 1000, with the origin in the south-west corner; they are moved to RD on writing.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from osgeo import gdal, ogr, osr

from . import SIZE

CELL = 0.5  # of every raster [m]
CELLS = int(SIZE / CELL)


@contextmanager
def strict() -> Iterator[None]:
    """Let GDAL raise its errors, and put its settings back afterwards."""
    before = [(module, module.GetUseExceptions()) for module in (gdal, ogr, osr)]
    for module, _ in before:
        module.UseExceptions()
    try:
        yield
    finally:
        for module, used in reversed(before):  # GDAL wants them undone from the last to the first
            if not used:
                module.DontUseExceptions()


def rd(code: int = 28992) -> osr.SpatialReference:
    """Return RD New, or RD New with NAP heights (7415)."""
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(code)
    reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return reference


def spline(points: Sequence[Sequence[float]], step: float = 2.0) -> tuple[np.ndarray, list[int]]:
    """Draw a centripetal Catmull-Rom curve through points; give its vertices and the index of each given point."""
    p = np.asarray(points, float)
    if len(p) == 2:
        n = max(1, int(np.hypot(*(p[1] - p[0])) / step))
        return p[0] + np.linspace(0, 1, n + 1)[:, None] * (p[1] - p[0]), [0, n]
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    pieces, index = [p[1:2]], [0]
    for p0, p1, p2, p3 in zip(p, p[1:], p[2:], p[3:]):
        t = np.cumsum([0.0] + [max(1e-9, math.sqrt(math.hypot(*(b - a)))) for a, b in ((p0, p1), (p1, p2), (p2, p3))])
        n = max(1, int(math.hypot(*(p2 - p1)) / step))
        x = (t[1] + (t[2] - t[1]) * np.arange(1, n + 1) / n)[:, None]
        a1 = ((t[1] - x) * p0 + (x - t[0]) * p1) / (t[1] - t[0])
        a2 = ((t[2] - x) * p1 + (x - t[1]) * p2) / (t[2] - t[1])
        a3 = ((t[3] - x) * p2 + (x - t[2]) * p3) / (t[3] - t[2])
        b1 = ((t[2] - x) * a1 + (x - t[0]) * a2) / (t[2] - t[0])
        b2 = ((t[3] - x) * a2 + (x - t[1]) * a3) / (t[3] - t[1])
        piece = ((t[2] - x) * b1 + (x - t[1]) * b2) / (t[2] - t[1])
        piece[-1] = p2
        pieces.append(piece)
        index.append(index[-1] + n)
    return np.vstack(pieces), index


def stations(line: np.ndarray) -> np.ndarray:
    """Return the distance along a line at each vertex [m]."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])


def at(line: np.ndarray, s: float | np.ndarray) -> np.ndarray:
    """Return the point or points at a distance along a line."""
    along = stations(line)
    return np.stack([np.interp(s, along, line[:, 0]), np.interp(s, along, line[:, 1])], axis=-1)


def normals(line: np.ndarray) -> np.ndarray:
    """Return the unit normals to the left at each vertex."""
    t = np.gradient(line, axis=0)
    t /= np.hypot(t[:, 0], t[:, 1])[:, None]
    return np.stack([-t[:, 1], t[:, 0]], axis=1)


def beside(line: np.ndarray, distance: float) -> np.ndarray:
    """Return a gently bent line moved to the left (positive) or to the right."""
    return line + distance * normals(line)


def lengthened(line: np.ndarray, by: float, start: bool = True, end: bool = True) -> np.ndarray:
    """Return a line made longer straight on at its ends."""
    parts = [line]
    if start:
        d = line[0] - line[1]
        parts.insert(0, line[:1] + by * d / np.hypot(*d))
    if end:
        d = line[-1] - line[-2]
        parts.append(line[-1:] + by * d / np.hypot(*d))
    return np.vstack(parts)


def strip(line: np.ndarray, left: float, right: float) -> ogr.Geometry:
    """Return the polygon between two parallels of a line, with square ends."""
    ring = np.vstack([beside(line, left), beside(line, right)[::-1]])
    return clean(polygon(ring))


def polygon(ring: np.ndarray, holes: Iterable[np.ndarray] = ()) -> ogr.Geometry:
    """Return an OGR polygon; rings need not be closed."""
    rings = [ring, *holes]
    wkb = [struct.pack("<BII", 1, 3, len(rings))]
    for one in rings:
        closed = np.vstack([one, one[:1]]).astype("<f8")
        wkb.append(struct.pack("<I", len(closed)) + closed.tobytes())
    return ogr.CreateGeometryFromWkb(b"".join(wkb))


def snapped(geometry: ogr.Geometry, shift: Sequence[float] = (0.0, 0.0)) -> list[ogr.Geometry]:
    """Return a polygon, moved, in whole millimetres where it stays valid, else as the valid parts of it."""
    count = geometry.GetGeometryCount()
    rings = [np.array(geometry.GetGeometryRef(i).GetPoints())[:-1, :2] + shift for i in range(count)]
    rounded = polygon(np.round(rings[0], 3), [np.round(ring, 3) for ring in rings[1:]])
    return [rounded] if is_valid(rounded) else parts(clean(rounded))


def is_valid(geometry: ogr.Geometry) -> bool:
    """Tell whether a geometry is valid, without the warning that says why not."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        return bool(geometry.IsValid())
    finally:
        gdal.PopErrorHandler()


def line_geometry(line: np.ndarray) -> ogr.Geometry:
    """Return an OGR line."""
    data = np.ascontiguousarray(line, dtype="<f8")
    return ogr.CreateGeometryFromWkb(struct.pack("<BII", 1, 2, len(data)) + data.tobytes())


def box(x0: float, y0: float, x1: float, y1: float) -> ogr.Geometry:
    """Return a rectangle along the axes."""
    return polygon(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]))


def rectangle(centre: Sequence[float], length: float, width: float, angle: float) -> np.ndarray:
    """Return the corners, counter-clockwise, of a rectangle turned by an angle [degrees]."""
    a = math.radians(angle)
    u, v = np.array([math.cos(a), math.sin(a)]), np.array([-math.sin(a), math.cos(a)])
    c = np.asarray(centre, float)
    return np.array([c + i * length / 2 * u + j * width / 2 * v for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))])


def clean(geometry: ogr.Geometry) -> ogr.Geometry:
    """Return polygons made valid where they are not, without the lines and points that this leaves."""
    valid = geometry if is_valid(geometry) else geometry.MakeValid()
    if ogr.GT_Flatten(valid.GetGeometryType()) != ogr.wkbGeometryCollection:
        return valid
    result = ogr.Geometry(ogr.wkbMultiPolygon)
    for part in parts(valid, 0.0):
        result.AddGeometry(part)
    return result


def parts(geometry: ogr.Geometry | None, least: float = 0.05) -> list[ogr.Geometry]:
    """Return the polygons in a geometry that are larger than `least` [m2]."""
    if geometry is None or geometry.IsEmpty():
        return []
    kind = ogr.GT_Flatten(geometry.GetGeometryType())
    if kind == ogr.wkbPolygon:
        return [geometry.Clone()] if geometry.GetArea() > least else []
    if geometry.GetGeometryCount() == 0:
        return []
    return [p for i in range(geometry.GetGeometryCount()) for p in parts(geometry.GetGeometryRef(i), least)]


def union(geometries: Iterable[ogr.Geometry]) -> ogr.Geometry:
    """Return all polygons as one geometry."""
    collection = ogr.Geometry(ogr.wkbMultiPolygon)
    for geometry in geometries:
        for part in parts(geometry, 0.0):
            collection.AddGeometry(part)
    return collection.UnionCascaded() if collection.GetGeometryCount() else collection


def ring_of(geometry: ogr.Geometry) -> np.ndarray:
    """Return the outer ring of a polygon without its closing point."""
    return np.array(geometry.GetGeometryRef(0).GetPoints())[:-1, :2]


def rasterize(geometries: Iterable[ogr.Geometry], touched: bool = False) -> np.ndarray:
    """Return a mask (north up) of the cells whose centre lies in any of the geometries."""
    target = gdal.GetDriverByName("MEM").Create("", CELLS, CELLS, 1, gdal.GDT_Byte)
    target.SetGeoTransform((0.0, CELL, 0.0, SIZE, 0.0, -CELL))
    target.SetProjection(rd().ExportToWkt())
    source = ogr.GetDriverByName("MEM" if int(gdal.VersionInfo()) >= 3110000 else "Memory").CreateDataSource("")
    layer = source.CreateLayer("a", rd())
    for geometry in geometries:
        if geometry is not None and not geometry.IsEmpty():
            feature = ogr.Feature(layer.GetLayerDefn())
            feature.SetGeometry(geometry)
            layer.CreateFeature(feature)
    gdal.RasterizeLayer(target, [1], layer, burn_values=[1], options=["ALL_TOUCHED=TRUE"] if touched else [])
    return target.ReadAsArray().astype(bool)


def window(ring: np.ndarray) -> tuple[slice, slice, np.ndarray, np.ndarray]:
    """Return the rows and columns around a ring, and the x and y of their cell centres."""
    c0, c1 = np.clip(np.floor([ring[:, 0].min() / CELL, ring[:, 0].max() / CELL + 1]), 0, CELLS).astype(int)
    r0, r1 = np.clip(
        np.floor([(SIZE - ring[:, 1].max()) / CELL, (SIZE - ring[:, 1].min()) / CELL + 1]), 0, CELLS
    ).astype(int)
    return slice(r0, r1), slice(c0, c1), (np.arange(c0, c1) + 0.5) * CELL, SIZE - (np.arange(r0, r1) + 0.5) * CELL


def inside(ring: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Tell for a grid of x (columns) and y (rows) what lies in a ring, by counting crossings."""
    result = np.zeros((len(y), len(x)), bool)
    for (xa, ya), (xb, yb) in zip(ring, np.roll(ring, -1, axis=0)):
        if ya != yb:
            between = (ya > y) != (yb > y)
            crossing = xa + (y - ya) * (xb - xa) / (yb - ya)
            result ^= between[:, None] & (x[None, :] < crossing[:, None])
    return result
